// SPDX-License-Identifier: GPL-2.0-only
/* The writer's bytes against bytes written out by hand, and what it does when it cannot go on. */
#include "common/pcapng_writer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/pcapng.h"
#include "tests/support/alloc_fail.h"

static void expect_bytes(const struct buf *b, const void *bytes, size_t n)
{
	assert_int_equal(b->len, n);
	assert_memory_equal(b->data, bytes, n);
}

static void section_header(void **state)
{
	static const uint8_t bare[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 28,   0,    0,	  0,	0x4d, 0x3c, 0x2b, 0x1a, 1, 0,
		0,    0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 28,	  0,	0, 0,
	};
	static const uint8_t with_os[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 44,   0,    0,	  0,	0x4d, 0x3c, 0x2b, 0x1a, 1, 0,	0,
		0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3,    0,	  5,	0, 'L', 'i',
		'n',  'u',  'x',  0,	0,    0,    0,	  0,	0,    0,    44,	  0,	0, 0,
	};
	struct buf b = {};
	size_t at;

	(void)state;
	at = pcapng_shb_begin(&b);
	assert_int_equal(pcapng_block_end(&b, at), 0);
	expect_bytes(&b, bare, sizeof(bare));
	buf_reset(&b);
	at = pcapng_shb_begin(&b);
	pcapng_option_str(&b, PCAPNG_SHB_OS, "Linux");
	assert_int_equal(pcapng_block_end(&b, at), 0);
	expect_bytes(&b, with_os, sizeof(with_os));
	buf_deinit(&b);
}

static void interface_description(void **state)
{
	static const uint8_t bytes[] = {
		1, 0, 0, 0, 44, 0, 0,	0,   1,	  0,   0,   0,	 0, 0, 0, 0, 9, 0, 1,  0, 9, 0,
		0, 0, 2, 0, 6,	0, 'i', 'p', '_', 'r', 'c', 'v', 0, 0, 0, 0, 0, 0, 44, 0, 0, 0,
	};
	struct buf b = {};
	size_t at;

	(void)state;
	at = pcapng_idb_begin(&b);
	pcapng_option_str(&b, PCAPNG_IF_NAME, "ip_rcv");
	assert_int_equal(pcapng_block_end(&b, at), 0);
	expect_bytes(&b, bytes, sizeof(bytes));
	buf_deinit(&b);
}

static void packet(void **state)
{
	static const uint8_t bytes[] = {
		6,    0,    0,	  0,	84,   0,    0,	  0,	7,   0,	  0,   0, /* interface */
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, /* time, high word first */
		5,    0,    0,	  0,	0xdc, 5,    0,	  0,	'h', 'e', 'l', 'l', 'o',
		0,    0,    0,	  1,	0,    2,    0,	  'h',	'i', 0,	  0,	  /* comment */
		2,    0,    4,	  0,	1,    0,    0,	  0,			  /* flags */
		5,    0,    8,	  0,	9,    0,    0,	  0,	0,   0,	  0,   0, /* packetid */
		0xad, 0x0b, 7,	  0,	0xd9, 0x7e, 0,	  0,	'a', 'b', 'c', 0, /* custom, PEN
										     32473 */
		0,    0,    0,	  0,	84,   0,    0,	  0,
	};
	struct buf b = {};
	size_t at, custom;

	(void)state;
	/* Not the first block: it does not start at 0. */
	at = pcapng_shb_begin(&b);
	assert_int_equal(pcapng_block_end(&b, at), 0);
	at = pcapng_epb_begin(&b, 7, 0x0403020108070605, "hello", 5, 1500);
	assert_int_equal(at, 28);
	pcapng_option(&b, PCAPNG_OPT_COMMENT, "hi", 2);
	pcapng_option_u32(&b, PCAPNG_EPB_FLAGS, PCAPNG_EPB_INBOUND);
	pcapng_option_u64(&b, PCAPNG_EPB_PACKETID, 9);
	custom = pcapng_custom_begin(&b);
	buf_append(&b, "abc", 3);
	pcapng_custom_end(&b, custom);
	assert_int_equal(pcapng_block_end(&b, at), 0);
	assert_int_equal(b.len, 28 + sizeof(bytes));
	assert_memory_equal(b.data + 28, bytes, sizeof(bytes));
	buf_deinit(&b);
}

static void no_options_no_end(void **state)
{
	static const uint8_t epb[] = {
		6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 1, 0,
		0, 0, 4, 0, 0,	0, 4, 0, 0, 0, 1, 2, 3, 4, 36, 0, 0, 0,
	};
	static const uint8_t isb[] = {
		5, 0, 0, 0, 24, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 24, 0, 0, 0,
	};
	struct buf b = {};
	size_t at;

	(void)state;
	at = pcapng_epb_begin(&b, 0, 1, "\1\2\3\4", 4, 4);
	assert_int_equal(pcapng_block_end(&b, at), 0);
	expect_bytes(&b, epb, sizeof(epb));
	buf_reset(&b);
	at = pcapng_isb_begin(&b, 3, 0x0000000100000002);
	assert_int_equal(pcapng_block_end(&b, at), 0);
	expect_bytes(&b, isb, sizeof(isb));
	buf_deinit(&b);
}

/* The largest block allowed, by way of options, and one that is 4 bytes larger. */
static int block_of(struct buf *b, size_t len)
{
	static const uint8_t zeros[60000];
	size_t at = pcapng_isb_begin(b, 0, 0), left = len - 20 - 4 - 4;

	for (; left > sizeof(zeros); left -= sizeof(zeros))
		pcapng_option(b, PCAPNG_OPT_COMMENT, zeros, sizeof(zeros) - 4);
	pcapng_option(b, PCAPNG_OPT_COMMENT, zeros, left - 4);
	return pcapng_block_end(b, at);
}

static void oversized_blocks(void **state)
{
	struct buf b = {};
	size_t before;

	(void)state;
	assert_int_equal(block_of(&b, 262140), 0);
	assert_int_equal(b.len, 262140);
	before = b.len;
	assert_int_equal(block_of(&b, 262144), 0);
	assert_int_equal(b.len, before + 262144);
	before = b.len;
	assert_int_equal(block_of(&b, 262148), -EMSGSIZE);
	assert_int_equal(b.len, before);
	assert_int_equal(buf_error(&b), 0);
	/* and the next one is fine again */
	assert_int_equal(block_of(&b, 100), 0);
	assert_int_equal(b.len, before + 100);
	buf_deinit(&b);
}

static void oversized_options(void **state)
{
	static char text[70000];
	struct buf b = {};
	size_t at, custom;

	(void)state;
	at = pcapng_shb_begin(&b);
	pcapng_option(&b, PCAPNG_OPT_COMMENT, text, 65535);
	assert_int_equal(pcapng_block_end(&b, at), 0);
	assert_int_equal(b.len, 28 + 4 + 65536 + 4);
	assert_int_equal(b.data[26] | b.data[27] << 8, 65535);
	buf_reset(&b);

	at = pcapng_shb_begin(&b);
	pcapng_option(&b, PCAPNG_OPT_COMMENT, text, 65536);
	assert_int_equal(pcapng_block_end(&b, at), -ENOMEM);
	assert_int_equal(b.len, 0);

	at = pcapng_shb_begin(&b);
	custom = pcapng_custom_begin(&b);
	buf_zero(&b, 65531);
	pcapng_custom_end(&b, custom);
	assert_int_equal(pcapng_block_end(&b, at), 0);
	buf_reset(&b);
	at = pcapng_shb_begin(&b);
	custom = pcapng_custom_begin(&b);
	buf_zero(&b, 65532);
	pcapng_custom_end(&b, custom);
	assert_int_equal(pcapng_block_end(&b, at), -ENOMEM);
	buf_deinit(&b);
}

static void long_strings_are_cut_between_characters(void **state)
{
	char *text = malloc(70001);
	struct buf b = {};
	size_t at;

	(void)state;
	assert_non_null(text);
	for (size_t shift = 0; shift < 3; shift++) {
		for (size_t i = 0; i < 70000; i++)
			text[i] = "\xe2\x82\xac"[(i + shift) % 3]; /* the euro sign */
		text[70000] = 0;
		buf_reset(&b);
		at = pcapng_shb_begin(&b);
		pcapng_option_str(&b, PCAPNG_OPT_COMMENT, text);
		assert_int_equal(pcapng_block_end(&b, at), 0);
		assert_int_equal(b.data[26] | b.data[27] << 8, 65535 - shift);
	}
	free(text);
	buf_deinit(&b);
}

static int one_of_each(struct buf *b)
{
	size_t at = pcapng_shb_begin(b), custom;
	int err;

	err = pcapng_block_end(b, at);
	if (err)
		return err;
	at = pcapng_idb_begin(b);
	pcapng_option_str(b, PCAPNG_IF_NAME, "a function of some length");
	err = pcapng_block_end(b, at);
	if (err)
		return err;
	at = pcapng_epb_begin(b, 0, 0, "packet", 6, 6);
	custom = pcapng_custom_begin(b);
	buf_zero(b, 5000);
	pcapng_custom_end(b, custom);
	pcapng_option_u64(b, PCAPNG_EPB_PACKETID, 1);
	return pcapng_block_end(b, at);
}

static void out_of_memory(void **state)
{
	int failures = 0, err;

	(void)state;
	for (int n = 0;; n++) {
		struct buf b = {};

		alloc_fail_at(n);
		err = one_of_each(&b);
		if (!alloc_fail_end()) {
			assert_int_equal(err, 0);
			buf_deinit(&b);
			break;
		}
		assert_int_equal(err, -ENOMEM);
		/* Only whole blocks are left, and the buf takes more. */
		assert_true(b.len == 0 || b.len == 28 + 64);
		assert_int_equal(buf_error(&b), 0);
		assert_int_equal(one_of_each(&b), 0);
		buf_deinit(&b);
		failures++;
	}
	assert_true(failures >= (ALLOC_FAIL_WORKS ? 2 : 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(section_header),
		cmocka_unit_test(interface_description),
		cmocka_unit_test(packet),
		cmocka_unit_test(no_options_no_end),
		cmocka_unit_test(oversized_blocks),
		cmocka_unit_test(oversized_options),
		cmocka_unit_test(long_strings_are_cut_between_characters),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

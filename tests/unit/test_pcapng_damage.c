// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs that are cut, bent or no pcapng at all, each in both byte orders. Damage has to be told
 * with its offset, and everything before it has to be delivered.
 */
#include "common/pcapng_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "tests/support/alloc_fail.h"
#include "tests/support/pcapng_builder.h"
#include "tests/support/pcapng_run.h"

/* Every cut: the blocks before it, then the offset of the block that is cut. */
static void cut_everywhere(bool big)
{
	size_t ends[16] = {}, n = 0;
	struct pcapng_builder b = {.big = big};
	struct pcapng_run run;

	built_shb(&b, UINT64_MAX);
	ends[n++] = b.len;
	built_idb(&b, 0, 9);
	ends[n++] = b.len;
	built_packet(&b);
	ends[n++] = b.len;
	built_opb(&b);
	ends[n++] = b.len;
	built_isb(&b);
	ends[n++] = b.len;
	built_dsb(&b);
	ends[n++] = b.len;
	for (size_t len = 1, whole = 0; len <= b.len; len++) {
		if (len == ends[whole])
			whole++;
		run = run_len(&b, len);
		assert_int_equal(run.blocks, whole);
		if (whole && len == ends[whole - 1])
			assert_int_equal(run.result, 0);
		else
			expect_damage(&run, whole ? ends[whole - 1] : 0, "truncated");
	}
	pcapng_builder_deinit(&b);
}

static void truncated_at_every_byte(void **state)
{
	(void)state;
	cut_everywhere(false);
	cut_everywhere(true);
}

/* No damage to a single byte or field may do more than be told. ASan watches. */
static void damaged_at_every_byte(void **state)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};

	(void)state;
	for (int big = 0; big < 2; big++) {
		struct pcapng_builder b;
		struct pcapng_run run;

		built_head(&b, big);
		built_packet(&b);
		built_opb(&b);
		built_isb(&b);
		built_dsb(&b);
		built_others(&b);
		for (size_t i = 0; i < b.len * sizeof(values); i++) {
			uint8_t *at = b.data + i / sizeof(values), was = *at;

			*at = values[i % sizeof(values)];
			run = run_all(&b);
			assert_true(run.result == 0 || run.result == -EBADMSG);
			assert_int_equal(!run.result, !run.error[0]);
			*at = was;
		}
		pcapng_builder_deinit(&b);
	}
}

static struct pcapng_run poked(bool big, size_t at, uint32_t v)
{
	struct pcapng_builder b;
	struct pcapng_run run;

	built_head(&b, big);
	built_packet(&b);
	built_poke32(&b, at, v);
	run = run_all(&b);
	pcapng_builder_deinit(&b);
	return run;
}

static void lengths_that_cannot_be(void **state)
{
	struct pcapng_run run;

	(void)state;
	for (int big = 0; big < 2; big++) {
		run = poked(big, BUILT_HEAD_LEN + 4, 17);
		expect_damage(&run, BUILT_HEAD_LEN, "block length 17 is not a multiple of 4");
		assert_int_equal(run.blocks, 2);
		run = poked(big, BUILT_HEAD_LEN + 4, 8);
		expect_damage(&run, BUILT_HEAD_LEN, "block length 8 is too small");
		run = poked(big, BUILT_HEAD_LEN + 4, 0);
		expect_damage(&run, BUILT_HEAD_LEN, "block length 0 is too small");
		run = poked(big, BUILT_HEAD_LEN + 4, (256u << 20) + 4);
		expect_damage(&run, BUILT_HEAD_LEN, "over the limit");
		run = poked(big, BUILT_HEAD_LEN + 4, 256u << 20);
		expect_damage(&run, BUILT_HEAD_LEN, "truncated: a block of 268435456 bytes");
		run = poked(big, BUILT_HEAD_LEN + 4, 0xfffffffc);
		expect_damage(&run, BUILT_HEAD_LEN, "over the limit");
		/* SHB shorter than its own fields */
		run = poked(big, 4, 24);
		expect_damage(&run, 0, "block length 24 is too small");
		/* tail and head differ */
		run = poked(big, 28 - 4, 32);
		expect_damage(&run, 0, "block length 28 at the block's start, but 32 at its end");
		/* an EPB whose packet would not fit */
		run = poked(big, BUILT_HEAD_LEN + 20, 53);
		expect_damage(&run, BUILT_HEAD_LEN, "packet of 53 captured bytes");
		run = poked(big, BUILT_HEAD_LEN + 20, 0xffffffff);
		expect_damage(&run, BUILT_HEAD_LEN, "packet of 4294967295 captured bytes");
		run = poked(big, BUILT_HEAD_LEN + 8, 1);
		expect_damage(&run, BUILT_HEAD_LEN, "interface 1");
		run = poked(big, 8, 0x12345678);
		expect_damage(&run, 0, "byte-order magic");
		run = poked(big, 12, 0x00020002);
		expect_damage(&run, 0, "version 2.2");
	}
}

static void minimal_blocks_of_each_type(void **state)
{
	static const uint32_t types[] = {1, 2, 3, 5, 6, 10};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(types) / sizeof(types[0]); i++) {
		struct pcapng_builder b;
		struct pcapng_run run;

		built_head(&b, i & 1);
		built_end(&b, built_begin(&b, types[i / 2]));
		run = run_all(&b);
		expect_damage(&run, BUILT_HEAD_LEN, "too short");
		pcapng_builder_deinit(&b);
	}
}

static void zero_tail(void **state)
{
	(void)state;
	for (size_t zeros = 1; zeros < 40; zeros++) {
		struct pcapng_builder b;
		struct pcapng_run run;

		built_head(&b, false);
		built_packet(&b);
		built_zero(&b, zeros);
		run = run_all(&b);
		expect_damage(&run, b.len - zeros,
			      zeros < 4 ? "truncated" : "zeros where a block should begin");
		assert_int_equal(run.blocks, 3);
		pcapng_builder_deinit(&b);
	}
}

static void packet_before_any_interface(void **state)
{
	struct pcapng_builder b = {};
	struct pcapng_run run;
	size_t at;

	(void)state;
	built_shb(&b, UINT64_MAX);
	at = built_begin(&b, 3);
	built_u32(&b, 0);
	built_end(&b, at);
	run = run_all(&b);
	expect_damage(&run, 28, "without an interface");
	pcapng_builder_deinit(&b);
}

static struct pcapng_run interface_option(uint16_t code, const void *value, uint16_t len,
					  uint16_t told)
{
	struct pcapng_builder b = {};
	struct pcapng_run run;
	size_t at;

	built_shb(&b, UINT64_MAX);
	at = built_begin(&b, 1);
	built_u64(&b, 1);
	built_u16(&b, code);
	built_u16(&b, told);
	built_bytes(&b, value, len);
	built_pad(&b);
	built_end(&b, at);
	run = run_all(&b);
	pcapng_builder_deinit(&b);
	return run;
}

static void damaged_options_of_an_interface(void **state)
{
	struct pcapng_run run;

	(void)state;
	assert_int_equal(interface_option(2, "eth0", 4, 4).result, 0);
	run = interface_option(2, "eth0", 4, 5);
	expect_damage(&run, 28, "options of an interface");
	run = interface_option(9, "", 0, 0);
	expect_damage(&run, 28, "options of an interface");
	run = interface_option(14, "1234567", 7, 7);
	expect_damage(&run, 28, "options of an interface");
	run = interface_option(2989, "abc", 3, 3); /* no room for a PEN */
	expect_damage(&run, 28, "options of an interface");
}

static void not_a_pcapng(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *words;
	} inputs[] = {
		{"", 0, RUN_NAME ": empty"},
		{"\xa1\xb2\xc3\xd4\0\2\0\4", 8, RUN_NAME ": a classic pcap file"},
		{"\xd4\xc3\xb2\xa1\2\0\4\0", 8, RUN_NAME ": a classic pcap file"},
		{"\xa1\xb2\x3c\x4d\0\2\0\4", 8, RUN_NAME ": a classic pcap file"},
		{"\x4d\x3c\xb2\xa1\2\0\4\0", 8, RUN_NAME ": a classic pcap file"},
		{"text", 4, RUN_NAME ": not a pcapng"},
		{"t", 1, RUN_NAME ": not a pcapng"},
		{"\x0a\x0dx", 3, RUN_NAME ": not a pcapng"},
		{"\6\0\0\0\x20\0\0\0", 8, RUN_NAME ": not a pcapng"},
		{"\0\0\0\0\0\0\0\0", 8, RUN_NAME ": not a pcapng"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		struct pcapng_builder b = {};
		struct pcapng_run run;

		built_bytes(&b, inputs[i].bytes, inputs[i].len);
		run = run_all(&b);
		assert_int_equal(run.result, -EBADMSG);
		assert_true(run.not_pcapng);
		if (strncmp(run.error, inputs[i].words, strlen(inputs[i].words)) != 0)
			fail_msg("got \"%s\", wanted \"%s\"", run.error, inputs[i].words);
		pcapng_builder_deinit(&b);
	}
}

/* A length that the input does not back must not be paid for. */
static void claims_cost_no_memory(void **state)
{
	struct rlimit old, tight = {.rlim_cur = 0};
	struct pcapng_builder b;
	struct pcapng_run run;

	(void)state;
	if (!ALLOC_FAIL_WORKS)
		skip(); /* ASan reserves terabytes of addresses */
	built_head(&b, false);
	built_packet(&b);
	built_poke32(&b, BUILT_HEAD_LEN + 4, 256u << 20);
	built_zero(&b, 3u << 20); /* more than the window holds */
	assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
	tight = old;
	tight.rlim_cur = 128u << 20;
	assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
	run = run_all(&b);
	assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
	expect_damage(&run, BUILT_HEAD_LEN, "truncated");
	pcapng_builder_deinit(&b);
}

static void read_errors(void **state)
{
	struct pcapng_run run;

	(void)state;
	run = run_fd(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	assert_int_equal(run.result, -EISDIR);
	assert_non_null(strstr(run.error, RUN_NAME ": offset 0: cannot read: Is a directory"));
	assert_false(run.not_pcapng);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truncated_at_every_byte),
		cmocka_unit_test(damaged_at_every_byte),
		cmocka_unit_test(lengths_that_cannot_be),
		cmocka_unit_test(minimal_blocks_of_each_type),
		cmocka_unit_test(zero_tail),
		cmocka_unit_test(packet_before_any_interface),
		cmocka_unit_test(damaged_options_of_an_interface),
		cmocka_unit_test(not_a_pcapng),
		cmocka_unit_test(claims_cost_no_memory),
		cmocka_unit_test(read_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

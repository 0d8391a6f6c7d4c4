// SPDX-License-Identifier: GPL-2.0-only
/* The payloads that are no EVENT (test_event_codec's), against bytes written down from FORMAT.md.
 */
#include "common/event_codec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/alloc_fail.h"

/* clang-format off */
static const uint8_t func_bytes[] = {
	'P', 'W', 1, 3, 4, 3, 2, 1,
	0x00, 0x10, 0x20, 0x81, 0xff, 0xff, 0xff, 0xff,		/* address */
	2, 1,							/* kprobe, second argument */
	0x09, 0x00,						/* FREE and REASON */
	1, 0, 0, 0,						/* ordinal */
	1, 0, 9, 0, 'k', 'f', 'r', 'e', 'e', '_', 's', 'k', 'b', 0, 0, 0,
	2, 0, 4, 0, 'v', 'e', 't', 'h',
};
static const uint8_t note_bytes[] = {
	'P', 'W', 1, 5, 4, 3, 2, 1,
	2, 0, 0, 0, 8, 0, 0, 0,
	1, 2, 3, 4, 5, 6, 7, 8,
	'e', 'n', 'd', '=', 'i', 'n', 't', '\n',
};
static const uint8_t info_bytes[] = {
	'P', 'W', 1, 1, 4, 3, 2, 1,
	4, 3, 2, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	7, 0, 0, 0, 0, 0, 0, 0,
};
static const uint8_t meta_bytes[] = {
	'P', 'W', 1, 2, 4, 3, 2, 1,
	2, 0, 0, 0, 3, 0, 0, 0, 0x44, 0x33, 0x22, 0x01,
	'p', 'i', 'e', 'c', 'e',
};
/* clang-format on */

static void func(void **state)
{
	struct event_func f =
				  {
					  .tag = 0x01020304,
					  .addr = 0xffffffff81201000,
					  .how = FUNC_KPROBE,
					  .arg = 1,
					  .roles = FUNC_ROLE_FREE | FUNC_ROLE_REASON,
					  .flags = FUNC_FLAG_ORDINAL,
					  .name = "kfree_skb",
					  .module = "veth",
				  },
			  got, untouched;
	struct buf b = {};

	(void)state;
	event_func_encode(&b, &f);
	assert_int_equal(b.len, sizeof(func_bytes));
	assert_memory_equal(b.data, func_bytes, sizeof(func_bytes));
	assert_int_equal(event_func_decode(func_bytes, sizeof(func_bytes), &got), 0);
	assert_int_equal(got.tag, f.tag);
	assert_true(got.addr == f.addr);
	assert_int_equal(got.how, f.how);
	assert_int_equal(got.arg, f.arg);
	assert_int_equal(got.roles, f.roles);
	assert_int_equal(got.flags, f.flags);
	assert_string_equal(got.name, "kfree_skb");
	assert_string_equal(got.module, "veth");
	memset(&got, 0x5a, sizeof(got));
	untouched = got;
	for (size_t n = 0; n < sizeof(func_bytes); n++) {
		bool whole = n == 24 || n == 40;

		assert_int_equal(event_func_decode(func_bytes, n, &got), whole ? 0 : -EBADMSG);
		if (!whole)
			assert_memory_equal(&got, &untouched, sizeof(got));
		got = untouched;
	}
	buf_deinit(&b);
}

static void func_names(void **state)
{
	struct event_func f = {.name = "", .module = ""}, got;
	uint8_t *name;
	struct buf b = {};

	(void)state;
	event_func_encode(&b, &f);
	assert_int_equal(b.len, 24);
	assert_int_equal(event_func_decode(b.data, b.len, &got), 0);
	assert_string_equal(got.name, "");
	/* Longer than there is room, and not ended: cut. */
	buf_le16(&b, 1);
	buf_le16(&b, 512);
	name = buf_extend(&b, 512);
	memset(name, 'n', 512);
	assert_int_equal(event_func_decode(b.data, b.len, &got), 0);
	assert_int_equal(strlen(got.name), sizeof(got.name) - 1);
	buf_deinit(&b);

	memset(f.name, 'n', sizeof(f.name)); /* a caller that forgot its NUL */
	memset(f.module, 'm', sizeof(f.module));
	event_func_encode(&b, &f);
	assert_int_equal(b.len, 24 + 4 + 128 + 4 + 64);
	buf_deinit(&b);
}

static void note(void **state)
{
	struct event_note n =
				  {
					  .tag = 0x01020304,
					  .type = NOTE_CLOSE,
					  .ktime = 0x0807060504030201,
					  .body = "end=int\n",
					  .body_len = 8,
				  },
			  got;
	struct buf b = {};

	(void)state;
	event_note_encode(&b, &n);
	assert_int_equal(b.len, sizeof(note_bytes));
	assert_memory_equal(b.data, note_bytes, sizeof(note_bytes));
	assert_int_equal(event_note_decode(note_bytes, sizeof(note_bytes), &got), 0);
	assert_int_equal(got.tag, n.tag);
	assert_int_equal(got.type, n.type);
	assert_true(got.ktime == n.ktime);
	assert_int_equal(got.body_len, 8);
	assert_ptr_equal(got.body, note_bytes + 24);
	for (size_t len = 0; len < sizeof(note_bytes); len++)
		assert_int_equal(event_note_decode(note_bytes, len, &got), -EBADMSG);
	memset(b.data + 12, 0xff, 4);
	assert_int_equal(event_note_decode(b.data, b.len, &got), -EBADMSG);
	buf_deinit(&b);
}

static void info(void **state)
{
	struct event_info i =
				  {
					  .uuid = {4, 3, 2, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
						   15, 16},
					  .file_number = 7,
				  },
			  got;
	struct buf b = {};

	(void)state;
	assert_int_equal(event_tag(i.uuid), 0x01020304);
	event_info_encode(&b, &i);
	assert_int_equal(b.len, sizeof(info_bytes));
	assert_memory_equal(b.data, info_bytes, sizeof(info_bytes));
	assert_int_equal(event_info_decode(info_bytes, sizeof(info_bytes), &got), 0);
	assert_int_equal(got.tag, 0x01020304);
	assert_memory_equal(got.uuid, i.uuid, 16);
	assert_int_equal(got.file_number, 7);
	for (size_t len = 0; len < sizeof(info_bytes); len++)
		assert_int_equal(event_info_decode(info_bytes, len, &got), -EBADMSG);
	b.data[8] ^= 1; /* a uuid of another tag */
	assert_int_equal(event_info_decode(b.data, b.len, &got), -EBADMSG);
	b.data[8] ^= 1;
	buf_le32(&b, 9 | 4 << 16); /* an unknown TLV, then the same cut */
	buf_le32(&b, 0);
	assert_int_equal(event_info_decode(b.data, b.len, &got), 0);
	assert_int_equal(event_info_decode(b.data, b.len - 1, &got), -EBADMSG);
	buf_deinit(&b);
}

static void meta(void **state)
{
	struct event_meta m =
				  {
					  .tag = 0x01020304,
					  .index = 2,
					  .count = 3,
					  .raw_len = 0x01223344,
					  .data = (const uint8_t *)"piece",
					  .data_len = 5,
				  },
			  got;
	struct buf b = {};

	(void)state;
	event_meta_encode(&b, &m);
	assert_int_equal(b.len, sizeof(meta_bytes));
	assert_memory_equal(b.data, meta_bytes, sizeof(meta_bytes));
	assert_int_equal(event_meta_decode(meta_bytes, sizeof(meta_bytes), &got), 0);
	assert_int_equal(got.tag, m.tag);
	assert_int_equal(got.index, 2);
	assert_int_equal(got.count, 3);
	assert_int_equal(got.raw_len, m.raw_len);
	assert_int_equal(got.data_len, 5);
	assert_ptr_equal(got.data, meta_bytes + 20);
	for (size_t len = 0; len < 20; len++)
		assert_int_equal(event_meta_decode(meta_bytes, len, &got), -EBADMSG);
	b.data[8] = 3; /* the fourth of three */
	assert_int_equal(event_meta_decode(b.data, b.len, &got), -EBADMSG);
	b.data[8] = 0;
	buf_zero(&b, 65000 - 5);
	assert_int_equal(event_meta_decode(b.data, b.len, &got), 0);
	assert_int_equal(got.data_len, 65000);
	buf_zero(&b, 1);
	assert_int_equal(event_meta_decode(b.data, b.len, &got), -EBADMSG);
	buf_deinit(&b);
}

static void kinds(void **state)
{
	uint8_t bytes[8] = {'P', 'W', 1};
	struct event e;

	(void)state;
	for (unsigned int kind = 0; kind < 256; kind++) {
		bytes[3] = (uint8_t)kind;
		assert_int_equal(payload_kind(bytes, 8), kind >= 1 && kind <= 5 ? kind : 0);
		assert_int_equal(payload_kind(bytes, 7), 0);
	}
	bytes[3] = 4;
	bytes[0] = 'p';
	assert_int_equal(payload_kind(bytes, 8), 0);
	assert_int_equal(payload_kind(NULL, 0), 0);
	/* one kind is no other */
	assert_int_equal(event_decode(note_bytes, sizeof(note_bytes), &e), -EBADMSG);
}

static void how_names(void **state)
{
	(void)state;
	assert_string_equal(func_how_name(1), "kprobe-multi");
	assert_string_equal(func_how_name(2), "kprobe");
	assert_string_equal(func_how_name(3), "raw_tp");
	assert_string_equal(func_how_name(4), "tp_btf");
	assert_string_equal(func_how_name(0), "?");
	assert_string_equal(func_how_name(5), "?");
	assert_string_equal(func_how_name(255), "?");
}

static void encode_all(struct buf *b)
{
	struct event e = {.stack = meta_bytes, .stack_len = 2};
	struct event_func f = {.name = "name", .module = "module"};
	struct event_note n = {.body = "k=v\n", .body_len = 4};
	struct event_info i = {};
	struct event_meta m = {.data = func_bytes, .data_len = sizeof(func_bytes)};

	event_encode(b, &e);
	event_func_encode(b, &f);
	event_note_encode(b, &n);
	event_info_encode(b, &i);
	event_meta_encode(b, &m);
}

static void out_of_memory(void **state)
{
	int failures = 0;

	(void)state;
	for (int n = 0;; n++) {
		struct buf b = {};
		bool ended;

		alloc_fail_at(n);
		encode_all(&b);
		ended = !alloc_fail_end();
		assert_int_equal(buf_error(&b), ended ? 0 : -ENOMEM);
		buf_deinit(&b);
		if (ended)
			break;
		failures++;
	}
	assert_true(failures >= (ALLOC_FAIL_WORKS ? 2 : 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(func),	     cmocka_unit_test(func_names),
		cmocka_unit_test(note),	     cmocka_unit_test(info),
		cmocka_unit_test(meta),	     cmocka_unit_test(kinds),
		cmocka_unit_test(how_names), cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots there and back, in pieces that come in order, out of order, twice, cut or forged. */
#include "common/snapshot_codec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "tests/support/alloc_fail.h"

static const char host[] = "release=6.1.0\nrelease_note=x\nempty=\nhostname=box=1\ncpus=4";

static void raw_snapshot(struct buf *raw)
{
	snapshot_record_append(raw, SNAPSHOT_HOST, host, strlen(host));
	snapshot_record_append(raw, 77, "later version", 13);
	snapshot_record_append(raw, SNAPSHOT_MODULES, NULL, 0);
	snapshot_record_append(raw, SNAPSHOT_BTF, "\0\1\2", 3);
}

/* z in pieces of that size, from the last to the first. */
static int add_backwards(struct snapshot_pieces *p, const struct buf *z, uint32_t raw_len,
			 size_t size)
{
	uint32_t count = (uint32_t)((z->len + size - 1) / size);
	int got = 0;

	for (uint32_t i = count; i-- > 0;) {
		size_t at = i * size, n = z->len - at < size ? z->len - at : size;

		assert_false(snapshot_pieces_complete(p));
		got = snapshot_pieces_add(p, i, count, raw_len, z->data + at, (uint32_t)n);
		if (got < 0)
			return got;
		assert_int_equal(got, i == 0);
	}
	return got;
}

static int inflate_pieces(const struct buf *z, uint32_t raw_len, size_t size, struct snapshot **ret)
{
	struct snapshot_pieces *p = NULL;
	int err = snapshot_pieces_create(&p);

	if (err)
		return err;
	err = add_backwards(p, z, raw_len, size);
	if (err >= 0)
		err = snapshot_create(p, ret);
	snapshot_pieces_destroy(p);
	return err;
}

static void records_are_bytes_of_the_format(void **state)
{
	static const uint8_t bytes[] = {
		3, 0, 0, 0, 2, 0, 0, 0, 'h', 'i', 9, 0, 0, 0, 0, 0, 0, 0,
	};
	struct buf raw = {};

	(void)state;
	snapshot_record_append(&raw, SNAPSHOT_MODULES, "hi", 2);
	snapshot_record_append(&raw, SNAPSHOT_BTF, NULL, 0);
	assert_int_equal(raw.len, sizeof(bytes));
	assert_memory_equal(raw.data, bytes, sizeof(bytes));
	buf_deinit(&raw);
}

static void there_and_back(void **state)
{
	static const size_t sizes[] = {1, 7, 65000};
	struct buf raw = {}, z = {};
	char value[64];

	(void)state;
	raw_snapshot(&raw);
	assert_int_equal(snapshot_compress(&raw, &z), 0);
	for (size_t i = 0; i < 3; i++) {
		struct snapshot *s = NULL;

		assert_int_equal(inflate_pieces(&z, (uint32_t)raw.len, sizes[i], &s), 0);
		assert_int_equal(s->raw.len, raw.len);
		assert_memory_equal(s->raw.data, raw.data, raw.len);
		assert_int_equal(s->record[SNAPSHOT_HOST].len, strlen(host));
		assert_memory_equal(s->record[SNAPSHOT_HOST].data, host, strlen(host));
		assert_int_equal(s->record[SNAPSHOT_MODULES].len, 0);
		assert_int_equal(s->record[SNAPSHOT_SYMBOLS].len, 0);
		assert_int_equal(s->record[SNAPSHOT_BTF].len, 3);

		assert_true(snapshot_value(s, SNAPSHOT_HOST, "release", value, sizeof(value)));
		assert_string_equal(value, "6.1.0");
		assert_true(snapshot_value(s, SNAPSHOT_HOST, "empty", value, sizeof(value)));
		assert_string_equal(value, "");
		assert_true(snapshot_value(s, SNAPSHOT_HOST, "hostname", value, sizeof(value)));
		assert_string_equal(value, "box=1");
		assert_true(snapshot_value(s, SNAPSHOT_HOST, "cpus", value, sizeof(value)));
		assert_string_equal(value, "4");
		assert_true(snapshot_value(s, SNAPSHOT_HOST, "release", value, 4));
		assert_string_equal(value, "6.1");
		assert_true(snapshot_value(s, SNAPSHOT_HOST, "release", NULL, 0));
		assert_false(snapshot_value(s, SNAPSHOT_HOST, "cpu", value, sizeof(value)));
		assert_false(snapshot_value(s, SNAPSHOT_HOST, "cpuss", value, sizeof(value)));
		assert_false(snapshot_value(s, SNAPSHOT_KERNEL, "text", value, sizeof(value)));
		snapshot_destroy(s);
	}
	buf_deinit(&raw);
	buf_deinit(&z);
}

static void compress_appends(void **state)
{
	struct buf raw = {}, z = {};
	uint8_t back[1000];
	uLongf len = sizeof(back);

	(void)state;
	raw_snapshot(&raw);
	buf_append(&z, "before", 6);
	assert_int_equal(snapshot_compress(&raw, &z), 0);
	assert_memory_equal(z.data, "before", 6);
	assert_int_equal(uncompress(back, &len, z.data + 6, z.len - 6), Z_OK);
	assert_int_equal(len, raw.len);
	/* Nothing at all is a snapshot too. */
	buf_reset(&raw);
	buf_reset(&z);
	assert_int_equal(snapshot_compress(&raw, &z), 0);
	assert_true(z.len > 0);
	buf_deinit(&raw);
	buf_deinit(&z);
}

static void lines(void **state)
{
	struct cursor c = cursor_of("one\n\nthree\nlast", 15);
	const char *line = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(snapshot_line_next(&c, &line, &len), 1);
	assert_int_equal(len, 3);
	assert_memory_equal(line, "one", 3);
	assert_int_equal(snapshot_line_next(&c, &line, &len), 1);
	assert_int_equal(len, 0);
	assert_int_equal(snapshot_line_next(&c, &line, &len), 1);
	assert_int_equal(len, 5);
	assert_int_equal(snapshot_line_next(&c, &line, &len), 1);
	assert_memory_equal(line, "last", 4);
	assert_int_equal(len, 4);
	assert_int_equal(snapshot_line_next(&c, &line, &len), 0);
	c = cursor_of("one\n", 4);
	assert_int_equal(snapshot_line_next(&c, &line, &len), 1);
	assert_int_equal(snapshot_line_next(&c, &line, &len), 0);
	c = cursor_of(NULL, 0);
	assert_int_equal(snapshot_line_next(&c, &line, &len), 0);
}

static void symbols(void **state)
{
	static const uint8_t bytes[] = {
		0x80, 0x80, 0x80, 0x88, 0xf8, 0xff, 0xff, 0xff, 0xff, 0x01, 'T',
		0,    'a',  0,	  0x90, 0x01, 't',  0x81, 0x01, 'b',  'c',  0,
	};
	uint64_t prev = 0, addr = 0;
	uint32_t module = 0;
	const char *name;
	struct buf b = {};
	struct cursor c;
	char type;

	(void)state;
	snapshot_symbol_append(&b, &prev, 0xffffffff81000000, 'T', 0, "a");
	snapshot_symbol_append(&b, &prev, 0xffffffff81000090, 't', 129, "bc");
	assert_int_equal(b.len, sizeof(bytes));
	assert_memory_equal(b.data, bytes, sizeof(bytes));

	c = cursor_of(b.data, b.len);
	prev = 0;
	assert_int_equal(snapshot_symbol_next(&c, &prev, &addr, &type, &module, &name), 1);
	assert_true(addr == 0xffffffff81000000 && type == 'T' && module == 0);
	assert_string_equal(name, "a");
	assert_int_equal(snapshot_symbol_next(&c, &prev, &addr, &type, &module, &name), 1);
	assert_true(addr == 0xffffffff81000090 && type == 't' && module == 129);
	assert_string_equal(name, "bc");
	assert_int_equal(snapshot_symbol_next(&c, &prev, &addr, &type, &module, &name), 0);

	for (size_t len = 0; len < b.len; len++) {
		int want = len >= 14 ? 1 : 0, got = 0;

		c = cursor_of(b.data, len);
		prev = 0;
		while ((got = snapshot_symbol_next(&c, &prev, &addr, &type, &module, &name)) > 0)
			want--;
		assert_int_equal(want, 0);
		assert_int_equal(got, len == 0 || len == 14 ? 0 : -EBADMSG);
		assert_int_equal(snapshot_symbol_next(&c, &prev, &addr, &type, &module, &name),
				 got);
	}
	buf_deinit(&b);
}

static int symbol_of(const char *bytes, size_t len, uint64_t prev)
{
	struct cursor c = cursor_of(bytes, len);
	uint64_t addr, was = prev;
	const char *name;
	uint32_t module;
	char type;
	int got = snapshot_symbol_next(&c, &prev, &addr, &type, &module, &name);

	assert_true(got > 0 || prev == was);
	return got;
}

static void damaged_symbols(void **state)
{
	(void)state;
	assert_int_equal(symbol_of("\x01T\0n\0", 5, UINT64_MAX - 1), 1);
	assert_int_equal(symbol_of("\x02T\0n\0", 5, UINT64_MAX - 1), -EBADMSG);
	assert_int_equal(symbol_of("\x01T\xff\xff\xff\xff\x0fn\0", 9, 0), 1);
	assert_int_equal(symbol_of("\x01T\x80\x80\x80\x80\x10n\0", 9, 0), -EBADMSG);
}

static void pieces_that_contradict(void **state)
{
	static uint8_t data[SNAPSHOT_MAX_PIECE + 1];
	struct snapshot_pieces *p = NULL;
	struct snapshot *s = NULL;

	(void)state;
	assert_int_equal(snapshot_pieces_create(&p), 0);
	assert_false(snapshot_pieces_complete(p));
	assert_int_equal(snapshot_create(p, &s), -ENODATA);
	assert_int_equal(snapshot_pieces_add(p, 0, 0, 9, data, 3), -EBADMSG);
	assert_int_equal(snapshot_pieces_add(p, 3, 3, 9, data, 3), -EBADMSG);
	assert_int_equal(snapshot_pieces_add(p, 0, UINT32_MAX, 9, data, 3), -EBADMSG);
	assert_int_equal(snapshot_pieces_add(p, 0, 3, 9, data, 0), -EBADMSG);
	assert_int_equal(snapshot_pieces_add(p, 0, 3, 9, data, 65001), -EBADMSG);
	assert_int_equal(snapshot_pieces_add(p, 0, 3, (256u << 20) + 1, data, 3), -E2BIG);
	/* None of them left a trace. */
	assert_int_equal(snapshot_pieces_add(p, 1, 3, 9, data, 3), 0);
	assert_int_equal(snapshot_pieces_add(p, 1, 3, 9, data, 3), 0);
	assert_int_equal(snapshot_pieces_add(p, 1, 3, 9, data, 2), -EBADMSG);
	assert_int_equal(snapshot_pieces_add(p, 1, 3, 9, (const uint8_t *)"abc", 3), -EBADMSG);
	assert_int_equal(snapshot_pieces_add(p, 0, 2, 9, data, 3), -EBADMSG);
	assert_int_equal(snapshot_pieces_add(p, 0, 3, 8, data, 3), -EBADMSG);
	assert_int_equal(snapshot_pieces_add(p, 2, 3, 9, data, 65000), 0);
	assert_int_equal(snapshot_create(p, &s), -ENODATA);
	assert_int_equal(snapshot_pieces_add(p, 0, 3, 9, data, 3), 1);
	assert_true(snapshot_pieces_complete(p));
	/* Complete it stays, and says so only once. */
	assert_int_equal(snapshot_pieces_add(p, 0, 3, 9, data, 3), 0);
	assert_int_equal(snapshot_create(p, &s), -EBADMSG); /* zeros are no zlib stream */
	assert_null(s);
	snapshot_pieces_destroy(p);
	snapshot_pieces_destroy(NULL);
	snapshot_destroy(NULL);
}

/* As mergecap may leave them: in any order, and each of them twice. */
static void pieces_in_any_order(void **state)
{
	struct buf raw = {}, z = {};
	struct snapshot *s = NULL;

	(void)state;
	raw_snapshot(&raw);
	assert_int_equal(snapshot_compress(&raw, &z), 0);
	for (uint32_t stride = 1; stride < 101; stride++) {
		uint32_t count = 101, size = (uint32_t)z.len / count + 1, index = 0, fresh = 0;
		struct snapshot_pieces *p = NULL;

		count = ((uint32_t)z.len + size - 1) / size;
		assert_int_equal(snapshot_pieces_create(&p), 0);
		for (uint32_t i = 0; i < 2 * 101; i++, index = (index + stride) % 101) {
			size_t at = (size_t)index * size, n = z.len - at < size ? z.len - at : size;

			if (index >= count)
				continue;
			fresh++;
			assert_int_equal(snapshot_pieces_add(p, index, count, (uint32_t)raw.len,
							     z.data + at, (uint32_t)n),
					 fresh == count);
		}
		assert_int_equal(fresh, 2 * count);
		assert_int_equal(snapshot_create(p, &s), 0);
		assert_memory_equal(s->raw.data, raw.data, raw.len);
		snapshot_destroy(s);
		snapshot_pieces_destroy(p);
	}
	buf_deinit(&raw);
	buf_deinit(&z);
}

static void truncated_at_every_byte(void **state)
{
	struct buf raw = {}, z = {};
	struct snapshot *s = NULL;

	(void)state;
	raw_snapshot(&raw);
	assert_int_equal(snapshot_compress(&raw, &z), 0);
	for (size_t len = z.len; z.len-- > 1;) {
		assert_int_equal(inflate_pieces(&z, (uint32_t)raw.len, 65000, &s), -EBADMSG);
		assert_int_equal(inflate_pieces(&z, (uint32_t)raw.len, 3, &s), -EBADMSG);
		assert_true(z.len < len);
	}
	/* The same for the records inside. */
	for (size_t len = raw.len; raw.len-- > 1;) {
		bool whole = raw.len == 8 + strlen(host) || raw.len == len - 11 ||
			     raw.len == len - 19 || raw.len == 8 + strlen(host) + 21;

		buf_reset(&z);
		assert_int_equal(snapshot_compress(&raw, &z), 0);
		assert_int_equal(inflate_pieces(&z, (uint32_t)raw.len, 65000, &s),
				 whole ? 0 : -EBADMSG);
		if (whole)
			snapshot_destroy(s);
	}
	buf_deinit(&raw);
	buf_deinit(&z);
}

static void damaged_at_every_byte(void **state)
{
	struct buf raw = {}, z = {};
	struct snapshot *s = NULL;

	(void)state;
	raw_snapshot(&raw);
	assert_int_equal(snapshot_compress(&raw, &z), 0);
	for (size_t i = 0; i < z.len * 8; i++) {
		z.data[i / 8] ^= (uint8_t)(1u << i % 8);
		/* Some bits of zlib's mean nothing; what gets through has to be what was. */
		if (inflate_pieces(&z, (uint32_t)raw.len, 65000, &s) == 0) {
			assert_int_equal(s->raw.len, raw.len);
			assert_memory_equal(s->raw.data, raw.data, raw.len);
			snapshot_destroy(s);
		}
		z.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	buf_deinit(&raw);
	buf_deinit(&z);
}

/* A stream that is longer or shorter than it said, or that does not end where the pieces do. */
static void wrong_lengths(void **state)
{
	static uint8_t record[1000000 + 8] = {1};
	struct buf raw = {}, z = {};
	struct snapshot *s = NULL;

	(void)state;
	snapshot_record_append(&raw, SNAPSHOT_HOST, record, 1000000);
	assert_int_equal(snapshot_compress(&raw, &z), 0);
	assert_int_equal(inflate_pieces(&z, 1000008, 100, &s), 0);
	snapshot_destroy(s);
	s = NULL;
	assert_int_equal(inflate_pieces(&z, 1000007, 100, &s), -EFBIG);
	assert_int_equal(inflate_pieces(&z, 1000009, 100, &s), -EBADMSG);
	assert_int_equal(inflate_pieces(&z, 0, 100, &s), -EFBIG);
	assert_int_equal(inflate_pieces(&z, 256u << 20, 65000, &s), -E2BIG);
	buf_u8(&z, 0);
	assert_int_equal(inflate_pieces(&z, 1000008, 65000, &s), -EBADMSG);
	assert_int_equal(inflate_pieces(&z, 1000008, z.len - 1, &s), -EBADMSG);
	assert_null(s);
	buf_deinit(&raw);
	buf_deinit(&z);
}

static void oversized(void **state)
{
	struct buf raw = {.len = (256u << 20) + 1}, z = {};

	(void)state;
	assert_int_equal(snapshot_compress(&raw, &z), -E2BIG);
	raw.len = 0;
	snapshot_record_append(&raw, SNAPSHOT_BTF, "", (size_t)UINT32_MAX + 1);
	assert_int_equal(buf_error(&raw), -ENOMEM);
	assert_int_equal(snapshot_compress(&raw, &z), -ENOMEM);
	assert_int_equal(z.len, 0);
	buf_deinit(&raw);
}

static void out_of_memory(void **state)
{
	struct buf raw = {}, z = {};
	struct snapshot *s = NULL;
	int err, failures = 0;

	(void)state;
	raw_snapshot(&raw);
	for (int n = 0;; n++) {
		buf_deinit(&z);
		alloc_fail_at(n);
		err = snapshot_compress(&raw, &z);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(z.len, 0);
		failures++;
	}
	assert_int_equal(err, 0);
	for (int n = 0;; n++) {
		alloc_fail_at(n);
		err = inflate_pieces(&z, (uint32_t)raw.len, 3, &s);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
		assert_null(s);
		failures++;
	}
	assert_int_equal(err, 0);
	assert_true(failures > (ALLOC_FAIL_WORKS ? 30 : -1));
	snapshot_destroy(s);
	buf_deinit(&raw);
	buf_deinit(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_bytes_of_the_format),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(compress_appends),
		cmocka_unit_test(lines),
		cmocka_unit_test(symbols),
		cmocka_unit_test(damaged_symbols),
		cmocka_unit_test(pieces_that_contradict),
		cmocka_unit_test(pieces_in_any_order),
		cmocka_unit_test(truncated_at_every_byte),
		cmocka_unit_test(damaged_at_every_byte),
		cmocka_unit_test(wrong_lengths),
		cmocka_unit_test(oversized),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

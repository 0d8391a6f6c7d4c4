// SPDX-License-Identifier: GPL-2.0-only
#include "common/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void gets(void **state)
{
	struct cursor c = cursor_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_le16(&c), 0x0302);
	assert_int_equal(cursor_le32(&c), 0x07060504);
	assert_int_equal(cursor_le64(&c), 0x0f0e0d0c0b0a0908);
	assert_int_equal(cursor_left(&c), 0);
	assert_false(c.bad);
	c = cursor_of(bytes, sizeof(bytes));
	assert_int_equal(cursor_be16(&c), 0x0102);
	assert_int_equal(cursor_be32(&c), 0x03040506);
	assert_ptr_equal(cursor_bytes(&c, 2), bytes + 6);
	assert_int_equal(cursor_left(&c), 7);
	assert_ptr_equal(cursor_bytes(&c, 0), bytes + 8);
	assert_false(c.bad);
}

static void swaps(void **state)
{
	struct cursor c = cursor_of(bytes, sizeof(bytes)), swapped = c;

	(void)state;
	swapped.swap = true;
	assert_int_equal(cursor_u16(&swapped), __builtin_bswap16(cursor_u16(&c)));
	assert_int_equal(cursor_u32(&swapped), __builtin_bswap32(cursor_u32(&c)));
	assert_int_equal(cursor_u64(&swapped), __builtin_bswap64(cursor_u64(&c)));
	/* Ours is little-endian in any section. */
	swapped = cursor_of(bytes, sizeof(bytes));
	swapped.swap = true;
	assert_int_equal(cursor_le16(&swapped), 0x0201);
	assert_int_equal(cursor_be16(&swapped), 0x0304);
}

/* Each get, with every number of bytes too few; from the heap, so that ASan sees a read too far. */
static void truncated(void **state)
{
	volatile size_t all = 8; /* unrolled, gcc warns of the reads that are refused */

	(void)state;
	for (size_t len = 0; len < all; len++) {
		uint8_t *copy = malloc(len ? len : 1);
		struct cursor c;

		assert_non_null(copy);
		memcpy(copy, bytes, len);
		c = cursor_of(copy, len);
		assert_int_equal(cursor_le64(&c), 0);
		assert_true(c.bad);
		assert_int_equal(cursor_left(&c), len);
		/* bad for good */
		assert_int_equal(cursor_u8(&c), 0);
		assert_null(cursor_bytes(&c, 0));
		c = cursor_of(copy, len);
		assert_int_equal(cursor_u32(&c) != 0, len >= 4);
		assert_int_equal(c.bad, len < 4);
		c = cursor_of(copy, len);
		assert_int_equal(cursor_be16(&c) != 0, len >= 2);
		assert_int_equal(c.bad, len < 2);
		c = cursor_of(copy, len);
		assert_int_equal(cursor_u8(&c) != 0, len >= 1);
		assert_int_equal(c.bad, len < 1);
		free(copy);
	}
}

static void oversized(void **state)
{
	struct cursor c = cursor_of(bytes, sizeof(bytes));

	(void)state;
	assert_null(cursor_bytes(&c, SIZE_MAX));
	assert_true(c.bad);
	c = cursor_of(NULL, 0);
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_u8(&c), 0);
	assert_true(c.bad);
}

static uint64_t varint(const char *s, size_t len, bool *bad)
{
	struct cursor c = cursor_of(s, len);
	uint64_t v = cursor_varint(&c);

	*bad = c.bad;
	return v;
}

static void varints(void **state)
{
	static const char most[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
	bool bad;

	(void)state;
	assert_int_equal(varint("\0", 1, &bad), 0);
	assert_false(bad);
	assert_int_equal(varint("\xac\x02", 2, &bad), 300);
	assert_false(bad);
	assert_true(varint(most, 10, &bad) == UINT64_MAX);
	assert_false(bad);
	for (size_t len = 0; len < 10; len++) {
		assert_int_equal(varint(most, len, &bad), 0);
		assert_true(bad);
	}
	/* bits beyond the 64th */
	varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, &bad);
	assert_true(bad);
	varint("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", 10, &bad);
	assert_true(bad);
}

static void strings(void **state)
{
	static const char text[] = "ab\0\0cd";
	struct cursor c = cursor_of(text, sizeof(text) - 1);
	size_t len = 99;

	(void)state;
	assert_ptr_equal(cursor_cstr(&c, &len), text);
	assert_int_equal(len, 2);
	assert_ptr_equal(cursor_cstr(&c, NULL), text + 3);
	assert_null(cursor_cstr(&c, &len)); /* no NUL */
	assert_int_equal(len, 2);
	assert_true(c.bad);
	c = cursor_of(text, 0);
	assert_null(cursor_cstr(&c, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gets),	     cmocka_unit_test(swaps),	cmocka_unit_test(truncated),
		cmocka_unit_test(oversized), cmocka_unit_test(varints), cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

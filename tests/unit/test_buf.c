// SPDX-License-Identifier: GPL-2.0-only
#include "common/buf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/alloc_fail.h"

static void appends(void **state)
{
	static const uint8_t bytes[] = {
		1, 0x02, 0x01, 0x04, 0x03, 0x02, 0x01, 8, 7, 6, 5, 4, 3, 2, 1, 'a', 'b', 0, 0, 0,
	};
	struct buf b = {};

	(void)state;
	buf_u8(&b, 1);
	buf_le16(&b, 0x0102);
	buf_le32(&b, 0x01020304);
	buf_le64(&b, 0x0102030405060708);
	buf_append(&b, "ab", 2);
	buf_pad4(&b);
	assert_int_equal(b.len, sizeof(bytes));
	assert_memory_equal(b.data, bytes, sizeof(bytes));
	buf_pad4(&b);
	assert_int_equal(b.len, sizeof(bytes));
	buf_append(&b, NULL, 0);
	assert_int_equal(b.len, sizeof(bytes));
	assert_int_equal(buf_error(&b), 0);
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_non_null(b.data);
	buf_deinit(&b);
	assert_null(b.data);
	assert_int_equal(b.cap, 0);
}

static void varints(void **state)
{
	static const struct {
		uint64_t v;
		const char *bytes;
		size_t len;
	} cases[] = {
		{0, "\0", 1},
		{127, "\x7f", 1},
		{128, "\x80\x01", 2},
		{300, "\xac\x02", 2},
		{UINT32_MAX, "\xff\xff\xff\xff\x0f", 5},
		{UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
	};
	struct buf b = {};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		buf_varint(&b, cases[i].v);
		assert_int_equal(b.len, cases[i].len);
		assert_memory_equal(b.data, cases[i].bytes, cases[i].len);
	}
	buf_deinit(&b);
}

static void prints(void **state)
{
	struct buf b = {};

	(void)state;
	buf_printf(&b, "%s=%d\n", "key", 42);
	buf_printf(&b, "%s", "");
	buf_printf(&b, "%0300d", 1); /* over the first allocation */
	assert_int_equal(b.len, 7 + 300);
	assert_memory_equal(b.data, "key=42\n000", 10);
	assert_int_equal(b.data[306], '1');
	buf_deinit(&b);
}

static void grows(void **state)
{
	struct buf b = {};

	(void)state;
	for (uint32_t i = 0; i < 100000; i++)
		buf_le32(&b, i);
	assert_int_equal(b.len, 400000);
	assert_true(b.cap >= b.len && b.cap <= 2 * b.len);
	assert_int_equal(b.data[4 * 258], 2);
	assert_int_equal(b.data[4 * 258 + 1], 1);
	buf_zero(&b, 3000000); /* more than twice what there is */
	assert_int_equal(b.len, 3400000);
	assert_int_equal(b.data[3399999], 0);
	buf_deinit(&b);
}

/* No size can be so large that the sum wraps. */
static void oversized(void **state)
{
	struct buf b = {};

	(void)state;
	buf_u8(&b, 7);
	assert_null(buf_extend(&b, SIZE_MAX));
	assert_int_equal(buf_error(&b), -ENOMEM);
	assert_int_equal(b.len, 1);
	assert_int_equal(b.data[0], 7);
	buf_u8(&b, 8);
	assert_int_equal(b.len, 1);
	buf_reset(&b);
	buf_u8(&b, 8);
	assert_int_equal(b.len, 1);
	assert_int_equal(b.data[0], 8);
	buf_deinit(&b);
}

static void out_of_memory(void **state)
{
	struct buf b = {};

	(void)state;
	if (!ALLOC_FAIL_WORKS)
		skip();
	buf_append(&b, "kept", 4);
	alloc_fail_at(0);
	buf_zero(&b, 1000);
	assert_true(alloc_fail_end());
	assert_int_equal(buf_error(&b), -ENOMEM);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "kept", 4);
	/* It stays failed though memory is back: what follows would have a hole before it. */
	buf_u8(&b, 1);
	buf_printf(&b, "x");
	buf_varint(&b, 300);
	buf_pad4(&b);
	assert_int_equal(b.len, 4);
	assert_int_equal(buf_error(&b), -ENOMEM);
	buf_deinit(&b);
	alloc_fail_at(0);
	buf_printf(&b, "x");
	assert_true(alloc_fail_end());
	assert_int_equal(buf_error(&b), -ENOMEM);
	assert_int_equal(b.len, 0);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends),   cmocka_unit_test(varints),
		cmocka_unit_test(prints),    cmocka_unit_test(grows),
		cmocka_unit_test(oversized), cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

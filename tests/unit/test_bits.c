// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "report/read/bits.h"
#include "tests/support/alloc_fail.h"

static void what_was_added_is_there(void **state)
{
	static const uint64_t numbers[] = {0, 7, 8, 32767, 32768, 1000000};
	struct bits b = {};

	(void)state;
	assert_false(bits_has(&b, 0));
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(bits_reserve(&b, numbers[i]), 0);
		assert_false(bits_has(&b, numbers[i]));
		bits_add(&b, numbers[i]);
	}
	for (uint64_t n = 0, i = 0; n < 1000100; n++) {
		assert_int_equal(bits_has(&b, n), i < 6 && n == numbers[i]);
		i += i < 6 && n == numbers[i];
	}
	assert_false(bits_has(&b, UINT64_MAX));
	bits_deinit(&b);
	assert_false(bits_has(&b, 7));
}

static void without_memory_it_stays_as_it_is(void **state)
{
	struct bits b = {};
	int err;

	(void)state;
	assert_int_equal(bits_reserve(&b, 0), 0);
	bits_add(&b, 0);
	alloc_fail_at(0);
	err = bits_reserve(&b, 1 << 20);
	if (alloc_fail_end())
		assert_int_equal(err, -ENOMEM);
	assert_true(bits_has(&b, 0));
	bits_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_there),
		cmocka_unit_test(without_memory_it_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "report/path/kinds.h"
#include "tests/support/alloc_fail.h"

static void equal_hits_are_of_one_kind(void **state)
{
	struct kinds k = {};

	(void)state;
	assert_int_equal(kinds_add(&k, 5, 1, true), 0);
	assert_int_equal(k.recent, 0);
	assert_int_equal(kinds_add(&k, 6, 2, true), 0);
	assert_int_equal(k.recent, 1);
	assert_int_equal(kinds_add(&k, 5, 0, true), 0);
	assert_int_equal(k.recent, 0);
	assert_int_equal(k.count, 2);
	assert_int_equal(k.any, 3);
	assert_true(kinds_matched(&k, 1));
	k.all[1].matched = false;
	assert_false(kinds_matched(&k, 1));
	kinds_clear(&k);
	assert_int_equal(k.count, 0);
	assert_int_equal(k.any, 0);
	assert_false(kinds_matched(&k, 0));
	kinds_deinit(&k);
}

static void what_cannot_match_still_tells_of_the_path(void **state)
{
	struct kinds k = {};

	(void)state;
	assert_int_equal(kinds_add(&k, 5, 4, false), 0);
	assert_int_equal(k.recent, KINDS_NONE);
	assert_int_equal(k.count, 0);
	assert_int_equal(k.any, 4);
	assert_false(kinds_matched(&k, KINDS_NONE));
	kinds_deinit(&k);
}

static void too_many_kinds_are_counted(void **state)
{
	struct kinds k = {};

	(void)state;
	for (uint64_t i = 0; i < KINDS_MAX; i++)
		assert_int_equal(kinds_add(&k, i, 0, true), 0);
	assert_int_equal(k.left_out, 0);
	assert_int_equal(kinds_add(&k, KINDS_MAX, 0, true), 0);
	assert_int_equal(k.recent, KINDS_NONE);
	assert_int_equal(k.left_out, 1);
	assert_int_equal(kinds_add(&k, 3, 0, true), 0);
	assert_int_equal(k.recent, 3);
	assert_int_equal(k.left_out, 1);
	kinds_deinit(&k);
}

static void memory_may_end(void **state)
{
	struct kinds k = {};
	int err;

	(void)state;
	alloc_fail_at(0);
	err = kinds_add(&k, 1, 0, true);
	if (alloc_fail_end())
		assert_int_equal(err, -ENOMEM);
	kinds_deinit(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_hits_are_of_one_kind),
		cmocka_unit_test(what_cannot_match_still_tells_of_the_path),
		cmocka_unit_test(too_many_kinds_are_counted),
		cmocka_unit_test(memory_may_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

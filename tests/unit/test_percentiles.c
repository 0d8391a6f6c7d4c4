// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "report/views/percentiles.h"
#include "tests/support/alloc_fail.h"

#define EXACT 256u

static const unsigned int asked[] = {1, 10, 250, 500, 900, 990, 999, 1000};
#define ASKED (sizeof(asked) / sizeof(asked[0]))

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t seed = 88172645463325252u;

static uint64_t random_u64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* By what a percentile is: the smallest sample that so many are not larger than. */
static uint64_t by_force(const uint64_t *sorted, size_t n, unsigned int per_mille)
{
	for (size_t i = 0; i < n; i++)
		if ((i + 1) * 1000 >= (size_t)per_mille * n)
			return sorted[i];
	return sorted[n - 1];
}

/* Up to 2^bits; a few are alike. */
static void compare(size_t n, unsigned int bits)
{
	struct percentiles_purse purse = {PERCENTILES_PURSE};
	uint64_t *all = calloc(n, sizeof(*all)), got, want, sum = 0;
	struct percentiles p = {0};

	assert_non_null(all);
	for (size_t i = 0; i < n; i++) {
		all[i] = random_u64() >> (64 - bits) >> random_u64() % 4;
		percentiles_add(&p, &purse, EXACT, all[i]);
		sum += all[i];
	}
	qsort(all, n, sizeof(*all), by_value);
	assert_int_equal(p.count, n);
	assert_int_equal(p.left_out, 0);
	assert_int_equal(p.min, all[0]);
	assert_int_equal(p.max, all[n - 1]);
	if (bits < 50)
		assert_int_equal(p.sum, sum);
	assert_int_equal(percentiles_exact(&p), n <= EXACT);
	for (size_t i = 0; i < ASKED; i++) {
		got = percentiles_at(&p, asked[i]);
		want = by_force(all, n, asked[i]);
		if (n <= EXACT)
			assert_int_equal(got, want);
		else
			assert_true((got > want ? got - want : want - got) <= want / 100);
	}
	percentiles_deinit(&p);
	free(all);
}

static void as_a_sorted_array_has_them(void **state)
{
	(void)state;
	for (size_t n = 1; n <= EXACT + 3; n += n < 20 ? 1 : 59)
		compare(n, 20);
	compare(EXACT, 20);
	compare(EXACT + 1, 20);
	for (unsigned int bits = 1; bits <= 64; bits++)
		compare(1000, bits);
	compare(100000, 30);
}

static void none_is_nothing(void **state)
{
	struct percentiles p = {0};

	(void)state;
	assert_int_equal(percentiles_at(&p, 500), 0);
	assert_true(percentiles_exact(&p));
	percentiles_deinit(&p);
}

static void a_sum_that_is_too_large(void **state)
{
	struct percentiles_purse purse = {PERCENTILES_PURSE};
	struct percentiles p = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		percentiles_add(&p, &purse, EXACT, UINT64_MAX - 1);
	assert_true(p.sum == UINT64_MAX);
	assert_true(percentiles_at(&p, 500) == UINT64_MAX - 1);
	percentiles_deinit(&p);
}

/* What finds no bucket is counted, and told. */
static void an_empty_purse(void **state)
{
	struct percentiles_purse purse = {3};
	struct percentiles p = {0}, q = {0};

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		percentiles_add(&p, &purse, 4, i % 2 ? 1 : 1 << i % 20);
	assert_int_equal(purse.pages, 0);
	assert_int_equal(p.count, 1000);
	assert_true(p.left_out > 0 && p.left_out < 1000);
	assert_false(percentiles_exact(&p));
	assert_int_equal(p.max, 1 << 18);
	percentiles_at(&p, 500);
	for (uint64_t i = 1; i <= 10; i++)
		percentiles_add(&q, &purse, 4, i);
	assert_int_equal(q.count, 10);
	assert_int_equal(q.left_out, 6);
	assert_int_equal(percentiles_at(&q, 1000), 4);
	assert_int_equal(q.max, 10);
	percentiles_deinit(&p);
	percentiles_deinit(&q);
}

static void without_memory(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		struct percentiles_purse purse = {PERCENTILES_PURSE};
		struct percentiles p = {0};
		bool failed;

		alloc_fail_at(n);
		for (uint64_t i = 0; i < 100; i++)
			percentiles_add(&p, &purse, 20, i);
		failed = alloc_fail_end();
		assert_int_equal(p.count, 100);
		assert_int_equal(p.max, 99);
		assert_true(failed || !p.left_out);
		assert_true(percentiles_at(&p, 1000) <= 99);
		percentiles_deinit(&p);
		if (!failed)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_a_sorted_array_has_them),
		cmocka_unit_test(none_is_nothing),
		cmocka_unit_test(a_sum_that_is_too_large),
		cmocka_unit_test(an_empty_purse),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "report/views/groups.h"
#include "tests/support/alloc_fail.h"

struct key {
	uint32_t a;
	uint8_t b[9];
};

struct value {
	uint64_t count;
	uint8_t tail;
};

static struct key key_of(uint32_t n)
{
	struct key k;

	memset(&k, 0, sizeof(k));
	k.a = n / 7;
	k.b[8] = (uint8_t)(n % 7);
	return k;
}

static struct groups *make(size_t most)
{
	struct groups *g;

	assert_int_equal(groups_create(sizeof(struct key), sizeof(struct value), most, &g), 0);
	return g;
}

/* Against plain counters, over several growths. */
static void each_key_has_its_own_value(void **state)
{
	static uint64_t counts[3000];
	struct groups *g = make(100000);
	uint32_t seed = 1, n;

	(void)state;
	for (int i = 0; i < 40000; i++) {
		struct key k;
		size_t at;

		seed = seed * 1103515245 + 12345;
		n = seed >> 8;
		n %= 3000;
		k = key_of(n);
		at = groups_add(g, &k);
		assert_true(at < groups_count(g));
		assert_memory_equal(groups_key(g, at), &k, sizeof(k));
		((struct value *)groups_value(g, at))->count++;
		counts[n]++;
	}
	n = 0;
	for (uint32_t i = 0; i < 3000; i++)
		n += counts[i] > 0;
	assert_int_equal(groups_count(g), n);
	for (uint32_t i = 0; i < 3000; i++) {
		struct key k = key_of(i);

		if (counts[i])
			assert_int_equal(
				((struct value *)groups_value(g, groups_add(g, &k)))->count,
				counts[i]);
	}
	assert_int_equal(groups_count(g), n);
	groups_destroy(g);
}

static void order_is_of_appearance(void **state)
{
	struct groups *g = make(1000);

	(void)state;
	for (uint32_t i = 0; i < 500; i++) {
		struct key k = key_of(499 - i);

		assert_int_equal(groups_add(g, &k), i);
	}
	for (uint32_t i = 0; i < 500; i++) {
		struct key k = key_of(499 - i);

		assert_memory_equal(groups_key(g, i), &k, sizeof(k));
	}
	groups_destroy(g);
}

static void no_more_than_there_may_be(void **state)
{
	struct groups *g = make(100);

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		struct key k = key_of(i % 150);

		assert_int_equal(groups_add(g, &k), i % 150 < 100 ? i % 150 : GROUPS_NONE);
	}
	assert_int_equal(groups_count(g), 100);
	groups_destroy(g);
}

static void without_memory(void **state)
{
	struct groups *g;
	int failures = 0;

	(void)state;
	for (int n = 0;; n++) {
		int err;

		alloc_fail_at(n);
		err = groups_create(4, 8, 10, &g);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -12);
		failures++;
	}
	assert_true(failures >= 3 || !ALLOC_FAIL_WORKS);
	groups_destroy(g);
	g = make(1000);
	for (uint32_t i = 0; i < 64; i++)
		groups_add(g, &(struct key){.a = i});
	for (int n = 0; n < 2 && ALLOC_FAIL_WORKS; n++) {
		alloc_fail_at(n);
		assert_int_equal(groups_add(g, &(struct key){.a = 64}), GROUPS_NONE);
		assert_true(alloc_fail_end());
		assert_int_equal(groups_add(g, &(struct key){.a = 63}), 63);
	}
	assert_int_equal(groups_add(g, &(struct key){.a = 64}), 64);
	groups_destroy(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_has_its_own_value),
		cmocka_unit_test(order_is_of_appearance),
		cmocka_unit_test(no_more_than_there_may_be),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

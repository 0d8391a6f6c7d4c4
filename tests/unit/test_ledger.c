// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "report/ledger.h"

static int add(struct ledger *l, uint16_t cpu, uint64_t seq, uint32_t lost)
{
	struct event e = {.cpu = cpu, .seq = seq, .lost = lost, .ktime = seq * 10, .addr = 1};

	return ledger_add(l, &e, (int64_t)seq * 10);
}

static void expect(struct ledger *l, uint64_t hits, uint64_t dup, uint64_t lost, uint64_t removed)
{
	struct ledger_totals t;

	ledger_totals(l, &t);
	assert_int_equal(t.hits, hits);
	assert_int_equal(t.duplicates, dup);
	assert_int_equal(t.lost, lost);
	assert_int_equal(t.removed, removed);
}

static void losses_and_removals(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	add(l, 0, 1, 0);
	add(l, 0, 5, 3);  /* 2..4 lost */
	add(l, 0, 8, 3);  /* 6..7 removed */
	add(l, 0, 12, 5); /* 9..11: two lost, one removed */
	add(l, 1, 4, 0);  /* 1..3 of another CPU removed */
	expect(l, 5, 0, 5, 6);
	ledger_destroy(l);
}

static void late_hits_fill_their_gap(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	add(l, 0, 1, 0);
	add(l, 0, 10, 4);
	expect(l, 2, 0, 4, 4);
	assert_int_equal(add(l, 0, 5, 3), 1); /* 2..4 lost, 6..9: one lost */
	expect(l, 3, 0, 4, 3);
	assert_int_equal(add(l, 0, 9, 3), 1);
	assert_int_equal(add(l, 0, 6, 3), 1);
	assert_int_equal(add(l, 0, 8, 3), 1);
	assert_int_equal(add(l, 0, 7, 3), 1);
	expect(l, 7, 0, 3, 0);
	ledger_destroy(l);
}

static void duplicates(void **state)
{
	struct ledger *l;
	struct event e = {.cpu = 0, .seq = 2, .ktime = 21, .addr = 2};

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	add(l, 0, 1, 0);
	add(l, 0, 2, 0);
	assert_int_equal(add(l, 0, 2, 0), 0);
	/* A probe in an interrupt took the same number: another hit. */
	assert_int_equal(ledger_add(l, &e, 21), 1);
	for (uint64_t i = 3; i < 1000; i++)
		add(l, 0, i, 0);
	assert_int_equal(add(l, 0, 2, 0), 0);
	expect(l, 1000, 2, 0, 0);
	ledger_destroy(l);
}

/* The second file of a recording: what is in the first is not missing. */
static void begins_late(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	ledger_begin_late(l);
	assert_int_equal(add(l, 0, 100, 7), 1);
	assert_int_equal(add(l, 0, 99, 7), 1);
	assert_int_equal(add(l, 0, 101, 7), 1);
	expect(l, 3, 0, 0, 0);
	ledger_destroy(l);
}

static void any_order_gives_the_same_totals(void **state)
{
	enum { N = 500 };
	struct ledger *l;

	(void)state;
	srand(3);
	for (int run = 0; run < 20; run++) {
		uint64_t seq[N];

		for (int i = 0; i < N; i++)
			seq[i] = 1 + (uint64_t)i * 2; /* every second one is missing, never lost */
		for (int i = N - 1; i > 0; i--) {
			int j = rand() % (i + 1);
			uint64_t t = seq[i];

			seq[i] = seq[j];
			seq[j] = t;
		}
		assert_int_equal(ledger_create(&l), 0);
		for (int i = 0; i < N; i++)
			assert_int_equal(add(l, 3, seq[i], 0), 1);
		expect(l, N, 0, 0, N - 1);
		ledger_destroy(l);
	}
}

static void very_many_gaps(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	for (uint64_t i = 1; i <= 20000; i++)
		add(l, 0, 2 * i, (uint32_t)(i / 2));
	expect(l, 20000, 0, 10000, 10000);
	ledger_destroy(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_and_removals),
		cmocka_unit_test(late_hits_fill_their_gap),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(begins_late),
		cmocka_unit_test(any_order_gives_the_same_totals),
		cmocka_unit_test(very_many_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

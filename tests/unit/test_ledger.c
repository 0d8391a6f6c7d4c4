// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "report/read/ledger.h"
#include "tests/support/alloc_fail.h"

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

/* Far back only the number and the time are left to go by. */
static void numbers_from_far_back(void **state)
{
	struct ledger_totals t;
	struct ledger *l;
	struct event e = {.cpu = 0, .seq = 2, .addr = 1};

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	for (uint64_t i = 1; i <= 1000; i++)
		add(l, 0, i, 0);
	assert_int_equal(add(l, 0, 999, 0), 0); /* near: the hit itself is compared */
	ledger_totals(l, &t);
	assert_int_equal(t.duplicates, 1);
	assert_int_equal(t.by_number, 0);
	assert_int_equal(add(l, 0, 2, 0), 0);
	e.ktime = 9999;
	assert_int_equal(ledger_add(l, &e, 9999), 0);
	ledger_totals(l, &t);
	assert_int_equal(t.duplicates, 3);
	assert_int_equal(t.by_number, 2);
	/* As late as the last one: no repetition, whatever its number. */
	e.seq = 3;
	e.ktime = 10000;
	assert_int_equal(ledger_add(l, &e, 10000), 1);
	assert_int_equal(ledger_add(l, &e, 10000), 0); /* but now it is known */
	ledger_totals(l, &t);
	assert_int_equal(t.hits, 1001);
	assert_int_equal(t.duplicates, 4);
	assert_int_equal(t.by_number, 2);
	ledger_destroy(l);
}

/* The second file of a recording: what is in the first is not missing. */
static void begins_late(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	ledger_part_missing(l);
	assert_int_equal(add(l, 0, 100, 7), 1);
	assert_int_equal(add(l, 0, 99, 7), 1);
	assert_int_equal(add(l, 0, 101, 7), 1);
	expect(l, 3, 0, 0, 0);
	ledger_destroy(l);
}

/* What a file held that is not here is neither lost nor removed. */
static void skips_files_that_are_not_here(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	ledger_part_missing(l);
	add(l, 0, 1000000000, 0);
	ledger_part_missing(l);
	add(l, 0, 2000000000, 7);
	add(l, 0, 2000000002, 8); /* but this one is lost */
	expect(l, 3, 0, 1, 0);
	assert_int_equal(add(l, 0, 1999999999, 7), 1);
	expect(l, 4, 0, 1, 0);
	ledger_destroy(l);
}

/* The file after it tells how much that was: what is missing at its beginning is. */
static void a_base_is_exact(void **state)
{
	struct ledger_totals t;
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	ledger_part_missing(l);
	assert_int_equal(ledger_base(l, 0, 1000, 50, 0), 0);
	assert_int_equal(ledger_base(l, 3, 10, 0, 0), 0);
	ledger_base_end(l);
	add(l, 0, 1004, 52); /* of three that are missing two were lost */
	add(l, 2, 3, 0);     /* a CPU without hits before: two were removed */
	expect(l, 2, 0, 2, 3);
	add(l, 3, 11, 0);
	/* Again, and a hit of the file before it comes late, as does one lost before that. */
	ledger_part_missing(l);
	assert_int_equal(ledger_base(l, 0, 2000, 60, 0), 0);
	ledger_base_end(l);
	assert_int_equal(ledger_base(l, 1, 500, 0, 0), 0); /* too late to count */
	assert_int_equal(add(l, 0, 1006, 53), 1);
	assert_int_equal(add(l, 0, 2001, 60), 1);
	expect(l, 5, 0, 3, 3);
	assert_int_equal(add(l, 0, 1006, 53), 0);
	expect(l, 5, 1, 3, 3);
	ledger_totals(l, &t);
	assert_int_equal(t.told, 60);
	/* A base that was reached already changes nothing. */
	ledger_part_missing(l);
	assert_int_equal(ledger_base(l, 0, 1500, 99, 0), 0);
	ledger_base_end(l);
	add(l, 0, 2003, 61);
	expect(l, 6, 1, 4, 3);
	ledger_destroy(l);
}

static void count(void *ctx, const struct ledger_gap *g)
{
	*(uint64_t *)ctx += g->lost;
}

static uint64_t losses(const struct ledger *l, int64_t from, int64_t to)
{
	uint64_t n = 0;

	ledger_losses(l, from, to, count, &n);
	return n;
}

static void losses_by_time(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	add(l, 0, 1, 0);
	assert_int_equal(losses(l, 0, INT64_MAX), 0);
	add(l, 0, 5, 3);  /* lost between 10 and 50 */
	add(l, 0, 8, 3);  /* removed between 50 and 80 */
	add(l, 0, 10, 4); /* one lost between 80 and 100 */
	add(l, 1, 3, 2);  /* two lost before 30 */
	assert_int_equal(losses(l, 0, INT64_MAX), 6);
	assert_int_equal(losses(l, 50, 80), 0);
	assert_int_equal(losses(l, 51, 81), 1);
	assert_int_equal(losses(l, 30, 40), 3);
	assert_int_equal(losses(l, 29, 40), 5);
	assert_int_equal(losses(l, 0, 10), 2);
	assert_int_equal(losses(l, 100, 200), 0);
	ledger_destroy(l);
}

struct gaps {
	size_t n;
	struct ledger_gap all[8];
};

static void keep(void *ctx, const struct ledger_gap *g)
{
	struct gaps *gaps = ctx;

	assert_true(gaps->n < 8);
	gaps->all[gaps->n++] = *g;
}

static void expect_gap(const struct ledger *l, size_t i, uint64_t hits, uint64_t lost,
		       uint64_t unread)
{
	struct gaps gaps = {0};

	ledger_gaps(l, keep, &gaps);
	assert_true(i < gaps.n);
	assert_int_equal(gaps.all[i].hits, hits);
	assert_int_equal(gaps.all[i].lost, lost);
	assert_int_equal(gaps.all[i].read, unread);
}

/* A hit was lost, and before that was counted another one interrupted it; or after. */
static void the_count_comes_late_or_early(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	add(l, 0, 1, 0);
	add(l, 0, 3, 0); /* 2 is lost, not yet counted */
	add(l, 0, 4, 1);
	add(l, 0, 5, 2); /* counted before 6 is */
	add(l, 0, 7, 2);
	add(l, 0, 9, 2); /* 8 was removed: the room of what was lost is taken */
	expect(l, 6, 0, 2, 1);
	expect_gap(l, 0, 1, 1, 0);
	expect_gap(l, 1, 1, 1, 0);
	expect_gap(l, 2, 1, 0, 0);
	ledger_destroy(l);
	/* The very first. */
	assert_int_equal(ledger_create(&l), 0);
	add(l, 0, 1, 1);
	add(l, 0, 3, 1);
	expect(l, 2, 0, 1, 0);
	ledger_destroy(l);
	/* Not from what a file had that is missing. */
	assert_int_equal(ledger_create(&l), 0);
	add(l, 0, 1, 0);
	add(l, 0, 3, 0); /* removed */
	ledger_part_missing(l);
	add(l, 0, 1000000000, 9);
	add(l, 0, 1000000002, 9); /* removed */
	expect(l, 4, 0, 0, 2);
	ledger_destroy(l);
}

static int add_unread(struct ledger *l, uint64_t seq, uint32_t lost, uint32_t unread)
{
	struct event e = {.seq = seq, .lost = lost, .lost_read = unread, .ktime = seq, .addr = 1};

	return ledger_add(l, &e, (int64_t)seq * 10);
}

static void causes(void **state)
{
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	add_unread(l, 1, 0, 0);
	add_unread(l, 3, 1, 1);
	add_unread(l, 6, 3, 1);
	add_unread(l, 9, 5, 2);
	add_unread(l, 12, 5, 2);
	ledger_counted(l, 0, 4, 5, 1000); /* 5 in all, and now 9: 4 more, 3 of them unread */
	expect_gap(l, 0, 1, 1, 1);
	expect_gap(l, 1, 2, 2, 0);
	expect_gap(l, 2, 2, 2, 1);
	expect_gap(l, 3, 2, 0, 0);
	expect_gap(l, 4, 4, 4, 3);
	expect(l, 5, 0, 9, 2);
	ledger_destroy(l);
}

static void lost_after_the_last_hit(void **state)
{
	struct gaps gaps = {0};
	struct ledger *l;

	(void)state;
	assert_int_equal(ledger_create(&l), 0);
	add(l, 1, 1, 0);
	add(l, 1, 3, 1);
	ledger_counted(l, 1, 1, 0, 500); /* known already */
	expect(l, 2, 0, 1, 0);
	ledger_counted(l, 1, 4, 0, 600);
	ledger_counted(l, 3, 2, 0, 600); /* of which nothing was recorded */
	expect(l, 2, 0, 6, 0);
	ledger_gaps(l, keep, &gaps);
	assert_int_equal(gaps.n, 3);
	assert_true(gaps.all[1].cpu == 1 && gaps.all[1].from == 30 && gaps.all[1].to == 600);
	assert_true(gaps.all[2].cpu == 3 && gaps.all[2].from == 0 && gaps.all[2].lost == 2);
	assert_int_equal(losses(l, 590, 700), 5);
	assert_int_equal(losses(l, 600, 700), 0);
	add(l, 1, 7, 4); /* a note may come before the hits that it knows of */
	expect(l, 3, 0, 6, 0);
	ledger_counted(l, 1, (uint64_t)UINT32_MAX, 1, 700); /* the hits' counts are narrower */
	ledger_counted(l, 1, UINT64_MAX, UINT64_MAX, 700);
	expect(l, 3, 0, 6, 0);
	ledger_destroy(l);
}

static void out_of_memory(void **state)
{
	struct ledger *l;
	int err;

	(void)state;
	for (int n = 0;; n++) {
		assert_int_equal(ledger_create(&l), 0);
		alloc_fail_at(n);
		err = add(l, 3, 5, 1);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
		ledger_destroy(l);
	}
	assert_int_equal(err, 1);
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
		cmocka_unit_test(numbers_from_far_back),
		cmocka_unit_test(begins_late),
		cmocka_unit_test(skips_files_that_are_not_here),
		cmocka_unit_test(a_base_is_exact),
		cmocka_unit_test(losses_by_time),
		cmocka_unit_test(the_count_comes_late_or_early),
		cmocka_unit_test(causes),
		cmocka_unit_test(lost_after_the_last_hit),
		cmocka_unit_test(out_of_memory),
		cmocka_unit_test(any_order_gives_the_same_totals),
		cmocka_unit_test(very_many_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

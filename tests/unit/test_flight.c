// SPDX-License-Identifier: GPL-2.0-only
/* What the flight recorder's memory keeps and forgets. A chunk is filled with one letter. */
#include "record/flight.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/alloc_fail.h"

#define CPUS 2

/* A chunk of that many bytes, that began after as many hits as its letter says. */
static int put(struct flight *f, char letter, size_t bytes, uint64_t now)
{
	struct point *start = point_create(CPUS);
	struct buf b = {};
	int err;

	assert_non_null(start);
	start->counters.recorded = (uint64_t)letter;
	start->cpu[1].seq = (uint64_t)letter * 10;
	memset(buf_extend(&b, bytes), letter, bytes);
	err = flight_put(f, &b, start, now);
	assert_int_equal(b.len, err ? bytes : 0);
	buf_deinit(&b);
	free(start); /* it was copied */
	return err;
}

/* Takes all out: the letters of its chunks, in order. */
static void expect_kept(struct flight *f, const char *letters)
{
	struct buf b = {};

	for (; *letters; letters++) {
		const struct point *start = flight_start(f);

		if (!start || start->counters.recorded != (uint64_t)*letters)
			fail_msg("%c is not the next", *letters);
		assert_true(start->cpus == CPUS && start->cpu[1].seq == (uint64_t)*letters * 10);
		assert_false(flight_empty(f));
		assert_true(flight_pop(f, &b));
		for (size_t i = 0; i < b.len; i++)
			assert_int_equal(b.data[i], *letters);
		buf_deinit(&b);
	}
	assert_true(flight_empty(f));
	assert_null(flight_start(f));
	assert_false(flight_pop(f, &b));
	assert_false(flight_forgot(f));
	assert_false(flight_short(f));
}

static struct flight *create(uint64_t bytes, uint64_t ns)
{
	struct flight *f;

	assert_int_equal(flight_create(bytes, ns, &f), 0);
	assert_true(flight_empty(f));
	return f;
}

static void by_size(void **state)
{
	struct flight *f = create(300, 0);

	(void)state;
	put(f, 'a', 100, 1);
	put(f, 'b', 100, 2);
	put(f, 'c', 100, 3);
	put(f, 'd', 99, 4); /* without a it would be 299 */
	assert_false(flight_forgot(f));
	put(f, 'e', 1, 5);
	assert_true(flight_forgot(f));
	assert_false(flight_short(f)); /* no time was asked for */
	expect_kept(f, "bcde");
	/* What was taken out counts no more. */
	put(f, 'f', 150, 6);
	put(f, 'g', 150, 7);
	assert_false(flight_forgot(f));
	put(f, 'h', 500, 8); /* enough by itself */
	assert_true(flight_forgot(f));
	expect_kept(f, "h");
	flight_destroy(f);
}

static void by_time(void **state)
{
	struct flight *f = create(1000, 50);

	(void)state;
	put(f, 'a', 10, 100);
	put(f, 'b', 10, 120);
	put(f, 'c', 10, 150); /* a is as old as may be */
	assert_false(flight_forgot(f));
	put(f, 'd', 10, 151);
	assert_true(flight_forgot(f));
	assert_false(flight_short(f)); /* it was too old */
	expect_kept(f, "bcd");
	put(f, 'e', 10, 1000);
	put(f, 'f', 10, 9000);
	assert_true(flight_forgot(f));
	expect_kept(f, "f");
	/* The newest stays, however late the next comes. */
	put(f, 'g', 10, 9100);
	expect_kept(f, "g");
	flight_destroy(f);
}

/* The time asked for does not fit into the size. */
static void time_and_size(void **state)
{
	struct flight *f = create(100, 50);

	(void)state;
	put(f, 'a', 60, 100);
	put(f, 'b', 60, 110);
	assert_false(flight_short(f));
	put(f, 'c', 60, 120);
	assert_true(flight_forgot(f) && flight_short(f));
	expect_kept(f, "bc"); /* and it is not short any more */
	flight_destroy(f);
}

/* One CPU's buffer is read after another's: the next chunk may be of a time before. */
static void times_go_back(void **state)
{
	struct flight *f = create(1000, 50);

	(void)state;
	put(f, 'a', 10, 1000);
	put(f, 'b', 10, 900);
	put(f, 'c', 10, 1040);
	assert_false(flight_forgot(f));
	put(f, 'd', 10, 1051); /* b was put when it was 1000 */
	expect_kept(f, "cd");
	flight_destroy(f);
}

static void out_of_memory(void **state)
{
	struct flight *f = create(1000, 0);
	struct point *start = point_create(CPUS);
	struct buf b = {};
	int failures = 0, err;

	(void)state;
	start->counters.recorded = 'b';
	start->cpu[1].seq = 'b' * 10;
	put(f, 'a', 100, 1);
	memset(buf_extend(&b, 100), 'b', 100);
	for (int n = 0;; n++) {
		alloc_fail_at(n);
		err = flight_put(f, &b, start, 2);
		if (!alloc_fail_end())
			break;
		failures++;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(b.len, 100); /* nothing is lost of it */
		assert_false(flight_forgot(f));
	}
	assert_int_equal(failures, ALLOC_FAIL_WORKS ? 3 : 0);
	assert_int_equal(err, 0);
	assert_int_equal(b.len, 0);
	expect_kept(f, "ab");
	free(start);
	buf_deinit(&b);
	flight_destroy(f);
	flight_destroy(NULL);
	alloc_fail_at(0);
	err = flight_create(1, 0, &f);
	if (alloc_fail_end())
		assert_int_equal(err, -ENOMEM);
	else
		flight_destroy(f);
}

/* With chunks still in it. */
static void destroyed_full(void **state)
{
	struct flight *f = create(1000, 0);

	(void)state;
	put(f, 'a', 100, 1);
	put(f, 'b', 100, 1);
	flight_destroy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_size),	 cmocka_unit_test(by_time),
		cmocka_unit_test(time_and_size), cmocka_unit_test(times_go_back),
		cmocka_unit_test(out_of_memory), cmocka_unit_test(destroyed_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

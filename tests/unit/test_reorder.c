// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "report/read/reorder.h"

struct fixture {
	struct hit_pool *pool;
	struct reorder *r;
};

static void setup(struct fixture *f)
{
	assert_int_equal(hit_pool_create(&f->pool), 0);
	assert_int_equal(reorder_create(&f->r), 0);
}

static void teardown(struct fixture *f)
{
	reorder_destroy(f->r);
	hit_pool_destroy(f->pool);
}

static void push(struct fixture *f, uint32_t tag, uint16_t cpu, uint64_t seq, int64_t when)
{
	struct event e = {.tag = tag, .cpu = cpu, .seq = seq, .ktime = (uint64_t)when};
	struct hit *h = hit_new(f->pool, &e, NULL, 0);

	assert_non_null(h);
	h->when = when;
	assert_int_equal(reorder_push(f->r, h), 0);
}

/* Pops one hit and returns its time; -1 none is ready. */
static int64_t pop(struct fixture *f)
{
	struct hit *h = reorder_pop(f->r);
	int64_t when = h ? h->when : -1;

	hit_free(f->pool, h);
	return when;
}

static void sorts_two_cpus(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	for (int i = 0; i < 10; i++)
		push(&f, 1, 1, (uint64_t)i + 1, 2 * i + 1);
	for (int i = 0; i < 10; i++)
		push(&f, 1, 0, (uint64_t)i + 1, 2 * i);
	reorder_release(f.r, INT64_MAX);
	for (int i = 0; i < 20; i++)
		assert_int_equal(pop(&f), i);
	assert_int_equal(pop(&f), -1);
	assert_true(reorder_empty(f.r));
	assert_int_equal(reorder_late(f.r), 0);
	teardown(&f);
}

static void equal_times_go_by_cpu_then_number(void **state)
{
	static const struct {
		uint16_t cpu;
		uint64_t seq;
	} want[] = {{0, 1}, {0, 2}, {1, 1}, {1, 2}};
	struct fixture f;
	struct hit *h;

	(void)state;
	setup(&f);
	push(&f, 1, 1, 2, 5);
	push(&f, 1, 1, 1, 5);
	push(&f, 1, 0, 2, 5);
	push(&f, 1, 0, 1, 5);
	reorder_release(f.r, INT64_MAX);
	for (int i = 0; i < 4; i++) {
		h = reorder_pop(f.r);
		assert_non_null(h);
		assert_int_equal(h->event.cpu, want[i].cpu);
		assert_int_equal(h->event.seq, want[i].seq);
		hit_free(f.pool, h);
	}
	teardown(&f);
}

/* Nothing is let through that a CPU could still go behind. */
static void waits_for_the_slower_cpu(void **state)
{
	struct fixture f;
	int64_t when, last = -1;

	(void)state;
	setup(&f);
	push(&f, 1, 0, 1, 0);
	for (int i = 0; i < 200; i++)
		push(&f, 1, 1, (uint64_t)i + 1, 1000 + i);
	while ((when = pop(&f)) >= 0)
		last = when;
	assert_true(last <= 0);
	for (int i = 0; i < 100; i++)
		push(&f, 1, 0, (uint64_t)i + 2, 900 + i);
	while ((when = pop(&f)) >= 0) {
		assert_true(when > last);
		last = when;
	}
	assert_true(last < 1000);
	assert_int_equal(reorder_late(f.r), 0);
	teardown(&f);
}

/* A CPU that is silent for a round does not hold up the others. */
static void does_not_wait_for_a_silent_cpu(void **state)
{
	struct fixture f;
	uint64_t seq = 1;
	int popped = 0;

	(void)state;
	setup(&f);
	push(&f, 1, 7, 1, 0);
	for (int round = 0; round < 10; round++) {
		for (uint16_t cpu = 0; cpu < 2; cpu++)
			for (int i = 0; i < 64; i++)
				push(&f, 1, cpu, seq++, round * 1000 + i * 2 + cpu);
		while (pop(&f) >= 0)
			popped++;
	}
	assert_true(popped > 6 * 128);
	assert_int_equal(reorder_late(f.r), 0);
	teardown(&f);
}

static void late_hits_are_delivered_and_counted(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	push(&f, 1, 0, 1, 100);
	push(&f, 2, 0, 1, 500); /* another capture: its time says nothing of the first */
	reorder_release(f.r, INT64_MAX);
	assert_int_equal(pop(&f), 100);
	assert_int_equal(pop(&f), 500);
	push(&f, 1, 1, 1, 50);
	assert_int_equal(pop(&f), 50);
	assert_int_equal(reorder_late(f.r), 1);
	push(&f, 1, 1, 2, 200);
	reorder_release(f.r, INT64_MAX);
	assert_int_equal(pop(&f), 200);
	assert_int_equal(reorder_late(f.r), 1);
	teardown(&f);
}

static void holds_no_more_than_the_limit(void **state)
{
	struct fixture f;
	uint64_t held = 0;

	(void)state;
	setup(&f);
	push(&f, 1, 0, 1, 0);
	for (uint64_t i = 0; i < 3 * REORDER_MAX_HITS; i++) {
		push(&f, 1, 1, i + 1, 1 + (int64_t)(i % 1000));
		held++;
		while (pop(&f) >= 0)
			held--;
		assert_true(held <= REORDER_MAX_HITS + 1);
	}
	teardown(&f);
}

/* Any order in which rings are drained in rounds gives the order of time. */
static void random_rounds_are_sorted(void **state)
{
	enum { CPUS = 5, ROUNDS = 50, PER_ROUND = 200 };
	struct fixture f;
	int64_t when, last = -1;
	int popped = 0, pushed = 0;

	(void)state;
	srand(1);
	for (int run = 0; run < 20; run++) {
		uint64_t seq[CPUS] = {0};
		int64_t from[CPUS] = {0}, to;

		setup(&f);
		popped = pushed = 0;
		last = -1;
		for (int round = 1; round <= ROUNDS; round++) {
			/* A ring's drain reaches to when it was visited, in this round. */
			for (uint16_t cpu = 0; cpu < CPUS; cpu++) {
				to = (int64_t)round * 100000 + cpu * 5000;
				if (rand() % 4) {
					for (int i = 0; i < PER_ROUND; i++, pushed++)
						push(&f, 1, cpu, ++seq[cpu],
						     from[cpu] + (to - from[cpu]) * i / PER_ROUND +
							     rand() % 100);
				}
				from[cpu] = to + 200;
			}
			while ((when = pop(&f)) >= 0) {
				assert_true(when >= last);
				last = when;
				popped++;
			}
		}
		reorder_release(f.r, INT64_MAX);
		while ((when = pop(&f)) >= 0) {
			assert_true(when >= last);
			last = when;
			popped++;
		}
		assert_int_equal(popped, pushed);
		assert_int_equal(reorder_late(f.r), 0);
		teardown(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_two_cpus),
		cmocka_unit_test(equal_times_go_by_cpu_then_number),
		cmocka_unit_test(waits_for_the_slower_cpu),
		cmocka_unit_test(does_not_wait_for_a_silent_cpu),
		cmocka_unit_test(late_hits_are_delivered_and_counted),
		cmocka_unit_test(holds_no_more_than_the_limit),
		cmocka_unit_test(random_rounds_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

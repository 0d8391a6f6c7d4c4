// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc_fail.h"
#include "tests/support/path_log.h"

static struct path_log l;

static int setup(void **state)
{
	(void)state;
	path_log_init(&l);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	path_log_deinit(&l);
	return 0;
}

#define handed_on(text) assert_string_equal(path_log_finish(&l), text)

static void begin(uint64_t packet, enum edge_kind kind, uint64_t parent)
{
	path_log_begin(&l, packet, kind, parent);
}

static void end(uint64_t packet)
{
	path_log_end(&l, packet, KFREE_SKBMEM);
}

static void every_kind_makes_a_child(void **state)
{
	(void)state;
	begin(70, EDGE_NONE, 0);
	begin(71, EDGE_CLONE, 70);
	begin(72, EDGE_COPY, 71);
	begin(73, EDGE_SEGMENT, 70);
	begin(74, EDGE_FRAGMENT, 73);
	begin(75, EDGE_FRAME, 74);
	for (uint64_t i = 70; i <= 75; i++)
		end(i);
	handed_on("#1 consumed; #2 clone of #1 consumed; #3 copy of #2 consumed; "
		  "#4 segment of #1 consumed; #5 fragment of #4 consumed; #6 frame of #5 consumed");
}

/* Nothing is handed on while a member lives. */
static void held_until_all_have_ended(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_CLONE, 1);
	end(1);
	begin(3, EDGE_NONE, 0);
	end(3);
	track_settle(l.track);
	assert_string_equal(l.text, "#3 consumed");
	path_log_end(&l, 2, KFREE_SKB_REASON);
	track_settle(l.track);
	assert_string_equal(l.text, "#3 consumed | #1 consumed; #2 clone of #1 dropped");
	handed_on("#3 consumed | #1 consumed; #2 clone of #1 dropped");
}

static void bridge_flood_to_three(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_CLONE, 1);
	begin(3, EDGE_CLONE, 1);
	for (uint64_t i = 3; i; i--)
		end(i);
	handed_on("#1 consumed; #2 clone of #1 consumed; #3 clone of #1 consumed");
}

static void edge_on_a_later_event(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	begin(3, EDGE_CLONE, 2);
	path_log_hit(&l, 2, IP_RCV);
	path_log_edge(&l, 2, IP_RCV, 0, EDGE_COPY, 1);
	path_log_edge(&l, 2, IP_RCV, 0, EDGE_CLONE, 3); /* the first one counts */
	end(1);
	end(2);
	end(3);
	handed_on("#1 consumed; #2 copy of #1 consumed; #3 clone of #2 consumed");
}

static void parent_unknown(void **state)
{
	(void)state;
	begin(1, EDGE_CLONE, 99);
	end(1);
	begin(2, EDGE_CLONE, 2); /* nonsense is no edge */
	begin(3, EDGE_CLONE, 0);
	end(2);
	end(3);
	handed_on("#1 clone of ? apart consumed | #2 consumed | #3 consumed");
}

/* Its first hits came later than the child's, or before the filter let it in. */
static void parent_seen_later(void **state)
{
	(void)state;
	begin(2, EDGE_CLONE, 1);
	begin(3, EDGE_COPY, 1);
	begin(4, EDGE_COPY, 9);
	end(2);
	begin(1, EDGE_NONE, 0);
	end(3);
	end(1);
	end(4);
	handed_on("#1 clone of #4 consumed; #2 copy of #4 consumed; #4 consumed | "
		  "#3 copy of ? apart consumed");
}

static void inferred(void **state)
{
	struct event e = {.packet = 2,
			  .ktime = 50,
			  .flags = EVENT_BEGIN,
			  .parent = 1,
			  .parent_kind = EDGE_CLONE,
			  .parent_inferred = true};

	(void)state;
	begin(1, EDGE_NONE, 0);
	path_log_event(&l, &e, IP_RCV);
	l.ktime = 60;
	end(1);
	end(2);
	handed_on("#1 consumed; #2 clone of #1 inferred consumed");
}

/* What an XDP frame becomes begins after its parent's end. */
static void child_after_the_parents_end(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_CLONE, 1);
	end(1);
	end(2);
	begin(3, EDGE_FRAME, 1);
	l.ktime += 2 * TRACK_LINGER_NS;
	begin(4, EDGE_NONE, 0);
	assert_int_equal(l.families, 0);
	end(3);
	end(4);
	handed_on("#1 consumed; #2 clone of #1 consumed; #3 frame of #1 consumed | #4 consumed");
}

static void parent_handed_on_already(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	end(1);
	l.ktime += TRACK_LINGER_NS + 1;
	begin(2, EDGE_FRAME, 1);
	end(2);
	handed_on("#1 consumed | #2 frame of #1 apart consumed");
}

/* The child brings more with it than the parent has. */
static void ended_family_grows(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	end(1);
	begin(2, EDGE_NONE, 0);
	begin(3, EDGE_CLONE, 2);
	begin(4, EDGE_CLONE, 2);
	path_log_edge(&l, 2, IP_RCV, 0, EDGE_FRAME, 1);
	track_settle(l.track);
	assert_int_equal(l.families, 0);
	end(2);
	end(3);
	end(4);
	handed_on("#1 consumed; #2 frame of #1 consumed; #3 clone of #2 consumed; "
		  "#4 clone of #2 consumed");
}

/* Too late: what waited for it has gone. */
static void parent_seen_after_that(void **state)
{
	(void)state;
	begin(2, EDGE_CLONE, 1);
	begin(3, EDGE_CLONE, 1);
	end(3);
	l.ktime += 2 * TRACK_LINGER_NS;
	begin(1, EDGE_NONE, 0);
	end(1);
	end(2);
	handed_on("#2 clone of ? apart consumed | #1 clone of #3 consumed; #3 consumed");
}

static void no_circles(void **state)
{
	(void)state;
	begin(1, EDGE_CLONE, 3);
	begin(2, EDGE_CLONE, 1);
	begin(3, EDGE_CLONE, 2);
	end(1);
	end(2);
	end(3);
	handed_on(
		"#1 clone of #3 consumed; #2 clone of #1 consumed; #3 clone of #2 apart consumed");
}

/* A long-lived packet that is cloned again and again: its clones do not wait for it. */
static void a_family_has_a_limit(void **state)
{
	const uint64_t clones = 3 * FAMILY_MAX_MEMBERS;

	(void)state;
	begin(1, EDGE_NONE, 0);
	for (uint64_t i = 2; i < 2 + clones; i++) {
		begin(i, EDGE_CLONE, 1);
		end(i);
	}
	track_settle(l.track);
	assert_int_equal(l.paths, 2 * FAMILY_MAX_MEMBERS + 1);
	assert_int_equal(l.families, l.paths);
	assert_int_equal(track_counts(l.track)->early, l.paths);
	assert_memory_equal(l.text, "#1025 clone of #1 apart consumed | ", 35);
	path_log_finish(&l);
	assert_int_equal(l.paths, 1 + clones);
	assert_int_equal(l.largest, FAMILY_MAX_MEMBERS);
}

/* The last to end is over the limit, and something was offered to it. */
static void a_large_family_that_waits(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	for (uint64_t i = 3; i < 1203; i++) {
		begin(i, EDGE_CLONE, 1 + i % 2);
		end(i);
	}
	begin(5000, EDGE_NONE, 0);
	path_log_edge(&l, 1, SKB_GRO_RECEIVE, 0, EDGE_MERGE, 5000);
	path_log_edge(&l, 2, IP_RCV, 0, EDGE_CLONE, 1);
	end(2);
	end(1);
	track_settle(l.track);
	assert_int_equal(l.paths, 1202);
	assert_int_equal(l.largest, 1200);
	assert_int_equal(track_counts(l.track)->early, 2);
	end(5000);
	path_log_finish(&l);
	assert_int_equal(l.paths, 1203);
}

/* However many families wait for a member each, no more is held than that. */
static void all_families_have_a_limit(void **state)
{
	const uint64_t families = TRACK_MAX_HELD + 100;

	(void)state;
	for (uint64_t i = 1; i <= families; i++) {
		begin(2 * i, EDGE_NONE, 0);
		begin(2 * i + 1, EDGE_CLONE, 2 * i);
		end(2 * i);
	}
	begin(1, EDGE_NONE, 0);
	assert_int_equal(l.paths, 100);
	assert_int_equal(track_counts(l.track)->early, 100);
	assert_memory_equal(l.text, "#1 consumed | #3 consumed | ", 28);
	path_log_finish(&l);
	assert_int_equal(l.paths, 2 * families + 1);
	/* The first 100 roots went before their clones. */
	assert_int_equal(l.families, families + 100 + 1);
}

static void hops_held_have_a_limit(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 12; i++) {
		begin(2 * i, EDGE_NONE, 0);
		begin(2 * i + 1, EDGE_CLONE, 2 * i);
		for (unsigned int n = 2; n < TRACK_MAX_HOPS; n++)
			path_log_hit(&l, 2 * i, IP_RCV);
		end(2 * i);
	}
	path_log_hit(&l, 3, IP_RCV);
	assert_int_equal(l.paths, 2);
	path_log_finish(&l);
	assert_int_equal(l.paths, 24);
}

static void idle_expiry_in_a_family(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_CLONE, 1);
	begin(3, EDGE_CLONE, 1);
	end(1);
	l.ktime += TRACK_IDLE_NS;
	path_log_hit(&l, 3, IP_RCV);
	track_expire(l.track, (int64_t)l.ktime);
	assert_int_equal(l.families, 0); /* the other clone is not idle */
	end(3);
	l.ktime += 2 * TRACK_LINGER_NS;
	begin(4, EDGE_NONE, 0);
	assert_string_equal(l.text, "#1 consumed; #2 clone of #1 no-end; #3 clone of #1 consumed");
	assert_int_equal(track_counts(l.track)->outcomes[OUTCOME_NO_END], 1);
}

/* One after the other at one address, in a kernel that does not tell of the first one's end. */
static void two_lives_at_one_address(void **state)
{
	(void)state;
	l.skb = 0x500;
	begin(1, EDGE_NONE, 0);
	begin(3, EDGE_CLONE, 1);
	l.skb = 0x500;
	path_log_hit(&l, 1, KFREE_SKB);
	l.skb = 0x500;
	begin(2, EDGE_NONE, 0);
	begin(4, EDGE_CLONE, 2);
	for (uint64_t i = 2; i <= 4; i++)
		end(i);
	handed_on("#1 consumed; #2 clone of #1 consumed | #3 consumed; #4 clone of #3 consumed");
}

static void deep_and_backwards(void **state)
{
	const uint64_t n = 50000;

	(void)state;
	for (uint64_t i = n; i; i--)
		begin(i, i > 1 ? EDGE_CLONE : EDGE_NONE, i - 1);
	for (uint64_t i = 1; i <= n; i++)
		end(i);
	path_log_finish(&l);
	assert_int_equal(l.paths, n);
}

static void memory_runs_out(void **state)
{
	struct event e = {.packet = 4, .parent = 1, .parent_kind = EDGE_CLONE};
	const struct path *p;
	struct hit *h;
	int err, n = 0;

	for (;; n++) {
		teardown(state);
		setup(state);
		begin(2, EDGE_CLONE, 4);
		begin(3, EDGE_NONE, 0);
		h = hit_new(l.pool, &e, NULL, 0);
		h->capture = l.capture;
		h->func = capture_func(l.capture, 1);
		alloc_fail_at(n);
		err = track_add(l.track, h, true, &p);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -12);
		assert_null(p);
	}
	assert_int_equal(err, 0);
	assert_true(n > 2 || !ALLOC_FAIL_WORKS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_kind_makes_a_child),
		TEST(held_until_all_have_ended),
		TEST(bridge_flood_to_three),
		TEST(edge_on_a_later_event),
		TEST(parent_unknown),
		TEST(parent_seen_later),
		TEST(inferred),
		TEST(child_after_the_parents_end),
		TEST(parent_handed_on_already),
		TEST(ended_family_grows),
		TEST(parent_seen_after_that),
		TEST(no_circles),
		TEST(a_family_has_a_limit),
		TEST(a_large_family_that_waits),
		TEST(all_families_have_a_limit),
		TEST(hops_held_have_a_limit),
		TEST(idle_expiry_in_a_family),
		TEST(two_lives_at_one_address),
		TEST(deep_and_backwards),
		TEST(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

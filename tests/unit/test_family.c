// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/path_story.h"

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
	track_settle(story.track);
	assert_string_equal(story.text, "#3 consumed");
	path_log_end(&story, 2, KFREE_SKB_REASON);
	track_settle(story.track);
	assert_string_equal(story.text, "#3 consumed | #1 consumed; #2 clone of #1 dropped");
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
	hit(2, IP_RCV);
	edge(2, IP_RCV, EDGE_COPY, 1);
	edge(2, IP_RCV, EDGE_CLONE, 3); /* the first one counts */
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
	path_log_event(&story, &e, IP_RCV);
	story.ktime = 60;
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
	story.ktime += 2 * TRACK_LINGER_NS;
	begin(4, EDGE_NONE, 0);
	assert_int_equal(story.families, 0);
	end(3);
	end(4);
	handed_on("#1 consumed; #2 clone of #1 consumed; #3 frame of #1 consumed | #4 consumed");
}

static void parent_handed_on_already(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	end(1);
	story.ktime += TRACK_LINGER_NS + 1;
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
	edge(2, IP_RCV, EDGE_FRAME, 1);
	track_settle(story.track);
	assert_int_equal(story.families, 0);
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
	story.ktime += 2 * TRACK_LINGER_NS;
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
	track_settle(story.track);
	assert_int_equal(story.paths, 2 * FAMILY_MAX_MEMBERS + 1);
	assert_int_equal(story.families, story.paths);
	assert_int_equal(track_counts(story.track)->early, story.paths);
	assert_memory_equal(story.text, "#1025 clone of #1 apart consumed | ", 35);
	path_log_finish(&story);
	assert_int_equal(story.paths, 1 + clones);
	assert_int_equal(story.largest, FAMILY_MAX_MEMBERS);
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
	edge(1, SKB_GRO_RECEIVE, EDGE_MERGE, 5000);
	edge(2, IP_RCV, EDGE_CLONE, 1);
	end(2);
	end(1);
	track_settle(story.track);
	assert_int_equal(story.paths, 1202);
	assert_int_equal(story.largest, 1200);
	assert_int_equal(track_counts(story.track)->early, 2);
	end(5000);
	path_log_finish(&story);
	assert_int_equal(story.paths, 1203);
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
	assert_int_equal(story.paths, 100);
	assert_int_equal(track_counts(story.track)->early, 100);
	assert_memory_equal(story.text, "#1 consumed | #3 consumed | ", 28);
	path_log_finish(&story);
	assert_int_equal(story.paths, 2 * families + 1);
	/* The first 100 roots went before their clones. */
	assert_int_equal(story.families, families + 100 + 1);
}

static void hops_held_have_a_limit(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 12; i++) {
		begin(2 * i, EDGE_NONE, 0);
		begin(2 * i + 1, EDGE_CLONE, 2 * i);
		for (unsigned int n = 2; n < TRACK_MAX_HOPS; n++)
			hit(2 * i, IP_RCV);
		end(2 * i);
	}
	hit(3, IP_RCV);
	assert_int_equal(story.paths, 2);
	path_log_finish(&story);
	assert_int_equal(story.paths, 24);
}

static void idle_expiry_in_a_family(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_CLONE, 1);
	begin(3, EDGE_CLONE, 1);
	end(1);
	story.ktime += TRACK_IDLE_NS;
	hit(3, IP_RCV);
	track_expire(story.track, (int64_t)story.ktime);
	assert_int_equal(story.families, 0); /* the other clone is not idle */
	end(3);
	story.ktime += 2 * TRACK_LINGER_NS;
	begin(4, EDGE_NONE, 0);
	assert_string_equal(story.text,
			    "#1 consumed; #2 clone of #1 no-end; #3 clone of #1 consumed");
	assert_int_equal(track_counts(story.track)->outcomes[OUTCOME_NO_END], 1);
}

/* One after the other at one address, in a kernel that does not tell of the first one's end. */
static void two_lives_at_one_address(void **state)
{
	(void)state;
	story.skb = 0x500;
	begin(1, EDGE_NONE, 0);
	begin(3, EDGE_CLONE, 1);
	story.skb = 0x500;
	hit(1, KFREE_SKB);
	story.skb = 0x500;
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
	path_log_finish(&story);
	assert_int_equal(story.paths, n);
}

static void memory_runs_out(void **state)
{
	const struct event e = {.packet = 4, .parent = 1, .parent_kind = EDGE_CLONE};
	int n = -1;

	do {
		path_story_teardown(state);
		path_story_setup(state);
		begin(2, EDGE_CLONE, 4);
		begin(3, EDGE_NONE, 0);
	} while (path_story_out_of_memory(&e, ++n));
	assert_true(n > 2 || !ALLOC_FAIL_WORKS);
}

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

// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/path_story.h"

static void offer(uint64_t survivor, enum log_func func, uint64_t other)
{
	edge(survivor, func, EDGE_MERGE, other);
}

/* An offer that is taken: the survivor grows. */
static void take(uint64_t survivor, enum log_func func, uint64_t other)
{
	offer(survivor, func, other);
	story.grown[survivor] += 100;
}

static void by_coalescing(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	offer(1, SKB_TRY_COALESCE, 2);
	hit(2, KFREE_SKB_PARTIAL);
	end(2);
	consume(1);
	handed_on("#2 merged into #1 | #1 consumed with #2");
}

/* tcp_ack() looks at a segment whose bytes have gone into another. */
static void seen_between_merge_and_release(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	offer(1, SKB_TRY_COALESCE, 2);
	hit(2, TCP_ACK);
	hit(2, KFREE_SKB_PARTIAL);
	end(2);
	consume(1);
	handed_on("#2 merged into #1 | #1 consumed with #2");
}

static void by_gro_several(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	for (uint64_t i = 2; i <= 4; i++) {
		begin(i, EDGE_NONE, 0);
		offer(1, SKB_GRO_RECEIVE, i);
		hit(i, STOLEN_HEAD);
		end(i);
	}
	consume(1);
	handed_on("#2 merged into #1 | #3 merged into #1 | #4 merged into #1 | #1 consumed with "
		  "#2,#3,#4");
}

/* The survivor's list is freed when its data is: with its drop reason. */
static void survivor_with_list(enum log_func how)
{
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	take(1, SKB_GRO_RECEIVE, 2);
	hit(2, TCP_ACK); /* whatever looked at it there */
	hit(1, how);
	hit(1, KFREE_SKB);
	hit(1, RELEASE_DATA);
	hit(2, how);
	hit(2, KFREE_SKB);
	end(2);
	end(1);
}

static void lingering_in_a_list(void **state)
{
	(void)state;
	survivor_with_list(CONSUME_SKB);
	handed_on("#2 merged into #1 | #1 consumed with #2");
}

static void lingering_in_a_list_dropped(void **state)
{
	(void)state;
	survivor_with_list(KFREE_SKB_REASON);
	handed_on("#2 merged into #1 | #1 dropped with #2");
}

/* The survivor is made linear: its list is consumed while it lives on. */
static void pulled_out_of_a_list(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	take(1, SKB_GRO_RECEIVE, 2);
	hit(1, TCP_QUEUE);
	hit(1, DATAGRAM_ITER);
	hit(2, DATAGRAM_ITER);
	hit(2, SKB_CLONE);
	consume(2);
	hit(1, TCP_ACK);
	consume(1);
	handed_on("#2 merged into #1 | #1 consumed with #2");
}

/* Freed with the survivor, whose end went on elsewhere. */
static void dropped_on_another_cpu(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	take(1, SKB_GRO_RECEIVE, 2);
	hit(1, KFREE_SKB_REASON);
	hit(1, KFREE_SKB);
	story.cpu = 1;
	drop(2);
	story.cpu = 0;
	end(1);
	handed_on("#2 merged into #1 | #1 dropped with #2");
}

/* The list belongs to the survivor's clone as well, which reads and frees it after the survivor. */
static void lingering_in_a_clones_list(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	take(1, SKB_GRO_RECEIVE, 2);
	begin(3, EDGE_CLONE, 1);
	consume(1);
	hit(3, DATAGRAM_ITER);
	hit(2, DATAGRAM_ITER);
	hit(3, KFREE_SKB_REASON);
	hit(3, KFREE_SKB);
	hit(3, RELEASE_DATA);
	hit(2, KFREE_SKB_REASON);
	hit(2, KFREE_SKB);
	end(2);
	end(3);
	handed_on("#2 merged into #1 | #1 consumed with #2; #3 clone of #1 dropped");
}

static void refused_and_lives_on(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	offer(1, SKB_TRY_COALESCE, 2);
	hit(2, TCP_QUEUE);
	consume(2);
	consume(1);
	handed_on("#2 consumed | #1 consumed");
}

/* Nothing but its release follows, as if it had been taken; but nobody has grown. */
static void refused_and_consumed(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	offer(1, SKB_TRY_COALESCE, 2);
	consume(2);
	hit(1, TCP_QUEUE);
	consume(1);
	handed_on("#2 consumed | #1 consumed");
}

/* Who takes in another was not taken in itself, whatever becomes of it. */
static void refused_and_takes_in(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	begin(3, EDGE_NONE, 0);
	take(1, SKB_TRY_COALESCE, 2);
	take(2, SKB_TRY_COALESCE, 3);
	hit(3, KFREE_SKB_PARTIAL);
	end(3);
	consume(2);
	hit(1, TCP_QUEUE);
	consume(1);
	handed_on("#3 merged into #2 | #2 consumed with #3 | #1 consumed");
}

/* No later hit of the survivor tells whether it grew. */
static void no_later_hit(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	take(1, SKB_TRY_COALESCE, 2);
	consume(2);
	handed_on("#2 consumed | #1 alive");
}

static void refused_and_dropped(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	offer(1, SKB_TRY_COALESCE, 2);
	drop(2);
	hit(1, TCP_QUEUE);
	consume(1);
	handed_on("#2 dropped | #1 consumed");
}

/* Refused by one, taken by the next; and the one that waited for it is not held up. */
static void the_last_offer_counts(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	begin(3, EDGE_NONE, 0);
	offer(1, SKB_TRY_COALESCE, 3);
	offer(2, SKB_TRY_COALESCE, 3);
	consume(1);
	track_settle(story.track);
	assert_string_equal(story.text, "#1 consumed");
	hit(3, KFREE_SKB_PARTIAL);
	end(3);
	consume(2);
	handed_on("#1 consumed | #3 merged into #2 | #2 consumed with #3");
}

/* A survivor that ends first is held until it is known what was in it. */
static void survivor_waits(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	take(1, SKB_TRY_COALESCE, 2);
	consume(1);
	track_settle(story.track);
	assert_int_equal(story.families, 0);
	hit(2, KFREE_SKB);
	end(2);
	track_settle(story.track);
	assert_string_equal(story.text, "#1 consumed with #2 | #2 merged into #1");
}

static void a_chain_of_merges(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 3; i++)
		begin(i, EDGE_NONE, 0);
	offer(2, SKB_GRO_RECEIVE, 3);
	hit(3, STOLEN_HEAD);
	end(3);
	offer(1, SKB_TRY_COALESCE, 2);
	hit(2, KFREE_SKB_PARTIAL);
	end(2);
	consume(1);
	handed_on("#3 merged into #2 | #2 merged into #1 with #3 | #1 consumed with #2");
}

static void nothing_tells(void **state)
{
	(void)state;
	begin(1, EDGE_NONE, 0);
	begin(2, EDGE_NONE, 0);
	offer(1, SKB_GRO_RECEIVE, 2);
	offer(1, SKB_GRO_RECEIVE, 77); /* never seen */
	offer(1, SKB_GRO_RECEIVE, 1);
	handed_on("#2 alive | #1 alive");
}

static void memory_runs_out(void **state)
{
	const struct event e = {.packet = 4, .parent = 2, .parent_kind = EDGE_MERGE};
	int n = 0;

	do {
		path_story_teardown(state);
		path_story_setup(state);
		begin(2, EDGE_NONE, 0);
	} while (path_story_out_of_memory(&e, n++));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_coalescing),
		TEST(seen_between_merge_and_release),
		TEST(by_gro_several),
		TEST(lingering_in_a_list),
		TEST(lingering_in_a_list_dropped),
		TEST(pulled_out_of_a_list),
		TEST(dropped_on_another_cpu),
		TEST(lingering_in_a_clones_list),
		TEST(refused_and_lives_on),
		TEST(refused_and_consumed),
		TEST(refused_and_takes_in),
		TEST(no_later_hit),
		TEST(refused_and_dropped),
		TEST(the_last_offer_counts),
		TEST(survivor_waits),
		TEST(a_chain_of_merges),
		TEST(nothing_tells),
		TEST(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

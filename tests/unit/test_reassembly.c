// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/path_story.h"

static void queue(uint64_t packet, uint64_t address)
{
	begin(packet, EDGE_NONE, 0);
	edge(packet, FRAG_INSERT, EDGE_QUEUE, address);
}

static void reassemble(uint64_t packet, uint64_t address)
{
	edge(packet, FRAG_FINISH, EDGE_REASSEMBLE, address);
}

static void head_comes_last(void **state)
{
	(void)state;
	queue(1, 0x900);
	queue(2, 0x900);
	queue(3, 0x900);
	reassemble(3, 0x900);
	hit(1, KFREE_SKB_PARTIAL);
	end(1);
	hit(3, DATAGRAM_ITER);
	hit(2, DATAGRAM_ITER); /* it hangs on the list */
	hit(3, CONSUME_SKB);
	hit(3, KFREE_SKB);
	hit(3, RELEASE_DATA);
	hit(2, KFREE_SKB);
	end(2);
	end(3);
	handed_on("#1 merged into #3 | #2 merged into #3 | #3 consumed with #1,#2");
}

/* The last fragment's skb is turned into a clone of the head, after it was cloned itself. */
static void with_a_morph(void **state)
{
	(void)state;
	queue(1, 0x900); /* the head */
	queue(2, 0x900);
	begin(3, EDGE_NONE, 0);
	begin(9, EDGE_CLONE, 3); /* a packet socket's */
	edge(3, FRAG_INSERT, EDGE_QUEUE, 0x900);
	begin(4, EDGE_CLONE, 3);
	hit(3, KFREE_SKB);
	story.skb = 0x1003;
	begin(5, EDGE_CLONE, 1);
	consume(1);
	reassemble(5, 0x900);
	hit(2, KFREE_SKB_PARTIAL);
	end(2);
	hit(4, KFREE_SKB_PARTIAL);
	end(4);
	consume(9);
	consume(5);
	handed_on("#2 merged into #6 | "
		  "#3 merged into #6; #4 clone of #3 consumed; #5 clone of #3 merged into #6 | "
		  "#1 consumed; #6 clone of #1 consumed with #2,#3,#5");
}

/* What was forwarded and cut again along its list is not part of the whole any more. */
static void taken_out_again(void **state)
{
	(void)state;
	queue(1, 0x900);
	queue(2, 0x900);
	reassemble(1, 0x900);
	hit(1, IP_RCV);
	hit(1, CONSUME_SKB);
	hit(2, IP_RCV);
	hit(2, TCP_QUEUE);
	consume(2);
	consume(1);
	handed_on("#2 consumed | #1 consumed");
}

static void queue_addresses_are_reused(void **state)
{
	(void)state;
	queue(1, 0x900);
	queue(2, 0x900);
	drop(1); /* a timeout */
	drop(2);
	queue(3, 0x900);
	queue(4, 0x900);
	reassemble(4, 0x900);
	hit(3, KFREE_SKB_PARTIAL);
	end(3);
	queue(5, 0x900);
	reassemble(5, 0x900);
	consume(4);
	consume(5);
	handed_on(
		"#1 dropped | #2 dropped | #3 merged into #4 | #4 consumed with #3 | #5 consumed");
}

/* Refused by the queue: too much of it, or twice. */
static void dropped_from_the_queue(void **state)
{
	(void)state;
	queue(1, 0x900);
	queue(2, 0x900);
	queue(3, 0x901);
	drop(2);
	reassemble(1, 0x900);
	reassemble(1, 0x902); /* none */
	consume(3);
	consume(1);
	handed_on("#2 dropped | #3 consumed | #1 consumed");
}

static void memory_runs_out(void **state)
{
	struct event e = {.packet = 4, .parent = 0x900};

	for (int joins = 0; joins < 2; joins++) {
		int n = 0;

		e.parent_kind = joins ? EDGE_REASSEMBLE : EDGE_QUEUE;
		do {
			path_story_teardown(state);
			path_story_setup(state);
			if (joins)
				queue(2, 0x900);
		} while (path_story_out_of_memory(&e, n++));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(head_comes_last),	      TEST(with_a_morph),
		TEST(taken_out_again),	      TEST(queue_addresses_are_reused),
		TEST(dropped_from_the_queue), TEST(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

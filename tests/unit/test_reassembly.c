// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
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

static void hit(uint64_t packet, enum log_func func)
{
	path_log_hit(&l, packet, func);
}

static void end(uint64_t packet)
{
	path_log_end(&l, packet, KFREE_SKBMEM);
}

static void consume(uint64_t packet)
{
	path_log_consume(&l, packet);
}

static void drop(uint64_t packet)
{
	path_log_drop(&l, packet);
}

static void queue(uint64_t packet, uint64_t address)
{
	begin(packet, EDGE_NONE, 0);
	path_log_edge(&l, packet, FRAG_INSERT, 0, EDGE_QUEUE, address);
}

static void reassemble(uint64_t packet, uint64_t address)
{
	path_log_edge(&l, packet, FRAG_FINISH, 0, EDGE_REASSEMBLE, address);
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
	path_log_edge(&l, 3, FRAG_INSERT, 0, EDGE_QUEUE, 0x900);
	begin(4, EDGE_CLONE, 3);
	hit(3, KFREE_SKB);
	l.skb = 0x1003;
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
	const struct path *p;
	struct hit *h;
	int err;

	for (int n = 0, joins = 0; joins < 2; n++) {
		teardown(state);
		setup(state);
		if (joins)
			queue(2, 0x900);
		e.parent_kind = joins ? EDGE_REASSEMBLE : EDGE_QUEUE;
		h = hit_new(l.pool, &e, NULL, 0);
		h->capture = l.capture;
		h->func = capture_func(l.capture, 1);
		alloc_fail_at(n);
		err = track_add(l.track, h, true, &p);
		if (!alloc_fail_end()) {
			assert_int_equal(err, 0);
			joins++;
			n = -1;
			continue;
		}
		assert_int_equal(err, -ENOMEM);
		assert_null(p);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(head_comes_last),	      TEST(with_a_morph),
		TEST(taken_out_again),	      TEST(queue_addresses_are_reused),
		TEST(dropped_from_the_queue), TEST(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

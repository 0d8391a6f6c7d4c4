// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/views/ranking.h"
#include "tests/support/alloc_fail.h"

static struct capture capture = {.tag = 7};
static struct hop hops[8];

/* A packet with two hops, one of which is hidden. */
static struct path path(uint64_t packet, int64_t first, int64_t last, uint64_t hits, bool dropped)
{
	hops[1].flags = EVENT_LIFECYCLE;
	return (struct path){.number = packet,
			     .packet = packet,
			     .capture = &capture,
			     .first = first,
			     .last = last,
			     .hops = hops,
			     .n_hops = 2,
			     .hits = hits,
			     .outcome = dropped ? OUTCOME_DROPPED : OUTCOME_CONSUMED};
}

static const struct {
	int64_t first;
	int64_t last;
	uint64_t hits;
	bool dropped;
} alone[] = {
	{50, 60, 4, false}, {10, 90, 3, true},	{30, 40, 9, false},
	{30, 110, 4, true}, {20, 21, 2, false},
};

static void add(struct ranking *r, size_t i)
{
	struct path p = path(i + 1, alone[i].first, alone[i].last, alone[i].hits, alone[i].dropped);
	struct path *one = &p;

	ranking_add(r, &one, 1);
}

/* The packets in order: "2 5 3". */
static const char *order(struct ranking *r)
{
	static char text[256];
	struct kept *k;
	size_t len = 0;

	text[0] = 0;
	while ((k = ranking_take(r))) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%llu", len ? " " : "",
					(unsigned long long)k->paths[0]->packet);
		kept_destroy(k);
	}
	ranking_destroy(r);
	return text;
}

static struct ranking *ranking(enum paths_order o, uint64_t top, bool all)
{
	struct ranking *r;

	assert_int_equal(
		ranking_create(o, top, (struct hop_choice){.all = all}, RANKING_MAX_BYTES, &r), 0);
	return r;
}

static const char *ranked(enum paths_order o, uint64_t top, bool backwards)
{
	struct ranking *r = ranking(o, top, false);

	for (size_t i = 0; i < 5; i++)
		add(r, backwards ? 4 - i : i);
	assert_int_equal(ranking_left_out(r), 0);
	return order(r);
}

/* In whatever order they come; of equal ones the earlier is first, then the lower number. */
static void each_order(void **state)
{
	(void)state;
	for (int backwards = 0; backwards < 2; backwards++) {
		assert_string_equal(ranked(ORDER_START, 0, backwards), "2 5 3 4 1");
		assert_string_equal(ranked(ORDER_DURATION, 0, backwards), "2 4 3 1 5");
		assert_string_equal(ranked(ORDER_HOPS, 0, backwards), "3 4 1 2 5");
		assert_string_equal(ranked(ORDER_DROPS, 0, backwards), "2 4 5 3 1");
		assert_string_equal(ranked(ORDER_DURATION, 3, backwards), "2 4 3");
		assert_string_equal(ranked(ORDER_HOPS, 1, backwards), "3");
		assert_string_equal(ranked(ORDER_START, 9, backwards), "2 5 3 4 1");
	}
}

static void a_family_counts_as_a_whole(void **state)
{
	struct path root = path(10, 100, 110, 2, true), child = path(11, 105, 300, 20, true);
	struct path *family[] = {&root, &child};
	struct ranking *r;

	(void)state;
	for (int o = ORDER_DURATION; o <= ORDER_DROPS; o++) {
		r = ranking((enum paths_order)o, 2, false);
		add(r, 1);
		add(r, 2);
		ranking_add(r, family, 2);
		assert_int_equal(strncmp(order(r), "10 ", 3), 0);
	}
	r = ranking(ORDER_START, 0, false);
	ranking_add(r, family, 2);
	add(r, 0);
	assert_string_equal(order(r), "1 10");
}

/* Hidden hops count only where they are shown. */
static void hidden_hops(void **state)
{
	struct path few = path(1, 0, 1, 5, false), hidden = path(2, 0, 1, 6, false), *one;
	struct hop all_hidden[4];
	struct ranking *r;

	(void)state;
	for (int i = 0; i < 4; i++)
		all_hidden[i] = (struct hop){.flags = EVENT_LIFECYCLE};
	hidden.hops = all_hidden;
	hidden.n_hops = 4;
	for (int all = 0; all < 2; all++) {
		r = ranking(ORDER_HOPS, 0, all);
		one = &few;
		ranking_add(r, &one, 1);
		one = &hidden;
		ranking_add(r, &one, 1);
		assert_string_equal(order(r), all ? "2 1" : "1 2");
	}
}

/* Against sorting all of them. */
static void many(void **state)
{
	uint64_t last = UINT64_MAX, packet = 0, left = 300;
	struct ranking *r = ranking(ORDER_DURATION, left, false);
	static int64_t durations[5000];
	int64_t least = INT64_MAX;
	struct kept *k;

	(void)state;
	srand(3);
	for (uint64_t i = 0; i < 5000; i++) {
		int64_t d = rand() % 400;
		struct path p = path(i + 1, 1000, 1000 + d, 2, false), *one = &p;

		durations[i] = d;
		ranking_add(r, &one, 1);
	}
	for (; (k = ranking_take(r)); left--) {
		const struct path *p = k->paths[0];
		uint64_t d = (uint64_t)(p->last - p->first);

		assert_true(d < last || (d == last && p->packet > packet));
		last = d;
		packet = p->packet;
		assert_int_equal(durations[packet - 1], d);
		durations[packet - 1] = -1;
		least = (int64_t)d;
		kept_destroy(k);
	}
	assert_int_equal(left, 0);
	for (size_t i = 0; i < 5000; i++)
		assert_true(durations[i] < least || (durations[i] == least && i + 1 > packet));
	ranking_destroy(r);
}

/* The best stay when there is no room, and what did not is counted. */
static void room(void **state)
{
	struct path root = path(10, 0, 1000, 2, false), child = path(11, 0, 1000, 2, false);
	struct path *family[] = {&root, &child};
	struct ranking *r;
	struct kept *k;
	size_t bytes;

	(void)state;
	assert_int_equal(kept_create(family, 1, &k), 0);
	bytes = k->bytes;
	kept_destroy(k);
	assert_int_equal(ranking_create(ORDER_DURATION, 0, (struct hop_choice){0}, 3 * bytes, &r),
			 0);
	for (size_t i = 0; i < 5; i++)
		add(r, i);
	assert_int_equal(ranking_left_out(r), 2);
	assert_string_equal(order(r), "2 4 3");

	assert_int_equal(ranking_create(ORDER_DURATION, 0, (struct hop_choice){0}, bytes, &r), 0);
	ranking_add(r, family, 2); /* larger than all the room */
	assert_int_equal(ranking_left_out(r), 2);
	assert_string_equal(order(r), "");

	/* What is worse than that does not fit either, though there is room now. */
	assert_int_equal(ranking_create(ORDER_DURATION, 0, (struct hop_choice){0}, 2 * bytes, &r),
			 0);
	root.last = 50;
	ranking_add(r, family, 1);
	add(r, 1);
	child.last = 49;
	family[0] = &child;
	ranking_add(r, family, 1);
	assert_int_equal(ranking_left_out(r), 1);
	family[0] = &root;
	family[1] = &child;
	ranking_add(r, family, 2); /* for which the other one goes, and that is not enough */
	assert_int_equal(ranking_left_out(r), 4);
	add(r, 0);
	assert_int_equal(ranking_left_out(r), 5);
	add(r, 3);
	assert_string_equal(order(r), "2 4");
}

static void out_of_memory(void **state)
{
	struct ranking *r;
	int n;

	(void)state;
	alloc_fail_at(0);
	n = ranking_create(ORDER_HOPS, 0, (struct hop_choice){0}, RANKING_MAX_BYTES, &r);
	if (!alloc_fail_end()) {
		ranking_destroy(r);
		return;
	}
	assert_int_equal(n, -ENOMEM);
	for (n = 0;; n++) {
		r = ranking(ORDER_HOPS, 0, false);
		alloc_fail_at(n);
		add(r, 0);
		if (!alloc_fail_end())
			break;
		assert_int_equal(ranking_left_out(r), 1);
		add(r, 1);
		assert_string_equal(order(r), "2");
	}
	assert_int_equal(n, 2);
	assert_string_equal(order(r), "1");
	ranking_destroy(NULL);
}

/* All a view reads is the copy's own. */
static void a_copy_is_whole(void **state)
{
	struct event_tuple tuples[3] = {{.family = 4, .sport = 1}, {.family = 4}, {.family = 6}};
	struct path root = path(5, 1, 9, 2, true), child = path(8, 2, 8, 2, false);
	struct path second = path(9, 3, 4, 0, false), *family[] = {&root, &child, &second};
	struct path_merge merges[2] = {{.packet = 70}, {.packet = 71}};
	struct kept *k;

	(void)state;
	root.child = &child;
	child.parent = second.parent = &root;
	child.sibling = &second;
	root.verdict = &hops[1];
	strcpy(root.unnamed_text, "reason 77");
	root.unnamed = root.unnamed_text;
	child.merged = merges;
	child.n_merged = 2;
	child.tuples = (struct tuples){.all = tuples, .headers = 5, .count = 3, .cap = 4};
	second.n_hops = 0;
	second.hops = NULL;
	assert_int_equal(kept_create(family, 3, &k), 0);
	memset(tuples, 0xee, sizeof(tuples));
	memset(merges, 0xee, sizeof(merges));
	memset(root.unnamed_text, 0xee, sizeof(root.unnamed_text));

	assert_int_equal(k->n, 3);
	assert_ptr_equal(k->paths[0]->child, k->paths[1]);
	assert_ptr_equal(k->paths[1]->parent, k->paths[0]);
	assert_ptr_equal(k->paths[1]->sibling, k->paths[2]);
	assert_null(k->paths[2]->sibling);
	assert_null(k->paths[0]->parent);
	assert_ptr_not_equal(k->paths[0]->hops, hops);
	assert_ptr_equal(k->paths[0]->verdict, k->paths[0]->hops + 1);
	assert_int_equal(k->paths[0]->hops[1].flags, EVENT_LIFECYCLE);
	assert_string_equal(k->paths[0]->unnamed, "reason 77");
	assert_int_equal(k->paths[1]->tuples.all[0].sport, 1);
	assert_int_equal(k->paths[1]->tuples.all[2].family, 6);
	assert_int_equal(k->paths[1]->tuples.headers, 5);
	assert_int_equal(k->paths[1]->merged[1].packet, 71);
	assert_null(k->paths[2]->verdict);
	assert_int_equal(k->paths[2]->last, 4);
	kept_destroy(k);
	kept_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_order),
		cmocka_unit_test(a_family_counts_as_a_whole),
		cmocka_unit_test(hidden_hops),
		cmocka_unit_test(many),
		cmocka_unit_test(room),
		cmocka_unit_test(out_of_memory),
		cmocka_unit_test(a_copy_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

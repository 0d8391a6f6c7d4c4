// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/views/shapes.h"
#include "tests/support/alloc_fail.h"

static struct captures captures;
static struct capture *capture, *other_host;
static const struct func rcv = {.name = "ip_rcv", .module = ""};
static const struct func rcv_there = {.name = "ip_rcv", .module = ""};
static const struct func drop = {.name = "kfree_skb", .module = ""};
static const struct func in_module = {.name = "ip_rcv", .module = "other"};

static int up(void **state)
{
	(void)state;
	capture = captures_get(&captures, 1);
	other_host = captures_get(&captures, 2);
	return !capture || !other_host;
}

static int down(void **state)
{
	(void)state;
	captures_deinit(&captures);
	return 0;
}

/* A packet that is received, and dropped so long after. */
struct life {
	struct path path;
	struct hop hops[3];
};

static void live(struct life *l, uint64_t packet, uint64_t delay)
{
	*l = (struct life){
		.hops = {{.func = &rcv, .ktime = 1000 * packet},
			 {.func = &rcv, .ktime = 1000 * packet + 1, .flags = EVENT_LIFECYCLE},
			 {.func = &drop, .ktime = 1000 * packet + delay, .flags = EVENT_REASON}},
		.path = {.number = packet,
			 .packet = packet,
			 .capture = capture,
			 .first = (int64_t)(1000 * packet),
			 .last = (int64_t)(1000 * packet + delay),
			 .n_hops = 3,
			 .hits = 3,
			 .outcome = OUTCOME_DROPPED,
			 .reason = "NO_SOCKET",
			 .culprit = 0x100}};
	l->path.hops = l->hops;
}

static void add(struct shapes *s, struct life *l)
{
	struct path *one = &l->path;

	shapes_add(s, &one, 1);
}

static struct shapes *shapes(bool all)
{
	struct shapes *s;

	assert_int_equal(shapes_create((struct hop_choice){.all = all}, SHAPES_MAX_BYTES, &s), 0);
	return s;
}

/* How many groups that and l's plain form make. */
static size_t groups_with(struct life *l, bool all)
{
	struct shapes *s = shapes(all);
	struct life plain;
	size_t n;

	live(&plain, 1, 10);
	add(s, &plain);
	l->path.hops = l->hops;
	add(s, l);
	shapes_sorted(s, &n);
	assert_int_equal(shapes_others(s), 0);
	shapes_destroy(s);
	return n;
}

#define DIFFERENT(change)                                    \
	do {                                                 \
		live(&l, 2, 20);                             \
		change;                                      \
		assert_int_equal(groups_with(&l, false), 2); \
	} while (0)
#define EQUAL(change)                                        \
	do {                                                 \
		live(&l, 2, 20);                             \
		change;                                      \
		assert_int_equal(groups_with(&l, false), 1); \
	} while (0)

static void what_is_compared(void **state)
{
	struct life l;

	(void)state;
	EQUAL((void)0);
	EQUAL(l.hops[0].cpu = 3);
	EQUAL(l.hops[0].netns = 3);
	EQUAL(l.hops[2].mark = 3);
	EQUAL(l.hops[2].caller = 3);
	EQUAL(l.hops[0].func = &rcv_there);
	EQUAL(l.path.capture = other_host; l.path.culprit = 0x100);
	DIFFERENT(l.hops[2].func = &rcv);
	DIFFERENT(l.hops[0].func = &in_module);
	DIFFERENT(l.hops[0].flags = EVENT_RETURN);
	DIFFERENT(l.path.n_hops = 2);
	DIFFERENT(l.hops[1].flags = 0);
	DIFFERENT(l.path.outcome = OUTCOME_CONSUMED);
	DIFFERENT(l.path.reason = "TCP_CSUM");
	DIFFERENT(l.path.reason = NULL);
	DIFFERENT(l.path.reason = NULL; l.path.unnamed = "reason 9");
	DIFFERENT(l.path.culprit = 0x200);
	DIFFERENT(l.path.origin.kind = EDGE_CLONE);
	/* A hidden hop counts where it is shown. */
	EQUAL(l.hops[1].func = &drop);
	assert_int_equal(groups_with(&l, true), 2);
}

static void merges_are_compared_by_who_did_it(void **state)
{
	struct life a, b;
	struct shapes *s = shapes(false);
	size_t n;

	(void)state;
	live(&a, 1, 1);
	live(&b, 2, 1);
	a.path.outcome = b.path.outcome = OUTCOME_MERGED;
	a.path.into = (struct path_merge){.packet = 8, .func = &rcv, .kind = EDGE_MERGE};
	b.path.into = (struct path_merge){.packet = 9, .func = &rcv_there, .kind = EDGE_MERGE};
	add(s, &a);
	add(s, &b);
	shapes_sorted(s, &n);
	assert_int_equal(n, 1);
	b.path.into.func = &drop;
	add(s, &b);
	shapes_sorted(s, &n);
	assert_int_equal(n, 2);
	shapes_destroy(s);
}

/* root with two children, the second of which has one: in two orders of appearance. */
static void a_family_folds_as_a_tree(void **state)
{
	struct path *first[4], *second[4];
	struct life a[4], b[4];
	struct shape *const *all;
	struct shapes *s = shapes(false);
	size_t n;

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		live(&a[i], 1 + i, 10 * (1 + i));
		live(&b[i], 11 + i, 10 * (1 + i));
		a[i].path.hops = a[i].hops;
		b[i].path.hops = b[i].hops;
		first[i] = &a[i].path;
		second[i] = &b[i].path;
	}
	/* 1 -> 2, 3; 3 -> 4.  11 -> 12 and 14, 14 -> 13: its child was seen before it. */
	first[0]->child = first[1];
	first[1]->sibling = first[2];
	first[2]->child = first[3];
	first[1]->parent = first[2]->parent = first[0];
	first[3]->parent = first[2];
	second[0]->child = second[1];
	second[1]->sibling = second[3];
	second[3]->child = second[2];
	second[1]->parent = second[3]->parent = second[0];
	second[2]->parent = second[3];
	shapes_add(s, first, 4);
	shapes_add(s, second, 4);
	all = shapes_sorted(s, &n);
	assert_int_equal(n, 1);
	assert_int_equal(all[0]->count, 2);
	assert_int_equal(all[0]->hits, 24);
	assert_int_equal(all[0]->n_edges, 4);
	/* Edges in the order of the tree: 3 and 14 are third. */
	assert_int_equal(percentiles_at(&all[0]->edges[2], 1), 30);
	assert_int_equal(percentiles_at(&all[0]->edges[2], 1000), 40);
	assert_int_equal(all[0]->first, 1000);
	assert_int_equal(all[0]->last, 11000);

	/* The same members as another tree. */
	second[3]->child = second[2]->parent = NULL;
	second[3]->sibling = second[2];
	second[2]->parent = second[0];
	shapes_add(s, second, 4);
	shapes_sorted(s, &n);
	assert_int_equal(n, 2);
	shapes_destroy(s);
}

static void counts_and_percentiles(void **state)
{
	struct shapes *s = shapes(false);
	struct shape *const *all;
	struct life l;
	size_t n;

	(void)state;
	live(&l, 500, 5);
	l.path.reason = "OTHER";
	add(s, &l);
	live(&l, 400, 5);
	l.path.reason = "EARLIER";
	add(s, &l);
	for (uint64_t i = 100; i; i--) {
		live(&l, i, i);
		add(s, &l);
	}
	all = shapes_sorted(s, &n);
	assert_int_equal(n, 3);
	assert_int_equal(all[0]->count, 100);
	assert_int_equal(all[0]->example->paths[0]->packet, 100);
	assert_int_equal(all[0]->n_edges, 1);
	assert_in_range(percentiles_at(&all[0]->edges[0], 500), 49, 51);
	assert_in_range(percentiles_at(&all[0]->edges[0], 990), 98, 100);
	assert_in_range(percentiles_at(&all[0]->duration, 990), 98, 100);
	assert_int_equal(all[0]->first, 1000);
	assert_int_equal(all[0]->last, 100000);
	assert_string_equal(all[1]->example->paths[0]->reason, "EARLIER");
	assert_int_equal(shapes_delays_left_out(s), 0);
	shapes_destroy(s);
}

static void no_hops(void **state)
{
	struct shapes *s = shapes(false);
	struct shape *const *all;
	struct life l;
	size_t n;

	(void)state;
	live(&l, 1, 1);
	l.path.n_hops = 0;
	add(s, &l);
	all = shapes_sorted(s, &n);
	assert_int_equal(all[0]->n_edges, 0);
	live(&l, 2, 1);
	for (int i = 0; i < 3; i++)
		l.hops[i].flags = EVENT_LIFECYCLE;
	add(s, &l);
	shapes_sorted(s, &n);
	assert_int_equal(n, 1);
	shapes_destroy(s);
}

/* What has no room in a new group is counted; those that are there go on. */
static void room(void **state)
{
	struct shape *const *all;
	struct shapes *s;
	struct life l;
	size_t n;

	(void)state;
	assert_int_equal(shapes_create((struct hop_choice){0}, 4000, &s), 0);
	for (uint64_t i = 0; i < 20; i++) {
		live(&l, 1 + i, 1);
		l.path.culprit = i % 10;
		add(s, &l);
	}
	all = shapes_sorted(s, &n);
	assert_in_range(n, 1, 4);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(all[i]->count, 2);
	assert_int_equal(shapes_others(s), 20 - 2 * n);
	shapes_destroy(s);
}

/* Who merged it is not in the hash: a list that is made long on purpose ends somewhere. */
static void many_of_one_hash(void **state)
{
	static char names[40][8];
	static struct func mergers[40];
	struct shapes *s = shapes(false);
	struct life l;
	size_t n;

	(void)state;
	for (int round = 0; round < 2; round++)
		for (uint64_t i = 0; i < 40; i++) {
			snprintf(names[i], sizeof(names[i]), "f%d", (int)i);
			mergers[i] = (struct func){.name = names[i], .module = ""};
			live(&l, 1 + i, 1);
			l.path.outcome = OUTCOME_MERGED;
			l.path.into = (struct path_merge){.func = &mergers[i]};
			add(s, &l);
		}
	shapes_sorted(s, &n);
	assert_int_equal(n, 16);
	assert_int_equal(shapes_others(s), 2 * (40 - 16));
	shapes_destroy(s);
}

static void out_of_memory(void **state)
{
	struct shape *const *all;
	struct shapes *s = NULL;
	struct life l;
	size_t groups;
	int n, err;

	(void)state;
	alloc_fail_at(0);
	err = shapes_create((struct hop_choice){0}, SHAPES_MAX_BYTES, &s);
	if (alloc_fail_end())
		assert_int_equal(err, -ENOMEM);
	else
		shapes_destroy(s);
	live(&l, 1, 1);
	for (n = 0;; n++) {
		s = shapes(false);
		alloc_fail_at(n);
		add(s, &l);
		if (!alloc_fail_end())
			break;
		all = shapes_sorted(s, &groups);
		/* Either there is no group, or a sample went into a histogram. */
		assert_int_equal(shapes_others(s), !groups);
		assert_true(!groups || all[0]->count == 1);
		add(s, &l);
		shapes_sorted(s, &groups);
		assert_int_equal(groups, 1);
		shapes_destroy(s);
	}
	assert_true(n > 5 || !ALLOC_FAIL_WORKS);
	shapes_destroy(s);
	shapes_destroy(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_compared),
		TEST(merges_are_compared_by_who_did_it),
		TEST(a_family_folds_as_a_tree),
		TEST(counts_and_percentiles),
		TEST(no_hops),
		TEST(room),
		TEST(many_of_one_hash),
		TEST(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

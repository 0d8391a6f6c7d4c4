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
#include "tests/support/alloc_fail.h"

static int note(struct capture *c, enum note_type type, uint64_t ktime, const char *body,
		uint32_t len)
{
	struct event_note n = {
		.type = (uint16_t)type, .ktime = ktime, .body = body, .body_len = len};

	return capture_add_note(c, &n);
}

static int text_note(struct capture *c, enum note_type type, uint64_t ktime, const char *body)
{
	return note(c, type, ktime, body, (uint32_t)strlen(body));
}

static void notes_are_kept_in_order(void **state)
{
	struct captures all = {0};
	struct capture *c = captures_get(&all, 1);
	char body[] = "name=veth\nstate=loaded\n";

	(void)state;
	assert_int_equal(text_note(c, NOTE_MODULE, 5, body), 0);
	memset(body, 'x', sizeof(body)); /* what it was read from is gone */
	assert_int_equal(text_note(c, NOTE_COUNTERS, 6, "recorded=3\n"), 0);
	assert_int_equal(note(c, NOTE_CLOCK, 7, NULL, 0), 0);
	assert_int_equal(text_note(c, 99, 8, "a=b\n"), 0);
	assert_int_equal(text_note(c, NOTE_NETNS, 9, "inode=4026532000\nname=late\n"), 0);
	assert_int_equal(text_note(c, NOTE_CLOSE, 10, "recorded=4\nend=why\n"), 0);
	assert_int_equal(c->n_notes, 3);
	assert_int_equal(c->notes[0]->type, NOTE_MODULE);
	assert_int_equal(c->notes[0]->ktime, 5);
	assert_int_equal(c->notes[0]->len, 23);
	assert_memory_equal(c->notes[0]->body, "name=veth\nstate=loaded\n", 23);
	assert_int_equal(c->notes[1]->type, NOTE_CLOCK);
	assert_int_equal(c->notes[1]->len, 0);
	assert_int_equal(c->notes[2]->type, NOTE_NETNS);
	assert_int_equal(c->notes_left_out, 0);
	assert_int_equal(c->counters[COUNTER_RECORDED], 4);
	assert_true(capture_closed(c) && c->closed_at == 10);
	assert_string_equal(c->end, "why");
	captures_deinit(&all);
}

/* A recording of a year does not fill memory. */
/* Files of one recording that overlap in time: a short last one is read before the end of the one
 * before it. */
static void the_last_file_counts(void **state)
{
	struct captures all = {0};
	struct capture *c = captures_get(&all, 1);

	(void)state;
	c->last_file = 2;
	assert_int_equal(text_note(c, NOTE_CLOSE, 5, "recorded=5\nmore=1\nend=b\n"), 0);
	assert_int_equal(text_note(c, NOTE_CLOSE, 3, "recorded=3\nmore=0\nend=a\n"), 0);
	assert_int_equal(c->counters[COUNTER_RECORDED], 5);
	assert_string_equal(c->end, "b");
	assert_false(capture_closed(c));
	assert_int_equal(text_note(c, NOTE_COUNTERS, 6, "recorded=6\n"), 0);
	assert_int_equal(c->counters[COUNTER_RECORDED], 6);
	assert_int_equal(text_note(c, NOTE_CLOSE, 9, "recorded=9\nend=last\n"), 0);
	assert_int_equal(text_note(c, NOTE_COUNTERS, 7, "recorded=7\n"), 0);
	assert_int_equal(text_note(c, NOTE_CLOSE, 5, "recorded=5\nmore=1\nend=b\n"), 0);
	assert_int_equal(c->counters[COUNTER_RECORDED], 9);
	assert_int_equal(c->closed_at, 9);
	assert_string_equal(c->end, "last");
	assert_true(capture_closed(c));
	captures_deinit(&all);
}

static void notes_are_bounded(void **state)
{
	struct captures all = {0};
	struct capture *c = captures_get(&all, 1);
	static char big[CAPTURE_MAX_NOTE + 1];

	(void)state;
	assert_int_equal(note(c, NOTE_MODULE, 1, big, CAPTURE_MAX_NOTE), 0);
	assert_int_equal(note(c, NOTE_MODULE, 2, big, CAPTURE_MAX_NOTE + 1), 0);
	assert_int_equal(c->n_notes, 1);
	assert_int_equal(c->notes_left_out, 1);
	for (uint64_t i = 0; i < 100000; i++)
		assert_int_equal(text_note(c, NOTE_NETNS, i, "inode=5\nname=now\n"), 0);
	assert_int_equal(c->n_notes, CAPTURE_MAX_NOTES);
	assert_int_equal(c->notes[CAPTURE_MAX_NOTES - 1]->ktime, CAPTURE_MAX_NOTES - 2);
	assert_int_equal(c->notes_left_out, 1 + 100001 - CAPTURE_MAX_NOTES);
	/* What they say is known still. */
	assert_int_equal(text_note(c, NOTE_NETNS, 0, "inode=6\nname=late\n"), 0);
	assert_string_equal(capture_netns(c, 6), "late");
	captures_deinit(&all);
}

/* Neither name is wrong for all hits, so both are said; once each, and not without end. */
static void number_given_out_twice(void **state)
{
	struct captures all = {0};
	struct capture *c = captures_get(&all, 1);
	char body[64];

	(void)state;
	assert_int_equal(text_note(c, NOTE_NETNS, 1, "inode=5\nname=aa\n"), 0);
	assert_int_equal(text_note(c, NOTE_NETNS, 2, "inode=5\nname=aa\n"), 0);
	assert_string_equal(capture_netns(c, 5), "aa");
	assert_int_equal(text_note(c, NOTE_NETNS, 3, "inode=5\nname=a\n"), 0);
	assert_string_equal(capture_netns(c, 5), "aa or a");
	assert_int_equal(text_note(c, NOTE_NETNS, 4, "inode=5\nname=b\n"), 0);
	assert_int_equal(text_note(c, NOTE_NETNS, 5, "inode=5\nname=a\n"), 0);
	assert_int_equal(text_note(c, NOTE_NETNS, 6, "inode=5\nname=aa\n"), 0);
	assert_string_equal(capture_netns(c, 5), "aa or a or b");
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(body, sizeof(body), "inode=5\nname=%u\n", i);
		assert_int_equal(text_note(c, NOTE_NETNS, i, body), 0);
	}
	assert_in_range(strlen(capture_netns(c, 5)), 100, 255);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(text_note(c, NOTE_NETNS, 2000 + i, "inode=6\nname= or a\n"), 0);
	assert_string_equal(capture_netns(c, 6), " or a");
	captures_deinit(&all);
}

static void what_does_not_fit_is_no_name(void **state)
{
	static const char *const bad[] = {"inode=\nname=x\n", "inode=5x\nname=x\n", "name=x\n",
					  "inode=4294967301\nname=x\n", "inode=5\n"};
	struct captures all = {0};
	struct capture *c = captures_get(&all, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(text_note(c, NOTE_NETNS, 0, bad[i]), 0);
	assert_null(capture_netns(c, 5));
	assert_null(capture_netns(c, 0));
	assert_int_equal(text_note(c, NOTE_CLOSE, 0, "recorded=7\nlost_ring=1x\n"), 0);
	assert_int_equal(text_note(c, NOTE_CLOSE, 0, "recorded=99999999999999999999\n"), 0);
	assert_int_equal(c->counters[COUNTER_RECORDED], 7);
	assert_int_equal(c->counters[COUNTER_LOST_RING], 0);
	captures_deinit(&all);
}

static void one_gap(void *ctx, const struct ledger_gap *g)
{
	*(struct ledger_gap *)ctx = *g;
}

/* What was lost, CPU by CPU, and whether the kernel counted nested hits. */
static void counters_of_cpus(void **state)
{
	static const char *const bad[] = {
		"lost_cpu=1 2\n", "lost_cpu1\n",       "lost_cpux=1 2\n", "lost_cpu65536=1 2\n",
		"lost_cpu1=1\n",  "lost_cpu1=1 2 3\n", "lost_cpu1=1 x\n", "lost_cpu1= 1 2\n"};
	struct captures all = {0};
	struct capture *c = captures_get(&all, 1);
	struct ledger_gap g = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(text_note(c, NOTE_COUNTERS, 0, bad[i]), 0);
	ledger_gaps(c->ledger, one_gap, &g);
	assert_int_equal(g.hits, 0);
	assert_int_equal(c->nested, NESTED_UNKNOWN);
	assert_int_equal(text_note(c, NOTE_COUNTERS, 5, "nested=counted\nlost_cpu3=9 1\n"), 0);
	assert_int_equal(c->nested, NESTED_COUNTED);
	ledger_gaps(c->ledger, one_gap, &g);
	assert_true(g.cpu == 3 && g.hits == 10 && g.lost == 10 && g.read == 1);
	assert_true(g.to == INT64_MAX); /* no hit told the clock */
	c->has_clock = true;
	c->clock = 1000;
	assert_int_equal(text_note(c, NOTE_CLOSE, 7, "nested=anything else\nlost_cpu3=9 2\n"), 0);
	assert_int_equal(c->nested, NESTED_UNCOUNTED);
	ledger_gaps(c->ledger, one_gap, &g);
	assert_true(g.lost == 11 && g.read == 2 && g.to == 1007);
	captures_deinit(&all);
}

static void notes_without_memory(void **state)
{
	struct captures all;
	struct capture *c;
	int err;

	(void)state;
	for (int n = 0;; n++) {
		all = (struct captures){0};
		c = captures_get(&all, 1);
		assert_int_equal(text_note(c, NOTE_MODULE, 1, "name=a\nstate=b\n"), 0);
		alloc_fail_at(n);
		err = text_note(c, NOTE_INTERFACE, 2, "netns=1\nifindex=2\nname=x\n");
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(c->n_notes, 1);
		captures_deinit(&all);
	}
	assert_int_equal(err, 0);
	assert_int_equal(c->n_notes, 2);
	captures_deinit(&all);
}

static int func(struct capture *c, uint64_t addr, const char *name)
{
	struct event_func f = {.addr = addr, .how = FUNC_KPROBE};

	snprintf(f.name, sizeof(f.name), "%s", name);
	return capture_add_func(c, &f);
}

/* Of one address the first counts; a hit of another adds none to the list. */
static void functions_are_listed_in_order(void **state)
{
	struct captures all = {0};
	struct capture *c = captures_get(&all, 1);
	const struct func *f;

	(void)state;
	assert_null(c->funcs_first);
	assert_int_equal(func(c, 30, "c"), 0);
	assert_int_equal(func(c, 10, "a"), 0);
	assert_int_equal(func(c, 0, "pwru-other"), 0);
	assert_int_equal(func(c, 30, "again"), 0);
	assert_non_null(capture_func(c, 20));
	assert_int_equal(func(c, 15, "b"), 0);
	f = c->funcs_first;
	assert_string_equal(f->name, "c");
	assert_string_equal(f->next->name, "a");
	assert_string_equal(f->next->next->name, "b");
	assert_null(f->next->next->next);
	captures_deinit(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_are_kept_in_order),
		cmocka_unit_test(the_last_file_counts),
		cmocka_unit_test(notes_are_bounded),
		cmocka_unit_test(number_given_out_twice),
		cmocka_unit_test(what_does_not_fit_is_no_name),
		cmocka_unit_test(counters_of_cpus),
		cmocka_unit_test(notes_without_memory),
		cmocka_unit_test(functions_are_listed_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

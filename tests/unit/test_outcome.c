// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/path/outcome.h"

enum { PLAIN, DROP, CONSUME, REASON, DYING, RELEASE, FREE, KINDS };

static const struct func funcs[KINDS] = {
	[PLAIN] = {.name = "ip_rcv"},
	[DROP] = {.name = "kfree_skb", .roles = FUNC_ROLE_DROP},
	[CONSUME] = {.name = "consume_skb", .roles = FUNC_ROLE_CONSUME},
	[REASON] = {.name = "kfree_skb_reason", .roles = FUNC_ROLE_REASON},
	[DYING] = {.name = "__kfree_skb", .roles = FUNC_ROLE_DYING | FUNC_ROLE_RELEASE},
	[RELEASE] = {.name = "skb_release_data", .roles = FUNC_ROLE_RELEASE},
	[FREE] = {.name = "kfree_skbmem", .roles = FUNC_ROLE_FREE | FUNC_ROLE_RELEASE},
};

#define END -1

static struct captures captures;

/* The path of these functions, up to END; `reason` is what REASON says. */
static struct path judged(uint32_t reason, const int *kinds)
{
	static struct hop hops[16];
	struct path p = {.hops = hops, .capture = captures_get(&captures, 1)};

	memset(hops, 0, sizeof(hops));
	for (; kinds[p.n_hops] != END; p.n_hops++)
		hops[p.n_hops] =
			(struct hop){.func = &funcs[kinds[p.n_hops]],
				     .caller = 0x100 + p.n_hops,
				     .reason = reason,
				     .flags = kinds[p.n_hops] == REASON ? EVENT_REASON : 0};
	outcome_judge(&p);
	return p;
}

#define JUDGED(reason, ...) judged(reason, (const int[]){__VA_ARGS__, END})

static void by_what_had_it_taken_apart(void **state)
{
	struct path p;

	(void)state;
	p = JUDGED(7, PLAIN, REASON, DYING, RELEASE, FREE);
	assert_int_equal(p.outcome, OUTCOME_DROPPED);
	assert_int_equal(p.culprit, 0x101);
	assert_string_equal(p.unnamed_text, "reason 7");
	p = JUDGED(0, PLAIN, DROP, DYING, DYING, RELEASE, FREE);
	assert_int_equal(p.outcome, OUTCOME_DROPPED);
	assert_null(p.reason);
	p = JUDGED(0, PLAIN, CONSUME, DYING, FREE);
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
	assert_ptr_equal(p.verdict->func, &funcs[CONSUME]);
	/* Its own function: tcp_ack -> __kfree_skb. */
	p = JUDGED(0, PLAIN, DYING, DYING, RELEASE, FREE);
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
	assert_ptr_equal(p.verdict->func, &funcs[DYING]);
	assert_int_equal(p.culprit, 0x101);
}

/* Dropped while shared, and then ended otherwise. */
static void shared_frees_do_not_count(void **state)
{
	struct path p;

	(void)state;
	p = JUDGED(7, REASON, PLAIN, CONSUME, DYING, FREE);
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
	p = JUDGED(7, CONSUME, PLAIN, REASON, DYING, FREE);
	assert_int_equal(p.outcome, OUTCOME_DROPPED);
	p = JUDGED(7, REASON, PLAIN, DYING, FREE);
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
	p = JUDGED(7, REASON, PLAIN, DYING, PLAIN, DYING, FREE);
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
}

/* Where no function that takes apart was probed the last word counts. */
static void without_the_taking_apart(void **state)
{
	struct path p;

	(void)state;
	p = JUDGED(7, PLAIN, REASON, PLAIN, FREE);
	assert_int_equal(p.outcome, OUTCOME_DROPPED);
	p = JUDGED(0, PLAIN, RELEASE, FREE);
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
	assert_ptr_equal(p.verdict->func, &funcs[PLAIN]);
	p = JUDGED(0, RELEASE, FREE);
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
	assert_null(p.verdict);
	p = JUDGED(0, END); /* hops were not kept */
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
	assert_null(p.verdict);
}

/* 0 is "not dropped yet" in every kernel that has reasons. */
static void reasons_that_are_no_drop(void **state)
{
	struct path p;

	(void)state;
	p = JUDGED(0, PLAIN, REASON, DYING);
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
	assert_null(p.unnamed);
}

static void another_cpu_between(void **state)
{
	static struct hop hops[3];
	struct path p = {.hops = hops, .n_hops = 3, .capture = captures_get(&captures, 1)};

	(void)state;
	hops[0] = (struct hop){.func = &funcs[CONSUME], .cpu = 1};
	hops[1] = (struct hop){.func = &funcs[PLAIN], .cpu = 0};
	hops[2] = (struct hop){.func = &funcs[DYING], .cpu = 1};
	outcome_judge(&p);
	assert_ptr_equal(p.verdict, &hops[0]);
}

/* What made it did not end it. */
static void nothing_but_its_birth(void **state)
{
	static struct hop hops[2];
	struct path p = {.hops = hops, .n_hops = 2, .capture = captures_get(&captures, 1)};

	(void)state;
	hops[0] = (struct hop){.func = &funcs[PLAIN], .flags = EVENT_RETURN};
	hops[1] = (struct hop){.func = &funcs[FREE]};
	outcome_judge(&p);
	assert_int_equal(p.outcome, OUTCOME_CONSUMED);
	assert_null(p.verdict);
}

static void words(void **state)
{
	(void)state;
	for (int i = 0; i < OUTCOMES; i++) {
		assert_non_null(outcome_name((enum outcome)i));
		assert_null(strchr(outcome_word((enum outcome)i), ' '));
	}
	assert_string_equal(outcome_name(OUTCOME_NO_END), "end not seen");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_what_had_it_taken_apart),
		cmocka_unit_test(shared_frees_do_not_count),
		cmocka_unit_test(without_the_taking_apart),
		cmocka_unit_test(reasons_that_are_no_drop),
		cmocka_unit_test(another_cpu_between),
		cmocka_unit_test(nothing_but_its_birth),
		cmocka_unit_test(words),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	captures_deinit(&captures);
	return failed;
}

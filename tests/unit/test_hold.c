// SPDX-License-Identifier: GPL-2.0-only
/* --filter-drop: what is held back until a packet's end tells, what goes on, and in which order. */
#include "record/hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/event.h"

enum func { PLAIN, REASON, DROP, CONSUME, DYING, FREE, FUNCS };

#define CONSUMED_REASON 1
#define REAL_REASON	5

static const uint16_t roles[FUNCS] = {
	[REASON] = FUNC_ROLE_REASON,
	[DROP] = FUNC_ROLE_DROP,
	[CONSUME] = FUNC_ROLE_CONSUME,
	[DYING] = FUNC_ROLE_DYING | FUNC_ROLE_RELEASE,
	[FREE] = FUNC_ROLE_FREE | FUNC_ROLE_RELEASE,
};

static struct hold *h;
static char passed[4096]; /* "packet:seq" of what went on */
static uint64_t seq;

static void on_hit(void *ctx, const struct pwru_event *e, size_t size)
{
	const uint8_t *p = (const uint8_t *)e;

	assert_ptr_equal(ctx, passed);
	/* What comes behind the event arrives whole. */
	for (size_t i = sizeof(*e); i < size; i++)
		assert_int_equal(p[i], (uint8_t)e->seq);
	snprintf(passed + strlen(passed), sizeof(passed) - strlen(passed), "%s%llu:%llu",
		 *passed ? " " : "", (unsigned long long)e->packet, (unsigned long long)e->seq);
}

static int setup(void **state)
{
	(void)state;
	*passed = 0;
	seq = 0;
	return hold_create(roles, FUNCS, CONSUMED_REASON, on_hit, passed, &h);
}

static int teardown(void **state)
{
	(void)state;
	hold_destroy(h);
	return 0;
}

/* Of another size each time. */
static void hit_for(uint64_t packet, enum func func, uint32_t reason)
{
	size_t size = sizeof(struct pwru_event) + seq % 13;
	struct pwru_event *e = calloc(1, size);

	assert_non_null(e);
	e->packet = packet;
	e->func = func;
	e->reason = reason;
	e->seq = ++seq;
	memset((uint8_t *)e + sizeof(*e), (uint8_t)seq, size - sizeof(*e));
	hold_hit(h, e, size);
	free(e);
}

static void hit(uint64_t packet, enum func func)
{
	hit_for(packet, func, 0);
}

static void rounds(int n)
{
	while (n--)
		hold_round(h, 0);
}

static void dropped_goes_on_whole(void **state)
{
	(void)state;
	hit(7, PLAIN);
	hit(7, PLAIN);
	hit_for(7, REASON, REAL_REASON);
	hit(7, DYING);
	hit(7, FREE);
	assert_string_equal(passed, "");
	rounds(3);
	assert_string_equal(passed, "7:1 7:2 7:3 7:4 7:5");
	assert_int_equal(hold_kept_back(h), 0);
	assert_int_equal(hold_lost(h), 0);
}

static void consumed_does_not(void **state)
{
	(void)state;
	hit(7, PLAIN);
	hit(7, CONSUME);
	hit(7, FREE);
	/* A reason that says "consumed", none yet, and no word at all. */
	hit_for(8, REASON, CONSUMED_REASON);
	hit(8, FREE);
	hit_for(9, REASON, 0);
	hit(9, FREE);
	hit(10, PLAIN);
	hit(10, FREE);
	rounds(3);
	assert_string_equal(passed, "");
	assert_int_equal(hold_kept_back(h), 3 + 2 + 2 + 2);
}

static void dropped_without_a_reason(void **state)
{
	(void)state;
	hit(7, DROP);
	hit(7, FREE);
	rounds(3);
	assert_string_equal(passed, "7:1 7:2");
}

static void the_last_word_counts(void **state)
{
	(void)state;
	hit_for(7, REASON, REAL_REASON); /* gave up one reference of two */
	hit(7, CONSUME);
	hit(7, FREE);
	hit(8, CONSUME);
	hit(8, DROP);
	hit(8, FREE);
	rounds(3);
	assert_string_equal(passed, "8:4 8:5 8:6");
}

/* Packets at once do not mix, and each goes on when it is due. */
static void interleaved(void **state)
{
	(void)state;
	hit(1, PLAIN);
	hit(2, PLAIN);
	hit(3, PLAIN);
	hit(2, DROP);
	hit(1, PLAIN);
	hit(2, FREE);
	rounds(3);
	assert_string_equal(passed, "2:2 2:4 2:6");
	hit(3, CONSUME);
	hit(3, FREE);
	hit(1, DROP);
	hit(1, DYING);
	rounds(3);
	assert_string_equal(passed, "2:2 2:4 2:6 1:1 1:5 1:9 1:10");
	assert_int_equal(hold_kept_back(h), 3);
}

/* Another CPU's buffer is read after the end was: its hits, and its word, still count. */
static void late_hits_of_another_cpu(void **state)
{
	(void)state;
	hit(7, PLAIN);
	hit(7, FREE);
	rounds(1);
	hit_for(7, REASON, REAL_REASON);
	rounds(1);
	assert_string_equal(passed, "");
	rounds(1);
	assert_string_equal(passed, "7:1 7:2 7:3");
}

/* The recording ends: what has ended is judged at once, what lives on was not dropped. */
static void end_of_the_recording(void **state)
{
	(void)state;
	hit(1, PLAIN);
	hit(1, DROP); /* a reference; its end was not seen */
	hit(2, DROP);
	hit(2, FREE);
	hold_round(h, 1);
	assert_string_equal(passed, "2:3 2:4");
	assert_int_equal(hold_kept_back(h), 2);
}

static void without_a_number(void **state)
{
	(void)state;
	hit(0, DROP);
	hit(0, FREE);
	hold_round(h, 1);
	assert_string_equal(passed, "");
	assert_int_equal(hold_lost(h), 2);
}

/* Beyond HOLD_MAX the packet that began first goes, and is counted; one about to be judged does
 * not. */
static void too_much(void **state)
{
	size_t size = 1 << 20, most = HOLD_MAX / size;
	struct pwru_event *e = calloc(1, size);

	(void)state;
	assert_non_null(e);
	hit(1, DROP);
	hit(1, FREE);
	hit(2, PLAIN);
	hit(2, PLAIN);
	e->func = PLAIN;
	e->packet = 3;
	for (size_t i = 0; i < most; i++) {
		e->packet = 3 + i;
		hold_hit(h, e, size);
	}
	free(e);
	assert_in_range(hold_lost(h), 2 + 1,
			2 + 2); /* of 2 both, and one or two of the large ones */
	rounds(3);
	assert_string_equal(passed, "1:1 1:2");
	hit(2, DROP);
	hit(2, FREE);
	rounds(3);
	assert_string_equal(passed, "1:1 1:2 2:5 2:6");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dropped_goes_on_whole),
		TEST(consumed_does_not),
		TEST(dropped_without_a_reason),
		TEST(the_last_word_counts),
		TEST(interleaved),
		TEST(late_hits_of_another_cpu),
		TEST(end_of_the_recording),
		TEST(without_a_number),
		TEST(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

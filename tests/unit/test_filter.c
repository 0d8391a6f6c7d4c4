// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "common/log.h"
#include "report/read/capture.h"
#include "report/filter/filter.h"
#include "tests/support/alloc_fail.h"
#include "tests/support/capture_builder.h"
#include "tests/support/hit_fixture.h"

#define FIRST INT64_C(1795377600000000000) /* 2026-11-22T20:00:00Z */

static struct func func = {.name = "f", .module = "", .name_len = 1};

/* 10.0.1.1:1 > 10.0.1.2:80, after so many ns. */
static struct hit *hit(uint64_t packet, int64_t after, uint32_t len)
{
	struct event e = {.tag = 1, .packet = packet, .len = len};
	uint8_t frame[96];
	uint32_t n = builder_tcp4(frame, 0x0a000101, 1, 0x0a000102, 80, 2);

	return hit_made(&e, frame, n, &func, FIRST + after);
}

static struct filter *filter_of(const struct report_options *o)
{
	struct filter *f = NULL;

	assert_int_equal(filter_create(o, &f), 0);
	assert_non_null(f);
	return f;
}

static bool may_match(struct filter *f, uint64_t packet, int64_t after, uint32_t len)
{
	struct hit *h = hit(packet, after, len);
	bool yes = filter_hit(f, h);

	hit_free(pool, h);
	return yes;
}

static void no_filter_lets_all_through(void **state)
{
	struct report_options none = {.only_events = true};
	struct filter *f = (struct filter *)&none;

	(void)state;
	assert_int_equal(filter_create(&none, &f), 0);
	assert_null(f);
	assert_false(filter_late(f));
	assert_true(may_match(f, 1, 0, 0));
}

static void all_that_are_given_must_match(void **state)
{
	struct report_options o = {.pcap_filter = "tcp port 80",
				   .expression = "len > 50",
				   .time = "+1us..+2us",
				   .packets = {7, 9},
				   .n_packets = 2,
				   .match = {.any = true, .has_dport = true, .dport = 80}};
	struct filter *f = filter_of(&o);

	(void)state;
	assert_false(may_match(f, 7, 0, 60)); /* the first of all */
	assert_true(may_match(f, 7, 1000, 60));
	assert_true(may_match(f, 9, 2000, 60));
	assert_false(may_match(f, 9, 2001, 60));
	assert_false(may_match(f, 8, 1500, 60));
	assert_false(may_match(f, 7, 1500, 50));
	filter_destroy(f);
	o.pcap_filter = "udp";
	f = filter_of(&o);
	assert_false(may_match(f, 7, 0, 60));
	assert_false(may_match(f, 7, 1500, 60));
	filter_destroy(f);
}

static void add(struct filter *f, struct path *p, uint32_t len)
{
	struct hit *h = hit(7, 0, len);
	bool may = filter_hit(f, h);

	p->capture = h->capture;
	assert_int_equal(kinds_add(&p->kinds, h->atoms, h->any_atoms, may), 0);
	assert_int_equal(path_add_hop(p, h), 0);
	hit_free(pool, h);
}

/* The hits' own part and the path's are put together at the end; other filters count with the hit.
 */
static void a_path_is_judged_at_its_end(void **state)
{
	struct report_options o = {.expression =
					   "len > 50 and outcome == dropped and path.len == 10",
				   .pcap_filter = "less 100"};
	struct path *p = calloc(1, sizeof(*p));
	struct filter *f = filter_of(&o);

	(void)state;
	assert_true(filter_late(f));
	add(f, p, 60);
	add(f, p, 10);
	p->outcome = OUTCOME_CONSUMED;
	filter_path(f, p);
	assert_false(p->matched);
	assert_false(p->hops[0].matched);
	p->outcome = OUTCOME_DROPPED;
	filter_path(f, p);
	assert_true(p->matched);
	assert_true(p->hops[0].matched);
	assert_false(p->hops[1].matched);
	p->kinds.any = 0;
	filter_path(f, p);
	assert_false(p->matched);
	path_destroy(p);
	filter_destroy(f);
}

static void a_hit_alone_has_no_outcome(void **state)
{
	struct report_options o = {.expression = "not outcome == dropped and path.len == 10"};
	struct filter *f = filter_of(&o);
	struct hit *h = hit(0, 0, 10);

	(void)state;
	assert_true(filter_hit(f, h));
	assert_true(filter_alone(f, h));
	hit_free(pool, h);
	h = hit(0, 0, 11);
	assert_true(filter_hit(f, h));
	assert_false(filter_alone(f, h));
	hit_free(pool, h);
	filter_destroy(f);
}

static void what_is_wrong_is_refused(void **state)
{
	static const struct report_options bad[] = {{.expression = "nonsense"},
						    {.pcap_filter = "tcp porto"},
						    {.time = "20:00"},
						    {.time = ".."},
						    {.time = "x.."},
						    {.time = "..x"},
						    {.time = "20:01..20:00"}};
	struct filter *f;

	(void)state;
	log_mute(true);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(filter_create(&bad[i], &f), -EINVAL);
	log_mute(false);
}

static void memory_may_end(void **state)
{
	struct report_options o = {.expression = "len > 50", .time = "+1s.."};
	struct filter *f = NULL;
	int err;

	(void)state;
	log_mute(true);
	for (int n = 0;; n++) {
		alloc_fail_at(n);
		err = filter_create(&o, &f);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
	}
	log_mute(false);
	assert_int_equal(err, 0);
	filter_destroy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_filter_lets_all_through),
		cmocka_unit_test(all_that_are_given_must_match),
		cmocka_unit_test(a_path_is_judged_at_its_end),
		cmocka_unit_test(a_hit_alone_has_no_outcome),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(memory_may_end),
	};

	return cmocka_run_group_tests(tests, hits_up, hits_down);
}

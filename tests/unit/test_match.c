// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "report/filter/match.h"
#include "tests/support/capture_builder.h"
#include "tests/support/hit_fixture.h"

/* 10.0.1.1:0 > 10.0.1.2:80 tcp with mark 0x12. */
static struct hit *tcp(void)
{
	struct event e = {.mark = 0x12};
	uint8_t frame[96];
	uint32_t n = builder_tcp4(frame, 0x0a000101, 0, 0x0a000102, 80, 2);

	return hit_new(pool, &e, frame, n);
}

static bool matches(struct match m)
{
	struct hit *h = tcp();
	bool yes;

	m.any = true;
	yes = match_hit(&m, h);
	hit_free(pool, h);
	return yes;
}

static struct match_address address(const char *text)
{
	struct match_address a;

	assert_int_equal(match_address_parse(text, &a), 0);
	return a;
}

static void nothing_asked_for_matches_all(void **state)
{
	struct match none = {0};
	struct hit *h = tcp();

	(void)state;
	assert_true(match_hit(&none, h));
	hit_free(pool, h);
}

static void addresses(void **state)
{
	(void)state;
	assert_true(matches((struct match){.src = address("10.0.1.1")}));
	assert_true(
		matches((struct match){.src = address("10.0.1.1"), .dst = address("10.0.1.2")}));
	assert_false(matches((struct match){.src = address("10.0.1.2")}));
	assert_false(
		matches((struct match){.src = address("10.0.1.1"), .dst = address("10.0.1.1")}));
	assert_false(matches((struct match){.src = address("::a00:101")}));
	assert_false(matches((struct match){.dst = address("fd00::1")}));
}

static void zero_is_a_value(void **state)
{
	(void)state;
	assert_true(matches((struct match){.has_sport = true, .sport = 0}));
	assert_false(matches((struct match){.has_dport = true, .dport = 0}));
	assert_true(matches((struct match){.has_dport = true, .dport = 80}));
	assert_false(matches((struct match){.has_mark = true, .mark_mask = UINT32_MAX}));
	assert_false(matches((struct match){.has_proto = true, .proto = 0}));
	assert_true(matches((struct match){.has_proto = true, .proto = 6}));
}

static void marks_under_a_mask(void **state)
{
	(void)state;
	assert_true(matches((struct match){.has_mark = true, .mark = 0x12, .mark_mask = ~0u}));
	assert_true(matches((struct match){.has_mark = true, .mark = 0x10, .mark_mask = 0xf0}));
	assert_true(matches((struct match){.has_mark = true, .mark = 0, .mark_mask = 0x1}));
	assert_false(matches((struct match){.has_mark = true, .mark = 0x10, .mark_mask = 0xff}));
}

/* No headers: the socket's addresses; neither: only the mark can match. */
static void without_headers(void **state)
{
	struct match m = {.any = true, .dst = address("10.0.1.2")};
	struct event e = {.flags = EVENT_NO_L3, .sk_tuple = {.family = 4, .dst = {10, 0, 1, 2}}};
	struct hit *h = hit_new(pool, &e, NULL, 0);

	(void)state;
	assert_true(match_hit(&m, h));
	hit_free(pool, h);
	e.sk_tuple.family = 0;
	h = hit_new(pool, &e, NULL, 0);
	assert_false(match_hit(&m, h));
	m = (struct match){.any = true, .has_mark = true, .mark_mask = ~0u};
	assert_true(match_hit(&m, h));
	hit_free(pool, h);
}

/* A socket of IPv6 that speaks IPv4. */
static void mapped_addresses(void **state)
{
	struct match m = {.any = true, .dst = address("10.0.1.2")};
	struct event e = {.flags = EVENT_NO_L3,
			  .sk_tuple = {.family = 6, .dst = {[10] = 0xff, 0xff, 10, 0, 1, 2}}};
	struct hit *h = hit_new(pool, &e, NULL, 0);

	(void)state;
	assert_true(match_hit(&m, h));
	hit_free(pool, h);
}

static void parses(void **state)
{
	struct match_address a;
	uint8_t proto;

	(void)state;
	assert_int_equal(match_address_parse("10.0.0", &a), -EINVAL);
	assert_int_equal(match_address_parse("", &a), -EINVAL);
	assert_int_equal(match_address_parse("fd00::1", &a), 0);
	assert_int_equal(a.family, 6);
	assert_int_equal(match_proto_parse("UDP", &proto), 0);
	assert_int_equal(proto, 17);
	assert_int_equal(match_proto_parse("0", &proto), 0);
	assert_int_equal(proto, 0);
	assert_int_equal(match_proto_parse("256", &proto), -EINVAL);
	assert_int_equal(match_proto_parse("-1", &proto), -EINVAL);
	assert_int_equal(match_proto_parse("6x", &proto), -EINVAL);
	assert_int_equal(match_proto_parse("", &proto), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_asked_for_matches_all),
		cmocka_unit_test(addresses),
		cmocka_unit_test(zero_is_a_value),
		cmocka_unit_test(marks_under_a_mask),
		cmocka_unit_test(without_headers),
		cmocka_unit_test(mapped_addresses),
		cmocka_unit_test(parses),
	};

	return cmocka_run_group_tests(tests, hits_up, hits_down);
}

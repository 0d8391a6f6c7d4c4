// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "report/path/tuples.h"
#include "tests/support/alloc_fail.h"

enum { SOCKET, HEADERS };

static struct event_tuple v4(uint8_t src, uint16_t sport, uint8_t dst, uint16_t dport)
{
	struct event_tuple t = {.family = 4,
				.proto = 6,
				.has_ports = sport || dport,
				.sport = sport,
				.dport = dport};

	t.src[0] = src ? 10 : 0;
	t.src[3] = src;
	t.dst[0] = dst ? 10 : 0;
	t.dst[3] = dst;
	return t;
}

static uint16_t add(struct tuples *ts, struct event_tuple t, bool headers)
{
	return tuples_add(ts, &t, headers);
}

static void the_socket_becomes_known(void **state)
{
	struct tuples ts = {0};

	(void)state;
	assert_int_equal(tuples_first(&ts), TUPLES_NONE);
	assert_int_equal(add(&ts, v4(0, 0, 0, 0), SOCKET), 0);
	assert_int_equal(add(&ts, v4(0, 80, 0, 0), SOCKET), 0);
	assert_int_equal(add(&ts, v4(1, 80, 0, 0), SOCKET), 0);
	assert_int_equal(ts.all[0].src[3], 1);
	assert_int_equal(add(&ts, v4(1, 80, 2, 90), HEADERS), 0);
	assert_int_equal(ts.count, 1);
	assert_true(tuples_from_headers(&ts, 0));
	assert_int_equal(ts.all[0].dport, 90);
	/* What is known stays known. */
	assert_int_equal(add(&ts, v4(1, 0, 2, 0), HEADERS), 0);
	assert_int_equal(add(&ts, v4(0, 0, 0, 0), SOCKET), 0);
	assert_int_equal(ts.all[0].dport, 90);
	tuples_deinit(&ts);
}

static void changes_are_told(void **state)
{
	struct tuples ts = {0};

	(void)state;
	assert_int_equal(add(&ts, v4(1, 80, 2, 90), HEADERS), 0);
	assert_int_equal(add(&ts, v4(1, 80, 3, 90), HEADERS), 1);
	assert_int_equal(add(&ts, v4(1, 80, 3, 91), HEADERS), 2);
	assert_int_equal(add(&ts, v4(1, 80, 2, 90), HEADERS), 0);
	/* The socket is not asked any more. */
	assert_int_equal(add(&ts, v4(7, 80, 8, 90), SOCKET), TUPLES_NONE);
	assert_int_equal(add(&ts, v4(1, 80, 3, 90), SOCKET), 1);
	assert_int_equal(tuples_first(&ts), 0);
	tuples_clear(&ts);
	assert_int_equal(tuples_first(&ts), TUPLES_NONE);
	tuples_deinit(&ts);
}

/* The socket said one thing, the packet another: the packet is believed. */
static void headers_name_the_packet(void **state)
{
	struct tuples ts = {0};

	(void)state;
	assert_int_equal(add(&ts, v4(1, 80, 2, 90), SOCKET), 0);
	assert_int_equal(tuples_first(&ts), 0);
	assert_int_equal(add(&ts, v4(1, 80, 3, 90), HEADERS), 1);
	assert_int_equal(tuples_first(&ts), 1);
	tuples_deinit(&ts);
}

static void families_and_protocols(void **state)
{
	struct event_tuple any6 = {.family = 6, .proto = 17}, t = v4(1, 5, 2, 6);
	struct event_tuple raw = v4(0, 0, 0, 0), none = {0};
	struct tuples ts = {0};

	(void)state;
	assert_int_equal(add(&ts, none, HEADERS), TUPLES_NONE);
	t.proto = 17;
	assert_int_equal(add(&ts, any6, SOCKET), 0); /* not connected, sends IPv4 */
	assert_int_equal(add(&ts, t, HEADERS), 0);
	t.proto = 6;
	assert_int_equal(add(&ts, t, HEADERS), 1);
	tuples_clear(&ts);
	raw.proto = 255; /* IPPROTO_RAW */
	assert_int_equal(add(&ts, raw, SOCKET), 0);
	assert_int_equal(add(&ts, t, HEADERS), 0);
	tuples_deinit(&ts);
}

static void icmp_is_told_apart(void **state)
{
	struct event_tuple t = v4(1, 0, 2, 0), u;
	struct tuples ts = {0};

	(void)state;
	t.proto = 1;
	assert_int_equal(add(&ts, t, HEADERS), 0);
	t.has_icmp = true;
	t.icmp_id = 7;
	u = t;
	u.icmp_seq = 1;
	assert_int_equal(add(&ts, t, HEADERS), 0);
	assert_true(ts.all[0].has_icmp);
	assert_int_equal(add(&ts, u, HEADERS), 1);
	tuples_deinit(&ts);
}

static void never_too_many(void **state)
{
	struct tuples ts = {0};

	(void)state;
	for (unsigned int i = 0; i < TUPLES_MAX; i++)
		assert_int_equal(add(&ts, v4((uint8_t)(i + 1), 1, 200, 2), HEADERS), i);
	assert_int_equal(add(&ts, v4(99, 1, 200, 2), HEADERS), TUPLES_NONE);
	assert_int_equal(add(&ts, v4(5, 1, 200, 2), HEADERS), 4);
	tuples_deinit(&ts);
	alloc_fail_at(0);
	if (add(&ts, v4(1, 1, 2, 2), HEADERS) == TUPLES_NONE)
		assert_int_equal(ts.count, 0);
	alloc_fail_end();
	tuples_deinit(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_socket_becomes_known),
		cmocka_unit_test(changes_are_told),
		cmocka_unit_test(headers_name_the_packet),
		cmocka_unit_test(families_and_protocols),
		cmocka_unit_test(icmp_is_told_apart),
		cmocka_unit_test(never_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

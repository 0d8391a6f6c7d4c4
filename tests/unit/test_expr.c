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
#include "report/filter/expr.h"
#include "tests/support/alloc_fail.h"
#include "tests/support/capture_builder.h"
#include "tests/support/hit_fixture.h"

/* 10.0.1.1:43210 > 10.0.1.2:80 tcp SYN, 02:…:01 to 02:…:02, of packet 7 in tcp_v4_rcv. */
static struct hit *tcp(void)
{
	struct event e = {.tag = 1,
			  .packet = 7,
			  .mark = 0x12,
			  .cpu = 3,
			  .ktime = 1000,
			  .len = 60,
			  .flags = EVENT_MATCHED | EVENT_RX,
			  .comm = "a \"b\" \\"};
	static struct func func = {.name = "tcp_v4_rcv", .module = "", .name_len = 10};
	uint8_t frame[96];
	uint32_t n = builder_tcp4(frame, 0x0a000101, 43210, 0x0a000102, 80, 2);

	memcpy(frame, "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
	return hit_made(&e, frame, n, &func,
			INT64_C(1795377600000000000)); /* 2026-11-22T20:00:00Z */
}

/* Of a hit that is alone: what it says of any hit of its path is what it says of itself. */
static bool holds(const char *text)
{
	struct hit *h = tcp();
	struct expr_error error = {};
	struct expr *e = NULL;
	uint64_t any, atoms;
	bool yes;

	if (expr_create(text, true, &e, &error))
		fail_msg("%s: column %u: %s", text, error.column, error.why);
	expr_begin(e, h->when - 1500000000);
	atoms = expr_hit(e, h, &any);
	yes = expr_holds(e, atoms | any);
	expr_destroy(e);
	hit_free(pool, h);
	return yes;
}

static void refused(const char *text, unsigned int column, const char *why)
{
	struct expr_error error = {};
	struct expr *e = NULL;

	assert_int_equal(expr_create(text, true, &e, &error), -EINVAL);
	assert_null(e);
	if (error.column != column || !strstr(error.why, why))
		fail_msg("%s: column %u: %s", text, error.column, error.why);
}

static void all_hold(const char *const *texts)
{
	for (; *texts; texts++)
		if (!holds(*texts))
			fail_msg("does not hold: %s", *texts);
}

static void none_holds(const char *const *texts)
{
	for (; *texts; texts++)
		if (holds(*texts))
			fail_msg("holds: %s", *texts);
}

static void each_type_is_compared(void **state)
{
	static const char *const yes[] = {"dport == 80",
					  "dport==0x50",
					  "dport != 81",
					  "dport < 81",
					  "dport > 79",
					  "dport <= 80",
					  "dport >= 80",
					  "dport in {22, 80}",
					  "mark == 18",
					  "packet == 7",
					  "packet == 0x7",
					  "func == tcp_v4_rcv",
					  "func == \"tcp_v4_rcv\"",
					  "func == 'tcp_v4_rcv'",
					  "func != tcp",
					  "func ~ v4",
					  "func ~ \"^tcp_.*_rcv$\"",
					  "func in {a, tcp_v4_rcv}",
					  "rx",
					  "rx == true",
					  "tx == false",
					  "tx != true",
					  "src == 10.0.1.1",
					  "src == 10.0.0.0/8",
					  "src == 10.0.1.1/32",
					  "src == 0.0.0.0/0",
					  "dst in {192.0.2.1, 10.0.1.0/30}",
					  "src != 10.0.1.2",
					  "src != ::/0",
					  "src_mac == 02:00:00:00:00:01",
					  "dst_mac == \"02-00-00-00-00-02\"",
					  "l4 == tcp",
					  "flags == S",
					  "tcp_flags == 2",
					  "time == 2026-11-22T20:00:00Z",
					  "time == 2026-11-22T20:00:00",
					  "time == \"2026-11-22 20:00\"",
					  "time > 19:59:59.999999999",
					  "time < 20:00:01",
					  "time == +1.5s",
					  "time > +1s",
					  "time in {20:00, 21:00}",
					  "module == \"\"",
					  "comm == \"a \\\"b\\\" \\\\\"",
					  "comm == 'a \"b\" \\\\'",
					  "path.func ~ tcp",
					  NULL};
	static const char *const no[] = {"dport != 80",
					 "dport < 80",
					 "dport > 80",
					 "dport in {22, 443}",
					 "func == TCP_V4_RCV",
					 "func ~ \"^v4\"",
					 "tx",
					 "rx == false",
					 "src == 10.0.1.0/32",
					 "src == 11.0.0.0/8",
					 "dst == 10.0.1.4/30",
					 "src == ::/0",
					 "src_mac == 02:00:00:00:00:02",
					 "flags == S.",
					 "time < +1.5s",
					 "time == 2026-11-23",
					 "path.func == tcp",
					 NULL};

	(void)state;
	all_hold(yes);
	none_holds(no);
}

static void what_is_not_known_matches_nothing(void **state)
{
	static const char *const no[] = {"icmp_id == 0",       "icmp_id != 0",
					 "icmp_id < 99",       "vlan in {0}",
					 "reason != X",	       "reason ~ \".*\"",
					 "parent_inferred",    "parent_inferred == false",
					 "outcome == dropped", "path.duration < 1h",
					 "path.reason != X",   NULL};
	static const char *const yes[] = {"not icmp_id == 0", "!(icmp_id != 0)",
					  "not parent_inferred", "not outcome == dropped", NULL};

	(void)state;
	none_holds(no);
	all_hold(yes);
}

static void not_binds_before_and_before_or(void **state)
{
	static const char *const yes[] = {
		"tx and tx or rx", "rx or tx and tx", "!tx && rx",	 "not not rx",	  "!!rx",
		"not (tx or !rx)", "(((rx)))",	      "tx || rx && !tx", "not tx and rx", NULL};
	static const char *const no[] = {"(rx or tx) and tx", "not rx or tx", "not (rx or tx)",
					 "tx and (tx or rx)", "! ! !rx",      NULL};

	(void)state;
	all_hold(yes);
	none_holds(no);
}

static void an_error_points_at_its_column(void **state)
{
	(void)state;
	refused("", 1, "a field is missing");
	refused("sporty == 1", 1, "did you mean sport?");
	refused("duration > 1ms", 1, "did you mean path.duration?");
	refused("rx and nonsense", 8, "nonsense is no field");
	refused("path.nonsense", 1, "no field");
	refused("80 == dport", 1, "80 is no field");
	refused("dport", 6, "a comparison is missing");
	refused("dport and rx", 1, "compare it");
	refused("dport ==", 9, "a value is missing");
	refused("dport = 80", 7, "equal is ==");
	refused("dport == tcp", 10, "a number");
	refused("dport == -1", 10, "a number");
	refused("dport == 0x", 10, "a number");
	refused("dport == 18446744073709551616", 10, "a number");
	refused("dport in 80", 10, "{ is missing");
	refused("dport in {}", 11, "a value is missing");
	refused("dport in {80", 13, "} or a comma");
	refused("dport in {80 81}", 14, "} or a comma");
	refused("dport ~ 8", 7, "~ is for text");
	refused("func < a", 6, "no order");
	refused("src > 10.0.0.1", 5, "no order");
	refused("src == 10.0.0", 8, "an address");
	refused("src == 10.0.0.0/33", 8, "an address");
	refused("src == fe80::/129", 8, "an address");
	refused("src == 10.0.0.0/", 8, "an address");
	refused("src == 10.0.0.0/08", 8, "an address");
	refused("src_mac == 02:00", 12, "a MAC address");
	refused("src_mac == 02:00:00:00:00:0g", 12, "a MAC address");
	refused("path.duration > 3", 17, "a duration");
	refused("path.duration > 3 ms", 17, "a duration");
	refused("path.duration > 1.5ns", 17, "a duration");
	refused("time > 25:00", 8, "a time");
	refused("time > 2026-02-30", 8, "a time");
	refused("time > 1969-01-01", 8, "a time");
	refused("rx == 1", 7, "true or false");
	refused("outcome == droped", 12, "one of");
	refused("parent_kind == son", 16, "one of");
	refused("func ~ \"(\"", 8, "regular expression");
	refused("func ~ \"a++++++++++++++++++++++++\"", 8, "repeats too much");
	refused("func ~ \"(a{255}){1,255}\"", 8, "repeats too much");
	refused("func ~ \"a*********************************\"", 8, "repeats too much");
	refused("func ~ \"a{99999999999999999999}\"", 8, "repeats too much");
	assert_true(holds("func ~ \"^[a-z]{3}_v?[0-9]+(_[rcvx]{1,8}|[+]{0,2})+$\""));
	refused("func == \"a", 9, "a quote");
	refused("stack == 1", 7, "cannot be compared");
	refused("stack or rx", 1, "compare it");
	refused("(rx", 4, "parenthesis is missing");
	refused("rx)", 3, "and or or");
	refused("rx tx", 4, "and or or");
	refused("rx and", 7, "a field is missing");
	refused("not", 4, "a field is missing");
	refused("rx & tx", 4, "missing before &");
	refused("comm == \"\xc3\xa4\" and nonsense", 17, "no field");
	refused("\x01", 1, "a field");
}

static void limits_are_told(void **state)
{
	char text[8192] = "rx", *to;
	struct expr_error error;
	struct expr *e;

	(void)state;
	for (int i = 1; i < (int)EXPR_MAX_ATOMS; i++)
		strcat(text, " and rx");
	assert_true(holds(text));
	strcat(text, " and rx");
	refused(text, 7 * EXPR_MAX_ATOMS + 1, "more than 64 comparisons");
	/* Each atom waits for the last one: the stack is full. */
	to = text;
	for (int i = 0; i < (int)EXPR_MAX_ATOMS - 1; i++)
		to += sprintf(to, "rx and (");
	to += sprintf(to, "rx");
	memset(to, ')', EXPR_MAX_ATOMS - 1);
	to[EXPR_MAX_ATOMS - 1] = 0;
	assert_true(holds(text));
	memset(text, '(', 4000);
	strcpy(text + 4000, "rx");
	refused(text, EXPR_MAX_DEPTH + 1, "parentheses deep");
	memset(text, '!', 8000);
	strcpy(text + 8000, "rx");
	assert_true(holds(text));
	strcpy(text, "dport in {1");
	for (int i = 1; i < 256; i++)
		strcat(text, ",1");
	strcat(text, "}");
	assert_int_equal(expr_create(text, true, &e, &error), 0);
	expr_destroy(e);
	strcpy(text + strlen(text) - 1, ",1}");
	refused(text, 11 + 2 * 256, "more than 256 values");
}

static void out_of_memory(const char *text, int most)
{
	struct expr_error error;
	struct expr *e = NULL;
	int err = 0;

	for (int n = 0; n < most; n++) {
		alloc_fail_at(n);
		err = expr_create(text, true, &e, &error);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
	}
	if (!err)
		expr_destroy(e);
}

/* Of a regular expression only what is ours: the C library's own may free twice then. */
static void memory_may_end_anywhere(void **state)
{
	(void)state;
	out_of_memory("func == x or func in {a, b} and not src == ::/0", 1000);
	out_of_memory("func ~ \"a+\"", 3);
}

static void a_path_has_its_own_atoms(void **state)
{
	struct path p = {
		.first = 0, .last = 2000000, .outcome = OUTCOME_DROPPED, .reason = "NOMEM"};
	struct expr_error error;
	struct hit *h = tcp();
	uint64_t any, atoms;
	struct expr *e;

	(void)state;
	p.capture = h->capture;
	assert_int_equal(
		expr_create("rx and path.tx and outcome == dropped and path.duration > 1ms "
			    "and path.outcome != merged and path.reason == NOMEM",
			    true, &e, &error),
		0);
	assert_true(expr_needs_path(e));
	expr_begin(e, 0);
	atoms = expr_hit(e, h, &any);
	assert_int_equal(atoms, 1);
	assert_int_equal(any, 0);
	atoms |= expr_path(e, &p);
	assert_int_equal(atoms, 0x3d);
	assert_false(expr_holds(e, atoms));
	assert_true(expr_holds(e, atoms | 2));
	expr_destroy(e);
	assert_int_equal(expr_create("rx", true, &e, &error), 0);
	assert_false(expr_needs_path(e));
	expr_destroy(e);
	hit_free(pool, h);
}

static void a_made_up_header_has_no_macs(void **state)
{
	struct hit *h = tcp();
	struct field_hit at = field_hit(h);
	struct field_value v;

	(void)state;
	field_of_hit(FIELD_SRC_MAC, &at, &v);
	assert_true(v.known);
	h->event.flags |= EVENT_SYNTH_L2;
	field_of_hit(FIELD_SRC_MAC, &at, &v);
	assert_false(v.known);
	h->event.flags &= ~EVENT_SYNTH_L2;
	h->caplen = 13;
	field_of_hit(FIELD_DST_MAC, &at, &v);
	assert_false(v.known);
	hit_free(pool, h);
}

static void each_field_is_found_by_its_name(void **state)
{
	bool any;

	(void)state;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		assert_int_equal(fields[i].id, i);
		assert_ptr_equal(field_find(fields[i].name, strlen(fields[i].name), &any),
				 &fields[i]);
		assert_false(any);
	}
	assert_int_equal(field_find("path.func", 9, &any)->id, FIELD_FUNC);
	assert_true(any);
	assert_int_equal(field_find("path.outcome", 12, &any)->id, FIELD_OUTCOME);
	assert_false(any);
	assert_int_equal(field_find("path.reason", 11, &any)->id, FIELD_PATH_REASON);
	assert_null(field_find("path.", 5, &any));
	assert_null(field_find("", 0, &any));
	assert_null(field_find("functions", 9, &any));
	assert_int_equal(field_near("fnuc", 4)->id, FIELD_FUNC);
	assert_null(field_near("zzzzzz", 6));
	assert_null(field_near("a very long name that nothing is near of", 40));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_is_compared),
		cmocka_unit_test(what_is_not_known_matches_nothing),
		cmocka_unit_test(not_binds_before_and_before_or),
		cmocka_unit_test(an_error_points_at_its_column),
		cmocka_unit_test(limits_are_told),
		cmocka_unit_test(memory_may_end_anywhere),
		cmocka_unit_test(a_path_has_its_own_atoms),
		cmocka_unit_test(a_made_up_header_has_no_macs),
		cmocka_unit_test(each_field_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, hits_up, hits_down);
}

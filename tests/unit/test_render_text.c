// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/render/render_json.h"
#include "report/render/render_text.h"
#include "tests/support/sink_fixture.h"

static const char *escaped(const char *s, size_t len)
{
	text_escaped(&sink, s, len);
	return said();
}

#define ESCAPED(s) escaped(s, sizeof(s) - 1)

static void what_is_plain_stays(void **state)
{
	(void)state;
	assert_string_equal(ESCAPED(""), "");
	assert_string_equal(ESCAPED("kworker/0:1-ev ents"), "kworker/0:1-ev ents");
	assert_string_equal(ESCAPED("näme→"), "näme→");
	assert_string_equal(ESCAPED("\xf0\x9f\x90\xa7"), "\xf0\x9f\x90\xa7");
}

static void no_control_gets_through(void **state)
{
	(void)state;
	assert_string_equal(ESCAPED("\033[31mx"), "\\x1b[31mx");
	assert_string_equal(ESCAPED("a\nb\tc\x7f\\"), "a\\x0ab\\x09c\\x7f\\x5c");
	assert_string_equal(escaped("a\0b", 3), "a\\x00b");
	assert_string_equal(ESCAPED("\xc2\x9b"
				    "31m"),
			    "\\xc2\\x9b31m");				 /* CSI in one character */
	assert_string_equal(ESCAPED("\xe2\x80\xae"), "\\xe2\\x80\\xae"); /* turns text around */
	assert_string_equal(ESCAPED("\xe2\x80\xa8"), "\\xe2\\x80\\xa8"); /* line separator */
}

static void broken_utf8(void **state)
{
	(void)state;
	assert_string_equal(ESCAPED("\xff\xfe"), "\\xff\\xfe");
	assert_string_equal(ESCAPED("\xc3"), "\\xc3");
	assert_string_equal(ESCAPED("\xe2\x82"), "\\xe2\\x82");
	assert_string_equal(ESCAPED("\xc0\xaf"), "\\xc0\\xaf");		 /* too long */
	assert_string_equal(ESCAPED("\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* a surrogate */
	assert_string_equal(ESCAPED("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

/* Every byte, in any neighbourhood: what comes out is printable, and JSON the same. */
static void any_bytes(void **state)
{
	char bytes[5000];
	const char *out;

	(void)state;
	srand(7);
	for (int run = 0; run < 50; run++) {
		size_t len = (size_t)rand() % 1500;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)rand();
		out = escaped(bytes, len);
		for (size_t i = 0; out[i]; i++)
			assert_true((unsigned char)out[i] >= ' ' && out[i] != 0x7f);
		json_text(&sink, bytes, len);
		out = said();
		for (size_t i = 0; out[i]; i++)
			assert_true((unsigned char)out[i] >= ' ' && out[i] != 0x7f);
	}
}

static const char *duration(uint64_t ns, int columns)
{
	text_duration(&sink, "+", ns, columns);
	return said();
}

static void durations(void **state)
{
	(void)state;
	assert_string_equal(duration(0, 0), "+0.0 µs");
	assert_string_equal(duration(84250, 0), "+84.2 µs");
	assert_string_equal(duration(999999, 12), "   +999.9 µs");
	assert_string_equal(duration(1000000, 12), "   +1.000 ms");
	assert_string_equal(duration(12300000000, 0), "+12.300 s");
	assert_string_equal(duration(UINT64_MAX, 0), "+18446744073.709 s");
}

static const char *utc(int64_t when)
{
	text_time_utc(&sink, when);
	return said();
}

static void times(void **state)
{
	(void)state;
	assert_string_equal(utc(0), "1970-01-01T00:00:00.000000000Z");
	assert_string_equal(utc(1767225600123456789), "2026-01-01T00:00:00.123456789Z");
	assert_string_equal(utc(-1), "1969-12-31T23:59:59.999999999Z");
	assert_string_equal(utc(INT64_MIN), "1677-09-21T00:12:43.145224192Z");
}

static const char *shown(enum times how, bool in_utc, int64_t when, bool date)
{
	sink.times = how;
	sink.utc = in_utc;
	text_time(&sink, when, date);
	sink.times = TIMES_ABSOLUTE;
	sink.utc = false;
	return said();
}

/* The same second again and again, so that nothing is kept of another way to print it. */
static void ways_to_print_times(void **state)
{
	const int64_t when = 1767225600123456789;

	(void)state;
	setenv("TZ", "Asia/Kolkata", 1);
	tzset();
	sink.base = when - 1500000000;
	for (int i = 0; i < 2; i++) {
		assert_string_equal(shown(TIMES_ABSOLUTE, false, when, false), "05:30:00.123456");
		assert_string_equal(shown(TIMES_ABSOLUTE, true, when, false), "00:00:00.123456");
		assert_string_equal(shown(TIMES_ABSOLUTE, false, when, true),
				    "2026-01-01 05:30:00.123456 +0530");
		assert_string_equal(shown(TIMES_ABSOLUTE, true, when, true),
				    "2026-01-01 00:00:00.123456 +0000");
		assert_string_equal(shown(TIMES_ISO, false, when, i),
				    "2026-01-01T05:30:00.123456789+05:30");
		assert_string_equal(shown(TIMES_ISO, true, when, i),
				    "2026-01-01T00:00:00.123456789Z");
		assert_string_equal(shown(TIMES_RELATIVE, false, when, false), "1.500000000");
		assert_string_equal(shown(TIMES_RELATIVE, false, when, true),
				    "2026-01-01 05:30:00.123456 +0530");
		assert_string_equal(utc(when), "2026-01-01T00:00:00.123456789Z");
	}
	setenv("TZ", "America/St_Johns", 1);
	tzset();
	assert_string_equal(shown(TIMES_ISO, false, -1, false),
			    "1969-12-31T20:29:59.999999999-03:30");
	setenv("TZ", "UTC", 1);
	tzset();
	assert_string_equal(shown(TIMES_ISO, false, 0, false),
			    "1970-01-01T00:00:00.000000000+00:00");
	unsetenv("TZ");
	tzset();
}

static void relative_times(void **state)
{
	(void)state;
	sink.base = 5000000000;
	assert_string_equal(shown(TIMES_RELATIVE, false, 5000000000, false), "0.000000000");
	assert_string_equal(shown(TIMES_RELATIVE, false, 4999999999, false), "-0.000000001");
	sink.base = INT64_MIN;
	assert_string_equal(shown(TIMES_RELATIVE, false, INT64_MAX, false),
			    "18446744073.709551615");
	sink.base = INT64_MAX;
	assert_string_equal(shown(TIMES_RELATIVE, false, INT64_MIN, false),
			    "-18446744073.709551615");
}

static void tuples(void **state)
{
	struct event_tuple t = {.family = 4,
				.proto = 6,
				.has_ports = true,
				.sport = 43210,
				.dport = 80,
				.src = {10, 0, 1, 1},
				.dst = {10, 0, 1, 2}};

	(void)state;
	text_seed_tuple(&sink, &t);
	assert_string_equal(said(), "10.0.1.1:43210->10.0.1.2:80(tcp)");
	t.proto = 200;
	t.has_ports = false;
	text_seed_tuple(&sink, &t);
	assert_string_equal(said(), "10.0.1.1->10.0.1.2(200)");
	t.family = 0;
	text_seed_tuple(&sink, &t);
	assert_string_equal(said(), "-");
}

static void sizes(void **state)
{
	(void)state;
	text_size(&sink, 10239);
	assert_string_equal(said(), "10239 bytes");
	text_size(&sink, 10240);
	assert_string_equal(said(), "10.0 KiB");
	text_size(&sink, 11ull << 20);
	assert_string_equal(said(), "11.0 MiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_plain_stays),
		cmocka_unit_test(no_control_gets_through),
		cmocka_unit_test(broken_utf8),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(durations),
		cmocka_unit_test(times),
		cmocka_unit_test(ways_to_print_times),
		cmocka_unit_test(relative_times),
		cmocka_unit_test(tuples),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, sink_up, sink_down);
}

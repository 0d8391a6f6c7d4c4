// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/filter/moment.h"

#define S INT64_C(1000000000)
/* 2026-11-22T20:00:00Z */
#define EVENING (INT64_C(1795377600) * S)

static void durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{"0", 0},
		{"0s", 0},
		{"300ns", 300},
		{"20us", 20000},
		{"20µs", 20000},
		{"1ms", 1000000},
		{"1.5s", 1500000000},
		{"0.001us", 1},
		{"1.50000000000s", 1500000000},
		{"2m", 120 * (uint64_t)S},
		{"1.5h", 5400 * (uint64_t)S},
		{"18446744073709551615ns", UINT64_MAX},
	};
	static const char *const bad[] = {"",
					  "1",
					  "s",
					  "1x",
					  "1 s",
					  "1.s",
					  ".5s",
					  "-1s",
					  "+1s",
					  "1e3s",
					  "0.1ns",
					  "0.0001us",
					  "1.0000000001s",
					  "18446744073709551616ns",
					  "18446744073710s",
					  "1ss",
					  "00.5"};
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (moment_duration(good[i].text, strlen(good[i].text), &ns))
			fail_msg("%s", good[i].text);
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (moment_duration(bad[i], strlen(bad[i]), &ns) != -EINVAL)
			fail_msg("%s", bad[i]);
	/* Only so much of the text is looked at. */
	assert_int_equal(moment_duration("1s5", 2, &ns), 0);
}

/* With the capture's first hit at EVENING and a second. */
static int64_t when(const char *text, bool utc)
{
	struct moment m;

	if (moment_parse(text, strlen(text), utc, &m))
		fail_msg("%s", text);
	return moment_when(&m, EVENING + S);
}

static void moments_of_utc(void **state)
{
	(void)state;
	assert_int_equal(when("2026-11-22T20:00:00Z", false), EVENING);
	assert_int_equal(when("2026-11-22T20:00:00", true), EVENING);
	assert_int_equal(when("2026-11-22 20:00:00.000000001", true), EVENING + 1);
	assert_int_equal(when("2026-11-22T20:00:00.5Z", false), EVENING + S / 2);
	assert_int_equal(when("2026-11-22", true), EVENING - 20 * 3600 * S);
	assert_int_equal(when("1970-01-01", true), 0);
	assert_int_equal(when("20:00", true), EVENING);
	assert_int_equal(when("20:00:05.25", true), EVENING + 5 * S + S / 4);
	assert_int_equal(when("00:00", true), EVENING - 20 * 3600 * S);
	assert_int_equal(when("20:00Z", false), EVENING);
	assert_int_equal(when("+1.5s", true), EVENING + S + 3 * S / 2);
	assert_int_equal(when("+0", true), EVENING + S);
}

static void moments_of_a_zone(void **state)
{
	(void)state;
	setenv("TZ", "XXX-5:30", 1);
	tzset();
	assert_int_equal(when("2026-11-23T01:30:00", false), EVENING);
	/* The first hit is of the 23rd there. */
	assert_int_equal(when("01:30", false), EVENING);
	assert_int_equal(when("2026-11-22T20:00:00Z", false), EVENING);
	assert_int_equal(when("20:00", true), EVENING);
	/* The clock is put forward on 29 March 2026 at 2:00. */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_int_equal(when("2026-03-29T12:00", false), when("2026-03-29T10:00Z", false));
	assert_int_equal(when("2026-03-28T12:00", false), when("2026-03-28T11:00Z", false));
	setenv("TZ", "UTC", 1);
	tzset();
}

static void what_is_no_moment(void **state)
{
	static const char *const bad[] = {"",
					  "Z",
					  "now",
					  "20",
					  "20:0",
					  "24:00",
					  "20:60",
					  "20:00:60",
					  "20:00:00.",
					  "20:00:00,5",
					  "20:00x",
					  "2026-11-22T",
					  "2026-11-22T20",
					  "2026-11-31",
					  "2026-02-29",
					  "2026-00-01",
					  "2026-13-01",
					  "2026-1-1",
					  "1969-12-31",
					  "2262-01-01",
					  "2026-11-22T20:00:00+01:00",
					  "+",
					  "+1",
					  "+-1s",
					  "-1s",
					  "2026-11-22T20:00:00.0000000001"};
	struct moment m;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (moment_parse(bad[i], strlen(bad[i]), true, &m) != -EINVAL)
			fail_msg("%s", bad[i]);
}

static void hostile_times_do_not_wrap(void **state)
{
	struct moment m;

	(void)state;
	assert_int_equal(moment_parse("+2h", 3, true, &m), 0);
	assert_int_equal(moment_when(&m, INT64_MAX - 1), INT64_MAX);
	assert_int_equal(moment_parse("23:59", 5, true, &m), 0);
	moment_when(&m, INT64_MAX);
	moment_when(&m, INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(moments_of_utc),
		cmocka_unit_test(moments_of_a_zone),
		cmocka_unit_test(what_is_no_moment),
		cmocka_unit_test(hostile_times_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

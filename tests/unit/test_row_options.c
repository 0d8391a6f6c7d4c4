// SPDX-License-Identifier: GPL-2.0-only
/* pwru-record's options for several files and the flight recorder: values, what is refused, and
 * what does not go together. */
#include "tests/support/record_options.h"

/* Read together with what they need; nothing is said. */
#define READS(check, ...)                                    \
	do {                                                 \
		struct options o_;                           \
		assert_int_equal(READ(&o_, __VA_ARGS__), 0); \
		assert_string_equal(err.text, "");           \
		assert_true(check);                          \
		options_deinit(&o_);                         \
	} while (0)

static void rotation(void **state)
{
	(void)state;
	EXPECT("--rotate-size", "1M", o_.rotate_size = 1 << 20);
	EXPECT("--rotate-size", "3g", o_.rotate_size = 3ull << 30);
	REFUSED("--rotate-size", "1048575");
	REFUSED("--rotate-size", "0");
	REFUSED("--rotate-size", "much");
	EXPECT("--rotate-time", "0.5", o_.rotate_time = 500000000);
	REFUSED("--rotate-time", "0");
	REFUSED("--rotate-time", "5s");
	READS(o_.rotate_files == 3 && o_.rotate_time, "--rotate-files", "3", "--rotate-time", "1");
	READS(o_.rotate_files == 100000, "--rotate-files", "100000", "--rotate-size", "1M");
	REFUSED("--rotate-files", "0", "--rotate-time", "1");
	REFUSED("--rotate-files", "100001", "--rotate-time", "1");
	REFUSED("--rotate-files", "3");
	REFUSED("--rotate-time", "1", "-w", "-");
}

static void flight_recorder(void **state)
{
	(void)state;
	EXPECT("--flight-recorder", "64K", o_.flight_size = 64 << 10);
	EXPECT("--flight-recorder", "2G", o_.flight_size = 2ull << 30);
	EXPECT("--flight-recorder", "30s", o_.flight_size = 256 << 20,
	       o_.flight_time = 30000000000);
	EXPECT("--flight-recorder", "250ms", o_.flight_size = 256 << 20,
	       o_.flight_time = 250000000);
	EXPECT("--flight-recorder", "1.5min", o_.flight_size = 256 << 20,
	       o_.flight_time = 90000000000);
	EXPECT("--flight-recorder", "2h", o_.flight_size = 256 << 20,
	       o_.flight_time = 7200000000000);
	EXPECT("--flight-recorder", "30s,8M", o_.flight_size = 8 << 20,
	       o_.flight_time = 30000000000);
	REFUSED("--flight-recorder", "5m"); /* minutes? mebibytes? */
	assert_non_null(strstr(err.text, "5min or 5M"));
	REFUSED("--flight-recorder", "30"); /* bytes, too few; meant as seconds */
	assert_non_null(strstr(err.text, "30s"));
	REFUSED("--flight-recorder", "65535");
	REFUSED("--flight-recorder", "0s");
	REFUSED("--flight-recorder", "-5s");
	REFUSED("--flight-recorder", "nans");
	REFUSED("--flight-recorder", "1e10s");
	REFUSED("--flight-recorder", "long");
	REFUSED("--flight-recorder", "");
	REFUSED("--flight-recorder", ",");
	REFUSED("--flight-recorder", "0.0000001ms"); /* less than can be told */
	REFUSED("--flight-recorder", "1M", "--rotate-size", "2M");
	REFUSED("--flight-recorder", "1M", "--rotate-time", "2");
	REFUSED("--flight-recorder", "1M", "-w", "-");
	READS(o_.rotate_files == 2 && o_.flight_size, "--flight-recorder", "1M", "--rotate-files",
	      "2");
}

static void triggers(void **state)
{
	(void)state;
	READS(o_.trigger_after == 1000000000 && !strcmp(o_.triggers[0], "func=x") &&
		      !o_.triggers[1],
	      "--flight-recorder", "1M", "--trigger", "func=x");
	READS(!strcmp(o_.triggers[1], "b=2") && !o_.triggers[2], "--flight-recorder", "1M",
	      "--trigger", "a=1", "--trigger", "b=2");
	READS(o_.trigger_after == 0, "--flight-recorder", "1M", "--trigger-after", "0");
	READS(o_.trigger_after == 2500000000, "--flight-recorder", "1M", "--trigger-after", "2.5");
	REFUSED("--flight-recorder", "1M", "--trigger-after", "-1");
	REFUSED("--flight-recorder", "1M", "--trigger-after", "soon");
	REFUSED("--trigger", "func=x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rotation),
		cmocka_unit_test(flight_recorder),
		cmocka_unit_test(triggers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every option of the table in each way it can be written, what each program refuses, and numbers.
 * The table itself is read here too, so a new option is tested by being there.
 */
#include "common/options.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
	enum option_id id;
	const char *name;
	char letter;
	const char *argument;
	unsigned int programs;
} table[] = {
#define RECORD OPTIONS_RECORD
#define REPORT OPTIONS_REPORT
#define GROUP(title_, programs_)
#define OPTION(id_, name_, letter_, argument_, programs_, help_) \
	{OPTION_##id_, name_, letter_, argument_, programs_},
#include "common/options.def"
#undef GROUP
#undef OPTION
#undef RECORD
#undef REPORT
};

static const bool not_live[OPTION_COUNT] = {
#define GROUP(title_, programs_)
#define OPTION(id_, name_, letter_, argument_, programs_, help_)
#define NOT_LIVE(id_, why_) [OPTION_##id_] = true,
#include "common/options.def"
#undef GROUP
#undef OPTION
};

#define ROWS (sizeof(table) / sizeof(table[0]))

/* What a parse did, and what it said on the two streams. */
static struct {
	int result;
	unsigned int calls;
	enum option_id id;
	char arg[64];
	char out[16384];
	char err[1024];
} did;

static int set(void *ctx, enum option_id id, const char *arg)
{
	assert_ptr_equal(ctx, &did);
	did.calls++;
	did.id = id;
	snprintf(did.arg, sizeof(did.arg), "%s", arg ? arg : "");
	return arg && strcmp(arg, "refused") == 0 ? -EINVAL : 0;
}

static int stream_take(int fd)
{
	FILE *file = tmpfile();
	int saved = dup(fd);

	assert_non_null(file);
	fflush(NULL);
	dup2(fileno(file), fd);
	fclose(file);
	return saved;
}

static void stream_give(int fd, int saved, char *to, size_t size)
{
	ssize_t n;

	fflush(NULL);
	n = pread(fd, to, size - 1, 0);
	to[n > 0 ? n : 0] = 0;
	dup2(saved, fd);
	close(saved);
}

static void parse(enum options_program program, char **argv)
{
	const struct options_usage usage = {program, "the-program", "[OPTION]…", "About.\n"};
	int argc = 0, out, err;

	memset(&did, 0, sizeof(did));
	while (argv[argc])
		argc++;
	out = stream_take(STDOUT_FILENO);
	err = stream_take(STDERR_FILENO);
	did.result = options_parse(&usage, argc, argv, set, &did);
	stream_give(STDOUT_FILENO, out, did.out, sizeof(did.out));
	stream_give(STDERR_FILENO, err, did.err, sizeof(did.err));
}

#define PARSE(program, ...) parse(program, (char *[]){"the-program", __VA_ARGS__, NULL})

static bool one_line(const char *s)
{
	const char *newline = strchr(s, '\n');

	return newline && !newline[1];
}

static void expect_set(size_t row, const char *arg)
{
	if (table[row].id == OPTION_HELP || table[row].id == OPTION_VERSION) {
		assert_int_equal(did.result, -ECANCELED);
		assert_true(did.out[0] && !did.err[0] && !did.calls);
		return;
	}
	assert_true(did.result > 0);
	assert_int_equal(did.calls, 1);
	assert_int_equal(did.id, table[row].id);
	assert_string_equal(did.arg, arg ? arg : "");
	assert_string_equal(did.err, "");
}

/* Is name the beginning of an option of this program (--all of --all-kmods)? getopt takes that for
 * it. */
static bool abbreviates(enum options_program program, const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if ((table[i].programs & program) && !strncmp(table[i].name, name, strlen(name)))
			return true;
	return false;
}

/* With one dash -scrub is -s crub where -s takes an argument, and no --scrub is known. */
static bool is_letter_and_argument(enum options_program program, char letter)
{
	for (size_t i = 0; i < ROWS; i++)
		if ((table[i].programs & program) && table[i].letter == letter)
			return table[i].argument != NULL;
	return false;
}

static void each_option_each_way(enum options_program program, size_t row)
{
	char one[80], two[80], one_is[96], two_is[96], letter[3] = {'-', table[row].letter};
	/* "[=X]" may be left out, and is never an argument of its own. */
	bool optional = table[row].argument && !strncmp(table[row].argument, "[=", 2);
	char *arg = table[row].argument && !optional ? "7" : NULL;

	snprintf(one, sizeof(one), "-%s", table[row].name);
	snprintf(two, sizeof(two), "--%s", table[row].name);
	snprintf(one_is, sizeof(one_is), "-%s=7", table[row].name);
	snprintf(two_is, sizeof(two_is), "--%s=7", table[row].name);
	PARSE(program, one, arg);
	if (!(table[row].programs & program)) {
		if (abbreviates(program, table[row].name))
			return;
		if (!is_letter_and_argument(program, table[row].name[0])) {
			assert_int_equal(did.result, -EINVAL);
			assert_true(one_line(did.err));
			/* -all-kmods of another program begins like a cluster of letters. */
			assert_true(did.calls == 0 || strchr("aqv", table[row].name[0]));
		}
		PARSE(program, two, arg);
		assert_int_equal(did.result, -EINVAL);
		return;
	}
	expect_set(row, arg);
	PARSE(program, two, arg);
	expect_set(row, arg);
	if (table[row].letter) {
		PARSE(program, letter, arg);
		expect_set(row, arg);
	}
	if (optional) {
		PARSE(program, one_is);
		expect_set(row, "7");
		PARSE(program, two_is);
		expect_set(row, "7");
		return;
	}
	/* An argument that is missing, and one that nobody asked for. */
	PARSE(program, arg ? one : one_is);
	assert_int_equal(did.result, -EINVAL);
	assert_true(one_line(did.err));
	if (!arg)
		return;
	PARSE(program, one_is);
	expect_set(row, arg);
	PARSE(program, two_is);
	expect_set(row, arg);
}

static void options_of_record(void **state)
{
	(void)state;
	for (size_t row = 0; row < ROWS; row++)
		each_option_each_way(OPTIONS_RECORD, row);
}

static void options_of_report(void **state)
{
	(void)state;
	for (size_t row = 0; row < ROWS; row++)
		each_option_each_way(OPTIONS_REPORT, row);
}

static void the_table(void **state)
{
	(void)state;
	assert_int_equal(ROWS, OPTION_COUNT);
	for (size_t i = 0; i < ROWS; i++) {
		assert_string_equal(options_name(table[i].id), table[i].name);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(table[i].name, table[j].name);
			if (table[i].programs & table[j].programs && table[i].letter)
				assert_int_not_equal(table[i].letter, table[j].letter);
		}
	}
}

static void help_shows_what_is_for_the_program(void **state)
{
	static const enum options_program programs[] = {OPTIONS_RECORD, OPTIONS_REPORT,
							OPTIONS_LIVE};
	char dashed[80];

	(void)state;
	for (int p = 0; p < 3; p++) {
		PARSE(programs[p], "--help");
		assert_int_equal(did.result, -ECANCELED);
		assert_non_null(strstr(did.out, "Usage: the-program [OPTION]…\n\nAbout.\n"));
		for (size_t i = 0; i < ROWS; i++) {
			bool there;

			snprintf(dashed, sizeof(dashed), " --%s", table[i].name);
			there = false;
			for (char *at = did.out; !there && (at = strstr(at, dashed)); at++)
				there = strchr(" [\n", at[strlen(dashed)]) != NULL;
			assert_int_equal(there, (table[i].programs & programs[p]) &&
							!(programs[p] == OPTIONS_LIVE &&
							  not_live[table[i].id]));
		}
	}
	PARSE(OPTIONS_REPORT, "-V");
	assert_memory_equal(did.out, "the-program ", 12);
	assert_true(one_line(did.out));
}

static void operands_and_refusals(void **state)
{
	char *argv[] = {"the-program", "first", "--json", "second", "-", NULL};

	(void)state;
	parse(OPTIONS_REPORT, argv);
	assert_int_equal(did.result, 2);
	assert_string_equal(argv[1], "--json");
	assert_string_equal(argv[2], "first");
	assert_string_equal(argv[3], "second");
	assert_string_equal(argv[4], "-");
	PARSE(OPTIONS_REPORT, "--", "--json");
	assert_int_equal(did.result, 2);
	assert_int_equal(did.calls, 0);
	PARSE(OPTIONS_REPORT, "--no-such-option");
	assert_int_equal(did.result, -EINVAL);
	assert_true(one_line(did.err));
	assert_non_null(strstr(did.err, "no-such-option"));
	/* What set says no to ends it, and nothing after that is looked at. */
	PARSE(OPTIONS_REPORT, "--filter-mark", "refused", "--json");
	assert_int_equal(did.result, -EINVAL);
	assert_int_equal(did.calls, 1);
}

/* options_number() and options_size(): the value, or UINT64_MAX when refused in one line. */
static uint64_t number(int (*of)(enum option_id, const char *, uint64_t, uint64_t *),
		       const char *arg, uint64_t max)
{
	uint64_t v = 12345;
	int err = stream_take(STDERR_FILENO), got;

	got = of(OPTION_FILTER_MARK, arg, max, &v);
	stream_give(STDERR_FILENO, err, did.err, sizeof(did.err));
	if (!got) {
		assert_string_equal(did.err, "");
		return v;
	}
	assert_int_equal(got, -EINVAL);
	assert_int_equal(v, 12345);
	assert_true(one_line(did.err));
	assert_non_null(strstr(did.err, "--filter-mark: "));
	return UINT64_MAX;
}

static void numbers(void **state)
{
	static const char *const bad[] = {
		"",	"-1",	 "+1",	" 1", "1 ",   "x",    "0x", "0xg",
		"1x",	"1.5",	 "1k",	"1K", "0x-1", "0x 1", "１", "18446744073709551616",
		"-0x1", "0x0x1", "1e3",
	};

	(void)state;
	assert_int_equal(number(options_number, "0", 10), 0);
	assert_int_equal(number(options_number, "10", 10), 10);
	assert_true(number(options_number, "11", 10) == UINT64_MAX);
	assert_non_null(strstr(did.err, "too large (got \"11\")"));
	assert_int_equal(number(options_number, "0xff", 255), 255);
	assert_int_equal(number(options_number, "0XFF", 255), 255);
	assert_int_equal(number(options_number, "0xffffffff", UINT32_MAX), UINT32_MAX);
	assert_true(number(options_number, "0x100000000", UINT32_MAX) == UINT64_MAX);
	assert_int_equal(number(options_number, "010", 255), 10); /* not octal */
	assert_true(number(options_number, "18446744073709551614", UINT64_MAX) ==
		    18446744073709551614u);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (number(options_number, bad[i], UINT64_MAX) != UINT64_MAX)
			fail_msg("took \"%s\"", bad[i]);
}

static void sizes(void **state)
{
	static const char *const bad[] = {
		"K", "1KK", "1T", "1KB", "1 K", "", "-1K", "17179869184G", "18014398509481984K",
	};

	(void)state;
	assert_int_equal(number(options_size, "5", 10), 5);
	assert_int_equal(number(options_size, "1K", UINT64_MAX), 1024);
	assert_int_equal(number(options_size, "2k", UINT64_MAX), 2048);
	assert_int_equal(number(options_size, "64M", UINT64_MAX), 64u << 20);
	assert_int_equal(number(options_size, "3g", UINT64_MAX), 3ull << 30);
	assert_int_equal(number(options_size, "0x10K", UINT64_MAX), 16384);
	assert_true(number(options_size, "17179869183G", UINT64_MAX) == 17179869183ull << 30);
	assert_int_equal(number(options_size, "1G", 1u << 30), 1u << 30);
	assert_true(number(options_size, "1025M", 1u << 30) == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (number(options_size, bad[i], UINT64_MAX) != UINT64_MAX)
			fail_msg("took \"%s\"", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_record),
		cmocka_unit_test(options_of_report),
		cmocka_unit_test(the_table),
		cmocka_unit_test(help_shows_what_is_for_the_program),
		cmocka_unit_test(operands_and_refusals),
		cmocka_unit_test(numbers),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where each option of pwru goes. The table is read here too: each is given to exactly the programs
 * that know it, but for the filters, which are the recorder's.
 */
#include "record/split.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/said.h"

enum { RECORD = 1, REPORT = 2 };

static const struct {
	const char *name;
	char letter;
	const char *argument;
	unsigned int programs;
} table[] = {
#define GROUP(title_, programs_)
#define OPTION(id_, name_, letter_, argument_, programs_, help_) \
	{name_, letter_, argument_, programs_},
#include "common/options.def"
#undef GROUP
#undef OPTION
};

static struct split split;
static struct said err;
static int result;

static void parse(char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	split_deinit(&split);
	split = (struct split){};
	err = said_begin(STDERR_FILENO);
	result = split_parse(argc, argv, &split);
	said_end(&err);
}
#define PARSE(...) parse((char *[]){"pwru", __VA_ARGS__, NULL})

/* "one two three". */
static const char *joined(const struct words *w, char *to, size_t size)
{
	size_t len = 0;

	to[0] = 0;
	for (unsigned int i = 0; i < w->n; i++)
		len += (size_t)snprintf(to + len, size - len, "%s%s", i ? " " : "", w->all[i]);
	assert_null(w->all[w->n]);
	return to;
}

static void expect(const char *record, const char *report)
{
	char text[1024];

	assert_int_equal(result, 0);
	assert_string_equal(err.text, "");
	assert_string_equal(joined(&split.record, text, sizeof(text)), record);
	assert_string_equal(joined(&split.report, text, sizeof(text)), report);
}

#define RECORDER "pwru-record --write=- --comment=none"
#define REPORTER "pwru-report events"

static void nothing(void **state)
{
	(void)state;
	parse((char *[]){"pwru", NULL});
	expect(RECORDER, REPORTER " -");
	assert_false(split.alone);
}

static void seed(void **state)
{
	(void)state;
	PARSE("-filter-dst-ip", "10.0.0.1", "-filter-dst-port", "80", "-filter-mark", "0",
	      "-filter-proto", "tcp", "-filter-src-ip", "10.0.0.2", "-filter-src-port", "5001",
	      "-output-meta", "-output-relative-timestamp", "-output-skb", "-output-tuple");
	expect(RECORDER " --skb --filter-dst-ip=10.0.0.1 --filter-dst-port=80 --filter-mark=0"
			" --filter-proto=tcp --filter-src-ip=10.0.0.2 --filter-src-port=5001",
	       REPORTER " --output-meta --output-relative-timestamp --output-skb --output-tuple -");
}

static void operands_and_command(void **state)
{
	(void)state;
	PARSE("host", "10.0.0.7", "-q", "and", "tcp", "--json", "--", "curl", "-v", "--json", "--");
	expect(RECORDER " --quiet host 10.0.0.7 and tcp -- curl -v --json --",
	       REPORTER " --quiet --json -");
	PARSE("--");
	expect(RECORDER " --", REPORTER " -");
}

static void the_users_word_counts(void **state)
{
	(void)state;
	PARSE("--stack=3", "--output-stack", "--comment", "full");
	expect(RECORDER " --stack --stack=3 --comment=full", REPORTER " --output-stack -");
	PARSE("--output-caller");
	expect(RECORDER, REPORTER " --output-caller -");
}

/* An argument stays one argument, whatever is in it. */
static void arguments_are_whole(void **state)
{
	(void)state;
	PARSE("-e", "reason == X and path.duration > 1ms", "-f", "-x",
	      "--filter-tunnel=", "a  b\n");
	assert_int_equal(split.report.n, 5);
	assert_string_equal(split.report.all[2],
			    "--expression=reason == X and path.duration > 1ms");
	assert_string_equal(split.report.all[3], "--filter=-x");
	assert_string_equal(split.record.all[3], "--filter-tunnel=");
	assert_string_equal(split.record.all[4], "a  b\n");
}

static void the_recorder_alone(void **state)
{
	(void)state;
	PARSE("--check", "--kernel-btf", "f");
	assert_true(split.alone);
	expect("pwru-record --check --kernel-btf=f", REPORTER " -");
	PARSE("-list-functions", "-v");
	assert_true(split.alone);
	expect("pwru-record --list-functions --verbose", REPORTER " --verbose -");
}

static const char *const not_live[] = {
	"write",       "scrub",		"scrub-key",	"annotate",
	"rotate-size", "rotate-time",	"rotate-files", "flight-recorder",
	"trigger",     "trigger-after", "follow-file",
};

static bool is_live(const char *name)
{
	for (size_t i = 0; i < sizeof(not_live) / sizeof(not_live[0]); i++)
		if (!strcmp(not_live[i], name))
			return false;
	return true;
}

static bool has(const struct words *w, const char *word)
{
	for (unsigned int i = 0; i < w->n; i++)
		if (!strcmp(w->all[i], word))
			return true;
	return false;
}

/* In each way it can be written. */
static void one_option(size_t row)
{
	const char *name = table[row].name;
	bool takes = table[row].argument && strncmp(table[row].argument, "[=", 2);
	bool both = !strcmp(name, "quiet") || !strcmp(name, "verbose");
	char written[3][64], word[64];

	snprintf(written[0], sizeof(written[0]), "--%s", name);
	snprintf(written[1], sizeof(written[1]), "-%s", name);
	snprintf(written[2], sizeof(written[2]), "-%c", table[row].letter);
	snprintf(word, sizeof(word), "--%s%s", name, takes ? "=7" : "");
	for (int i = 0; i < (table[row].letter ? 3 : 2); i++) {
		PARSE(written[i], takes ? "7" : NULL);
		if (!is_live(name)) {
			assert_int_equal(result, -EINVAL);
			assert_int_equal(err.lines, 1);
			assert_non_null(strstr(err.text, name));
			continue;
		}
		assert_int_equal(result, 0);
		assert_int_equal(has(&split.record, word), !!(table[row].programs & RECORD));
		assert_int_equal(has(&split.report, word), both || table[row].programs == REPORT);
	}
}

static void each_option(void **state)
{
	size_t seen = 0;

	(void)state;
	for (size_t row = 0; row < sizeof(table) / sizeof(table[0]); row++) {
		if (!strcmp(table[row].name, "help") || !strcmp(table[row].name, "version"))
			continue;
		one_option(row);
		seen++;
	}
	assert_true(seen > 60);
}

static void wrong_use(void **state)
{
	(void)state;
	PARSE("--nonsense");
	assert_int_equal(result, -EINVAL);
	assert_int_equal(err.lines, 1);
	PARSE("--max-events");
	assert_int_equal(result, -EINVAL);
	assert_int_equal(err.lines, 1);
	PARSE("--filter-s", "1");
	assert_int_equal(result, -EINVAL);
	assert_int_equal(err.lines, 1);
	PARSE("-w", "x.pcapng");
	assert_int_equal(result, -EINVAL);
	assert_non_null(strstr(err.text, "pwru-record writes a capture"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(seed),
		cmocka_unit_test(operands_and_command),
		cmocka_unit_test(the_users_word_counts),
		cmocka_unit_test(arguments_are_whole),
		cmocka_unit_test(the_recorder_alone),
		cmocka_unit_test(each_option),
		cmocka_unit_test(wrong_use),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	split_deinit(&split);
	return failed;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_RECORD_OPTIONS_H
#define TESTS_RECORD_OPTIONS_H

/* For unit tests of pwru-record's command line: an option alone against the defaults, and what is
 * refused with one line on stderr. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "record/options.h"
#include "tests/support/said.h"

#define MOST_ARGS 16

static struct said out, err;
static const char *taken[128]; /* options that were read without complaint */
static size_t taken_count;

static inline int read_args(char **args, struct options *ret)
{
	static char *argv[MOST_ARGS + 2]; /* the command is kept where it stands */
	int argc = 1, result;

	memset(argv, 0, sizeof(argv));
	argv[0] = "pwru-record";

	while (args[argc - 1]) {
		assert_true(argc <= MOST_ARGS);
		argv[argc] = args[argc - 1];
		argc++;
	}
	out = said_begin(STDOUT_FILENO);
	err = said_begin(STDERR_FILENO);
	result = options_read(argc, argv, ret);
	said_end(&err);
	said_end(&out);
	return result;
}

#define READ(ret, ...) read_args((char *[]){__VA_ARGS__, NULL}, ret)

static inline struct options defaults(void)
{
	return (struct options){.write = "pwru.pcapng",
				.snaplen = 96,
				.ring_size = 64 << 20,
				.trigger_after = 1000000000,
				.filter = {.track = 1, .snaplen = 96, .max_lives = 131072}};
}

static inline void expect_text(const char *got, const char *want)
{
	assert_int_equal(!got, !want);
	if (want)
		assert_string_equal(got, want);
}

static inline void expect_options(const struct options *got, const struct options *want)
{
	expect_text(got->write, want->write);
	assert_int_equal(got->comment, want->comment);
	assert_int_equal(got->snaplen, want->snaplen);
	assert_true(got->max_events == want->max_events);
	assert_true(got->duration == want->duration);
	assert_true(got->rotate_size == want->rotate_size);
	assert_true(got->rotate_time == want->rotate_time);
	assert_int_equal(got->rotate_files, want->rotate_files);
	assert_true(got->flight_size == want->flight_size);
	assert_true(got->flight_time == want->flight_time);
	for (size_t i = 0; i < sizeof(got->triggers) / sizeof(got->triggers[0]); i++)
		expect_text(got->triggers[i], want->triggers[i]);
	assert_true(got->trigger_after == want->trigger_after);
	assert_int_equal(got->backend, want->backend);
	assert_int_equal(got->buffer, want->buffer);
	assert_true(got->ring_size == want->ring_size);
	for (size_t i = 0; i < sizeof(got->filter_func) / sizeof(got->filter_func[0]); i++)
		expect_text(got->filter_func[i], want->filter_func[i]);
	expect_text(got->filter_netns, want->filter_netns);
	expect_text(got->filter_tunnel, want->filter_tunnel);
	assert_int_equal(got->filter_drop, want->filter_drop);
	expect_text(got->expression, want->expression);
	assert_int_equal(got->skb, want->skb);
	expect_text(got->kmods, want->kmods);
	assert_int_equal(got->all_kmods, want->all_kmods);
	expect_text(got->kernel_btf, want->kernel_btf);
	assert_int_equal(got->check, want->check);
	expect_text(got->ready_file, want->ready_file);
	expect_text(got->user, want->user);
	assert_int_equal(got->list_functions, want->list_functions);
	assert_int_equal(got->with_ssh, want->with_ssh);
	assert_int_equal(got->quiet, want->quiet);
	assert_int_equal(got->verbose, want->verbose);
	assert_memory_equal(&got->filter, &want->filter, sizeof(want->filter));
	assert_true(!got->command == !want->command);
}

/* The arguments are taken without a word and make exactly this of the defaults. */
static inline void expect_read(char **args, const struct options *want)
{
	struct options o;

	memset(&o, 0x5a, sizeof(o));
	if (read_args(args, &o))
		fail_msg("refused: %s %s", args[0], args[1] ? args[1] : "");
	assert_string_equal(err.text, "");
	assert_string_equal(out.text, "");
	expect_options(&o, want);
	options_deinit(&o);
	assert_null(o.command_line);
	if (args[0] && taken_count < sizeof(taken) / sizeof(taken[0]))
		taken[taken_count++] = args[0];
}

/* -EINVAL after one line, and *ret is not touched. */
static inline void expect_refused(char **args)
{
	struct options o, untouched;
	int result;

	memset(&o, 0x5a, sizeof(o));
	untouched = o;
	result = read_args(args, &o);
	if (result != -EINVAL || err.lines != 1)
		fail_msg("%s %s: %d, %u lines", args[0], args[1] ? args[1] : "", result, err.lines);
	assert_string_equal(out.text, "");
	assert_memory_equal(&o, &untouched, sizeof(o));
}

#define REFUSED(...) expect_refused((char *[]){__VA_ARGS__, NULL})

/* value NULL: it takes none. */
#define EXPECT(name, value, ...)                                 \
	do {                                                     \
		struct options o_ = defaults();                  \
		__VA_ARGS__;                                     \
		expect_read((char *[]){name, value, NULL}, &o_); \
	} while (0)

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input is a file that pwru-report is given, for each view, as text or as JSON. What it prints
 * is looked at: each line of JSON has to be JSON, and text may hold nothing a terminal obeys. Then
 * the same from a pipe, as two files when there are two sections, and through filters.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/filter/filter.h"
#include "report/options.h"
#include "report/pipe.h"
#include "report/view.h"
#include "tests/fuzz/fuzz.h"

static int output = -1;

/* Standard output becomes a file that can be read back; once for all inputs. */
static void output_begin(void)
{
	if (output < 0) {
		fflush(stdout);
		output = memfd_create("output", MFD_CLOEXEC);
		if (output < 0 || dup2(output, STDOUT_FILENO) < 0)
			abort();
	}
	if (ftruncate(output, 0) || lseek(STDOUT_FILENO, 0, SEEK_SET))
		abort();
}

static void check_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		FUZZ_CHECK(((unsigned char)text[i] >= 0x20 && text[i] != 0x7f) || text[i] == '\n');
}

static void check_json(const char *text, size_t len)
{
	const char *newline;

	for (; len; len -= (size_t)(newline + 1 - text), text = newline + 1) {
		newline = memchr(text, '\n', len);
		FUZZ_CHECK(newline);
		FUZZ_CHECK(fuzz_json(text, (size_t)(newline - text)));
	}
}

static void output_check(bool json)
{
	struct stat st;
	char *text;

	if (fstat(output, &st))
		abort();
	if (!st.st_size)
		return;
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, output, 0);
	if (text == MAP_FAILED)
		abort();
	if (json)
		check_json(text, (size_t)st.st_size);
	else
		check_text(text, (size_t)st.st_size);
	munmap(text, (size_t)st.st_size);
}

static void run(const char *view, bool json, char **files, size_t n_files)
{
	struct report_options o = {
		.view = view_find(view),
		.files = files,
		.n_files = n_files,
		.json = json,
		.all = true,
		.meta = true,
		.tuple = true,
		.relative = n_files > 1,
		.tcp_flags = true,
		.tunnel = true,
		.caller = true,
		.stack = true,
		.skb = true,
		.times = TIMES_ISO,
		.times_given = true,
		.level = LOG_LEVEL_ERROR,
	};
	int status;

	FUZZ_CHECK(o.view);
	output_begin();
	status = o.view->run ? o.view->run(&o) : (int)pipe_run(&o);
	FUZZ_CHECK(status == PIPE_DONE || status == PIPE_FAILED || status == PIPE_INCOMPLETE);
	output_check(json);
}

static void run_csv(const char *view, char *file)
{
	struct report_options o = {
		.view = view_find(view),
		.files = &file,
		.n_files = 1,
		.csv = true,
		.level = LOG_LEVEL_ERROR,
	};
	int status;

	output_begin();
	status = (int)pipe_run(&o);
	FUZZ_CHECK(status == PIPE_DONE || status == PIPE_FAILED || status == PIPE_INCOMPLETE);
	output_check(false);
}

/* Every field of a hit and of a path is asked for, and those of any hit. */
static void run_filtered(const char *view, bool json, char *file, bool only_events)
{
	struct report_options o = {
		.view = view_find(view),
		.files = &file,
		.n_files = 1,
		.json = json,
		.only_events = only_events,
		.pcap_filter = "not tcp port 1",
		.time = "+0..",
		.expression =
			"path.func ~ \"[a-m]\" and not comm ~ \"^z\" and (outcome != alive or "
			"path.reason != x or path.culprit_func == x or path.by == x or "
			"path.merged_into == 1 or path.parent == 1 or path.may_lack > 3) and "
			"(reason ~ \"x\" or src == 10.0.0.0/8 or src_mac != 02:00:00:00:00:00 or "
			"caller_offset > 1 or flags == S or path.duration < 1s or time > +1ms)",
		.level = LOG_LEVEL_ERROR,
	};
	int status;

	FUZZ_CHECK(!filter_create(&o, &o.filter));
	output_begin();
	status = (int)pipe_run(&o);
	FUZZ_CHECK(status == PIPE_DONE || status == PIPE_FAILED || status == PIPE_INCOMPLETE);
	output_check(json);
	filter_destroy(o.filter);
}

/* Families that are kept, and what is made of them: sorted, grouped, followed. */
static void run_kept(bool json, char *file, unsigned int way)
{
	struct report_options o = {
		.view = view_find(way < 2 || way > 3 ? "paths" : "follow"),
		.files = &file,
		.n_files = 1,
		.json = json && way < 4,
		.csv = way >= 4,
		.all = true,
		.order = way ? ORDER_ENDED : ORDER_DROPS,
		.top = way ? 0 : 5,
		.group = way == 1 || way == 4,
		.packets = {1, 2, 3},
		.n_packets = way == 2 ? 3 : 0,
		.level = LOG_LEVEL_ERROR,
	};
	int status;

	FUZZ_CHECK(!filter_create(&o, &o.filter));
	output_begin();
	status = (int)pipe_run(&o);
	FUZZ_CHECK(status == PIPE_DONE || status == PIPE_FAILED || status == PIPE_USAGE ||
		   status == PIPE_INCOMPLETE);
	output_check(o.json);
	filter_destroy(o.filter);
}

/* What counts and measures: between two functions, the first of it only, as CSV. */
static void run_counted(bool json, char *file, unsigned int way)
{
	static const char *const views[] = {"latency", "latency", "drops", "functions", "latency"};
	struct report_options o = {
		.view = view_find(views[way]),
		.files = &file,
		.n_files = 1,
		.json = json && way < 1,
		.csv = way >= 1,
		.from = way < 2 ? "ip_rcv" : NULL,
		.to = way < 2 ? "kfree_skb_reason" : NULL,
		.top = way == 4 ? 3 : 0,
		.level = LOG_LEVEL_ERROR,
	};
	int status;

	output_begin();
	status = (int)pipe_run(&o);
	FUZZ_CHECK(status == PIPE_DONE || status == PIPE_FAILED || status == PIPE_INCOMPLETE);
	output_check(o.json);
}

/* With debug information, of a kernel that has everything anywhere. */
static void run_lines(const char *view, bool json, bool csv, char *file)
{
	struct report_options o = {
		.view = view_find(view),
		.files = &file,
		.n_files = 1,
		.json = json,
		.csv = csv,
		.symbols = true,
		.caller = true,
		.stack = true,
		.vmlinux = "tests/fuzz/corpus/debuginfo/kernel",
		.source_dir = ".",
		.allow_mismatch = true,
		.level = LOG_LEVEL_ERROR,
	};
	int status;

	output_begin();
	status = o.view->run ? o.view->run(&o) : (int)pipe_run(&o);
	FUZZ_CHECK(status == PIPE_DONE || status == PIPE_FAILED || status == PIPE_INCOMPLETE);
	output_check(json);
}

static void run_file(const uint8_t *data, size_t size, bool json)
{
	static const char *const views[] = {"paths",  "events", "info",	     "debuginfo",
					    "blocks", "drops",	"functions", "latency"};
	int fd = fuzz_file(data, size);
	char name[32], *files[] = {name};

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		run(views[i], json, files, 1);
	run_csv(json ? "paths" : "events", name);
	run_lines("drops", json, false, name);
	run_lines(size & 1 ? "paths" : "events", json, !json && size & 2, name);
	run_lines(size & 1 ? "debuginfo" : "info", json, false, name);
	run_filtered("events", !json, name, size & 1);
	run_filtered("paths", json, name, size & 1);
	for (unsigned int way = 0; way < 6; way++)
		run_kept(json, name, way);
	for (unsigned int way = 0; way < 5; way++)
		run_counted(json, name, way);
	close(fd);
}

/* As two files, if there are two sections. */
static void run_files(const uint8_t *data, size_t size, bool json)
{
	const uint8_t *second = size > 4 ? memmem(data + 4, size - 4, "\n\r\r\n", 4) : NULL;
	size_t first = second ? (size_t)(second - data) : 0;
	char name[2][32], *files[] = {name[1], name[0]};
	int fds[2];

	if (!second)
		return;
	fds[0] = fuzz_file(data, first);
	fds[1] = fuzz_file(second, size - first);
	for (int i = 0; i < 2; i++)
		snprintf(name[i], sizeof(name[i]), "/proc/self/fd/%d", fds[i]);
	run("paths", json, files, 2);
	run("info", json, files, 2);
	run("events", json, files, 2);
	close(fds[0]);
	close(fds[1]);
}

static void run_pipe(const uint8_t *data, size_t size, bool json)
{
	int fd = fuzz_pipe(data, size);
	char name[32], *files[] = {name};

	if (fd < 0)
		return;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	run("paths", json, files, 1);
	close(fd);
}

/* Text or JSON? Any change to the input may ask for the other; both would take twice the time. */
static bool choose(const uint8_t *data, size_t size)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ data[i]) * 16777619u;
	return hash >> 16 & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool json = choose(data, size);

	log_init("fuzz_report", LOG_LEVEL_ERROR);
	/* Nothing is kept of debug information. */
	setenv("XDG_CACHE_HOME", "/nonexistent", 1);
	run_file(data, size, json);
	run_files(data, size, !json);
	run_pipe(data, size, !json);
	return 0;
}

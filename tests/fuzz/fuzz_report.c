// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input is a file that pwru-report is given, for each view, as text and as JSON. What it prints
 * is looked at: each line of JSON has to be JSON, and text may hold nothing a terminal obeys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int run(const char *view, bool json, char **files)
{
	struct report_options o = {
		.view = view_find(view),
		.files = files,
		.n_files = 1,
		.json = json,
		.all = true,
		.meta = true,
		.tuple = true,
		.relative = true,
		.caller = true,
		.level = LOG_LEVEL_ERROR,
	};
	int status;

	FUZZ_CHECK(o.view);
	output_begin();
	status = o.view->run ? o.view->run(&o) : (int)pipe_run(&o);
	FUZZ_CHECK(status == PIPE_DONE || status == PIPE_FAILED || status == PIPE_INCOMPLETE);
	output_check(json);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const views[] = {"paths", "events", "info", "blocks"};
	int fd = fuzz_file(data, size);
	char name[32];
	char *files[] = {name, NULL};

	log_init("fuzz_report", LOG_LEVEL_ERROR);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		FUZZ_CHECK(run(views[i], false, files) == run(views[i], true, files));
	close(fd);
	return 0;
}

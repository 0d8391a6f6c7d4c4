// SPDX-License-Identifier: GPL-2.0-only
/*
 * pwru-report: rebuilds packets' paths from a capture. What starts other programs comes before
 * confine_report(), what reads captures after it.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "report/confine.h"
#include "report/write/extract.h"
#include "report/symbol/fetch.h"
#include "report/filter/filter.h"
#include "report/options.h"
#include "report/pager.h"
#include "report/pipe.h"
#include "report/terminal.h"
#include "report/view.h"

#define EXIT_USAGE 2

static bool wants_colour(const struct report_options *o)
{
	const char *no_colour = getenv("NO_COLOR");

	if (o->colours != COLOUR_AUTO)
		return o->colours == COLOUR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

/* What comes live must not wait. */
static bool is_recorded(const struct report_options *o)
{
	struct stat st;

	for (size_t i = 0; i < o->n_files; i++) {
		if (strcmp(o->files[i], "-") ? stat(o->files[i], &st) : fstat(STDIN_FILENO, &st))
			continue;
		if (!S_ISREG(st.st_mode))
			return false;
	}
	return !o->follow_file;
}

int main(int argc, char **argv)
{
	struct report_options options;
	pid_t pager = 0;
	int err;

	log_init("pwru-report", LOG_LEVEL_INFO);
	err = report_options_parse(argc, argv, &options);
	if (err)
		return err == -ECANCELED ? 0 : EXIT_USAGE;
	log_init("pwru-report", options.level);
	err = filter_create(&options, &options.filter);
	if (err)
		return err == -EINVAL ? EXIT_USAGE : PIPE_FAILED;
	options.colour = wants_colour(&options);
	options.width = terminal_columns(STDOUT_FILENO, TERMINAL_NONE);
	if (!options.no_lines && (!options.write || options.annotate) && is_recorded(&options))
		fetch_start(&options.fetch);
	/* Live, it is watched as it comes, and Ctrl-C ends it. */
	if (!options.no_pager && !options.write && is_recorded(&options))
		pager_start(&pager);
	confine_report(options.files, options.n_files, options.write);
	/* A file that may not grow further is an error as a full disk is. */
	signal(SIGXFSZ, SIG_IGN);
	err = options.write	  ? (int)extract_run(&options)
	      : options.view->run ? options.view->run(&options)
				  : (int)pipe_run(&options);
	fetch_stop(options.fetch);
	pager_wait(pager);
	filter_destroy(options.filter);
	return err;
}

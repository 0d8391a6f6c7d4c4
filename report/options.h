/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_OPTIONS_H
#define REPORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/log.h"
#include "report/match.h"

struct view_ops;

struct report_options {
	const struct view_ops *view;
	char **files; /* borrowed from argv; "-" is standard input */
	size_t n_files;
	struct match match;
	const char *write; /* NULL: print. Borrowed from argv */
	bool scrub;
	const char *scrub_key; /* NULL: a random one */
	bool json;
	bool all;
	bool meta;
	bool tuple;
	bool relative;
	bool caller;
	bool no_pager;
	bool colour; /* not an option: of the terminal, seen before a pager is started */
	enum log_level level;
};

/*
 * argv -> *ret, without doing any work; borrows from argv. -EINVAL after one line on stderr,
 * -ECANCELED when --help or --version was asked for.
 */
int report_options_parse(int argc, char **argv, struct report_options *ret);

#endif

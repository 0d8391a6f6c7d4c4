/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_SPLIT_H
#define RECORD_SPLIT_H

/*
 * The command line of pwru -> those of pwru-record and pwru-report, by the table of options. What
 * both know, the filters, is for the recorder: the report would judge a packet again that is
 * followed and has changed since.
 */

#include <stdbool.h>

struct words {
	char **all; /* heap, each of them too; ended by a NULL */
	unsigned int n;
};

struct split {
	struct words record;
	struct words report;
	bool alone; /* the recorder prints something itself, and there is nothing to report */
};

/* -EINVAL after one line on stderr; -ECANCELED when --help or --version was printed; -ENOMEM. */
int split_parse(int argc, char **argv, struct split *ret);
void split_deinit(struct split *s);

#endif

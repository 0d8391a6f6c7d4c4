/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_SIBLING_H
#define RECORD_SIBLING_H

/*
 * The programs that pwru starts: beside it, as built and as installed, else in $PATH. A relative
 * entry of $PATH is passed over, an empty one too: they are whatever directory this is run in.
 */

#include <limits.h>

struct sibling {
	const char *name; /* borrowed */
	char path[PATH_MAX];
	int fd; /* for whoever may not go to the path; closed by exec */
};

/* -ENOENT after one line. The descriptor is kept until the end. */
int sibling_find(const char *name, struct sibling *ret);

/* Becomes it. Returns only when it could not: -errno. */
int sibling_exec(const struct sibling *s, char **argv);

#endif

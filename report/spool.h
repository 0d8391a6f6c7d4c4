/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SPOOL_H
#define REPORT_SPOOL_H

/*
 * Inputs that can be read more than once: what comes through a pipe is copied to a temporary file
 * first, which nobody else can open and which goes away with the program. It lies in $TMPDIR, or
 * /var/tmp.
 */

#include <stddef.h>

struct spool; /* opaque */

/* names: as given on the command line, "-" among them. On failure one line is said. -errno. */
int spool_create(char *const *names, size_t n, struct spool **ret);
void spool_destroy(struct spool *s);

/* The names to read instead, borrowed. What is wrong with a file shows when it is read. */
char **spool_names(struct spool *s);
/* Before each reading. */
void spool_rewind(struct spool *s);

#endif

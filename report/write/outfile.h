/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_OUTFILE_H
#define REPORT_OUTFILE_H

/*
 * The file that a capture is written to, in whole blocks. It is its owner's only (mode 0600), never
 * behind a symbolic link, and never one of the files that are read. What stood in it stays until
 * there is something to put in its place.
 *
 * What is wrong is said once, here.
 */

#include <stddef.h>

#include "common/buf.h"

struct outfile; /* opaque */

/* "-" is standard output, which must not be a terminal. inputs are names too. -errno. */
int outfile_open(const char *path, char *const *inputs, size_t n, struct outfile **ret);

/* Writes all of b, which holds whole blocks, and empties it. After an error, which every later call
 * gives again, the file ends with the last block that fitted. -EPIPE is not said. */
int outfile_write(struct outfile *o, struct buf *b);

/* -errno when it was not written in order. A new file that nothing was written to goes away. */
int outfile_close(struct outfile *o);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_OUTPUT_H
#define RECORD_OUTPUT_H

/*
 * Where blocks go: a file, a row of files, or a pipe. Takes whole blocks only, and leaves whole
 * blocks only: when a disk fills up in the middle of one, the file is cut back to the block before.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

struct output; /* opaque */

/*
 * path "-": standard output, which must not be a terminal. A file is made new or emptied, readable
 * by its owner only; a symbolic link is not followed. -errno, after one line on stderr.
 */
int output_open(const char *path, struct output **ret);

/*
 * A row of files beside path: of "dir/x.pcapng" dir/x_00001_20261122204911.pcapng and so on, with
 * the local time at which each was begun, as dumpcap names them. keep: so many, then the oldest is
 * removed; 0: all. The directory must be writable now; files come with output_next().
 */
int output_open_row(const char *path, uint32_t keep, struct output **ret);

/* Of a row: ends the file at hand and begins the next. Of others: nothing. -errno after one line.
 */
int output_next(struct output *o);
/* Of a row: ends the file at hand; there may be more later. */
int output_done(struct output *o);

/*
 * Writes all of b, which holds whole blocks, and empties it. -EPIPE: the reader is gone; says
 * nothing. Else -errno after one line on stderr; what could be kept is kept, and every later call
 * gives the same error.
 */
int output_write(struct output *o, struct buf *b);

bool output_is_pipe(const struct output *o);
uint64_t output_bytes(const struct output *o);	 /* in all */
uint32_t output_files(const struct output *o);	 /* of a row, begun so far */
const char *output_name(const struct output *o); /* of a row the last one's; borrowed */

/* fsync and close; 0 or -errno after one line. o is freed in any case. */
int output_close(struct output *o);

#endif

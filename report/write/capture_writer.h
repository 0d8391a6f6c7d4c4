/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_CAPTURE_WRITER_H
#define REPORT_CAPTURE_WRITER_H

/*
 * Captures -> one file of ours again. All of them share one section, as mergecap would have it: so
 * their hits can stand in order of time, which several sections could not. Each has its INFO, its
 * snapshot, and an interface for each of its functions that was hit.
 *
 * Hits keep their options as they are, notes what they say; so the recorder's counters still tell
 * of the whole recording, and what is not here was removed from it and not lost.
 */

#include "common/pcapng_reader.h"
#include "report/read/capture.h"
#include "report/read/hit.h"
#include "report/write/outfile.h"
#include "report/scrub/scrub_key.h"

struct annotate;
struct capture_writer; /* opaque */

/*
 * All are borrowed; captures are all that hits and notes will come from. key: everything is
 * scrubbed; NULL: it is written as it is. annotate, without key only: source lines are added; NULL:
 * none. -ENOMEM.
 */
int capture_writer_create(const struct captures *captures, struct outfile *out,
			  struct scrub_key *key, struct annotate *annotate,
			  struct capture_writer **ret);
void capture_writer_destroy(struct capture_writer *w);

/* A hit that is going to be written, told of before the head. -ENOMEM. */
int capture_writer_survey(struct capture_writer *w, const struct hit *h);
/* All hits were told of. What stands before them. From here on: 0, -ENOMEM, or what outfile_write()
 * gave. */
int capture_writer_head(struct capture_writer *w);
int capture_writer_hit(struct capture_writer *w, const struct hit *h);
int capture_writer_note(struct capture_writer *w, const struct pcapng_block *b,
			const struct event_note *n);
/* The closing notes, and what stands behind them. */
int capture_writer_end(struct capture_writer *w);

uint64_t capture_writer_hits(const struct capture_writer *w);
/* Hits that did not fit a block. */
uint64_t capture_writer_too_large(const struct capture_writer *w);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_INPUTS_H
#define REPORT_INPUTS_H

/*
 * All files of a report -> one stream of hits in order of time, each once. Files may be of several
 * hosts, or parts of one recording, or both; captures are told apart by their tags, and wall time
 * is the clock they share.
 *
 * Each file is put in order by itself and the files are merged. One is opened only when the merge
 * comes to its first hit and closed at its end: a thousand rotated files are open one by one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/read/capture.h"
#include "report/read/hit.h"
#include "report/read/source.h"

struct inputs; /* opaque */

struct inputs_file {
	const char *name;
	bool read; /* it was opened, and held something of ours */
	struct source_file is;
};

/* Everything is borrowed. wait may be NULL; its await is called only when there is a live input.
 * -ENOMEM. */
int inputs_create(struct captures *captures, struct hit_pool *pool, const struct source_wait *wait,
		  char **names, size_t n, struct inputs **ret);
void inputs_destroy(struct inputs *in);
/* Before the first hit: see source.h. */
void inputs_tap(struct inputs *in, const struct source_tap *tap);

/* 1 a hit, which is the caller's; 0 the end of all; -ENOMEM. What is wrong with a file is said on
 * stderr, or by inputs_complain(), and does not end the others. */
int inputs_next(struct inputs *in, struct hit **ret);

/* The descriptor of the input, if it is the only one and no regular file, or followed;
 * else -1. */
int inputs_live(const struct inputs *in);
/* For a live input, while inputs_next() waits: what is ready to go; NULL: nothing. */
struct hit *inputs_ready(struct inputs *in);
/* Lets go what was recorded up to then: see reorder_release(). */
void inputs_release(struct inputs *in, int64_t when);
int64_t inputs_newest(const struct inputs *in);

/* How much of the regular files has been read, of how much, in bytes as they are on the disk. */
void inputs_position(const struct inputs *in, uint64_t *done, uint64_t *all);

bool inputs_failed(const struct inputs *in);   /* a file could not be read, or is not ours */
bool inputs_any(const struct inputs *in);      /* a file is ours */
bool inputs_damaged(const struct inputs *in);  /* a file ended in damage */
bool inputs_complain(const struct inputs *in); /* says what damage there was; false: none */
uint64_t inputs_late(const struct inputs *in);
void inputs_counts(const struct inputs *in, struct source_counts *ret);
const struct inputs_file *inputs_files(const struct inputs *in, size_t *n);

#endif

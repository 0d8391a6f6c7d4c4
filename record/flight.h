/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_FLIGHT_H
#define RECORD_FLIGHT_H

/*
 * --flight-recorder: the last of a recording in memory, in chunks of whole blocks. The oldest chunk
 * goes when the rest is still as much as was asked for; so there is always a chunk more than that.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "record/point.h"

#define FLIGHT_CHUNK   (256u << 10) /* bytes, about */
#define FLIGHT_DEFAULT (256u << 20) /* bytes, where only a time was asked for */

struct flight; /* opaque */

/* bytes: at least so many are kept; ns: but nothing that is so much older than the newest; 0:
 * whatever its age. -ENOMEM. */
int flight_create(uint64_t bytes, uint64_t ns, struct flight **ret);
void flight_destroy(struct flight *f);

/*
 * Takes what is in b, blocks recorded from start on and until now (CLOCK_MONOTONIC, ns), and
 * empties b, which holds something. start is copied. -ENOMEM: b is as it was.
 */
int flight_put(struct flight *f, struct buf *b, const struct point *start, uint64_t now);

bool flight_empty(const struct flight *f);

/* Where the oldest chunk begins. Borrowed; NULL when empty. */
const struct point *flight_start(const struct flight *f);

/* Was anything forgotten since the last flight_pop()? */
bool flight_forgot(const struct flight *f);
/* And any of it though it was not too old: the time asked for did not fit. */
bool flight_short(const struct flight *f);

/* Gives the oldest chunk away: its blocks are in *to, which was empty. False: there is none. */
bool flight_pop(struct flight *f, struct buf *to);

#endif

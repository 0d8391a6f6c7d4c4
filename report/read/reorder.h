/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_REORDER_H
#define REPORT_REORDER_H

/*
 * Puts hits in order of (time, CPU, sequence number).
 *
 * The recorder drains one ring a CPU, in rounds; so each CPU's hits come nearly sorted, and a hit
 * is behind another CPU's by at most a round or two. Ready is what no CPU can go back behind any
 * more: what came two rounds ago, unless a CPU is still behind that. No CPU is waited for longer
 * than REORDER_HORIZON_NS, and no more than REORDER_MAX_HITS are held. A hit that comes later than
 * that is delivered at once, and counted as late.
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/read/hit.h"

#define REORDER_HORIZON_NS 250000000 /* five of the recorder's longest pauses */
#define REORDER_MAX_HITS   65536u

struct reorder; /* opaque */

int reorder_create(struct reorder **ret); /* -ENOMEM */
void reorder_destroy(struct reorder *r);  /* the hits still held are the pool's */

/* Takes over h. 0; -ENOMEM, and h stays the caller's. */
int reorder_push(struct reorder *r, struct hit *h);

/* The next hit that is ready, which is the caller's again; NULL: push more. */
struct hit *reorder_pop(struct reorder *r);

/* From now on all hits at or before `when` are ready, whatever other CPUs did: INT64_MAX for all
 * held now. Later hits are held again. */
void reorder_release(struct reorder *r, int64_t when);

/* The latest time pushed; INT64_MIN: nothing yet. */
int64_t reorder_newest(const struct reorder *r);
bool reorder_empty(const struct reorder *r);

/* Hits delivered after a later one of their capture. */
uint64_t reorder_late(const struct reorder *r);

#endif

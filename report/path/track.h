/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TRACK_H
#define REPORT_TRACK_H

/*
 * Hits -> paths -> families. A path is the life of one skb: all hits with its packet number in one
 * capture. It ends with a hit flagged END, when nothing was heard of it for TRACK_IDLE_NS, or with
 * the input. Some kernels free an skb in no function of its own: one that was being taken apart
 * (role DYING) has ended too, at the latest when another life begins at its address.
 *
 * A family is handed on when it is complete and TRACK_LINGER_NS have passed, since what was sent
 * through XDP has its child only after its end. So memory follows the packets alive at once and
 * their families; what is held of those is limited, and beyond it members are handed on alone,
 * before their families.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/path/family.h"
#include "report/path/path.h"

#define TRACK_IDLE_NS                                                                            \
	65000000000 /* of capture time; a fragment waits for the others for 30 s, of IPv6 for 60 \
		     */
#define TRACK_LINGER_NS	  20000000 /* likewise */
#define TRACK_LINGER_MOST 256u	   /* ended paths held; with more none lingers */
#define TRACK_MAX_HOPS	  100000u  /* of one path; what comes then is counted only */
#define TRACK_MAX_HELD	  65536u   /* paths that have ended, */
#define TRACK_HELD_HOPS	  1048576u /* and hops of them, that wait for their families */

struct track; /* opaque */

struct track_counts {
	uint64_t packets;
	uint64_t outcomes[OUTCOMES];
	uint64_t hits;	       /* in paths */
	uint64_t unidentified; /* hits without a packet number */
	uint64_t after_end;    /* hits of a packet that had ended */
	uint64_t not_kept;     /* hits over TRACK_MAX_HOPS */
	uint64_t alive_most;   /* packets at once */
	uint64_t early;	       /* handed on before their families */
};

/*
 * What becomes of the paths of a family, or of one that is handed on early: in order of number,
 * with parent, child and sibling set among them. They are the tracker's again on return.
 */
typedef void track_done_fn(void *ctx, struct path *const *paths, size_t n);

/* keep_hops false: paths have first, last and hits, but no hops and no relations. -ENOMEM. */
int track_create(bool keep_hops, track_done_fn *done, void *ctx, struct track **ret);
void track_destroy(struct track *t);

/*
 * matched: the hit passed the report's filters. *ret is its path, NULL when it has none; it is
 * valid until the next call. May call done, but for *ret only with the next call. -ENOMEM.
 */
int track_add(struct track *t, const struct hit *h, bool matched, const struct path **ret);

/* Ends all paths that are idle at `when`. */
void track_expire(struct track *t, int64_t when);
/* The input's end: ends all paths. */
void track_finish(struct track *t);
/* Hands on all families that are complete, before more input is waited for. */
void track_settle(struct track *t);

const struct track_counts *track_counts(const struct track *t);

#endif

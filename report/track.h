/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TRACK_H
#define REPORT_TRACK_H

/*
 * Hits -> paths. A path is the life of one skb: all hits with its packet number in one capture. It
 * ends with a hit flagged END, when nothing was heard of it for TRACK_IDLE_NS, or with the input.
 * Some kernels free an skb in no function of its own: one that was being taken apart (role DYING)
 * has ended too, at the latest when another life begins at its address. So memory follows the
 * packets alive at once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/hit.h"
#include "report/tuples.h"

#define TRACK_IDLE_NS  30000000000 /* of capture time */
#define TRACK_MAX_HOPS 100000u	   /* of one path; what comes then is counted only */

enum outcome {
	OUTCOME_CONSUMED, /* it ended, and was not dropped */
	OUTCOME_DROPPED,
	OUTCOME_NO_END, /* idle too long */
	OUTCOME_ALIVE,	/* at the end of the input */
	OUTCOMES
};

/* A hit in a path: what a view shows of it, without its packet bytes. */
struct hop {
	uint64_t ktime;
	uint64_t seq;
	const struct func *func;
	uint64_t caller;
	const char *comm;
	const char *ifname;
	uint32_t flags;
	uint32_t reason;
	uint32_t netns;
	uint32_t ifindex;
	uint32_t mark;
	uint32_t len;
	uint32_t mtu;
	uint32_t pid;
	uint16_t protocol;
	uint16_t vlan;
	uint16_t cpu;
	uint16_t tuple; /* index in the path's tuples, or TUPLES_NONE */
};

struct path {
	uint64_t number; /* 1 first, in order of first appearance */
	uint64_t packet; /* its life, in its capture */
	uint64_t skb;
	struct capture *capture;
	int64_t first; /* ns since 1970 */
	int64_t last;
	struct hop *hops;
	size_t n_hops;
	uint64_t hits; /* more than n_hops when hops were not kept */
	struct tuples tuples;
	bool matched;  /* a hit passed the report's filters */
	bool inferred; /* a hit's identity was */
	bool begun;    /* its first hit is its first of all: flag BEGIN */
	bool ended;    /* its end was seen: flag END, or it was being taken apart */

	enum outcome outcome;
	const char *reason;	   /* of a drop; NULL: none is known */
	const char *unnamed;	   /* "reason 77" when the capture has no name for it, else NULL */
	uint64_t culprit;	   /* address that called for the end; 0 unknown */
	const struct hop *verdict; /* the hop that ended it; NULL: not known */

	struct path *older; /* the tracker's */
	struct path *newer;
	size_t hops_cap;
	bool dying;
	char unnamed_text[24];
};

struct track; /* opaque */

struct track_counts {
	uint64_t packets;
	uint64_t outcomes[OUTCOMES];
	uint64_t hits;	       /* in paths */
	uint64_t unidentified; /* hits without a packet number */
	uint64_t after_end;    /* hits of a packet that had ended */
	uint64_t not_kept;     /* hits over TRACK_MAX_HOPS */
	uint64_t alive_most;   /* packets at once */
};

/* What becomes of a path that has ended; it is the tracker's again on return. */
typedef void track_done_fn(void *ctx, struct path *p);

/* keep_hops false: paths have first, last and hits, but no hops. -ENOMEM. */
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
/* Hands on what ended with the last hit, before more input is waited for. */
void track_settle(struct track *t);

const struct track_counts *track_counts(const struct track *t);

#endif

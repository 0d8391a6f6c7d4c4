/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PATH_H
#define REPORT_PATH_H

/*
 * A path is the life of one skb: its hops in order of time, what became of it, where it descends
 * from and what merged into it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/read/hit.h"
#include "report/path/kinds.h"
#include "report/path/tuples.h"

enum outcome {
	OUTCOME_CONSUMED, /* it ended, and was not dropped */
	OUTCOME_DROPPED,
	OUTCOME_NO_END, /* idle too long */
	OUTCOME_ALIVE,	/* at the end of the input */
	OUTCOME_MERGED, /* it became part of another */
	OUTCOMES
};

/* A moment: of hits at one time the CPU, then the number decides. */
struct hop_mark {
	uint64_t ktime;
	uint64_t seq;
	uint16_t cpu;
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
	uint16_t kind;	/* index in the path's kinds, or KINDS_NONE */
	bool matched;	/* it passed the report's filters */
};

/* Where a path descends from. */
struct path_origin {
	uint64_t packet; /* the parent's life */
	uint64_t number; /* the parent's; 0: it was never seen */
	struct hop_mark at;
	uint8_t kind; /* EDGE_CLONE to EDGE_FRAME, or EDGE_NONE */
	bool inferred;
};

/* Half of a merge: the other one. */
struct path_merge {
	uint64_t number;
	uint64_t packet;
	struct hop_mark at;
	const struct func *func; /* that did it */
	uint8_t kind;		 /* EDGE_MERGE or EDGE_REASSEMBLE */
};

struct family;
struct path_list;
struct queue;

struct path {
	uint64_t number; /* 1 first, in order of first appearance */
	uint64_t packet; /* its life, in its capture: what it is called by, also in any part of the
			    capture */
	uint64_t skb;
	struct capture *capture;
	int64_t first; /* ns since 1970 */
	int64_t last;
	struct hop *hops;
	size_t n_hops;
	uint64_t hits; /* more than n_hops when hops were not kept */
	struct tuples tuples;
	struct kinds kinds;
	bool matched;  /* a hit passed the report's filters */
	bool inferred; /* a hit's identity was */
	bool begun;    /* its first hit is its first of all: flag BEGIN */
	bool ended;    /* its end was seen: flag END, or it was being taken apart */

	enum outcome outcome;
	const char *reason;	   /* of a drop; NULL: none is known */
	const char *unnamed;	   /* "reason 77" when the capture has no name for it, else NULL */
	uint64_t culprit;	   /* address that called for the end; 0 unknown */
	const struct hop *verdict; /* the hop that ended it; NULL: not known */

	uint64_t family; /* packet of its root; of a path without parent its own */
	struct path_origin origin;
	struct path *parent;  /* NULL: it has none, or none that is handed on with it */
	struct path *child;   /* the first of those handed on with it, by number */
	struct path *sibling; /* the parent's next child */
	struct path_merge into;
	struct path_merge *merged; /* what became part of it, in order of time */
	size_t n_merged;

	/* What follows is the tracker's. */
	struct path_list *list;
	struct path *older;
	struct path *newer;
	size_t hops_cap;
	bool dying;
	bool gone; /* ended, however, and held */
	char unnamed_text[24];

	struct family *kin;
	struct path *kin_next;
	struct path *kin_prev;
	struct path *elder; /* the sibling before */
	struct path_merge offer;
	size_t open;	      /* paths offered to this one that are not decided */
	struct path *put_off; /* of those, the ones that have ended; linked by put_off_next */
	struct path *put_off_next;
	size_t merged_cap;
	struct queue *orphans; /* it waits there for its parent */
	struct queue *queue;   /* it waits there for reassembly */
	struct path *queue_next;
	struct path *queue_prev;
	struct hop_mark queued;
	uint64_t stamp;
};

/* Paths in order, each in one list at most. */
struct path_list {
	struct path *oldest;
	struct path *newest;
};

void path_unlink(struct path *p); /* nothing when it is in no list */
void path_link(struct path_list *l, struct path *p);

/* Paths for reuse, with their arrays. Zero-initialised is empty. */
struct path_pool {
	struct path *spare;
	unsigned int spares;
};

struct path *path_take(struct path_pool *pool); /* NULL without memory */
void path_recycle(struct path_pool *pool, struct path *p);
void path_pool_deinit(struct path_pool *pool);
void path_destroy(struct path *p);

bool hop_mark_before(const struct hop_mark *a, const struct hop_mark *b);
struct hop_mark hop_mark(const struct hop *h);
struct hop_mark hop_mark_of_hit(const struct hit *h);

/* Adds the hit as a hop in its place; a late one goes between those already there. -ENOMEM. */
int path_add_hop(struct path *p, const struct hit *h);
/* Which hops are shown. */
struct hop_choice {
	bool all;	   /* also those that exist only to know packets by */
	bool only_matched; /* of these, those that passed the report's filters */
};

static inline bool hop_shown(struct hop_choice c, const struct hop *h)
{
	return (c.all || !(h->flags & EVENT_LIFECYCLE)) && (!c.only_matched || h->matched);
}

/* How many are shown, and those that were not kept. */
uint64_t path_hops(const struct path *p, struct hop_choice c);
/* The index of the first hop after that moment. */
size_t path_hops_after(const struct path *p, const struct hop_mark *at);

/* The path after p in the tree of root: first p's children, then its siblings. NULL: p was the
 * last. No recursion, since a capture decides how deep it is. depth: p's below root, 0 root's own.
 */
const struct path *path_next(const struct path *root, const struct path *p, unsigned int *depth);

/* "clone", "copy", "segment", "fragment", "frame", "merge", "queue", "reassemble"; NULL: unknown.
 */
const char *path_edge_word(uint8_t kind);
/* "gro", "coalescing", "reassembly". */
const char *path_merge_word(const struct path_merge *m);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_MERGE_H
#define REPORT_MERGE_H

/*
 * Paths that end as part of another. A packet is offered to a survivor (GRO, coalescing), or is in
 * a reassembly queue that a survivor takes in; whether it went in shows from its hops after that,
 * at its end. It did when
 * - it was freed by a function that frees only what was merged, or
 * - the survivor had grown when it was seen next, which it must have, and
 * - it was taken apart in the course of the survivor's (or a clone's) being taken apart, or
 * - nothing but its release followed, unless it was dropped while an offered-to survivor lived on.
 * It did not when another function saw it. Functions that walk through a survivor's list see its
 * members too: one that saw the survivor just before, and skb_clone(), do not count.
 */

#include <stdbool.h>

#include "report/path/lives.h"

/* A path is told when one offered to it is decided or offered elsewhere, or it is itself, late. */
typedef void merge_closed_fn(void *ctx, struct path *survivor);

/* Packet `other` is offered to s. 0, -ENOMEM. */
int merge_offer(struct lives *l, struct path *s, const struct hit *h, merge_closed_fn *closed,
		void *ctx);
/* p is put into the reassembly queue at h's address. 0, -ENOMEM. */
int merge_queue(struct lives *l, struct path *p, const struct hit *h);
/* s takes in what is in the queue. 0, -ENOMEM. */
int merge_reassemble(struct lives *l, struct path *s, const struct hit *h, merge_closed_fn *closed,
		     void *ctx);

/*
 * p, whose outcome is judged as if it was not, has ended. Where the survivor's next hit tells, the
 * decision is put off until then.
 */
void merge_decide(struct lives *l, struct path *p, merge_closed_fn *closed, void *ctx);
/* Decides what was put off because of s, which has been hit again or has ended. */
void merge_settle(struct path *s, merge_closed_fn *closed, void *ctx);
/* Decides p, if that was put off, with what is known. */
void merge_decide_now(struct lives *l, struct path *p, merge_closed_fn *closed, void *ctx);
/* p leaves the reassembly queue it is in, if any. */
void merge_unqueue(struct lives *l, struct path *p);

/* Puts what merged into p in order of time. */
void merge_sort(struct path *p);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_RANKING_H
#define REPORT_RANKING_H

/*
 * Families in an order that is not the one in which they end, so the best have to be kept until all
 * have come. A family counts as a whole: it starts with its first hit and lasts until its last, its
 * hops and drops are those of all its members. The largest is first; by start the earliest, which
 * also decides between equal ones.
 *
 * What is kept is limited: the families asked for, and RANKING_MAX_BYTES of them. Of more than fit
 * the best stay, and the others are counted: none of them is better than one that stays.
 */

#include "report/path/kept.h"
#include "report/options.h"

#define RANKING_MAX_BYTES ((size_t)64 << 20)

struct ranking; /* opaque */

/* order: not ORDER_ENDED. top: families, 0 all. choice: the hops that count.
 * max_bytes: RANKING_MAX_BYTES, but in tests. On success the caller owns *ret; free with
 * ranking_destroy(). -ENOMEM. */
int ranking_create(enum paths_order order, uint64_t top, struct hop_choice choice, size_t max_bytes,
		   struct ranking **ret);
void ranking_destroy(struct ranking *r);

/* A family, as track_done_fn. One there is no memory for is left out too. */
void ranking_add(struct ranking *r, struct path *const *paths, size_t n);
/* When all have come: the best one that is left, which is the caller's. NULL: there is none. */
struct kept *ranking_take(struct ranking *r);
/* Packets that would have been among them, but did not fit. */
uint64_t ranking_left_out(const struct ranking *r);

#endif

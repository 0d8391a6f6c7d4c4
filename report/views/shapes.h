/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SHAPES_H
#define REPORT_SHAPES_H

/*
 * Families that went the same way, folded into one. Equal are two families of the same tree, in
 * which each member has the same functions at the hops shown, in the same order, and the same
 * outcome, reason and function that called for its end or merged it. Addresses, ports, times, CPUs,
 * devices and what merged into them are not compared.
 *
 * Memory: SHAPES_MAX_BYTES for shapes, counted as if each had all the samples it may have, and what
 * percentiles take of their purse. Families of a shape for which there was no room are counted.
 */

#include "report/path/kept.h"
#include "report/views/percentiles.h"

#define SHAPES_MAX_BYTES ((size_t)64 << 20)
#define SHAPES_EXACT	 64u /* delays of an edge that are kept one by one */

struct shape {
	struct kept *example; /* the first that came */
	uint64_t count;
	uint64_t hits;
	int64_t first; /* the earliest first hit of one, and the latest */
	int64_t last;
	struct percentiles duration; /* from a family's first hit to its last */
	/* From the hop before to this one: of each hop shown but a path's first, path by path in
	 * path_next()'s order. */
	struct percentiles *edges;
	size_t n_edges;

	uint64_t hash;
	struct shape *next; /* of the same hash */
};

struct shapes; /* opaque */

/* choice: the hops shown. max_bytes: SHAPES_MAX_BYTES, but in
 * tests. On success the caller owns *ret; free with shapes_destroy(). -ENOMEM. */
int shapes_create(struct hop_choice choice, size_t max_bytes, struct shapes **ret);
void shapes_destroy(struct shapes *s);

/* A family, as track_done_fn. One there is no memory for counts as one there is no room for. */
void shapes_add(struct shapes *s, struct path *const *paths, size_t n);
/* All, the most frequent first, of equally frequent ones the earliest; borrowed. */
struct shape *const *shapes_sorted(struct shapes *s, size_t *n);
/* Packets that are in none. */
uint64_t shapes_others(const struct shapes *s);
/* Delays that percentiles lack: the purse is empty. */
uint64_t shapes_delays_left_out(const struct shapes *s);

#endif

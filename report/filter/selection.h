/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SELECTION_H
#define REPORT_SELECTION_H

/*
 * Which hits are kept: all of a family of which one matched (or only those that match), and those
 * that belong to no packet but match themselves. Hits are known by their place in the order of
 * delivery, which is the same each time the same input is read. Memory: 8 bytes a hit of packets
 * that are not decided, and a bit a hit of the input.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/options.h"
#include "report/path/path.h"

struct selection; /* opaque */

/* What is kept. */
struct selection_counts {
	uint64_t packets; /* of which a hit is */
	uint64_t hits;	  /* not counted without a filter */
	uint64_t outcomes[OUTCOMES];
};

/* By the filters of o: without one, all are kept. -ENOMEM. */
int selection_create(const struct report_options *o, struct selection **ret);
void selection_destroy(struct selection *s);

/* The next hit, of packet p, whose latest it is (NULL: of none; then matched counts). */
void selection_add(struct selection *s, const struct path *p, bool matched);
/* A family as the tracker hands it on, judged: decided. */
void selection_family(struct selection *s, struct path *const *paths, size_t n);

/* 0; -ENOMEM: there was no memory for a hit, and all else is void. */
int selection_error(const struct selection *s);
/* Hits that were added. */
uint64_t selection_hits(const struct selection *s);
const struct selection_counts *selection_counts(const struct selection *s);
/* Is the nth hit kept, 0 first? false beyond the last. */
bool selection_keeps(const struct selection *s, uint64_t nth);

#endif

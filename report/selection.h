/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SELECTION_H
#define REPORT_SELECTION_H

/*
 * Which hits are kept: all of a family of which one matched, and those that belong to no packet but
 * match themselves. Hits are known by their place in the order of delivery, which is the same each
 * time the same input is read. Memory: 8 bytes a hit of packets that are not decided, and a bit a
 * hit of the input.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/path.h"

struct selection; /* opaque */

/* all: everything is kept, whatever is said of it. -ENOMEM. */
int selection_create(bool all, struct selection **ret);
void selection_destroy(struct selection *s);

/* The next hit, of packet p (NULL: of none). -ENOMEM. */
int selection_add(struct selection *s, const struct path *p, bool matched);
/* A family as the tracker hands it on: decided. */
void selection_family(struct selection *s, struct path *const *paths, size_t n);

/* Hits that were added. */
uint64_t selection_hits(const struct selection *s);
uint64_t selection_kept_packets(const struct selection *s);
/* Is the nth hit kept, 0 first? false beyond the last. */
bool selection_keeps(const struct selection *s, uint64_t nth);

#endif

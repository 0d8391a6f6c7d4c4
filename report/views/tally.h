/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

/* What the views that count have in common: which packets they count, and the line that closes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/options.h"
#include "report/path/path.h"
#include "report/render/sink.h"
#include "report/totals.h"

struct tally {
	uint64_t packets;
};

/* A family, as track_done_fn. False: no filter matches a member, so none of them counts. */
bool tally_family(struct tally *t, struct path *const *paths, size_t n);

static inline bool tally_hop_shown(const struct report_options *o, const struct hop *h)
{
	return o->all || !(h->flags & EVENT_LIFECYCLE);
}

/* The moment of a hop, ns since 1970. */
int64_t tally_when(const struct path *p, const struct hop *h);

/* How many of n lines are shown: of --top. */
size_t tally_top(const struct report_options *o, size_t n);

/* The numbers from 0 to n in the order of by, whose last argument is ctx; to be freed. NULL without
 * memory, which is logged. */
uint32_t *tally_order(size_t n, int (*by)(const void *, const void *, void *), void *ctx);

/* "1 packet", "2 packets". */
void tally_text(struct sink *s, uint64_t n, const char *one, const char *many);
/* Right-aligned in so many columns. */
void tally_number(struct sink *s, uint64_t n, int columns);
/* "14:03:22.123456 to 14:03:25.654321", with dates when a day or more lies between. */
void tally_times(struct sink *s, int64_t first, int64_t last);
/* "12 of 40 packets; complete", and the line's end. */
void tally_end(struct sink *s, const struct tally *t, const struct totals *totals);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_LATENCY_H
#define REPORT_LATENCY_H

/*
 * The latency view: the time from a function of a packet to the next one that is shown, for each
 * such edge; or from the first hit of one function to the next hit of another. What its renderers
 * share. Durations are in ns.
 */

#include "report/views/groups.h"
#include "report/options.h"
#include "report/views/percentiles.h"
#include "report/views/tally.h"

#define LATENCY_EDGES	   16384u /* at most; of others, durations are only counted */
#define LATENCY_EDGE_EXACT 256u	  /* durations of an edge that give exact percentiles */
#define LATENCY_PAIR_EXACT 1000000u
#define LATENCY_SLOWEST	   10u	 /* packets told, without --top */
#define LATENCY_MOST_SLOW  1000u /* and with it at most */
#define LATENCY_BUCKETS	   59u

/* A key: no padding. */
struct latency_edge {
	struct capture *capture;
	const struct func *from;
	const struct func *to;
};

struct latency_slow {
	uint64_t ns;
	int64_t when; /* of the hit it is from, ns since 1970 */
	uint64_t packet;
	struct capture *capture;
	struct event_tuple tuple; /* family 0: none known */
};

/* From one function to another. */
struct latency_pair {
	uint64_t packets; /* with a hit of the first */
	struct percentiles times;
	uint64_t buckets[LATENCY_BUCKETS]; /* as latency_bound() */
	struct latency_slow *slow;	   /* the slowest first */
	size_t n_slow;
	size_t most_slow;
	/* Of a family's members, by index: its first hit of the second function, or of its
	 * descendants', whichever is first. */
	const struct hop **reached;
	size_t room;
};

struct latency {
	const struct report_options *options;
	struct sink *out;
	struct tally tally;
	struct percentiles_purse purse;
	struct groups *edges;	  /* to percentiles; NULL: it is a pair */
	uint64_t left_out;	  /* of other edges, or for want of memory */
	struct latency_pair pair; /* both functions are given */
};

/* Where bucket i of durations ends: 1, 2, 5, 10, 20, …; the first begins at 0. */
uint64_t latency_bound(unsigned int i);

/* Is f the function that is meant by "name" or "name [module]"? */
bool latency_is(const struct func *f, const char *name);

int latency_pair_init(struct latency *v); /* -ENOMEM */
void latency_pair_deinit(struct latency_pair *p);
/* A family, as track_done_fn. */
void latency_pair_family(struct latency *v, struct path *const *paths, size_t n);

/* order: of the edges, NULL for a pair. */
void latency_text(struct latency *v, const uint32_t *order, const struct totals *t);
void latency_json(struct latency *v, const uint32_t *order);
void latency_csv(struct latency *v, const uint32_t *order);

#endif

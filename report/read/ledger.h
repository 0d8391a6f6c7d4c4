/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_LEDGER_H
#define REPORT_LEDGER_H

/*
 * Which hits are missing, from each CPU's sequence numbers. Of a gap, as many hits were lost while
 * recording as the CPU's count of lost ones grew; the rest was removed later, by a tool or a
 * filter. Also finds hits that come twice. One ledger a capture.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/event.h"

struct ledger; /* opaque */

struct ledger_gap {
	uint16_t cpu;
	uint64_t hits; /* missing */
	uint64_t lost; /* of them, by the recorder */
	uint64_t read; /* of these, those whose skb could not be read; the others had no room */
	int64_t from;  /* the hits around it, ns since 1970; 0: it lies before the CPU's first */
	int64_t to;    /* INT64_MAX: after the CPU's last hit, of a time not known */
};

struct ledger_totals {
	uint64_t hits;	     /* accounted, each once */
	uint64_t duplicates; /* seen again */
	uint64_t by_number;  /* of them, those too far back to compare more than the number */
	uint64_t lost;
	uint64_t removed;
	uint64_t told; /* sum of the CPUs' counts of lost ones, as far as they are known */
};

int ledger_create(struct ledger **ret); /* -ENOMEM */
void ledger_destroy(struct ledger *l);

/* The next hits are of a file before which others are missing: what they held is no gap. Said
 * again with ledger_base() it is known how much that was; else each CPU begins at its next hit. */
void ledger_part_missing(struct ledger *l);

/* Before the file that is read now, a CPU's last hit had this number and these counts: of lost
 * hits, and of those among them that could not be read. -ENOMEM. */
int ledger_base(struct ledger *l, uint16_t cpu, uint64_t seq, uint32_t lost, uint32_t read);
/* And its counters, for a CPU that had no hit. Without memory: nothing. */
void ledger_base_counted(struct ledger *l, uint16_t cpu, uint64_t lost_ring, uint64_t lost_read);
/* That was said of all CPUs that had hits before it. */
void ledger_base_end(struct ledger *l);

/* 1 a hit not seen before; 0 the same hit again; -ENOMEM. Best in order, any order is right. */
int ledger_add(struct ledger *l, const struct event *e, int64_t when);

/* At that time a CPU had lost so many, as its counters say. Without memory: nothing. */
void ledger_counted(struct ledger *l, uint16_t cpu, uint64_t lost_ring, uint64_t lost_read,
		    int64_t when);
/* The recording goes on in another file: what the counters say beyond the last hits is in that. */
void ledger_goes_on(struct ledger *l);

void ledger_totals(const struct ledger *l, struct ledger_totals *ret);

/* Calls fn for each gap with losses that a packet seen from `from` to `to` may have hits in. */
void ledger_losses(const struct ledger *l, int64_t from, int64_t to,
		   void (*fn)(void *ctx, const struct ledger_gap *g), void *ctx);

/* Calls fn for each gap, by CPU, then in order. Of more than some thousands on a CPU the oldest are
 * folded into one. */
void ledger_gaps(const struct ledger *l, void (*fn)(void *ctx, const struct ledger_gap *g),
		 void *ctx);

#endif

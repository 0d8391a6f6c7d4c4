/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_LEDGER_H
#define REPORT_LEDGER_H

/*
 * Which hits are missing, from each CPU's sequence numbers. Of a gap, as many hits were lost while
 * recording as the CPU's count of lost ones grew; the rest was removed later, by a tool or a
 * filter. What a CPU lost after its last hit, its counters tell. Also finds hits that come twice.
 * One ledger a capture.
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
};

int ledger_create(struct ledger **ret); /* -ENOMEM */
void ledger_destroy(struct ledger *l);

/* This capture's files do not begin with its first: what is missing before is no gap. */
void ledger_begin_late(struct ledger *l);

/* What the recording had just before `when` is in a file that is not here: missing hits on both
 * sides of it are no gap. */
void ledger_skip(struct ledger *l, int64_t when); /* without memory: nothing */

/* 1 a hit not seen before; 0 the same hit again; -ENOMEM. Best in order, any order is right. */
int ledger_add(struct ledger *l, const struct event *e, int64_t when);

/* At that time a CPU had lost so many, as its counters say. Without memory: nothing. */
void ledger_counted(struct ledger *l, uint16_t cpu, uint64_t lost_ring, uint64_t lost_read,
		    int64_t when);

void ledger_totals(const struct ledger *l, struct ledger_totals *ret);

/* Calls fn for each gap with losses that a packet seen from `from` to `to` may have hits in. */
void ledger_losses(const struct ledger *l, int64_t from, int64_t to,
		   void (*fn)(void *ctx, const struct ledger_gap *g), void *ctx);

/* Calls fn for each gap, by CPU, then in order. Of more than some thousands on a CPU the oldest are
 * folded into one. */
void ledger_gaps(const struct ledger *l, void (*fn)(void *ctx, const struct ledger_gap *g),
		 void *ctx);

#endif

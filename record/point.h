/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_POINT_H
#define RECORD_POINT_H

/* How far a recording has come: what was counted, and where each CPU is. Files and pieces of them
 * begin at one. */

#include <stdint.h>

struct capture_counters {
	uint64_t recorded;
	uint64_t lost_ring;
	uint64_t lost_read;
	uint64_t lost_map;
	uint64_t lost_hold;
	uint64_t held; /* not written because of --filter-drop */
	uint64_t null_arg;
	uint64_t err_arg;
	uint64_t not_skb;
	uint64_t filtered;
	uint64_t recursion;
	uint64_t stale;	  /* lives whose end was not seen */
	uint64_t evicted; /* lives forgotten because the table was full */
};

/* Of the last hit of a CPU; all 0: none yet. */
struct point_cpu {
	uint64_t seq;
	uint32_t lost;
};

struct point {
	struct capture_counters counters;
	unsigned int cpus;
	struct point_cpu cpu[];
};

struct point *point_create(unsigned int cpus); /* all 0; freed by free(); NULL: no memory */
struct point *point_copy(const struct point *p);
void point_set(struct point *p, const struct point *from); /* of as many CPUs */

#endif

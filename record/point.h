/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_POINT_H
#define RECORD_POINT_H

/* How far a recording has come: what was counted, and where each CPU is. Files and pieces of them
 * begin at one. */

#include <stdint.h>

#include "record/counters.h"

/* Of the last hit of a CPU; all 0: none yet. */
struct point_cpu {
	uint64_t seq;
	uint32_t lost;	    /* before it, in all */
	uint32_t lost_read; /* of them, those whose skb could not be read */
	struct counters_cpu counted;
};

struct point {
	struct capture_counters counters; /* of CPUs nothing: see below */
	unsigned int cpus;
	struct point_cpu cpu[];
};

struct point *point_create(unsigned int cpus); /* all 0; freed by free(); NULL: no memory */
struct point *point_copy(const struct point *p);

/* Copies what was counted. */
void point_count(struct point *p, const struct capture_counters *n);
void point_set(struct point *p, const struct point *from); /* of as many CPUs */

#endif

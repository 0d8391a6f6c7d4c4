/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_COUNTERS_H
#define RECORD_COUNTERS_H

/* What became of all hits: the totals, and how they are told in notes, statistics blocks, words. */

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "record/missed.h"
#include "record/program.h"

/* Of one CPU. */
struct counters_cpu {
	uint64_t lost_ring;
	uint64_t lost_read;
};

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
	uint64_t nmissed;
	uint64_t stale;	  /* lives whose end was not seen */
	uint64_t evicted; /* lives forgotten because the table was full */

	bool uncounted; /* this kernel does not count nested hits */
	const struct counters_cpu *cpu;
	unsigned int cpus;
};

/* Those of the kernel's side, of all CPUs; cpu has room for each. The rest of *n is untouched. */
void counters_read(const struct program *p, const struct missed *missed, struct counters_cpu *cpu,
		   struct capture_counters *n);

/* What was counted between the two, for counters_isb(). */
struct capture_counters counters_since(const struct capture_counters *n,
				       const struct capture_counters *start);

/* Hits that should be in the file and are not. */
uint64_t counters_lost(const struct capture_counters *n);

/* Nothing was lost, as far as it is counted. */
bool counters_complete(const struct capture_counters *n);

/* As the body of a NOTE has them. */
void counters_print(struct buf *b, const struct capture_counters *n);

/* The line of a CPU, if it lost any. */
void counters_print_cpu(struct buf *b, unsigned int cpu, const struct counters_cpu *n);

/* As options of the statistics block that has the totals. */
void counters_isb(struct buf *b, const struct capture_counters *n);

/* A warning on stderr for each loss. */
void counters_warn(const struct capture_counters *n, uint32_t max_tracked);

#endif

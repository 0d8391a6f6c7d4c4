/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_LOSS_H
#define REPORT_LOSS_H

/*
 * The hits lost while recording that may have been a path's: those of a CPU lost while the packet
 * was alive. A packet seen from its begin to its end on one CPU is touched by losses of that one
 * only.
 */

#include "report/path/track.h"

#define LOSS_CPUS 4u

struct loss {
	uint64_t hits;
	unsigned int cpus; /* with losses; may be more than LOSS_CPUS */
	struct {
		uint16_t cpu;
		uint64_t hits;
	} of[LOSS_CPUS];
};

void loss_of_path(const struct path *p, struct loss *ret);

#endif

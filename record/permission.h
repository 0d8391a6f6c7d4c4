/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_PERMISSION_H
#define RECORD_PERMISSION_H

/* What the kernel asks for before it lets somebody record, and what of that is missing. */

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"

struct permission {
	bool symbols;	  /* addresses of functions are needed */
	bool perf_events; /* one a kprobe, or one a CPU for the perf buffer */
};

/*
 * Appends "CAP_BPF and CAP_SYSLOG": what is missing of what p needs, with the setting that would do
 * as well; nothing when all is there.
 */
void permission_missing(const struct permission *p, struct buf *b);

/* Settings that forbid perf events to whom CAP_PERFMON would be enough (a patch of Debian's). */
bool permission_perf_restricted(void);

#endif

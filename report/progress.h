/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

/*
 * A bar on standard error, while a long file is read: from the first second on, five times a
 * second. It is for a terminal only. When that terminal may also be where results go, the bar is
 * gone for good with the first of them. A message takes its place on the line (log_over()).
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/render/sink.h"

struct progress {
	bool on;
	bool shown;
	int64_t begun; /* ns, CLOCK_MONOTONIC */
	int64_t next;  /* when to draw */
};

/* out is borrowed: its flushes are watched. The bar is never shown while quiet. */
void progress_init(struct progress *p, struct sink *out, bool quiet);

/* Is it time to draw? Cheap enough for every few hundred hits. */
bool progress_due(struct progress *p);

/* done of all bytes are read. */
void progress_draw(struct progress *p, uint64_t done, uint64_t all);

/* Takes the bar away, for good. */
void progress_end(struct progress *p);

#endif

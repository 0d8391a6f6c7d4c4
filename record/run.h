/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_RUN_H
#define RECORD_RUN_H

/* The recording itself: drain, write, sleep, until there is a reason to stop. Needs no privilege.
 */

#include "record/backend.h"
#include "record/capture.h"
#include "record/command.h"
#include "record/counters.h"
#include "record/hold.h"
#include "record/options.h"
#include "record/ring.h"

struct run {
	const struct options *options;
	struct backend *backend;
	struct ring *ring;
	struct capture *capture;
	struct output *output;
	struct command *command; /* NULL: none */
	struct hold *hold;	 /* NULL: hits go straight to the capture */
	const struct missed *missed;
	struct counters_cpu *cpu; /* room for each */
};

/*
 * Starts (ready file, command), records, and closes the capture's content whole. Totals go to
 * stderr. 0; -EPIPE when the reader left; else -errno after one line.
 */
int run_recording(struct run *r);

/* What was counted until now, but for the hits recorded. ctx: a struct run. */
void run_count(void *ctx, struct capture_counters *n);

#endif

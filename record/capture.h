/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_CAPTURE_H
#define RECORD_CAPTURE_H

/*
 * The capture being written: in each file its head, a block for each hit, notes, its end. Blocks
 * are gathered and given to the output whole, or kept in memory until they are asked for.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/pwru_abi.h"
#include "record/counters.h"
#include "record/options.h"
#include "record/output.h"
#include "record/point.h"
#include "record/snapshot.h"
#include "record/target.h"

struct capture; /* opaque */

struct capture_spec {
	const struct snapshot_source *snapshot;
	const struct target_set *targets;
	const struct kallsyms *kallsyms; /* may be NULL */
	uint8_t how;			 /* enum func_how */
	bool inferred;			 /* frees are not all seen */
	enum comment_choice comment;
	unsigned int cpus;
	uint64_t max_events;	       /* 0: no limit */
	uint64_t rotate_size;	       /* bytes of a file at most; 0: as many as come */
	uint64_t rotate_time;	       /* ns */
	uint64_t flight_size;	       /* bytes to keep in memory instead of writing; 0: write */
	uint64_t flight_time;	       /* ns */
	const struct trigger *trigger; /* what has the memory written; NULL: nothing */
	uint64_t trigger_after;	       /* ns from then on */
	/* What was counted until now; called from the functions below. */
	void (*count)(void *ctx, struct capture_counters *n);
	void *ctx;
};

/*
 * Collects the head, which is not yet written: privileges may be needed for it, and may have to go
 * before anything is written. out stays the caller's. What spec points at must live as long, but
 * for the snapshot source. -errno.
 */
int capture_create(const struct capture_spec *spec, struct output *out, struct capture **ret);
void capture_destroy(struct capture *c);

/* Writes the head, if not to memory. -errno, after one line unless it is -ENOMEM. */
int capture_begin(struct capture *c);

/* One hit. Errors are kept for capture_flush(). */
void capture_hit(struct capture *c, const struct pwru_event *raw, size_t size);

/* Gives what is gathered to the output when there is a megabyte of it, or now. The first error of
 * the capture, -errno. */
int capture_flush(struct capture *c, bool now);

/* now, here and below: CLOCK_MONOTONIC, ns. */

/* Each second: a NOTE with the counters, if they are others than in the last one, and NOTEs of
 * network namespaces seen in hits whose names the head does not have. */
void capture_second(struct capture *c, uint64_t now);

/* A NOTE if the wall clock was set since it was last asked; hits' times go on as they were. */
void capture_clock(struct capture *c, uint64_t now);

/* A NOTE that a module came or went. */
void capture_module(struct capture *c, const char *name, bool loaded, uint64_t now);

/*
 * Begins the next file, or writes what is kept in memory to one of its own, if there is anything;
 * why stands in the closing NOTE. 1 done; 0 there was nothing to write; -errno.
 */
int capture_next(struct capture *c, const char *why, uint64_t now);

/* Does that if it is time to: --rotate-time, --trigger. taken: all hits until then have been given
 * to capture_hit(). -errno. */
int capture_due(struct capture *c, uint64_t now, uint64_t taken);

/* The closing NOTE and the statistics blocks; flushes. */
int capture_end(struct capture *c, const char *why, uint64_t now);

uint64_t capture_recorded(const struct capture *c);
uint64_t capture_packets(const struct capture *c); /* lives begun */
bool capture_full(const struct capture *c);	   /* max_events reached */

#endif

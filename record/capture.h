/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_CAPTURE_H
#define RECORD_CAPTURE_H

/*
 * The capture being written: its head, a block for each hit, notes, its end. Blocks are gathered
 * and given to the output whole.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/pwru_abi.h"
#include "record/counters.h"
#include "record/options.h"
#include "record/output.h"
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
	uint64_t max_events; /* 0: no limit */
};

/* Writes the head to out, which stays the caller's. What spec points at must live as long, but for
 * the snapshot source. -errno.
 */
int capture_create(const struct capture_spec *spec, struct output *out, struct capture **ret);
void capture_destroy(struct capture *c);

/* One hit. Errors are kept for capture_flush(). */
void capture_hit(struct capture *c, const struct pwru_event *raw, size_t size);

/* Gives what is gathered to the output when there is a megabyte of it, or now. The first error of
 * the capture, -errno. */
int capture_flush(struct capture *c, bool now);

/* A NOTE with the counters, if they are others than in the last one. */
void capture_counters(struct capture *c, const struct capture_counters *n);

/* A NOTE that a module came or went. */
void capture_module(struct capture *c, const char *name, bool loaded);

/* NOTEs of network namespaces seen in hits whose names the head does not have. */
void capture_late_netns(struct capture *c);

/* The closing NOTE and the statistics blocks; flushes. */
int capture_end(struct capture *c, const struct capture_counters *n, const char *why);

uint64_t capture_recorded(const struct capture *c);
uint64_t capture_packets(const struct capture *c); /* lives begun */
bool capture_full(const struct capture *c);	   /* max_events reached */

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_LATE_H
#define RECORD_LATE_H

/*
 * What the head of a recording could not know: names of namespaces, modules that come and go, steps
 * of the wall clock. Each is a NOTE, which later files of the recording repeat.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "record/netns.h"
#include "record/note.h"
#include "record/snapshot.h"

struct late {
	struct note_place meta;	 /* where most stand */
	struct note_place other; /* those about modules */
	struct netns_seen netns;
	uint64_t clock_known; /* REALTIME minus MONOTONIC, as last told */
	struct buf blocks;    /* all notes so far, but for too many */
	struct buf *to;	      /* where else they go; NULL: nowhere */
	int err;
	void (*added)(void *ctx); /* called after each that went there; NULL: nothing is */
	void *ctx;
};

void late_init(struct late *l, uint32_t tag, uint32_t other_interface,
	       const struct snapshot_clocks *start);
void late_deinit(struct late *l);

/* A hit was in that namespace; 0: unknown. */
static inline void late_netns(struct late *l, uint32_t inode)
{
	netns_seen_add(&l->netns, inode);
}

/* A module came or went. to (NULL: none) gets the new notes too. -ENOMEM, also later ones'. */
int late_module(struct late *l, const char *name, bool loaded, struct buf *to);

/* Names of namespaces. */
int late_names(struct late *l, struct buf *to);
/* Was the wall clock set? */
int late_clock(struct late *l, struct buf *to);

#endif

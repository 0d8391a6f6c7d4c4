/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_HEAD_H
#define RECORD_HEAD_H

/*
 * What stands at the beginning of each file of a recording: the section header, the snapshot, and
 * an interface for each function. It is made once; only the number of the file differs.
 * Interfaces are numbered: the meta interfaces, one for each attached target, "pwru-other".
 */

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "record/snapshot.h"
#include "record/target.h"

struct head {
	uint8_t uuid[16];
	uint32_t tag;
	uint32_t meta;	     /* meta interfaces */
	uint32_t *interface; /* of each target */
	uint32_t interfaces; /* in all; the last is "pwru-other" */
	struct buf blocks;   /* all but the section header */
};

/* snapshot is needed only for now. how: enum func_how. -errno; then *ret is empty. */
int head_init(struct head *ret, const struct snapshot_source *snapshot,
	      const struct target_set *targets, uint8_t how);
void head_deinit(struct head *h);

/* Appends the head of the file with that number, 0 the first. -ENOMEM. */
int head_put(const struct head *h, uint32_t number, struct buf *to);

/* What EVENTs name a target by: its address. Tracepoints have none of their own; an ordinal above
 * 0 serves. */
uint64_t head_key(const struct target_set *targets, size_t target);

#endif

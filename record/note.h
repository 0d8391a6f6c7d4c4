/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_NOTE_H
#define RECORD_NOTE_H

/* NOTEs of FORMAT.md, each a block of its own. */

#include <stdint.h>

#include "common/buf.h"
#include "common/event.h"
#include "record/point.h"

/* What all notes of a capture have in common. */
struct note_place {
	uint32_t tag;
	uint32_t interface;
	uint64_t clock_offset; /* CLOCK_REALTIME at the start minus CLOCK_MONOTONIC */
};

/* Appends the block; body is emptied. -ENOMEM, -EMSGSIZE. */
int note_put(struct buf *to, const struct note_place *at, enum note_type type, const char *comment,
	     struct buf *body);

/* Appends lines for each CPU that has had a hit or lost one. */
void note_cpus(struct buf *body, const struct point *p);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_HIT_BLOCK_H
#define RECORD_HIT_BLOCK_H

/* A hit as the block that it is in the file. */

#include <stdint.h>

#include "common/buf.h"
#include "common/event.h"
#include "record/convert.h"
#include "record/options.h"

struct kallsyms;
struct reasons;

/* What comments are made with. */
struct hit_texts {
	enum comment_choice comment;
	const struct kallsyms *kallsyms; /* may be NULL */
	const struct reasons *reasons;
};

struct hit_block {
	uint32_t interface;
	uint64_t ns; /* since 1970 */
	const struct event *event;
	const struct convert_frame *frame;
	const char *func;
	uint32_t lost_before; /* the CPU's count of lost hits in the hit before */
};

/* Appends it. -ENOMEM; then nothing is. */
int hit_block_put(const struct hit_texts *t, const struct hit_block *b, struct buf *to);

#endif

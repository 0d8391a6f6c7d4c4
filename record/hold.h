/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_HOLD_H
#define RECORD_HOLD_H

/*
 * --filter-drop: hits are held back, packet by packet, until the packet's end tells whether it was
 * dropped; then all of them go on, or none.
 *
 * Held in user space: the kernel's ring cannot give back what is in it, and a table there would
 * have to be as large as the longest path of each packet alive. Here a hit costs a copy of some 250
 * bytes; a packet that is consumed never reaches the file. The buffers of different CPUs are read
 * one after another, so a packet is decided two rounds after its end was seen.
 */

#include <stddef.h>
#include <stdint.h>

#include "bpf/pwru_abi.h"

struct hold; /* opaque */

#define HOLD_MAX                                                                                  \
	(256u << 20) /* bytes of hits held; beyond it the packet that was begun first is given up \
		      */

typedef void (*hold_fn)(void *ctx, const struct pwru_event *e, size_t size);

/* roles: FUNC_ROLE_* of each target, by index, borrowed; consumed: the drop reason that says "not
 * dropped". -ENOMEM. */
int hold_create(const uint16_t *roles, size_t targets, uint32_t consumed, hold_fn fn, void *ctx,
		struct hold **ret);
void hold_destroy(struct hold *h);

/* Takes a copy. */
void hold_hit(struct hold *h, const struct pwru_event *e, size_t size);

/* After each round over the buffers: decides what is due. all: the recording is over; what has not
 * ended in a drop is given up. */
void hold_round(struct hold *h, int all);

/* Hits given up for want of memory, and hits of packets that did not end in a drop. */
uint64_t hold_lost(const struct hold *h);
uint64_t hold_kept_back(const struct hold *h);

#endif

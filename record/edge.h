/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_EDGE_H
#define RECORD_EDGE_H

/* Functions that are given two packets, or a packet and a queue: where edges are seen. */

#include <stdbool.h>
#include <stdint.h>

struct edge {
	uint8_t skb;   /* argument: the packet that the hit is about, 0 first */
	uint8_t other; /* argument: the other packet, or the queue */
	uint8_t kind;  /* enum edge_kind */
};

/* False: it makes no edge. */
bool edge_of_function(const char *name, struct edge *ret);

#endif

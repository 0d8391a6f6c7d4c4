/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_LIVES_H
#define REPORT_LIVES_H

/* The paths of one capture that the tracker holds, as it finds them. Zero-initialised is empty. */

#include <stdint.h>

#include "report/path/path.h"
#include "report/read/table.h"

struct lives {
	struct table known;   /* by packet: alive, or ended and held */
	struct table dying;   /* of the alive, those being taken apart, by skb */
	struct table orphans; /* by the packet of a parent not seen: struct queue */
	struct table queues;  /* by address: struct queue */
};

/* Paths that wait for something: a parent, or to be reassembled. Freed with the last. */
struct queue {
	uint64_t key;
	struct path *first;
};

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_LATE_H
#define RECORD_LATE_H

/*
 * What came to be known only after the head was made and is true of every later file as well: names
 * of network namespaces, modules that came or went. NOTEs, kept to be repeated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "record/note.h"

#define LATE_NETNS 256
#define LATE_MAX   (256u << 10) /* bytes to repeat; what goes beyond stands in one file only */

struct late {
	struct buf blocks;
	uint32_t netns[LATE_NETNS]; /* seen in hits */
	size_t netns_count;
	size_t netns_asked; /* of them, names that were asked for */
};

void late_deinit(struct late *l);

/* A hit was in that network namespace. */
void late_saw_netns(struct late *l, uint32_t inode);

/* Notes the name of one that was seen, if it has one; also: appended there too, may be NULL.
 * 1: there may be more; 0: there are no more; -errno. */
int late_netns(struct late *l, const struct note_place *at, struct buf *also);

/* Notes that a module came or went. -errno. */
int late_module(struct late *l, const struct note_place *at, const char *name, bool loaded,
		struct buf *also);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_NETNS_H
#define RECORD_NETNS_H

/* Network namespaces: their names, and the interfaces in them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

/*
 * Appends lines "inode name" for those under /run/netns and, failing a name there, for those of
 * processes ("comm(pid)"); and lines "netns ifindex name" for the interfaces of each. Namespaces
 * that may not be entered are left out of the second.
 */
void netns_collect(struct buf *names, struct buf *interfaces);

/* --filter-netns: a path, a name under /run/netns, or inode:N. -EINVAL after one line on stderr. */
int netns_resolve(const char *spec, uint32_t *inode);

/* Namespaces that hits were in, and the names they were last known by under /run/netns. */
#define NETNS_SEEN 256
struct netns_seen {
	struct {
		uint32_t inode;
		char *name; /* NULL: none yet */
	} all[NETNS_SEEN];
	size_t count;
};

void netns_seen_add(struct netns_seen *s, uint32_t inode);

/*
 * Calls fn for each whose name is new: a namespace gets its name, or its number was given out again
 * for another one. Needs no privilege.
 */
void netns_seen_poll(struct netns_seen *s, void (*fn)(void *ctx, uint32_t inode, const char *name),
		     void *ctx);
void netns_seen_deinit(struct netns_seen *s);

#endif

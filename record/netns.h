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

/* The name under /run/netns of an inode; false if it has none. Needs no privilege. */
bool netns_name(uint32_t inode, char *name, size_t size);

#endif

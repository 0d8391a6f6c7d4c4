/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_FAMILY_H
#define REPORT_FAMILY_H

/*
 * The tree of paths that descend from one: clones, copies, segments, fragments, frames. Merges do
 * not join families. A family is complete when all its members have ended and nothing that was
 * offered to one of them is still undecided.
 */

#include <stdbool.h>
#include <stddef.h>

#include "report/path/lives.h"
#include "report/path/path.h"

#define FAMILY_MAX_MEMBERS 1024u /* of a larger one, members are handed on as they end */

struct family {
	uint64_t packet; /* the root's */
	struct path *members;
	size_t count;
	size_t alive;
	size_t open; /* of all members */
	int64_t last;
	bool lingering; /* complete, its members in the tracker's list of such */
};

/* A family of one. -ENOMEM. The last member to leave frees it. */
int family_create(struct path *p);
bool family_complete(const struct family *f);

/*
 * child, which has no parent yet, and its descendants become part of parent's family. -ELOOP when
 * parent descends from child.
 */
int family_adopt(struct path *parent, struct path *child);

/* p is handed on alone: its children keep its number. */
void family_leave(struct path *p);
/* Takes all members out, in order of number and with their children in that order, and frees the
 * family. to has room for family->count. */
void family_disband(struct family *f, struct path **to);

/* p waits for its parent, which nothing was seen of yet. -ENOMEM. */
int family_wait(struct lives *l, struct path *p);
void family_unwait(struct lives *l, struct path *p); /* nothing when it does not */
/* One that waits for that packet, and does no more; NULL: none. */
struct path *family_waiting(struct lives *l, uint64_t packet);

#endif

// SPDX-License-Identifier: GPL-2.0-only
#include "record/late.h"

#include <stdio.h>

#include "record/netns.h"

void late_deinit(struct late *l)
{
	buf_deinit(&l->blocks);
}

static int put(struct late *l, const struct note_place *at, enum note_type type,
	       const char *comment, struct buf *body, struct buf *also)
{
	size_t begin = l->blocks.len;
	int err = note_put(&l->blocks, at, type, comment, body);

	if (err)
		return err;
	if (also)
		buf_append(also, l->blocks.data + begin, l->blocks.len - begin);
	if (l->blocks.len > LATE_MAX)
		l->blocks.len = begin;
	return also ? buf_error(also) : 0;
}

void late_saw_netns(struct late *l, uint32_t inode)
{
	for (size_t i = 0; i < l->netns_count; i++)
		if (l->netns[i] == inode)
			return;
	if (inode && l->netns_count < LATE_NETNS)
		l->netns[l->netns_count++] = inode;
}

/* Names that the head has are repeated when the namespace is first used: harmless, and right after
 * a rename. */
int late_netns(struct late *l, const struct note_place *at, struct buf *also)
{
	struct buf body = {};
	char name[256], comment[320];
	uint32_t inode;
	int err;

	if (l->netns_asked == l->netns_count)
		return 0;
	inode = l->netns[l->netns_asked++];
	if (!netns_name(inode, name, sizeof(name)))
		return 1;
	buf_printf(&body, "inode=%u\nname=%s\n", inode, name);
	snprintf(comment, sizeof(comment), "pwru: network namespace %u is %s", inode, name);
	err = put(l, at, NOTE_NETNS, comment, &body, also);
	return err ? err : 1;
}

int late_module(struct late *l, const struct note_place *at, const char *name, bool loaded,
		struct buf *also)
{
	struct buf body = {};
	char comment[192];

	buf_printf(&body, "name=%s\nstate=%s\n", name, loaded ? "loaded" : "unloaded");
	snprintf(comment, sizeof(comment), "pwru: module %s was %s%s", name,
		 loaded ? "loaded" : "unloaded", loaded ? ": its functions are not probed" : "");
	return put(l, at, NOTE_MODULE, comment, &body, also);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "record/late.h"

#include <stdio.h>

#define MOST	   (256u << 10)	   /* bytes of notes that are repeated */
#define CLOCK_STEP (100 * 1000000) /* ns; what is less, NTP does all the time */

void late_init(struct late *l, uint32_t tag, uint32_t other_interface,
	       const struct snapshot_clocks *start)
{
	uint64_t offset = start->realtime - start->monotonic;

	*l = (struct late){
		.meta = {.tag = tag, .clock_offset = offset},
		.other = {.tag = tag, .interface = other_interface, .clock_offset = offset},
		.clock_known = offset};
}

void late_deinit(struct late *l)
{
	netns_seen_deinit(&l->netns);
	buf_deinit(&l->blocks);
}

static void put(struct late *l, const struct note_place *at, enum note_type type,
		const char *comment, struct buf *body)
{
	size_t begin = l->blocks.len;
	int err = note_put(&l->blocks, at, type, comment, body);

	l->err = l->err ? l->err : err;
	if (l->to && !err)
		buf_append(l->to, l->blocks.data + begin, l->blocks.len - begin);
	if (l->blocks.len > MOST)
		l->blocks.len = begin;
	if (l->to && l->added)
		l->added(l->ctx);
}

int late_module(struct late *l, const char *name, bool loaded, struct buf *to)
{
	struct buf body = {};
	char comment[192];

	buf_printf(&body, "name=%s\nstate=%s\n", name, loaded ? "loaded" : "unloaded");
	snprintf(comment, sizeof(comment), "pwru: module %s was %s%s", name,
		 loaded ? "loaded" : "unloaded", loaded ? ": its functions are not probed" : "");
	l->to = to;
	put(l, &l->other, NOTE_MODULE, comment, &body);
	return l->err;
}

/* Names in the head are repeated here when the namespace is first used: harmless. */
static void named(void *ctx, uint32_t inode, const char *name)
{
	struct late *l = ctx;
	struct buf body = {};
	char comment[320];

	buf_printf(&body, "inode=%u\nname=%s\n", inode, name);
	snprintf(comment, sizeof(comment), "pwru: network namespace %u is %s", inode, name);
	put(l, &l->meta, NOTE_NETNS, comment, &body);
}

int late_clock(struct late *l, struct buf *to)
{
	struct snapshot_clocks now;
	struct buf body = {};
	uint64_t offset;
	int64_t step;

	l->to = to;
	snapshot_clocks_read(&now);
	offset = now.realtime - now.monotonic;
	step = (int64_t)(offset - l->clock_known);
	if (step > -CLOCK_STEP && step < CLOCK_STEP)
		return l->err;
	l->clock_known = offset;
	buf_printf(&body, "realtime=%llu\nmonotonic=%llu\nboottime=%llu\n",
		   (unsigned long long)now.realtime, (unsigned long long)now.monotonic,
		   (unsigned long long)now.boottime);
	put(l, &l->meta, NOTE_CLOCK, "pwru: the wall clock was set; times here go on as before",
	    &body);
	return l->err;
}

int late_names(struct late *l, struct buf *to)
{
	l->to = to;
	netns_seen_poll(&l->netns, named, l);
	return l->err;
}

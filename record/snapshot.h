/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_SNAPSHOT_H
#define RECORD_SNAPSHOT_H

/* Collecting what the capture must know of this machine (FORMAT.md, "The snapshot"). */

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"

struct btf;
struct kallsyms;
struct reasons;
struct target_set;

struct snapshot_clocks { /* ns, taken together */
	uint64_t realtime;
	uint64_t monotonic;
	uint64_t boottime;
};

struct snapshot_source {
	const struct btf *btf;
	const struct kallsyms *kallsyms; /* NULL: addresses are hidden */
	const struct reasons *reasons;
	const struct target_set *targets;
	const char *command_line;
	const char *filters;
	const char *backend;
	const char *buffer;
	bool with_skb; /* the BTF of struct sk_buff too */
	struct snapshot_clocks clocks;
};

void snapshot_clocks_read(struct snapshot_clocks *ret);

/* Appends the raw snapshot. What cannot be read is left out. -ENOMEM. */
int snapshot_collect(const struct snapshot_source *src, struct buf *raw);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SRCLINE_MAP_H
#define REPORT_SRCLINE_MAP_H

/*
 * Addresses of a module: where its sections of code will be, one behind the other, when it is
 * loaded (here), and where they are in the debug information (there). Of a kernel, which is linked,
 * both are the same: its map is empty.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

/* [start, end) */
struct srcline_range {
	uint64_t start;
	uint64_t end;
};

/* Zero-initialised is empty. */
struct srcline_map {
	struct srcline_section {
		struct srcline_range here;
		uint64_t there; /* its start */
	} * sections;
	size_t n;
	bool failed; /* there was no memory for one */
};

void srcline_map_deinit(struct srcline_map *m);

/* The next section of code: where it begins there, its length and alignment (a power of two, or 0).
 * false: such a section cannot be; nothing was added. */
bool srcline_map_add(struct srcline_map *m, uint64_t there, uint64_t size, uint64_t align);

/* false: no code is there. */
bool srcline_map_there(const struct srcline_map *m, uint64_t here, uint64_t *ret);
bool srcline_map_here(const struct srcline_map *m, uint64_t there, uint64_t *ret);
/* Appends the ranges here (struct srcline_range) that a range there is. */
void srcline_map_ranges(const struct srcline_map *m, const struct srcline_range *there,
			struct buf *out);

#endif

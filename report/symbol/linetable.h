/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_LINETABLE_H
#define REPORT_LINETABLE_H

/*
 * What debug information says of one compile unit, as far as source lines go: a flat form that is
 * searched as it stands, in memory and in the cache. All numbers are little-endian:
 *
 *	u64 base | u32 rows, segments, scopes, files, bytes of text, bits of a line number
 *	rows      u32 address - base, place: holds up to the next row; 0 is no place
 *	segments  u32 address - base, scope: holds up to the next one; scope 0 is no function
 *	scopes    u32 name, parent, place of the call: the first is scope 1; parent 0: not inlined,
 *	          else it stands before
 *	files     u32 name
 *	text      names, each ended by a NUL; a name is its offset, 0 is the empty one
 *
 * A place is the number of its file, the first is 1, and in the low bits that of its line.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define LINETABLE_HEAD	  32u
#define LINETABLE_ROW	  8u
#define LINETABLE_SEGMENT 8u
#define LINETABLE_SCOPE	  12u
#define LINETABLE_FILE	  4u
#define LINETABLE_MAX	  (64u << 20) /* bytes of a table: what does not fit is left out */
#define LINETABLE_FRAMES  64u /* functions inlined into each other; further ones are left out */

struct linetable_frame {
	const char *function; /* "" unknown */
	const char *file;     /* "" unknown */
	uint32_t line;	      /* 0 unknown */
};

/* All borrowed from the bytes. */
struct linetable {
	uint64_t base;
	const uint8_t *rows;
	const uint8_t *segments;
	const uint8_t *scopes;
	const uint8_t *files;
	const char *text;
	uint32_t n_rows;
	uint32_t n_segments;
	uint32_t n_scopes;
	uint32_t n_files;
	uint32_t text_len;
	uint32_t line_bits;
};

/* Any bytes may come. 0 or -EBADMSG. What is wrong inside of a table is met when it is searched:
 * what it says is then unknown. */
int linetable_open(const uint8_t *data, size_t len, struct linetable *ret);

/* The functions addr lies in, the innermost first, each with its line: where the next one was
 * called. The number of frames, at most LINETABLE_FRAMES; 0: nothing is known of addr. */
size_t linetable_find(const struct linetable *t, uint64_t addr,
		      struct linetable_frame frames[LINETABLE_FRAMES]);

/* ---- making one ---- */

struct linetable_builder; /* opaque */

/* base: the lowest address that is to be told of; what lies 4 GiB behind it is left out. On success
 * the caller owns *ret. -ENOMEM. */
int linetable_builder_create(uint64_t base, struct linetable_builder **ret);
void linetable_builder_destroy(struct linetable_builder *b);

/* A name's number. Names are told apart by where they lie, and must stay there until the end. NULL
 * is "". */
uint32_t linetable_add_name(struct linetable_builder *b, const char *name);
/* A file's number, each time a new one; copies path. 0: it is "". */
uint32_t linetable_add_file(struct linetable_builder *b, const char *path);
/* In order of address; of several at one address the last counts. */
void linetable_add_row(struct linetable_builder *b, uint64_t addr, uint32_t file, uint32_t line);
/* The number of a function, or of one inlined into parent (0: none). 0 when there are too many. */
uint32_t linetable_add_scope(struct linetable_builder *b, uint32_t parent, uint32_t name,
			     uint32_t call_file, uint32_t call_line);
/* Code of a scope. Where several overlap the innermost counts, of equally deep ones the first. */
void linetable_add_range(struct linetable_builder *b, uint32_t scope, uint64_t start, uint64_t end);
/* Appends the table to out. -ENOMEM. */
int linetable_builder_finish(struct linetable_builder *b, struct buf *out);
/* Appends a table of nothing. -ENOMEM. */
int linetable_empty(struct buf *out);

#endif

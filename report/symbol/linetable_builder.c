// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/symbol/linetable.h"
#include "report/read/table.h"

/* Deeper, or more at once, than compilers inline: a made-up file shall not take minutes. */
#define MAX_DEPTH  250u
#define MAX_ACTIVE 256u
/* Larger than any unit there is; together LINETABLE_MAX. */
#define MAX_ROWS   (1u << 21)
#define MAX_RANGES (1u << 20) /* two segments of each */
#define MAX_SCOPES (1u << 20)
#define MAX_FILES  (1u << 20)
#define MAX_TEXT   (15u << 20)
_Static_assert(LINETABLE_HEAD + MAX_ROWS * LINETABLE_ROW + 2 * MAX_RANGES * LINETABLE_SEGMENT +
			       MAX_SCOPES * LINETABLE_SCOPE + MAX_FILES * LINETABLE_FILE +
			       MAX_TEXT <=
		       LINETABLE_MAX,
	       "a table may be larger");

struct interval {
	uint32_t start;
	uint32_t end;
	uint32_t scope;
	uint32_t depth;
};

struct place {
	uint32_t file;
	uint32_t line;
};

struct row {
	uint32_t addr;
	struct place place;
};

struct scope {
	uint32_t name;
	uint32_t parent;
	struct place call;
};

struct linetable_builder {
	uint64_t base;
	struct table names; /* by address: its offset, and 1, as a pointer */
	struct buf text;
	struct buf files;
	struct buf rows;      /* struct row */
	struct buf scopes;    /* struct scope */
	struct buf depths;    /* u8 of each scope */
	struct buf intervals; /* struct interval */
	uint32_t last;	      /* the address of the last row */
	uint32_t most_line;
	bool failed;
};

int linetable_builder_create(uint64_t base, struct linetable_builder **ret)
{
	struct linetable_builder *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->base = base;
	buf_u8(&b->text, 0);
	*ret = b;
	return 0;
}

void linetable_builder_destroy(struct linetable_builder *b)
{
	if (!b)
		return;
	table_deinit(&b->names, NULL);
	buf_deinit(&b->text);
	buf_deinit(&b->files);
	buf_deinit(&b->rows);
	buf_deinit(&b->scopes);
	buf_deinit(&b->depths);
	buf_deinit(&b->intervals);
	free(b);
}

static uint32_t add_text(struct linetable_builder *b, const char *text)
{
	size_t at = b->text.len;

	if (!text || !*text || at + strlen(text) >= MAX_TEXT)
		return 0;
	buf_append(&b->text, text, strlen(text) + 1);
	return (uint32_t)at;
}

uint32_t linetable_add_name(struct linetable_builder *b, const char *name)
{
	uintptr_t known = name ? (uintptr_t)table_get(&b->names, (uintptr_t)name) : 0;
	uint32_t at;

	if (known)
		return (uint32_t)(known - 1);
	at = add_text(b, name);
	if (at && table_set(&b->names, (uintptr_t)name, (void *)((uintptr_t)at + 1)))
		b->failed = true;
	return at;
}

uint32_t linetable_add_file(struct linetable_builder *b, const char *path)
{
	uint32_t at = b->files.len / LINETABLE_FILE < MAX_FILES ? add_text(b, path) : 0;

	if (!at)
		return 0;
	buf_le32(&b->files, at);
	return (uint32_t)(b->files.len / LINETABLE_FILE);
}

static struct place place_of(struct linetable_builder *b, uint32_t file, uint32_t line)
{
	if (file && line > b->most_line)
		b->most_line = line;
	return (struct place){.file = file, .line = file ? line : 0};
}

void linetable_add_row(struct linetable_builder *b, uint64_t addr, uint32_t file, uint32_t line)
{
	struct row last, row = {.addr = (uint32_t)(addr - b->base)};

	if (addr < b->base || addr - b->base > UINT32_MAX || row.addr < b->last)
		return;
	row.place = place_of(b, file, line);
	if (b->rows.len && row.addr == b->last) {
		memcpy(&last, b->rows.data + b->rows.len - sizeof(last), sizeof(last));
		if (last.addr == row.addr)
			b->rows.len -= sizeof(last);
	}
	b->last = row.addr;
	if (b->rows.len) {
		memcpy(&last, b->rows.data + b->rows.len - sizeof(last), sizeof(last));
		if (!memcmp(&last.place, &row.place, sizeof(last.place)))
			return;
	}
	if (b->rows.len / sizeof(row) < MAX_ROWS)
		buf_append(&b->rows, &row, sizeof(row));
}

static uint32_t depth_of(const struct linetable_builder *b, uint32_t scope)
{
	return scope && scope <= b->depths.len ? b->depths.data[scope - 1] : 0;
}

uint32_t linetable_add_scope(struct linetable_builder *b, uint32_t parent, uint32_t name,
			     uint32_t call_file, uint32_t call_line)
{
	struct scope scope = {.name = name, .parent = parent};
	uint32_t depth = depth_of(b, parent) + 1;

	if (depth > MAX_DEPTH || b->depths.len >= MAX_SCOPES)
		return 0;
	scope.call = place_of(b, call_file, call_line);
	buf_append(&b->scopes, &scope, sizeof(scope));
	buf_u8(&b->depths, (uint8_t)depth);
	return (uint32_t)b->depths.len;
}

void linetable_add_range(struct linetable_builder *b, uint32_t scope, uint64_t start, uint64_t end)
{
	struct interval i = {.scope = scope, .depth = depth_of(b, scope)};

	if (start >= end || !scope || start < b->base || end - b->base > UINT32_MAX ||
	    b->intervals.len / sizeof(i) >= MAX_RANGES)
		return;
	i.start = (uint32_t)(start - b->base);
	i.end = (uint32_t)(end - b->base);
	buf_append(&b->intervals, &i, sizeof(i));
}

static int by_start(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->scope < y->scope ? -1 : x->scope > y->scope;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Drops what ends at or before at; of the rest the scope that counts. */
static uint32_t innermost(const struct interval **active, size_t *n, uint32_t at)
{
	const struct interval *best = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		const struct interval *a = active[i];

		if (a->end <= at)
			continue;
		if (!best || a->depth > best->depth ||
		    (a->depth == best->depth && a->scope < best->scope))
			best = a;
		active[kept++] = a;
	}
	*n = kept;
	return best ? best->scope : 0;
}

/* From code nested at will to what holds from an address on. */
static int append_segments(struct linetable_builder *b, struct buf *out)
{
	size_t n = b->intervals.len / sizeof(struct interval), n_active = 0;
	_cleanup_(freep) struct interval *all = malloc(n * sizeof(*all) + 1);
	_cleanup_(freep) uint32_t *ends = malloc(n * sizeof(*ends) + 1);
	const struct interval *active[MAX_ACTIVE];
	uint32_t at, scope, last = 0;

	if (!all || !ends)
		return -ENOMEM;
	if (n)
		memcpy(all, b->intervals.data, n * sizeof(*all));
	for (size_t i = 0; i < n; i++)
		ends[i] = all[i].end;
	qsort(all, n, sizeof(*all), by_start);
	qsort(ends, n, sizeof(*ends), by_number);
	for (size_t i = 0, e = 0; e < n;) {
		at = i < n && all[i].start < ends[e] ? all[i].start : ends[e];
		innermost(active, &n_active, at);
		for (; i < n && all[i].start == at; i++)
			if (n_active < MAX_ACTIVE)
				active[n_active++] = &all[i];
		scope = innermost(active, &n_active, at);
		while (e < n && ends[e] == at)
			e++;
		if (scope == last)
			continue;
		buf_le32(out, at);
		buf_le32(out, scope);
		last = scope;
	}
	return 0;
}

/* For all lines there are, unless that leaves too few for the files. */
static uint32_t bits_for_lines(const struct linetable_builder *b)
{
	uint32_t files = (uint32_t)(b->files.len / LINETABLE_FILE), bits = 0;

	while (bits < 31 && b->most_line >> bits)
		bits++;
	while (bits && files >> (32 - bits))
		bits--;
	return bits;
}

static uint32_t pack(struct place p, uint32_t bits)
{
	return p.file << bits | (p.line >> bits ? 0 : p.line);
}

static void append_records(const struct linetable_builder *b, uint32_t bits,
			   const struct buf *segments, struct buf *out)
{
	struct row row;
	struct scope scope;

	for (size_t i = 0; i < b->rows.len; i += sizeof(row)) {
		memcpy(&row, b->rows.data + i, sizeof(row));
		buf_le32(out, row.addr);
		buf_le32(out, pack(row.place, bits));
	}
	buf_append(out, segments->data, segments->len);
	for (size_t i = 0; i < b->scopes.len; i += sizeof(scope)) {
		memcpy(&scope, b->scopes.data + i, sizeof(scope));
		buf_le32(out, scope.name);
		buf_le32(out, scope.parent);
		buf_le32(out, pack(scope.call, bits));
	}
	buf_append(out, b->files.data, b->files.len);
	buf_append(out, b->text.data, b->text.len);
}

static bool lacks_memory(const struct linetable_builder *b)
{
	return b->failed || buf_error(&b->text) || buf_error(&b->files) || buf_error(&b->rows) ||
	       buf_error(&b->scopes) || buf_error(&b->depths) || buf_error(&b->intervals);
}

int linetable_builder_finish(struct linetable_builder *b, struct buf *out)
{
	uint32_t bits = bits_for_lines(b);
	struct buf segments = {0};
	int err = lacks_memory(b) ? -ENOMEM : append_segments(b, &segments);

	if (!err)
		err = buf_error(&segments);
	if (!err) {
		buf_le64(out, b->base);
		buf_le32(out, (uint32_t)(b->rows.len / sizeof(struct row)));
		buf_le32(out, (uint32_t)(segments.len / LINETABLE_SEGMENT));
		buf_le32(out, (uint32_t)b->depths.len);
		buf_le32(out, (uint32_t)(b->files.len / LINETABLE_FILE));
		buf_le32(out, (uint32_t)b->text.len);
		buf_le32(out, bits);
		append_records(b, bits, &segments, out);
		err = buf_error(out);
	}
	buf_deinit(&segments);
	return err;
}

int linetable_empty(struct buf *out)
{
	buf_zero(out, LINETABLE_HEAD - 8);
	buf_le32(out, 1);
	buf_le32(out, 0);
	buf_u8(out, 0);
	return buf_error(out);
}

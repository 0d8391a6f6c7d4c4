// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/srcline_unit.h"

#include <dwarf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/symbol/linetable.h"
#include "report/symbol/srcpath.h"

#define MAX_DEPTH 250u /* of DIEs in each other: as deep as scopes may be */

struct reader {
	struct linetable_builder *to;
	const struct srcline_map *map;
	const char *dir; /* it was compiled in; NULL: unknown */
	Dwarf_Files *files;
	size_t n_files;
	uint32_t *file_numbers; /* of each file; UINT32_MAX: not asked for yet */
	bool in_types;		/* functions may stand in types and namespaces */
	uint64_t left;		/* DIEs and ranges to be looked at */
	struct buf ranges;	/* of the scope at hand */
};

static uint32_t file_number(struct reader *r, size_t i)
{
	char path[PATH_MAX];
	const char *name;

	if (i >= r->n_files)
		return 0;
	if (r->file_numbers[i] == UINT32_MAX) {
		name = dwarf_filesrc(r->files, i, NULL, NULL);
		srcpath_shorten(name ? name : "", r->dir, path, sizeof(path));
		r->file_numbers[i] = linetable_add_file(r->to, path);
	}
	return r->file_numbers[i];
}

static int take_files(struct reader *r, Dwarf_Die *unit)
{
	Dwarf_Attribute dir;

	r->dir = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &dir));
	if (dwarf_getsrcfiles(unit, &r->files, &r->n_files))
		r->n_files = 0;
	r->file_numbers = malloc(r->n_files * sizeof(*r->file_numbers) + 1);
	if (!r->file_numbers)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_files; i++)
		r->file_numbers[i] = UINT32_MAX;
	return 0;
}

/* ---- lines ---- */

static void take_line(struct reader *r, Dwarf_Line *line)
{
	Dwarf_Files *files;
	uint64_t addr;
	Dwarf_Addr at;
	size_t file;
	bool end;
	int n;

	if (dwarf_lineaddr(line, &at) || dwarf_lineendsequence(line, &end))
		return;
	if (end) { /* it may stand just behind a section */
		if (at && srcline_map_here(r->map, at - 1, &addr))
			linetable_add_row(r->to, addr + 1, 0, 0);
		return;
	}
	if (!srcline_map_here(r->map, at, &addr) || dwarf_lineno(line, &n) ||
	    dwarf_line_file(line, &files, &file))
		return;
	linetable_add_row(r->to, addr, file_number(r, file), (uint32_t)n);
}

static void take_lines(struct reader *r, Dwarf_Die *unit)
{
	Dwarf_Lines *lines;
	size_t n;

	if (dwarf_getsrclines(unit, &lines, &n))
		return;
	for (size_t i = 0; i < n; i++)
		take_line(r, dwarf_onesrcline(lines, i));
}

/* ---- functions ---- */

static uint32_t number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;
	Dwarf_Word v;

	if (!dwarf_attr(die, name, &attr) || dwarf_formudata(&attr, &v) || v > UINT32_MAX)
		return 0;
	return (uint32_t)v;
}

static void take_ranges(struct reader *r, Dwarf_Die *die)
{
	struct srcline_range range;
	ptrdiff_t next = 0;
	Dwarf_Addr base;

	buf_reset(&r->ranges);
	while (r->left && (next = dwarf_ranges(die, next, &base, &range.start, &range.end)) > 0) {
		r->left--;
		if (range.start < range.end)
			srcline_map_ranges(r->map, &range, &r->ranges);
	}
}

/* A function with code, or one inlined into parent. 0: it has none. */
static uint32_t take_scope(struct reader *r, Dwarf_Die *die, bool inlined, uint32_t parent)
{
	struct srcline_range range;
	uint32_t scope, file = 0, line = 0;

	take_ranges(r, die);
	if (!r->ranges.len)
		return 0;
	if (inlined) {
		file = file_number(r, number_of(die, DW_AT_call_file));
		line = number_of(die, DW_AT_call_line);
	}
	scope = linetable_add_scope(r->to, parent, linetable_add_name(r->to, dwarf_diename(die)),
				    file, line);
	for (size_t i = 0; i < r->ranges.len; i += sizeof(range)) {
		memcpy(&range, r->ranges.data + i, sizeof(range));
		linetable_add_range(r->to, scope, range.start, range.end);
	}
	return scope;
}

/* What to do with the DIEs below this one: true: look, as parts of *scope. */
static bool take_die(struct reader *r, Dwarf_Die *die, uint32_t *scope)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
		*scope = take_scope(r, die, false, 0);
		return *scope;
	case DW_TAG_inlined_subroutine:
		*scope = take_scope(r, die, true, *scope);
		return *scope;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		return true;
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_enumeration_type:
		return r->in_types;
	default:
		return false;
	}
}

static void take_children(struct reader *r, Dwarf_Die *die, uint32_t scope, unsigned int depth)
{
	Dwarf_Die child;
	uint32_t below;

	if (depth > MAX_DEPTH || dwarf_child(die, &child))
		return;
	do {
		below = scope;
		if (take_die(r, &child, &below))
			take_children(r, &child, below, depth + 1);
		r->left -= r->left > 0;
	} while (r->left && !dwarf_siblingof(&child, &child));
}

/* ---- all ---- */

static bool is_c(Dwarf_Die *unit)
{
	switch (dwarf_srclang(unit)) {
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case DW_LANG_Mips_Assembler:
		return true;
	default:
		return false;
	}
}

/* A DIE takes a byte at least, and few have several ranges: there are no more than this, unless
 * some are led to again and again. */
static uint64_t most_of(Dwarf_Die *unit)
{
	Dwarf_Off start = dwarf_dieoffset(unit) - dwarf_cuoffset(unit), next;
	size_t head;

	if (dwarf_nextcu(dwarf_cu_getdwarf(unit->cu), start, &next, &head, NULL, NULL, NULL))
		return 0;
	return 4 * (next - start);
}

static uint64_t lowest(const struct buf *ranges)
{
	uint64_t low = UINT64_MAX;
	struct srcline_range r;

	for (size_t i = 0; i + sizeof(r) <= ranges->len; i += sizeof(r)) {
		memcpy(&r, ranges->data + i, sizeof(r));
		if (r.start < low)
			low = r.start;
	}
	return low;
}

int srcline_unit_read(Dwarf_Die *unit, const struct srcline_map *map, const struct buf *ranges,
		      struct buf *table)
{
	struct reader r = {.map = map, .in_types = !is_c(unit), .left = most_of(unit)};
	int err;

	err = linetable_builder_create(lowest(ranges), &r.to);
	if (!err)
		err = take_files(&r, unit);
	if (!err) {
		take_lines(&r, unit);
		take_children(&r, unit, 0, 0);
		err = buf_error(&r.ranges);
	}
	if (!err)
		err = linetable_builder_finish(r.to, table);
	linetable_builder_destroy(r.to);
	buf_deinit(&r.ranges);
	free(r.file_numbers);
	return err;
}

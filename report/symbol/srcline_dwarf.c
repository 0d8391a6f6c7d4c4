// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking libdw for one address costs as much as for all of a unit; so a unit is taken in once, and
 * what it says is kept. libdwfl is asked only for modules, whose debug information has to be
 * relocated.
 */
#include "report/symbol/srcline_dwarf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "report/symbol/linetable.h"
#include "report/symbol/srcline_map.h"
#include "report/symbol/srcline_unit.h"
#include "report/read/table.h"

#define MAX_RANGES (1u << 20) /* of units that .debug_aranges does not tell of */

struct unit_range {
	struct srcline_range range; /* as in the file */
	Dwarf_Off unit;		    /* of its DIE */
};

struct srcline_dwarf {
	Elf *elf;
	Dwarf *dw;
	Dwarf *alt;
	Dwfl *dwfl; /* of a module: elf and dw are its */
	struct srcline_map map;
	struct unit_range *units;
	size_t n_units;
	bool looked_through; /* units has what .debug_aranges does not tell of */
};

static int wrong(const char *path, const char *what)
{
	log_debug("%s: %s", path, what);
	return -EBADMSG;
}

/* ---- opening ---- */

static int find_nothing(Dwfl_Module *m, void **data, const char *name, Dwarf_Addr base,
			const char *file, const char *link, GElf_Word crc, char **ret)
{
	(void)m, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc, (void)ret;
	return -1;
}

static bool is_code(Elf *elf, const GElf_Shdr *sh)
{
	size_t names;
	const char *name =
		elf_getshdrstrndx(elf, &names) ? NULL : elf_strptr(elf, names, sh->sh_name);

	return (sh->sh_flags & (SHF_ALLOC | SHF_EXECINSTR)) == (SHF_ALLOC | SHF_EXECINSTR) &&
	       name && strncmp(name, ".init", 5);
}

/* As the kernel does when it loads it. */
static int lay_out(struct srcline_dwarf *d, const char *path)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(d->elf, scn))) {
		if (!gelf_getshdr(scn, &sh) || !is_code(d->elf, &sh))
			continue;
		if (!srcline_map_add(&d->map, sh.sh_addr, sh.sh_size, sh.sh_addralign))
			return d->map.failed ? -ENOMEM : wrong(path, "a section that cannot be");
	}
	return d->map.n ? 0 : -ENODATA;
}

static int open_module(struct srcline_dwarf *d, int fd, const char *path)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = find_nothing,
		.section_address = dwfl_offline_section_address,
	};
	_cleanup_(closep) int own = dup(fd); /* libdwfl closes it */
	Dwarf_Addr bias;
	Dwfl_Module *m;

	d->dwfl = own < 0 ? NULL : dwfl_begin(&callbacks);
	if (!d->dwfl)
		return -ENOMEM;
	m = dwfl_report_offline(d->dwfl, path, path, own);
	if (!m)
		return wrong(path, dwfl_errmsg(-1));
	steal_fd(&own);
	dwfl_report_end(d->dwfl, NULL, NULL);
	d->elf = dwfl_module_getelf(m, &bias);
	d->dw = d->elf ? dwfl_module_getdwarf(m, &bias) : NULL;
	if (!d->dw)
		return wrong(path, dwfl_errmsg(-1));
	return lay_out(d, path);
}

static int open_linked(struct srcline_dwarf *d, int alt_fd, const char *path)
{
	d->dw = dwarf_begin_elf(d->elf, DWARF_C_READ, NULL);
	if (!d->dw)
		return wrong(path, dwarf_errmsg(-1));
	if (alt_fd >= 0) {
		d->alt = dwarf_begin(alt_fd, DWARF_C_READ);
		if (!d->alt)
			return wrong(path, dwarf_errmsg(-1));
		dwarf_setalt(d->dw, d->alt);
	}
	return 0;
}

static int take_ranges(struct srcline_dwarf *d);

static void close_dwarf(struct srcline_dwarf **d)
{
	srcline_dwarf_close(*d);
}

int srcline_dwarf_open(int fd, int alt_fd, const char *path, struct srcline_dwarf **ret)
{
	_cleanup_(close_dwarf) struct srcline_dwarf *d = calloc(1, sizeof(*d));
	GElf_Ehdr eh;
	int err;

	if (!d)
		return -ENOMEM;
	elf_version(EV_CURRENT);
	d->elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!d->elf || !gelf_getehdr(d->elf, &eh))
		return wrong(path, elf_errmsg(-1));
	if (eh.e_type == ET_REL) {
		elf_end(d->elf);
		d->elf = NULL;
		err = open_module(d, fd, path);
	} else {
		err = open_linked(d, alt_fd, path);
	}
	if (!err)
		err = take_ranges(d);
	if (!err)
		*ret = steal_ptr(&d);
	return err;
}

void srcline_dwarf_close(struct srcline_dwarf *d)
{
	if (!d)
		return;
	if (d->dwfl) {
		dwfl_end(d->dwfl);
	} else {
		dwarf_end(d->dw);
		dwarf_end(d->alt);
		elf_end(d->elf);
	}
	srcline_map_deinit(&d->map);
	free(d->units);
	free(d);
}

int srcline_dwarf_text(struct srcline_dwarf *d, uint64_t *ret)
{
	Elf_Data *data = NULL;
	Elf_Scn *scn = NULL;
	const char *name;
	GElf_Shdr sh;
	GElf_Sym sym;

	if (d->map.n) {
		*ret = 0;
		return 0;
	}
	while ((scn = elf_nextscn(d->elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			break;
	if (scn)
		data = elf_getdata(scn, NULL);
	for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
		name = elf_strptr(d->elf, sh.sh_link, sym.st_name);
		if (name && !strcmp(name, "_text")) {
			*ret = sym.st_value;
			return 0;
		}
	}
	return -ENOENT;
}

/* ---- which unit ---- */

static int by_start(const void *a, const void *b)
{
	const struct unit_range *x = a, *y = b;

	if (x->range.start != y->range.start)
		return x->range.start < y->range.start ? -1 : 1;
	return x->unit < y->unit ? -1 : x->unit > y->unit;
}

/* .debug_aranges, in which compilers may leave out units, and all of them. */
static int take_ranges(struct srcline_dwarf *d)
{
	Dwarf_Aranges *all = NULL;
	Dwarf_Word len;
	size_t n = 0;

	if (dwarf_getaranges(d->dw, &all, &n))
		n = 0;
	d->units = calloc(n + 1, sizeof(*d->units));
	if (!d->units)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct unit_range *u = &d->units[d->n_units];

		if (dwarf_getarangeinfo(dwarf_onearange(all, i), &u->range.start, &len, &u->unit))
			continue;
		u->range.end = u->range.start + len;
		d->n_units += len && u->range.end > u->range.start;
	}
	qsort(d->units, d->n_units, sizeof(*d->units), by_start);
	return 0;
}

static bool add_unit(struct buf *found, Dwarf_Die *die)
{
	struct unit_range u = {.unit = dwarf_dieoffset(die)};
	ptrdiff_t next = 0;
	Dwarf_Addr base;

	while (found->len / sizeof(u) < MAX_RANGES &&
	       (next = dwarf_ranges(die, next, &base, &u.range.start, &u.range.end)) > 0)
		if (u.range.start < u.range.end)
			buf_append(found, &u, sizeof(u));
	return !buf_error(found);
}

/* Asks the units themselves that are not known by then. */
static int look_through(struct srcline_dwarf *d)
{
	struct table known = {0};
	struct buf found = {0};
	Dwarf_CU *cu = NULL;
	Dwarf_Die die;
	int err = 0;

	d->looked_through = true;
	for (size_t i = 0; !err && i < d->n_units; i++)
		err = table_set(&known, d->units[i].unit, d);
	buf_append(&found, d->units, d->n_units * sizeof(*d->units));
	while (!err && !dwarf_get_units(d->dw, cu, &cu, NULL, NULL, &die, NULL))
		if (dwarf_tag(&die) == DW_TAG_compile_unit &&
		    !table_get(&known, dwarf_dieoffset(&die)) && !add_unit(&found, &die))
			err = -ENOMEM;
	table_deinit(&known, NULL);
	if (err || buf_error(&found)) {
		buf_deinit(&found);
		return -ENOMEM;
	}
	free(d->units);
	d->units = (struct unit_range *)found.data;
	d->n_units = found.len / sizeof(*d->units);
	if (d->n_units)
		qsort(d->units, d->n_units, sizeof(*d->units), by_start);
	return 0;
}

/* The last range that begins at or before addr; -1: none. */
static ptrdiff_t range_before(const struct srcline_dwarf *d, uint64_t addr)
{
	size_t lo = 0, hi = d->n_units, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (d->units[mid].range.start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (ptrdiff_t)lo - 1;
}

/* ---- one unit ---- */

static int nothing(uint64_t addr, struct buf *ranges, struct buf *table)
{
	struct srcline_range r = {.start = addr, .end = addr + 1};

	if (!ranges->len)
		buf_append(ranges, &r, sizeof(r));
	return buf_error(ranges) ? -ENOMEM : linetable_empty(table);
}

/* From the end of the range before to the next one's start, as far as at lies in it. */
static void gap(const struct srcline_dwarf *d, ptrdiff_t before, uint64_t at, struct buf *ranges)
{
	struct srcline_range r = {.start = 0, .end = UINT64_MAX};

	if (before >= 0)
		r.start = d->units[before].range.end;
	if ((size_t)(before + 1) < d->n_units)
		r.end = d->units[before + 1].range.start;
	if (r.start <= at)
		srcline_map_ranges(&d->map, &r, ranges);
}

int srcline_dwarf_unit(struct srcline_dwarf *d, uint64_t addr, struct buf *ranges,
		       struct buf *table)
{
	Dwarf_Die die;
	ptrdiff_t i;
	uint64_t at;
	int err;

	if (!srcline_map_there(&d->map, addr, &at))
		return nothing(addr, ranges, table);
	i = range_before(d, at);
	if ((i < 0 || at >= d->units[i].range.end) && !d->looked_through) {
		err = look_through(d);
		if (err)
			return err;
		i = range_before(d, at);
	}
	if (i < 0 || at >= d->units[i].range.end) {
		gap(d, i, at, ranges);
		return nothing(addr, ranges, table);
	}
	if (!dwarf_offdie(d->dw, d->units[i].unit, &die))
		return nothing(addr, ranges, table);
	for (size_t n = 0; n < d->n_units; n++)
		if (d->units[n].unit == d->units[i].unit)
			srcline_map_ranges(&d->map, &d->units[n].range, ranges);
	return buf_error(ranges) ? -ENOMEM : srcline_unit_read(&die, &d->map, ranges, table);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "record/reasons.h"

#include <bpf/btf.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define ENUM_ENDING "_drop_reason"

struct reason {
	uint32_t number;
	char *name;
};

struct reasons {
	struct reason *all; /* by number, no number twice */
	size_t count;
};

static bool is_reason_enum(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);
	size_t len = strlen(name), ending = strlen(ENUM_ENDING);

	return btf_is_any_enum(t) && len > ending && !strcmp(name + len - ending, ENUM_ENDING);
}

static const char *bare_name(const char *name)
{
	static const char *const prefixes[] = {"SKB_DROP_REASON_", "SKB_"};

	for (size_t i = 0; i < 2; i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return name + strlen(prefixes[i]);
	return name;
}

/* The n-th constant of an enum: its value, and its name in BTF. */
static uint32_t enum_value(const struct btf *btf, const struct btf_type *t, int n,
			   const char **name)
{
	if (btf_is_enum64(t)) {
		*name = btf__name_by_offset(btf, btf_enum64(t)[n].name_off);
		return btf_enum64(t)[n].val_lo32;
	}
	*name = btf__name_by_offset(btf, btf_enum(t)[n].name_off);
	return (uint32_t)btf_enum(t)[n].val;
}

/* Masks and bounds stand in the enums too, and in those of subsystems a 0, which is no reason of
 * theirs: numbers without a subsystem are skb_drop_reason's. */
static bool is_reason_value(bool core, uint32_t number, const char *name)
{
	return (core || number >> 16) && !strstr(name, "SUBSYS_MASK") &&
	       !strstr(name, "REASON_MAX") && !strstr(name, "_SHIFT");
}

/* Where number is, or belongs. */
static size_t place_of(const struct reasons *r, uint32_t number)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->all[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first of one number stays. */
static int add(struct reasons *r, uint32_t number, const char *name)
{
	size_t at = place_of(r, number);
	struct reason *grown;
	char *copy;

	if (at < r->count && r->all[at].number == number)
		return 0;
	grown = reallocarray(r->all, r->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	r->all = grown;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	memmove(grown + at + 1, grown + at, (r->count - at) * sizeof(*grown));
	grown[at] = (struct reason){number, copy};
	r->count++;
	return 0;
}

/* Those of the types from first on. */
static int add_all(struct reasons *r, const struct btf *btf, uint32_t first)
{
	uint32_t types = btf__type_cnt(btf);
	int err = 0;

	for (uint32_t id = first; id < types; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		bool core;

		if (!is_reason_enum(btf, t))
			continue;
		core = !strcmp(btf__name_by_offset(btf, t->name_off), "skb_drop_reason");
		for (int i = 0; !err && i < btf_vlen(t); i++) {
			const char *name;
			uint32_t number = enum_value(btf, t, i, &name);

			if (is_reason_value(core, number, name))
				err = add(r, number, bare_name(name));
		}
	}
	return err;
}

/* Few modules have such an enum: only these are worth making sense of. */
static bool may_have_reasons(const char *path)
{
	_cleanup_(fclosep) FILE *f = fopen(path, "re");
	char part[65536];
	size_t kept = 0, n;

	while (f && (n = fread(part + kept, 1, sizeof(part) - kept, f))) {
		n += kept;
		if (memmem(part, n, ENUM_ENDING, sizeof(ENUM_ENDING)))
			return true;
		kept = n < sizeof(ENUM_ENDING) ? n : sizeof(ENUM_ENDING);
		memmove(part, part + n - kept, kept);
	}
	return false;
}

static int add_module(struct reasons *r, struct btf *vmlinux, const char *path)
{
	struct btf *split = may_have_reasons(path) ? btf__parse_split(path, vmlinux) : NULL;
	int err = split ? add_all(r, split, btf__type_cnt(vmlinux)) : 0;

	btf__free(split);
	return err;
}

static int add_modules(struct reasons *r, struct btf *vmlinux, const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	int err = 0;

	while (d && !err && (e = readdir(d))) {
		char path[PATH_MAX];

		if (*e->d_name == '.' || !strcmp(e->d_name, "vmlinux"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		err = add_module(r, vmlinux, path);
	}
	if (d)
		closedir(d);
	return err;
}

int reasons_create(struct btf *vmlinux, const char *modules, struct reasons **ret)
{
	struct reasons *r = calloc(1, sizeof(*r));
	int err = r ? add_all(r, vmlinux, 1) : -ENOMEM;

	if (!err && modules)
		err = add_modules(r, vmlinux, modules);
	if (err)
		reasons_destroy(r);
	else
		*ret = r;
	return err;
}

void reasons_destroy(struct reasons *r)
{
	for (size_t i = 0; r && i < r->count; i++)
		free(r->all[i].name);
	if (r)
		free(r->all);
	free(r);
}

const char *reasons_name(const struct reasons *r, uint32_t number)
{
	size_t at = place_of(r, number);

	return at < r->count && r->all[at].number == number ? r->all[at].name : NULL;
}

bool reasons_number(const struct reasons *r, const char *name, uint32_t *ret)
{
	const char *bare = bare_name(name);

	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->all[i].name, bare))
			continue;
		*ret = r->all[i].number;
		return true;
	}
	return false;
}

void reasons_print(const struct reasons *r, struct buf *to)
{
	for (size_t i = 0; i < r->count; i++)
		buf_printf(to, "%u %s\n", r->all[i].number, r->all[i].name);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * About 120,000 lines, read once at the start. The file is kept in memory whole and names point
 * into it; two indexes are sorted: by address (lookup, snapshot) and by name (targets).
 */
#include "record/kallsyms.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/cleanup.h"

static const char *const variables[] = {"vmemmap_base", "page_offset_base"};

#define VARIABLES (sizeof(variables) / sizeof(variables[0]))

struct kallsyms {
	uint64_t variable[VARIABLES];
	struct buf text;
	struct kallsym *syms;
	const struct kallsym **names;
	size_t count;
	const char **modules;
	size_t modules_count;
};

static int read_all(const char *path, struct buf *b)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *room;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		room = buf_extend(b, 1 << 16);
		if (!room)
			return -ENOMEM;
		n = read(fd, room, 1 << 16);
		b->len -= (size_t)((1 << 16) - (n > 0 ? n : 0));
	} while (n > 0);
	if (n < 0)
		return -errno;
	buf_u8(b, 0);
	return buf_error(b);
}

static int add_module(struct kallsyms *k, const char *name, uint32_t *ret)
{
	const char **grown;

	/* Symbols of one module follow one another. */
	if (k->modules_count && !strcmp(k->modules[k->modules_count - 1], name)) {
		*ret = (uint32_t)k->modules_count;
		return 0;
	}
	for (size_t i = 0; i < k->modules_count; i++)
		if (!strcmp(k->modules[i], name)) {
			*ret = (uint32_t)i + 1;
			return 0;
		}
	grown = reallocarray(k->modules, k->modules_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	k->modules = grown;
	k->modules[k->modules_count++] = name;
	*ret = (uint32_t)k->modules_count;
	return 0;
}

/* One line: "ffffffff81000000 T _text" with "\t[module]" after it. 1 a text symbol, 0 something
 * else. */
static int parse_line(struct kallsyms *k, char *line, struct kallsym *s)
{
	char *name, *bracket, *close_at, *end;
	int err;

	s->addr = strtoull(line, &end, 16);
	if (end == line || *end != ' ' || !end[1] || end[2] != ' ')
		return 0;
	s->type = end[1];
	name = end + 3;
	if (!strchr("tTwW", s->type)) {
		for (size_t i = 0; i < VARIABLES; i++)
			if (!strcmp(name, variables[i]))
				k->variable[i] = s->addr;
		return 0;
	}
	s->module = 0;
	bracket = strchr(name, '\t');
	if (bracket) {
		*bracket++ = 0;
		close_at = *bracket == '[' ? strchr(bracket, ']') : NULL;
		if (!close_at)
			return 0;
		*close_at = 0;
		err = add_module(k, bracket + 1, &s->module);
		if (err)
			return err;
	}
	s->name = name;
	return 1;
}

static int by_addr(const void *a, const void *b)
{
	const struct kallsym *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
	const struct kallsym *x = *(const struct kallsym *const *)a;
	const struct kallsym *y = *(const struct kallsym *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->addr < y->addr ? -1 : x->addr > y->addr;
}

static int parse(struct kallsyms *k)
{
	char *line, *next = (char *)k->text.data;
	size_t cap = 0;
	bool any = false;

	while ((line = strsep(&next, "\n"))) {
		int got;

		if (k->count == cap) {
			struct kallsym *grown;

			cap = cap ? cap * 2 : 1 << 16;
			grown = reallocarray(k->syms, cap, sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			k->syms = grown;
		}
		got = parse_line(k, line, &k->syms[k->count]);
		if (got < 0)
			return got;
		any |= got && k->syms[k->count].addr;
		k->count += (size_t)got;
	}
	if (!any)
		return -ENODATA;
	qsort(k->syms, k->count, sizeof(*k->syms), by_addr);
	k->names = calloc(k->count, sizeof(*k->names));
	if (!k->names)
		return -ENOMEM;
	for (size_t i = 0; i < k->count; i++)
		k->names[i] = &k->syms[i];
	qsort(k->names, k->count, sizeof(*k->names), by_name);
	return 0;
}

int kallsyms_create(const char *path, struct kallsyms **ret)
{
	struct kallsyms *k = calloc(1, sizeof(*k));
	int err;

	if (!k)
		return -ENOMEM;
	err = read_all(path ? path : "/proc/kallsyms", &k->text);
	if (!err)
		err = parse(k);
	if (err) {
		kallsyms_destroy(k);
		return err;
	}
	*ret = k;
	return 0;
}

void kallsyms_destroy(struct kallsyms *k)
{
	if (!k)
		return;
	buf_deinit(&k->text);
	free(k->syms);
	free(k->names);
	free(k->modules);
	free(k);
}

size_t kallsyms_count(const struct kallsyms *k)
{
	return k->count;
}

const struct kallsym *kallsyms_at(const struct kallsyms *k, size_t i)
{
	return &k->syms[i];
}

size_t kallsyms_modules(const struct kallsyms *k)
{
	return k->modules_count;
}

const char *kallsyms_module(const struct kallsyms *k, uint32_t module)
{
	return module ? k->modules[module - 1] : "";
}

uint64_t kallsyms_variable(const struct kallsyms *k, const char *name)
{
	for (size_t i = 0; i < VARIABLES; i++)
		if (!strcmp(name, variables[i]))
			return k->variable[i];
	return 0;
}

/* The first index whose name is not below. */
static size_t lower_name(const struct kallsyms *k, const char *name)
{
	size_t low = 0, high = k->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(k->names[mid]->name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

size_t kallsyms_by_name(const struct kallsyms *k, const char *name,
			const struct kallsym *const **ret)
{
	size_t first = lower_name(k, name), n = 0;

	while (first + n < k->count && !strcmp(k->names[first + n]->name, name))
		n++;
	*ret = &k->names[first];
	return n;
}

const struct kallsym *kallsyms_suffixed(const struct kallsyms *k, const char *name)
{
	size_t len = strlen(name);

	/* '.' sorts below letters, digits and '_', so these follow the name itself at once. */
	for (size_t i = lower_name(k, name); i < k->count; i++) {
		const char *other = k->names[i]->name;

		if (strncmp(other, name, len))
			break;
		if (other[len] == '.' && strncmp(other + len, ".cold", 5))
			return k->names[i];
	}
	return NULL;
}

const struct kallsym *kallsyms_by_addr(const struct kallsyms *k, uint64_t addr)
{
	size_t low = 0, high = k->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (k->syms[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &k->syms[low - 1] : NULL;
}

bool kallsyms_code(const struct kallsyms *k, const char *name, uint64_t *from, uint64_t *to)
{
	const struct kallsym *const *syms, *next, *end = k->syms + k->count;

	*from = *to = 0;
	if (!kallsyms_by_name(k, name, &syms))
		return false;
	for (next = syms[0]; next < end && next->addr == syms[0]->addr; next++)
		;
	*from = syms[0]->addr;
	*to = next < end ? next->addr : UINT64_MAX;
	return true;
}

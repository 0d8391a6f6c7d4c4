// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

/* Kallsyms tells no sizes; an address further than this after a symbol lies in none. */
#define MAX_OFFSET     (1u << 20)
#define MAX_BPF_OFFSET 16384 /* larger than nearly all programs once compiled */

struct symbols {
	uint64_t *addrs; /* sorted, each once */
	const char **names;
	uint32_t *modules; /* 0 the kernel, n the n-th of module_names */
	size_t count;
	char *module_text; /* names, each ended by a NUL */
	const char **module_names;
	size_t n_modules;
};

void symbols_destroy(struct symbols *s)
{
	if (!s)
		return;
	free(s->addrs);
	free(s->names);
	free(s->modules);
	free(s->module_text);
	free(s->module_names);
	free(s);
}

static void symbols_destroyp(struct symbols **s)
{
	symbols_destroy(*s);
}

/* How little a name is what a person would call the function. */
static int badness(const char *name, char type)
{
	static const char *const prefixes[] = {"__SCT__", "__SCK__",   "__pfx_",
					       "__cfi_",  "__kstrtab", "__ksymtab"};
	int bad = type == 'T' || type == 'W' ? 0 : 1;

	if (name[0] == '$' || name[0] == '.' || !name[0])
		return 100;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			bad += 20;
	if (strstr(name, ".cold"))
		bad += 10;
	else if (strchr(name, '.'))
		bad += 4;
	if (!strncmp(name, "__", 2))
		bad += 2;
	return bad;
}

static int read_modules(struct symbols *s, const struct snapshot *snap)
{
	const uint8_t *data = snap->record[SNAPSHOT_MODULES].data;
	size_t len = snap->record[SNAPSHOT_MODULES].len, size, lines = 0;
	struct cursor c = cursor_of(data, len);
	const char *line;
	char *to;

	while (snapshot_line_next(&c, &line, &size) == 1)
		lines++;
	s->module_text = malloc(len + lines + 1);
	s->module_names = calloc(lines + 1, sizeof(*s->module_names));
	if (!s->module_text || !s->module_names)
		return -ENOMEM;
	to = s->module_text;
	c = cursor_of(data, len);
	while (s->n_modules < lines && snapshot_line_next(&c, &line, &size) == 1) {
		const char *space = memchr(line, ' ', size);

		if (space)
			size = (size_t)(space - line);
		s->module_names[s->n_modules++] = to;
		memcpy(to, line, size);
		to += size;
		*to++ = 0;
	}
	return 0;
}

static int reserve(struct symbols *s, size_t want)
{
	void *p;

	p = realloc(s->addrs, want * sizeof(*s->addrs));
	if (!p)
		return -ENOMEM;
	s->addrs = p;
	p = realloc(s->names, want * sizeof(*s->names));
	if (!p)
		return -ENOMEM;
	s->names = p;
	p = realloc(s->modules, want * sizeof(*s->modules));
	if (!p)
		return -ENOMEM;
	s->modules = p;
	return 0;
}

static int read_symbols(struct symbols *s, struct cursor c)
{
	uint64_t prev = 0, addr;
	size_t room = 0;
	int best = 0, bad, err;
	const char *name;
	uint32_t module;
	char type;

	while ((err = snapshot_symbol_next(&c, &prev, &addr, &type, &module, &name)) == 1) {
		bad = badness(name, type);
		if (bad >= 100)
			continue;
		if (s->count && s->addrs[s->count - 1] == addr) {
			if (bad >= best)
				continue;
			s->count--;
		} else if (s->count && s->addrs[s->count - 1] > addr) {
			return -EBADMSG; /* a difference that wraps around */
		}
		if (s->count == room) {
			room = room ? 2 * room : 4096;
			err = reserve(s, room);
			if (err)
				return err;
		}
		best = bad;
		s->addrs[s->count] = addr;
		s->names[s->count] = name;
		s->modules[s->count++] = module;
	}
	return err;
}

int symbols_create(const struct snapshot *snap, struct symbols **ret)
{
	_cleanup_(symbols_destroyp) struct symbols *s = NULL;
	size_t len = snap->record[SNAPSHOT_SYMBOLS].len;
	int err;

	if (!len)
		return -ENODATA;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	err = read_modules(s, snap);
	if (err)
		return err;
	err = read_symbols(s, cursor_of(snap->record[SNAPSHOT_SYMBOLS].data, len));
	if (err)
		return err;
	if (!s->count)
		return -ENODATA;
	*ret = steal_ptr(&s);
	return 0;
}

size_t symbols_count(const struct symbols *s)
{
	return s ? s->count : 0;
}

int symbols_find(const struct symbols *s, uint64_t addr, struct symbol *ret)
{
	size_t lo = 0, hi = s ? s->count : 0, mid;
	uint32_t module;

	while (lo < hi) { /* lo: the first symbol after addr */
		mid = lo + (hi - lo) / 2;
		if (s->addrs[mid] <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || addr - s->addrs[lo - 1] > MAX_OFFSET)
		return -ENOENT;
	module = s->modules[lo - 1];
	/* BPF programs come and go after the snapshot; what lies far behind one of them is
	 * another's. */
	if (module && module <= s->n_modules && !strcmp(s->module_names[module - 1], "bpf") &&
	    addr - s->addrs[lo - 1] > MAX_BPF_OFFSET)
		return -ENOENT;
	ret->name = s->names[lo - 1];
	ret->module = module && module <= s->n_modules ? s->module_names[module - 1] : "";
	ret->offset = addr - s->addrs[lo - 1];
	return 0;
}

int symbols_find_caller(const struct symbols *s, uint64_t addr, struct symbol *ret)
{
	int err = addr ? symbols_find(s, addr - 1, ret) : -ENOENT;

	if (!err)
		ret->offset++;
	return err;
}

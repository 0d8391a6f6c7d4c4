// SPDX-License-Identifier: GPL-2.0-only
#include "report/scrub/scrub_code.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/lines.h"
#include "report/scrub/scrub_text.h"

/* Where _text is linked to on x86-64; elsewhere it stands for it. */
#define LINKED_X86   0xffffffff81000000u
#define LINKED_ARM64 0xffff800080000000u
#define KERNEL_MOST  0x3e000000u /* its code reaches no further */
#define MODULES_FROM 0xffffffffc0000000u
#define MODULES_TO   0xfffffffff0000000u
#define APART	     0x200000u	/* no address of one module comes near the next */
#define MODULE_MOST  0x2000000u /* a module's code reaches no further */
#define MODULES_MOST 4096u	/* of more, symbols have no name */
#define NO_MODULE    UINT32_MAX
#define REACH	     0x100000u /* of a symbol: see symbols.h */
/* Numbers for what has no symbol lie from here on, far from all symbols. */
#define UNKNOWN_FROM 0x4000000000000000u

struct sym {
	uint64_t addr;
	uint64_t now; /* 0: it got none, and is as good as unknown */
	const char *name;
	const char *module;
	uint32_t number; /* of its module, in the new MODULES */
};

struct module {
	const char *name;
	uint64_t now;
	uint64_t size;
	const char *build_id; /* not ended by a NUL */
	size_t build_id_len;
};

struct scrub_code {
	struct scrub_key *key;
	struct capture *capture;
	const struct symbols *symbols;
	bool has_text;
	uint64_t text;
	uint64_t linked;
	struct table known; /* by address: struct sym */
	struct sym **all;   /* in order of address, then of the new one */
	size_t n;
	struct table named; /* by hash of the name: modules that are named */
	struct module *modules;
	size_t n_modules;
};

int scrub_code_create(struct scrub_key *key, struct capture *c, struct scrub_code **ret)
{
	struct scrub_code *s = calloc(1, sizeof(*s));
	const char *text;
	char machine[32];
	size_t len;

	if (!s)
		return -ENOMEM;
	s->key = key;
	s->capture = c;
	s->symbols = capture_symbols(c);
	s->has_text = lines_value(lines_of(c->snapshot, SNAPSHOT_KERNEL), "text", &text, &len) &&
		      lines_hex(text, len, &s->text);
	s->linked = strcmp(capture_host(c, "machine", machine, sizeof(machine)), "aarch64")
			    ? LINKED_X86
			    : LINKED_ARM64;
	*ret = s;
	return 0;
}

void scrub_code_destroy(struct scrub_code *s)
{
	if (!s)
		return;
	table_deinit(&s->known, free);
	table_deinit(&s->named, NULL);
	free(s->all);
	free(s->modules);
	free(s);
}

static bool find(const struct scrub_code *s, uint64_t addr, bool caller, struct symbol *ret)
{
	if (!s->symbols)
		return false;
	return caller ? !symbols_find_caller(s->symbols, addr, ret)
		      : !symbols_find(s->symbols, addr, ret);
}

int scrub_code_add_module(struct scrub_code *s, const char *name)
{
	if (!name[0])
		return 0;
	return table_set(&s->named, scrub_text_hash(name, strlen(name)), s);
}

bool scrub_code_has_module(const struct scrub_code *s, const char *name, size_t len)
{
	return table_get(&s->named, scrub_text_hash(name, len));
}

int scrub_code_add(struct scrub_code *s, uint64_t addr, bool caller)
{
	struct symbol found;
	struct sym *new;
	int err;

	if (!addr || !find(s, addr, caller, &found) || table_get(&s->known, addr - found.offset))
		return 0;
	new = malloc(sizeof(*new));
	if (!new)
		return -ENOMEM;
	*new = (struct sym){
		.addr = addr - found.offset, .name = found.name, .module = found.module};
	err = table_set(&s->known, new->addr, new);
	if (err) {
		free(new);
		return err;
	}
	s->n++;
	return scrub_code_add_module(s, found.module);
}

/* ---- choosing ---- */

static int by_addr(const void *a, const void *b)
{
	const struct sym *x = *(struct sym *const *)a, *y = *(struct sym *const *)b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

static int by_now(const void *a, const void *b)
{
	const struct sym *x = *(struct sym *const *)a, *y = *(struct sym *const *)b;

	return (x->now > y->now) - (x->now < y->now);
}

static bool in_kernel(const struct scrub_code *s, const struct sym *sym)
{
	return s->has_text && !sym->module[0] && sym->addr >= s->text &&
	       sym->addr - s->text < KERNEL_MOST;
}

/* The line of a module: where it begins, or 0. */
static uint64_t module_line(const struct scrub_code *s, struct module *m)
{
	struct cursor c = lines_of(s->capture->snapshot, SNAPSHOT_MODULES);
	const char *line, *word;
	uint64_t base;
	size_t len, n;

	while (snapshot_line_next(&c, &line, &len) == 1) {
		word = lines_word(&line, &len, &n);
		if (n != strlen(m->name) || memcmp(word, m->name, n))
			continue;
		word = lines_word(&line, &len, &n);
		if (!lines_hex(word, n, &base))
			return 0;
		word = lines_word(&line, &len, &n);
		if (!lines_number(word, n, &m->size))
			return 0;
		m->build_id = line;
		m->build_id_len = len;
		return base;
	}
	return 0;
}

/* The number of a module in the new MODULES, 1 first; 0: the kernel; NO_MODULE. *base: where it
 * begins, if it is new and that is known. */
static uint32_t module_number(struct scrub_code *s, const char *name, uint64_t *base)
{
	struct module *m;

	*base = 0;
	if (!name[0])
		return 0;
	for (size_t i = 0; i < s->n_modules; i++)
		if (!strcmp(s->modules[i].name, name))
			return (uint32_t)i + 1;
	if (s->n_modules == MODULES_MOST)
		return NO_MODULE;
	m = &s->modules[s->n_modules++];
	*m = (struct module){.name = name};
	*base = module_line(s, m);
	return (uint32_t)s->n_modules;
}

/* What belongs together and moves as one. */
struct place {
	const char *module;
	uint64_t from;
	uint64_t now;
	uint64_t last; /* the last one in it, as it was */
	uint64_t reach;
	uint64_t next; /* free from here on */
};

static void place_begin(struct scrub_code *s, struct place *p, struct sym *sym)
{
	uint64_t base;
	uint32_t number = module_number(s, sym->module, &base);
	bool whole = base && base <= sym->addr && sym->addr - base < MODULE_MOST;

	*p = (struct place){.module = sym->module,
			    .from = whole ? base : sym->addr,
			    .now = p->next,
			    .reach = whole ? MODULE_MOST : REACH,
			    .next = p->next};
	if (whole && !s->modules[number - 1].now)
		s->modules[number - 1].now = p->now;
}

static void place_add(struct scrub_code *s, struct place *p, struct sym *sym)
{
	uint64_t unused;

	if (!p->module || strcmp(p->module, sym->module) || sym->addr - p->last > p->reach ||
	    sym->addr - p->from > MODULE_MOST)
		place_begin(s, p, sym);
	p->last = sym->addr;
	sym->number = module_number(s, sym->module, &unused);
	if (p->now + (sym->addr - p->from) > MODULES_TO || sym->number == NO_MODULE)
		return;
	sym->now = p->now + (sym->addr - p->from);
	p->next = (sym->now + APART) & ~(uint64_t)0xfff;
}

int scrub_code_settle(struct scrub_code *s)
{
	struct place p = {.next = MODULES_FROM};
	size_t n = 0;

	s->all = calloc(s->n + 1, sizeof(struct sym *));
	s->modules = calloc(s->n + 1, sizeof(*s->modules));
	if (!s->all || !s->modules)
		return -ENOMEM;
	table_for_each(&s->known, slot) s->all[n++] = slot->value;
	qsort(s->all, n, sizeof(struct sym *), by_addr);
	for (size_t i = 0; i < n; i++) {
		if (in_kernel(s, s->all[i]))
			s->all[i]->now = s->linked + (s->all[i]->addr - s->text);
		else
			place_add(s, &p, s->all[i]);
	}
	qsort(s->all, n, sizeof(struct sym *), by_now);
	return 0;
}

/* ---- what came of it ---- */

uint64_t scrub_code_map(const struct scrub_code *s, uint64_t addr, bool caller)
{
	uint64_t unknown[2] = {s->capture->tag, addr};
	const struct sym *sym = NULL;
	struct symbol found;

	if (!addr)
		return 0;
	if (find(s, addr, caller, &found))
		sym = table_get(&s->known, addr - found.offset);
	if (sym && sym->now)
		return sym->now + found.offset;
	return UNKNOWN_FROM | scrub_key_number(s->key, SCRUB_CODE, unknown, sizeof(unknown)) >> 2;
}

void scrub_code_symbols(const struct scrub_code *s, struct buf *out)
{
	char name[SCRUB_WORD_MOST];
	uint64_t prev = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct sym *sym = s->all[i];

		if (!sym->now)
			continue;
		scrub_text_word(sym->name, strlen(sym->name), name);
		snapshot_symbol_append(out, &prev, sym->now, 't', sym->number, name);
	}
}

static bool is_hex(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("0123456789abcdef", text[i]) || !text[i])
			return false;
	return len > 0 && len <= 128;
}

void scrub_code_modules(const struct scrub_code *s, struct buf *out)
{
	char name[SCRUB_WORD_MOST];

	for (size_t i = 0; i < s->n_modules; i++) {
		const struct module *m = &s->modules[i];
		bool known = m->build_id && is_hex(m->build_id, m->build_id_len);

		scrub_text_word(m->name, strlen(m->name), name);
		buf_printf(out, "%s %llx %llu %.*s\n", name, (unsigned long long)m->now,
			   (unsigned long long)m->size, known ? (int)m->build_id_len : 1,
			   known ? m->build_id : "-");
	}
}

void scrub_code_kernel(const struct scrub_code *s, struct buf *out)
{
	const char *id;
	size_t len;

	if (lines_value(lines_of(s->capture->snapshot, SNAPSHOT_KERNEL), "build_id", &id, &len) &&
	    is_hex(id, len))
		buf_printf(out, "build_id=%.*s\n", (int)len, id);
	if (s->has_text)
		buf_printf(out, "text=%llx\n", (unsigned long long)s->linked);
}

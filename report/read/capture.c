// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/read/lines.h"

const char *const capture_counter_names[CAPTURE_COUNTERS] = {
	[COUNTER_RECORDED] = "recorded",   [COUNTER_LOST_RING] = "lost_ring",
	[COUNTER_LOST_READ] = "lost_read", [COUNTER_LOST_MAP] = "lost_map",
	[COUNTER_NULL_ARG] = "null_arg",   [COUNTER_ERR_ARG] = "err_arg",
	[COUNTER_NOT_SKB] = "not_skb",	   [COUNTER_FILTERED] = "filtered",
	[COUNTER_RECURSION] = "recursion", [COUNTER_LOST_HOLD] = "lost_hold",
	[COUNTER_HELD] = "held",	   [COUNTER_STALE] = "stale",
	[COUNTER_EVICTED] = "evicted",	   [COUNTER_NMISSED] = "nmissed",
};

struct string {
	struct string *next; /* of the same hash */
	char text[];
};

static void func_free(void *f)
{
	free(f); /* its names stand behind it */
}

static void strings_free(void *v)
{
	struct string *s = v, *next;

	for (; s; s = next) {
		next = s->next;
		free(s);
	}
}

static void capture_destroy(struct capture *c)
{
	symbols_destroy(c->symbols);
	snapshot_destroy(c->snapshot);
	snapshot_pieces_destroy(c->pieces);
	ledger_destroy(c->ledger);
	table_deinit(&c->funcs, func_free);
	table_deinit(&c->reasons, free);
	table_deinit(&c->netns, free);
	table_deinit(&c->ifaces, free);
	table_deinit(&c->strings, strings_free);
	for (size_t i = 0; i < c->n_notes; i++)
		free(c->notes[i]);
	free(c->notes);
	free(c);
}

static void capture_destroyp(struct capture **c)
{
	if (*c)
		capture_destroy(*c);
}

void captures_deinit(struct captures *c)
{
	for (size_t i = 0; i < c->count; i++)
		capture_destroy(c->all[i]);
	free(c->all);
	memset(c, 0, sizeof(*c));
}

struct capture *captures_get(struct captures *c, uint32_t tag)
{
	_cleanup_(capture_destroyp) struct capture *new = NULL;
	struct capture **all;

	if (c->recent && c->recent->tag == tag)
		return c->recent;
	for (size_t i = 0; i < c->count; i++)
		if (c->all[i]->tag == tag)
			return c->recent = c->all[i];
	if (captures_full(c))
		return NULL;
	new = calloc(1, sizeof(*new));
	if (!new || ledger_create(&new->ledger))
		return NULL;
	new->tag = tag;
	new->owner = c;
	new->index = (unsigned int)c->count;
	all = realloc(c->all, (c->count + 1) * sizeof(*all));
	if (!all)
		return NULL;
	c->all = all;
	c->all[c->count++] = c->recent = new;
	c->names++;
	return steal_ptr(&new);
}

int capture_add_info(struct capture *c, const struct event_info *i)
{
	uint32_t next = c->has_info ? c->last_file + 1 : 0;

	if (c->has_info && i->file_number < next)
		return 0; /* a piece of a file known already */
	if (!c->has_info)
		c->first_file = i->file_number;
	else
		c->parts_missing += i->file_number - next;
	if (i->file_number > next) {
		c->part_missing = true;
		ledger_part_missing(c->ledger);
	}
	c->has_info = true;
	c->last_file = i->file_number;
	memcpy(c->uuid, i->uuid, sizeof(c->uuid));
	c->info_flags = i->flags;
	return 0;
}

/* A new entry; names are copied behind it. */
static struct func *func_new(struct capture *c, uint64_t addr, const char *name, const char *module)
{
	size_t name_len = strlen(name), module_len = strlen(module);
	struct func *f = calloc(1, sizeof(*f) + name_len + module_len + 2);
	char *text = (char *)(f + 1);

	if (!f)
		return NULL;
	memcpy(text, name, name_len + 1);
	memcpy(text + name_len + 1, module, module_len + 1);
	f->addr = addr;
	f->name = text;
	f->name_len = (uint16_t)name_len;
	f->module = text + name_len + 1;
	f->module_len = (uint16_t)module_len;
	if (table_set(&c->funcs, addr, f)) {
		free(f);
		return NULL;
	}
	return f;
}

int capture_add_func(struct capture *c, const struct event_func *e)
{
	struct func *f;

	/* The first to tell of an address is believed; tools repeat interfaces. */
	if (!e->addr || table_get(&c->funcs, e->addr))
		return 0;
	f = func_new(c, e->addr, e->name, e->module);
	if (!f)
		return -ENOMEM;
	f->roles = e->roles;
	f->how = e->how;
	f->arg = e->arg;
	f->ordinal = e->flags & FUNC_FLAG_ORDINAL;
	f->lifecycle = e->flags & FUNC_FLAG_LIFECYCLE;
	f->known = true;
	if (c->funcs_last)
		c->funcs_last->next = f;
	else
		c->funcs_first = f;
	c->funcs_last = f;
	return 0;
}

struct func *capture_func(struct capture *c, uint64_t addr)
{
	struct func *f = table_get(&c->funcs, addr);
	struct symbol sym;
	char name[160];

	if (f)
		return f;
	if (!symbols_find(capture_symbols(c), addr, &sym) && !sym.offset)
		return func_new(c, addr, sym.name, sym.module);
	snprintf(name, sizeof(name), "0x%llx", (unsigned long long)addr);
	return func_new(c, addr, name, "");
}

/* A record of lines "number [number] name" into a table. */
static int read_names(const struct snapshot *s, enum snapshot_record type, int numbers,
		      struct table *t)
{
	static const char prefix[] = "SKB_DROP_REASON_";
	struct cursor c = lines_of(s, type);
	uint32_t first, second = 0;
	const char *line;
	uint64_t key;
	size_t len;
	int err;

	while (snapshot_line_next(&c, &line, &len) == 1) {
		if (!lines_take_u32(&line, &len, &first) ||
		    (numbers == 2 && !lines_take_u32(&line, &len, &second)))
			continue;
		key = numbers == 2 ? (uint64_t)first << 32 | second : first;
		if (len > sizeof(prefix) - 1 && !memcmp(line, prefix, sizeof(prefix) - 1)) {
			line += sizeof(prefix) - 1;
			len -= sizeof(prefix) - 1;
		}
		err = table_set_text(t, key, line, len);
		if (err)
			return err;
	}
	return 0;
}

int capture_add_meta(struct capture *c, const struct event_meta *m)
{
	int err;

	if (c->snapshot)
		return 0;
	if (!c->pieces) {
		err = snapshot_pieces_create(&c->pieces);
		if (err)
			return err;
	}
	err = snapshot_pieces_add(c->pieces, m->index, m->count, m->raw_len, m->data, m->data_len);
	if (err != 1)
		return err;
	err = snapshot_create(c->pieces, &c->snapshot);
	if (err)
		return err;
	c->owner->names++;
	capture_host(c, "hostname", c->host, sizeof(c->host));
	err = read_names(c->snapshot, SNAPSHOT_REASONS, 1, &c->reasons);
	if (!err)
		err = read_names(c->snapshot, SNAPSHOT_NETNS, 1, &c->netns);
	if (!err)
		err = read_names(c->snapshot, SNAPSHOT_INTERFACES, 2, &c->ifaces);
	return err;
}

const char *capture_reason(const struct capture *c, uint32_t number)
{
	return table_get(&c->reasons, number);
}

const char *capture_netns(const struct capture *c, uint32_t inode)
{
	return table_get(&c->netns, inode);
}

const char *capture_iface(const struct capture *c, uint32_t netns, uint32_t index)
{
	return table_get(&c->ifaces, (uint64_t)netns << 32 | index);
}

const struct symbols *capture_symbols(struct capture *c)
{
	if (!c->symbols && c->snapshot && !c->symbols_tried) {
		c->symbols_tried = true;
		symbols_create(c->snapshot, &c->symbols);
	}
	return c->symbols;
}

const char *capture_string(struct capture *c, const char *s)
{
	size_t len = strnlen(s, 63);
	uint64_t hash = 0xcbf29ce484222325u;
	struct string *first, *new;

	if (!len)
		return "";
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)s[i]) * 0x100000001b3u;
	first = table_get(&c->strings, hash);
	for (struct string *at = first; at; at = at->next)
		if (!strcmp(at->text, s))
			return at->text;
	new = malloc(sizeof(*new) + len + 1);
	if (!new)
		return "";
	memcpy(new->text, s, len);
	new->text[len] = 0;
	new->next = first;
	if (table_set(&c->strings, hash, new)) {
		free(new);
		return "";
	}
	return new->text;
}

const char *capture_host(const struct capture *c, const char *key, char *value, size_t size)
{
	if (!c->snapshot || !snapshot_value(c->snapshot, SNAPSHOT_HOST, key, value, size))
		return "";
	return value;
}

const char *capture_name(struct capture *c)
{
	bool alone = c->host[0];

	if (c->owner->count < 2)
		return NULL;
	if (c->named_at == c->owner->names)
		return c->name;
	for (size_t i = 0; i < c->owner->count; i++)
		if (c->owner->all[i] != c && !strcmp(c->host, c->owner->all[i]->host))
			alone = false;
	if (alone)
		snprintf(c->name, sizeof(c->name), "%s", c->host);
	else /* the uuid's first digits, as they are printed */
		snprintf(c->name, sizeof(c->name), "%s%s%08x", c->host, c->host[0] ? "/" : "",
			 __builtin_bswap32(c->tag));
	c->named_at = c->owner->names;
	return c->name;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 64u /* entries there is room for at first */

/* Entries stand in order of appearance, a key and its value, each aligned; slots hold their
 * indexes and 1, 0 is free. Slots are twice the entries there is room for, so some are free. */
struct groups {
	size_t key_size;
	size_t value_at; /* in an entry */
	size_t entry_size;
	size_t most;
	size_t count;
	size_t room;
	uint8_t *entries;
	uint32_t *slots;
	uint64_t seed;
};

static size_t aligned(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static uint8_t *entry(const struct groups *g, size_t i)
{
	return g->entries + i * g->entry_size;
}

/* The seed, an address, keeps hostile keys from being chosen to clash. */
static size_t home(const struct groups *g, const uint8_t *key)
{
	uint64_t x = g->seed, part;

	for (size_t at = 0; at < g->key_size; at += sizeof(part)) {
		part = 0;
		memcpy(&part, key + at, g->key_size - at < 8 ? g->key_size - at : 8);
		x = (x ^ part) * 0x9e3779b97f4a7c15u;
		x ^= x >> 29;
	}
	return (size_t)x & (2 * g->room - 1);
}

/* The slot of a key: its own, or the free one where it belongs. */
static uint32_t *slot(const struct groups *g, const void *key)
{
	size_t i = home(g, key);

	while (g->slots[i] && memcmp(entry(g, g->slots[i] - 1), key, g->key_size))
		i = (i + 1) & (2 * g->room - 1);
	return &g->slots[i];
}

static int grow(struct groups *g)
{
	size_t room = g->room ? 2 * g->room : FIRST;
	uint8_t *entries = realloc(g->entries, room * g->entry_size);
	uint32_t *slots;

	if (!entries)
		return -ENOMEM;
	g->entries = entries;
	slots = calloc(2 * room, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(g->slots);
	g->slots = slots;
	g->room = room;
	for (size_t i = 0; i < g->count; i++)
		*slot(g, entry(g, i)) = (uint32_t)(i + 1);
	return 0;
}

int groups_create(size_t key_size, size_t value_size, size_t most, struct groups **ret)
{
	struct groups *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	g->key_size = key_size;
	g->value_at = aligned(key_size);
	g->entry_size = aligned(g->value_at + value_size);
	g->most = most;
	g->seed = (uintptr_t)g >> 4;
	if (grow(g)) {
		groups_destroy(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

void groups_destroy(struct groups *g)
{
	if (!g)
		return;
	free(g->entries);
	free(g->slots);
	free(g);
}

size_t groups_add(struct groups *g, const void *key)
{
	uint32_t *at = slot(g, key);
	uint8_t *e;

	if (*at)
		return *at - 1;
	if (g->count == g->most)
		return GROUPS_NONE;
	if (g->count == g->room) {
		if (grow(g))
			return GROUPS_NONE;
		at = slot(g, key);
	}
	e = entry(g, g->count++);
	*at = (uint32_t)g->count;
	memset(e, 0, g->entry_size);
	memcpy(e, key, g->key_size);
	return g->count - 1;
}

size_t groups_count(const struct groups *g)
{
	return g->count;
}

const void *groups_key(const struct groups *g, size_t i)
{
	return entry(g, i);
}

void *groups_value(const struct groups *g, size_t i)
{
	return entry(g, i) + g->value_at;
}

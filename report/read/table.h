/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

/*
 * A hash table from 64-bit keys to pointers it does not own. Any key, 0 too; a value is never NULL.
 * Zero-initialised is empty.
 */

#include <stddef.h>
#include <stdint.h>

struct table_slot {
	uint64_t key;
	void *value;
};

struct table {
	struct table_slot *slots;
	size_t mask; /* slots - 1; slots are a power of two */
	size_t used;
	uint64_t seed;
};

/* The slot a key belongs to. The seed, an address, keeps hostile keys from being chosen to clash.
 */
static inline size_t table_home(const struct table *t, uint64_t key)
{
	uint64_t x = (key ^ t->seed) * 0x9e3779b97f4a7c15u;

	return (size_t)(x ^ (x >> 32)) & t->mask;
}

/* NULL: none. */
static inline void *table_get(const struct table *t, uint64_t key)
{
	if (!t->slots)
		return NULL;
	for (size_t i = table_home(t, key); t->slots[i].value; i = (i + 1) & t->mask)
		if (t->slots[i].key == key)
			return t->slots[i].value;
	return NULL;
}

/* Adds or replaces. 0, -ENOMEM. */
int table_set(struct table *t, uint64_t key, void *value);
/* The same with a copy of text, ended by a NUL, on the heap; frees the one that it replaces. */
int table_set_text(struct table *t, uint64_t key, const char *text, size_t len);
void table_remove(struct table *t, uint64_t key);
/* Frees the table; calls value_free (which may be NULL) on each value. */
void table_deinit(struct table *t, void (*value_free)(void *));

#define table_for_each(t, slot)                                                                    \
	for (struct table_slot *slot = (t)->slots; slot && slot <= (t)->slots + (t)->mask; slot++) \
		if (slot->value)

#endif

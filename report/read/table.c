// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Linear probing, at most three quarters full; removal shifts back, so there are no tombstones. */

static void put(struct table *t, uint64_t key, void *value)
{
	size_t i = table_home(t, key);

	while (t->slots[i].value && t->slots[i].key != key)
		i = (i + 1) & t->mask;
	if (!t->slots[i].value)
		t->used++;
	t->slots[i] = (struct table_slot){.key = key, .value = value};
}

static int grow(struct table *t)
{
	size_t old = t->slots ? t->mask + 1 : 0;
	size_t size = old ? old * 2 : 16;
	struct table bigger = {.mask = size - 1};

	bigger.slots = calloc(size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	bigger.seed = (uintptr_t)bigger.slots >> 4;
	for (size_t i = 0; i < old; i++)
		if (t->slots[i].value)
			put(&bigger, t->slots[i].key, t->slots[i].value);
	free(t->slots);
	*t = bigger;
	return 0;
}

int table_set(struct table *t, uint64_t key, void *value)
{
	int err;

	if (!t->slots || t->used >= (t->mask + 1) / 4 * 3) {
		err = grow(t);
		if (err)
			return err;
	}
	put(t, key, value);
	return 0;
}

void table_remove(struct table *t, uint64_t key)
{
	size_t hole, i, home;

	if (!table_get(t, key))
		return;
	hole = table_home(t, key);
	while (t->slots[hole].key != key)
		hole = (hole + 1) & t->mask;
	t->used--;
	for (i = (hole + 1) & t->mask; t->slots[i].value; i = (i + 1) & t->mask) {
		home = table_home(t, t->slots[i].key);
		/* An entry may move back to the hole unless its home lies after the hole. */
		if (((i - home) & t->mask) < ((i - hole) & t->mask))
			continue;
		t->slots[hole] = t->slots[i];
		hole = i;
	}
	t->slots[hole].value = NULL;
}

void table_deinit(struct table *t, void (*value_free)(void *))
{
	if (value_free)
		table_for_each(t, slot) value_free(slot->value);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

int table_set_text(struct table *t, uint64_t key, const char *text, size_t len)
{
	char *old = table_get(t, key), *copy = malloc(len + 1);
	int err;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, len);
	copy[len] = 0;
	err = table_set(t, key, copy);
	free(err ? copy : old);
	return err;
}

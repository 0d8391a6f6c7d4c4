// SPDX-License-Identifier: GPL-2.0-only
#include "report/selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/table.h"

/* The hits of a packet that is not decided. */
struct places {
	size_t n;
	size_t cap;
	uint64_t nth[];
};

struct selection {
	bool all;
	struct table undecided; /* by number of the path */
	uint8_t *bits;
	uint64_t room; /* bytes of bits */
	uint64_t hits;
	uint64_t packets;
};

int selection_create(bool all, struct selection **ret)
{
	struct selection *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->all = all;
	*ret = s;
	return 0;
}

void selection_destroy(struct selection *s)
{
	if (!s)
		return;
	table_deinit(&s->undecided, free);
	free(s->bits);
	free(s);
}

/* A bit for the next hit. */
static int reserve(struct selection *s)
{
	uint64_t room = s->room ? 2 * s->room : 4096;
	uint8_t *bits;

	if (s->hits / 8 < s->room)
		return 0;
	bits = realloc(s->bits, room);
	if (!bits)
		return -ENOMEM;
	memset(bits + s->room, 0, room - s->room);
	s->bits = bits;
	s->room = room;
	return 0;
}

static void keep(struct selection *s, uint64_t nth)
{
	s->bits[nth / 8] |= (uint8_t)(1u << nth % 8);
}

static int put_off(struct selection *s, uint64_t number, uint64_t nth)
{
	struct places *at = table_get(&s->undecided, number), *grown;
	size_t cap = at ? at->cap : 0;

	if (!at || at->n == cap) {
		cap = cap ? 2 * cap : 8;
		grown = realloc(at, sizeof(*grown) + cap * sizeof(grown->nth[0]));
		if (!grown)
			return -ENOMEM;
		if (!at)
			grown->n = 0;
		grown->cap = cap;
		at = grown;
		table_remove(&s->undecided, number);
		if (table_set(&s->undecided, number, at)) {
			free(at);
			return -ENOMEM;
		}
	}
	at->nth[at->n++] = nth;
	return 0;
}

int selection_add(struct selection *s, const struct path *p, bool matched)
{
	int err = 0;

	if (!s->all)
		err = reserve(s);
	if (!err && !s->all && p)
		err = put_off(s, p->number, s->hits);
	if (err)
		return err;
	if (!s->all && !p && matched)
		keep(s, s->hits);
	s->hits++;
	return 0;
}

void selection_family(struct selection *s, struct path *const *paths, size_t n)
{
	bool matched = s->all;

	for (size_t i = 0; i < n && !matched; i++)
		matched = paths[i]->matched;
	if (matched)
		s->packets += n;
	for (size_t i = 0; i < n && !s->all; i++) {
		struct places *at = table_get(&s->undecided, paths[i]->number);

		for (size_t k = 0; at && matched && k < at->n; k++)
			keep(s, at->nth[k]);
		table_remove(&s->undecided, paths[i]->number);
		free(at);
	}
}

uint64_t selection_hits(const struct selection *s)
{
	return s->hits;
}

uint64_t selection_kept_packets(const struct selection *s)
{
	return s->packets;
}

bool selection_keeps(const struct selection *s, uint64_t nth)
{
	return nth < s->hits && (s->all || (s->bits[nth / 8] >> nth % 8 & 1));
}

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
	struct place {
		uint64_t nth : 48;
		uint64_t kind : 16; /* of the path's kinds */
	} hits[];
};

_Static_assert(sizeof(struct place) == 8, "what the header says of memory");

struct selection {
	enum selection_what what;
	struct table undecided; /* by number of the path */
	uint8_t *bits;
	uint64_t room; /* bytes of bits */
	uint64_t hits;
	uint64_t packets;
};

int selection_create(enum selection_what what, struct selection **ret)
{
	struct selection *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->what = what;
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

static int put_off(struct selection *s, const struct path *p, uint64_t nth)
{
	uint64_t number = p->number;
	struct places *at = table_get(&s->undecided, number), *grown;
	size_t cap = at ? at->cap : 0;

	if (!at || at->n == cap) {
		cap = cap ? 2 * cap : 8;
		grown = realloc(at, sizeof(*grown) + cap * sizeof(grown->hits[0]));
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
	at->hits[at->n++] = (struct place){.nth = nth, .kind = p->kinds.recent};
	return 0;
}

int selection_add(struct selection *s, const struct path *p, bool matched)
{
	int err = 0;

	if (s->what != SELECT_ALL)
		err = reserve(s);
	if (!err && s->what != SELECT_ALL && p)
		err = put_off(s, p, s->hits);
	if (err)
		return err;
	if (s->what != SELECT_ALL && !p && matched)
		keep(s, s->hits);
	s->hits++;
	return 0;
}

static bool family_kept(const struct selection *s, struct path *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (paths[i]->matched)
			return true;
	return s->what == SELECT_ALL;
}

/* One of a family that is kept, or of which only what matches is. */
static void decide(struct selection *s, const struct path *p, bool family)
{
	struct places *at = table_get(&s->undecided, p->number);

	for (size_t k = 0; at && family && k < at->n; k++)
		if (s->what == SELECT_FAMILIES || kinds_matched(&p->kinds, at->hits[k].kind))
			keep(s, at->hits[k].nth);
	table_remove(&s->undecided, p->number);
	free(at);
}

void selection_family(struct selection *s, struct path *const *paths, size_t n)
{
	bool family = family_kept(s, paths, n);

	for (size_t i = 0; i < n; i++) {
		s->packets += s->what == SELECT_HITS ? paths[i]->matched : family;
		if (s->what != SELECT_ALL)
			decide(s, paths[i], family);
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
	return nth < s->hits && (s->what == SELECT_ALL || (s->bits[nth / 8] >> nth % 8 & 1));
}

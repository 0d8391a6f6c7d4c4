// SPDX-License-Identifier: GPL-2.0-only
#include "report/filter/selection.h"

#include <errno.h>
#include <stdlib.h>

#include "report/read/bits.h"
#include "report/read/table.h"

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

enum selection_what {
	SELECT_ALL, /* whatever is said of it */
	SELECT_FAMILIES,
	SELECT_HITS, /* only those that match */
};

struct selection {
	enum selection_what what;
	struct table undecided; /* by number of the path */
	struct bits kept;
	uint64_t hits;
	struct selection_counts counts;
	int err;
};

int selection_create(const struct report_options *o, struct selection **ret)
{
	struct selection *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->what = !o->filter ? SELECT_ALL : o->only_events ? SELECT_HITS : SELECT_FAMILIES;
	*ret = s;
	return 0;
}

void selection_destroy(struct selection *s)
{
	if (!s)
		return;
	table_deinit(&s->undecided, free);
	bits_deinit(&s->kept);
	free(s);
}

static void keep(struct selection *s, uint64_t nth)
{
	bits_add(&s->kept, nth);
	s->counts.hits++;
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

void selection_add(struct selection *s, const struct path *p, bool matched)
{
	if (s->err)
		return;
	if (s->what != SELECT_ALL)
		s->err = bits_reserve(&s->kept, s->hits);
	if (!s->err && s->what != SELECT_ALL && p)
		s->err = put_off(s, p, s->hits);
	if (s->err)
		return;
	if (s->what != SELECT_ALL && !p && matched)
		keep(s, s->hits);
	s->hits++;
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
		if (s->what == SELECT_HITS ? paths[i]->matched : family) {
			s->counts.packets++;
			s->counts.outcomes[paths[i]->outcome]++;
		}
		if (s->what != SELECT_ALL)
			decide(s, paths[i], family);
	}
}

int selection_error(const struct selection *s)
{
	return s->err;
}

uint64_t selection_hits(const struct selection *s)
{
	return s->hits;
}

const struct selection_counts *selection_counts(const struct selection *s)
{
	return &s->counts;
}

bool selection_keeps(const struct selection *s, uint64_t nth)
{
	return nth < s->hits && (s->what == SELECT_ALL || bits_has(&s->kept, nth));
}

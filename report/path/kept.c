// SPDX-License-Identifier: GPL-2.0-only
/* One allocation: the pointers, the paths, then the arrays of each. */
#include "report/path/kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t arrays_size(const struct path *p)
{
	return p->n_hops * sizeof(*p->hops) + p->n_merged * sizeof(*p->merged) +
	       p->tuples.count * sizeof(*p->tuples.all);
}

/* Room of n bytes from *at on, aligned for all that is kept here. */
static void *place(uint8_t **at, const void *from, size_t n)
{
	void *to = *at;

	if (n)
		memcpy(to, from, n);
	*at += n;
	return to;
}

_Static_assert(sizeof(struct hop) % 8 == 0 && sizeof(struct path_merge) % 8 == 0 &&
		       sizeof(struct path) % 8 == 0,
	       "what follows these is aligned");
_Static_assert(_Alignof(struct event_tuple) <= 4 && sizeof(struct event_tuple) % 2 == 0,
	       "tuples come last, and are padded");

static size_t padded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* The copy of one of the paths that were copied; they are in order of number. */
static struct path *copy_of(const struct kept *k, const struct path *p)
{
	size_t from = 0, to = k->n, middle;

	if (!p)
		return NULL;
	while (from < to) {
		middle = from + (to - from) / 2;
		if (k->paths[middle]->number == p->number)
			return k->paths[middle];
		if (k->paths[middle]->number < p->number)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static void copy_path(struct path *to, const struct path *p, uint8_t **at)
{
	size_t tuples = p->tuples.count * sizeof(*p->tuples.all);

	*to = (struct path){
		.number = p->number,
		.packet = p->packet,
		.skb = p->skb,
		.capture = p->capture,
		.first = p->first,
		.last = p->last,
		.n_hops = p->n_hops,
		.hits = p->hits,
		.tuples = {.headers = p->tuples.headers, .count = p->tuples.count},
		.matched = p->matched,
		.inferred = p->inferred,
		.begun = p->begun,
		.ended = p->ended,
		.outcome = p->outcome,
		.reason = p->reason,
		.culprit = p->culprit,
		.family = p->family,
		.origin = p->origin,
		.into = p->into,
		.n_merged = p->n_merged,
	};
	to->hops = place(at, p->hops, p->n_hops * sizeof(*p->hops));
	to->merged = place(at, p->merged, p->n_merged * sizeof(*p->merged));
	to->tuples.all = place(at, p->tuples.all, tuples);
	*at += padded(tuples) - tuples;
	if (p->verdict)
		to->verdict = to->hops + (p->verdict - p->hops);
	if (!p->unnamed)
		return;
	memcpy(to->unnamed_text, p->unnamed_text, sizeof(to->unnamed_text));
	to->unnamed = to->unnamed_text;
}

int kept_create(struct path *const *paths, size_t n, struct kept **ret)
{
	size_t size = padded(sizeof(struct kept) + n * sizeof(struct path *));
	struct kept *k;
	uint8_t *at;

	size += n * sizeof(struct path);
	for (size_t i = 0; i < n; i++)
		size += padded(arrays_size(paths[i]));
	k = malloc(size);
	if (!k)
		return -ENOMEM;
	k->bytes = size;
	k->n = n;
	at = (uint8_t *)k + padded(sizeof(struct kept) + n * sizeof(struct path *));
	for (size_t i = 0; i < n; i++, at += sizeof(struct path))
		k->paths[i] = (struct path *)at;
	for (size_t i = 0; i < n; i++)
		copy_path(k->paths[i], paths[i], &at);
	for (size_t i = 0; i < n; i++) {
		k->paths[i]->parent = copy_of(k, paths[i]->parent);
		k->paths[i]->child = copy_of(k, paths[i]->child);
		k->paths[i]->sibling = copy_of(k, paths[i]->sibling);
	}
	*ret = k;
	return 0;
}

void kept_destroy(struct kept *k)
{
	free(k);
}

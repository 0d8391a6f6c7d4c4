// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/shapes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/read/table.h"

#define SAME_HASH 16u /* shapes; a capture may have been made to have many */

struct shapes {
	struct hop_choice choice;
	size_t max_bytes;
	size_t bytes;
	struct percentiles_purse purse;
	struct table by_hash; /* the first of a list */
	struct shape **list;
	size_t n;
	size_t cap;
	uint64_t others;
};

int shapes_create(struct hop_choice choice, size_t max_bytes, struct shapes **ret)
{
	struct shapes *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->choice = choice;
	s->max_bytes = max_bytes;
	s->purse.pages = PERCENTILES_PURSE;
	*ret = s;
	return 0;
}

static void shape_destroy(struct shape *shape)
{
	for (size_t i = 0; i < shape->n_edges; i++)
		percentiles_deinit(&shape->edges[i]);
	percentiles_deinit(&shape->duration);
	free(shape->edges);
	kept_destroy(shape->example);
	free(shape);
}

void shapes_destroy(struct shapes *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		shape_destroy(s->list[i]);
	free(s->list);
	table_deinit(&s->by_hash, NULL);
	free(s);
}

/* ---- equality ---- */

/* The next hop shown, from *i on. NULL: none. */
static const struct hop *next_shown(const struct shapes *s, const struct path *p, size_t *i)
{
	while (*i < p->n_hops) {
		const struct hop *h = &p->hops[(*i)++];

		if (hop_shown(s->choice, h))
			return h;
	}
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_func(const struct func *a, const struct func *b)
{
	return a == b || (same_text(a->name, b->name) && same_text(a->module, b->module));
}

static bool same_hops(const struct shapes *s, const struct path *a, const struct path *b)
{
	size_t i = 0, j = 0;

	for (;;) {
		const struct hop *x = next_shown(s, a, &i), *y = next_shown(s, b, &j);

		if (!x || !y)
			return x == y;
		if (!same_func(x->func, y->func) || (x->flags ^ y->flags) & EVENT_RETURN)
			return false;
	}
}

static bool same_culprit(const struct path *a, const struct path *b)
{
	struct symbol x, y;

	if (a->culprit == b->culprit && a->capture == b->capture)
		return true;
	if (!a->culprit || !b->culprit ||
	    symbols_find_caller(capture_symbols(a->capture), a->culprit, &x) ||
	    symbols_find_caller(capture_symbols(b->capture), b->culprit, &y))
		return a->culprit == b->culprit;
	return same_text(x.name, y.name) && same_text(x.module, y.module);
}

static bool same_merge(const struct path *a, const struct path *b)
{
	return a->outcome != OUTCOME_MERGED ||
	       (a->into.kind == b->into.kind && same_func(a->into.func, b->into.func));
}

static bool same_path(const struct shapes *s, const struct path *a, const struct path *b)
{
	return a->origin.kind == b->origin.kind && a->outcome == b->outcome &&
	       same_text(a->reason, b->reason) && same_text(a->unnamed, b->unnamed) &&
	       same_culprit(a, b) && same_merge(a, b) && same_hops(s, a, b);
}

/* The root of the first tree from *i on; all members but those of broken captures are in one. */
static const struct path *next_root(struct path *const *paths, size_t n, size_t *i)
{
	while (*i < n) {
		const struct path *p = paths[(*i)++];

		if (!p->parent)
			return p;
	}
	return NULL;
}

static bool same_tree(const struct shapes *s, const struct path *a, const struct path *b)
{
	const struct path *x = a, *y = b;
	unsigned int at = 0, other = 0;

	while (x && y) {
		if (at != other || !same_path(s, x, y))
			return false;
		x = path_next(a, x, &at);
		y = path_next(b, y, &other);
	}
	return x == y;
}

static bool same_shape(const struct shapes *s, const struct kept *k, struct path *const *paths,
		       size_t n)
{
	size_t i = 0, j = 0;

	if (k->n != n)
		return false;
	for (;;) {
		const struct path *a = next_root(k->paths, n, &i), *b = next_root(paths, n, &j);

		if (!a || !b)
			return a == b;
		if (!same_tree(s, a, b))
			return false;
	}
}

/* ---- hashes ---- */

static uint64_t mix(uint64_t hash, uint64_t v)
{
	hash = (hash ^ v) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
	for (; text && *text; text++)
		hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
	return mix(hash, 0);
}

/* Of what same_culprit() compares. */
static uint64_t mix_culprit(uint64_t hash, const struct path *p)
{
	struct symbol sym;

	if (!p->culprit || symbols_find_caller(capture_symbols(p->capture), p->culprit, &sym))
		return mix(hash, p->culprit);
	return mix_text(mix_text(hash, sym.name), sym.module);
}

static uint64_t hash_of(const struct shapes *s, struct path *const *paths, size_t n)
{
	const struct path *root;
	unsigned int depth = 0;
	uint64_t hash = n;

	for (size_t i = 0; (root = next_root(paths, n, &i));)
		for (const struct path *p = root; p; p = path_next(root, p, &depth)) {
			const struct hop *h;

			hash = mix(hash, depth << 16 | (unsigned int)p->origin.kind << 8 |
						 (unsigned int)p->outcome);
			hash = mix_text(mix_text(hash, p->reason), p->unnamed);
			hash = mix_culprit(hash, p);
			for (size_t j = 0; (h = next_shown(s, p, &j));)
				hash = mix_text(hash, h->func->name);
		}
	return hash;
}

/* ---- adding ---- */

static size_t edges_of(const struct shapes *s, struct path *const *paths, size_t n)
{
	size_t edges = 0;

	for (size_t i = 0; i < n; i++) {
		size_t j = 0;

		if (!next_shown(s, paths[i], &j))
			continue;
		while (next_shown(s, paths[i], &j))
			edges++;
	}
	return edges;
}

static int list_grow(struct shapes *s)
{
	size_t cap = s->cap ? 2 * s->cap : 64;
	struct shape **list;

	if (s->n < s->cap)
		return 0;
	list = realloc(s->list, cap * sizeof(struct shape *));
	if (!list)
		return -ENOMEM;
	s->list = list;
	s->cap = cap;
	return 0;
}

static size_t size_of(const struct shape *shape)
{
	return sizeof(*shape) + sizeof(shape) + shape->example->bytes +
	       (shape->n_edges + 1) *
		       (sizeof(*shape->edges) + SHAPES_EXACT * sizeof(*shape->edges->samples));
}

static struct shape *shape_create(struct shapes *s, struct path *const *paths, size_t n)
{
	struct shape *shape = calloc(1, sizeof(*shape));

	if (!shape)
		return NULL;
	if (kept_create(paths, n, &shape->example)) {
		free(shape);
		return NULL;
	}
	shape->n_edges = edges_of(s, paths, n);
	shape->edges = calloc(shape->n_edges + 1, sizeof(*shape->edges));
	if (!shape->edges)
		shape->n_edges = 0;
	if (!shape->edges || s->max_bytes - s->bytes < size_of(shape)) {
		shape_destroy(shape);
		return NULL;
	}
	return shape;
}

static struct shape *shape_new(struct shapes *s, struct path *const *paths, size_t n, uint64_t hash)
{
	struct shape *shape;

	if (list_grow(s))
		return NULL;
	shape = shape_create(s, paths, n);
	if (!shape)
		return NULL;
	shape->hash = hash;
	shape->next = table_get(&s->by_hash, hash);
	shape->first = INT64_MAX;
	shape->last = INT64_MIN;
	if (table_set(&s->by_hash, hash, shape)) {
		shape_destroy(shape);
		return NULL;
	}
	s->bytes += size_of(shape);
	s->list[s->n++] = shape;
	return shape;
}

/* full: the list is as long as it may be. */
static struct shape *shape_find(const struct shapes *s, struct path *const *paths, size_t n,
				uint64_t hash, bool *full)
{
	struct shape *shape = table_get(&s->by_hash, hash);
	unsigned int i = 0;

	for (; shape && !same_shape(s, shape->example, paths, n); i++)
		shape = shape->next;
	*full = i == SAME_HASH;
	return shape;
}

static void add_edges(struct shapes *s, struct shape *shape, const struct path *p, size_t *edge)
{
	const struct hop *prev, *h;
	size_t i = 0;

	for (prev = next_shown(s, p, &i); prev && (h = next_shown(s, p, &i)); prev = h)
		percentiles_add(&shape->edges[(*edge)++], &s->purse, SHAPES_EXACT,
				h->ktime > prev->ktime ? h->ktime - prev->ktime : 0);
}

static void add_family(struct shapes *s, struct shape *shape, struct path *const *paths, size_t n)
{
	int64_t first = INT64_MAX, last = INT64_MIN;
	const struct path *root;
	unsigned int depth = 0;
	size_t edge = 0;

	for (size_t i = 0; (root = next_root(paths, n, &i));)
		for (const struct path *p = root; p; p = path_next(root, p, &depth)) {
			add_edges(s, shape, p, &edge);
			first = p->first < first ? p->first : first;
			last = p->last > last ? p->last : last;
			shape->hits += p->hits;
		}
	percentiles_add(&shape->duration, &s->purse, SHAPES_EXACT, time_span(first, last));
	shape->count++;
	shape->first = first < shape->first ? first : shape->first;
	shape->last = first > shape->last ? first : shape->last;
}

void shapes_add(struct shapes *s, struct path *const *paths, size_t n)
{
	uint64_t hash = hash_of(s, paths, n);
	bool full;
	struct shape *shape = shape_find(s, paths, n, hash, &full);

	if (!shape && !full)
		shape = shape_new(s, paths, n, hash);
	if (shape)
		add_family(s, shape, paths, n);
	else
		s->others += n;
}

static int by_count(const void *a, const void *b)
{
	const struct shape *x = *(struct shape *const *)a, *y = *(struct shape *const *)b;
	const struct path *p = x->example->paths[0], *q = y->example->paths[0];

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (p->capture->tag != q->capture->tag)
		return p->capture->tag < q->capture->tag ? -1 : 1;
	return p->packet < q->packet ? -1 : p->packet > q->packet;
}

struct shape *const *shapes_sorted(struct shapes *s, size_t *n)
{
	if (s->n)
		qsort(s->list, s->n, sizeof(*s->list), by_count);
	*n = s->n;
	return s->list;
}

uint64_t shapes_others(const struct shapes *s)
{
	return s->others;
}

uint64_t shapes_delays_left_out(const struct shapes *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		n += s->list[i]->duration.left_out;
		for (size_t j = 0; j < s->list[i]->n_edges; j++)
			n += s->list[i]->edges[j].left_out;
	}
	return n;
}

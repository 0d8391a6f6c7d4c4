// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the first hit of one function to the next hit of another: of the same packet, or, when that
 * has none, of the packets that were made of it since.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/views/latency.h"

uint64_t latency_bound(unsigned int i)
{
	static const unsigned int steps[] = {1, 2, 5};
	uint64_t power = 1;

	if (i >= 58)
		return UINT64_MAX;
	for (unsigned int n = i / 3; n; n--)
		power *= 10;
	return power * steps[i % 3];
}

int latency_pair_init(struct latency *v)
{
	struct latency_pair *p = &v->pair;

	p->most_slow = LATENCY_SLOWEST;
	if (v->options->top)
		p->most_slow = v->options->top < LATENCY_MOST_SLOW ? (size_t)v->options->top
								   : LATENCY_MOST_SLOW;
	p->slow = calloc(p->most_slow, sizeof(*p->slow));
	return p->slow ? 0 : -ENOMEM;
}

void latency_pair_deinit(struct latency_pair *p)
{
	percentiles_deinit(&p->times);
	free(p->slow);
	free(p->reached);
}

/* ---- the descent ---- */

static const struct hop *first_hit(const struct path *p, size_t from, const char *name)
{
	for (size_t i = from; i < p->n_hops; i++)
		if (latency_is(p->hops[i].func, name))
			return &p->hops[i];
	return NULL;
}

/* The one that is earlier; either may be NULL. */
static const struct hop *earlier(const struct hop *a, const struct hop *b)
{
	struct hop_mark x, y;

	if (!a || !b)
		return a ? a : b;
	x = hop_mark(a);
	y = hop_mark(b);
	return hop_mark_before(&y, &x) ? b : a;
}

/* They are in order of number. */
static size_t index_of(struct path *const *paths, size_t n, const struct path *p)
{
	size_t from = 0, to = n, middle;

	while (to - from > 1) {
		middle = from + (to - from) / 2;
		if (paths[middle]->number > p->number)
			to = middle;
		else
			from = middle;
	}
	return from;
}

static struct path *deepest(struct path *p)
{
	while (p->child)
		p = p->child;
	return p;
}

/* What the descendants of a root reach becomes what it reaches, from the leaves up; no recursion,
 * since a capture decides how deep they are. */
static void collect(const struct hop **reached, struct path *const *paths, size_t n,
		    struct path *root)
{
	struct path *p = deepest(root);

	while (p != root) {
		size_t i = index_of(paths, n, p->parent);

		reached[i] = earlier(reached[i], reached[index_of(paths, n, p)]);
		p = p->sibling ? deepest(p->sibling) : p->parent;
	}
}

static int room(struct latency_pair *p, size_t n)
{
	const struct hop **more;

	if (n <= p->room)
		return 0;
	more = realloc(p->reached, n * sizeof(*more));
	if (!more)
		return -ENOMEM;
	p->reached = more;
	p->room = n;
	return 0;
}

/* The next hit after `from`, of p or of what was made of it since. */
static const struct hop *next_hit(const struct latency *v, struct path *const *paths, size_t n,
				  const struct path *p, const struct hop *from)
{
	const struct hop *to = first_hit(p, (size_t)(from - p->hops) + 1, v->options->to);
	struct hop_mark at = hop_mark(from);

	if (to)
		return to;
	for (const struct path *c = p->child; c; c = c->sibling)
		if (!hop_mark_before(&c->origin.at, &at))
			to = earlier(to, v->pair.reached[index_of(paths, n, c)]);
	return to;
}

/* ---- what comes of it ---- */

static void add_slow(struct latency_pair *l, const struct path *p, const struct hop *from,
		     uint64_t ns)
{
	uint16_t first = tuples_first(&p->tuples);
	size_t i = l->n_slow;

	if (i == l->most_slow && l->slow[i - 1].ns >= ns)
		return;
	if (i < l->most_slow)
		l->n_slow++;
	else
		i--;
	for (; i && l->slow[i - 1].ns < ns; i--)
		l->slow[i] = l->slow[i - 1];
	l->slow[i] = (struct latency_slow){
		.ns = ns,
		.when = tally_when(p, from),
		.packet = p->packet,
		.capture = p->capture,
	};
	if (first != TUPLES_NONE)
		l->slow[i].tuple = p->tuples.all[first];
}

static void add_time(struct latency *v, const struct path *p, const struct hop *from,
		     const struct hop *to)
{
	uint64_t ns = to->ktime > from->ktime ? to->ktime - from->ktime : 0;
	struct latency_pair *l = &v->pair;
	unsigned int bucket = 0;

	while (bucket + 1 < LATENCY_BUCKETS && ns >= latency_bound(bucket))
		bucket++;
	l->buckets[bucket]++;
	percentiles_add(&l->times, &v->purse, LATENCY_PAIR_EXACT, ns);
	add_slow(l, p, from, ns);
}

void latency_pair_family(struct latency *v, struct path *const *paths, size_t n)
{
	struct latency_pair *l = &v->pair;
	const struct hop *from, *to;

	if (room(l, n)) {
		v->left_out += n;
		return;
	}
	for (size_t i = 0; i < n; i++)
		l->reached[i] = first_hit(paths[i], 0, v->options->to);
	for (size_t i = 0; i < n; i++)
		if (!paths[i]->parent)
			collect(l->reached, paths, n, paths[i]);
	for (size_t i = 0; i < n; i++) {
		from = first_hit(paths[i], 0, v->options->from);
		if (!from)
			continue;
		l->packets++;
		to = next_hit(v, paths, n, paths[i], from);
		if (to)
			add_time(v, paths[i], from, to);
	}
}

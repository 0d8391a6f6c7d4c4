// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/reorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/table.h"

/*
 * A lane is a CPU of a capture: a sorted queue, where a push is an insertion from the tail, nearly
 * always at the tail itself. The lanes that hold something form a heap by their first hit. Popping
 * from the lane at the top mostly leaves it there, since packets stay on a CPU for many hits.
 *
 * A CPU that is silent cannot be waited for by its latest time. But the recorder visits all rings
 * in each round, and a round is over when a ring has its second turn in the file. A ring that sent
 * nothing for a whole round was found empty in it; so what it sends later came after all that the
 * round before had brought.
 */

struct entry {
	int64_t when;
	uint64_t seq;
	struct hit *hit;
};

struct lane {
	struct entry *entries; /* a ring */
	uint32_t mask;
	uint32_t head; /* of the first entry; counts on, masked at use */
	uint32_t count;
	uint32_t tag;
	uint16_t cpu;
	bool in_heap;
	size_t heap_at; /* valid in_heap */
	int64_t last;	/* the latest time ever pushed */
	struct group *group;
	uint64_t round; /* of its last push */
};

/* The lanes of one capture. */
struct group {
	int64_t out;	      /* the latest time delivered */
	struct lane *current; /* whose ring the file is in */
	uint64_t round;
	int64_t newest;	  /* time pushed */
	int64_t newest_1; /* the same when the last round ended, and the one before that */
	int64_t newest_2;
};

struct reorder {
	struct table lanes;  /* by tag and CPU */
	struct table groups; /* by tag */
	struct lane **all;
	size_t n_lanes;
	size_t lanes_cap;
	struct lane **heap; /* of n_heap, room for lanes_cap */
	size_t n_heap;
	struct lane *recent; /* that the last push went to */
	size_t held;
	int64_t newest;
	int64_t ready; /* hits up to here may go */
	unsigned int pushes;
	uint64_t late;
};

#define LIMIT_EVERY 64	  /* pushes between two looks at all lanes */
#define MAX_BACK    1024u /* places a hit goes back in its lane: one from further back is late */

int reorder_create(struct reorder **ret)
{
	struct reorder *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->newest = r->ready = INT64_MIN;
	*ret = r;
	return 0;
}

void reorder_destroy(struct reorder *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_lanes; i++) {
		free(r->all[i]->entries);
		free(r->all[i]);
	}
	free(r->all);
	free(r->heap);
	table_deinit(&r->lanes, NULL);
	table_deinit(&r->groups, free);
	free(r);
}

static struct group *group_of(struct reorder *r, uint32_t tag)
{
	struct group *g = table_get(&r->groups, tag);

	if (g)
		return g;
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->round = 1; /* 0: a lane that never had a turn */
	g->out = g->newest = g->newest_1 = g->newest_2 = INT64_MIN;
	if (table_set(&r->groups, tag, g)) {
		free(g);
		return NULL;
	}
	return g;
}

static int lane_add(struct reorder *r, uint32_t tag, uint16_t cpu, struct lane **ret)
{
	struct lane **all, **heap, *l;
	size_t n = r->n_lanes ? 2 * r->n_lanes : 8;

	if (r->n_lanes == r->lanes_cap) {
		all = realloc(r->all, n * sizeof(*all));
		if (!all)
			return -ENOMEM;
		r->all = all;
		heap = realloc(r->heap, n * sizeof(*heap));
		if (!heap)
			return -ENOMEM;
		r->heap = heap;
		r->lanes_cap = n;
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->entries = calloc(64, sizeof(*l->entries));
	l->mask = 63;
	l->tag = tag;
	l->cpu = cpu;
	l->last = INT64_MIN;
	l->group = group_of(r, tag);
	if (!l->entries || !l->group || table_set(&r->lanes, (uint64_t)tag << 16 | cpu, l)) {
		free(l->entries);
		free(l);
		return -ENOMEM;
	}
	r->all[r->n_lanes++] = l;
	*ret = l;
	return 0;
}

static struct entry *lane_at(struct lane *l, uint32_t i)
{
	return &l->entries[(l->head + i) & l->mask];
}

static int lane_grow(struct lane *l)
{
	size_t size = (size_t)l->mask + 1;
	struct entry *entries = malloc(2 * size * sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	for (uint32_t i = 0; i < l->count; i++)
		entries[i] = *lane_at(l, i);
	free(l->entries);
	l->entries = entries;
	l->mask = (uint32_t)(2 * size - 1);
	l->head = 0;
	return 0;
}

/* Does lane a's first hit go before lane b's? */
static bool before(struct lane *a, struct lane *b)
{
	const struct entry *x = lane_at(a, 0), *y = lane_at(b, 0);

	if (x->when != y->when)
		return x->when < y->when;
	if (a->cpu != b->cpu)
		return a->cpu < b->cpu;
	return a->tag < b->tag;
}

static void heap_put(struct reorder *r, size_t i, struct lane *l)
{
	r->heap[i] = l;
	l->heap_at = i;
}

static void sift_down(struct reorder *r, size_t i)
{
	struct lane *l = r->heap[i];
	size_t child;

	while ((child = 2 * i + 1) < r->n_heap) {
		if (child + 1 < r->n_heap && before(r->heap[child + 1], r->heap[child]))
			child++;
		if (!before(r->heap[child], l))
			break;
		heap_put(r, i, r->heap[child]);
		i = child;
	}
	heap_put(r, i, l);
}

static void sift_up(struct reorder *r, size_t i)
{
	struct lane *l = r->heap[i];

	while (i && before(l, r->heap[(i - 1) / 2])) {
		heap_put(r, i, r->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_put(r, i, l);
}

/* Inserts in the lane; true when it became the lane's first. */
static bool lane_insert(struct lane *l, struct hit *h)
{
	uint32_t i = l->count++, end = i > MAX_BACK ? i - MAX_BACK : 0;
	const struct entry *prev;

	for (; i > end; i--) {
		prev = lane_at(l, i - 1);
		if (prev->when < h->when || (prev->when == h->when && prev->seq <= h->event.seq))
			break;
		*lane_at(l, i) = *prev;
	}
	*lane_at(l, i) = (struct entry){.when = h->when, .seq = h->event.seq, .hit = h};
	if (h->when > l->last)
		l->last = h->when;
	return i == 0;
}

/* The file goes on with another ring: a second turn of the same one begins a round. */
static void turn(struct group *g, struct lane *l)
{
	if (g->current && l->round == g->round) {
		g->round++;
		g->newest_2 = g->newest_1;
		g->newest_1 = g->newest;
	}
	g->current = l;
	l->round = g->round;
}

int reorder_push(struct reorder *r, struct hit *h)
{
	struct lane *l = r->recent;
	int err;

	if (!l || l->tag != h->event.tag || l->cpu != h->event.cpu) {
		l = table_get(&r->lanes, (uint64_t)h->event.tag << 16 | h->event.cpu);
		if (!l) {
			err = lane_add(r, h->event.tag, h->event.cpu, &l);
			if (err)
				return err;
		}
		r->recent = l;
	}
	if (l != l->group->current)
		turn(l->group, l);
	if (l->count > l->mask) {
		err = lane_grow(l);
		if (err)
			return err;
	}
	if (lane_insert(l, h)) {
		if (!l->in_heap) {
			l->in_heap = true;
			r->heap[r->n_heap++] = l;
			sift_up(r, r->n_heap - 1);
		} else {
			sift_up(r, l->heap_at);
		}
	}
	r->held++;
	if (h->when > r->newest)
		r->newest = h->when;
	if (h->when > l->group->newest)
		l->group->newest = h->when;
	r->pushes++;
	return 0;
}

/*
 * What lane l, or a CPU of its capture that has sent nothing yet, can still send comes after this.
 */
static int64_t lane_limit(const struct lane *l)
{
	const struct group *g = l->group;
	bool silent = l->round + 1 < g->round;

	return !silent && l->last < g->newest_2 ? l->last : g->newest_2;
}

/* Up to where no CPU can go back any more. */
static void advance(struct reorder *r)
{
	int64_t limit = r->newest, horizon, of_lane;

	r->pushes = 0;
	if (__builtin_sub_overflow(r->newest, REORDER_HORIZON_NS, &horizon))
		horizon = INT64_MIN;
	for (size_t i = 0; i < r->n_lanes; i++) {
		of_lane = lane_limit(r->all[i]);
		if (of_lane < limit)
			limit = of_lane;
	}
	if (limit < horizon)
		limit = horizon;
	if (limit > r->ready)
		r->ready = limit;
}

/* It was last touched when it was pushed, many hits ago. */
static void prefetch(const struct hit *h)
{
	for (size_t i = 0; i < sizeof(*h); i += 64)
		__builtin_prefetch((const char *)h + i);
}

struct hit *reorder_pop(struct reorder *r)
{
	struct lane *l;
	struct entry e;

	if (r->pushes >= LIMIT_EVERY)
		advance(r);
	if (!r->n_heap)
		return NULL;
	l = r->heap[0];
	e = *lane_at(l, 0);
	if (e.when > r->ready && r->held <= REORDER_MAX_HITS)
		return NULL;
	l->head++;
	l->count--;
	r->held--;
	if (!l->count) {
		l->in_heap = false;
		r->heap[0] = r->heap[--r->n_heap];
	}
	if (r->n_heap)
		sift_down(r, 0);
	if (e.when < l->group->out)
		r->late++;
	else
		l->group->out = e.when;
	/* The next hit of this CPU is most likely the next to go. */
	if (l->count > 1)
		prefetch(lane_at(l, 1)->hit);
	return e.hit;
}

void reorder_release(struct reorder *r, int64_t when)
{
	if (when > r->newest)
		when = r->newest;
	if (when > r->ready)
		r->ready = when;
}

int64_t reorder_newest(const struct reorder *r)
{
	return r->newest;
}

bool reorder_empty(const struct reorder *r)
{
	return !r->held;
}

uint64_t reorder_late(const struct reorder *r)
{
	return r->late;
}

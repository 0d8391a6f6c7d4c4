// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/ranking.h"

#include <errno.h>
#include <stdlib.h>

#include "report/read/capture.h"

struct rank {
	uint64_t key; /* the larger the better */
	int64_t start;
	uint64_t packet; /* of the first member */
	uint32_t tag;
	struct kept *family;
};

/* A heap with the worst on top; once taking begins, in order with the best last. */
struct ranking {
	enum paths_order order;
	uint64_t top;
	struct hop_choice choice;
	bool sorted;
	size_t max_bytes;
	size_t bytes;
	struct rank *ranks;
	size_t n;
	size_t cap;
	uint64_t left_out;
	bool has_floor;
	struct rank floor; /* the best that did not fit: worse ones are left out too */
};

int ranking_create(enum paths_order order, uint64_t top, struct hop_choice choice, size_t max_bytes,
		   struct ranking **ret)
{
	struct ranking *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->order = order;
	r->top = top;
	r->choice = choice;
	r->max_bytes = max_bytes;
	*ret = r;
	return 0;
}

void ranking_destroy(struct ranking *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		kept_destroy(r->ranks[i].family);
	free(r->ranks);
	free(r);
}

static bool worse(const struct rank *a, const struct rank *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	if (a->start != b->start)
		return a->start > b->start;
	if (a->tag != b->tag)
		return a->tag > b->tag;
	return a->packet > b->packet;
}

static struct rank rank_of(const struct ranking *r, struct path *const *paths, size_t n)
{
	struct rank rank = {.start = paths[0]->first,
			    .packet = paths[0]->packet,
			    .tag = paths[0]->capture->tag};
	uint64_t hops = 0, drops = 0;
	int64_t last = paths[0]->last;

	for (size_t i = 0; i < n; i++) {
		if (paths[i]->first < rank.start)
			rank.start = paths[i]->first;
		if (paths[i]->last > last)
			last = paths[i]->last;
		hops += path_hops(paths[i], r->choice);
		drops += paths[i]->outcome == OUTCOME_DROPPED;
	}
	rank.key = r->order == ORDER_DURATION ? time_span(rank.start, last)
		   : r->order == ORDER_HOPS   ? hops
		   : r->order == ORDER_DROPS  ? drops
					      : 0;
	return rank;
}

static void swap(struct rank *a, struct rank *b)
{
	struct rank t = *a;

	*a = *b;
	*b = t;
}

static void sift_up(struct ranking *r, size_t i)
{
	for (; i && worse(&r->ranks[i], &r->ranks[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&r->ranks[i], &r->ranks[(i - 1) / 2]);
}

static void sift_down(struct ranking *r)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < r->n) {
		if (child + 1 < r->n && worse(&r->ranks[child + 1], &r->ranks[child]))
			child++;
		if (!worse(&r->ranks[child], &r->ranks[i]))
			break;
		swap(&r->ranks[child], &r->ranks[i]);
		i = child;
	}
}

/* The packets that went with the worst. */
static uint64_t drop_worst(struct ranking *r)
{
	struct kept *family = r->ranks[0].family;
	uint64_t n = family->n;

	r->bytes -= family->bytes;
	kept_destroy(family);
	r->ranks[0] = r->ranks[--r->n];
	sift_down(r);
	return n;
}

static int grow(struct ranking *r)
{
	size_t cap = r->cap ? 2 * r->cap : 64;
	struct rank *ranks;

	if (r->n < r->cap)
		return 0;
	ranks = realloc(r->ranks, cap * sizeof(*ranks));
	if (!ranks)
		return -ENOMEM;
	r->ranks = ranks;
	r->cap = cap;
	return 0;
}

void ranking_add(struct ranking *r, struct path *const *paths, size_t n)
{
	struct rank rank = rank_of(r, paths, n);

	if (r->top && r->n == r->top && worse(&rank, &r->ranks[0]))
		return;
	if ((r->has_floor && worse(&rank, &r->floor)) || grow(r) ||
	    kept_create(paths, n, &rank.family)) {
		r->left_out += n;
		return;
	}
	r->bytes += rank.family->bytes;
	r->ranks[r->n++] = rank;
	sift_up(r, r->n - 1);
	if (r->top && r->n > r->top)
		drop_worst(r);
	while (r->n && r->bytes > r->max_bytes) {
		r->floor = r->ranks[0];
		r->has_floor = true;
		r->left_out += drop_worst(r);
	}
}

static int by_worth(const void *a, const void *b)
{
	return worse(a, b) ? -1 : worse(b, a);
}

struct kept *ranking_take(struct ranking *r)
{
	if (!r->sorted && r->n)
		qsort(r->ranks, r->n, sizeof(*r->ranks), by_worth);
	r->sorted = true;
	return r->n ? r->ranks[--r->n].family : NULL;
}

uint64_t ranking_left_out(const struct ranking *r)
{
	return r->left_out;
}

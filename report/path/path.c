// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"

#define SPARE_PATHS 256u
#define MAX_BACK    256u /* hops that a late one goes back, lest backward time cost the square */

/* ---- lists ---- */

void path_unlink(struct path *p)
{
	if (!p->list)
		return;
	*(p->older ? &p->older->newer : &p->list->oldest) = p->newer;
	*(p->newer ? &p->newer->older : &p->list->newest) = p->older;
	p->older = p->newer = NULL;
	p->list = NULL;
}

void path_link(struct path_list *l, struct path *p)
{
	path_unlink(p);
	p->list = l;
	p->older = l->newest;
	*(l->newest ? &l->newest->newer : &l->oldest) = p;
	l->newest = p;
}

/* ---- memory ---- */

void path_destroy(struct path *p)
{
	free(p->hops);
	free(p->merged);
	tuples_deinit(&p->tuples);
	kinds_deinit(&p->kinds);
	free(p);
}

struct path *path_take(struct path_pool *pool)
{
	struct path *p = pool->spare;

	if (!p)
		return calloc(1, sizeof(*p));
	pool->spare = p->older;
	pool->spares--;
	p->older = NULL;
	return p;
}

void path_recycle(struct path_pool *pool, struct path *p)
{
	struct path blank = {.hops = p->hops,
			     .hops_cap = p->hops_cap,
			     .merged = p->merged,
			     .merged_cap = p->merged_cap,
			     .tuples = p->tuples,
			     .kinds = p->kinds};

	if (pool->spares == SPARE_PATHS || p->hops_cap > 1024 || p->merged_cap > 1024 ||
	    p->kinds.cap > 64) {
		path_destroy(p);
		return;
	}
	*p = blank;
	tuples_clear(&p->tuples);
	kinds_clear(&p->kinds);
	p->older = pool->spare;
	pool->spare = p;
	pool->spares++;
}

void path_pool_deinit(struct path_pool *pool)
{
	struct path *next;

	for (struct path *p = pool->spare; p; p = next) {
		next = p->older;
		path_destroy(p);
	}
	memset(pool, 0, sizeof(*pool));
}

/* ---- hops ---- */

bool hop_mark_before(const struct hop_mark *a, const struct hop_mark *b)
{
	if (a->ktime != b->ktime)
		return a->ktime < b->ktime;
	if (a->cpu != b->cpu)
		return a->cpu < b->cpu;
	return a->seq < b->seq;
}

struct hop_mark hop_mark(const struct hop *h)
{
	return (struct hop_mark){.ktime = h->ktime, .seq = h->seq, .cpu = h->cpu};
}

struct hop_mark hop_mark_of_hit(const struct hit *h)
{
	const struct event *e = &h->event;

	return (struct hop_mark){.ktime = e->ktime, .seq = e->seq, .cpu = e->cpu};
}

/* The index of h's tuple in the path's. */
static uint16_t tuple_index(struct path *p, const struct hit *h)
{
	struct event_tuple t;
	bool headers = hit_tuple(h, &t);

	return tuples_add(&p->tuples, &t, headers);
}

static const char *keep_string(struct capture *c, const char *last, const char *s)
{
	return last && !strcmp(last, s) ? last : capture_string(c, s);
}

static void hop_fill(struct path *p, struct hop *to, const struct hop *last, const struct hit *h)
{
	const struct event *e = &h->event;

	*to = (struct hop){
		.ktime = e->ktime,
		.seq = e->seq,
		.func = h->func,
		.caller = e->caller,
		.comm = keep_string(p->capture, last ? last->comm : NULL, e->comm),
		.ifname = keep_string(p->capture, last ? last->ifname : NULL, e->ifname),
		.flags = e->flags,
		.reason = e->reason,
		.netns = e->netns,
		.ifindex = e->ifindex,
		.mark = e->mark,
		.len = e->len,
		.mtu = e->mtu,
		.pid = e->pid,
		.protocol = e->protocol,
		.vlan = e->vlan,
		.cpu = e->cpu,
		.tuple = tuple_index(p, h),
		.kind = p->kinds.recent,
		.matched = p->kinds.recent != KINDS_NONE,
	};
}

static bool hop_before(const struct hop *a, const struct hop *b)
{
	struct hop_mark at = hop_mark(a), other = hop_mark(b);

	return hop_mark_before(&at, &other);
}

int path_add_hop(struct path *p, const struct hit *h)
{
	size_t cap = p->hops_cap ? 2 * p->hops_cap : 32, i = p->n_hops;
	size_t end = i > MAX_BACK ? i - MAX_BACK : 0;
	struct hop *hops, hop;

	if (p->n_hops == p->hops_cap) {
		hops = realloc(p->hops, cap * sizeof(*hops));
		if (!hops)
			return -ENOMEM;
		p->hops = hops;
		p->hops_cap = cap;
	}
	hop_fill(p, &hop, i ? &p->hops[i - 1] : NULL, h);
	while (i > end && hop_before(&hop, &p->hops[i - 1]))
		i--;
	memmove(p->hops + i + 1, p->hops + i, (p->n_hops - i) * sizeof(hop));
	p->hops[i] = hop;
	p->n_hops++;
	return 0;
}

uint64_t path_hops(const struct path *p, struct hop_choice c)
{
	uint64_t n = p->hits;

	for (size_t i = 0; i < p->n_hops; i++)
		n -= !hop_shown(c, &p->hops[i]);
	return n;
}

size_t path_hops_after(const struct path *p, const struct hop_mark *at)
{
	size_t from = 0, to = p->n_hops, middle;
	struct hop_mark there;

	while (from < to) {
		middle = from + (to - from) / 2;
		there = hop_mark(&p->hops[middle]);
		if (hop_mark_before(at, &there))
			to = middle;
		else
			from = middle + 1;
	}
	return from;
}

/* ---- trees ---- */

const struct path *path_next(const struct path *root, const struct path *p, unsigned int *depth)
{
	if (p->child) {
		++*depth;
		return p->child;
	}
	while (p != root && !p->sibling) {
		--*depth;
		p = p->parent;
	}
	return p == root ? NULL : p->sibling;
}

/* ---- words ---- */

const char *path_edge_word(uint8_t kind)
{
	static const char *const words[EDGES] = {
		[EDGE_CLONE] = "clone",	    [EDGE_COPY] = "copy",
		[EDGE_SEGMENT] = "segment", [EDGE_FRAGMENT] = "fragment",
		[EDGE_FRAME] = "frame",	    [EDGE_MERGE] = "merge",
		[EDGE_QUEUE] = "queue",	    [EDGE_REASSEMBLE] = "reassemble",
	};

	return kind < EDGES ? words[kind] : NULL;
}

const char *path_merge_word(const struct path_merge *m)
{
	if (m->kind == EDGE_REASSEMBLE)
		return "reassembly";
	return strstr(m->func->name, "gro") ? "gro" : "coalescing";
}

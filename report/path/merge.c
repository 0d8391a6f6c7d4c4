// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/path/family.h"

#define ENDS                                                                       \
	(FUNC_ROLE_FREE | FUNC_ROLE_DYING | FUNC_ROLE_RELEASE | FUNC_ROLE_REASON | \
	 FUNC_ROLE_DROP | FUNC_ROLE_CONSUME)
#define MAX_BACK     256u /* hops of a survivor looked at for one of a CPU */
#define MAX_KIN	     64u  /* clones of it */
#define MAX_ANCESTRY 4096u

/* ---- what happened after an offer ---- */

/* p's last hop before that one, on its CPU. NULL: none near. */
static const struct hop *hop_on_cpu(const struct path *p, const struct hop *before)
{
	struct hop_mark at = hop_mark(before);
	size_t i = path_hops_after(p, &at), end = i > MAX_BACK ? i - MAX_BACK : 0;

	while (i-- > end)
		if (p->hops[i].cpu == before->cpu && &p->hops[i] != before)
			return &p->hops[i];
	return NULL;
}

typedef bool relation_fn(const struct hop *theirs, const struct hop *h);

/* What walks the list of the survivor calls itself for its members. */
static bool walks(const struct hop *theirs, const struct hop *h)
{
	return theirs->func == h->func;
}

static bool within_its_end(const struct hop *theirs, const struct hop *h)
{
	(void)h;
	return (theirs->func->roles & (FUNC_ROLE_DYING | FUNC_ROLE_RELEASE)) &&
	       !(theirs->func->roles & FUNC_ROLE_FREE) && !(theirs->flags & EVENT_END);
}

/* Is it so of h and what the survivor, or one that shares its data, was in just before? */
static bool related(const struct path *s, const struct hop *h, relation_fn *fn)
{
	const struct hop *theirs = hop_on_cpu(s, h);
	unsigned int n = 0;

	if (theirs && fn(theirs, h))
		return true;
	if (s->parent && s->origin.kind == EDGE_CLONE) {
		theirs = hop_on_cpu(s->parent, h);
		if (theirs && fn(theirs, h))
			return true;
	}
	for (const struct path *c = s->child; c && n++ < MAX_KIN; c = c->sibling) {
		theirs = c->origin.kind == EDGE_CLONE ? hop_on_cpu(c, h) : NULL;
		if (theirs && fn(theirs, h))
			return true;
	}
	return false;
}

/* These free what has become part of another, and nothing else. */
static bool frees_merged(const struct func *f)
{
	return !strcmp(f->name, "kfree_skb_partial") ||
	       !strcmp(f->name, "napi_skb_free_stolen_head");
}

static const struct hop *first_dying(const struct path *p, size_t from)
{
	for (; from < p->n_hops; from++)
		if (p->hops[from].func->roles & FUNC_ROLE_DYING)
			return &p->hops[from];
	return NULL;
}

static bool harmless(const struct path *s, const struct hop *h)
{
	return (h->func->roles & ENDS) || (s && related(s, h, walks)) ||
	       !strcmp(h->func->name, "skb_clone");
}

/*
 * Whoever takes a packet in grows by it at once (skb->len), and the next hit of the survivor shows
 * it: 1; 0 it did not grow; -1 there is no such hit.
 */
static int grew(const struct path *s, const struct hop_mark *at)
{
	size_t next = path_hops_after(s, at);
	struct hop_mark before;

	if (!next || next == s->n_hops)
		return -1;
	before = hop_mark(&s->hops[next - 1]);
	if (hop_mark_before(&before, at))
		return -1;
	return s->hops[next].len > s->hops[next - 1].len;
}

/* s: NULL when it is not held any more. */
static bool went_in(const struct path *p, const struct path *s)
{
	bool offered = p->offer.kind == EDGE_MERGE;
	size_t from = path_hops_after(p, &p->offer.at);
	const struct hop *dying = p->ended ? first_dying(p, from) : NULL;

	if (dying && frees_merged(dying->func))
		return true;
	if (offered && s && grew(s, &p->offer.at) <= 0)
		return false;
	if (dying && s && related(s, dying, within_its_end))
		return true;
	for (; from < p->n_hops; from++)
		if (!harmless(s, &p->hops[from]))
			return false;
	if (!offered)
		return true;
	if (!p->ended)
		return false; /* nothing tells */
	return p->outcome != OUTCOME_DROPPED || !s || s->gone || s->dying;
}

static int make_room(struct path *s, size_t n)
{
	size_t cap = s->merged_cap ? 2 * s->merged_cap : 8;
	struct path_merge *merged;

	if (n <= s->merged_cap)
		return 0;
	while (cap < n)
		cap *= 2;
	merged = realloc(s->merged, cap * sizeof(*merged));
	if (!merged)
		return -ENOMEM;
	s->merged = merged;
	s->merged_cap = cap;
	return 0;
}

/* There is room: it was made with the offer. */
static void join(struct path *p, struct path *s)
{
	p->outcome = OUTCOME_MERGED;
	p->reason = p->unnamed = NULL;
	p->into = p->offer;
	if (!s)
		return;
	s->merged[s->n_merged] = p->offer;
	s->merged[s->n_merged].packet = p->packet;
	s->merged[s->n_merged++].number = p->number;
}

static struct path *survivor(struct lives *l, const struct path *p)
{
	struct path *s = p->offer.kind ? table_get(&l->known, p->offer.packet) : NULL;

	return s && s->number == p->offer.number ? s : NULL;
}

static bool unlist(struct path *s, struct path *p)
{
	for (struct path **at = &s->put_off; *at; at = &(*at)->put_off_next) {
		if (*at != p)
			continue;
		*at = p->put_off_next;
		p->put_off_next = NULL;
		return true;
	}
	return false;
}

static void close_offer(struct path *p, struct path *s, merge_closed_fn *closed, void *ctx)
{
	p->offer.kind = EDGE_NONE;
	if (!s)
		return;
	if (unlist(s, p)) {
		p->kin->open--;
		closed(ctx, p);
	}
	s->open--;
	s->kin->open--;
	closed(ctx, s);
}

static void decide(struct path *p, struct path *s, merge_closed_fn *closed, void *ctx)
{
	if (went_in(p, s))
		join(p, s);
	close_offer(p, s, closed, ctx);
}

void merge_decide(struct lives *l, struct path *p, merge_closed_fn *closed, void *ctx)
{
	struct path *s = survivor(l, p);

	if (!p->offer.kind)
		return;
	if (p->ended && p->offer.kind == EDGE_MERGE && s && !s->gone && grew(s, &p->offer.at) < 0) {
		p->put_off_next = s->put_off;
		s->put_off = p;
		p->kin->open++; /* its family waits for that */
		return;
	}
	decide(p, s, closed, ctx);
}

void merge_settle(struct path *s, merge_closed_fn *closed, void *ctx)
{
	struct path *p;

	while ((p = s->put_off))
		decide(p, s, closed, ctx);
}

void merge_decide_now(struct lives *l, struct path *p, merge_closed_fn *closed, void *ctx)
{
	struct path *s = survivor(l, p);

	for (const struct path *at = s ? s->put_off : NULL; at; at = at->put_off_next) {
		if (at != p)
			continue;
		decide(p, s, closed, ctx);
		return;
	}
}

static int by_time(const void *a, const void *b)
{
	const struct path_merge *x = a, *y = b;

	if (hop_mark_before(&x->at, &y->at))
		return -1;
	if (hop_mark_before(&y->at, &x->at))
		return 1;
	return (x->number > y->number) - (x->number < y->number);
}

void merge_sort(struct path *p)
{
	if (p->n_merged > 1)
		qsort(p->merged, p->n_merged, sizeof(*p->merged), by_time);
}

/* ---- offers ---- */

static int offer(struct lives *l, struct path *p, struct path *s, const struct path_merge *how,
		 merge_closed_fn *closed, void *ctx)
{
	struct path *before = survivor(l, p);
	int err;

	/* The last one counts: had another been taken there would be no more. */
	if (p == s || (p->offer.kind && hop_mark_before(&how->at, &p->offer.at)))
		return 0;
	/* Reassembly tries to coalesce, but takes in what cannot be too. */
	if (p->offer.kind == EDGE_REASSEMBLE && p->offer.number == s->number)
		return 0;
	err = make_room(s, s->n_merged + s->open + 1);
	if (err)
		return err;
	if (p->offer.kind)
		close_offer(p, before, closed, ctx);
	p->offer = *how;
	p->offer.number = s->number;
	p->offer.packet = s->packet;
	if (p->gone) {
		if (p->outcome != OUTCOME_MERGED)
			join(p, s);
		p->offer.kind = EDGE_NONE;
		return 0;
	}
	s->open++;
	s->kin->open++;
	return 0;
}

static struct path_merge merge_of(const struct hit *h)
{
	return (struct path_merge){
		.at = hop_mark_of_hit(h), .func = h->func, .kind = h->event.parent_kind};
}

int merge_offer(struct lives *l, struct path *s, const struct hit *h, merge_closed_fn *closed,
		void *ctx)
{
	struct path *p = table_get(&l->known, h->event.parent);
	struct path_merge how = merge_of(h);

	/* Who takes in others has not been taken in. */
	if (s->offer.kind == EDGE_MERGE && hop_mark_before(&s->offer.at, &how.at))
		close_offer(s, survivor(l, s), closed, ctx);
	return p && !p->gone ? offer(l, p, s, &how, closed, ctx) : 0;
}

/* ---- reassembly queues ---- */

void merge_unqueue(struct lives *l, struct path *p)
{
	struct queue *q = p->queue;

	if (!q)
		return;
	*(p->queue_prev ? &p->queue_prev->queue_next : &q->first) = p->queue_next;
	if (p->queue_next)
		p->queue_next->queue_prev = p->queue_prev;
	p->queue_next = p->queue_prev = NULL;
	p->queue = NULL;
	if (q->first)
		return;
	table_remove(&l->queues, q->key);
	free(q);
}

int merge_queue(struct lives *l, struct path *p, const struct hit *h)
{
	uint64_t key = h->event.parent;
	struct queue *q;

	merge_unqueue(l, p);
	q = table_get(&l->queues, key);
	if (!q) {
		q = calloc(1, sizeof(*q));
		if (!q || table_set(&l->queues, key, q)) {
			free(q);
			return -ENOMEM;
		}
		q->key = key;
	}
	p->queue = q;
	p->queued = hop_mark_of_hit(h);
	p->queue_next = q->first;
	if (q->first)
		q->first->queue_prev = p;
	q->first = p;
	return 0;
}

static bool is_ancestor(const struct path *p, const struct path *of)
{
	for (unsigned int n = 0; of && n < MAX_ANCESTRY; n++, of = of->parent)
		if (of == p)
			return true;
	return false;
}

/* The kernel puts a clone of the last fragment in its place when that becomes the head. */
static int take_in_clones(struct lives *l, struct path *p, struct path *s,
			  const struct path_merge *how, merge_closed_fn *closed, void *ctx)
{
	int err = 0;

	for (struct path *c = p->child; c && !err; c = c->sibling)
		if (!c->gone && c->origin.kind == EDGE_CLONE &&
		    hop_mark_before(&p->queued, &c->origin.at) &&
		    hop_mark_before(&c->origin.at, &how->at) && !is_ancestor(c, s))
			err = offer(l, c, s, how, closed, ctx);
	return err;
}

int merge_reassemble(struct lives *l, struct path *s, const struct hit *h, merge_closed_fn *closed,
		     void *ctx)
{
	struct queue *q = table_get(&l->queues, h->event.parent);
	struct path_merge how = merge_of(h);
	struct path *p = q ? q->first : NULL, *next;
	int err = 0;

	for (; p && !err; p = next) {
		next = p->queue_next;
		err = take_in_clones(l, p, s, &how, closed, ctx);
		if (!err && !is_ancestor(p, s))
			err = offer(l, p, s, &how, closed, ctx);
		merge_unqueue(l, p);
	}
	return err;
}

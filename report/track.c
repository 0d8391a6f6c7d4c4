// SPDX-License-Identifier: GPL-2.0-only
#include "report/track.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/capture.h"
#include "report/outcome.h"
#include "report/table.h"

/*
 * Paths alive stand in one table a capture, by packet, and in one list by their last hit, so that
 * idle ones are found at its old end. What ended is remembered for a while in a small direct-mapped
 * table, to tell a hit after the end from a new packet.
 */

#define ENDED_SLOTS 16384u
#define SPARE_PATHS 256u
#define MAX_BACK    256u /* hops that a late one goes back, lest backward time cost the square */

struct ended {
	uint64_t packet; /* 0 empty */
	uint32_t tag;
};

/* The paths alive of one capture. */
struct lives {
	struct table alive; /* by packet */
	struct table dying; /* of them, those being taken apart, by skb */
};

struct track {
	bool keep_hops;
	track_done_fn *done;
	void *ctx;
	struct lives *lives; /* by capture index */
	size_t n_lives;
	uint64_t alive_now;
	struct path *oldest;
	struct path *newest;
	struct path *ending; /* ended with the last hit, handed on with the next call */
	struct path *spare;  /* for reuse, with their arrays; linked by older */
	unsigned int spares;
	struct ended *ended;
	struct track_counts counts;
};

int track_create(bool keep_hops, track_done_fn *done, void *ctx, struct track **ret)
{
	struct track *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->ended = calloc(ENDED_SLOTS, sizeof(*t->ended));
	if (!t->ended) {
		free(t);
		return -ENOMEM;
	}
	t->keep_hops = keep_hops;
	t->done = done;
	t->ctx = ctx;
	*ret = t;
	return 0;
}

static void path_destroy(struct path *p)
{
	free(p->hops);
	tuples_deinit(&p->tuples);
	free(p);
}

static void path_list_destroy(struct path *p)
{
	struct path *older;

	for (; p; p = older) {
		older = p->older;
		path_destroy(p);
	}
}

void track_destroy(struct track *t)
{
	if (!t)
		return;
	path_list_destroy(t->newest);
	path_list_destroy(t->spare);
	if (t->ending)
		path_destroy(t->ending);
	for (size_t i = 0; i < t->n_lives; i++) {
		table_deinit(&t->lives[i].alive, NULL);
		table_deinit(&t->lives[i].dying, NULL);
	}
	free(t->lives);
	free(t->ended);
	free(t);
}

/* ---- the list by last hit ---- */

static void unlink_path(struct track *t, struct path *p)
{
	*(p->older ? &p->older->newer : &t->oldest) = p->newer;
	*(p->newer ? &p->newer->older : &t->newest) = p->older;
	p->older = p->newer = NULL;
}

static void link_newest(struct track *t, struct path *p)
{
	p->older = t->newest;
	p->newer = NULL;
	*(t->newest ? &t->newest->newer : &t->oldest) = p;
	t->newest = p;
}

/* ---- paths come and go ---- */

static void path_recycle(struct track *t, struct path *p)
{
	struct hop *hops = p->hops;
	struct tuples tuples = p->tuples;
	size_t hops_cap = p->hops_cap;

	if (t->spares == SPARE_PATHS || hops_cap > 1024) {
		path_destroy(p);
		return;
	}
	memset(p, 0, sizeof(*p));
	p->hops = hops;
	p->hops_cap = hops_cap;
	p->tuples = tuples;
	tuples_clear(&p->tuples);
	p->older = t->spare;
	t->spare = p;
	t->spares++;
}

static struct path *path_take(struct track *t)
{
	struct path *p = t->spare;

	if (!p)
		return calloc(1, sizeof(*p));
	t->spare = p->older;
	t->spares--;
	p->older = NULL;
	return p;
}

static struct ended *ended_slot(struct track *t, uint32_t tag, uint64_t packet)
{
	uint64_t x = (packet ^ (uint64_t)tag << 32) * 0x9e3779b97f4a7c15u;

	return &t->ended[x >> 50]; /* 14 bits: ENDED_SLOTS */
}

static void hand_on(struct track *t, struct path *p)
{
	t->counts.outcomes[p->outcome]++;
	t->done(t->ctx, p);
	path_recycle(t, p);
}

void track_settle(struct track *t)
{
	struct path *p = t->ending;

	t->ending = NULL;
	if (p)
		hand_on(t, p);
}

/* Takes p out of the living. */
static void path_end(struct track *t, struct path *p)
{
	struct lives *l = &t->lives[p->capture->index];

	*ended_slot(t, p->capture->tag, p->packet) =
		(struct ended){.packet = p->packet, .tag = p->capture->tag};
	unlink_path(t, p);
	table_remove(&l->alive, p->packet);
	if (p->dying && table_get(&l->dying, p->skb) == p)
		table_remove(&l->dying, p->skb);
	t->alive_now--;
}

/* It was being taken apart when last heard of. */
static void path_end_dying(struct track *t, struct path *p)
{
	path_end(t, p);
	p->ended = true;
	outcome_judge(p);
	hand_on(t, p);
}

static struct lives *lives_of(struct track *t, const struct capture *c)
{
	size_t n = (size_t)c->index + 1;
	struct lives *lives;

	if (n > t->n_lives) {
		lives = realloc(t->lives, n * sizeof(*lives));
		if (!lives)
			return NULL;
		memset(lives + t->n_lives, 0, (n - t->n_lives) * sizeof(*lives));
		t->lives = lives;
		t->n_lives = n;
	}
	return &t->lives[c->index];
}

static struct path *path_new(struct track *t, struct lives *l, const struct hit *h)
{
	struct path *p = table_get(&l->dying, h->event.skb);

	if (p)
		path_end_dying(t, p);
	p = path_take(t);
	if (!p)
		return NULL;
	if (table_set(&l->alive, h->event.packet, p)) {
		path_destroy(p);
		return NULL;
	}
	p->number = ++t->counts.packets;
	p->packet = h->event.packet;
	p->skb = h->event.skb;
	p->capture = h->capture;
	p->first = p->last = h->when;
	link_newest(t, p);
	if (++t->alive_now > t->counts.alive_most)
		t->counts.alive_most = t->alive_now;
	return p;
}

/* ---- hops ---- */

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
	};
}

static bool hop_before(const struct hop *a, const struct hop *b)
{
	if (a->ktime != b->ktime)
		return a->ktime < b->ktime;
	if (a->cpu != b->cpu)
		return a->cpu < b->cpu;
	return a->seq < b->seq;
}

/* Adds the hop in its place; a late hit goes between those already there. */
static int hop_add(struct path *p, const struct hit *h)
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

static int path_add(struct track *t, struct path *p, const struct hit *h, bool matched)
{
	int err = 0;

	p->hits++;
	p->matched |= matched;
	p->inferred |= !!(h->event.flags & EVENT_INFERRED);
	p->begun |= !!(h->event.flags & EVENT_BEGIN);
	if (h->when < p->first)
		p->first = h->when;
	if (h->when > p->last)
		p->last = h->when;
	if (t->newest != p) {
		unlink_path(t, p);
		link_newest(t, p);
	}
	t->counts.hits++;
	if (!t->keep_hops)
		return 0;
	if ((h->func->roles & FUNC_ROLE_DYING) && !p->dying) {
		err = table_set(&t->lives[p->capture->index].dying, p->skb, p);
		if (err)
			return err;
		p->dying = true;
	}
	/* The end is always kept: the outcome stands there. */
	if (p->n_hops < TRACK_MAX_HOPS || (h->event.flags & EVENT_END))
		err = hop_add(p, h);
	else
		t->counts.not_kept++;
	return err;
}

int track_add(struct track *t, const struct hit *h, bool matched, const struct path **ret)
{
	uint64_t packet = h->event.packet;
	struct lives *lives;
	const struct ended *e;
	struct path *p;
	int err;

	*ret = NULL;
	track_settle(t);
	if (!packet) {
		t->counts.unidentified++;
		return 0;
	}
	lives = lives_of(t, h->capture);
	if (!lives)
		return -ENOMEM;
	p = table_get(&lives->alive, packet);
	if (!p) {
		e = ended_slot(t, h->event.tag, packet);
		if (e->packet == packet && e->tag == h->event.tag) {
			t->counts.after_end++;
			return 0;
		}
		p = path_new(t, lives, h);
		if (!p)
			return -ENOMEM;
	}
	err = path_add(t, p, h, matched);
	if (err)
		return err;
	*ret = p;
	if (h->event.flags & EVENT_END) {
		path_end(t, p);
		p->ended = true;
		outcome_judge(p);
		t->ending = p;
	}
	return 0;
}

void track_expire(struct track *t, int64_t when)
{
	struct path *p;
	int64_t idle;

	while ((p = t->oldest)) {
		if (__builtin_sub_overflow(when, p->last, &idle) || idle <= TRACK_IDLE_NS)
			return;
		track_settle(t);
		if (p->dying) {
			path_end_dying(t, p);
			continue;
		}
		path_end(t, p);
		/* A recording that is over cannot tell what came after. */
		p->outcome =
			p->capture->closed && time_span(p->last, p->capture->last) <= TRACK_IDLE_NS
				? OUTCOME_ALIVE
				: OUTCOME_NO_END;
		hand_on(t, p);
	}
}

void track_finish(struct track *t)
{
	struct path *p;

	track_settle(t);
	while ((p = t->oldest)) {
		if (p->dying) {
			path_end_dying(t, p);
			continue;
		}
		path_end(t, p);
		p->outcome = time_span(p->last, p->capture->last) > TRACK_IDLE_NS ? OUTCOME_NO_END
										  : OUTCOME_ALIVE;
		hand_on(t, p);
	}
}

const struct track_counts *track_counts(const struct track *t)
{
	return &t->counts;
}

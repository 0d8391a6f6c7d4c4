// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/track.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/path/lives.h"
#include "report/path/merge.h"
#include "report/path/outcome.h"

/*
 * Each path is in one list: alive, by its last hit, so that idle ones are found at the old end;
 * waiting, ended, for its family; lingering, its family complete; early, about to be handed on
 * alone. All of them stand in one table a capture, by packet. What was handed on is remembered for
 * a while in a small direct-mapped table, to tell a hit after the end from a new packet.
 */

#define ENDED_SLOTS 16384u

struct ended {
	uint64_t packet; /* 0 empty */
	uint64_t number;
	uint32_t tag;
};

struct track {
	bool keep_hops;
	track_done_fn *done;
	void *ctx;
	struct lives *lives; /* by capture index */
	size_t n_lives;
	uint64_t alive_now;
	struct path_list alive;
	struct path_list waiting;
	struct path_list lingering;
	struct path_list early;
	size_t held; /* in the last three */
	size_t held_hops;
	struct path_pool pool;
	struct path **members; /* room for any family */
	size_t members_cap;
	struct ended *ended;
	struct track_counts counts;
};

int track_create(bool keep_hops, track_done_fn *done, void *ctx, struct track **ret)
{
	struct track *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->ended = calloc(ENDED_SLOTS, sizeof(*t->ended));
	t->members = calloc(16, sizeof(*t->members));
	if (!t->ended || !t->members) {
		track_destroy(t);
		return -ENOMEM;
	}
	t->members_cap = 16;
	t->keep_hops = keep_hops;
	t->done = done;
	t->ctx = ctx;
	*ret = t;
	return 0;
}

static void list_destroy(struct path_list *l)
{
	struct path *p;

	while ((p = l->oldest)) {
		path_unlink(p);
		p->parent = p->child = p->sibling = p->elder = NULL;
		if (!--p->kin->count)
			free(p->kin);
		path_destroy(p);
	}
}

void track_destroy(struct track *t)
{
	if (!t)
		return;
	list_destroy(&t->alive);
	list_destroy(&t->waiting);
	list_destroy(&t->lingering);
	list_destroy(&t->early);
	path_pool_deinit(&t->pool);
	for (size_t i = 0; i < t->n_lives; i++) {
		table_deinit(&t->lives[i].known, NULL);
		table_deinit(&t->lives[i].dying, NULL);
		table_deinit(&t->lives[i].orphans, free);
		table_deinit(&t->lives[i].queues, free);
	}
	free(t->lives);
	free(t->members);
	free(t->ended);
	free(t);
}

static struct lives *lives_of(const struct track *t, const struct path *p)
{
	return &t->lives[p->capture->index];
}

static struct lives *lives_at(struct track *t, const struct capture *c)
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

static struct ended *ended_slot(struct track *t, uint32_t tag, uint64_t packet)
{
	uint64_t x = (packet ^ (uint64_t)tag << 32) * 0x9e3779b97f4a7c15u;

	return &t->ended[x >> 50]; /* 14 bits: ENDED_SLOTS */
}

/* The number of a path that was handed on; 0: unknown. */
static uint64_t ended_number(struct track *t, uint32_t tag, uint64_t packet)
{
	const struct ended *e = ended_slot(t, tag, packet);

	return e->packet == packet && e->tag == tag ? e->number : 0;
}

/* ---- handing on ---- */

/* Nothing finds p any more. */
static void forget(struct track *t, struct path *p)
{
	struct lives *l = lives_of(t, p);

	*ended_slot(t, p->capture->tag, p->packet) =
		(struct ended){.packet = p->packet, .number = p->number, .tag = p->capture->tag};
	table_remove(&l->known, p->packet);
	family_unwait(l, p);
	merge_unqueue(l, p);
	path_unlink(p);
	t->held--;
	t->held_hops -= p->n_hops;
	t->counts.outcomes[p->outcome]++;
	merge_sort(p);
}

/* Puts a family where it belongs. */
static void place(struct track *t, struct family *f)
{
	bool complete = family_complete(f);

	if (f->lingering == complete)
		return;
	f->lingering = complete;
	for (struct path *p = f->members; p; p = p->kin_next)
		if (p->gone)
			path_link(complete ? &t->lingering : &t->waiting, p);
}

static void closed(void *ctx, struct path *survivor)
{
	place(ctx, survivor->kin);
}

static void hand_on_family(struct track *t, struct family *f)
{
	size_t n = f->count;

	for (struct path *p = f->members; p; p = p->kin_next)
		merge_decide_now(lives_of(t, p), p, closed, t);
	for (struct path *p = f->members; p; p = p->kin_next)
		forget(t, p);
	family_disband(f, t->members);
	t->done(t->ctx, t->members, n);
	for (size_t i = 0; i < n; i++)
		path_recycle(&t->pool, t->members[i]);
}

static void hand_on_early(struct track *t, struct path *p)
{
	struct family *f = p->kin;
	bool alone = f->count == 1;

	t->counts.early += !alone;
	merge_decide_now(lives_of(t, p), p, closed, t);
	forget(t, p);
	family_leave(p);
	if (!alone)
		place(t, f);
	t->done(t->ctx, &p, 1);
	path_recycle(&t->pool, p);
}

void track_settle(struct track *t)
{
	while (t->early.oldest)
		hand_on_early(t, t->early.oldest);
	while (t->lingering.oldest)
		hand_on_family(t, t->lingering.oldest->kin);
}

/* Hands on what has lingered until `when`, and what is too much. */
static void advance(struct track *t, int64_t when)
{
	struct path *p;
	int64_t since;

	while ((p = t->early.oldest))
		hand_on_early(t, p);
	while ((p = t->lingering.oldest)) {
		if (t->held <= TRACK_LINGER_MOST &&
		    !__builtin_sub_overflow(when, p->kin->last, &since) && since <= TRACK_LINGER_NS)
			break;
		hand_on_family(t, p->kin);
	}
	while (t->held > TRACK_MAX_HELD || t->held_hops > TRACK_HELD_HOPS) {
		if (t->lingering.oldest)
			hand_on_family(t, t->lingering.oldest->kin);
		else
			hand_on_early(t, t->waiting.oldest);
	}
}

/* ---- paths come and go ---- */

/* otherwise: the outcome of one whose end was not seen. */
static void path_end(struct track *t, struct path *p, bool ended, enum outcome otherwise)
{
	struct lives *l = lives_of(t, p);
	struct family *f = p->kin;

	if (p->dying && table_get(&l->dying, p->skb) == p)
		table_remove(&l->dying, p->skb);
	t->alive_now--;
	p->gone = true;
	p->ended = ended;
	p->outcome = otherwise;
	if (ended)
		outcome_judge(p);
	merge_settle(p, closed, t);
	merge_decide(l, p, closed, t);
	if (p->outcome == OUTCOME_DROPPED)
		merge_unqueue(l, p);
	t->held++;
	t->held_hops += p->n_hops;
	f->alive--;
	if (p->last > f->last)
		f->last = p->last;
	path_link(f->count > FAMILY_MAX_MEMBERS ? &t->early : &t->waiting, p);
	place(t, f);
}

static int path_create(struct track *t, struct lives *l, const struct hit *h, struct path **ret)
{
	struct path *p = path_take(&t->pool);

	if (!p)
		return -ENOMEM;
	p->number = t->counts.packets + 1;
	p->packet = h->event.packet;
	p->skb = h->event.skb;
	p->capture = h->capture;
	p->first = p->last = h->when;
	if (family_create(p)) {
		path_destroy(p);
		return -ENOMEM;
	}
	if (table_set(&l->known, p->packet, p)) {
		free(p->kin);
		path_destroy(p);
		return -ENOMEM;
	}
	t->counts.packets++;
	path_link(&t->alive, p);
	if (++t->alive_now > t->counts.alive_most)
		t->counts.alive_most = t->alive_now;
	*ret = p;
	return 0;
}

static int join(struct track *t, struct path *parent, struct path *child)
{
	size_t n = parent->kin->count + child->kin->count, cap = t->members_cap;
	struct path **members;

	child->origin.number = parent->number;
	while (cap < n)
		cap *= 2;
	if (cap > t->members_cap) {
		members = realloc(t->members, cap * sizeof(struct path *));
		if (!members)
			return -ENOMEM;
		t->members = members;
		t->members_cap = cap;
	}
	family_adopt(parent, child); /* which refuses to make a circle */
	return 0;
}

static void recall(struct track *t, struct family *f)
{
	if (!f->lingering)
		return;
	f->lingering = false;
	for (struct path *p = f->members; p; p = p->kin_next)
		path_link(&t->waiting, p);
}

/* A family that had ended may live again. */
static int adopt(struct track *t, struct path *parent, struct path *child)
{
	int err;

	recall(t, parent->kin);
	recall(t, child->kin);
	err = join(t, parent, child);
	place(t, parent->kin);
	place(t, child->kin);
	return err;
}

static int descend(struct track *t, struct lives *l, struct path *p, const struct hit *h)
{
	const struct event *e = &h->event;
	struct path *parent;

	if (p->origin.kind || !e->parent || e->parent == p->packet)
		return 0;
	p->origin = (struct path_origin){.packet = e->parent,
					 .kind = e->parent_kind,
					 .inferred = e->parent_inferred,
					 .at = hop_mark_of_hit(h)};
	parent = table_get(&l->known, e->parent);
	if (parent)
		return adopt(t, parent, p);
	p->origin.number = ended_number(t, e->tag, e->parent);
	return p->origin.number ? 0 : family_wait(l, p);
}

/* A path has appeared: those that waited for it are its children. */
static int gather(struct track *t, struct lives *l, struct path *p)
{
	struct path *child;
	int err = 0;

	while (!err && (child = family_waiting(l, p->packet)))
		err = adopt(t, p, child);
	return err;
}

static int relate(struct track *t, struct lives *l, struct path *p, const struct hit *h)
{
	switch (h->event.parent_kind) {
	case EDGE_CLONE:
	case EDGE_COPY:
	case EDGE_SEGMENT:
	case EDGE_FRAGMENT:
	case EDGE_FRAME:
		return descend(t, l, p, h);
	case EDGE_MERGE:
		return merge_offer(l, p, h, closed, t);
	case EDGE_QUEUE:
		return merge_queue(l, p, h);
	case EDGE_REASSEMBLE:
		return merge_reassemble(l, p, h, closed, t);
	default:
		return 0;
	}
}

/* ---- hits ---- */

static int path_add(struct track *t, struct lives *l, struct path *p, const struct hit *h,
		    bool matched)
{
	int err = kinds_add(&p->kinds, h->atoms, h->any_atoms, matched);

	if (err || !t->keep_hops)
		return err;
	if ((h->func->roles & FUNC_ROLE_DYING) && !p->dying) {
		err = table_set(&l->dying, p->skb, p);
		if (err)
			return err;
		p->dying = true;
	}
	/* The end is always kept: the outcome stands there. */
	if (p->n_hops < TRACK_MAX_HOPS || (h->event.flags & EVENT_END))
		err = path_add_hop(p, h);
	else
		t->counts.not_kept++;
	merge_settle(p, closed, t);
	return err ? err : relate(t, l, p, h);
}

static void path_hear(struct track *t, struct path *p, const struct hit *h, bool matched)
{
	p->hits++;
	p->matched |= matched;
	p->inferred |= !!(h->event.flags & EVENT_INFERRED);
	p->begun |= !!(h->event.flags & EVENT_BEGIN);
	if (h->when < p->first)
		p->first = h->when;
	if (h->when > p->last)
		p->last = h->when;
	if (t->alive.newest != p)
		path_link(&t->alive, p);
	t->counts.hits++;
}

/* A life that nobody knows has begun. */
static int path_begin(struct track *t, struct lives *l, const struct hit *h, struct path **ret)
{
	struct path *before = table_get(&l->dying, h->event.skb);
	int err;

	if (before)
		path_end(t, before, true, OUTCOME_CONSUMED);
	err = path_create(t, l, h, ret);
	return err ? err : gather(t, l, *ret);
}

int track_add(struct track *t, const struct hit *h, bool matched, const struct path **ret)
{
	uint64_t packet = h->event.packet;
	struct lives *l;
	struct path *p;
	int err = 0;

	*ret = NULL;
	advance(t, h->when);
	if (!packet) {
		t->counts.unidentified++;
		return 0;
	}
	l = lives_at(t, h->capture);
	if (!l)
		return -ENOMEM;
	p = table_get(&l->known, packet);
	if (p ? p->gone : !!ended_number(t, h->event.tag, packet)) {
		t->counts.after_end++;
		return 0;
	}
	if (!p)
		err = path_begin(t, l, h, &p);
	if (err)
		return err;
	path_hear(t, p, h, matched);
	err = path_add(t, l, p, h, matched);
	if (err)
		return err;
	*ret = p;
	if (h->event.flags & EVENT_END)
		path_end(t, p, true, OUTCOME_CONSUMED);
	return 0;
}

void track_expire(struct track *t, int64_t when)
{
	enum outcome outcome;
	struct path *p;
	int64_t idle;

	while ((p = t->alive.oldest)) {
		if (__builtin_sub_overflow(when, p->last, &idle) || idle <= TRACK_IDLE_NS)
			break;
		/* A recording that is over cannot tell what came after. */
		outcome = capture_closed(p->capture) &&
					  time_span(p->last, p->capture->last) <= TRACK_IDLE_NS
				  ? OUTCOME_ALIVE
				  : OUTCOME_NO_END;
		path_end(t, p, p->dying, outcome);
	}
	advance(t, when);
}

void track_finish(struct track *t)
{
	struct path *p;

	while ((p = t->alive.oldest))
		path_end(t, p, p->dying,
			 time_span(p->last, p->capture->last) > TRACK_IDLE_NS ? OUTCOME_NO_END
									      : OUTCOME_ALIVE);
	track_settle(t);
}

const struct track_counts *track_counts(const struct track *t)
{
	return &t->counts;
}

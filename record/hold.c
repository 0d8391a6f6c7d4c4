// SPDX-License-Identifier: GPL-2.0-only
#include "record/hold.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/event.h"

#define BUCKETS 65536
#define ROUNDS	2 /* between a packet's end and its judgement */

/* A packet: its hits one after another, each with its size before it. */
struct held {
	uint64_t packet;
	struct buf hits;
	uint32_t count;
	bool dropped;
	bool ended;
	uint64_t ended_round;
	struct held *chain;	    /* in the bucket */
	struct held *older, *newer; /* by when they began */
	struct held *next_ended;
};

struct hold {
	const uint16_t *roles;
	size_t targets;
	uint32_t consumed;
	hold_fn fn;
	void *ctx;
	struct held *bucket[BUCKETS];
	struct held *oldest, *newest;
	struct held *ended_first, **ended_last;
	uint64_t bytes;
	uint64_t round;
	uint64_t lost;
	uint64_t kept_back;
};

int hold_create(const uint16_t *roles, size_t targets, uint32_t consumed, hold_fn fn, void *ctx,
		struct hold **ret)
{
	struct hold *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->roles = roles;
	h->targets = targets;
	h->consumed = consumed;
	h->fn = fn;
	h->ctx = ctx;
	h->ended_last = &h->ended_first;
	*ret = h;
	return 0;
}

static struct held **slot_of(struct hold *h, uint64_t packet)
{
	struct held **at = &h->bucket[(packet * 0x9e3779b97f4a7c15ull) >> 48];

	while (*at && (*at)->packet != packet)
		at = &(*at)->chain;
	return at;
}

/* Takes p out of everything but the list of the ended. */
static void forget(struct hold *h, struct held *p)
{
	struct held **slot = slot_of(h, p->packet);

	*slot = p->chain;
	*(p->older ? &p->older->newer : &h->oldest) = p->newer;
	*(p->newer ? &p->newer->older : &h->newest) = p->older;
	h->bytes -= p->hits.len;
	buf_deinit(&p->hits);
	free(p);
}

static void pass_on(struct hold *h, const struct held *p)
{
	size_t at = 0;

	while (at < p->hits.len) {
		uint64_t size;

		memcpy(&size, p->hits.data + at, sizeof(size));
		h->fn(h->ctx, (const struct pwru_event *)(p->hits.data + at + sizeof(size)), size);
		at += sizeof(size) + ((size + 7) & ~7ull);
	}
}

void hold_destroy(struct hold *h)
{
	if (!h)
		return;
	while (h->oldest)
		forget(h, h->oldest);
	free(h);
}

static struct held *find_or_begin(struct hold *h, uint64_t packet)
{
	struct held **slot = slot_of(h, packet), *p = *slot;

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->packet = packet;
	*slot = p;
	p->older = h->newest;
	*(h->newest ? &h->newest->newer : &h->oldest) = p;
	h->newest = p;
	return p;
}

static void judge(struct hold *h, struct held *p, const struct pwru_event *e)
{
	uint16_t roles = e->func < h->targets ? h->roles[e->func] : 0;

	/* The last word counts, as in the report. */
	if (roles & FUNC_ROLE_REASON)
		p->dropped = e->reason != h->consumed && e->reason != 0;
	else if (roles & FUNC_ROLE_DROP)
		p->dropped = true;
	else if (roles & FUNC_ROLE_CONSUME)
		p->dropped = false;
	if (p->ended || !(roles & (FUNC_ROLE_FREE | FUNC_ROLE_DYING)))
		return;
	p->ended = true;
	p->ended_round = h->round;
	*h->ended_last = p;
	h->ended_last = &p->next_ended;
}

/* The oldest that is not about to be judged makes room. */
static void make_room(struct hold *h)
{
	struct held *p = h->oldest;

	while (p && p->ended)
		p = p->newer;
	if (!p)
		return;
	h->lost += p->count;
	forget(h, p);
}

void hold_hit(struct hold *h, const struct pwru_event *e, size_t size)
{
	struct held *p;
	uint64_t stored = size;
	size_t before;

	while (h->bytes + size > HOLD_MAX && h->oldest && h->oldest != h->newest) {
		uint64_t bytes = h->bytes;

		make_room(h);
		if (h->bytes == bytes)
			break;
	}
	/* A hit without identity belongs to nobody's path. */
	p = e->packet ? find_or_begin(h, e->packet) : NULL;
	if (!p) {
		h->lost++;
		return;
	}
	before = p->hits.len;
	buf_append(&p->hits, &stored, sizeof(stored));
	buf_append(&p->hits, e, size);
	buf_zero(&p->hits, (8 - size % 8) % 8);
	if (p->hits.failed) {
		p->hits.len = before;
		p->hits.failed = false;
		h->lost++;
		return;
	}
	h->bytes += p->hits.len - before;
	p->count++;
	judge(h, p, e);
}

void hold_round(struct hold *h, int all)
{
	while (h->ended_first && (all || h->round - h->ended_first->ended_round >= ROUNDS)) {
		struct held *p = h->ended_first;

		h->ended_first = p->next_ended;
		if (!h->ended_first)
			h->ended_last = &h->ended_first;
		if (p->dropped)
			pass_on(h, p);
		else
			h->kept_back += p->count;
		forget(h, p);
	}
	h->round++;
	while (all && h->oldest) {
		h->kept_back += h->oldest->count;
		forget(h, h->oldest);
	}
}

uint64_t hold_kept_back(const struct hold *h)
{
	return h->kept_back;
}

uint64_t hold_lost(const struct hold *h)
{
	return h->lost;
}

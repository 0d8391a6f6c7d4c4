// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/hit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/packet.h"

/*
 * Free lists by size in steps of 64 bytes, last in first out: in a nearly sorted file the few hits
 * in flight stay in the cache.
 */
#define STEP	64u
#define CLASSES 80u /* up to 5 KiB; larger ones are malloc's */
#define CHUNK	(64u << 10)

struct chunk {
	struct chunk *next;
	_Alignas(16) uint8_t bytes[];
};

struct free_hit {
	struct free_hit *next;
};

struct hit_pool {
	struct free_hit *free[CLASSES];
	struct chunk *chunks;
	size_t left; /* bytes of chunks->bytes not handed out */
};

int hit_pool_create(struct hit_pool **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void hit_pool_destroy(struct hit_pool *p)
{
	struct chunk *next;

	if (!p)
		return;
	for (struct chunk *c = p->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(p);
}

static struct hit *take(struct hit_pool *p, size_t size)
{
	size_t class = (size + STEP - 1) / STEP;
	struct free_hit *f;
	struct chunk *c;
	struct hit *h;

	if (class >= CLASSES) {
		h = malloc(size);
		if (h)
			h->size_class = CLASSES;
		return h;
	}
	f = p->free[class];
	if (f) {
		p->free[class] = f->next;
		h = (struct hit *)f;
	} else {
		if (p->left < class * STEP) {
			c = malloc(sizeof(*c) + CHUNK);
			if (!c)
				return NULL;
			c->next = p->chunks;
			p->chunks = c;
			p->left = CHUNK;
		}
		p->left -= class * STEP;
		h = (struct hit *)(p->chunks->bytes + p->left);
	}
	h->size_class = (uint32_t) class;
	return h;
}

static const uint8_t *keep(uint8_t **to, const uint8_t *from, size_t n)
{
	uint8_t *at = *to;

	if (!n || !from)
		return NULL;
	memcpy(at, from, n);
	*to += n;
	return at;
}

static struct hit *copy(struct hit_pool *p, const struct event *e, const uint8_t *packet,
			uint32_t caplen, const struct cursor *options)
{
	size_t stack = e->stack ? (size_t)e->stack_len * 8 : 0, cb = e->cb ? 48 : 0;
	size_t raw = e->raw_skb ? e->raw_skb_len : 0, rest = cursor_left(options);
	struct hit *h;
	uint8_t *to;

	h = take(p, sizeof(*h) + caplen + stack + cb + raw + rest);
	if (!h)
		return NULL;
	h->event = *e;
	h->caplen = caplen;
	h->origlen = caplen;
	h->atoms = 0;
	h->any_atoms = 0;
	to = h->bytes;
	keep(&to, packet, caplen);
	h->event.stack = keep(&to, e->stack, stack);
	h->event.cb = keep(&to, e->cb, cb);
	h->event.raw_skb = keep(&to, e->raw_skb, raw);
	h->options = cursor_of(keep(&to, options->p, rest), rest);
	h->options.swap = options->swap;
	return h;
}

struct hit *hit_new(struct hit_pool *p, const struct event *e, const uint8_t *packet,
		    uint32_t caplen)
{
	struct cursor none = cursor_of(NULL, 0);

	return copy(p, e, packet, caplen < HIT_MAX_PACKET ? caplen : HIT_MAX_PACKET, &none);
}

struct hit *hit_new_whole(struct hit_pool *p, const struct event *e, const uint8_t *packet,
			  uint32_t caplen, const struct cursor *options)
{
	return copy(p, e, packet, caplen, options);
}

void hit_free(struct hit_pool *p, struct hit *h)
{
	struct free_hit *f = (struct free_hit *)h;
	uint32_t class;

	if (!h)
		return;
	class = h->size_class;
	if (class >= CLASSES) {
		free(h);
		return;
	}
	f->next = p->free[class];
	p->free[class] = f;
}

bool hit_tuple(const struct hit *h, struct event_tuple *t)
{
	return packet_tuple(&h->event, h->bytes, h->caplen, t);
}

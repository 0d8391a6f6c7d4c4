// SPDX-License-Identifier: GPL-2.0-only
#include "record/flight.h"

#include <errno.h>
#include <stdlib.h>

struct chunk {
	struct chunk *next;
	struct buf blocks;
	struct point *start;
	uint64_t until;
};

struct flight {
	uint64_t bytes;
	uint64_t ns;
	struct chunk *oldest;
	struct chunk *newest;
	uint64_t held; /* bytes */
	uint64_t now;  /* the latest that was put */
	bool forgot;
	bool is_short;
};

int flight_create(uint64_t bytes, uint64_t ns, struct flight **ret)
{
	struct flight *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->bytes = bytes;
	f->ns = ns;
	*ret = f;
	return 0;
}

static struct chunk *take_oldest(struct flight *f)
{
	struct chunk *c = f->oldest;

	if (!c)
		return NULL;
	f->oldest = c->next;
	if (!f->oldest)
		f->newest = NULL;
	f->held -= c->blocks.len;
	return c;
}

static void chunk_free(struct chunk *c)
{
	buf_deinit(&c->blocks);
	free(c->start);
	free(c);
}

void flight_destroy(struct flight *f)
{
	if (!f)
		return;
	while (f->oldest)
		chunk_free(take_oldest(f));
	free(f);
}

/* Too much, or too old, even without it? */
static bool is_spare(struct flight *f)
{
	const struct chunk *c = f->oldest;

	if (c == f->newest)
		return false;
	if (f->ns && f->now - c->until > f->ns)
		return true;
	if (f->held - c->blocks.len < f->bytes)
		return false;
	f->is_short |= f->ns != 0;
	return true;
}

/* Of exactly the size: there are many of them, and growing would round it up. */
static int chunk_create(const struct buf *b, const struct point *start, struct chunk **ret)
{
	struct chunk *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->start = point_copy(start);
	c->blocks.data = malloc(b->len);
	if (!c->start || !c->blocks.data) {
		chunk_free(c);
		return -ENOMEM;
	}
	c->blocks.cap = b->len;
	buf_append(&c->blocks, b->data, b->len);
	*ret = c;
	return 0;
}

int flight_put(struct flight *f, struct buf *b, const struct point *start, uint64_t now)
{
	struct chunk *c;

	if (chunk_create(b, start, &c))
		return -ENOMEM;
	buf_reset(b);
	/* The buffers of the CPUs are read one after another: times go back. */
	f->now = now > f->now ? now : f->now;
	c->until = f->now;
	if (f->newest)
		f->newest->next = c;
	else
		f->oldest = c;
	f->newest = c;
	f->held += c->blocks.len;
	while (is_spare(f)) {
		chunk_free(take_oldest(f));
		f->forgot = true;
	}
	return 0;
}

bool flight_empty(const struct flight *f)
{
	return !f->oldest;
}

const struct point *flight_start(const struct flight *f)
{
	return f->oldest ? f->oldest->start : NULL;
}

bool flight_forgot(const struct flight *f)
{
	return f->forgot;
}

bool flight_short(const struct flight *f)
{
	return f->is_short;
}

bool flight_pop(struct flight *f, struct buf *to)
{
	struct chunk *c = take_oldest(f);

	f->forgot = f->is_short = false;
	if (!c)
		return false;
	*to = c->blocks;
	c->blocks = (struct buf){};
	chunk_free(c);
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_HIT_FIXTURE_H
#define TESTS_HIT_FIXTURE_H

/* For unit tests that look at single hits: where they come from, for setup and teardown of their
 * group. */

#include "report/read/capture.h"
#include "report/read/hit.h"

static struct hit_pool *pool;
static struct captures captures;

static inline int hits_up(void **state)
{
	(void)state;
	return hit_pool_create(&pool);
}

static inline int hits_down(void **state)
{
	(void)state;
	hit_pool_destroy(pool);
	captures_deinit(&captures);
	return 0;
}

/* A hit of func in capture 1; to be freed. */
static inline struct hit *hit_made(const struct event *e, const uint8_t *frame, uint32_t n,
				   struct func *func, int64_t when)
{
	struct hit *h = hit_new(pool, e, frame, n);

	h->capture = captures_get(&captures, 1);
	h->func = func;
	h->when = when;
	return h;
}

#endif

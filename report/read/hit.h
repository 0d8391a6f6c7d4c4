/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_HIT_H
#define REPORT_HIT_H

/*
 * One event on its way through the report, with all that it borrows from: it owns its bytes, so it
 * outlives the block it came from. Hits come from a pool and go back to it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cursor.h"
#include "common/event.h"

struct capture;
struct func;

struct hit {
	struct event event; /* its pointers point into bytes[] */
	struct capture *capture;
	struct func *func; /* never NULL */
	int64_t when;	   /* event.ktime on the wall clock, ns since 1970: orders all captures */
	size_t file;	   /* of those that are read, 0 the first that was given */
	uint64_t nth;	   /* of the hits in it, 0 the first */
	uint32_t caplen;
	uint32_t origlen;
	uint32_t size_class;
	uint64_t atoms;	    /* of the filter's expression, those about hits that are true of it, */
	uint64_t any_atoms; /* and those about any hit of a path: see filter.h */
	struct cursor options; /* of its block, in bytes[]; empty unless by hit_new_whole() */
	uint8_t bytes[];       /* the packet first */
};

/* ns from one time to a later one; hostile ones are further apart than an int64_t can tell. */
static inline uint64_t time_span(int64_t from, int64_t to)
{
	return to > from ? (uint64_t)to - (uint64_t)from : 0;
}

#define HIT_MAX_PACKET 4096u /* packet bytes kept: headers are all the report looks at */

struct hit_pool; /* opaque */

int hit_pool_create(struct hit_pool **ret); /* -ENOMEM */
/* Frees all hits, returned or not, but the largest (over 4 KiB). */
void hit_pool_destroy(struct hit_pool *p);

/* A copy of e and of all it points to; capture, func and when are the caller's to set. NULL without
 * memory. */
struct hit *hit_new(struct hit_pool *p, const struct event *e, const uint8_t *packet,
		    uint32_t caplen);
/* The same with options, and nothing is cut: for who writes the capture anew. */
struct hit *hit_new_whole(struct hit_pool *p, const struct event *e, const uint8_t *packet,
			  uint32_t caplen, const struct cursor *options);
void hit_free(struct hit_pool *p, struct hit *h); /* h may be NULL */

/* The addresses and ports: of the packet (true), or of its socket when it has no headers yet. */
bool hit_tuple(const struct hit *h, struct event_tuple *t);

#endif

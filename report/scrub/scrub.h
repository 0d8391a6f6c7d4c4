/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SCRUB_H
#define REPORT_SCRUB_H

/*
 * One capture as it may be shared. Everything is put together anew from what is known to be safe
 * (FORMAT.md, "Scrubbed captures", lists it), nothing is a copy with parts taken out: what nobody
 * thought of is not there.
 *
 *	for each hit to be written: scrub_survey()
 *	scrub_settle()
 *	scrub_info(), scrub_func(), scrub_snapshot(), then scrub_hit() and scrub_note()
 */

#include "common/buf.h"
#include "report/read/capture.h"
#include "report/read/hit.h"
#include "report/scrub/scrub_address.h"

struct scrub; /* opaque */

/* All are borrowed. -ENOMEM. */
int scrub_create(struct scrub_key *key, struct scrub_address *addresses, struct capture *c,
		 struct scrub **ret);
void scrub_destroy(struct scrub *s);

int scrub_survey(struct scrub *s, const struct hit *h); /* 0, -ENOMEM */
int scrub_settle(struct scrub *s);			/* 0, -ENOMEM */

/* The uuid and tag that stand for the capture's. */
void scrub_info(const struct scrub *s, struct event_info *ret);
void scrub_func(const struct scrub *s, const struct func *f, struct event_func *ret);
void scrub_snapshot(const struct scrub *s, struct buf *raw);

/* A hit with the new event and packet, to be freed; NULL without memory. */
struct hit *scrub_hit(const struct scrub *s, struct hit_pool *pool, const struct hit *h);
/* The note's new body goes to body. false: it is not kept. */
bool scrub_note(const struct scrub *s, const struct event_note *n, struct buf *body,
		struct event_note *ret);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PATHS_H
#define REPORT_PATHS_H

/* The paths view: what its two renderers share. */

#include "report/options.h"
#include "report/path/path.h"
#include "report/render/sink.h"

#define PATHS_DEPTH 8u /* generations that are indented; later ones are not further */

struct ranking;
struct shapes;

struct paths {
	const struct report_options *options;
	struct sink *out;
	struct hop_choice choice;
	struct ranking *ranking; /* NULL: they are shown as they end */
	struct shapes *shapes;	 /* NULL: each is shown */
	uint64_t families;	 /* shown */
	uint64_t shown;
	uint64_t outcomes[OUTCOMES];
	uint64_t hits;
	uint64_t inferring[1024 / 64]; /* captures, by index, that this was said of */
	bool branch[PATHS_DEPTH];      /* of the tree: a line leads on to the next child there */
	unsigned int depth;
};

static inline bool paths_hop_shown(const struct paths *v, const struct hop *h)
{
	return hop_shown(v->choice, h);
}

/* "NETFILTER_DROP", "reason 77", NULL. */
static inline const char *paths_reason(const struct path *p)
{
	return p->reason ? p->reason : p->unnamed;
}

/* Of a tree as text, at v->depth. What stands before a line of a block; the same before its header,
 * after an empty line of the tree. */
void paths_lead(struct paths *v);
void paths_branch(struct paths *v, const struct path *p);
/* Said once a capture, at the top. */
void paths_inferring(struct paths *v, struct capture *c);

/* A family, as track_done_fn: a tree of blocks; a line a path. */
void paths_text(struct paths *v, struct path *const *paths, size_t n);
void paths_json(struct paths *v, struct path *const *paths, size_t n);
void paths_csv(struct paths *v, struct path *const *paths, size_t n);
void paths_csv_header(struct paths *v);

#endif

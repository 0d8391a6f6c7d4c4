/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

/*
 * A view is what the pipe ends in: it is handed hits in order, and families of paths when they have
 * ended, and prints. One file each; this table is the only list of them.
 */

#include "report/read/hit.h"
#include "report/options.h"
#include "report/render/sink.h"
#include "report/totals.h"
#include "report/path/track.h"

enum view_need { VIEW_HITS, VIEW_LIVES, VIEW_HOPS };

struct view_ops {
	const char *name;
	bool no_csv; /* it refuses --csv */
	/* Not NULL: all there is of it, instead of the pipe. An exit code. */
	int (*run)(const struct report_options *o);
	/* What of the tracker it needs: nothing, paths without hops, paths. NULL: paths. */
	enum view_need (*need)(const struct report_options *o);
	/* o and out are borrowed. -ENOMEM. */
	int (*create)(const struct report_options *o, struct sink *out, void **ret);
	void (*destroy)(void *view);
	/* It takes hits whose match is not decided yet, and waits for their families. */
	bool late;
	/* path: NULL without tracker or for a hit that belongs to none. May be NULL. */
	void (*hit)(void *view, const struct hit *h, const struct path *p, bool matched);
	/* A family, or a member handed on before it, as track_done_fn. May be NULL. */
	void (*family)(void *view, struct path *const *paths, size_t n);
	void (*end)(void *view, const struct totals *t);
	/* After end: what was asked for is not to be had, which the view has said. May be NULL. */
	bool (*refused)(const void *view);
};

extern const struct view_ops view_paths;
extern const struct view_ops view_events;
extern const struct view_ops view_follow;
extern const struct view_ops view_drops;
extern const struct view_ops view_functions;
extern const struct view_ops view_latency;
extern const struct view_ops view_info;
extern const struct view_ops view_debuginfo;
extern const struct view_ops view_blocks;
/* Only a name: what is written by -w is no view's. */
extern const struct view_ops view_export;

/* Which hops a view of paths shows. */
struct hop_choice view_choice(const struct report_options *o);

const struct view_ops *view_find(const char *name); /* NULL: no view's name */

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each packet's journey, families together. A filter that one member matches shows them all; with
 * --only-events those of their hops that match.
 */
#include <errno.h>
#include <stdlib.h>

#include "report/paths.h"
#include "report/view.h"

static enum view_need paths_need(const struct report_options *o)
{
	(void)o;
	return VIEW_HOPS;
}

static int paths_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct paths *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	v->options = o;
	v->out = out;
	if (o->csv)
		paths_csv_header(v);
	*ret = v;
	return 0;
}

static bool any_hop_shown(const struct paths *v, const struct path *p)
{
	for (size_t i = 0; i < p->n_hops; i++)
		if (paths_hop_shown(v, &p->hops[i]))
			return true;
	return false;
}

static bool family_shown(const struct paths *v, struct path *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (paths[i]->matched && (!v->options->only_events || any_hop_shown(v, paths[i])))
			return true;
	return false;
}

static void paths_family(void *view, struct path *const *paths, size_t n)
{
	struct paths *v = view;

	if (!family_shown(v, paths, n))
		return;
	v->shown += n;
	for (size_t i = 0; i < n; i++) {
		v->outcomes[paths[i]->outcome]++;
		v->hits += paths[i]->hits;
	}
	if (v->options->json)
		paths_json(v, paths, n);
	else if (v->options->csv)
		paths_csv(v, paths, n);
	else
		paths_text(v, paths, n);
}

static void paths_end(void *view, const struct totals *t)
{
	static const enum outcome order[] = {OUTCOME_CONSUMED, OUTCOME_DROPPED, OUTCOME_MERGED,
					     OUTCOME_NO_END, OUTCOME_ALIVE};
	static const char *const words[] = {"consumed", "dropped", "merged", "end not seen",
					    "still alive"};
	struct paths *v = view;
	struct sink *s = v->out;

	if (v->options->json || v->options->csv)
		return;
	sink_u64(s, v->shown);
	if (v->shown != t->track->packets) {
		sink_str(s, " of ");
		sink_u64(s, t->track->packets);
	}
	sink_str(s, t->track->packets == 1 ? " packet" : " packets");
	for (size_t i = 0; i < OUTCOMES; i++) {
		sink_str(s, i ? ", " : ": ");
		sink_u64(s, v->outcomes[order[i]]);
		sink_char(s, ' ');
		sink_str(s, words[i]);
	}
	sink_str(s, "; ");
	sink_u64(s, v->hits);
	sink_str(s, v->hits == 1 ? " hit; " : " hits; ");
	totals_text(s, t);
	sink_char(s, '\n');
}

const struct view_ops view_paths = {
	.name = "paths",
	.need = paths_need,
	.create = paths_create,
	.destroy = free,
	.family = paths_family,
	.end = paths_end,
};

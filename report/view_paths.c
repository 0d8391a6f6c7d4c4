// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each packet's journey, families together. A filter that one member matches shows them all.
 */
#include <errno.h>
#include <stdlib.h>

#include "common/log.h"
#include "report/paths.h"
#include "report/ranking.h"
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
	if (o->order != ORDER_ENDED &&
	    ranking_create(o->order, o->top, o->all, RANKING_MAX_BYTES, &v->ranking)) {
		free(v);
		return -ENOMEM;
	}
	*ret = v;
	return 0;
}

static void paths_destroy(void *view)
{
	struct paths *v = view;

	ranking_destroy(v->ranking);
	free(v);
}

static void show(struct paths *v, struct path *const *paths, size_t n)
{
	v->families++;
	v->shown += n;
	for (size_t i = 0; i < n; i++) {
		v->outcomes[paths[i]->outcome]++;
		v->hits += paths[i]->hits;
	}
	if (v->options->json)
		paths_json(v, paths, n);
	else
		paths_text(v, paths, n);
}

static void paths_family(void *view, struct path *const *paths, size_t n)
{
	struct paths *v = view;
	bool matched = false;

	for (size_t i = 0; i < n && !matched; i++)
		matched = paths[i]->matched;
	if (!matched)
		return;
	if (v->ranking)
		ranking_add(v->ranking, paths, n);
	else if (!v->options->top || v->families < v->options->top)
		show(v, paths, n);
}

/* Packets that there was no room for. */
static uint64_t show_ranking(struct paths *v)
{
	struct kept *k;

	if (!v->ranking)
		return 0;
	while ((k = ranking_take(v->ranking))) {
		show(v, k->paths, k->n);
		kept_destroy(k);
	}
	return ranking_left_out(v->ranking);
}

static void paths_end(void *view, const struct totals *t)
{
	static const enum outcome order[] = {OUTCOME_CONSUMED, OUTCOME_DROPPED, OUTCOME_MERGED,
					     OUTCOME_NO_END, OUTCOME_ALIVE};
	static const char *const words[] = {"consumed", "dropped", "merged", "end not seen",
					    "still alive"};
	struct paths *v = view;
	uint64_t left_out = show_ranking(v);
	struct sink *s = v->out;

	if (left_out)
		log_warn("%llu packets are not shown: more than can be sorted; --top or a filter "
			 "makes them fewer",
			 (unsigned long long)left_out);
	if (v->options->json)
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
	.destroy = paths_destroy,
	.family = paths_family,
	.end = paths_end,
};

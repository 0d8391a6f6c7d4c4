// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each packet's journey, families together. A filter that one member matches shows them all; with
 * --only-events those of their hops that match.
 */
#include <errno.h>
#include <stdlib.h>

#include "common/log.h"
#include "report/views/paths.h"
#include "report/views/ranking.h"
#include "report/views/shapes_render.h"
#include "report/view.h"

static int paths_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct paths *v = calloc(1, sizeof(*v));
	int err = 0;

	if (!v)
		return -ENOMEM;
	v->options = o;
	v->out = out;
	v->choice = view_choice(o);
	if (o->group)
		err = shapes_create(v->choice, SHAPES_MAX_BYTES, &v->shapes);
	else if (o->order != ORDER_ENDED)
		err = ranking_create(o->order, o->top, v->choice, RANKING_MAX_BYTES, &v->ranking);
	if (err) {
		free(v);
		return err;
	}
	if (o->csv && !o->group)
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

static void paths_destroy(void *view)
{
	struct paths *v = view;

	ranking_destroy(v->ranking);
	shapes_destroy(v->shapes);
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
	else if (v->options->csv)
		paths_csv(v, paths, n);
	else
		paths_text(v, paths, n);
}

static void paths_family(void *view, struct path *const *paths, size_t n)
{
	struct paths *v = view;

	if (!family_shown(v, paths, n))
		return;
	if (v->shapes)
		shapes_add(v->shapes, paths, n);
	else if (v->ranking)
		ranking_add(v->ranking, paths, n);
	else if (!v->options->top || v->families < v->options->top)
		show(v, paths, n);
}

static void show_ranking(struct paths *v)
{
	uint64_t left_out = ranking_left_out(v->ranking);
	struct kept *k;

	while ((k = ranking_take(v->ranking))) {
		show(v, k->paths, k->n);
		kept_destroy(k);
	}
	if (left_out)
		log_warn("%llu packets are not shown: more than can be sorted; --top or a filter "
			 "makes them fewer",
			 (unsigned long long)left_out);
}

static void show_shape(struct paths *v, struct shape *shape)
{
	const struct kept *k = shape->example;

	v->families++;
	v->shown += shape->count * k->n;
	v->hits += shape->hits;
	for (size_t i = 0; i < k->n; i++)
		v->outcomes[k->paths[i]->outcome] += shape->count;
	if (v->options->json)
		shapes_json(v, shape);
	else if (v->options->csv)
		shapes_csv(v, shape, v->families);
	else
		shapes_text(v, shape);
}

static void show_shapes(struct paths *v)
{
	uint64_t others = shapes_others(v->shapes), delays = shapes_delays_left_out(v->shapes);
	struct shape *const *all;
	size_t n;

	if (v->options->csv)
		shapes_csv_head(v->out);
	all = shapes_sorted(v->shapes, &n);
	for (size_t i = 0; i < n && (!v->options->top || i < v->options->top); i++)
		show_shape(v, all[i]);
	if (others)
		log_warn("%llu packets are in no group: more different ones than can be kept",
			 (unsigned long long)others);
	if (delays)
		log_warn("%llu delays are not in the percentiles: more groups than memory for them",
			 (unsigned long long)delays);
}

static void paths_end(void *view, const struct totals *t)
{
	static const enum outcome order[] = {OUTCOME_CONSUMED, OUTCOME_DROPPED, OUTCOME_MERGED,
					     OUTCOME_NO_END, OUTCOME_ALIVE};
	static const char *const words[] = {"consumed", "dropped", "merged", "end not seen",
					    "still alive"};
	struct paths *v = view;
	struct sink *s = v->out;

	if (v->shapes)
		show_shapes(v);
	else if (v->ranking)
		show_ranking(v);
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
	.create = paths_create,
	.destroy = paths_destroy,
	.family = paths_family,
	.end = paths_end,
};

// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/shapes_render.h"

#include "report/views/path_text.h"

#define DELAY_COLUMNS 14

static void text_count(struct paths *v, const struct shape *shape)
{
	bool one = shape->count == 1;
	struct sink *s = v->out;

	text_colour(s, TEXT_BOLD);
	sink_u64(s, shape->count);
	if (shape->example->n == 1)
		sink_str(s, one ? " packet like " : " packets like ");
	else
		sink_str(s, one ? " family like " : " families like ");
	text_colour(s, TEXT_PLAIN);
}

static void text_times(struct paths *v, struct shape *shape)
{
	struct sink *s = v->out;

	text_time(s, shape->first, false);
	if (shape->last != shape->first) {
		sink_str(s, " to ");
		text_time(s, shape->last, false);
	}
	text_duration(s, "  p50 ", percentiles_at(&shape->duration, 500), 0);
	text_duration(s, "  p99 ", percentiles_at(&shape->duration, 990), 0);
}

static void text_header(struct paths *v, struct shape *shape, const struct path *p)
{
	uint64_t hops = path_hops(p, v->choice);
	struct sink *s = v->out;

	paths_branch(v, p);
	if (!v->depth)
		text_count(v, shape);
	text_colour(s, TEXT_BOLD);
	path_text_name(s, p);
	sink_mem(s, "  ", 2);
	path_text_tuple(s, p);
	text_colour(s, TEXT_PLAIN);
	sink_mem(s, "  ", 2);
	if (!v->depth)
		text_times(v, shape);
	sink_str(s, v->depth ? "" : "  ");
	sink_u64(s, hops);
	sink_str(s, hops == 1 ? " hop  " : " hops  ");
	path_text_colour(s, p);
	path_text_end(s, p);
	text_colour(s, TEXT_PLAIN);
	sink_char(s, '\n');
}

static void text_columns(struct paths *v)
{
	paths_lead(v);
	text_colour(v->out, TEXT_DIM);
	sink_fill(v->out, ' ', DELAY_COLUMNS - 3);
	sink_str(v->out, "p50");
	sink_fill(v->out, ' ', DELAY_COLUMNS - 3);
	sink_str(v->out, "p99");
	text_colour(v->out, TEXT_PLAIN);
	sink_char(v->out, '\n');
}

/* edge: NULL at the first. */
static void text_hop(struct paths *v, const struct hop *h, struct percentiles *edge)
{
	struct sink *s = v->out;

	paths_lead(v);
	if (edge) {
		text_duration(s, "+", percentiles_at(edge, 500), DELAY_COLUMNS);
		text_duration(s, "+", percentiles_at(edge, 990), DELAY_COLUMNS);
	} else {
		sink_fill(s, ' ', 2 * DELAY_COLUMNS);
	}
	sink_mem(s, "  ", 2);
	text_func(s, h->func);
	sink_str(s, h->flags & EVENT_RETURN ? " (return)\n" : "\n");
}

static void text_path(struct paths *v, struct shape *shape, const struct path *p, size_t *edge)
{
	static const struct loss none;
	bool first = true;

	text_header(v, shape, p);
	text_columns(v);
	for (size_t i = 0; i < p->n_hops; i++) {
		if (!paths_hop_shown(v, &p->hops[i]))
			continue;
		text_hop(v, &p->hops[i], first ? NULL : &shape->edges[(*edge)++]);
		first = false;
	}
	paths_lead(v);
	sink_fill(v->out, ' ', 2 * DELAY_COLUMNS + 2);
	path_text_outcome(v->out, p, &none);
	sink_char(v->out, '\n');
}

void shapes_text(struct paths *v, struct shape *shape)
{
	const struct kept *k = shape->example;
	size_t edge = 0;

	v->depth = 0;
	paths_inferring(v, k->paths[0]->capture);
	for (size_t i = 0; i < k->n; i++) {
		if (k->paths[i]->parent)
			continue;
		for (const struct path *p = k->paths[i]; p;
		     p = path_next(k->paths[i], p, &v->depth))
			text_path(v, shape, p, &edge);
	}
	sink_char(v->out, '\n');
}

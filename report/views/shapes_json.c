// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/shapes_render.h"

#include "report/read/capture.h"
#include "report/path/outcome.h"
#include "report/render/render_csv.h"
#include "report/render/render_json.h"

static void json_percentiles(struct sink *s, struct percentiles *e)
{
	json_maybe(s, "p50_ns", e, e ? percentiles_at(e, 500) : 0);
	json_maybe(s, "p99_ns", e, e ? percentiles_at(e, 990) : 0);
}

static void json_hops(struct paths *v, struct shape *shape, const struct path *p, size_t *edge)
{
	struct sink *s = v->out;
	bool first = true;

	json_key(s, "hops");
	json_open(s, '[');
	for (size_t i = 0; i < p->n_hops; i++) {
		const struct hop *h = &p->hops[i];

		if (!paths_hop_shown(v, h))
			continue;
		json_open(s, '{');
		json_str(s, "func", h->func->name);
		json_str(s, "module", h->func->module);
		json_bool(s, "return", h->flags & EVENT_RETURN);
		json_percentiles(s, first ? NULL : &shape->edges[(*edge)++]);
		json_close(s, '}');
		first = false;
	}
	json_close(s, ']');
}

static void json_path(struct paths *v, struct shape *shape, const struct path *p, size_t *edge)
{
	struct sink *s = v->out;

	json_open(s, '{');
	json_u64(s, "number", p->packet);
	json_maybe(s, "parent", p->parent, p->parent ? p->parent->packet : 0);
	json_str(s, "kind", p->origin.kind ? path_edge_word(p->origin.kind) : NULL);
	json_str(s, "outcome", outcome_word(p->outcome));
	json_str(s, "reason", paths_reason(p));
	json_str(s, "by", p->verdict ? p->verdict->func->name : NULL);
	json_caller(s, "culprit", p->capture, p->culprit);
	json_hops(v, shape, p, edge);
	json_close(s, '}');
}

void shapes_json(struct paths *v, struct shape *shape)
{
	const struct kept *k = shape->example;
	unsigned int depth = 0;
	struct sink *s = v->out;
	size_t edge = 0;

	json_open(s, '{');
	json_u64(s, "count", shape->count);
	json_u64(s, "hits", shape->hits);
	json_u64(s, "number", k->paths[0]->packet);
	json_hex(s, "capture", k->paths[0]->capture->tag);
	json_str(s, "host", k->paths[0]->capture->host);
	json_time(s, "first", shape->first);
	json_time(s, "last", shape->last);
	json_key(s, "duration");
	json_open(s, '{');
	json_percentiles(s, &shape->duration);
	json_close(s, '}');
	json_key(s, "paths");
	json_open(s, '[');
	for (size_t i = 0; i < k->n; i++) {
		if (k->paths[i]->parent)
			continue;
		for (const struct path *p = k->paths[i]; p; p = path_next(k->paths[i], p, &depth))
			json_path(v, shape, p, &edge);
	}
	json_close(s, ']');
	json_close(s, '}');
	sink_char(s, '\n');
}

void shapes_csv_head(struct sink *s)
{
	sink_str(s, "group,count,number,first,last,path,parent,kind,outcome,reason,");
	sink_str(s, CSV_CALLER("culprit"));
	sink_str(s, ",hop,func,module,return,p50_ns,p99_ns\n");
}

static void csv_path(struct paths *v, struct shape *shape, const struct path *p, uint64_t group)
{
	struct sink *s = v->out;

	csv_u64(s, group);
	csv_u64(s, shape->count);
	csv_u64(s, shape->example->paths[0]->packet);
	csv_time(s, shape->first);
	csv_time(s, shape->last);
	csv_u64(s, p->packet);
	csv_maybe(s, p->parent, p->parent ? p->parent->packet : 0);
	csv_str(s, p->origin.kind ? path_edge_word(p->origin.kind) : NULL);
	csv_str(s, outcome_word(p->outcome));
	csv_str(s, paths_reason(p));
	csv_caller(s, p->capture, p->culprit);
}

static void csv_hops(struct paths *v, struct shape *shape, const struct path *p, uint64_t group,
		     size_t *edge)
{
	struct sink *s = v->out;
	uint64_t number = 0;

	for (size_t i = 0; i < p->n_hops; i++) {
		const struct hop *h = &p->hops[i];
		struct percentiles *e;

		if (!paths_hop_shown(v, h))
			continue;
		e = number++ ? &shape->edges[(*edge)++] : NULL;
		csv_path(v, shape, p, group);
		csv_u64(s, number);
		csv_str(s, h->func->name);
		csv_str(s, h->func->module);
		csv_bool(s, h->flags & EVENT_RETURN);
		csv_maybe(s, e, e ? percentiles_at(e, 500) : 0);
		csv_maybe(s, e, e ? percentiles_at(e, 990) : 0);
		csv_end(s);
	}
	if (number)
		return;
	csv_path(v, shape, p, group);
	for (int i = 0; i < 6; i++)
		csv_none(s);
	csv_end(s);
}

void shapes_csv(struct paths *v, struct shape *shape, uint64_t group)
{
	const struct kept *k = shape->example;
	unsigned int depth = 0;
	size_t edge = 0;

	for (size_t i = 0; i < k->n; i++) {
		if (k->paths[i]->parent)
			continue;
		for (const struct path *p = k->paths[i]; p; p = path_next(k->paths[i], p, &depth))
			csv_hops(v, shape, p, group, &edge);
	}
}

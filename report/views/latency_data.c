// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/capture.h"
#include "report/views/latency.h"
#include "report/render/render_csv.h"
#include "report/render/render_json.h"

/* ---- JSON ---- */

static void json_times(struct sink *s, struct percentiles *p)
{
	bool known = p->count > p->left_out;

	json_u64(s, "count", p->count);
	json_u64(s, "total_ns", p->sum);
	json_maybe(s, "min_ns", p->count, p->min);
	json_maybe(s, "p50_ns", known, percentiles_at(p, 500));
	json_maybe(s, "p90_ns", known, percentiles_at(p, 900));
	json_maybe(s, "p99_ns", known, percentiles_at(p, 990));
	json_maybe(s, "max_ns", p->count, p->max);
	json_bool(s, "exact", percentiles_exact(p));
	json_u64(s, "left_out", p->left_out);
}

static void json_edge(struct sink *s, const struct latency_edge *e, struct percentiles *p)
{
	json_open(s, '{');
	json_hex(s, "capture", e->capture->tag);
	json_str(s, "host", e->capture->host);
	json_str(s, "from", e->from->name);
	json_str(s, "from_module", e->from->module);
	json_str(s, "to", e->to->name);
	json_str(s, "to_module", e->to->module);
	json_times(s, p);
	json_null(s, "packets");
	json_key(s, "histogram");
	json_open(s, '[');
	json_close(s, ']');
	json_key(s, "slowest");
	json_open(s, '[');
	json_close(s, ']');
	json_close(s, '}');
	sink_char(s, '\n');
}

static void json_histogram(struct sink *s, const uint64_t *buckets)
{
	json_key(s, "histogram");
	json_open(s, '[');
	for (unsigned int i = 0; i < LATENCY_BUCKETS; i++) {
		if (!buckets[i])
			continue;
		json_open(s, '{');
		json_u64(s, "from_ns", i ? latency_bound(i - 1) : 0);
		json_u64(s, "below_ns", latency_bound(i));
		json_u64(s, "count", buckets[i]);
		json_close(s, '}');
	}
	json_close(s, ']');
}

static void json_slowest(struct sink *s, const struct latency_pair *l)
{
	json_key(s, "slowest");
	json_open(s, '[');
	for (size_t i = 0; i < l->n_slow; i++) {
		json_open(s, '{');
		json_u64(s, "number", l->slow[i].packet);
		json_hex(s, "capture", l->slow[i].capture->tag);
		json_str(s, "host", l->slow[i].capture->host);
		json_time(s, "time", l->slow[i].when);
		json_u64(s, "duration_ns", l->slow[i].ns);
		json_tuple(s, &l->slow[i].tuple);
		json_close(s, '}');
	}
	json_close(s, ']');
}

static void json_pair(struct latency *v)
{
	struct sink *s = v->out;

	json_open(s, '{');
	json_null(s, "capture");
	json_null(s, "host");
	json_str(s, "from", v->options->from);
	json_null(s, "from_module");
	json_str(s, "to", v->options->to);
	json_null(s, "to_module");
	json_times(s, &v->pair.times);
	json_u64(s, "packets", v->pair.packets);
	json_histogram(s, v->pair.buckets);
	json_slowest(s, &v->pair);
	json_close(s, '}');
	sink_char(s, '\n');
}

void latency_json(struct latency *v, const uint32_t *order)
{
	size_t n = v->edges ? tally_top(v->options, groups_count(v->edges)) : 0;

	for (size_t i = 0; i < n; i++)
		json_edge(v->out, groups_key(v->edges, order[i]), groups_value(v->edges, order[i]));
	if (!v->edges)
		json_pair(v);
}

/* ---- CSV ---- */

static void csv_times(struct sink *s, struct percentiles *p, bool pair, uint64_t packets)
{
	bool known = p->count > p->left_out;

	csv_u64(s, p->count);
	csv_u64(s, p->sum);
	csv_maybe(s, p->count, p->min);
	csv_maybe(s, known, percentiles_at(p, 500));
	csv_maybe(s, known, percentiles_at(p, 900));
	csv_maybe(s, known, percentiles_at(p, 990));
	csv_maybe(s, p->count, p->max);
	csv_bool(s, percentiles_exact(p));
	csv_u64(s, p->left_out);
	csv_maybe(s, pair, packets);
	csv_end(s);
}

static void csv_edge(struct sink *s, const struct latency_edge *e, struct percentiles *p)
{
	csv_hex(s, e->capture->tag);
	csv_str(s, e->capture->host);
	csv_str(s, e->from->name);
	csv_str(s, e->from->module);
	csv_str(s, e->to->name);
	csv_str(s, e->to->module);
	csv_times(s, p, false, 0);
}

static void csv_pair(struct latency *v)
{
	struct sink *s = v->out;

	csv_none(s);
	csv_none(s);
	csv_str(s, v->options->from);
	csv_none(s);
	csv_str(s, v->options->to);
	csv_none(s);
	csv_times(s, &v->pair.times, true, v->pair.packets);
}

void latency_csv(struct latency *v, const uint32_t *order)
{
	size_t n = v->edges ? tally_top(v->options, groups_count(v->edges)) : 0;

	sink_str(v->out, "capture,host,from,from_module,to,to_module,count,total_ns,min_ns,p50_ns,"
			 "p90_ns,p99_ns,max_ns,exact,left_out,packets\n");
	for (size_t i = 0; i < n; i++)
		csv_edge(v->out, groups_key(v->edges, order[i]), groups_value(v->edges, order[i]));
	if (!v->edges)
		csv_pair(v);
}

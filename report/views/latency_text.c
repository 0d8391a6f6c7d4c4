// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/capture.h"
#include "report/views/latency.h"
#include "report/render/render_text.h"

#include <string.h>

#define BEFORE_BAR 33 /* columns */

static const unsigned int per_mille[] = {500, 900, 990};

/* ---- edges ---- */

static void text_edge(struct latency *v, const struct latency_edge *e, struct percentiles *p)
{
	const char *name = capture_name(e->capture);
	struct sink *s = v->out;

	text_duration(s, "", p->sum, 12);
	tally_number(s, p->count, 9);
	for (size_t i = 0; i < sizeof(per_mille) / sizeof(per_mille[0]); i++)
		text_duration(s, percentiles_exact(p) ? "" : "~", percentiles_at(p, per_mille[i]),
			      12);
	text_duration(s, "", p->max, 12);
	sink_mem(s, "  ", 2);
	text_func(s, e->from);
	sink_str(s, " > ");
	text_func(s, e->to);
	if (name) {
		sink_mem(s, "  ", 2);
		text_escaped(s, name, strlen(name));
	}
	sink_char(s, '\n');
}

static void text_notes(struct latency *v, bool estimated, uint64_t left_out, unsigned int exact)
{
	struct sink *s = v->out;

	if (estimated)
		sink_printf(s, "~ at most 1 %% from the truth: of more than %u times\n", exact);
	if (left_out) {
		tally_text(s, left_out, "time is", "times are");
		sink_str(s, " not in the percentiles: no memory for them\n");
	}
}

static void text_edges(struct latency *v, const uint32_t *order)
{
	size_t n = groups_count(v->edges), top = tally_top(v->options, n);
	bool estimated = false;
	uint64_t left_out = 0;
	struct sink *s = v->out;

	sink_str(
		s,
		"       total    count         p50         p90         p99         max  from > to\n");
	for (size_t i = 0; i < top; i++) {
		struct percentiles *p = groups_value(v->edges, order[i]);

		text_edge(v, groups_key(v->edges, order[i]), p);
		estimated |= !percentiles_exact(p);
		left_out += p->left_out;
	}
	if (top < n) {
		tally_text(s, n - top, "more edge", "more edges");
		sink_str(s, " (--top)\n");
	}
	text_notes(v, estimated, left_out, LATENCY_EDGE_EXACT);
	if (v->left_out) {
		tally_text(s, v->left_out, "more time", "more times");
		sink_printf(s, " between other functions: only %u edges are kept\n", LATENCY_EDGES);
	}
	tally_text(s, n, "edge", "edges");
	sink_str(s, " of ");
}

/* ---- a pair ---- */

static void text_bound(struct sink *s, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = {{1000000000, " s"}, {1000000, " ms"}, {1000, " µs"}, {1, " ns"}};
	size_t i = 0;

	while (ns < units[i].ns && i < 3)
		i++;
	tally_number(s, ns / units[i].ns, 6);
	sink_str(s, units[i].name);
	sink_fill(s, ' ', units[i].ns == 1000000000);
}

static void text_histogram(struct latency *v)
{
	const uint64_t *buckets = v->pair.buckets;
	unsigned int first = 0, last = LATENCY_BUCKETS - 1;
	struct sink *s = v->out;
	int room = s->width - BEFORE_BAR;
	uint64_t most = 0;

	while (!buckets[first])
		first++;
	while (!buckets[last])
		last--;
	for (unsigned int i = first; i <= last; i++)
		most = buckets[i] > most ? buckets[i] : most;
	sink_char(s, '\n');
	for (unsigned int i = first; i <= last; i++) {
		double part = (double)buckets[i] / (double)most * room;

		text_bound(s, i ? latency_bound(i - 1) : 0);
		sink_str(s, " to");
		text_bound(s, latency_bound(i));
		tally_number(s, buckets[i], 10);
		if (buckets[i]) {
			sink_mem(s, "  ", 2);
			sink_fill(s, '#', part < 1 ? 1 : (int)part);
		}
		sink_char(s, '\n');
	}
}

static void text_slowest(struct latency *v)
{
	const struct latency_pair *l = &v->pair;
	struct sink *s = v->out;

	sink_str(s, "\nthe slowest:\n");
	for (size_t i = 0; i < l->n_slow; i++) {
		const char *name = capture_name(l->slow[i].capture);

		text_duration(s, "", l->slow[i].ns, 12);
		sink_mem(s, "  ", 2);
		text_time(s, l->slow[i].when, false);
		sink_str(s, "  #");
		sink_u64(s, l->slow[i].packet);
		sink_mem(s, "  ", 2);
		if (name) {
			text_escaped(s, name, strlen(name));
			sink_mem(s, "  ", 2);
		}
		if (l->slow[i].tuple.family)
			text_tuple(s, &l->slow[i].tuple);
		else
			sink_str(s, "no IP addresses");
		sink_char(s, '\n');
	}
	sink_char(s, '\n');
}

/* There are some. */
static void text_times(struct latency *v)
{
	struct percentiles *p = &v->pair.times;
	struct sink *s = v->out;

	for (size_t i = 0; i < sizeof(per_mille) / sizeof(per_mille[0]); i++) {
		sink_printf(s, "%sp%u ", i ? "  " : "", per_mille[i] / 10);
		text_duration(s, percentiles_exact(p) ? "" : "~", percentiles_at(p, per_mille[i]),
			      0);
	}
	sink_str(s, "  max ");
	text_duration(s, "", p->max, 0);
	sink_str(s, "  min ");
	text_duration(s, "", p->min, 0);
	sink_char(s, '\n');
	text_notes(v, !percentiles_exact(p), p->left_out, LATENCY_PAIR_EXACT);
	text_histogram(v);
	text_slowest(v);
}

static void text_pair(struct latency *v)
{
	const struct report_options *o = v->options;
	struct percentiles *p = &v->pair.times;
	struct sink *s = v->out;

	text_colour(s, TEXT_BOLD);
	text_escaped(s, o->from, strlen(o->from));
	sink_str(s, " > ");
	text_escaped(s, o->to, strlen(o->to));
	text_colour(s, TEXT_PLAIN);
	sink_char(s, '\n');
	if (p->count)
		text_times(v);
	sink_u64(s, p->count);
	sink_str(s, " of ");
	tally_text(s, v->pair.packets, "packet", "packets");
	sink_str(s, " got there; ");
}

void latency_text(struct latency *v, const uint32_t *order, const struct totals *t)
{
	if (v->edges)
		text_edges(v, order);
	else
		text_pair(v);
	tally_end(v->out, &v->tally, t);
}

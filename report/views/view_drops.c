// SPDX-License-Identifier: GPL-2.0-only
/* Why packets were dropped, where, and of which flows: the most first. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "report/read/capture.h"
#include "report/views/drops.h"
#include "report/view.h"

static void drops_destroy(void *view)
{
	struct drops *v = view;

	groups_destroy(v->places);
	groups_destroy(v->flows);
	free(v->order);
	free(v->by_place);
	free(v);
}

static int drops_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct drops *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	v->options = o;
	v->out = out;
	if (groups_create(sizeof(struct drops_place_key), sizeof(struct drops_place), DROPS_PLACES,
			  &v->places) ||
	    groups_create(sizeof(struct drops_flow), sizeof(struct drops_count), DROPS_FLOWS,
			  &v->flows)) {
		drops_destroy(v);
		return -ENOMEM;
	}
	*ret = v;
	return 0;
}

const char *drops_reason(const struct drops_place_key *k, char *text)
{
	const char *name = k->has_reason ? capture_reason(k->capture, k->reason) : NULL;

	if (name || !k->has_reason)
		return name;
	snprintf(text, 24, "reason %u", k->reason);
	return text;
}

/* ---- collecting ---- */

static uint32_t functions_before(const struct drops *v, const struct path *p,
				 const struct func **ret)
{
	const struct func *back[DROPS_BEFORE];
	uint32_t n = 0;

	for (const struct hop *h = p->verdict; h > p->hops && n < DROPS_BEFORE;)
		if (tally_hop_shown(v->options, --h))
			back[n++] = h->func;
	for (uint32_t i = 0; i < n; i++)
		ret[i] = back[n - 1 - i];
	return n;
}

static void add_before(struct drops *v, struct drops_place *place, const struct path *p)
{
	const struct func *before[DROPS_BEFORE] = {NULL};
	uint32_t n = functions_before(v, p, before);

	if (place->packets == 1) {
		memcpy(place->before, before, sizeof(before));
		place->n_before = n;
	}
	place->alike += n == place->n_before && !memcmp(before, place->before, sizeof(before));
}

static void add_flow(struct drops *v, uint32_t index, struct drops_place *place,
		     const struct path *p, int64_t when)
{
	uint16_t first = tuples_first(&p->tuples);
	struct drops_flow f = {.place = index};
	struct drops_count *c;
	size_t i;

	if (first != TUPLES_NONE) {
		const struct event_tuple *t = &p->tuples.all[first];

		f.family = t->family;
		f.proto = t->proto;
		f.has_ports = t->has_ports;
		f.sport = t->has_ports ? t->sport : 0;
		f.dport = t->has_ports ? t->dport : 0;
		f.has_icmp = t->has_icmp;
		f.icmp_type = t->has_icmp ? t->icmp_type : 0;
		memcpy(f.src, t->src, t->family == 4 ? 4 : 16);
		memcpy(f.dst, t->dst, t->family == 4 ? 4 : 16);
	}
	i = groups_add(v->flows, &f);
	if (i == GROUPS_NONE) {
		place->flowless++;
		return;
	}
	c = groups_value(v->flows, i);
	place->flows += !c->packets;
	if (!c->packets || when < c->first)
		c->first = when;
	if (!c->packets || when > c->last)
		c->last = when;
	c->packets++;
}

static void add_path(struct drops *v, const struct path *p)
{
	struct drops_place_key k = {
		.capture = p->capture,
		.by = p->verdict->func,
		.culprit = p->culprit,
		.reason = p->verdict->flags & EVENT_REASON ? p->verdict->reason : 0,
		.has_reason = p->verdict->flags & EVENT_REASON ? 1 : 0,
	};
	size_t i = groups_add(v->places, &k);
	struct drops_place *place;
	int64_t when = tally_when(p, p->verdict);

	v->dropped++;
	if (i == GROUPS_NONE) {
		v->placeless++;
		return;
	}
	place = groups_value(v->places, i);
	if (!place->packets || when < place->first)
		place->first = when;
	if (!place->packets || when > place->last)
		place->last = when;
	place->packets++;
	add_before(v, place, p);
	add_flow(v, (uint32_t)i, place, p, when);
}

static void drops_family(void *view, struct path *const *paths, size_t n)
{
	struct drops *v = view;

	if (!tally_family(&v->tally, paths, n))
		return;
	for (size_t i = 0; i < n; i++)
		if (paths[i]->outcome == OUTCOME_DROPPED && paths[i]->verdict)
			add_path(v, paths[i]);
}

/* ---- order: the most packets first, of as many the earliest ---- */

static int compare(uint64_t packets_a, int64_t first_a, uint32_t a, uint64_t packets_b,
		   int64_t first_b, uint32_t b)
{
	if (packets_a != packets_b)
		return packets_a > packets_b ? -1 : 1;
	if (first_a != first_b)
		return first_a < first_b ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int compare_places(const void *a, const void *b, void *ctx)
{
	const struct drops *v = ctx;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct drops_place *x = groups_value(v->places, i), *y = groups_value(v->places, j);

	return compare(x->packets, x->first, i, y->packets, y->first, j);
}

static int compare_flows(const void *a, const void *b, void *ctx)
{
	const struct drops *v = ctx;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct drops_flow *f = groups_key(v->flows, i), *g = groups_key(v->flows, j);
	const struct drops_count *x = groups_value(v->flows, i), *y = groups_value(v->flows, j);

	if (f->place != g->place)
		return compare_places(&f->place, &g->place, ctx);
	return compare(x->packets, x->first, i, y->packets, y->first, j);
}

/* JSON says it of each place, text among the flows. */
static uint64_t flowless(const struct drops *v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < groups_count(v->places); i++)
		n += ((struct drops_place *)groups_value(v->places, i))->flowless;
	return n;
}

static void drops_end(void *view, const struct totals *t)
{
	struct drops *v = view;

	v->order = tally_order(groups_count(v->places), compare_places, v);
	v->by_place = tally_order(groups_count(v->flows), compare_flows, v);
	if (!v->order || !v->by_place)
		return;
	if (!v->options->json && !v->options->csv) {
		drops_text(v, t);
		return;
	}
	if (v->options->json)
		drops_json(v);
	else
		drops_csv(v);
	if (v->placeless)
		log_warn("%llu more packets were dropped at other places: %u are kept",
			 (unsigned long long)v->placeless, DROPS_PLACES);
	if (v->options->csv && flowless(v))
		log_warn("%llu more packets that were dropped are of other flows: %u are kept",
			 (unsigned long long)flowless(v), DROPS_FLOWS);
}

const struct view_ops view_drops = {
	.name = "drops",
	.create = drops_create,
	.destroy = drops_destroy,
	.family = drops_family,
	.end = drops_end,
};

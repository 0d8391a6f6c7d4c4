// SPDX-License-Identifier: GPL-2.0-only
/* How long it takes from function to function: where the most time goes first. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "report/read/capture.h"
#include "report/views/latency.h"
#include "report/view.h"

static void latency_destroy(void *view)
{
	struct latency *v = view;

	for (size_t i = 0; v->edges && i < groups_count(v->edges); i++)
		percentiles_deinit(groups_value(v->edges, i));
	groups_destroy(v->edges);
	latency_pair_deinit(&v->pair);
	free(v);
}

static int latency_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct latency *v = calloc(1, sizeof(*v));
	int err;

	if (!v)
		return -ENOMEM;
	v->options = o;
	v->out = out;
	v->purse.pages = PERCENTILES_PURSE;
	err = o->from && o->to
		      ? latency_pair_init(v)
		      : groups_create(sizeof(struct latency_edge), sizeof(struct percentiles),
				      LATENCY_EDGES, &v->edges);
	if (err) {
		latency_destroy(v);
		return err;
	}
	*ret = v;
	return 0;
}

bool latency_is(const struct func *f, const char *name)
{
	size_t len = strlen(name);

	if (len < f->name_len || memcmp(name, f->name, f->name_len))
		return false;
	name += f->name_len;
	if (!*name)
		return true;
	return f->module_len && len == (size_t)f->name_len + f->module_len + 3 &&
	       !memcmp(name, " [", 2) && !memcmp(name + 2, f->module, f->module_len) &&
	       name[2 + f->module_len] == ']';
}

static bool asked_for(const struct report_options *o, const struct hop *from, const struct hop *to)
{
	return (!o->from || latency_is(from->func, o->from)) &&
	       (!o->to || latency_is(to->func, o->to));
}

static void add_edge(struct latency *v, const struct path *p, const struct hop *from,
		     const struct hop *to)
{
	struct latency_edge e = {.capture = p->capture, .from = from->func, .to = to->func};
	size_t i = groups_add(v->edges, &e);

	if (i == GROUPS_NONE) {
		v->left_out++;
		return;
	}
	percentiles_add(groups_value(v->edges, i), &v->purse, LATENCY_EDGE_EXACT,
			to->ktime > from->ktime ? to->ktime - from->ktime : 0);
}

static void add_path(struct latency *v, const struct path *p)
{
	const struct hop *prev = NULL;

	for (const struct hop *h = p->hops; h < p->hops + p->n_hops; h++) {
		if (!tally_hop_shown(v->options, h))
			continue;
		if (prev && asked_for(v->options, prev, h))
			add_edge(v, p, prev, h);
		prev = h;
	}
}

static void latency_family(void *view, struct path *const *paths, size_t n)
{
	struct latency *v = view;

	if (!tally_family(&v->tally, paths, n))
		return;
	if (!v->edges) {
		latency_pair_family(v, paths, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		add_path(v, paths[i]);
}

static int compare(const void *a, const void *b, void *ctx)
{
	const struct latency *v = ctx;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct percentiles *x = groups_value(v->edges, i), *y = groups_value(v->edges, j);

	if (x->sum != y->sum)
		return x->sum > y->sum ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return i < j ? -1 : i > j;
}

/* Of functions that were asked for and are not there. */
static void complain(const struct latency *v)
{
	const struct report_options *o = v->options;

	if (v->left_out && (o->json || o->csv))
		log_warn("%llu more times were between other functions: %u edges are kept",
			 (unsigned long long)v->left_out, LATENCY_EDGES);
	if (v->edges) {
		if ((o->from || o->to) && !groups_count(v->edges))
			log_warn("no edge %s %s", o->from ? "from" : "to",
				 o->from ? o->from : o->to);
	} else if (!v->pair.packets) {
		log_warn("no hit of %s", o->from);
	} else if (!v->pair.times.count) {
		log_warn("no hit of %s after one of %s", o->to, o->from);
	}
}

static void latency_end(void *view, const struct totals *t)
{
	struct latency *v = view;
	uint32_t *order = tally_order(v->edges ? groups_count(v->edges) : 0, compare, v);

	if (!order)
		return;
	if (v->options->json)
		latency_json(v, order);
	else if (v->options->csv)
		latency_csv(v, order);
	else
		latency_text(v, order, t);
	complain(v);
	free(order);
}

const struct view_ops view_latency = {
	.name = "latency",
	.create = latency_create,
	.destroy = latency_destroy,
	.family = latency_family,
	.end = latency_end,
};

// SPDX-License-Identifier: GPL-2.0-only
/* How often each function was hit, by how many packets, and in how many of them they were dropped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "report/read/capture.h"
#include "report/views/groups.h"
#include "report/render/render_csv.h"
#include "report/render/render_json.h"
#include "report/render/render_text.h"
#include "report/views/tally.h"
#include "report/view.h"

#define FUNCTIONS 65536u /* at most; hits of others are only counted */

/* A key: no padding. */
struct key {
	struct capture *capture;
	const struct func *func;
};

struct row {
	uint64_t hits;
	uint64_t packets;
	uint64_t drops;
	int64_t first;
	int64_t last;
	uint64_t path; /* the last that was counted in packets */
};

struct functions {
	const struct report_options *options;
	struct sink *out;
	struct tally tally;
	struct groups *rows;
	uint64_t path; /* the one that is counted; 1 the first */
	uint64_t hits;
	uint64_t left_out; /* of functions over FUNCTIONS */
};

static void functions_destroy(void *view)
{
	struct functions *v = view;

	groups_destroy(v->rows);
	free(v);
}

static int functions_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct functions *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	v->options = o;
	v->out = out;
	if (groups_create(sizeof(struct key), sizeof(struct row), FUNCTIONS, &v->rows)) {
		free(v);
		return -ENOMEM;
	}
	*ret = v;
	return 0;
}

/* ---- collecting ---- */

static struct row *row_of(struct functions *v, const struct path *p, const struct func *f)
{
	struct key k = {.capture = p->capture, .func = f};
	size_t i = groups_add(v->rows, &k);

	return i == GROUPS_NONE ? NULL : groups_value(v->rows, i);
}

static void add_hop(struct functions *v, const struct path *p, const struct hop *h)
{
	struct row *r = row_of(v, p, h->func);
	int64_t when = tally_when(p, h);

	v->hits++;
	if (!r) {
		v->left_out++;
		return;
	}
	if (!r->hits || when < r->first)
		r->first = when;
	if (!r->hits || when > r->last)
		r->last = when;
	r->hits++;
	r->packets += r->path != v->path;
	r->path = v->path;
}

/* The function a packet was in when it was dropped: the last that is shown before the one that did
 * it, or without such that one. NULL: that is not shown either. */
static const struct func *dropped_in(const struct functions *v, const struct path *p)
{
	for (const struct hop *h = p->verdict; h > p->hops;)
		if (tally_hop_shown(v->options, --h))
			return h->func;
	return tally_hop_shown(v->options, p->verdict) ? p->verdict->func : NULL;
}

static void add_path(struct functions *v, const struct path *p)
{
	const struct func *f;
	struct row *r;

	v->path++;
	for (size_t i = 0; i < p->n_hops; i++)
		if (tally_hop_shown(v->options, &p->hops[i]))
			add_hop(v, p, &p->hops[i]);
	if (p->outcome != OUTCOME_DROPPED || !p->verdict)
		return;
	f = dropped_in(v, p);
	r = f ? row_of(v, p, f) : NULL;
	if (r)
		r->drops++;
}

static void functions_family(void *view, struct path *const *paths, size_t n)
{
	struct functions *v = view;

	if (!tally_family(&v->tally, paths, n))
		return;
	for (size_t i = 0; i < n; i++)
		add_path(v, paths[i]);
}

/* ---- printing ---- */

static int compare(const void *a, const void *b, void *ctx)
{
	const struct functions *v = ctx;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct row *x = groups_value(v->rows, i), *y = groups_value(v->rows, j);

	if (x->hits != y->hits)
		return x->hits > y->hits ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return i < j ? -1 : i > j;
}

static void text_row(struct functions *v, const struct key *k, const struct row *r)
{
	const char *name = capture_name(k->capture);
	struct sink *s = v->out;

	tally_number(s, r->hits, 9);
	tally_number(s, r->packets, 9);
	text_colour(s, r->drops ? TEXT_RED : TEXT_PLAIN);
	tally_number(s, r->drops, 7);
	text_colour(s, TEXT_PLAIN);
	sink_mem(s, "  ", 2);
	text_time(s, r->first, false);
	sink_mem(s, "  ", 2);
	text_time(s, r->last, false);
	sink_mem(s, "  ", 2);
	text_func(s, k->func);
	if (name) {
		sink_mem(s, "  ", 2);
		text_escaped(s, name, strlen(name));
	}
	sink_char(s, '\n');
}

static void json_row(struct functions *v, const struct key *k, const struct row *r)
{
	struct sink *s = v->out;

	json_open(s, '{');
	json_hex(s, "capture", k->capture->tag);
	json_str(s, "host", k->capture->host);
	json_str(s, "func", k->func->name);
	json_str(s, "module", k->func->module);
	json_u64(s, "hits", r->hits);
	json_u64(s, "packets", r->packets);
	json_u64(s, "drops", r->drops);
	json_time(s, "first", r->first);
	json_time(s, "last", r->last);
	json_close(s, '}');
	sink_char(s, '\n');
}

static void csv_row(struct functions *v, const struct key *k, const struct row *r)
{
	struct sink *s = v->out;

	csv_hex(s, k->capture->tag);
	csv_str(s, k->capture->host);
	csv_str(s, k->func->name);
	csv_str(s, k->func->module);
	csv_u64(s, r->hits);
	csv_u64(s, r->packets);
	csv_u64(s, r->drops);
	csv_time(s, r->first);
	csv_time(s, r->last);
	csv_end(s);
}

static void text_end(struct functions *v, size_t shown, const struct totals *t)
{
	size_t n = groups_count(v->rows);
	struct sink *s = v->out;

	if (shown < n) {
		tally_text(s, n - shown, "more function", "more functions");
		sink_str(s, " (--top)\n");
	}
	if (v->left_out) {
		tally_text(s, v->left_out, "more hit", "more hits");
		sink_printf(s, " of other functions: only %u are kept\n", FUNCTIONS);
	}
	tally_text(s, v->hits, "hit", "hits");
	sink_str(s, " of ");
	tally_text(s, n, "function", "functions");
	sink_str(s, ", by ");
	tally_end(s, &v->tally, t);
}

static void functions_end(void *view, const struct totals *t)
{
	struct functions *v = view;
	const struct report_options *o = v->options;
	size_t n = groups_count(v->rows), top = tally_top(o, n);
	uint32_t *order = tally_order(n, compare, v);

	if (!order)
		return;
	if (o->csv)
		sink_str(v->out, "capture,host,func,module,hits,packets,drops,first,last\n");
	else if (!o->json)
		sink_str(v->out,
			 "     hits  packets  drops  first            last             function\n");
	for (size_t i = 0; i < top; i++) {
		const struct key *k = groups_key(v->rows, order[i]);
		const struct row *r = groups_value(v->rows, order[i]);

		(o->json ? json_row : o->csv ? csv_row : text_row)(v, k, r);
	}
	free(order);
	if (!o->json && !o->csv)
		text_end(v, top, t);
	else if (v->left_out)
		log_warn("%llu more hits were of other functions: %u are kept",
			 (unsigned long long)v->left_out, FUNCTIONS);
}

const struct view_ops view_functions = {
	.name = "functions",
	.create = functions_create,
	.destroy = functions_destroy,
	.family = functions_family,
	.end = functions_end,
};

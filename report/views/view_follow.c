// SPDX-License-Identifier: GPL-2.0-only
/*
 * One packet with all its family, or one flow. Without --packet and --flow the flow is the one that
 * the filters leave; when they leave several, or none, that is all that is said.
 */
#include <errno.h>
#include <stdlib.h>

#include "common/log.h"
#include "report/views/follow.h"
#include "report/render/render_text.h"
#include "report/view.h"

struct follow {
	const struct report_options *options;
	struct sink *out;
	struct hop_choice choice;
	struct flow flow;
	struct flow_log *log; /* NULL: it follows packets */
	uint64_t shown;
	uint64_t unordered; /* packets of the flow that came after later ones were printed */
	uint64_t no_memory; /* packets, or families of them */
	int64_t last;	    /* first hit of the packet printed last */
	bool several;	    /* flows, and none was asked for */
};

static int follow_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct follow *v = calloc(1, sizeof(*v));
	int err = 0;

	if (!v)
		return -ENOMEM;
	v->options = o;
	v->out = out;
	v->choice = view_choice(o);
	v->flow = o->flow;
	if (!o->n_packets)
		err = flow_log_create(FLOW_LOG_MOST, &v->log);
	if (err) {
		free(v);
		return err;
	}
	*ret = v;
	return 0;
}

static void follow_destroy(void *view)
{
	struct follow *v = view;

	flow_log_destroy(v->log);
	free(v);
}

/* ---- packets ---- */

static bool asked_for(const struct follow *v, uint64_t packet)
{
	for (size_t i = 0; i < v->options->n_packets; i++)
		if (v->options->packets[i] == packet)
			return true;
	return false;
}

static void follow_packets(struct follow *v, struct path *const *paths, size_t n)
{
	bool asked = false;
	int err;

	for (size_t i = 0; i < n; i++)
		asked |= asked_for(v, paths[i]->packet);
	if (!asked)
		return;
	if (v->options->json)
		err = follow_family_json(v->out, v->choice, paths, n);
	else
		err = follow_family_text(v->out, v->choice, paths, n);
	if (err)
		v->no_memory += n;
	else
		v->shown += n;
}

/* ---- flows ---- */

static void show(struct follow *v, const struct flow_packet *p)
{
	if (!v->shown && !v->options->json) {
		flow_text_end(v->out, &v->flow, &v->flow.a);
		sink_str(v->out, " -> ");
		flow_text_end(v->out, &v->flow, &v->flow.b);
		sink_char(v->out, '\n');
	}
	if (!v->shown)
		v->last = p->path.first;
	v->unordered += p->path.first < v->last;
	if (v->options->json)
		follow_flow_json(v->out, p, v->last);
	else
		follow_flow_text(v->out, p, v->last);
	v->last = p->path.first;
	v->shown++;
}

/* The flow p is of, by the headers it had first; those of its socket come before there are any. */
static bool flow_of(const struct path *p, struct flow *ret)
{
	uint16_t first = tuples_first(&p->tuples);

	return first != TUPLES_NONE && flow_of_tuple(&p->tuples.all[first], ret);
}

static void follow_flow(struct follow *v, const struct path *p)
{
	enum flow_direction direction;
	const struct flow_packet *next;
	struct flow other;
	uint16_t tuple;

	if (!v->flow.family && !flow_of(p, &v->flow))
		return;
	direction = flow_direction_any(&v->flow, &p->tuples, &tuple);
	if (direction == FLOW_NOT) {
		v->several |= !v->options->flow.family && flow_of(p, &other);
		return;
	}
	if (v->several)
		return;
	if (flow_log_add(v->log, p, v->choice, tuple, direction))
		v->no_memory++;
	while ((next = flow_log_take(v->log, false)))
		show(v, next);
}

static void follow_family(void *view, struct path *const *paths, size_t n)
{
	struct follow *v = view;
	bool matched = false;

	for (size_t i = 0; i < n && !matched; i++)
		matched = paths[i]->matched;
	if (!matched)
		return;
	if (!v->log) {
		follow_packets(v, paths, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		follow_flow(v, paths[i]);
}

/* ---- the end ---- */

static bool follow_refused(const void *view)
{
	const struct follow *v = view;

	return v->log && !v->options->flow.family && (v->several || !v->flow.family);
}

static void complain(const struct follow *v)
{
	if (follow_refused(v))
		log_error("%s: give --packet or --flow, or filters that leave one flow",
			  v->several ? "there is more than one flow"
				     : "there is no TCP or UDP flow");
	if (v->no_memory)
		log_warn("%llu packets are not shown: out of memory",
			 (unsigned long long)v->no_memory);
	if (v->unordered)
		log_warn("%llu packets stand after later ones: they lived too long to wait for",
			 (unsigned long long)v->unordered);
}

static void follow_end(void *view, const struct totals *t)
{
	const struct flow_packet *next;
	struct follow *v = view;

	if (v->log && !follow_refused(v))
		while ((next = flow_log_take(v->log, true)))
			show(v, next);
	complain(v);
	if (v->options->json || follow_refused(v))
		return;
	sink_u64(v->out, v->shown);
	sink_str(v->out, " of ");
	sink_u64(v->out, t->track->packets);
	sink_str(v->out, t->track->packets == 1 ? " packet; " : " packets; ");
	totals_text(v->out, t);
	sink_char(v->out, '\n');
}

const struct view_ops view_follow = {
	.name = "follow",
	.no_csv = true,
	.create = follow_create,
	.destroy = follow_destroy,
	.family = follow_family,
	.end = follow_end,
	.refused = follow_refused,
};

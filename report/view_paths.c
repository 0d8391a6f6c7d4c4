// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each packet's journey. A header line that stands alone, then a line a hop with the time since the
 * one before it and what it changed; where it happens (namespace, interface, process, CPU) is said
 * when that changes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "report/outcome.h"
#include "report/render_json.h"
#include "report/render_text.h"
#include "report/view.h"

#define DELAY_COLUMNS 14

struct paths {
	const struct report_options *options;
	struct sink *out;
	uint64_t shown;
	uint64_t outcomes[OUTCOMES];
	uint64_t hits;
};

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
	*ret = v;
	return 0;
}

static bool hop_shown(const struct paths *v, const struct hop *h)
{
	return v->options->all || !(h->flags & EVENT_LIFECYCLE);
}

/* ---- text ---- */

static enum text_colour outcome_colour(enum outcome o)
{
	return o == OUTCOME_DROPPED			   ? TEXT_RED
	       : o == OUTCOME_NO_END || o == OUTCOME_ALIVE ? TEXT_YELLOW
							   : TEXT_PLAIN;
}

static const char *reason_of(const struct path *p)
{
	return p->reason ? p->reason : p->unnamed;
}

static void text_header(struct paths *v, const struct path *p)
{
	struct sink *s = v->out;
	const char *reason = reason_of(p);

	text_colour(s, TEXT_BOLD);
	sink_char(s, '#');
	sink_u64(s, p->number);
	sink_mem(s, "  ", 2);
	if (p->n_tuples)
		text_tuple(s, &p->tuples[0]);
	else
		sink_str(s, "no IP addresses");
	text_colour(s, TEXT_PLAIN);
	sink_mem(s, "  ", 2);
	text_time(s, p->first, false);
	sink_mem(s, "  ", 2);
	sink_u64(s, p->hits);
	sink_str(s, p->hits == 1 ? " hop, " : " hops, ");
	text_duration(s, "", (uint64_t)(p->last - p->first), 0);
	sink_mem(s, "  ", 2);
	text_colour(s, outcome_colour(p->outcome));
	sink_str(s, outcome_name(p->outcome));
	if (reason) {
		sink_char(s, ' ');
		text_escaped(s, reason, strlen(reason));
	}
	text_colour(s, TEXT_PLAIN);
	sink_char(s, '\n');
	if (p->inferred)
		sink_str(s, "        (identity inferred: this backend does not see every free)\n");
}

static bool same_place(const struct hop *a, const struct hop *b)
{
	/* Interned strings: equal ones are the same. */
	return a->netns == b->netns && a->ifindex == b->ifindex && a->ifname == b->ifname &&
	       a->cpu == b->cpu && a->pid == b->pid && a->comm == b->comm;
}

static void text_place(struct paths *v, const struct path *p, const struct hop *h)
{
	struct sink *s = v->out;
	const char *netns = capture_netns(p->capture, h->netns);
	const char *ifname =
		h->ifname[0] ? h->ifname : capture_iface(p->capture, h->netns, h->ifindex);

	text_colour(s, TEXT_DIM);
	sink_str(s, "        ");
	if (h->netns) {
		sink_str(s, "netns ");
		sink_u64(s, h->netns);
		if (netns) {
			sink_mem(s, " (", 2);
			text_escaped(s, netns, strlen(netns));
			sink_char(s, ')');
		}
		sink_mem(s, "  ", 2);
	}
	if (ifname) {
		text_escaped(s, ifname, strlen(ifname));
		sink_mem(s, "  ", 2);
	} else if (h->ifindex) {
		sink_str(s, "interface ");
		sink_u64(s, h->ifindex);
		sink_mem(s, "  ", 2);
	}
	text_escaped(s, h->comm, strlen(h->comm));
	sink_char(s, '(');
	sink_u64(s, h->pid);
	sink_str(s, ")  cpu ");
	sink_u64(s, h->cpu);
	text_colour(s, TEXT_PLAIN);
	sink_char(s, '\n');
}

static void text_change(struct sink *s, const char *what, uint64_t from, uint64_t to, bool hex)
{
	if (from == to)
		return;
	sink_str(s, what);
	if (hex)
		sink_hex(s, from, 1);
	else
		sink_u64(s, from);
	sink_str(s, hex ? " -> 0x" : " -> ");
	if (hex)
		sink_hex(s, to, 1);
	else
		sink_u64(s, to);
}

/* The tuple in force at h: not each hop has one. */
static uint16_t tuple_after(uint16_t before, const struct hop *h)
{
	return h->tuple == HOP_NO_TUPLE ? before : h->tuple;
}

static void text_hop(struct paths *v, const struct path *p, const struct hop *h,
		     const struct hop *prev, uint16_t tuple)
{
	uint64_t ns = prev && h->ktime > prev->ktime ? h->ktime - prev->ktime : 0;
	struct sink *s = v->out;

	text_duration(s, "+", ns, DELAY_COLUMNS);
	sink_mem(s, "  ", 2);
	text_func(s, h->func);
	if (prev) {
		text_change(s, "  mark 0x", prev->mark, h->mark, true);
		text_change(s, "  len ", prev->len, h->len, false);
		if (prev->flags & h->flags & EVENT_VLAN)
			text_change(s, "  vlan ", prev->vlan & 0xfff, h->vlan & 0xfff, false);
	} else if (h->mark) {
		sink_str(s, "  mark 0x");
		sink_hex(s, h->mark, 1);
	}
	if (tuple != HOP_NO_TUPLE && tuple_after(tuple, h) != tuple) {
		sink_str(s, "  now ");
		text_tuple(s, &p->tuples[h->tuple]);
	}
	sink_char(s, '\n');
}

static void text_outcome(struct paths *v, const struct path *p)
{
	struct sink *s = v->out;
	const char *reason = reason_of(p);

	sink_fill(s, ' ', DELAY_COLUMNS + 2);
	text_colour(s, outcome_colour(p->outcome));
	sink_str(s, outcome_name(p->outcome));
	if (p->outcome == OUTCOME_DROPPED) {
		if (reason) {
			sink_mem(s, ": ", 2);
			text_escaped(s, reason, strlen(reason));
		}
		if (p->culprit) {
			sink_str(s, " by ");
			text_caller(s, p->capture, p->culprit);
		}
		if (!reason)
			sink_str(s, " (this kernel tells no reason)");
	}
	if (p->inferred)
		sink_str(s, " (inferred)");
	text_colour(s, TEXT_PLAIN);
	sink_mem(s, "\n\n", 2);
}

static void text_path(struct paths *v, const struct path *p)
{
	const struct hop *prev = NULL;
	uint16_t tuple = HOP_NO_TUPLE;

	text_header(v, p);
	for (size_t i = 0; i < p->n_hops; i++) {
		const struct hop *h = &p->hops[i];

		if (!hop_shown(v, h))
			continue;
		if (!prev || !same_place(prev, h))
			text_place(v, p, h);
		text_hop(v, p, h, prev, tuple);
		tuple = tuple_after(tuple, h);
		prev = h;
	}
	if (p->n_hops < p->hits)
		sink_printf(v->out, "        … and %llu more hops that were not kept\n",
			    (unsigned long long)(p->hits - p->n_hops));
	text_outcome(v, p);
}

/* ---- JSON ---- */

static void json_hop(struct paths *v, const struct path *p, const struct hop *h,
		     const struct hop *prev)
{
	struct sink *s = v->out;

	json_open(s, '{');
	json_u64(s, "ktime", h->ktime);
	json_u64(s, "delay_ns", prev && h->ktime > prev->ktime ? h->ktime - prev->ktime : 0);
	json_str(s, "func", h->func->name);
	json_str(s, "module", h->func->module);
	json_u64(s, "cpu", h->cpu);
	json_u64(s, "pid", h->pid);
	json_str(s, "comm", h->comm);
	json_u64(s, "netns", h->netns);
	json_u64(s, "ifindex", h->ifindex);
	json_str(s, "ifname", h->ifname);
	json_u64(s, "mark", h->mark);
	json_u64(s, "len", h->len);
	json_u64(s, "mtu", h->mtu);
	json_u64(s, "proto", h->protocol);
	if (h->tuple == HOP_NO_TUPLE)
		json_null(s, "tuple");
	else
		json_u64(s, "tuple", h->tuple);
	if (h->caller)
		json_hex(s, "caller", h->caller);
	else
		json_null(s, "caller");
	if (!(h->flags & EVENT_REASON))
		json_null(s, "reason");
	else if (capture_reason(p->capture, h->reason))
		json_str(s, "reason", capture_reason(p->capture, h->reason));
	else
		json_hex(s, "reason", h->reason);
	json_close(s, '}');
}

static void json_path(struct paths *v, const struct path *p)
{
	const struct hop *prev = NULL;
	struct sink *s = v->out;

	json_open(s, '{');
	json_u64(s, "number", p->number);
	json_hex(s, "packet", p->packet);
	json_hex(s, "skb", p->skb);
	json_hex(s, "capture", p->capture->tag);
	json_time(s, "time", p->first);
	json_u64(s, "duration_ns", (uint64_t)(p->last - p->first));
	json_u64(s, "hits", p->hits);
	json_str(s, "outcome", outcome_word(p->outcome));
	json_str(s, "reason", reason_of(p));
	json_caller(s, "culprit", p->capture, p->culprit);
	json_bool(s, "inferred", p->inferred);
	json_bool(s, "begun", p->begun);
	json_key(s, "tuples");
	json_open(s, '[');
	for (size_t i = 0; i < p->n_tuples; i++) {
		json_open(s, '{');
		json_tuple(s, &p->tuples[i]);
		json_close(s, '}');
	}
	json_close(s, ']');
	json_key(s, "hops");
	json_open(s, '[');
	for (size_t i = 0; i < p->n_hops; i++) {
		if (!hop_shown(v, &p->hops[i]))
			continue;
		json_hop(v, p, &p->hops[i], prev);
		prev = &p->hops[i];
	}
	json_close(s, ']');
	json_close(s, '}');
	sink_char(s, '\n');
}

/* ---- the view ---- */

static void paths_path(void *view, const struct path *p)
{
	struct paths *v = view;

	if (!p->matched)
		return;
	v->shown++;
	v->outcomes[p->outcome]++;
	v->hits += p->hits;
	if (v->options->json)
		json_path(v, p);
	else
		text_path(v, p);
}

static void paths_end(void *view, const struct totals *t)
{
	static const enum outcome order[] = {OUTCOME_CONSUMED, OUTCOME_DROPPED, OUTCOME_FREED,
					     OUTCOME_NO_END, OUTCOME_ALIVE};
	static const char *const words[] = {"consumed", "dropped", "freed", "end not seen",
					    "still alive"};
	struct paths *v = view;
	struct sink *s = v->out;

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
	.destroy = free,
	.path = paths_path,
	.end = paths_end,
};

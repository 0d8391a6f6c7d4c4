// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each packet's journey. A header line that stands alone, then a line a hop with the time since the
 * one before it and what it changed; where it happens (namespace, interface, process, CPU) is said
 * when that changes.
 */
#include <errno.h>
#include <stdlib.h>

#include "report/loss.h"
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
	uint64_t inferring[1024 / 64]; /* captures, by index, that this was said of */
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

/* Said once a capture, at the top. */
static void text_inferring(struct paths *v, struct capture *c)
{
	uint64_t *said = &v->inferring[c->index / 64 % (1024 / 64)], bit = 1ull << c->index % 64;
	const char *name = capture_name(c);
	struct sink *s = v->out;

	if (!capture_infers(c) || *said & bit)
		return;
	*said |= bit;
	if (name) {
		text_escaped(s, name, strlen(name));
		sink_mem(s, ": ", 2);
	}
	sink_str(s, "which hits are of the same packet is inferred: this backend does not see "
		    "every free\n\n");
}

static void text_header(struct paths *v, const struct path *p, const struct loss *loss)
{
	uint16_t first = tuples_first(&p->tuples);
	const char *reason = reason_of(p), *name = capture_name(p->capture);
	struct sink *s = v->out;

	text_colour(s, TEXT_BOLD);
	sink_char(s, '#');
	sink_u64(s, p->number);
	sink_mem(s, "  ", 2);
	if (name) {
		text_escaped(s, name, strlen(name));
		sink_mem(s, "  ", 2);
	}
	if (first != TUPLES_NONE)
		text_tuple(s, &p->tuples.all[first]);
	else
		sink_str(s, "no IP addresses");
	text_colour(s, TEXT_PLAIN);
	sink_mem(s, "  ", 2);
	text_time(s, p->first, false);
	sink_mem(s, "  ", 2);
	sink_u64(s, p->hits);
	sink_str(s, p->hits == 1 ? " hop, " : " hops, ");
	text_duration(s, "", time_span(p->first, p->last), 0);
	sink_mem(s, "  ", 2);
	text_colour(s, outcome_colour(p->outcome));
	sink_str(s, outcome_name(p->outcome));
	if (reason) {
		sink_char(s, ' ');
		text_escaped(s, reason, strlen(reason));
	}
	if (loss->hits)
		sink_str(s, " (may lack hops)");
	text_colour(s, TEXT_PLAIN);
	sink_char(s, '\n');
}

/* Where a packet is, as far as it is known: a hop without a device tells nothing about it. */
struct place {
	uint32_t netns;
	uint32_t ifindex;
	uint32_t pid;
	uint16_t cpu;
	const char *ifname;
	const char *comm;
};

static struct place place_after(const struct place *before, const struct hop *h)
{
	struct place at = *before;

	if (h->netns && h->netns != at.netns) {
		if (at.netns) {
			at.ifindex = 0;
			at.ifname = "";
		}
		at.netns = h->netns;
	}
	if (h->ifindex || h->ifname[0]) {
		at.ifindex = h->ifindex;
		at.ifname = h->ifname;
	}
	at.pid = h->pid;
	at.cpu = h->cpu;
	at.comm = h->comm;
	return at;
}

static bool same_place(const struct place *a, const struct place *b)
{
	/* Interned strings: equal ones are the same. */
	return a->netns == b->netns && a->ifindex == b->ifindex && a->ifname == b->ifname &&
	       a->cpu == b->cpu && a->pid == b->pid && a->comm == b->comm;
}

static void text_place(struct paths *v, const struct path *p, const struct place *at)
{
	struct sink *s = v->out;
	const char *netns = capture_netns(p->capture, at->netns);
	const char *ifname =
		at->ifname[0] ? at->ifname : capture_iface(p->capture, at->netns, at->ifindex);

	text_colour(s, TEXT_DIM);
	sink_str(s, "        ");
	if (at->netns) {
		sink_str(s, "netns ");
		sink_u64(s, at->netns);
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
	} else if (at->ifindex) {
		sink_str(s, "interface ");
		sink_u64(s, at->ifindex);
		sink_mem(s, "  ", 2);
	}
	text_escaped(s, at->comm, strlen(at->comm));
	sink_char(s, '(');
	sink_u64(s, at->pid);
	sink_str(s, ")  cpu ");
	sink_u64(s, at->cpu);
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
	return h->tuple == TUPLES_NONE ? before : h->tuple;
}

static void text_tuple_change(struct sink *s, const struct tuples *ts, uint16_t from, uint16_t to)
{
	sink_str(s, "  now ");
	text_tuple(s, &ts->all[to]);
	if (tuples_from_headers(ts, from))
		return;
	sink_str(s, " (its socket: ");
	text_tuple(s, &ts->all[from]);
	sink_char(s, ')');
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
	if (tuple != TUPLES_NONE && tuple_after(tuple, h) != tuple)
		text_tuple_change(s, &p->tuples, tuple, h->tuple);
	sink_char(s, '\n');
}

static void text_drop(struct sink *s, const struct path *p)
{
	const char *reason = reason_of(p);

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

static void text_consumed(struct sink *s, const struct path *p)
{
	if (!p->verdict)
		return;
	sink_str(s, " by ");
	text_func(s, p->verdict->func);
	if (!p->culprit)
		return;
	sink_str(s, " <- ");
	text_caller(s, p->capture, p->culprit);
}

static void text_loss(struct sink *s, const struct loss *l)
{
	if (!l->hits)
		return;
	sink_str(s, " (may lack hops: ");
	for (unsigned int i = 0; i < l->cpus && i < LOSS_CPUS; i++) {
		sink_str(s, i ? ", " : "");
		sink_u64(s, l->of[i].hits);
		sink_str(s, " lost on cpu ");
		sink_u64(s, l->of[i].cpu);
	}
	sink_str(s, l->cpus > LOSS_CPUS ? ", …)" : ")");
}

static void text_outcome(struct paths *v, const struct path *p, const struct loss *loss)
{
	struct sink *s = v->out;

	sink_fill(s, ' ', DELAY_COLUMNS + 2);
	text_colour(s, outcome_colour(p->outcome));
	sink_str(s, outcome_name(p->outcome));
	if (p->outcome == OUTCOME_DROPPED)
		text_drop(s, p);
	else if (p->outcome == OUTCOME_CONSUMED)
		text_consumed(s, p);
	if (p->inferred)
		sink_str(s, " (inferred)");
	text_loss(s, loss);
	text_colour(s, TEXT_PLAIN);
	sink_mem(s, "\n\n", 2);
}

static void text_path(struct paths *v, const struct path *p)
{
	struct place at = {.ifname = ""}, before;
	const struct hop *prev = NULL;
	uint16_t tuple = TUPLES_NONE;
	struct loss loss;

	loss_of_path(p, &loss);
	text_inferring(v, p->capture);
	text_header(v, p, &loss);
	for (size_t i = 0; i < p->n_hops; i++) {
		const struct hop *h = &p->hops[i];

		if (!hop_shown(v, h))
			continue;
		before = at;
		at = place_after(&before, h);
		if (!prev || !same_place(&before, &at))
			text_place(v, p, &at);
		text_hop(v, p, h, prev, tuple);
		tuple = tuple_after(tuple, h);
		prev = h;
	}
	if (p->n_hops < p->hits)
		sink_printf(v->out, "        … and %llu more hops that were not kept\n",
			    (unsigned long long)(p->hits - p->n_hops));
	text_outcome(v, p, &loss);
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
	if (h->tuple == TUPLES_NONE)
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
	uint16_t first = tuples_first(&p->tuples);
	const struct hop *prev = NULL;
	struct sink *s = v->out;
	struct loss loss;

	loss_of_path(p, &loss);
	json_open(s, '{');
	json_u64(s, "number", p->number);
	json_hex(s, "packet", p->packet);
	json_hex(s, "skb", p->skb);
	json_hex(s, "capture", p->capture->tag);
	json_str(s, "host", p->capture->host);
	json_time(s, "time", p->first);
	json_u64(s, "duration_ns", time_span(p->first, p->last));
	json_u64(s, "hits", p->hits);
	json_str(s, "outcome", outcome_word(p->outcome));
	json_str(s, "reason", reason_of(p));
	json_str(s, "by", p->verdict ? p->verdict->func->name : NULL);
	json_caller(s, "culprit", p->capture, p->culprit);
	json_bool(s, "inferred", p->inferred);
	json_bool(s, "begun", p->begun);
	json_u64(s, "may_lack", loss.hits);
	if (first != TUPLES_NONE)
		json_u64(s, "header", first);
	else
		json_null(s, "header");
	json_key(s, "tuples");
	json_open(s, '[');
	for (uint16_t i = 0; i < p->tuples.count; i++) {
		json_open(s, '{');
		json_tuple(s, &p->tuples.all[i]);
		json_bool(s, "from_socket", !tuples_from_headers(&p->tuples, i));
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
	static const enum outcome order[] = {OUTCOME_CONSUMED, OUTCOME_DROPPED, OUTCOME_NO_END,
					     OUTCOME_ALIVE};
	static const char *const words[] = {"consumed", "dropped", "end not seen", "still alive"};
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

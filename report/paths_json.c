// SPDX-License-Identifier: GPL-2.0-only
#include "report/paths.h"

#include "report/capture.h"
#include "report/hop_changes.h"
#include "report/loss.h"
#include "report/outcome.h"
#include "report/render_json.h"

static void json_changes(struct sink *s, const char *key, unsigned int changes)
{
	bool any = false;

	json_key(s, key);
	json_open(s, '[');
	for (unsigned int i = 0; i < HOP_CHANGES; i++) {
		if (!(changes >> i & 1))
			continue;
		sink_str(s, any ? ",\"" : "\"");
		sink_str(s, hop_change_word(i));
		sink_char(s, '"');
		any = true;
	}
	json_close(s, ']');
}

static void json_hop(struct paths *v, const struct path *p, const struct hop_walk *w)
{
	const struct hop *h = w->hop, *prev = w->prev;
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
	json_bool(s, "return", h->flags & EVENT_RETURN);
	json_changes(s, "changed", w->changes);
	json_close(s, '}');
}

static void json_relations(struct sink *s, const struct path *p)
{
	json_u64(s, "family", p->family);
	if (p->origin.kind) {
		json_key(s, "parent");
		json_open(s, '{');
		json_hex(s, "packet", p->origin.packet);
		json_maybe(s, "number", p->origin.number, p->origin.packet);
		json_str(s, "kind", path_edge_word(p->origin.kind));
		json_bool(s, "inferred", p->origin.inferred);
		json_close(s, '}');
	} else {
		json_null(s, "parent");
	}
	json_maybe(s, "merged_into", p->outcome == OUTCOME_MERGED, p->into.packet);
	json_str(s, "merged_by", p->outcome == OUTCOME_MERGED ? p->into.func->name : NULL);
	json_key(s, "merged");
	json_open(s, '[');
	for (size_t i = 0; i < p->n_merged; i++) {
		sink_str(s, i ? "," : "");
		sink_u64(s, p->merged[i].packet);
	}
	json_close(s, ']');
}

static void json_path(struct paths *v, const struct path *p)
{
	uint16_t first = tuples_first(&p->tuples);
	struct sink *s = v->out;
	struct hop_walk walk;
	struct loss loss;

	hop_walk_init(&walk);
	loss_of_path(p, &loss);
	json_open(s, '{');
	json_u64(s, "number", p->packet);
	json_hex(s, "packet", p->packet);
	json_hex(s, "skb", p->skb);
	json_hex(s, "capture", p->capture->tag);
	json_str(s, "host", p->capture->host);
	json_time(s, "time", p->first);
	json_u64(s, "duration_ns", time_span(p->first, p->last));
	json_u64(s, "hits", p->hits);
	json_str(s, "outcome", outcome_word(p->outcome));
	json_str(s, "reason", paths_reason(p));
	json_str(s, "by", p->verdict ? p->verdict->func->name : NULL);
	json_caller(s, "culprit", p->capture, p->culprit);
	json_bool(s, "inferred", p->inferred);
	json_bool(s, "begun", p->begun);
	json_u64(s, "may_lack", loss.hits);
	json_relations(s, p);
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
		if (!paths_hop_shown(v, &p->hops[i]))
			continue;
		hop_walk_next(&walk, &p->hops[i]);
		json_hop(v, p, &walk);
	}
	json_close(s, ']');
	json_close(s, '}');
	sink_char(s, '\n');
}

void paths_json(struct paths *v, struct path *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_path(v, paths[i]);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "report/events.h"

#include "report/capture.h"
#include "report/render_json.h"

/* How the function was probed. */
static void json_func(struct sink *s, const struct func *f)
{
	json_hex(s, "func_address", f->addr);
	if (f->known) {
		json_u64(s, "attach", f->how);
		json_u64(s, "skb_arg", f->arg);
		json_u64(s, "roles", f->roles);
		json_bool(s, "ordinal", f->ordinal);
		return;
	}
	json_null(s, "attach");
	json_null(s, "skb_arg");
	json_null(s, "roles");
	json_null(s, "ordinal");
}

static void json_parent(struct sink *s, const struct event *e)
{
	if (!e->parent_kind) {
		json_null(s, "parent");
		json_null(s, "parent_kind");
		json_null(s, "parent_inferred");
		return;
	}
	json_hex(s, "parent", e->parent);
	json_str(s, "parent_kind", path_edge_word(e->parent_kind));
	json_bool(s, "parent_inferred", e->parent_inferred);
}

/* What only some people ask for. */
static void json_fields(struct sink *s, const struct hit *h)
{
	const struct event *e = &h->event;

	if (e->flags & EVENT_VLAN)
		json_u64(s, "vlan", e->vlan);
	else
		json_null(s, "vlan");
	json_u64(s, "hash", e->hash);
	json_u64(s, "queue", e->queue);
	json_hex(s, "head", e->head);
	json_u64(s, "mac_header", e->mac_header);
	json_u64(s, "network_header", e->network_header);
	json_u64(s, "transport_header", e->transport_header);
	json_u64(s, "lost", e->lost);
	json_bool(s, "synth_l2", e->flags & EVENT_SYNTH_L2);
	json_bool(s, "no_l3", e->flags & EVENT_NO_L3);
	json_bool(s, "unreadable", e->flags & EVENT_UNREADABLE);
	json_stack(s, "stack", h->capture, e->stack, e->stack_len);
	json_bytes(s, "cb", e->cb, 48);
	json_bytes(s, "raw_skb", e->raw_skb, e->raw_skb_len);
	json_bool(s, "no_id", e->flags & EVENT_NO_ID);
	json_bool(s, "tx", e->flags & EVENT_TX);
	json_bool(s, "rx", e->flags & EVENT_RX);
	json_bool(s, "return", e->flags & EVENT_RETURN);
	json_func(s, h->func);
	json_parent(s, e);
}

void events_json(struct events *v, const struct hit *h)
{
	const struct event *e = &h->event;
	struct sink *s = v->out;
	struct event_tuple t;

	hit_tuple(h, &t);
	json_open(s, '{');
	json_time(s, "time", h->when);
	json_u64(s, "ktime", e->ktime);
	json_maybe(s, "number", e->packet, e->packet);
	json_hex(s, "capture", e->tag);
	json_str(s, "host", h->capture->host);
	json_hex(s, "packet", e->packet);
	json_hex(s, "skb", e->skb);
	json_str(s, "func", h->func->name);
	json_str(s, "module", h->func->module);
	json_u64(s, "cpu", e->cpu);
	json_u64(s, "seq", e->seq);
	json_u64(s, "pid", e->pid);
	json_u64(s, "tid", e->tid);
	json_str(s, "comm", e->comm);
	json_u64(s, "netns", e->netns);
	json_u64(s, "ifindex", e->ifindex);
	json_str(s, "ifname", e->ifname);
	json_u64(s, "mark", e->mark);
	json_u64(s, "len", e->len);
	json_u64(s, "data_len", e->data_len);
	json_u64(s, "mtu", e->mtu);
	json_u64(s, "proto", e->protocol);
	json_tuple(s, &t);
	json_fields(s, h);
	if (!(e->flags & EVENT_REASON))
		json_null(s, "reason");
	else if (capture_reason(h->capture, e->reason))
		json_str(s, "reason", capture_reason(h->capture, e->reason));
	else
		json_hex(s, "reason", e->reason);
	if (e->flags & EVENT_REASON)
		json_u64(s, "reason_code", e->reason);
	else
		json_null(s, "reason_code");
	json_caller(s, "caller", h->capture, e->caller);
	json_bool(s, "begin", e->flags & EVENT_BEGIN);
	json_bool(s, "end", e->flags & EVENT_END);
	json_bool(s, "matched", e->flags & EVENT_MATCHED);
	json_bool(s, "inferred", e->flags & EVENT_INFERRED);
	json_bool(s, "lifecycle", e->flags & EVENT_LIFECYCLE);
	json_close(s, '}');
	sink_char(s, '\n');
}

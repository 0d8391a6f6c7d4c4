// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line a hit, in the seed's columns. This is the view that prints most: a line is put together by
 * hand in the sink's buffer.
 */
#include <errno.h>
#include <stdlib.h>

#include "common/packet.h"
#include "report/render_json.h"
#include "report/render_text.h"
#include "report/view.h"

#define LINE_ROOM 2048 /* the four columns: names are at most 127 and 16 bytes, escaped 4 times */

struct events {
	const struct report_options *options;
	struct sink *out;
};

static enum view_need events_need(const struct report_options *o)
{
	return o->relative ? VIEW_LIVES : VIEW_HITS;
}

static int events_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct events *v = malloc(sizeof(*v));

	if (!v)
		return -ENOMEM;
	*v = (struct events){.options = o, .out = out};
	if (!o->json)
		sink_printf(out, "%18s %16s %24s %16s\n", "SKB", "PROCESS", "FUNC", "TIMESTAMP");
	*ret = v;
	return 0;
}

/* Moves what stands from start to end so that it is right-aligned in width columns. The new end. */
static char *align(char *start, char *end, int width)
{
	int pad = width - (int)(end - start);

	if (pad <= 0)
		return end;
	memmove(start + pad, start, (size_t)(end - start));
	memset(start, ' ', (size_t)pad);
	return end + pad;
}

static char *put_process(char *to, const struct event *e)
{
	char *start = to;

	*to++ = '[';
	to = text_put_escaped(to, e->comm, strlen(e->comm));
	*to++ = '(';
	to = sink_put_u64(to, e->pid);
	*to++ = ')';
	*to++ = ']';
	return align(start, to, 16);
}

static void put_meta(struct sink *s, const struct event *e)
{
	sink_str(s, " netns=");
	sink_u64(s, e->netns);
	sink_str(s, " mark=0x");
	sink_hex(s, e->mark, 1);
	sink_str(s, " ifname=");
	text_escaped(s, e->ifname, strlen(e->ifname));
	sink_str(s, " proto=0x");
	sink_hex(s, e->protocol, 4);
	sink_str(s, " mtu=");
	sink_u64(s, e->mtu);
	sink_str(s, " len=");
	sink_u64(s, e->len);
}

static void text_hit(struct events *v, const struct hit *h, const struct path *p)
{
	const struct event *e = &h->event;
	struct sink *s = v->out;
	struct event_tuple t;
	const char *name;
	char *to = sink_reserve(s, LINE_ROOM), *start = to;
	uint64_t since = p ? time_span(p->first, h->when) : 0;

	*to++ = '0';
	*to++ = 'x';
	to = align(start, sink_put_hex(to, e->skb, 1), 18);
	*to++ = ' ';
	to = put_process(to, e);
	*to++ = ' ';
	start = to;
	to = text_put_escaped(to, h->func->name, h->func->name_len);
	if (e->flags & EVENT_RETURN)
		to = text_put_escaped(to, " (return)", 9);
	to = align(start, to, 24);
	*to++ = ' ';
	start = to;
	to = sink_put_u64(to, v->options->relative ? since : e->ktime);
	sink_commit(s, align(start, to, 16));
	if (v->options->meta)
		put_meta(s, e);
	if (v->options->tuple) {
		hit_tuple(h, &t);
		sink_char(s, ' ');
		text_seed_tuple(s, &t);
	}
	if (v->options->caller) {
		sink_char(s, ' ');
		if (e->caller)
			text_caller(s, h->capture, e->caller);
		else
			sink_char(s, '-');
	}
	name = capture_name(h->capture);
	if (name) {
		sink_str(s, " host=");
		text_escaped(s, name, strlen(name));
	}
	sink_char(s, '\n');
}

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

static void json_hit(struct events *v, const struct hit *h)
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

static void events_hit(void *view, const struct hit *h, const struct path *p, bool matched)
{
	struct events *v = view;

	if (!matched || ((h->event.flags & EVENT_LIFECYCLE) && !v->options->all))
		return;
	if (v->options->json)
		json_hit(v, h);
	else
		text_hit(v, h, p);
}

static void events_end(void *view, const struct totals *t)
{
	(void)view;
	(void)t;
}

const struct view_ops view_events = {
	.name = "events",
	.need = events_need,
	.create = events_create,
	.destroy = free,
	.hit = events_hit,
	.end = events_end,
};

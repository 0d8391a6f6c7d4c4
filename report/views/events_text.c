// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line a hit, in the seed's columns. This is what prints most: a line is put together by hand in
 * the sink's buffer.
 */
#include "report/views/events.h"

#include <errno.h>
#include <stdlib.h>

#include "common/packet.h"
#include "report/read/capture.h"
#include "report/render/render_text.h"
#include "report/render/skb_dump.h"
#include "report/render/tunnel.h"

#define LINE_ROOM 2048 /* the four columns: names are at most 127 and 16 bytes, escaped 4 times */
#define INDENT	  "    "

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

/* "vxlan=10.0.0.1:1->10.0.0.2:2(udp),gre=…": the outermost first. */
static void put_tunnel(struct sink *s, const struct hit *h)
{
	struct tunnel found[TUNNEL_LEVELS];
	unsigned int n = 0;

	if (!(h->event.flags & (EVENT_NO_L3 | EVENT_UNREADABLE)))
		n = tunnel_parse(h->bytes, h->caplen, found);
	sink_char(s, ' ');
	if (!n)
		sink_char(s, '-');
	for (unsigned int i = 0; i < n; i++) {
		sink_str(s, i ? "," : "");
		sink_str(s, found[i].kind);
		sink_char(s, '=');
		text_seed_tuple(s, &found[i].inner);
	}
}

static void put_tcp_flags(struct sink *s, const struct event_tuple *t)
{
	char flags[PACKET_TCP_FLAGS_LEN];

	if (!t->has_tcp_flags) {
		sink_str(s, " -");
		return;
	}
	packet_tcp_flags(t->tcp_flags, flags);
	sink_str(s, " [");
	sink_str(s, flags);
	sink_char(s, ']');
}

/* What was asked for besides the seed's four columns. */
static void put_columns(struct events *v, const struct hit *h)
{
	const struct report_options *o = v->options;
	struct sink *s = v->out;
	struct event_tuple t;

	if (o->meta)
		put_meta(s, &h->event);
	if (o->tuple || o->tcp_flags)
		hit_tuple(h, &t);
	if (o->tuple) {
		sink_char(s, ' ');
		text_seed_tuple(s, &t);
	}
	if (o->tcp_flags)
		put_tcp_flags(s, &t);
	if (o->tunnel)
		put_tunnel(s, h);
	if (!o->caller)
		return;
	sink_char(s, ' ');
	if (h->event.caller)
		text_caller(s, h->capture, h->event.caller);
	else
		sink_char(s, '-');
}

/* ---- below the line ---- */

static void put_stack(struct sink *s, const struct hit *h)
{
	struct cursor c = cursor_of(h->event.stack, (size_t)h->event.stack_len * 8);
	uint64_t addr;

	if (!h->event.stack_len)
		sink_str(s, INDENT "-\n");
	for (uint32_t i = 0; i < h->event.stack_len; i++) {
		addr = cursor_le64(&c);
		sink_str(s, INDENT);
		text_caller(s, h->capture, addr);
		sink_char(s, '\n');
	}
}

/* How the struct sk_buff of a capture is printed, or why not. */
struct events_skb {
	struct skb_dump *dump;
	int err;
};

static void skb_free(void *value)
{
	struct events_skb *k = value;

	skb_dump_destroy(k->dump);
	free(k);
}

void events_text_deinit(struct events *v)
{
	table_deinit(&v->skbs, skb_free);
	v->n_skbs = 0;
}

/* NULL without memory. */
static struct events_skb *skb_of(struct events *v, const struct capture *c)
{
	struct events_skb *k = table_get(&v->skbs, c->tag);
	const struct snapshot *snap = c->snapshot;

	if (k)
		return k;
	if (v->n_skbs == EVENTS_MAX_SKBS)
		events_text_deinit(v);
	k = calloc(1, sizeof(*k));
	if (!k || table_set(&v->skbs, c->tag, k)) {
		free(k);
		return NULL;
	}
	v->n_skbs++;
	k->err = snap ? skb_dump_create(snap->record[SNAPSHOT_BTF].data,
					snap->record[SNAPSHOT_BTF].len, &k->dump)
		      : -ENODATA;
	return k;
}

static const char *skb_why(int err)
{
	switch (err) {
	case -ENODATA:
		return "the capture does not say how its struct sk_buff is laid out (BTF)";
	case -ENOENT:
		return "the capture's BTF has no struct sk_buff";
	case -EMSGSIZE:
		return "the capture's BTF is too large";
	case -ENOMEM:
		return "out of memory";
	default:
		return "the capture's BTF is damaged";
	}
}

static void put_skb(struct events *v, const struct hit *h)
{
	const struct event *e = &h->event;
	struct events_skb *k;
	int err;

	if (!e->raw_skb) {
		sink_str(v->out, INDENT "-\n");
		return;
	}
	k = skb_of(v, h->capture);
	err = k ? k->err : -ENOMEM;
	if (!err)
		err = skb_dump_text(k->dump, v->out, INDENT, e->raw_skb, e->raw_skb_len);
	if (err)
		sink_printf(v->out, INDENT "- (%s)\n", skb_why(err));
}

/* ---- the line ---- */

void events_text_header(struct events *v)
{
	sink_printf(v->out, "%18s %16s %24s %16s\n", "SKB", "PROCESS", "FUNC", "TIMESTAMP");
}

/* As --times has it, in the column of the timestamp. */
static void put_time(struct sink *s, int64_t when)
{
	char *start = sink_reserve(s, 128); /* nothing is flushed meanwhile */

	text_time(s, when, false);
	sink_commit(s, align(start, s->data + s->len, 16));
}

void events_text(struct events *v, const struct hit *h, const struct path *p)
{
	const struct report_options *o = v->options;
	const struct event *e = &h->event;
	struct sink *s = v->out;
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
	if (o->times_given && !o->relative) {
		sink_commit(s, to);
		put_time(s, h->when);
	} else {
		start = to;
		to = sink_put_u64(to, o->relative ? since : e->ktime);
		sink_commit(s, align(start, to, 16));
	}
	put_columns(v, h);
	name = capture_name(h->capture);
	if (name) {
		sink_str(s, " host=");
		text_escaped(s, name, strlen(name));
	}
	sink_char(s, '\n');
	if (o->stack)
		put_stack(s, h);
	if (o->skb)
		put_skb(v, h);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "record/convert.h"

#include <errno.h>
#include <string.h>

static const struct {
	uint32_t raw;
	uint32_t event;
} flags[] = {
	{PWRU_EV_END, EVENT_END},
	{PWRU_EV_BEGIN, EVENT_BEGIN},
	{PWRU_EV_MATCHED, EVENT_MATCHED},
	{PWRU_EV_REASON, EVENT_REASON},
	{PWRU_EV_NO_ID, EVENT_NO_ID},
	{PWRU_EV_VLAN, EVENT_VLAN},
	{PWRU_EV_UNREADABLE, EVENT_UNREADABLE},
	{PWRU_EV_LIFECYCLE, EVENT_LIFECYCLE},
	{PWRU_EV_RETURN, EVENT_RETURN | EVENT_LIFECYCLE},
};

/* 14 bytes of Ethernet that are not the packet's: zero addresses. */
static void synthesize(struct convert_frame *f, uint16_t ethertype)
{
	memset(f->data, 0, 12);
	f->data[12] = (uint8_t)(ethertype >> 8);
	f->data[13] = (uint8_t)ethertype;
	f->caplen = 14;
}

static void tuple(const struct pwru_tuple *t, struct event_tuple *to)
{
	to->family = t->family;
	to->proto = t->proto;
	to->has_ports = t->has_ports;
	to->sport = t->sport;
	to->dport = t->dport;
	memcpy(to->src, t->src, sizeof(to->src));
	memcpy(to->dst, t->dst, sizeof(to->dst));
}

/*
 * The ethertype of the header in data; 0: the bytes are none. Of the IP versions the header's own
 * counts: around a tunnel skb->protocol is the inner packet's while the outer header stands there.
 */
static uint16_t header_type(uint16_t protocol, const uint8_t *data, uint32_t n)
{
	if (n < 1)
		return 0;
	if (protocol != 0x0800 && protocol != 0x86dd)
		return protocol;
	return data[0] >> 4 == 4 ? 0x0800 : data[0] >> 4 == 6 ? 0x86dd : 0;
}

static void frame(const struct pwru_event *raw, struct event *e, struct convert_frame *f)
{
	uint16_t type = header_type(raw->protocol, raw->data, raw->caplen);

	if (raw->flags & PWRU_EV_SK_TUPLE) {
		struct pwru_tuple t;

		memcpy(&t, raw->data, sizeof(t));
		tuple(&t, &e->sk_tuple);
	}
	if (raw->flags & PWRU_EV_L2) {
		memcpy(f->data, raw->data, raw->caplen);
		f->caplen = raw->caplen;
		f->origlen = raw->wire_len;
	} else if (!(raw->flags & (PWRU_EV_SK_TUPLE | PWRU_EV_UNREADABLE)) && type) {
		synthesize(f, type);
		memcpy(f->data + 14, raw->data, raw->caplen);
		f->caplen += raw->caplen;
		f->origlen = raw->wire_len + 14;
		e->flags |= EVENT_SYNTH_L2;
	} else {
		synthesize(f, EVENT_ETHERTYPE_NONE);
		f->origlen = f->caplen;
		e->flags |= EVENT_SYNTH_L2 | EVENT_NO_L3;
	}
	/* The length can lag behind the bytes while a packet is being built. */
	if (f->origlen < f->caplen)
		f->origlen = f->caplen;
}

/* Stack, struct and control block. Frames are in host order, which is the file's: little-endian on
 * all that this runs on. */
static void extra(const struct pwru_event *raw, struct event *e)
{
	const struct pwru_extra *x = (const void *)(raw->data + PWRU_DATA_LARGE);

	if (x->stack_len <= sizeof(x->stack)) {
		e->stack = (const uint8_t *)x->stack;
		e->stack_len = x->stack_len / 8;
	}
	if (x->skb_len && x->skb_len <= sizeof(x->skb)) {
		e->raw_skb = x->skb;
		e->raw_skb_len = x->skb_len;
	}
	if (x->cb_len == sizeof(x->cb))
		e->cb = x->cb;
}

int convert(const struct pwru_event *raw, size_t size, uint64_t addr, int inferred, struct event *e,
	    struct convert_frame *f)
{
	if (size < sizeof(*raw) || raw->caplen > size - sizeof(*raw) ||
	    raw->caplen > PWRU_DATA_LARGE || ((raw->flags & PWRU_EV_L2) && !raw->caplen) ||
	    ((raw->flags & PWRU_EV_SK_TUPLE) && raw->caplen != sizeof(struct pwru_tuple)))
		return -EBADMSG;
	memset(e, 0, sizeof(*e));
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (raw->flags & flags[i].raw)
			e->flags |= flags[i].event;
	if (inferred)
		e->flags |= EVENT_INFERRED;
	e->addr = addr;
	e->skb = raw->skb;
	e->head = raw->head;
	e->ktime = raw->ktime;
	e->caller = raw->caller;
	e->packet = raw->packet;
	if (raw->flags & PWRU_EV_EDGE) {
		e->parent = raw->parent;
		e->parent_kind = raw->flags >> PWRU_EV_EDGE_SHIFT & 15;
		e->parent_inferred = raw->flags & PWRU_EV_GUESSED;
	}
	e->seq = raw->seq;
	e->lost = raw->lost;
	e->lost_read = raw->lost_read;
	e->reason = raw->reason;
	e->netns = raw->netns;
	e->ifindex = raw->ifindex;
	e->mark = raw->mark;
	e->pid = raw->pid;
	e->tid = raw->tid;
	e->len = raw->len;
	e->data_len = raw->data_len;
	e->mtu = raw->mtu;
	e->hash = raw->hash;
	e->protocol = raw->protocol;
	e->cpu = raw->cpu;
	e->vlan = raw->vlan;
	e->queue = raw->queue;
	e->mac_header = raw->mac_header;
	e->network_header = raw->network_header;
	e->transport_header = raw->transport_header;
	memcpy(e->comm, raw->comm, sizeof(raw->comm));
	memcpy(e->ifname, raw->ifname, sizeof(raw->ifname));
	frame(raw, e, f);
	/* The kernel rounds sizes up; no smaller record is this large. */
	if (size >= CONVERT_EXTRA_SIZE)
		extra(raw, e);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/hop_changes.h"

#include <string.h>

#include "common/packet.h"

enum { PROTO_IPIP = 4, PROTO_UDP = 17, PROTO_IP6 = 41, PROTO_GRE = 47 };
/* IANA's ports; 8472 is what Linux used before there was one, and its default still. */
enum { PORT_VXLAN = 4789, PORT_VXLAN_LINUX = 8472, PORT_GENEVE = 6081 };
enum { IP4_LEN = 20, IP6_LEN = 40, UDP_LEN = 8 };

/* ---- the walk ---- */

void hop_walk_init(struct hop_walk *w)
{
	*w = (struct hop_walk){.tuple_before = TUPLES_NONE,
			       .tuple = TUPLES_NONE,
			       .before.ifname = "",
			       .at.ifname = ""};
}

static struct hop_place place_after(const struct hop_place *before, const struct hop *h)
{
	struct hop_place at = *before;

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

static bool vlan_changed(const struct hop *a, const struct hop *b)
{
	if ((a->flags ^ b->flags) & EVENT_VLAN)
		return true;
	return (a->flags & EVENT_VLAN) && (a->vlan ^ b->vlan) & 0xfff;
}

/* A number names an interface in its namespace only. */
static bool interface_changed(const struct hop_walk *w)
{
	if (!w->ifindex || !w->at.ifindex)
		return false;
	return w->at.ifindex != w->ifindex || (w->ifindex_netns && w->at.netns != w->ifindex_netns);
}

static unsigned int find_changes(const struct hop_walk *w)
{
	const struct hop *a = w->prev, *b = w->hop;
	unsigned int changes = 0;

	if (!a)
		return 0;
	if (w->tuple_before != TUPLES_NONE && w->tuple != w->tuple_before)
		changes |= HOP_TUPLE;
	if (a->mark != b->mark)
		changes |= HOP_MARK;
	if (a->len != b->len)
		changes |= HOP_LEN;
	if (vlan_changed(a, b))
		changes |= HOP_VLAN;
	if (w->before.netns && w->at.netns != w->before.netns)
		changes |= HOP_NETNS;
	if (interface_changed(w))
		changes |= HOP_IFINDEX;
	if (a->cpu != b->cpu)
		changes |= HOP_CPU;
	return changes;
}

void hop_walk_next(struct hop_walk *w, const struct hop *h)
{
	w->prev = w->hop;
	w->hop = h;
	w->tuple_before = w->tuple;
	if (h->tuple != TUPLES_NONE)
		w->tuple = h->tuple;
	w->before = w->at;
	w->at = place_after(&w->before, h);
	w->changes = find_changes(w);
	if (!w->at.ifindex)
		return;
	w->ifindex = w->at.ifindex;
	w->ifindex_netns = w->at.netns;
}

bool hop_place_same(const struct hop_place *a, const struct hop_place *b)
{
	/* Interned strings: equal ones are the same. */
	return a->netns == b->netns && a->ifindex == b->ifindex && a->ifname == b->ifname &&
	       a->cpu == b->cpu && a->pid == b->pid && a->comm == b->comm;
}

bool hop_walk_moved(const struct hop_walk *w)
{
	return !w->prev || !hop_place_same(&w->before, &w->at);
}

const char *hop_change_word(unsigned int n)
{
	static const char *const words[HOP_CHANGES] = {"tuple", "mark",	   "len", "vlan",
						       "netns", "ifindex", "cpu"};

	return words[n];
}

/* ---- tuples ---- */

const char *tuple_tunnel(const struct event_tuple *t)
{
	switch (t->proto) {
	case PROTO_IPIP:
		return "IP in IP";
	case PROTO_IP6:
		return "IPv6 in IP";
	case PROTO_GRE:
		return "GRE";
	case PROTO_UDP:
		break;
	default:
		return NULL;
	}
	if (!t->has_ports)
		return NULL;
	switch (t->dport) {
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
		return "VXLAN";
	case PORT_GENEVE:
		return "Geneve";
	default:
		return NULL;
	}
}

static uint32_t ip_len(const struct event_tuple *t)
{
	return t->family == 4 ? IP4_LEN : IP6_LEN;
}

static bool encapsulates(const struct event_tuple *from, uint32_t of_from,
			 const struct event_tuple *to, uint32_t of_to)
{
	if (!tuple_tunnel(to))
		return false;
	if (from->proto != to->proto)
		return of_to >= of_from;
	return !tuple_tunnel(from) && of_to > of_from && of_to - of_from >= ip_len(to);
}

/* The outer IP header may be gone from the length before, not the UDP header. */
static bool decapsulates(const struct event_tuple *from, uint32_t of_from,
			 const struct event_tuple *to, uint32_t of_to)
{
	if (!tuple_tunnel(from))
		return false;
	if (from->proto != to->proto)
		return of_to <= of_from;
	return !tuple_tunnel(to) && of_from > of_to && of_from - of_to >= UDP_LEN;
}

static bool same_side(const uint8_t *a, uint16_t a_port, const uint8_t *b, uint16_t b_port,
		      bool ports)
{
	return !memcmp(a, b, 16) && (!ports || a_port == b_port);
}

enum tuple_change tuple_change(const struct event_tuple *from, uint32_t of_from,
			       const struct event_tuple *to, uint32_t of_to)
{
	bool ports = from->has_ports && to->has_ports, src, dst;

	if (encapsulates(from, of_from, to, of_to))
		return TUPLE_ENCAPSULATED;
	if (decapsulates(from, of_from, to, of_to))
		return TUPLE_DECAPSULATED;
	if (from->family != to->family || from->proto != to->proto || tuple_tunnel(from) ||
	    tuple_tunnel(to))
		return TUPLE_OTHER;
	/* NAT changes the id of an echo, but makes no reply of it. */
	if (from->has_icmp && to->has_icmp && from->icmp_type != to->icmp_type)
		return TUPLE_OTHER;
	src = same_side(from->src, from->sport, to->src, to->sport, ports);
	dst = same_side(from->dst, from->dport, to->dst, to->dport, ports);
	return src == dst ? TUPLE_OTHER : src ? TUPLE_DNAT : TUPLE_SNAT;
}

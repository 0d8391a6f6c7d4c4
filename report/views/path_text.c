// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/path_text.h"

#include "common/packet.h"
#include "report/read/capture.h"
#include "report/path/outcome.h"
#include "report/views/paths.h"

void path_text_name(struct sink *s, const struct path *p)
{
	sink_char(s, '#');
	sink_u64(s, p->packet);
	if (!p->origin.kind)
		return;
	sink_char(s, ' ');
	sink_str(s, path_edge_word(p->origin.kind));
	sink_str(s, " of ");
	if (p->origin.number) {
		sink_char(s, '#');
		sink_u64(s, p->origin.packet);
	} else {
		sink_str(s, "a packet not seen");
	}
	if (p->origin.inferred)
		sink_str(s, " (inferred)");
	if (p->origin.number && !p->parent)
		sink_str(s, " (shown apart)");
}

void path_text_tuple(struct sink *s, const struct path *p)
{
	uint16_t first = tuples_first(&p->tuples);

	if (first != TUPLES_NONE)
		text_tuple(s, &p->tuples.all[first]);
	else
		sink_str(s, "no IP addresses");
}

/* ---- hops ---- */

void path_text_place(struct sink *s, const struct path *p, const struct hop_place *at)
{
	const char *netns = capture_netns(p->capture, at->netns);
	const char *ifname =
		at->ifname[0] ? at->ifname : capture_iface(p->capture, at->netns, at->ifindex);

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

/* 802.1Q, 802.1ad */
static bool is_vlan(uint16_t protocol)
{
	return protocol == 0x8100 || protocol == 0x88a8;
}

/* The kernel keeps a tag beside the packet or in its frame: neither adds it nor takes it away. */
static void text_vlan(struct sink *s, const struct hop *a, const struct hop *b)
{
	bool was = a->flags & EVENT_VLAN, is = b->flags & EVENT_VLAN;

	if (was && is) {
		text_change(s, "  vlan ", a->vlan & 0xfff, b->vlan & 0xfff, false);
		return;
	}
	if (was == is)
		return;
	sink_str(s, "  vlan ");
	sink_u64(s, (is ? b : a)->vlan & 0xfff);
	if (is)
		sink_str(s, is_vlan(a->protocol) ? " taken out of the frame" : " added");
	else
		sink_str(s, is_vlan(b->protocol) ? " put into the frame" : " removed");
}

static void text_endpoint(struct sink *s, const struct event_tuple *t, bool src)
{
	text_ip(s, t->family, src ? t->src : t->dst, t->has_ports);
	if (!t->has_ports)
		return;
	sink_char(s, ':');
	sink_u64(s, src ? t->sport : t->dport);
}

static void text_nat(struct sink *s, const struct event_tuple *from, const struct event_tuple *to,
		     bool src)
{
	sink_str(s, src ? "  SNAT: src " : "  DNAT: dst ");
	text_endpoint(s, from, src);
	sink_str(s, " -> ");
	text_endpoint(s, to, src);
	if (packet_is_echo(from) && packet_is_echo(to))
		text_change(s, " id ", from->icmp_id, to->icmp_id, false);
}

static void text_tunnel(struct sink *s, const char *what, const struct event_tuple *outer,
			const struct event_tuple *to)
{
	sink_str(s, what);
	sink_str(s, tuple_tunnel(outer));
	sink_str(s, ": now ");
	text_tuple(s, to);
}

static void text_tuple_change(struct sink *s, const struct tuples *ts, const struct hop_walk *w)
{
	const struct event_tuple *from = &ts->all[w->tuple_before], *to = &ts->all[w->tuple];

	if (!tuples_from_headers(ts, w->tuple_before)) {
		sink_str(s, "  now ");
		text_tuple(s, to);
		sink_str(s, " (its socket: ");
		text_tuple(s, from);
		sink_char(s, ')');
		return;
	}
	switch (tuple_change(from, w->prev->len, to, w->hop->len)) {
	case TUPLE_DNAT:
		text_nat(s, from, to, false);
		break;
	case TUPLE_SNAT:
		text_nat(s, from, to, true);
		break;
	case TUPLE_ENCAPSULATED:
		text_tunnel(s, "  encapsulated in ", to, to);
		break;
	case TUPLE_DECAPSULATED:
		text_tunnel(s, "  decapsulated from ", from, to);
		break;
	default:
		sink_str(s, "  now ");
		text_tuple(s, to);
	}
}

/* What a packet has from the first. */
static void text_first(struct sink *s, const struct hop *h)
{
	if (h->mark) {
		sink_str(s, "  mark 0x");
		sink_hex(s, h->mark, 1);
	}
	if (h->flags & EVENT_VLAN) {
		sink_str(s, "  vlan ");
		sink_u64(s, h->vlan & 0xfff);
	}
}

void path_text_hop(struct sink *s, const struct path *p, const struct hop_walk *w)
{
	const struct hop *h = w->hop, *prev = w->prev;

	text_func(s, h->func);
	if (h->flags & EVENT_RETURN)
		sink_str(s, " (return)");
	if (!prev) {
		text_first(s, h);
		return;
	}
	text_change(s, "  mark 0x", prev->mark, h->mark, true);
	text_change(s, "  len ", prev->len, h->len, false);
	text_vlan(s, prev, h);
	if (w->changes & HOP_TUPLE)
		text_tuple_change(s, &p->tuples, w);
}

/* ---- outcomes ---- */

static enum text_colour outcome_colour(enum outcome o)
{
	return o == OUTCOME_DROPPED			   ? TEXT_RED
	       : o == OUTCOME_NO_END || o == OUTCOME_ALIVE ? TEXT_YELLOW
							   : TEXT_PLAIN;
}

void path_text_colour(struct sink *s, const struct path *p)
{
	text_colour(s, outcome_colour(p->outcome));
}

static void text_into(struct sink *s, const struct path *p)
{
	if (p->outcome != OUTCOME_MERGED)
		return;
	sink_str(s, " into #");
	sink_u64(s, p->into.packet);
}

void path_text_end(struct sink *s, const struct path *p)
{
	const char *reason = paths_reason(p);

	sink_str(s, outcome_name(p->outcome));
	text_into(s, p);
	if (!reason)
		return;
	sink_char(s, ' ');
	text_escaped(s, reason, strlen(reason));
}

static void text_drop(struct sink *s, const struct path *p)
{
	const char *reason = paths_reason(p);

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

/* " (gro) by skb_gro_receive" */
static void text_merged_by(struct sink *s, const struct path_merge *m)
{
	sink_str(s, " (");
	sink_str(s, path_merge_word(m));
	sink_str(s, ") by ");
	text_func(s, m->func);
}

void path_text_outcome(struct sink *s, const struct path *p, const struct loss *loss)
{
	path_text_colour(s, p);
	sink_str(s, outcome_name(p->outcome));
	text_into(s, p);
	if (p->outcome == OUTCOME_DROPPED)
		text_drop(s, p);
	else if (p->outcome == OUTCOME_CONSUMED)
		text_consumed(s, p);
	else if (p->outcome == OUTCOME_MERGED)
		text_merged_by(s, &p->into);
	if (p->inferred)
		sink_str(s, " (inferred)");
	text_loss(s, loss);
	text_colour(s, TEXT_PLAIN);
}

/* ---- the head ---- */

void path_text_sum(struct sink *s, const struct path *p, uint64_t hops, bool lacks)
{
	sink_u64(s, hops);
	sink_str(s, hops == 1 ? " hop, " : " hops, ");
	text_duration(s, "", time_span(p->first, p->last), 0);
	sink_mem(s, "  ", 2);
	path_text_colour(s, p);
	path_text_end(s, p);
	if (lacks)
		sink_str(s, " (may lack hops)");
	text_colour(s, TEXT_PLAIN);
}

void path_text_head(struct sink *s, const struct path *p, struct hop_choice choice,
		    const struct loss *loss)
{
	const char *name = capture_name(p->capture);

	text_colour(s, TEXT_BOLD);
	path_text_name(s, p);
	sink_mem(s, "  ", 2);
	if (name) {
		text_escaped(s, name, strlen(name));
		sink_mem(s, "  ", 2);
	}
	path_text_tuple(s, p);
	text_colour(s, TEXT_PLAIN);
	sink_mem(s, "  ", 2);
	text_time(s, p->first, false);
	sink_mem(s, "  ", 2);
	path_text_sum(s, p, path_hops(p, choice), loss->hits > 0);
	sink_char(s, '\n');
}

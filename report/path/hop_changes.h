/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_HOP_CHANGES_H
#define REPORT_HOP_CHANGES_H

/*
 * What changed of a packet from one hop to the next, told from what the two hops hold: a view that
 * leaves hops out compares those it shows. A hop does not tell everything: one without a device
 * says nothing about the interface, one without headers nothing about the addresses. What was known
 * before goes on until another value comes; that something becomes known is no change.
 */

#include "report/path/path.h"

enum hop_change {
	HOP_TUPLE = 1u << 0,
	HOP_MARK = 1u << 1,
	HOP_LEN = 1u << 2,
	HOP_VLAN = 1u << 3,
	HOP_NETNS = 1u << 4,
	HOP_IFINDEX = 1u << 5,
	HOP_CPU = 1u << 6,
	HOP_CHANGES = 7 /* kinds */
};

/* Where a packet is, as far as it is known. Strings are those of hops. */
struct hop_place {
	uint32_t netns;
	uint32_t ifindex;
	uint32_t pid;
	uint16_t cpu;
	const char *ifname;
	const char *comm;
};

/* Goes along the hops of one path. */
struct hop_walk {
	const struct hop *prev; /* NULL at the first */
	const struct hop *hop;
	uint16_t tuple_before; /* in force, or TUPLES_NONE */
	uint16_t tuple;
	struct hop_place before;
	struct hop_place at;
	uint32_t ifindex; /* the last that was known, and its namespace */
	uint32_t ifindex_netns;
	unsigned int changes; /* enum hop_change */
};

void hop_walk_init(struct hop_walk *w);
void hop_walk_next(struct hop_walk *w, const struct hop *h);
bool hop_place_same(const struct hop_place *a, const struct hop_place *b);
/* Also when only the process is another. True at the first hop. */
bool hop_walk_moved(const struct hop_walk *w);

/* "tuple", "mark", "len", "vlan", "netns", "ifindex", "cpu": bit n of enum hop_change. */
const char *hop_change_word(unsigned int n);

/* What made one tuple another. */
enum tuple_change {
	TUPLE_OTHER, /* not to be told from these two */
	TUPLE_DNAT,  /* the destination alone was rewritten: address, port or both */
	TUPLE_SNAT,  /* the source alone */
	TUPLE_ENCAPSULATED,
	TUPLE_DECAPSULATED,
};

/*
 * from and to stood in the packet's headers; of_from and of_to are its lengths with them. NAT
 * leaves the protocol as it is. A tunnel's outer header is of another protocol, or, UDP in UDP,
 * goes to a port of such tunnels and makes the packet longer by an IP header at least.
 */
enum tuple_change tuple_change(const struct event_tuple *from, uint32_t of_from,
			       const struct event_tuple *to, uint32_t of_to);
/* "VXLAN", "Geneve", "GRE", "IP in IP", "IPv6 in IP"; NULL: no outer header that is known. */
const char *tuple_tunnel(const struct event_tuple *t);

#endif

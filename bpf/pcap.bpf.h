/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PCAP_BPF_H
#define BPF_PCAP_BPF_H

/*
 * pcap-filter expressions: on the packet from its MAC header if that is there, else from its
 * network header; and on the packet inside a tunnel (IP in IP, GRE, VXLAN, Geneve).
 */

#include "bpf/stub.bpf.h"

STUB(pcap_l2, PWRU_HOLE_PCAP_L2)
STUB(pcap_l3, PWRU_HOLE_PCAP_L3)
STUB(tunnel_l2, PWRU_HOLE_TUNNEL_L2)
STUB(tunnel_l3, PWRU_HOLE_TUNNEL_L3)

/*
 * A frame with the tag put back that the kernel keeps beside the packet. self: the address of
 * bytes, as a number. A tracepoint's program may be interrupted by another one, so there is more
 * than one.
 */
#define TAGGED_MOST  256
#define TAGGED_ROOMS 4

struct tagged {
	__u64 self;
	__u64 busy;
	__u8 bytes[16 + TAGGED_MOST];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TAGGED_ROOMS);
	__type(key, __u32);
	__type(value, struct tagged);
} tagged SEC(".maps");

static __always_inline struct tagged *tagged_take(void)
{
	struct tagged *t;

	for (__u32 i = 0; i < TAGGED_ROOMS; i++) {
		__u32 key = i;

		t = bpf_map_lookup_elem(&tagged, &key);
		if (t && !t->busy) {
			t->busy = 1;
			return t;
		}
	}
	return 0;
}

/* Fills t; returns how many bytes there are, 0 when they cannot be read. */
static __always_inline __u32 tagged_fill(struct tagged *t, const struct skb_meta *m)
{
	struct sk_buff *skb = (void *)m->skb; /* through m it would be relocated as the kernel's */
	__u32 n = m->tail - m->l2 - 12;
	__be16 proto = 0;

	if (m->tail < m->l2 + ETH_HLEN)
		return 0;
	if (n > TAGGED_MOST)
		n = TAGGED_MOST;
	bpf_core_read(&proto, sizeof(proto), &skb->vlan_proto);
	if (bpf_ntohs(proto) != ETH_P_8021AD)
		proto = bpf_ntohs(ETH_P_8021Q);
	if (bpf_probe_read_kernel(t->bytes, 12, (void *)(m->head + m->l2)) ||
	    bpf_probe_read_kernel(t->bytes + 16, n, (void *)(m->head + m->l2 + 12)))
		return 0;
	*(__be16 *)(t->bytes + 12) = proto;
	*(__be16 *)(t->bytes + 14) = bpf_ntohs(m->vlan);
	return 16 + n;
}

static __always_inline bool pcap_matches(const struct skb_meta *m)
{
	__u32 from = m->l2 ? m->l2 : m->l3, caplen = m->tail - from;
	__u32 wirelen = m->len + (m->data - from);
	__u64 base = m->head + from;
	struct tagged *t = 0;
	bool verdict;

	if (!from)
		return false;
	if (cfg.has_vlan && m->has_vlan && m->l2) {
		t = tagged_take();
		if (!t)
			return false;
		caplen = tagged_fill(t, m);
		wirelen += 4;
		t->self = (__u64)t->bytes;
		base = *(volatile __u64 *)&t->self;
	}
	verdict = m->l2 ? pcap_l2(base, caplen, wirelen) : pcap_l3(base, caplen, wirelen);
	if (t)
		t->busy = 0;
	return verdict;
}

#define IPPROTO_IPIP	 4
#define IPPROTO_IPV6	 41
#define IPPROTO_GRE	 47
#define ETH_P_TEB	 0x6558 /* transparent Ethernet bridging, in GRE and Geneve */
#define PORT_VXLAN	 4789
#define PORT_VXLAN_LINUX 8472 /* the default of the Linux driver */
#define PORT_GENEVE	 6081

enum inner { INNER_NONE, INNER_L2, INNER_L3 };

static __always_inline enum inner inner_of(__u16 ethertype)
{
	if (ethertype == ETH_P_TEB)
		return INNER_L2;
	return ethertype == ETH_P_IP || ethertype == ETH_P_IPV6 ? INNER_L3 : INNER_NONE;
}

/* RFC 2784 and 2890: flags for checksum, key and sequence number, each of which adds four bytes. */
static __always_inline enum inner inner_gre(const struct skb_meta *m, __u32 *at)
{
	__be16 h[2];
	__u16 flags;

	if (bpf_probe_read_kernel(h, sizeof(h), (void *)(m->head + *at)))
		return INNER_NONE;
	flags = bpf_ntohs(h[0]);
	*at += 4 + ((flags >> 15) + ((flags >> 13) & 1) + ((flags >> 12) & 1)) * 4;
	return inner_of(bpf_ntohs(h[1]));
}

/* RFC 7348; RFC 8926 (options in units of four bytes, then an ethertype). */
static __always_inline enum inner inner_udp(const struct skb_meta *m, __u32 *at)
{
	__u8 h[12]; /* the UDP header and the first four bytes after it */
	__u16 port;

	if (bpf_probe_read_kernel(h, sizeof(h), (void *)(m->head + *at)))
		return INNER_NONE;
	port = h[2] << 8 | h[3];
	*at += 16;
	if (port == PORT_VXLAN || port == PORT_VXLAN_LINUX)
		return INNER_L2;
	if (port != PORT_GENEVE)
		return INNER_NONE;
	*at += (h[8] & 0x3f) * 4;
	return inner_of(h[10] << 8 | h[11]);
}

/* What is inside the outer IP header at m->l3, and where. */
static __always_inline enum inner find_inner(const struct skb_meta *m, __u32 *at)
{
	__u8 h[20], proto;

	/* While a tunnel is left skb->protocol is the inner packet's already. */
	if ((m->protocol != ETH_P_IP && m->protocol != ETH_P_IPV6) || m->l3 + sizeof(h) > m->tail ||
	    bpf_probe_read_kernel(h, sizeof(h), (void *)(m->head + m->l3)))
		return INNER_NONE;
	if (h[0] >> 4 == 4 && !((h[6] & 0x1f) | h[7])) {
		proto = h[9];
		*at = m->l3 + (h[0] & 15) * 4;
	} else if (h[0] >> 4 == 6) {
		proto = h[6];
		*at = skip_extensions(&proto, m, m->l3 + 40);
	} else {
		return INNER_NONE;
	}
	if (!*at)
		return INNER_NONE;
	if (proto == IPPROTO_IPIP || proto == IPPROTO_IPV6)
		return INNER_L3;
	if (proto == IPPROTO_GRE)
		return inner_gre(m, at);
	return proto == IPPROTO_UDP ? inner_udp(m, at) : INNER_NONE;
}

static __always_inline bool tunnel_matches(const struct skb_meta *m)
{
	__u32 at = 0, wirelen;
	enum inner kind = m->l3 ? find_inner(m, &at) : INNER_NONE;

	if (kind == INNER_NONE || at >= m->tail)
		return false;
	wirelen = m->len + (m->data - at);
	return kind == INNER_L2 ? tunnel_l2(m->head + at, m->tail - at, wirelen)
				: tunnel_l3(m->head + at, m->tail - at, wirelen);
}

#endif

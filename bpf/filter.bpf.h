/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_FILTER_BPF_H
#define BPF_FILTER_BPF_H

/*
 * The early no: addresses and ports of a packet, from its headers or, while they are not there,
 * from its socket, against the configuration. Runs only for packets that are not tracked yet.
 */

static __always_inline bool has_ports(__u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP;
}

static __always_inline void tuple_ports(struct pwru_tuple *t, const struct skb_meta *m, __u32 l4)
{
	__be16 ports[2];

	if (!has_ports(t->proto) || l4 + sizeof(ports) > m->tail)
		return;
	if (bpf_probe_read_kernel(ports, sizeof(ports), (void *)(m->head + l4)))
		return;
	t->sport = bpf_ntohs(ports[0]);
	t->dport = bpf_ntohs(ports[1]);
	t->has_ports = 1;
}

static __always_inline void tuple_from_ipv4(struct pwru_tuple *t, const struct skb_meta *m)
{
	__u8 h[20];

	if (m->l3 + sizeof(h) > m->tail ||
	    bpf_probe_read_kernel(h, sizeof(h), (void *)(m->head + m->l3)) || (h[0] >> 4) != 4)
		return;
	t->family = 4;
	t->proto = h[9];
	__builtin_memcpy(t->src, h + 12, 4);
	__builtin_memcpy(t->dst, h + 16, 4);
	/* Only the first fragment has ports. */
	if (!((h[6] & 0x1f) | h[7]))
		tuple_ports(t, m, m->l3 + (h[0] & 15) * 4);
}

#define EXT_HOP_BY_HOP 0
#define EXT_ROUTING    43
#define EXT_FRAGMENT   44
#define EXT_AUTH       51
#define EXT_DEST_OPTS  60
#define EXT_MOBILITY   135
#define EXT_MOST       6

static __always_inline bool is_extension(__u8 proto)
{
	return proto == EXT_HOP_BY_HOP || proto == EXT_ROUTING || proto == EXT_FRAGMENT ||
	       proto == EXT_AUTH || proto == EXT_DEST_OPTS || proto == EXT_MOBILITY;
}

/*
 * Passes over extension headers (RFC 8200, section 4; RFC 4302 for AH), at most EXT_MOST. Returns
 * where the upper layer begins; 0 when it does not begin in this packet, because it is a later
 * fragment.
 */
static __always_inline __u32 skip_extensions(__u8 *proto, const struct skb_meta *m, __u32 at)
{
	__u8 h[4];

#pragma unroll
	for (int i = 0; i < EXT_MOST; i++) {
		__u8 kind = *proto;

		if (!is_extension(kind))
			return at;
		if (at + 8 > m->tail || bpf_probe_read_kernel(h, sizeof(h), (void *)(m->head + at)))
			return 0;
		*proto = h[0];
		if (kind == EXT_FRAGMENT) {
			if (h[2] | (h[3] & 0xf8))
				return 0;
			at += 8;
		} else {
			at += kind == EXT_AUTH ? (h[1] + 2) * 4 : (h[1] + 1) * 8;
		}
	}
	return is_extension(*proto) ? 0 : at;
}

static __always_inline void tuple_from_ipv6(struct pwru_tuple *t, const struct skb_meta *m)
{
	__u8 h[40];
	__u32 l4;

	if (m->l3 + sizeof(h) > m->tail ||
	    bpf_probe_read_kernel(h, sizeof(h), (void *)(m->head + m->l3)) || (h[0] >> 4) != 6)
		return;
	t->family = 6;
	t->proto = h[6];
	__builtin_memcpy(t->src, h + 8, 16);
	__builtin_memcpy(t->dst, h + 24, 16);
	l4 = skip_extensions(&t->proto, m, m->l3 + 40);
	if (l4)
		tuple_ports(t, m, l4);
}

#define AF_INET	 2
#define AF_INET6 10

/* A connection half open, or closed and waiting: no whole struct sock (include/net/tcp_states.h).
 */
#define TCP_TIME_WAIT	 6
#define TCP_NEW_SYN_RECV 12

static __always_inline __u8 sock_proto(struct sock *sk)
{
	__u16 proto = 0;
	__u8 state = 0;

	bpf_core_read(&state, sizeof(state), &sk->__sk_common.skc_state);
	if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV)
		return IPPROTO_TCP;
	/* Before 5.6 sk_protocol is a bit field; then the protocol stays unknown. */
	if (bpf_core_field_size(((struct sock *)0)->sk_protocol) == 2)
		bpf_core_read(&proto, sizeof(proto), &sk->sk_protocol);
	return proto;
}

/*
 * What the socket would put into the headers: its own address and port first. What it has not
 * decided yet is 0.
 */
static __always_inline void tuple_from_sock(struct pwru_tuple *t, struct sock *sk)
{
	unsigned short family = 0;
	__u16 num = 0;
	__be16 dport = 0;

	if (!KERNEL_ADDR(sk) || IS_ERR(sk))
		return;
	bpf_core_read(&family, sizeof(family), &sk->__sk_common.skc_family);
	if (family == AF_INET) {
		bpf_core_read(t->src, 4, &sk->__sk_common.skc_rcv_saddr);
		bpf_core_read(t->dst, 4, &sk->__sk_common.skc_daddr);
		t->family = 4;
	} else if (family == AF_INET6 &&
		   bpf_core_field_exists(((struct sock_common *)0)->skc_v6_daddr)) {
		bpf_core_read(t->src, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(t->dst, 16, &sk->__sk_common.skc_v6_daddr);
		t->family = 6;
	} else {
		return;
	}
	bpf_core_read(&num, sizeof(num), &sk->__sk_common.skc_num);
	bpf_core_read(&dport, sizeof(dport), &sk->__sk_common.skc_dport);
	t->proto = sock_proto(sk);
	t->sport = num;
	t->dport = bpf_ntohs(dport);
	t->has_ports = has_ports(t->proto);
	/* A v4-mapped address is what goes out as IPv4. */
	if (t->family == 6 && t->dst[10] == 0xff && t->dst[11] == 0xff &&
	    !(t->dst[0] | t->dst[1] | t->dst[2] | t->dst[3] | t->dst[4] | t->dst[5] | t->dst[6] |
	      t->dst[7] | t->dst[8] | t->dst[9])) {
		t->family = 4;
		__builtin_memcpy(t->dst, t->dst + 12, 4);
		__builtin_memcpy(t->src, t->src + 12, 4);
	}
}

/*
 * Passes over VLAN tags that are in the packet, at most two: m->l3 and m->protocol become those
 * behind them. What a packet socket sends has its network header behind the tags already, while
 * skb->protocol still is the tag's.
 */
static __always_inline void skip_vlan(struct skb_meta *m)
{
	__be16 tag[2];

	if (IS_VLAN(m->protocol) && m->l2 && m->l3 > m->l2 + ETH_HLEN) {
		if (bpf_probe_read_kernel(tag, sizeof(*tag), (void *)(m->head + m->l3 - 2)))
			return;
		m->protocol = bpf_ntohs(tag[0]);
	}
#pragma unroll
	for (int i = 0; i < 2; i++) {
		if (!IS_VLAN(m->protocol) || !m->l3 || m->l3 + sizeof(tag) > m->tail ||
		    bpf_probe_read_kernel(tag, sizeof(tag), (void *)(m->head + m->l3)))
			return;
		m->protocol = bpf_ntohs(tag[1]);
		m->l3 += sizeof(tag);
	}
}

/* True when the headers are there; then the tuple is theirs alone. m is used up. */
static __always_inline bool tuple_from_headers(struct pwru_tuple *t, struct skb_meta *m)
{
	if (!m->l3)
		return false;
	skip_vlan(m);
	if (m->protocol != ETH_P_IP && m->protocol != ETH_P_IPV6)
		return true;
	/* The version decides: while a tunnel is left skb->protocol is the inner packet's already.
	 */
	tuple_from_ipv4(t, m);
	if (!t->family)
		tuple_from_ipv6(t, m);
	return true;
}

static __always_inline bool same_addr(const __u8 *a, const volatile __u8 *b, __u8 family)
{
	const __u32 *x = (const __u32 *)a;
	const volatile __u32 *y = (const volatile __u32 *)b;

	if (x[0] != y[0])
		return false;
	return family == 4 || (x[1] == y[1] && x[2] == y[2] && x[3] == y[3]);
}

static __always_inline bool undecided(const __u8 *addr)
{
	const __u32 *a = (const __u32 *)addr;

	return !(a[0] | a[1] | a[2] | a[3]);
}

/* from_sock: what is 0 there is not decided, and so no match for anything. */
static __always_inline bool filter_tuple(const struct pwru_tuple *t, bool from_sock)
{
	if (cfg.has_proto && (!t->family || t->proto != cfg.proto || (from_sock && !t->proto)))
		return false;
	if (cfg.has_sport && (!t->has_ports || t->sport != cfg.sport || (from_sock && !t->sport)))
		return false;
	if (cfg.has_dport && (!t->has_ports || t->dport != cfg.dport || (from_sock && !t->dport)))
		return false;
	if (from_sock &&
	    ((cfg.src_family && undecided(t->src)) || (cfg.dst_family && undecided(t->dst))))
		return false;
	if (cfg.src_family &&
	    (t->family != cfg.src_family || !same_addr(t->src, cfg.src, cfg.src_family)))
		return false;
	if (cfg.dst_family &&
	    (t->family != cfg.dst_family || !same_addr(t->dst, cfg.dst, cfg.dst_family)))
		return false;
	return true;
}

/* The connection left out, in either direction. */
static __always_inline bool filter_excluded(const struct pwru_tuple *t)
{
	const volatile struct pwru_tuple *x = &cfg.excluded;

	if (!cfg.exclude || t->family != x->family || t->proto != x->proto || !t->has_ports)
		return false;
	if (t->sport == x->sport && t->dport == x->dport)
		return same_addr(t->src, x->src, t->family) && same_addr(t->dst, x->dst, t->family);
	if (t->sport == x->dport && t->dport == x->sport)
		return same_addr(t->src, x->dst, t->family) && same_addr(t->dst, x->src, t->family);
	return false;
}

#endif

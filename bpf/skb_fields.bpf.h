/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SKB_FIELDS_BPF_H
#define BPF_SKB_FIELDS_BPF_H

/*
 * Reading an skb. Reads dominate the cost of a hit, so struct sk_buff is fetched with one
 * bpf_probe_read_kernel and its fields are then local loads at offsets that CO-RE fills in; the
 * device and the headers cost one read each field. The tp_btf variant has no probe reads: it loads
 * through BTF-typed pointers.
 */

/* Fields of interest lie within this much in every kernel seen: the struct has 232 to 248 bytes,
 * the last 16 of which are others. With 16 more the programs do not fit their 512 bytes of stack.
 */
#define SKB_COPY 240

#define KERNEL_ADDR(p) ((long long)(p) < 0)
#define IS_ERR(p)      ((unsigned long)(p) >= (unsigned long)-4095)

#define ETH_P_IP     0x0800
#define ETH_P_IPV6   0x86dd
#define ETH_P_8021Q  0x8100
#define ETH_P_8021AD 0x88a8
#define IS_VLAN(p)   ((p) == ETH_P_8021Q || (p) == ETH_P_8021AD)
#define IPPROTO_TCP  6
#define IPPROTO_UDP  17
#define IPPROTO_SCTP 132
#define ETH_HLEN     14

#define ARPHRD_ETHER	1
#define ARPHRD_LOOPBACK 772

#define bpf_ntohs(x) __builtin_bswap16(x)

struct skb_meta {
	__u64 skb;
	struct net_device *dev;
	struct sock *sk;
	__u64 head;
	__u32 data; /* this and the rest: offsets from head */
	__u32 tail;
	__u32 end; /* the shared info */
	__u32 l3;  /* start of the network header; 0 none */
	__u32 len;
	__u32 data_len;
	__u32 mark;
	__u32 hash;
	__u16 protocol; /* host order */
	__u16 vlan;
	__u16 queue;
	__u16 mac_header;
	__u16 network_header;
	__u16 transport_header;
	__u16 l2; /* start of the MAC header; 0 none that fits l3 */
	__u16 has_vlan;
	__u32 netns;
	__u32 ifindex;
	__u32 mtu;
	__u32 iif; /* where it came in; 0 not yet, or it is from here */
	__u64 refdst;
};

/* Is what the argument points at an skb with a buffer? Lists heads and half-built ones are not. */
static __always_inline bool skb_plausible(__u64 head, __u64 data, __u32 tail, __u32 end)
{
	if (!KERNEL_ADDR(head) || data < head)
		return false;
	/* A buffer is at most 64 KiB and the shared info; data and tail lie within it. */
	return end <= (1u << 20) && tail <= end && data - head <= end;
}

/*
 * Where the network header is. skb->network_header is trusted only with skb->protocol set, because
 * on the way out it points at bytes not written yet; where it is unset on the way in, data stands
 * at it once eth_type_trans() has been.
 */
static __always_inline void skb_find_headers(struct skb_meta *m)
{
	__u32 nh = m->network_header, mac = m->mac_header, gap;

	/*
	 * Until the network header is there TCP keeps something else in the mark's place
	 * (reserved_tailroom, struct sk_buff).
	 */
	__u32 mark = m->mark;

	m->mark = 0;
	if (m->protocol == 0)
		return;
	if (nh == 0 || nh == 0xffff) {
		if (mac == 0xffff || m->data < mac + ETH_HLEN)
			return;
		nh = m->data;
	}
	/* Right at the tail: all of it is in a fragment. */
	if (nh > m->tail || (nh == m->tail && !m->data_len))
		return;
	m->l3 = nh;
	m->mark = mark;
	/* A MAC header left from before a tunnel or a forward does not lead up to this network
	 * header. */
	gap = nh - mac;
	if (mac != 0xffff && mac < nh && gap >= ETH_HLEN && gap <= ETH_HLEN + 8)
		m->l2 = mac;
}

#define COPY_FIELD(copy, field)                             \
	(*(typeof(((struct sk_buff *)0)->field) *)((copy) + \
						   bpf_core_field_offset(struct sk_buff, field)))

/* 0; 1 it is no skb; 2 it cannot be read. Not inlined: the copy would take half of every program's
 * stack. */
static __noinline int skb_read(struct skb_meta *m, __u64 skb)
{
	char copy[SKB_COPY] __attribute__((aligned(8)));
	__u32 size = bpf_core_type_size(struct sk_buff);
	__u64 data;

	if (size > SKB_COPY)
		size = SKB_COPY;
	if (bpf_probe_read_kernel(copy, size, (void *)skb))
		return 2;
	data = (__u64)COPY_FIELD(copy, data);
	m->head = (__u64)COPY_FIELD(copy, head);
	m->tail = COPY_FIELD(copy, tail);
	m->end = COPY_FIELD(copy, end);
	if (!skb_plausible(m->head, data, m->tail, m->end))
		return 1;
	m->skb = skb;
	m->data = data - m->head;
	m->dev = COPY_FIELD(copy, dev);
	m->sk = COPY_FIELD(copy, sk);
	m->refdst = COPY_FIELD(copy, _skb_refdst);
	m->len = COPY_FIELD(copy, len);
	m->data_len = COPY_FIELD(copy, data_len);
	m->mark = COPY_FIELD(copy, mark);
	m->hash = COPY_FIELD(copy, hash);
	m->iif = COPY_FIELD(copy, skb_iif);
	m->queue = COPY_FIELD(copy, queue_mapping);
	m->protocol = bpf_ntohs(COPY_FIELD(copy, protocol));
	m->mac_header = COPY_FIELD(copy, mac_header);
	m->network_header = COPY_FIELD(copy, network_header);
	m->transport_header = COPY_FIELD(copy, transport_header);
	m->vlan = COPY_FIELD(copy, vlan_tci);
	if (bpf_core_field_exists(((struct sk_buff *)0)->vlan_all)) {
		m->has_vlan = COPY_FIELD(copy, vlan_all) != 0;
	} else {
		struct sk_buff___vlan_present *old = (void *)copy;

		m->has_vlan = BPF_CORE_READ_BITFIELD(old, vlan_present);
	}
	m->l3 = m->l2 = 0;
	skb_find_headers(m);
	return 0;
}

/* The same without a probe read, for programs that are given a BTF-typed skb. */
static __always_inline int skb_load(struct skb_meta *m, struct sk_buff *skb)
{
	m->head = (__u64)skb->head;
	m->tail = skb->tail;
	if (!skb_plausible(m->head, (__u64)skb->data, m->tail, skb->end))
		return 1;
	m->skb = (__u64)skb;
	m->data = (__u64)skb->data - m->head;
	m->sk = 0;
	m->len = skb->len;
	m->data_len = skb->data_len;
	m->mark = skb->mark;
	m->hash = skb->hash;
	m->iif = skb->skb_iif;
	m->queue = skb->queue_mapping;
	m->protocol = bpf_ntohs(skb->protocol);
	m->mac_header = skb->mac_header;
	m->network_header = skb->network_header;
	m->transport_header = skb->transport_header;
	m->vlan = skb->vlan_tci;
	m->has_vlan = bpf_core_field_exists(skb->vlan_all) ? skb->vlan_all != 0 : 0;
	m->l3 = m->l2 = 0;
	skb_find_headers(m);
	return 0;
}

/*
 * The first fragment, which follows the linear part: its address and length; 0 when there is none
 * that can be read. A page's address comes from its place in the kernel's map of pages (x86-64:
 * vmemmap_base and page_offset_base, both variables).
 */
static __always_inline __u64 skb_first_frag(const struct skb_meta *m, __u32 *len)
{
	__u64 info = m->head + m->end, frag, page = 0, vmemmap = 0, base = 0;
	__u8 frags = 0;
	__u32 offset = 0;

	if (!cfg.vmemmap || !m->data_len)
		return 0;
	frag = info + bpf_core_field_offset(struct skb_shared_info, frags);
	bpf_probe_read_kernel(
		&frags, sizeof(frags),
		(void *)(info + bpf_core_field_offset(struct skb_shared_info, nr_frags)));
	if (!frags)
		return 0;
	if (bpf_core_type_exists(struct skb_frag)) {
		struct skb_frag *f = (void *)frag;

		bpf_core_read(&page, sizeof(page), &f->netmem);
		bpf_core_read(len, sizeof(*len), &f->len);
		bpf_core_read(&offset, sizeof(offset), &f->offset);
	} else {
		struct bio_vec *f = (void *)frag;

		bpf_core_read(&page, sizeof(page), &f->bv_page);
		bpf_core_read(len, sizeof(*len), &f->bv_len);
		bpf_core_read(&offset, sizeof(offset), &f->bv_offset);
	}
	/* A tagged pointer is memory of a device, which nobody can read. */
	if (!KERNEL_ADDR(page) || (page & 1) || bpf_core_type_size(struct page) != 64 ||
	    bpf_probe_read_kernel(&vmemmap, sizeof(vmemmap), (void *)cfg.vmemmap) ||
	    bpf_probe_read_kernel(&base, sizeof(base), (void *)cfg.page_offset))
		return 0;
	return base + ((page - vmemmap) >> 6 << 12) + offset;
}

#define DST_NOREF	  1ul
#define DST_METRICS_FLAGS 3ul
#define RTAX_MTU	  2 /* include/uapi/linux/rtnetlink.h; the array begins with 1 */

/*
 * The MTU of the route where the packet has one, since that is what decides. skb->_skb_refdst
 * shares its place with list pointers of TCP's queue, whose packets have no protocol set yet.
 */
static __always_inline void skb_read_mtu(struct skb_meta *m)
{
	struct dst_entry *dst = (void *)(m->refdst & ~DST_NOREF);
	struct net_device *dev = 0;
	__u64 metrics = 0;
	__u32 mtu = 0;

	if (!m->l3 || !KERNEL_ADDR(dst))
		return;
	bpf_core_read(&metrics, sizeof(metrics), &dst->_metrics);
	metrics &= ~DST_METRICS_FLAGS;
	if (KERNEL_ADDR(metrics))
		bpf_probe_read_kernel(&mtu, sizeof(mtu),
				      (void *)(metrics + (RTAX_MTU - 1) * sizeof(__u32)));
	if (!mtu) {
		bpf_core_read(&dev, sizeof(dev), &dst->dev);
		if (KERNEL_ADDR(dev))
			bpf_core_read(&mtu, sizeof(mtu), &dev->mtu);
	}
	if (mtu)
		m->mtu = mtu;
}

/*
 * The inode numbers of namespaces begin at 0xf0000000 (PROC_DYNAMIC_FIRST, fs/proc/generic.c), the
 * initial ones of new kernels just below (include/uapi/linux/nsfs.h). skb->dev shares its place
 * with an rbtree node and with the UDP queue's scratch, so a "device" is one only if its namespace
 * and index make sense.
 */
#define NETNS_PLAUSIBLE(inum) ((inum) >= 0xeffffff0u)
#define IFINDEX_PLAUSIBLE(i)  ((i) > 0 && (i) < (1 << 24))

static __always_inline void skb_read_dev(struct skb_meta *m)
{
	/* Locals: a path through m itself would be relocated as if m were the kernel's. */
	struct net_device *dev = m->dev;
	struct sock *sk = m->sk;
	unsigned short type = 0;
	struct net *net = 0;
	__u32 inum = 0;
	int ifindex = 0;

	m->netns = m->ifindex = m->mtu = 0;
	if (KERNEL_ADDR(dev)) {
		bpf_core_read(&net, sizeof(net), &dev->nd_net.net);
		if (KERNEL_ADDR(net))
			bpf_core_read(&inum, sizeof(inum), &net->ns.inum);
		bpf_core_read(&ifindex, sizeof(ifindex), &dev->ifindex);
	}
	if (NETNS_PLAUSIBLE(inum) && IFINDEX_PLAUSIBLE(ifindex)) {
		m->netns = inum;
		m->ifindex = ifindex;
		bpf_core_read(&m->mtu, sizeof(m->mtu), &dev->mtu);
		bpf_core_read(&type, sizeof(type), &dev->type);
	} else {
		m->dev = 0;
		net = 0;
		inum = 0;
		if (KERNEL_ADDR(sk))
			bpf_core_read(&net, sizeof(net), &sk->__sk_common.skc_net.net);
		if (KERNEL_ADDR(net))
			bpf_core_read(&inum, sizeof(inum), &net->ns.inum);
		m->netns = NETNS_PLAUSIBLE(inum) ? inum : 0;
	}
	skb_read_mtu(m);
	if (m->dev && type != ARPHRD_ETHER && type != ARPHRD_LOOPBACK)
		m->l2 = 0;
}

/* The device's name, 16 bytes, zeros if there is none. After skb_read_dev() or skb_load_dev(). */
static __always_inline void skb_ifname(__u8 *name, const struct skb_meta *m, struct sk_buff *typed,
				       bool reads)
{
	struct net_device *dev = m->dev;

	__builtin_memset(name, 0, 16);
	if (!m->ifindex)
		return;
	if (reads) {
		bpf_core_read(name, 16, &dev->name);
		return;
	}
	dev = typed->dev;
#pragma unroll
	for (int i = 0; i < 16; i++)
		name[i] = dev->name[i];
}

static __always_inline void skb_load_dev(struct skb_meta *m, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;

	m->netns = m->ifindex = m->mtu = 0;
	if (!KERNEL_ADDR(dev) || !NETNS_PLAUSIBLE(dev->nd_net.net->ns.inum) ||
	    !IFINDEX_PLAUSIBLE(dev->ifindex))
		return;
	m->netns = dev->nd_net.net->ns.inum;
	m->ifindex = dev->ifindex;
	m->mtu = dev->mtu;
}

#endif

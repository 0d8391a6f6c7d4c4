/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SKB_TRACK_BPF_H
#define BPF_SKB_TRACK_BPF_H

/*
 * The identity of an skb. Its address is used again within microseconds, so a packet is the life of
 * an skb: from the first hit at an address to the free. A life ends with a function that gives the
 * memory back (role FREE). Some kernels inline that function; so a life that is being taken apart
 * (role DYING) ends as soon as anything but the taking apart is seen at its address; and every life
 * ends where its memory is given out anew (role ALLOC, or a clone is made in it).
 */

enum life_state { LIFE_ALIVE, LIFE_DYING, LIFE_FRESH };

struct life {
	__u64 packet;
	__u64 parent; /* 0: none is known */
	__u64 head;
	__u32 flow; /* for inferred ends */
	__u8 state;
	__u8 ignored;  /* of the connection that is left out */
	__u8 received; /* __netif_receive_skb_core has had it since it was last sent */
	__u8 fragment; /* of a list of them, whose parent is the whole */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);
	__type(key, __u64);
	__type(value, struct life);
} lives SEC(".maps");

/*
 * The addresses at which the last lives began, of each CPU its share: who makes room when the table
 * is full.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 131072);
	__type(key, __u32);
	__type(value, __u64);
} births SEC(".maps");

/*
 * What distinguishes the packets of one buffer address when frees are not all seen: protocol and
 * the first bytes of the network header's identification and addresses. 0: not known.
 */
static __noinline __u32 life_flow(const struct skb_meta *m)
{
	__u32 h[5] = {};

	if (!m->l3 || m->protocol != ETH_P_IP || m->l3 + sizeof(h) > m->tail)
		return 0;
	if (bpf_probe_read_kernel(h, sizeof(h), (void *)(m->head + m->l3)))
		return 0;
	return (h[1] ^ h[3] * 31 ^ h[4] * 131) | 1;
}

/*
 * Where edges are not seen: which packet last began in a buffer, and with which bytes. Where they
 * are seen: which packet's buffer has become an XDP frame.
 */
struct buffer {
	__u64 packet;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct buffer);
} buffers SEC(".maps");

/* The addresses, the identification and the first 8 bytes behind the IP header, in short. 0: they
 * are not there. */
static __noinline __u64 life_bytes(const struct skb_meta *m)
{
	__u32 h[12] = {}, from, to;
	__u64 sum = 0;

	if (!m->l3 || (m->protocol != ETH_P_IP && m->protocol != ETH_P_IPV6))
		return 0;
	from = m->protocol == ETH_P_IP ? 3 : 2;
	to = m->protocol == ETH_P_IP ? 7 : 12;
	if (m->l3 + to * 4 > m->tail)
		return 0;
	if (m->protocol == ETH_P_IP) {
		if (bpf_probe_read_kernel(h, 28, (void *)(m->head + m->l3)))
			return 0;
		sum = h[1];
	} else if (bpf_probe_read_kernel(h, 48, (void *)(m->head + m->l3))) {
		return 0;
	}
#pragma unroll
	for (__u32 i = 2; i < 12; i++)
		if (i >= from && i < to)
			sum = sum * 0x9e3779b97f4a7c15ULL + h[i];
	return sum | 1;
}

/*
 * Another packet with this buffer and these bytes must be what this one was cloned from: the buffer
 * belongs to both until both are freed. 0: there is none.
 */
static __noinline __u64 life_sibling(__u64 packet, const struct skb_meta *m)
{
	struct buffer fresh = {.packet = packet, .bytes = life_bytes(m)};
	__u64 head = m->head;
	struct buffer *b = bpf_map_lookup_elem(&buffers, &head);

	if (!fresh.bytes)
		return 0;
	if (b && b->bytes == fresh.bytes)
		return b->packet;
	bpf_map_update_elem(&buffers, &head, &fresh, BPF_ANY);
	return 0;
}

/* Is the life in the table over, so that this hit begins another? */
static __always_inline bool life_over(const struct life *l, const struct skb_meta *m, __u32 roles,
				      bool reads)
{
	if (l->state == LIFE_DYING)
		return !(roles & (PWRU_ROLE_FREE | PWRU_ROLE_DYING | PWRU_ROLE_RELEASE));
	/* What was received has an interface it came in by until it is sent on; without one it is
	 * another packet in the same memory. (Leaving a tunnel clears it too, before it is received
	 * again.) */
	if (cfg.inferred && l->received && !m->iif && !(roles & PWRU_ROLE_ENTER))
		return true;
	if (cfg.inferred && reads && l->head != m->head) {
		__u32 flow = life_flow(m);

		return flow && l->flow && flow != l->flow;
	}
	return false;
}

static __always_inline __u64 life_number(struct pwru_cpu *cpu, __u32 cpu_id, bool atomic)
{
	__u64 n;

	if (atomic)
		n = __sync_fetch_and_add(&cpu->lives, 1);
	else
		n = cpu->lives++;
	return n * cfg.cpus + cpu_id + 1;
}

enum { BEGIN_IGNORED = 1, BEGIN_READS = 2 };

#define EVICT_TRIES 8

/* The first of a CPU's places in births, and how many it has. */
#define BIRTHS_OF(cpu) ((cpu) * (cfg.max_lives / cfg.cpus + 1))
#define BIRTHS_SHARE   (cfg.max_lives / cfg.cpus + 1)

/*
 * The table is full: of the lives that began on this CPU, and are remembered, one goes that is
 * still there. A hand goes round over them, so that the oldest come first and those gone are passed
 * once.
 */
static __always_inline bool life_evict(__u64 packet, struct pwru_cpu *cpu)
{
	for (__u32 i = 0; i < EVICT_TRIES; i++) {
		__u32 at = BIRTHS_OF((packet - 1) % cfg.cpus) + cpu->hand++ % BIRTHS_SHARE;
		__u64 *key = bpf_map_lookup_elem(&births, &at), skb;

		if (!key)
			continue;
		skb = *key;
		if (!skb || bpf_map_delete_elem(&lives, &skb))
			continue;
		cpu->evicted++;
		return true;
	}
	return false;
}

/*
 * Begins a life, BEGIN_* saying how. NULL when the table is full, or another CPU has at once made
 * room with this one. Not inlined: stack. The number
 * comes from outside, because a kernel that does not know atomic instructions must not even see
 * one.
 */
static __noinline struct life *life_begin(struct pwru_cpu *cpu, __u64 packet,
					  const struct skb_meta *m, __u32 how)
{
	struct life fresh = {.packet = packet, .head = m->head, .ignored = how & BEGIN_IGNORED};
	__u64 key = m->skb;
	__u32 at;

	if (cfg.inferred && (how & BEGIN_READS)) {
		fresh.flow = life_flow(m);
		fresh.parent = life_sibling(packet, m);
	}
	if (bpf_map_update_elem(&lives, &key, &fresh, BPF_ANY) &&
	    (!life_evict(packet, cpu) || bpf_map_update_elem(&lives, &key, &fresh, BPF_ANY)))
		return 0;
	at = BIRTHS_OF((packet - 1) % cfg.cpus) + (packet - 1) / cfg.cpus % BIRTHS_SHARE;
	bpf_map_update_elem(&births, &at, &key, BPF_ANY);
	return bpf_map_lookup_elem(&lives, &key);
}

#endif

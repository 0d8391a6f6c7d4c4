/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SKB_TRACK_BPF_H
#define BPF_SKB_TRACK_BPF_H

/*
 * The identity of an skb. Its address is used again within microseconds, so a packet is the life of
 * an skb: from the first hit at an address to the free. A life ends with a function that gives the
 * memory back (role FREE). Some kernels inline that function; so a life that is being taken apart
 * (role DYING) ends as soon as anything but the taking apart is seen at its address.
 */

enum life_state { LIFE_ALIVE, LIFE_DYING };

struct life {
	__u64 packet;
	__u64 head;
	__u32 flow; /* for inferred ends */
	__u8 state;
	__u8 ignored;  /* of the connection that is left out */
	__u8 received; /* __netif_receive_skb_core has had it since it was last sent */
	__u8 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);
	__type(key, __u64);
	__type(value, struct life);
} lives SEC(".maps");

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

/*
 * Begins a life, BEGIN_* saying how. NULL when the table is full. Not inlined: stack. The number
 * comes from outside, because a kernel that does not know atomic instructions must not even see
 * one.
 */
static __noinline struct life *life_begin(struct pwru_cpu *cpu, __u64 packet,
					  const struct skb_meta *m, __u32 how)
{
	struct life fresh = {.packet = packet, .head = m->head, .ignored = how & BEGIN_IGNORED};
	__u64 key = m->skb;

	if (cfg.inferred && (how & BEGIN_READS))
		fresh.flow = life_flow(m);
	if (bpf_map_update_elem(&lives, &key, &fresh, BPF_ANY)) {
		cpu->lost_map++;
		return 0;
	}
	return bpf_map_lookup_elem(&lives, &key);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SKB_EDGE_BPF_H
#define BPF_SKB_EDGE_BPF_H

/*
 * Edges between packets. Most skbs are made from others in functions that are given both, so an
 * entry is enough: __copy_skb_header(new, old) for clones, copies and segments, told apart by who
 * calls it; skb_split(); ip_copy_metadata(to, from). What an skb is merged into is given together
 * with it too.
 */

#define IN_CODE(code, addr) ((addr) >= (code).from && (addr) < (code).to)

#define EDGE_NEXT_FRAGMENT 15 /* a fragment of what the other is a fragment of, if it is one */

/* The kind that a cookie names, seen closely. 0: no edge. */
static __always_inline __u32 edge_kind(__u32 kind, __u64 caller)
{
	if (kind == PWRU_EDGE_FRAGMENT &&
	    (IN_CODE(cfg.fraglists[0], caller) || IN_CODE(cfg.fraglists[1], caller)))
		return EDGE_NEXT_FRAGMENT;
	if (kind != PWRU_EDGE_CLONE)
		return kind;
	if (IN_CODE(cfg.copies, caller))
		return 0; /* skb_copy_header(), which has told already */
	if (IN_CODE(cfg.segments[0], caller) || IN_CODE(cfg.segments[1], caller))
		return PWRU_EDGE_SEGMENT;
	return kind;
}

/* The packet is freed, but its buffer goes on as an XDP frame (struct xdp_frame stands at its
 * start). */
static __noinline int frame_made(const struct life *l, const struct skb_meta *m)
{
	struct buffer b = {};
	__u64 head = m->head;

	if (!l)
		return bpf_map_delete_elem(&buffers, &head);
	b.packet = l->packet;
	b.bytes = l->ignored;
	return bpf_map_update_elem(&buffers, &head, &b, BPF_ANY);
}

/* The packet that the frame was; 0 when it was none, or nobody knows. */
static __always_inline __u64 frame_taken(__u64 frame, bool *ignored)
{
	struct buffer *b = bpf_map_lookup_elem(&buffers, &frame);
	__u64 packet = b ? b->packet : 0;

	*ignored = b && b->bytes;
	if (b)
		bpf_map_delete_elem(&buffers, &frame);
	return packet;
}

#define EDGE_BEGINS (1ull << 63) /* with this edge the packet's life begins */

/*
 * Takes the edge between m's packet and the skb at other: who descends from a packet that is
 * tracked is tracked, and so is what one becomes part of. Returns the other's packet number,
 * perhaps with EDGE_BEGINS; 0 when there is nothing to tell. Not inlined: stack.
 */
static __noinline __u64 edge(struct pwru_cpu *cpu, const struct skb_meta *m, __u64 other,
			     __u32 kind)
{
	struct life *l = bpf_map_lookup_elem(&lives, &other), *own;
	__u64 key = m->skb, packet = l ? l->packet : 0, begins = 0;
	bool ignored = l && l->ignored;

	if (l && kind == EDGE_NEXT_FRAGMENT && l->fragment)
		packet = l->parent;
	if (kind == PWRU_EDGE_FRAME)
		packet = frame_taken(other, &ignored);

	own = bpf_map_lookup_elem(&lives, &key);
	/*
	 * A clone is made in memory that has just been given out. A segment may have been a member
	 * of the packet's list, whose head state is taken away before it gets the packet's.
	 */
	if (own && own->state == LIFE_DYING && kind == PWRU_EDGE_SEGMENT) {
		own->state = LIFE_ALIVE;
	} else if (own && own->state != LIFE_FRESH &&
		   (kind == PWRU_EDGE_CLONE || own->state == LIFE_DYING)) {
		if (own->state == LIFE_ALIVE)
			cpu->stale++;
		bpf_map_delete_elem(&lives, &key);
		own = 0;
	}
	if (own && ignored && kind != PWRU_EDGE_MERGE)
		own->ignored = 1;
	if (!packet || !cfg.track || (own && kind != PWRU_EDGE_MERGE && own->parent))
		return 0;
	if (!own) {
		own = life_begin(cpu, life_number(cpu, bpf_get_smp_processor_id(), false), m,
				 BEGIN_READS | (ignored ? BEGIN_IGNORED : 0));
		begins = EDGE_BEGINS;
		if (own && kind == PWRU_EDGE_FRAME)
			own->state = LIFE_FRESH;
	}
	if (!own || ignored)
		return 0;
	if (kind != PWRU_EDGE_MERGE)
		own->parent = packet;
	own->fragment |= kind == EDGE_NEXT_FRAGMENT;
	return packet | begins;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_EMIT_BPF_H
#define BPF_EMIT_BPF_H

/* A hit into this CPU's buffer: reserved in one of three sizes, filled in place, submitted without
 * a wake-up. */

#define ROOM_SMALL (sizeof(struct pwru_event) + PWRU_DATA_SMALL)
#define ROOM_LARGE (sizeof(struct pwru_event) + PWRU_DATA_LARGE)
#define ROOM_EXTRA (ROOM_LARGE + sizeof(struct pwru_extra))

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps"); /* one a CPU */

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 0);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

struct perf_event_room {
	__u64 bytes[ROOM_EXTRA / sizeof(__u64)];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct perf_event_room);
} perf_scratch SEC(".maps");

/* How a program works; every field is a constant where hit() is inlined. */
struct way {
	bool ring;   /* else perf */
	bool reads;  /* probe reads are allowed */
	bool atomic; /* may be interrupted by another of these programs: tracepoints */
	bool regs;   /* the context holds registers; else a tracepoint's arguments */
};

/* One more; exactly, also where another program may interrupt this one. Its value is not asked: no
 * kernel lacks this. */
#define COUNT(counter, way)                                  \
	do {                                                 \
		if ((way).atomic)                            \
			__sync_fetch_and_add(&(counter), 1); \
		else                                         \
			(counter)++;                         \
	} while (0)

struct hit {
	__u64 cookie;
	__u64 other; /* the other end of an edge */
	void *ctx;
	struct sock *sk;       /* an argument, or the skb's */
	struct sk_buff *typed; /* the skb as BTF knows it, without probe reads */
	__u64 packet;
	__u64 parent;
	__u64 seq;
	__u32 flags;
	__u32 cpu_id;
};

/* Who called, and why: read only now, since most of what is filtered out needs neither. */
static __always_inline void fill_call(struct pwru_event *e, const struct hit *h, struct way way)
{
	__u32 reason = COOKIE(h->cookie, PWRU_COOKIE_REASON_SHIFT);
	__u32 loc = COOKIE(h->cookie, PWRU_COOKIE_LOC_SHIFT);

	e->caller = 0;
	e->reason = 0;
	if (!way.regs)
		e->caller = loc ? tp_arg(h->ctx, loc - 1) : 0;
	else if (!(h->cookie & PWRU_COOKIE_RETURN))
		e->caller = reg_caller(h->ctx);
	if (!reason)
		return;
	e->reason = way.regs ? reg_arg(h->ctx, reason - 1) : tp_arg(h->ctx, reason - 1);
	e->flags |= PWRU_EV_REASON;
}

static __always_inline void fill(struct pwru_event *e, const struct skb_meta *m,
				 const struct hit *h, const struct pwru_cpu *cpu, struct way way)
{
	__u64 id = bpf_get_current_pid_tgid();

	e->ktime = bpf_ktime_get_ns();
	e->skb = m->skb;
	e->head = m->head;
	e->packet = h->packet;
	e->parent = h->parent;
	e->seq = h->seq;
	e->func = h->cookie & ((1u << PWRU_COOKIE_FUNC_BITS) - 1);
	e->flags = h->flags;
	fill_call(e, h, way);
	e->lost_read = cpu->lost_read;
	e->lost = cpu->lost_ring + e->lost_read;
	e->pad = 0;
	e->netns = m->netns;
	e->ifindex = m->ifindex;
	e->mark = m->mark;
	e->pid = id >> 32;
	e->tid = (__u32)id;
	e->len = m->len;
	e->data_len = m->data_len;
	e->mtu = m->mtu;
	e->hash = m->hash;
	e->protocol = m->protocol;
	e->cpu = h->cpu_id;
	e->vlan = m->vlan;
	e->queue = m->queue;
	e->mac_header = m->mac_header;
	e->network_header = m->network_header;
	e->transport_header = m->transport_header;
	e->caplen = 0;
	e->wire_len = m->len;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	skb_ifname(e->ifname, m, h->typed, way.reads);
}

static __always_inline void fill_sk_tuple(struct pwru_event *e, struct sock *sk)
{
	struct pwru_tuple *t = (struct pwru_tuple *)e->data;

	__builtin_memset(t, 0, sizeof(*t));
	tuple_from_sock(t, sk);
	if (t->family) {
		e->flags |= PWRU_EV_SK_TUPLE;
		e->caplen = sizeof(*t);
	}
}

/*
 * Packets whose headers are not in the linear part: fewer than this many bytes there. They get the
 * large data area, in which these bytes and this much of the first fragment fit, as the verifier
 * can see.
 */
#define FRAG_HEADERS 64
#define FRAG_MOST    128

static __always_inline bool needs_frag(const struct skb_meta *m)
{
	__u32 from = m->l2 ? m->l2 : m->l3;

	return cfg.vmemmap && m->data_len && from && m->tail - from < FRAG_HEADERS;
}

/* What is still missing of the packet's bytes, from the first fragment, behind the n that are
 * there. */
static __always_inline void fill_frag(struct pwru_event *e, const struct skb_meta *m, __u32 n)
{
	__u32 len = 0, want = cfg.snaplen - n;
	__u64 from = skb_first_frag(m, &len);

	if (want > len)
		want = len;
	if (want > FRAG_MOST)
		want = FRAG_MOST;
	if (!from || !want || n >= FRAG_HEADERS)
		return;
	if (!bpf_probe_read_kernel(e->data + n, want, (void *)from))
		e->caplen = n + want;
}

/* The packet's bytes, from the MAC header if it is there, else from the network header, else a
 * tuple from the socket. */
static __always_inline void fill_data(struct pwru_event *e, const struct skb_meta *m,
				      const struct hit *h, __u32 room)
{
	__u32 from = m->l2 ? m->l2 : m->l3, n;

	if (!from) {
		fill_sk_tuple(e, h->sk);
		return;
	}
	e->wire_len = m->len + (m->data - from); /* data may stand before the MAC header or after */
	n = m->tail - from;
	if (n > cfg.snaplen)
		n = cfg.snaplen;
	if (n > room)
		n = room;
	if (n && bpf_probe_read_kernel(e->data, n, (void *)(m->head + from))) {
		e->flags |= PWRU_EV_UNREADABLE;
		return;
	}
	e->caplen = n;
	if (room == PWRU_DATA_LARGE && n < cfg.snaplen && needs_frag(m))
		fill_frag(e, m, n);
	if (!e->caplen)
		e->flags |= PWRU_EV_UNREADABLE;
	else if (m->l2)
		e->flags |= PWRU_EV_L2;
}

/* Parts that are asked for by options. Their place is behind the large data area. */
static __always_inline void fill_extra(struct pwru_event *e, const struct skb_meta *m,
				       const struct hit *h, struct way way)
{
	struct pwru_extra *x = (void *)(e->data + PWRU_DATA_LARGE);
	__u32 size = cfg.skb_size > PWRU_SKB_MAX ? PWRU_SKB_MAX : cfg.skb_size;
	__u32 depth = cfg.stack_depth > PWRU_STACK_MAX ? PWRU_STACK_MAX : cfg.stack_depth;
	long n = 0;

	x->skb_len = 0;
	x->cb_len = 0;
	if (depth)
		n = bpf_get_stack(h->ctx, x->stack, depth * sizeof(__u64), 0);
	x->stack_len = n > 0 ? n : 0;
	if (!way.reads || h->flags & PWRU_EV_BORROWED)
		return;
	if (size && !bpf_probe_read_kernel(x->skb, size, (void *)m->skb))
		x->skb_len = size;
	if (cfg.keep_cb &&
	    !bpf_probe_read_kernel(x->cb, sizeof(x->cb),
				   (void *)(m->skb + bpf_core_field_offset(struct sk_buff, cb))))
		x->cb_len = sizeof(x->cb);
}

static __always_inline void fill_all(struct pwru_event *e, const struct skb_meta *m,
				     const struct hit *h, const struct pwru_cpu *cpu, __u32 room,
				     struct way way)
{
	fill(e, m, h, cpu, way);
	if (way.reads)
		fill_data(e, m, h, room);
	else
		e->flags |= PWRU_EV_UNREADABLE;
}

static __always_inline void emit_ring(const struct skb_meta *m, struct hit *h, struct pwru_cpu *cpu,
				      struct way way)
{
	void *ring = bpf_map_lookup_elem(&rings, &h->cpu_id);
	struct pwru_event *e;
	__u64 wake = BPF_RB_NO_WAKEUP;

	if (!ring) /* a CPU that came online later */
		goto full;
	/* Asking how full it is costs, so not each time. */
	if ((h->seq & 63) == 0 && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > cfg.wake_bytes)
		wake = BPF_RB_FORCE_WAKEUP;
	if (cfg.extra) {
		e = bpf_ringbuf_reserve(ring, ROOM_EXTRA, 0);
		if (!e)
			goto full;
		fill_all(e, m, h, cpu, PWRU_DATA_LARGE, way);
		fill_extra(e, m, h, way);
	} else if (cfg.snaplen <= PWRU_DATA_SMALL && !(way.reads && needs_frag(m))) {
		e = bpf_ringbuf_reserve(ring, ROOM_SMALL, 0);
		if (!e)
			goto full;
		fill_all(e, m, h, cpu, PWRU_DATA_SMALL, way);
	} else {
		e = bpf_ringbuf_reserve(ring, ROOM_LARGE, 0);
		if (!e)
			goto full;
		fill_all(e, m, h, cpu, PWRU_DATA_LARGE, way);
	}
	bpf_ringbuf_submit(e, wake);
	return;
full:
	COUNT(cpu->lost_ring, way);
}

static __always_inline void emit_perf(const struct skb_meta *m, struct hit *h, struct pwru_cpu *cpu,
				      struct way way)
{
	__u32 zero = 0, size = ROOM_LARGE;
	struct pwru_event *e = bpf_map_lookup_elem(&perf_scratch, &zero);

	if (!e)
		return;
	if (cfg.snaplen <= PWRU_DATA_SMALL && !(way.reads && needs_frag(m)))
		size = ROOM_SMALL;
	fill_all(e, m, h, cpu, PWRU_DATA_LARGE, way);
	if (cfg.extra) {
		fill_extra(e, m, h, way);
		size = ROOM_EXTRA;
	}
	if (bpf_perf_event_output(h->ctx, &perf, BPF_F_CURRENT_CPU, e, size))
		cpu->lost_ring++;
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The measuring point: which skb, is it wanted, which packet is it, and a record of the hit into
 * this CPU's buffer.
 *
 * One inline body, hit(), serves all entry points; they differ in where arguments come from
 * (registers, tracepoint arguments), in how the probe is told apart (attach cookie, a table by
 * address, a constant patched in), and in the buffer (ring from 5.8, perf before). Each is loaded
 * only where it is used. Filter first, fill afterwards, in place.
 */
#include "bpf/skb_types.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "bpf/pwru_abi.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct pwru_config cfg = {};

/* Nothing is recorded before all is attached, nor after the end was decided. */
__u32 enabled = 0;

#include "bpf/skb_fields.bpf.h"
#include "bpf/filter.bpf.h"
#include "bpf/skb_track.bpf.h"
#include "bpf/regs.bpf.h"

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
	__u64 bytes[(sizeof(struct pwru_event) + PWRU_DATA_LARGE) / sizeof(__u64)];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct perf_event_room);
} perf_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pwru_cpu);
} cpus SEC(".maps");

/* Where there are no attach cookies (before 5.15): instruction address -> cookie. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} cookies SEC(".maps");

/* How a program works; every field is a constant where hit() is inlined. */
struct way {
	bool ring;   /* else perf */
	bool reads;  /* probe reads are allowed */
	bool atomic; /* may be interrupted by another of these programs: tracepoints */
};

#define COOKIE(cookie, shift) (((cookie) >> (shift)) & 7)
#define COOKIE_ROLES(cookie)  ((__u32)((cookie) >> PWRU_COOKIE_ROLES_SHIFT) & 0xffff)

static __always_inline void fill(struct pwru_event *e, const struct skb_meta *m, __u64 cookie)
{
	__u64 id = bpf_get_current_pid_tgid();

	e->ktime = bpf_ktime_get_ns();
	e->skb = m->skb;
	e->head = m->head;
	e->func = cookie & ((1u << PWRU_COOKIE_FUNC_BITS) - 1);
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
	e->vlan = m->vlan;
	e->queue = m->queue;
	e->mac_header = m->mac_header;
	e->network_header = m->network_header;
	e->transport_header = m->transport_header;
	e->caplen = 0;
	e->wire_len = m->len;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	__builtin_memcpy(e->ifname, m->name, sizeof(e->ifname));
}

/* The packet's bytes, from the MAC header if it is there, else from the network header, else a
 * tuple from the socket. */
static __always_inline void fill_data(struct pwru_event *e, const struct skb_meta *m,
				      struct sock *sk, __u32 room)
{
	__u32 from = m->l2 ? m->l2 : m->l3, n;

	if (!from) {
		struct pwru_tuple *t = (struct pwru_tuple *)e->data;

		__builtin_memset(t, 0, sizeof(*t));
		tuple_from_sock(t, sk);
		if (t->family) {
			e->flags |= PWRU_EV_SK_TUPLE;
			e->caplen = sizeof(*t);
		}
		return;
	}
	e->wire_len = m->len + (m->data - from); /* data may stand before the MAC header or after */
	n = m->tail - from;
	if (n > cfg.snaplen)
		n = cfg.snaplen;
	if (n > room)
		n = room;
	if (n == 0 || bpf_probe_read_kernel(e->data, n, (void *)(m->head + from))) {
		e->flags |= PWRU_EV_UNREADABLE;
		return;
	}
	e->caplen = n;
	if (m->l2)
		e->flags |= PWRU_EV_L2;
}

struct hit {
	__u64 cookie;
	__u64 caller;
	__u64 reason;
	struct sock *sk;       /* an argument, or the skb's */
	struct sk_buff *typed; /* the skb as BTF knows it, without probe reads */
	__u64 packet;
	__u64 seq;
	__u32 flags;
	__u32 cpu_id;
};

static __always_inline void fill_all(struct pwru_event *e, const struct skb_meta *m,
				     const struct hit *h, struct pwru_cpu *cpu, __u32 room,
				     struct way way)
{
	fill(e, m, h->cookie);
	e->caller = h->caller;
	e->packet = h->packet;
	e->seq = h->seq;
	e->cpu = h->cpu_id;
	e->lost = cpu->lost_ring;
	e->reason = (__u32)h->reason;
	e->flags = h->flags;
	if (way.reads)
		fill_data(e, m, h->sk, room);
	else
		e->flags |= PWRU_EV_UNREADABLE;
}

#define ROOM_SMALL (sizeof(struct pwru_event) + PWRU_DATA_SMALL)
#define ROOM_LARGE (sizeof(struct pwru_event) + PWRU_DATA_LARGE)

static __always_inline void emit_ring(const struct skb_meta *m, struct hit *h, struct pwru_cpu *cpu,
				      struct way way)
{
	void *ring = bpf_map_lookup_elem(&rings, &h->cpu_id);
	struct pwru_event *e;
	__u64 wake = BPF_RB_NO_WAKEUP;

	if (!ring)
		return;
	/* Asking how full it is costs, so not each time. */
	if ((h->seq & 63) == 0 && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > cfg.wake_bytes)
		wake = BPF_RB_FORCE_WAKEUP;
	if (cfg.snaplen <= PWRU_DATA_SMALL) {
		e = bpf_ringbuf_reserve(ring, ROOM_SMALL, 0);
		if (!e)
			goto full;
		fill_all(e, m, h, cpu, PWRU_DATA_SMALL, way);
		bpf_ringbuf_submit(e, wake);
	} else {
		e = bpf_ringbuf_reserve(ring, ROOM_LARGE, 0);
		if (!e)
			goto full;
		fill_all(e, m, h, cpu, PWRU_DATA_LARGE, way);
		bpf_ringbuf_submit(e, wake);
	}
	return;
full:
	if (way.atomic)
		__sync_fetch_and_add(&cpu->lost_ring, 1);
	else
		cpu->lost_ring++;
}

static __always_inline void emit_perf(void *ctx, const struct skb_meta *m, struct hit *h,
				      struct pwru_cpu *cpu, struct way way)
{
	__u32 zero = 0, size;
	struct perf_event_room *room = bpf_map_lookup_elem(&perf_scratch, &zero);

	if (!room)
		return;
	fill_all((struct pwru_event *)room, m, h, cpu, PWRU_DATA_LARGE, way);
	size = cfg.snaplen <= PWRU_DATA_SMALL ? ROOM_SMALL : ROOM_LARGE;
	if (bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, room, size))
		cpu->lost_ring++;
}

/* Does its tuple let an untracked packet pass? 2: it is of the connection left out. Not inlined:
 * stack. */
static __noinline int wanted_tuple(const struct skb_meta *m, struct sock *sk)
{
	struct pwru_tuple t = {};

	if (!tuple_from_headers(&t, m))
		tuple_from_sock(&t, sk);
	return filter_excluded(&t) ? 2 : filter_tuple(&t);
}

/* 0 no, 1 yes, 2 it is to be ignored for its whole life. */
static __always_inline int wanted(const struct skb_meta *m, struct sock *sk, struct way way)
{
	if (cfg.has_mark && m->mark != cfg.mark)
		return 0;
	if (!way.reads || !cfg.want_tuple)
		return 1;
	return wanted_tuple(m, sk);
}

/* Which packet is it? Sets h->packet and flags. False: the hit is not to be recorded. */
static __always_inline bool identify(struct skb_meta *m, struct hit *h, struct pwru_cpu *cpu,
				     struct way way)
{
	__u32 roles = COOKIE_ROLES(h->cookie);
	__u64 key = m->skb;
	struct life *l = bpf_map_lookup_elem(&lives, &key);
	int want = 1;

	if (l && life_over(l, m, roles, way.reads))
		l = 0;
	if (!l || (!cfg.track && !l->ignored)) {
		want = wanted(m, h->sk, way);
		if (!want) {
			cpu->filtered++;
			return false;
		}
		h->flags |= PWRU_EV_MATCHED;
	}
	if (!l) {
		l = life_begin(cpu, h->cpu_id, m, want == 2, way.atomic, way.reads);
		h->flags |= PWRU_EV_BEGIN;
	}
	if (!l) {
		h->flags |= PWRU_EV_NO_ID;
		return want == 1;
	}
	want = !l->ignored;
	h->packet = l->packet;
	if (roles & PWRU_ROLE_DYING)
		l->state = LIFE_DYING;
	if (roles & PWRU_ROLE_FREE) {
		bpf_map_delete_elem(&lives, &key);
		h->flags |= PWRU_EV_END;
	}
	return want;
}

static __always_inline void hit_in(void *ctx, __u64 skb, struct hit *h, struct pwru_cpu *cpu,
				   struct way way)
{
	struct skb_meta m = {};
	int err;

	if (!skb) {
		cpu->null_arg++;
		return;
	}
	if (IS_ERR(skb)) {
		cpu->err_arg++;
		return;
	}
	err = !KERNEL_ADDR(skb) ? 1 : way.reads ? skb_read(&m, skb) : skb_load(&m, h->typed);
	if (err) {
		if (err == 1)
			cpu->not_skb++;
		else
			cpu->lost_read++;
		return;
	}
	if (m.sk)
		h->sk = m.sk;
	else
		m.sk = h->sk;
	if (m.has_vlan)
		h->flags |= PWRU_EV_VLAN;
	if (!identify(&m, h, cpu, way))
		return;
	if (way.reads)
		skb_read_dev(&m);
	else
		skb_load_dev(&m, h->typed);
	if (way.atomic)
		h->seq = __sync_fetch_and_add(&cpu->seq, 1) + 1;
	else
		h->seq = ++cpu->seq;
	if (way.ring)
		emit_ring(&m, h, cpu, way);
	else
		emit_perf(ctx, &m, h, cpu, way);
}

static __always_inline int hit(void *ctx, __u64 skb, struct hit *h, struct way way)
{
	__u32 cpu_id = bpf_get_smp_processor_id();
	struct pwru_cpu *cpu = bpf_map_lookup_elem(&cpus, &cpu_id);

	if (!cpu || !enabled)
		return 0;
	h->cpu_id = cpu_id;
	/* The perf buffer's scratch is one a CPU. Kprobe programs never interrupt one another
	 * there; tracepoints do. */
	if (!way.ring && cpu->busy) {
		cpu->nested++;
		return 0;
	}
	if (!way.ring)
		cpu->busy = 1;
	hit_in(ctx, skb, h, cpu, way);
	if (!way.ring)
		cpu->busy = 0;
	return 0;
}

static __always_inline int hit_regs(REGS *regs, __u64 cookie, struct way way)
{
	__u32 reason = COOKIE(cookie, PWRU_COOKIE_REASON_SHIFT);
	__u32 sock = COOKIE(cookie, PWRU_COOKIE_SOCK_SHIFT);
	struct hit h = {.cookie = cookie, .caller = reg_caller(regs)};

	if (reason) {
		h.reason = reg_arg(regs, reason - 1);
		h.flags |= PWRU_EV_REASON;
	}
	if (sock)
		h.sk = (struct sock *)reg_arg(regs, sock - 1);
	return hit(regs, reg_arg(regs, COOKIE(cookie, PWRU_COOKIE_SKB_SHIFT)), &h, way);
}

#define WAY_KPROBE_RING ((struct way){.ring = true, .reads = true})
#define WAY_KPROBE_PERF ((struct way){.reads = true})
#define WAY_TP_RING	((struct way){.ring = true, .reads = true, .atomic = true})
#define WAY_TP_PERF	((struct way){.reads = true})
#define WAY_BTF_RING	((struct way){.ring = true, .atomic = true})

SEC("kprobe.multi/pwru")
int multi_ring(REGS *regs)
{
	return hit_regs(regs, bpf_get_attach_cookie(regs), WAY_KPROBE_RING);
}

SEC("kprobe")
int kprobe_ring(REGS *regs)
{
	return hit_regs(regs, bpf_get_attach_cookie(regs), WAY_KPROBE_RING);
}

static __always_inline int hit_by_ip(REGS *regs, struct way way)
{
	__u64 ip = reg_ip(regs), *cookie = bpf_map_lookup_elem(&cookies, &ip);

	return cookie ? hit_regs(regs, *cookie, way) : 0;
}

SEC("kprobe")
int kprobe_ip_ring(REGS *regs)
{
	return hit_by_ip(regs, WAY_KPROBE_RING);
}

SEC("kprobe")
int kprobe_ip_perf(REGS *regs)
{
	return hit_by_ip(regs, WAY_KPROBE_PERF);
}

/*
 * The tracepoint programs are loaded once for each tracepoint, with the hole replaced by its
 * cookie. The verifier then knows the positions and never looks at the loads of the other
 * arguments, some of which do not exist.
 */
static __always_inline __u64 cookie_hole(void)
{
	__u64 cookie;

	asm volatile("%0 = %1 ll" : "=r"(cookie) : "i"(PWRU_COOKIE_HOLE));
	return cookie;
}

static __always_inline int hit_tp(void *ctx, struct way way)
{
	__u64 cookie = cookie_hole();
	__u32 reason = COOKIE(cookie, PWRU_COOKIE_REASON_SHIFT);
	__u32 sock = COOKIE(cookie, PWRU_COOKIE_SOCK_SHIFT);
	__u32 loc = COOKIE(cookie, PWRU_COOKIE_LOC_SHIFT);
	__u64 skb = tp_arg(ctx, COOKIE(cookie, PWRU_COOKIE_SKB_SHIFT));
	struct hit h = {.cookie = cookie, .typed = (struct sk_buff *)skb};

	if (reason) {
		h.reason = tp_arg(ctx, reason - 1);
		h.flags |= PWRU_EV_REASON;
	}
	if (loc)
		h.caller = tp_arg(ctx, loc - 1);
	if (sock && way.reads)
		h.sk = (struct sock *)tp_arg(ctx, sock - 1);
	return hit(ctx, skb, &h, way);
}

SEC("raw_tp")
int tp_ring(void *ctx)
{
	return hit_tp(ctx, WAY_TP_RING);
}

SEC("raw_tp")
int tp_perf(void *ctx)
{
	return hit_tp(ctx, WAY_TP_PERF);
}

SEC("tp_btf")
int tp_btf_ring(void *ctx)
{
	return hit_tp(ctx, WAY_BTF_RING);
}

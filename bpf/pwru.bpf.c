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

#define COOKIE(cookie, shift) (((cookie) >> (shift)) & 7)
#define COOKIE_ROLES(cookie)  ((__u32)((cookie) >> PWRU_COOKIE_ROLES_SHIFT) & 0xffff)
#define COOKIE_EDGE(cookie)   ((__u32)((cookie) >> PWRU_COOKIE_EDGE_SHIFT) & 15)

/* Nothing is recorded before all is attached, nor after the end was decided. */
__u32 enabled = 0;

#include "bpf/skb_fields.bpf.h"
#include "bpf/filter.bpf.h"
#include "bpf/pcap.bpf.h"
#include "bpf/skb_track.bpf.h"
#include "bpf/skb_edge.bpf.h"
#include "bpf/regs.bpf.h"
#include "bpf/emit.bpf.h"

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

/*
 * The same value, of which the verifier knows nothing any more: before 6.4 it keeps all that it
 * knows of numbers in programs with functions, and goes through what follows once for each
 * combination of flags. Kprobes do not interrupt one another, so that one place a CPU is enough.
 */
static __always_inline __u64 forget(struct pwru_cpu *cpu, __u64 v, struct way way)
{
	if (!way.regs)
		return v;
	*(volatile __u64 *)&cpu->scratch = v;
	return *(volatile __u64 *)&cpu->scratch;
}

/* Do its headers let an untracked packet pass? 2: it is of the connection left out. Not inlined:
 * stack. */
static __noinline int wanted_headers(struct skb_meta *m, struct sock *sk)
{
	struct pwru_tuple t = {};
	struct skb_meta own;
	bool from_sock;

	if (cfg.has_pcap && !pcap_matches(m))
		return 0;
	if (cfg.has_tunnel && !tunnel_matches(m))
		return 0;
	if (!cfg.want_tuple)
		return 1;
	own.head = m->head;
	own.tail = m->tail;
	own.l2 = m->l2;
	own.l3 = m->l3;
	own.protocol = m->protocol;
	from_sock = !tuple_from_headers(&t, &own);
	if (from_sock)
		tuple_from_sock(&t, sk);
	/* Nobody knows yet whether it is of the connection left out. */
	if (cfg.exclude && from_sock && !t.family)
		return 0;
	return filter_excluded(&t) ? 2 : filter_tuple(&t, from_sock);
}

/* Not inlined: stack. */
static __noinline bool same_ifname(const struct skb_meta *m)
{
	const volatile __u64 *want = (const volatile __u64 *)cfg.ifname;
	__u64 name[2];

	skb_ifname((__u8 *)name, m, 0, true);
	return name[0] == want[0] && name[1] == want[1];
}

static __always_inline bool same_ifname_typed(const struct skb_meta *m, struct sk_buff *typed)
{
	const volatile __u64 *want = (const volatile __u64 *)cfg.ifname;
	__u64 name[2];

	skb_ifname((__u8 *)name, m, typed, false);
	return name[0] == want[0] && name[1] == want[1];
}

/* 0 no, 1 yes, 2 it is to be ignored for its whole life. */
static __always_inline int wanted(struct skb_meta *m, struct sock *sk, struct sk_buff *typed,
				  struct way way)
{
	/* No mark yet is not mark 0. */
	if (cfg.has_mark && (!m->l3 || (m->mark & cfg.mark_mask) != cfg.mark))
		return 0;
	if (cfg.pid && cfg.pid != bpf_get_current_pid_tgid() >> 32)
		return 0;
	if (cfg.netns && cfg.netns != m->netns)
		return 0;
	if (cfg.has_ifname && !(way.reads ? same_ifname(m) : same_ifname_typed(m, typed)))
		return 0;
	if (!way.reads || !(cfg.want_tuple || cfg.has_pcap || cfg.has_tunnel))
		return 1;
	return wanted_headers(m, sk);
}

/* Which packet is it? Sets h->packet and flags. False: the hit is not to be recorded. */
static __always_inline bool identify(struct skb_meta *m, struct hit *h, struct pwru_cpu *cpu,
				     struct way way)
{
	__u32 roles = COOKIE_ROLES(h->cookie);
	__u64 key = m->skb;
	struct life *l = bpf_map_lookup_elem(&lives, &key);
	bool quiet = h->cookie & PWRU_COOKIE_LIFECYCLE;
	int want = 1;

	if (way.regs && cfg.frames.to && roles & PWRU_ROLE_CONSUME &&
	    IN_CODE(cfg.frames, reg_caller(h->ctx)))
		frame_made(l, m);
	if (l && life_over(l, m, roles, way.reads)) {
		/* Also when what follows is not wanted: it must not be taken for this one later. */
		bpf_map_delete_elem(&lives, &key);
		l = 0;
	} else if (l && roles & PWRU_ROLE_ALLOC && l->state != LIFE_FRESH) {
		bpf_map_delete_elem(&lives, &key);
		cpu->stale++;
		l = 0;
	}
	if (quiet && !l)
		return false;
	if (quiet)
		h->flags |= PWRU_EV_LIFECYCLE;
	else if (!l || (!cfg.track && !l->ignored)) {
		want = forget(cpu, wanted(m, h->sk, h->typed, way), way);
		if (!want) {
			cpu->filtered++;
			if (l && roles & PWRU_ROLE_FREE)
				bpf_map_delete_elem(&lives, &key);
			return false;
		}
		if (l && want == 2)
			l->ignored = 1;
		h->flags |= PWRU_EV_MATCHED;
	}
	if (!l) {
		l = life_begin(cpu, life_number(cpu, h->cpu_id, way.atomic), m,
			       (want == 2 ? BEGIN_IGNORED : 0) | (way.reads ? BEGIN_READS : 0));
		h->flags |= PWRU_EV_BEGIN;
		if (cfg.inferred && l && l->parent) {
			h->parent = l->parent;
			h->flags |= PWRU_EV_EDGE | PWRU_EV_GUESSED |
				    PWRU_EDGE_CLONE << PWRU_EV_EDGE_SHIFT;
		}
	}
	if (!l) {
		if (want != 1)
			return false;
		COUNT(cpu->lost_map, way);
		h->flags |= PWRU_EV_NO_ID;
		return true;
	}
	want = !l->ignored && (cfg.track || !quiet);
	h->packet = l->packet;
	if (roles & PWRU_ROLE_DYING)
		l->state = LIFE_DYING;
	else if (roles & PWRU_ROLE_ALLOC)
		l->state = LIFE_FRESH;
	else if (l->state == LIFE_FRESH)
		l->state = LIFE_ALIVE;
	if (roles & PWRU_ROLE_RECEIVE)
		l->received = 1;
	else if (roles & PWRU_ROLE_XMIT)
		l->received = 0;
	if (roles & PWRU_ROLE_FREE) {
		bpf_map_delete_elem(&lives, &key);
		h->flags |= PWRU_EV_END;
	}
	return want;
}

/* Follows an edge before the hit's own packet is looked for. Not in tracepoints: they have none. */
static __always_inline void take_edge(const struct skb_meta *m, struct hit *h, struct pwru_cpu *cpu,
				      __u32 kind)
{
	__u64 other;

	if (kind == PWRU_EDGE_QUEUE || kind == PWRU_EDGE_REASSEMBLE) {
		h->parent = h->other;
	} else {
		other = edge(cpu, m, h->other, kind);
		if (!other)
			return;
		if (other & EDGE_BEGINS)
			h->flags |= PWRU_EV_BEGIN;
		h->parent = other & ~EDGE_BEGINS;
	}
	if (kind == EDGE_NEXT_FRAGMENT)
		kind = PWRU_EDGE_FRAGMENT;
	else if (kind == PWRU_EDGE_FRAME)
		h->flags |= PWRU_EV_GUESSED;
	h->flags |= PWRU_EV_EDGE | kind << PWRU_EV_EDGE_SHIFT;
}

static __always_inline void read_dev(struct skb_meta *m, const struct hit *h, struct pwru_cpu *cpu,
				     struct way way)
{
	if (!way.reads) {
		skb_load_dev(m, h->typed);
		return;
	}
	skb_read_dev(m);
	m->netns = forget(cpu, m->netns, way);
	m->ifindex = forget(cpu, m->ifindex, way);
	m->mtu = forget(cpu, m->mtu, way);
	m->l2 = forget(cpu, m->l2, way);
	m->dev = (struct net_device *)forget(cpu, (__u64)m->dev, way);
}

/*
 * Reads what the hit is about: the skb; of one that is just being cloned the one it is cloned from;
 * and nothing of one whose memory has just been given out. Returns as skb_read() does.
 */
static __always_inline int read_skb(struct skb_meta *m, __u64 skb, struct hit *h, __u32 edge,
				    struct way way)
{
	int err;

	if (!KERNEL_ADDR(skb))
		return 1;
	if (!way.reads)
		return skb_load(m, h->typed);
	m->skb = skb;
	if (edge == PWRU_EDGE_FRAME ||
	    (COOKIE_ROLES(h->cookie) & PWRU_ROLE_ALLOC && !(h->cookie & PWRU_COOKIE_RETURN))) {
		h->flags |= PWRU_EV_BORROWED;
		return 0;
	}
	if (edge == PWRU_EDGE_CLONE)
		h->flags |= PWRU_EV_BORROWED;
	err = skb_read(m, edge == PWRU_EDGE_CLONE ? h->other : skb);
	m->skb = skb;
	return err;
}

static __always_inline __u64 next_seq(struct pwru_cpu *cpu, struct way way)
{
	return way.atomic ? __sync_fetch_and_add(&cpu->seq, 1) + 1 : ++cpu->seq;
}

static __always_inline void hit_in(__u64 skb, struct hit *h, struct pwru_cpu *cpu, struct way way)
{
	struct skb_meta m = {};
	__u32 edge = 0;
	int err;

	if (!skb) {
		cpu->null_arg++;
		return;
	}
	if (IS_ERR(skb)) {
		cpu->err_arg++;
		return;
	}
	if (way.regs && COOKIE_EDGE(h->cookie))
		edge = edge_kind(COOKIE_EDGE(h->cookie), reg_caller(h->ctx));
	edge = forget(cpu, edge, way);
	err = read_skb(&m, skb, h, edge, way);
	if (err) {
		if (err == 1) {
			cpu->not_skb++;
			return;
		}
		next_seq(cpu, way);
		COUNT(cpu->lost_read, way);
		return;
	}
	m.l3 = forget(cpu, m.l3, way);
	m.l2 = forget(cpu, m.l2, way);
	m.mark = forget(cpu, m.mark, way);
	if (m.sk)
		h->sk = m.sk;
	if (m.has_vlan)
		h->flags |= PWRU_EV_VLAN;
	h->sk = (struct sock *)forget(cpu, (__u64)h->sk, way);
	m.sk = h->sk;
	if (cfg.want_dev)
		read_dev(&m, h, cpu, way);
	if (way.regs && edge)
		take_edge(&m, h, cpu, edge);
	h->flags = forget(cpu, h->flags, way);
	if (!identify(&m, h, cpu, way))
		return;
	h->flags = forget(cpu, h->flags, way);
	h->parent = forget(cpu, h->parent, way);
	if (!cfg.want_dev)
		read_dev(&m, h, cpu, way);
	h->seq = next_seq(cpu, way);
	if (way.ring)
		emit_ring(&m, h, cpu, way);
	else
		emit_perf(&m, h, cpu, way);
}

static __always_inline int hit(void *ctx, __u64 skb, struct hit *h, struct way way)
{
	__u32 cpu_id = bpf_get_smp_processor_id();
	struct pwru_cpu *cpu = bpf_map_lookup_elem(&cpus, &cpu_id);

	if (!cpu || !enabled)
		return 0;
	h->cpu_id = cpu_id;
	h->ctx = ctx;
	/* The perf buffer's scratch is one a CPU. Kprobe programs never interrupt one another
	 * there; tracepoints do. */
	if (!way.ring && cpu->busy) {
		__sync_fetch_and_add(&cpu->nested, 1);
		return 0;
	}
	if (!way.ring)
		cpu->busy = 1;
	hit_in(skb, h, cpu, way);
	if (!way.ring)
		cpu->busy = 0;
	return 0;
}

static __always_inline int hit_regs(REGS *regs, __u64 cookie, struct way way)
{
	__u32 sock = COOKIE(cookie, PWRU_COOKIE_SOCK_SHIFT);
	__u32 other = COOKIE(cookie, PWRU_COOKIE_OTHER_SHIFT);
	struct hit h = {.cookie = cookie};

	if (cookie & PWRU_COOKIE_RETURN) {
		h.flags |= PWRU_EV_RETURN;
		return hit(regs, reg_return(regs), &h, way);
	}
	if (sock)
		h.sk = (struct sock *)reg_arg(regs, sock - 1);
	if (other)
		h.other = reg_arg(regs, other - 1);
	return hit(regs, reg_arg(regs, COOKIE(cookie, PWRU_COOKIE_SKB_SHIFT)), &h, way);
}

#define WAY_KPROBE_RING ((struct way){.ring = true, .reads = true, .regs = true})
#define WAY_KPROBE_PERF ((struct way){.reads = true, .regs = true})
#define WAY_TP_RING	((struct way){.ring = true, .reads = true, .atomic = true})
#define WAY_TP_PERF	((struct way){.reads = true})
#define WAY_BTF_RING	((struct way){.ring = true, .atomic = true})

SEC("pwru.multi")
int multi_ring(REGS *regs)
{
	return hit_regs(regs, bpf_get_attach_cookie(regs), WAY_KPROBE_RING);
}

SEC("pwru.kprobe")
int kprobe_ring(REGS *regs)
{
	return hit_regs(regs, bpf_get_attach_cookie(regs), WAY_KPROBE_RING);
}

static __always_inline int hit_by_ip(REGS *regs, struct way way)
{
	__u64 ip = reg_ip(regs), *cookie = bpf_map_lookup_elem(&cookies, &ip);

	return cookie ? hit_regs(regs, *cookie, way) : 0;
}

SEC("pwru.kprobe")
int kprobe_ip_ring(REGS *regs)
{
	return hit_by_ip(regs, WAY_KPROBE_RING);
}

SEC("pwru.kprobe")
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
	__u32 sock = COOKIE(cookie, PWRU_COOKIE_SOCK_SHIFT);
	__u64 skb = tp_arg(ctx, COOKIE(cookie, PWRU_COOKIE_SKB_SHIFT));
	struct hit h = {.cookie = cookie, .typed = (struct sk_buff *)skb};

	if (sock && way.reads)
		h.sk = (struct sock *)tp_arg(ctx, sock - 1);
	return hit(ctx, skb, &h, way);
}

SEC("pwru.raw_tp")
int tp_ring(void *ctx)
{
	return hit_tp(ctx, WAY_TP_RING);
}

SEC("pwru.raw_tp")
int tp_perf(void *ctx)
{
	return hit_tp(ctx, WAY_TP_PERF);
}

SEC("pwru.tp_btf")
int tp_btf_ring(void *ctx)
{
	return hit_tp(ctx, WAY_BTF_RING);
}

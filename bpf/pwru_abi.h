/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PWRU_ABI_H
#define BPF_PWRU_ABI_H

/*
 * What the BPF programs and the recorder share: the raw event, the cookie of a probe, the
 * configuration, the counters. It may change any day; the file does not depend on it
 * (record/convert.c is the only place where both meet). Included by BPF code too: fixed-width
 * types, no holes, host byte order.
 */

#ifndef __bpf__
#include <assert.h>
#include <linux/types.h>
#endif

/*
 * A cookie tells a program, at each hit, which function this is and where its arguments are.
 * Argument positions count from 0; those that may be absent are stored plus 1, 0 meaning none.
 */
#define PWRU_COOKIE_FUNC_BITS	 24 /* index into the recorder's table of probes */
#define PWRU_COOKIE_SKB_SHIFT	 24 /* 3 bits: the skb */
#define PWRU_COOKIE_REASON_SHIFT 27 /* 3 bits, +1: enum skb_drop_reason */
#define PWRU_COOKIE_SOCK_SHIFT	 30 /* 3 bits, +1: struct sock */
#define PWRU_COOKIE_LOC_SHIFT	 33 /* 3 bits, +1: code location (tracepoints) */
#define PWRU_COOKIE_ROLES_SHIFT	 36 /* 16 bits: FUNC_ROLE_* of common/event.h */
#define PWRU_COOKIE_OTHER_SHIFT	 52 /* 3 bits, +1: the other end of an edge */
#define PWRU_COOKIE_EDGE_SHIFT	 55 /* 4 bits: enum edge_kind of common/event.h */
#define PWRU_COOKIE_LIFECYCLE \
	(1ull << 59)			/* attached for identity only: begins no life by itself */
#define PWRU_COOKIE_RETURN (1ull << 60) /* the skb is what the function returns */

#define PWRU_ROLE_FREE	  (1u << 0)
#define PWRU_ROLE_DYING	  (1u << 1)
#define PWRU_ROLE_RELEASE (1u << 2)
#define PWRU_ROLE_CONSUME (1u << 5)
#define PWRU_ROLE_ENTER	  (1u << 6)
#define PWRU_ROLE_RECEIVE (1u << 7)
#define PWRU_ROLE_XMIT	  (1u << 8)
#define PWRU_ROLE_ALLOC	  (1u << 9)

#define PWRU_EDGE_CLONE	     1
#define PWRU_EDGE_COPY	     2
#define PWRU_EDGE_SEGMENT    3
#define PWRU_EDGE_FRAGMENT   4
#define PWRU_EDGE_FRAME	     5
#define PWRU_EDGE_MERGE	     6
#define PWRU_EDGE_QUEUE	     7
#define PWRU_EDGE_REASSEMBLE 8

/* Stands in the text of the tracepoint programs where each copy gets its own cookie
 * (record/backend_tracepoint.c). */
#define PWRU_COOKIE_HOLE 0xc0eadeULL

/* Stand in the stubs that pcap filters are put into (record/splice.c). */
#define PWRU_HOLE_PCAP_L2   0x70636170004c3201ULL
#define PWRU_HOLE_PCAP_L3   0x70636170004c3302ULL
#define PWRU_HOLE_TUNNEL_L2 0x70636170004c3203ULL
#define PWRU_HOLE_TUNNEL_L3 0x70636170004c3304ULL

/* Flags of a raw event. */
#define PWRU_EV_END	(1u << 0)
#define PWRU_EV_BEGIN	(1u << 1)
#define PWRU_EV_MATCHED (1u << 2)
#define PWRU_EV_REASON	(1u << 3)
#define PWRU_EV_L2	(1u << 4) /* data starts with the MAC header; else with the network header */
#define PWRU_EV_SK_TUPLE                                                        \
	(1u << 5) /* no headers: data holds a struct pwru_tuple from the socket \
		   */
#define PWRU_EV_UNREADABLE (1u << 6)
#define PWRU_EV_NO_ID	   (1u << 7)
#define PWRU_EV_VLAN	   (1u << 8)
#define PWRU_EV_EDGE	   (1u << 9)  /* parent is valid, its kind is in EDGE_SHIFT */
#define PWRU_EV_GUESSED	   (1u << 10) /* that edge was not seen, only its result */
#define PWRU_EV_LIFECYCLE  (1u << 11)
#define PWRU_EV_RETURN	   (1u << 12)
#define PWRU_EV_BORROWED   (1u << 13) /* what the skb will be: its own memory says nothing yet */
#define PWRU_EV_EDGE_SHIFT 16	      /* 4 bits */

/* Addresses in network order (IPv4 in the first 4 bytes), ports in host order. */
struct pwru_tuple {
	__u8 family; /* 4, 6; 0 none */
	__u8 proto;
	__u8 has_ports;
	__u8 pad;
	__u16 sport;
	__u16 dport;
	__u8 src[16];
	__u8 dst[16];
};

struct pwru_event {
	__u64 ktime;
	__u64 skb;
	__u64 head;
	__u64 caller;
	__u64 packet;
	__u64 parent; /* the other packet of an edge; the address of a queue */
	__u64 seq;
	__u32 func; /* index */
	__u32 flags;
	__u32 lost;	 /* on this CPU so far: no room, or unreadable */
	__u32 lost_read; /* of them: unreadable */
	__u32 pad;
	__u32 reason;
	__u32 netns;
	__u32 ifindex;
	__u32 mark;
	__u32 pid;
	__u32 tid;
	__u32 len;
	__u32 data_len;
	__u32 mtu;
	__u32 hash;
	__u16 protocol; /* host order */
	__u16 cpu;
	__u16 vlan;
	__u16 queue;
	__u16 mac_header;
	__u16 network_header;
	__u16 transport_header;
	__u16 caplen;	/* bytes of data */
	__u32 wire_len; /* of the whole packet, from where data starts */
	__u8 comm[16];
	__u8 ifname[16];
	__u8 data[];
};

/* The two sizes a reservation comes in: packet bytes kept of a hit. */
#define PWRU_DATA_SMALL 96
#define PWRU_DATA_LARGE 192

/* Follows the large data area when --stack, --skb or --cb is on. */
#define PWRU_STACK_MAX 32
#define PWRU_SKB_MAX   256
struct pwru_extra {
	__u32 stack_len; /* bytes */
	__u16 skb_len;	 /* bytes; 0: not asked for, or not read */
	__u16 cb_len;	 /* the same; else 48 */
	__u8 cb[48];
	__u8 skb[PWRU_SKB_MAX];
	__u64 stack[PWRU_STACK_MAX];
};

/* Written by one CPU, read by the recorder through mmap. */
struct pwru_cpu {
	__u64 seq;	 /* hits that wanted to be recorded, or could not be read */
	__u64 lives;	 /* packet ids handed out */
	__u64 lost_ring; /* of seq: no room */
	__u64 lost_read; /* of seq: the skb could not be read, so no filter was asked */
	__u64 lost_map;	 /* recorded, but without identity: the table was full */
	__u64 null_arg;
	__u64 err_arg;
	__u64 not_skb;
	__u64 filtered;
	__u64 nested; /* tracepoint programs on a perf buffer: interrupted one another; not in seq
		       */
	__u64 busy;
	__u64 stale;   /* lives whose end was not seen: their memory was given out anew */
	__u64 evicted; /* lives that made room for others in a full table */
	__u64 scratch;
	__u64 hand; /* over births */
	__u64 pad[1];
};

/* Code of a function: [from, to). */
struct pwru_code {
	__u64 from;
	__u64 to;
};

/* Set before load; the verifier then drops what is not asked for. */
struct pwru_config {
	__u64 vmemmap;	   /* address of the kernel's vmemmap_base; 0: fragments are not read */
	__u64 page_offset; /* address of page_offset_base */
	/* Callers of __copy_skb_header() that make no clone; all 0: not known. */
	struct pwru_code copies;
	struct pwru_code segments[2];
	/* Callers of ip_copy_metadata() that give it the fragment before instead of the whole. */
	struct pwru_code fraglists[2];
	struct pwru_code frames; /* caller of consume_skb() whose packet lives on as an XDP frame */
	__u32 max_lives;
	__u32 pad0;
	__u32 cpus; /* possible CPUs: packet ids are interleaved over them */
	__u32 snaplen;
	__u32 wake_bytes; /* force a wake-up when a ring holds more */
	__u32 mark;
	__u32 mark_mask;
	__u32 pid;	   /* 0: any */
	__u32 netns;	   /* inode; 0: any */
	__u32 stack_depth; /* frames; 0: none */
	__u32 skb_size;	   /* of struct sk_buff to keep; 0: none */
	__u16 sport;
	__u16 dport;
	__u8 keep_cb;
	__u8 extra; /* any of stack, skb, cb */
	__u8 has_pcap;
	__u8 has_tunnel;
	__u8 has_ifname;
	__u8 want_dev; /* a filter needs the device */
	__u8 track;
	__u8 inferred;	 /* frees are not all seen */
	__u8 want_tuple; /* a filter or the exclusion needs one */
	__u8 has_mark;
	__u8 has_proto;
	__u8 has_sport;
	__u8 has_dport;
	__u8 src_family; /* 0: any; else 4 or 6, and so for dst */
	__u8 dst_family;
	__u8 proto;
	__u8 exclude;  /* the connection of excluded is left out, both directions */
	__u8 has_vlan; /* the pcap-filter speaks of VLANs */
	__u8 pad[6];
	__u8 ifname[16];
	__u8 src[16];
	__u8 dst[16];
	struct pwru_tuple excluded;
};

#ifndef __bpf__
_Static_assert(sizeof(struct pwru_tuple) == 40, "no holes");
_Static_assert(sizeof(struct pwru_event) == 168, "no holes");
_Static_assert(sizeof(struct pwru_extra) == 568, "no holes");
_Static_assert(sizeof(struct pwru_config) == 272, "no holes");
_Static_assert(sizeof(struct pwru_cpu) == 128, "two cache lines");
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SKB_TYPES_H
#define BPF_SKB_TYPES_H

/*
 * The few kernel structs the programs read, by hand: only the fields used, found at load time by
 * name (CO-RE). Names and types are the kernel's (include/linux/skbuff.h, netdevice.h, net/sock.h),
 * of 5.3 to 7.x.
 */

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0

enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_ANY = 0, BPF_NOEXIST = 1, BPF_F_MMAPABLE = 1024 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2, BPF_RB_AVAIL_DATA = 0 };
#define BPF_F_CURRENT_CPU 0xffffffffULL

#define CORE __attribute__((preserve_access_index))

struct ns_common {
	unsigned int inum;
} CORE;

struct net {
	struct ns_common ns;
} CORE;

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	char name[16];
	int ifindex;
	unsigned int mtu;
	unsigned short type;
	possible_net_t nd_net;
} CORE;

struct in6_addr {
	__u8 in6_u[16];
};

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
} CORE;

struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
} CORE;

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	int skb_iif;
	char cb[48];
	unsigned long _skb_refdst;
	unsigned int len;
	unsigned int data_len;
	__u16 queue_mapping;
	__u32 hash;
	__u32 mark;
	__u32 vlan_all; /* from 6.2 */
	__be16 vlan_proto;
	__u16 vlan_tci;
	__be16 protocol;
	__u16 transport_header;
	__u16 network_header;
	__u16 mac_header;
	__u32 tail;
	__u32 end;
	unsigned char *head;
	unsigned char *data;
} CORE;

struct sk_buff___vlan_present { /* before 6.2 */
	__u8 vlan_present : 1;
} CORE;

/* The first fragment: a bio_vec until 6.8, then a struct of its own with a tagged page pointer. */
struct bio_vec {
	struct page *bv_page;
	unsigned int bv_len;
	unsigned int bv_offset;
} CORE;

struct skb_frag {
	unsigned long netmem;
	unsigned int len;
	unsigned int offset;
} CORE;

struct skb_shared_info {
	__u8 nr_frags;
	struct skb_frag frags[1];
} CORE;

struct page {
	unsigned long flags;
} CORE;

struct dst_entry {
	struct net_device *dev;
	unsigned long _metrics;
} CORE;

/* Registers at a function's entry. */
#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long ip;
	unsigned long sp;
} CORE;
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
} CORE;
#else
#error "registers of this architecture are not described"
#endif

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_EVENT_H
#define COMMON_EVENT_H

/*
 * The event model: what one hit is, in memory, in both programs. Its bytes are event_codec's.
 * Units: times in ns, addresses as the kernel had them, ethertype and ports in host order,
 * IP addresses in network order.
 */

#include <stdbool.h>
#include <stdint.h>

#define EVENT_NAME_LEN 16 /* TASK_COMM_LEN and IFNAMSIZ, both 16 in every Linux */

enum event_flag {
	EVENT_END = 1u << 0,
	EVENT_BEGIN = 1u << 1,
	EVENT_MATCHED = 1u << 2,
	EVENT_REASON = 1u << 3,
	EVENT_SYNTH_L2 = 1u << 4,
	EVENT_NO_L3 = 1u << 5,
	EVENT_UNREADABLE = 1u << 6,
	EVENT_INFERRED = 1u << 7,
	EVENT_NO_ID = 1u << 8,
	EVENT_VLAN = 1u << 9,
	EVENT_LIFECYCLE = 1u << 10,
	EVENT_TX = 1u << 11,
	EVENT_RX = 1u << 12,
	EVENT_RETURN = 1u << 13,
};

/* What an event says of its packet and another one. Numbers stand in the file. */
enum edge_kind {
	EDGE_NONE,
	EDGE_CLONE,	 /* this packet is a clone of the other: the same bytes */
	EDGE_COPY,	 /* a copy with bytes of its own */
	EDGE_SEGMENT,	 /* cut from it: GSO, or TCP splitting its queue */
	EDGE_FRAGMENT,	 /* an IP fragment of it */
	EDGE_FRAME,	 /* made of the XDP frame that the other became */
	EDGE_MERGE,	 /* the other is about to become part of this one: GRO, TCP coalescing */
	EDGE_QUEUE,	 /* not a packet: it is put into the reassembly queue at that address */
	EDGE_REASSEMBLE, /* not a packet: it takes in all that is in the queue at that address */
	EDGES
};

/* Ethertype of the made-up frame when there is no network header: IEEE 802 local experimental 1. */
#define EVENT_ETHERTYPE_NONE 0x88b5

/* Addresses and ports. family 0: none known. Addresses in network order, IPv4 in the first 4 bytes.
 */
struct event_tuple {
	uint8_t family; /* 4, 6 or 0 */
	uint8_t proto;	/* IP protocol number of the upper layer */
	uint8_t tcp_flags;
	bool has_ports;
	bool has_tcp_flags;
	bool fragment;	/* not the first fragment: ports are not there */
	uint16_t sport; /* for ICMP: 0 */
	uint16_t dport;
	uint16_t ip_id; /* of IPv4, valid with has_ip_id: a socket tells none */
	bool has_ip_id;
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint16_t icmp_id; /* of an echo */
	uint16_t icmp_seq;
	bool has_icmp;
	uint8_t src[16];
	uint8_t dst[16];
};

struct event {
	uint32_t tag; /* of the capture */
	uint32_t flags;
	uint64_t addr; /* key of the function */
	uint64_t skb;
	uint64_t head;
	uint64_t ktime;
	uint64_t caller;
	uint64_t packet;
	uint64_t seq;
	uint32_t lost;
	uint32_t reason;
	uint32_t netns;
	uint32_t ifindex;
	uint32_t mark;
	uint32_t pid;
	uint32_t tid;
	uint32_t len;
	uint32_t data_len;
	uint32_t mtu;
	uint32_t hash;
	uint16_t protocol;
	uint16_t cpu;
	uint16_t vlan;
	uint16_t queue;
	uint16_t mac_header;
	uint16_t network_header;
	uint16_t transport_header;
	char comm[EVENT_NAME_LEN + 1]; /* always ended by a NUL */
	char ifname[EVENT_NAME_LEN + 1];

	/* Optional parts. Pointers borrow from the bytes decoded, or from the caller's before
	 * encoding. */
	struct event_tuple sk_tuple; /* family 0: none */
	const uint8_t *stack;	     /* little-endian u64 frames */
	uint32_t stack_len;	     /* frames */
	const uint8_t *raw_skb;
	uint32_t raw_skb_len; /* bytes */
	const uint8_t *cb;    /* 48 bytes, or NULL */
	uint64_t parent;
	uint8_t parent_kind;  /* enum edge_kind */
	bool parent_inferred; /* deduced (the same buffer), not seen happen */
	uint32_t lost_read;   /* of lost, those whose skb could not be read */
};

/* How a function is attached, and what it does to an skb. Numbers stand in the file. */
enum func_how {
	FUNC_KPROBE_MULTI = 1,
	FUNC_KPROBE = 2,
	FUNC_RAW_TP = 3,
	FUNC_TP_BTF = 4,
};

enum func_role {
	FUNC_ROLE_FREE = 1u << 0,
	FUNC_ROLE_DYING = 1u << 1,
	FUNC_ROLE_RELEASE = 1u << 2,
	FUNC_ROLE_REASON = 1u << 3,
	FUNC_ROLE_DROP = 1u << 4,
	FUNC_ROLE_CONSUME = 1u << 5,
	FUNC_ROLE_ENTER = 1u << 6,
	FUNC_ROLE_RECEIVE = 1u << 7,
	FUNC_ROLE_XMIT = 1u << 8,
	FUNC_ROLE_ALLOC = 1u << 9,   /* its skb has just been given its memory */
	FUNC_ROLE_BUFFER = 1u << 10, /* gives its skb another buffer */
};

#define FUNC_ARG_RETURN 255 /* the skb is what the function returns */

#define FUNC_FLAG_ORDINAL   1u
#define FUNC_FLAG_LIFECYCLE 2u /* attached to know packets by: see EVENT_LIFECYCLE */

struct event_func {
	uint32_t tag;
	uint64_t addr;
	uint8_t how; /* enum func_how */
	uint8_t arg;
	uint16_t roles; /* enum func_role */
	uint32_t flags;
	char name[128];	 /* KSYM_NAME_LEN was 128 until 6.1; longer ones are cut */
	char module[64]; /* MODULE_NAME_LEN is 56 on 64-bit; "" is the kernel */
};

enum note_type {
	NOTE_COUNTERS = 1,
	NOTE_CLOSE = 2,
	NOTE_NETNS = 3,
	NOTE_INTERFACE = 4,
	NOTE_MODULE = 5,
	NOTE_CLOCK = 6,
	NOTE_PART = 7,
};

struct event_note {
	uint32_t tag;
	uint16_t type;
	uint64_t ktime;
	const char *body; /* borrowed, not ended by a NUL */
	uint32_t body_len;
};

#define INFO_FLAG_EXTRACT  1u /* pwru-report wrote it: hits may have been left out on purpose */
#define INFO_FLAG_SCRUBBED 2u

struct event_info {
	uint32_t tag;
	uint8_t uuid[16];
	uint32_t file_number;
	uint32_t flags;
};

/* The readable name of a func_how: "kprobe-multi", "kprobe", "raw_tp", "tp_btf", or "?". */
const char *func_how_name(uint8_t how);

#endif

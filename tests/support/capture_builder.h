/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_CAPTURE_BUILDER_H
#define TESTS_CAPTURE_BUILDER_H

/*
 * Builds small captures byte by byte, from FORMAT.md and the pcapng draft alone: a witness shares
 * no code with what it judges, so nothing of common/ is used here. Running out of memory aborts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct builder {
	uint8_t *data; /* the file so far */
	size_t len;
	size_t cap;
	uint8_t uuid[16];
	uint32_t interfaces;
	uint32_t pen;	   /* of what follows; 32473 first */
	int64_t clock;	   /* wall clock minus monotonic, ns */
	uint8_t *snapshot; /* records so far, not compressed */
	size_t snapshot_len;
	uint64_t seq[64]; /* next number of each CPU, when hits leave it to the builder */
	uint32_t recorded;
};

/* One hit; what is 0 has a sane default where that is said. */
struct builder_hit {
	uint64_t func; /* address */
	uint64_t packet;
	uint64_t ktime; /* ns */
	uint32_t flags;
	uint64_t skb; /* 0: made from packet */
	uint64_t caller;
	uint64_t seq; /* 0: the CPU's next */
	uint32_t lost;
	uint32_t reason;
	uint32_t netns;
	uint32_t ifindex;
	uint32_t mark;
	uint32_t pid;
	uint32_t len; /* 0: of the packet bytes, without Ethernet */
	uint16_t cpu;
	uint16_t protocol; /* 0: 0x0800 */
	const char *comm;
	const char *ifname;
	const uint8_t *data; /* frame; NULL: the 14 made-up bytes of "no headers" */
	uint32_t data_len;
	uint32_t interface;   /* UINT32_MAX or 0: the function's; else as given */
	const uint8_t *tuple; /* TLV TUPLE, 40 bytes; NULL: none */
	uint64_t parent;      /* TLV PARENT */
	uint8_t parent_kind;  /* 0: none */
	bool parent_inferred;
	uint16_t vlan;
	const uint64_t *stack; /* TLV STACK */
	uint32_t n_stack;
	const uint8_t *raw_skb; /* TLV SKB */
	uint32_t raw_skb_len;
	const uint8_t *cb; /* TLV CB, 48 bytes */
};

void builder_init(struct builder *b, uint8_t uuid_fill); /* the uuid is 16 times that byte */
void builder_deinit(struct builder *b);

void builder_shb(struct builder *b, uint32_t file_number);
/* A record of the snapshot, in any order; then all of them as one META IDB. */
void builder_record(struct builder *b, uint32_t type, const void *value, size_t len);
void builder_text_record(struct builder *b, uint32_t type, const char *value);
void builder_meta(struct builder *b);
uint32_t builder_func(struct builder *b, uint64_t addr, const char *name, const char *module,
		      uint16_t roles);
/* The same of a raw tracepoint, whose address is a number. */
uint32_t builder_tracepoint(struct builder *b, uint64_t ordinal, const char *name);
uint32_t builder_other(struct builder *b);
void builder_hit(struct builder *b, const struct builder_hit *h);
void builder_note(struct builder *b, uint16_t type, uint64_t ktime, const char *body);
/* A packet of somebody else: an EPB without options. */
void builder_foreign(struct builder *b, uint64_t ktime);
/* CLOSE with recorded= and what is given. */
void builder_close(struct builder *b, uint64_t ktime, const char *more);

/* Frames of Ethernet and IPv4; to must hold 96 bytes. Addresses as 0x0a000101. The length. */
uint32_t builder_tcp4(uint8_t *to, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport,
		      uint8_t flags);
uint32_t builder_ping4(uint8_t *to, uint32_t src, uint32_t dst, bool reply, uint16_t id,
		       uint16_t seq);

/* SYMBOLS, one by one into a record's bytes: *at grows. */
size_t builder_symbol(uint8_t *to, uint64_t delta, char type, uint32_t module, const char *name);

#endif

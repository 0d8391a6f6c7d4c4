// SPDX-License-Identifier: GPL-2.0-only
/* The case families: a flood, GRO, reassembly with a morph, segments. */
#include "tests/golden/cases.h"

enum { CLONE = 1, COPY, SEGMENT, FRAGMENT, FRAME, MERGE, QUEUE, REASSEMBLE };

enum {
	F_RCV,
	F_ALLOC,
	F_CLONE,
	F_COPY,
	F_SEGMENT,
	F_GRO,
	F_STOLEN,
	F_INSERT,
	F_FINISH,
	F_PARTIAL,
	F_CONSUME,
	F_DROP,
	F_DYING,
	F_FREE,
	N_FUNCS
};

static const struct {
	const char *name;
	uint16_t roles;
	uint32_t flags; /* of its hits */
} funcs[N_FUNCS] = {
	[F_RCV] = {"br_handle_frame", 0, 0},
	[F_ALLOC] = {"__alloc_skb", 0, RETURN},
	[F_CLONE] = {"skb_clone", 0, RETURN | LIFECYCLE},
	[F_COPY] = {"skb_copy", 0, RETURN},
	[F_SEGMENT] = {"skb_segment", 0, RETURN | LIFECYCLE},
	[F_GRO] = {"skb_gro_receive", 0, LIFECYCLE},
	[F_STOLEN] = {"napi_skb_free_stolen_head", ROLE_DYING | ROLE_RELEASE, 0},
	[F_INSERT] = {"inet_frag_queue_insert", 0, 0},
	[F_FINISH] = {"inet_frag_reasm_finish", 0, 0},
	[F_PARTIAL] = {"kfree_skb_partial", ROLE_DYING | ROLE_RELEASE, LIFECYCLE},
	[F_CONSUME] = {"__consume_stateless_skb", ROLE_CONSUME, 0},
	[F_DROP] = {"sk_skb_reason_drop", ROLE_REASON, REASON},
	[F_DYING] = {"skb_release_all", ROLE_DYING | ROLE_RELEASE, LIFECYCLE},
	[F_FREE] = {"napi_skb_cache_put", ROLE_FREE | ROLE_RELEASE, END | LIFECYCLE},
};

static const struct row {
	uint64_t packet;
	int func;
	unsigned int kind;
	uint64_t parent;
	uint64_t skb; /* 0: made from packet */
} rows[] = {
	/* A frame flooded to two ports, with a packet socket on one. */
	{1, F_ALLOC, 0, 0, 0},
	{1, F_RCV, 0, 0, 0},
	{2, F_CLONE, CLONE, 1, 0},
	{2, F_RCV, 0, 0, 0},
	{3, F_COPY, COPY, 2, 0},
	{4, F_CLONE, CLONE, 1, 0},
	{1, F_CONSUME, 0, 0, 0},
	{1, F_FREE, 0, 0, 0},
	{4, F_RCV, 0, 0, 0},
	{4, F_DROP, 0, 0, 0},
	{4, F_FREE, 0, 0, 0},
	{3, F_CONSUME, 0, 0, 0},
	{3, F_FREE, 0, 0, 0},
	{2, F_CONSUME, 0, 0, 0},
	{2, F_FREE, 0, 0, 0},
	/* Two merge into a third, which is cut in two again. */
	{5, F_RCV, 0, 0, 0},
	{6, F_RCV, 0, 0, 0},
	{5, F_GRO, MERGE, 6, 0},
	{6, F_STOLEN, 0, 0, 0},
	{6, F_FREE, 0, 0, 0},
	{7, F_RCV, 0, 0, 0},
	{5, F_GRO, MERGE, 7, 0},
	{7, F_STOLEN, 0, 0, 0},
	{7, F_FREE, 0, 0, 0},
	{5, F_RCV, 0, 0, 0},
	{8, F_SEGMENT, SEGMENT, 5, 0},
	{9, F_SEGMENT, SEGMENT, 5, 0},
	{5, F_CONSUME, 0, 0, 0},
	{5, F_FREE, 0, 0, 0},
	{8, F_CONSUME, 0, 0, 0},
	{8, F_FREE, 0, 0, 0},
	{9, F_RCV, 0, 0, 0}, /* and is not heard of again */
	/* Two fragments; the skb of the last becomes a clone of the first, which is the head. */
	{10, F_RCV, 0, 0, 0},
	{10, F_INSERT, QUEUE, 0xffff888300000040, 0},
	{11, F_RCV, 0, 0, 0},
	{11, F_INSERT, QUEUE, 0xffff888300000040, 0},
	{12, F_CLONE, CLONE, 11, 0},
	{11, F_DYING, 0, 0, 0},
	{13, F_CLONE, CLONE, 10, 0xffff888100000000 + 0x100 * 11},
	{10, F_CONSUME, 0, 0, 0},
	{10, F_FREE, 0, 0, 0},
	{13, F_FINISH, REASSEMBLE, 0xffff888300000040, 0},
	{12, F_PARTIAL, 0, 0, 0},
	{12, F_FREE, 0, 0, 0},
	{13, F_RCV, 0, 0, 0},
	{13, F_CONSUME, 0, 0, 0},
	{13, F_FREE, 0, 0, 0},
	/* A clone of what was never seen. */
	{14, F_COPY, COPY, 99, 0},
	{14, F_FREE, 0, 0, 0},
};

static uint64_t addr(int f)
{
	return 0xffffffff82000000 + 0x1000 * (uint64_t)f;
}

uint64_t families(struct builder *b)
{
	uint8_t syn[96];
	uint32_t n = builder_tcp4(syn, CLIENT, 43210, SERVER, 80, 0x02);
	struct builder_hit h = {.ktime = 0};
	uint64_t seen = 0;

	for (int f = 0; f < N_FUNCS; f++)
		builder_func(b, addr(f), funcs[f].name, "", funcs[f].roles);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		h = (struct builder_hit){.func = addr(r->func),
					 .packet = r->packet,
					 .skb = r->skb,
					 .ktime = h.ktime + 700,
					 .flags = funcs[r->func].flags | MATCHED,
					 .reason = r->func == F_DROP ? 8 : 0,
					 .caller = addr(r->func) + 0x42,
					 .netns = 4026532208,
					 .ifindex = 2,
					 .ifname = "veth0",
					 .pid = 1234,
					 .comm = "ping",
					 .data = syn,
					 .data_len = n,
					 .parent = r->parent,
					 .parent_kind = (uint8_t)r->kind,
					 .parent_inferred = r->packet == 4};
		if (r->packet > seen) {
			seen = r->packet;
			h.flags |= BEGIN;
		}
		builder_hit(b, &h);
	}
	return h.ktime;
}

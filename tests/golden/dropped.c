// SPDX-License-Identifier: GPL-2.0-only
/* The case dropped: many packets, for the views that count. */
#include "tests/golden/cases.h"

enum { F_RCV, F_HOOK, F_LOCAL, F_DROP, F_OLD_DROP, F_CONSUME, F_FREE, N_FUNCS };

enum { NETFILTER = 8, ROLE_DROP = 16 };

static const struct {
	const char *name;
	uint16_t roles;
} funcs[N_FUNCS] = {
	[F_RCV] = {"ip_rcv_core", 0},
	[F_HOOK] = {"nf_hook_slow_list", 0},
	[F_LOCAL] = {"ip_local_deliver", 0},
	[F_DROP] = {"sk_skb_reason_drop", ROLE_REASON},
	[F_OLD_DROP] = {"kfree_skb", ROLE_DROP},
	[F_CONSUME] = {"skb_consume_udp", ROLE_CONSUME},
	[F_FREE] = {"napi_skb_cache_put", ROLE_FREE | ROLE_RELEASE},
};

static uint64_t addr(int f)
{
	return 0xffffffff81200000 + 0x1000 * (uint64_t)f;
}

/* What is dropped: by whom, why, after the hook or before. */
static const struct kind {
	int n;
	int func;
	unsigned int reason; /* with F_DROP */
	uint64_t culprit;
	bool hooked;
	uint32_t src, src_step;
	uint16_t sport, sport_step;
	uint16_t dport, dport_step;
} kinds[] = {
	/* Clients of a port with a rule, by new source ports; one of them again and again. */
	{12, F_DROP, NETFILTER, 0x9f, true, CLIENT, 0, 40000, 1, 81, 0},
	{5, F_DROP, NETFILTER, 0x9f, true, CLIENT + 7, 0, 5000, 0, 81, 0},
	/* What the server answers, and a scan that spoofs. */
	{3, F_DROP, NETFILTER, 0x9f, true, SERVER, 0, 80, 0, 50000, 3},
	{12, F_DROP, NETFILTER, 0x9f, true, 0xc6336401, 1, 1024, 0, 22, 0},
	/* The same reason elsewhere, a number without a name, a drop without a reason. */
	{2, F_DROP, NETFILTER, 0x144, true, CLIENT, 0, 40000, 0, 81, 0},
	{2, F_DROP, 77, 0, false, CLIENT, 0, 40000, 0, 81, 0},
	{1, F_OLD_DROP, 0, 0x9f, true, CLIENT, 0, 40000, 0, 81, 0},
	/* And what arrives: more than percentiles are exact of. */
	{300, F_CONSUME, 0, 0, true, CLIENT, 0, 50000, 0, 80, 0},
};

static struct builder_hit hit(uint64_t packet, int func, uint64_t ktime, uint32_t flags)
{
	return (struct builder_hit){
		.func = addr(func),
		.packet = packet,
		.ktime = ktime,
		.flags = flags | MATCHED,
		.netns = 4026532208,
		.ifindex = 2,
		.ifname = "veth0",
		.comm = "swapper/0",
	};
}

uint64_t dropped(struct builder *b)
{
	uint64_t now = 1000000, packet = 0;
	uint8_t syn[96];

	for (int f = 0; f < N_FUNCS; f++)
		builder_func(b, addr(f), funcs[f].name, "", funcs[f].roles);
	for (const struct kind *k = kinds; k < kinds + sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (int i = 0; i < k->n; i++) {
			struct builder_hit h = hit(++packet, F_RCV, now += 10000, BEGIN);

			h.data = syn;
			h.data_len = builder_tcp4(syn, k->src + k->src_step * (uint32_t)i,
						  (uint16_t)(k->sport + k->sport_step * i), SERVER,
						  (uint16_t)(k->dport + k->dport_step * i), 2);
			builder_hit(b, &h);
			if (k->hooked) {
				h.func = addr(F_HOOK);
				h.flags = MATCHED;
				h.ktime = now += 100 + 37 * (uint64_t)i * (uint64_t)i;
				builder_hit(b, &h);
			}
			h.func = addr(k->func);
			h.flags = MATCHED | (k->func == F_DROP ? REASON : 0);
			h.reason = k->func == F_DROP ? k->reason : 0;
			h.caller = k->culprit ? addr(F_HOOK) + k->culprit : 0;
			h.ktime = now += 500 + (uint64_t)i;
			builder_hit(b, &h);
			h = hit(packet, F_FREE, now += 50, END | LIFECYCLE);
			builder_hit(b, &h);
		}
	}
	return now;
}

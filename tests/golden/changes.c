// SPDX-License-Identifier: GPL-2.0-only
/*
 * The case changes: four packets that change on their way, as the kernel changes them. Lengths as
 * it has them: a tunnel's headers are pushed before skb_reset_network_header() makes the outer one
 * the packet's, and pulled before the inner one is it again.
 */
#include <string.h>

#include "tests/golden/cases.h"

enum { VIP = 0xc0a80001, PEER = 0xc0a80002 };
enum { UDP = 17, GRE = 47 };
enum { ETH_P_IP = 0x0800, ETH_P_8021Q = 0x8100 };

enum {
	F_RCV,
	F_MANIP,
	F_FORWARD,
	F_VXLAN,
	F_SCRUB,
	F_OUT,
	F_XMIT,
	F_UNTAG,
	F_TAGGED,
	F_PUSH,
	F_CONSUME,
	F_FREE,
	N_FUNCS
};

static const struct {
	const char *name;
	const char *module;
	uint16_t roles;
} funcs[N_FUNCS] = {
	[F_RCV] = {"ip_rcv", "", 0},
	[F_MANIP] = {"nf_nat_manip_pkt", "nf_nat", 0},
	[F_FORWARD] = {"ip_forward", "", 0},
	[F_VXLAN] = {"vxlan_xmit_one", "vxlan", 0},
	[F_SCRUB] = {"skb_scrub_packet", "", 0},
	[F_OUT] = {"__ip_local_out", "", 0},
	[F_XMIT] = {"__dev_queue_xmit", "", 0},
	[F_UNTAG] = {"skb_vlan_untag", "", 0},
	[F_TAGGED] = {"vlan_do_receive", "", 0},
	[F_PUSH] = {"__vlan_hwaccel_push_inside", "", 0},
	[F_CONSUME] = {"consume_skb", "", ROLE_CONSUME},
	[F_FREE] = {"kfree_skbmem", "", ROLE_FREE | ROLE_RELEASE},
};

enum frame { TCP_IN, DNATED, SNATED, BOTH, UDP_IN, VXLANED, GRED, FRAMES };

static const struct row {
	uint64_t packet;
	int func;
	enum frame frame;
	uint32_t len;
	uint32_t mark;
	uint16_t protocol;
	bool tagged;
	uint16_t vlan;
	uint32_t ifindex;
	uint32_t netns;
	uint16_t cpu;
} rows[] = {
	/* A destination rewritten, marked, moved to another CPU; then the source; then both at
	   once. */
	{1, F_RCV, TCP_IN, 60, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{1, F_MANIP, TCP_IN, 60, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{1, F_FORWARD, DNATED, 60, 0x10, ETH_P_IP, false, 0, 2, 4026532208, 1},
	{1, F_OUT, SNATED, 60, 0x10, ETH_P_IP, false, 0, 0, 4026532208, 1},
	{1, F_RCV, BOTH, 60, 0, ETH_P_IP, false, 0, 3, 4026532300, 1},
	{1, F_CONSUME, BOTH, 40, 0, ETH_P_IP, false, 0, 3, 4026532300, 1},
	{1, F_FREE, BOTH, 40, 0, ETH_P_IP, false, 0, 3, 4026532300, 1},
	/* UDP into VXLAN and out of it: 50 bytes more, of which 20 with the step that shows it. */
	{2, F_VXLAN, UDP_IN, 98, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{2, F_SCRUB, UDP_IN, 114, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{2, F_OUT, VXLANED, 134, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{2, F_RCV, VXLANED, 134, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{2, F_SCRUB, UDP_IN, 84, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{2, F_CONSUME, UDP_IN, 84, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{2, F_FREE, UDP_IN, 84, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	/* TCP into GRE: the protocol tells, whatever the length. */
	{3, F_OUT, TCP_IN, 84, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{3, F_OUT, GRED, 84, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	{3, F_FREE, GRED, 84, 0, ETH_P_IP, false, 0, 2, 4026532208, 0},
	/* A tag that the frame brings, skb_vlan_untag() keeps beside it and vlan_do_receive() takes
	 * away; a VLAN device's, that goes into the frame where the device below cannot send it. */
	{4, F_RCV, TCP_IN, 64, 0, ETH_P_8021Q, false, 0, 2, 4026532208, 0},
	{4, F_UNTAG, TCP_IN, 60, 0, ETH_P_IP, true, 0x2005, 2, 4026532208, 0},
	{4, F_TAGGED, TCP_IN, 60, 0, ETH_P_IP, false, 0, 3, 4026532208, 0},
	{4, F_XMIT, TCP_IN, 74, 0, ETH_P_IP, true, 6, 2, 4026532208, 0},
	{4, F_XMIT, TCP_IN, 74, 0, ETH_P_IP, true, 7, 2, 4026532208, 0},
	{4, F_PUSH, TCP_IN, 78, 0, ETH_P_8021Q, false, 0, 2, 4026532208, 0},
	{4, F_FREE, TCP_IN, 78, 0, ETH_P_8021Q, false, 0, 2, 4026532208, 0},
};

static uint64_t addr(int f)
{
	return 0xffffffff82000000 + 0x1000 * (uint64_t)f;
}

static uint8_t frames[FRAMES][96];

/* Ports and the protocol stand where they do in TCP. */
static uint32_t make_frames(void)
{
	uint32_t n = builder_tcp4(frames[TCP_IN], CLIENT, 43210, VIP, 80, 0x02);

	builder_tcp4(frames[DNATED], CLIENT, 43210, SERVER, 8080, 0x02);
	builder_tcp4(frames[SNATED], PEER, 1024, SERVER, 8080, 0x02);
	builder_tcp4(frames[BOTH], SERVER, 1, CLIENT, 2, 0x02);
	builder_tcp4(frames[UDP_IN], CLIENT, 5353, SERVER, 53, 0);
	builder_tcp4(frames[VXLANED], VIP, 50000, PEER, 4789, 0);
	builder_tcp4(frames[GRED], VIP, 0, PEER, 0, 0);
	frames[UDP_IN][23] = frames[VXLANED][23] = UDP;
	frames[GRED][23] = GRE;
	return n;
}

uint64_t changes(struct builder *b)
{
	struct builder_hit h = {.ktime = 0};
	uint32_t n = make_frames();
	uint64_t seen = 0;

	for (int f = 0; f < N_FUNCS; f++)
		builder_func(b, addr(f), funcs[f].name, funcs[f].module, funcs[f].roles);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		h = (struct builder_hit){.func = addr(r->func),
					 .packet = r->packet,
					 .ktime = h.ktime + 900,
					 .flags = MATCHED | (r->tagged ? VLAN : 0) |
						  (r->packet > seen ? BEGIN : 0) |
						  (r->func == F_FREE ? END : 0),
					 .mark = r->mark,
					 .len = r->len,
					 .protocol = r->protocol,
					 .vlan = r->vlan,
					 .netns = r->netns,
					 .ifindex = r->ifindex,
					 .ifname = r->ifindex == 2   ? "veth0"
						   : r->ifindex == 3 ? "veth1"
								     : NULL,
					 .cpu = r->cpu,
					 .comm = "swapper/0",
					 .data = frames[r->frame],
					 .data_len = n};
		seen = r->packet;
		builder_hit(b, &h);
	}
	return h.ktime;
}

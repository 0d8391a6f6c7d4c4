// SPDX-License-Identifier: GPL-2.0-only
/* Writes the capture of one golden case to standard output. The captures are built, not recorded.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/capture_builder.h"

#define END	  (1u << 0)
#define BEGIN	  (1u << 1)
#define MATCHED	  (1u << 2)
#define REASON	  (1u << 3)
#define INFERRED  (1u << 7)
#define LIFECYCLE (1u << 10)

#define ROLE_FREE    (1u << 0)
#define ROLE_DYING   (1u << 1)
#define ROLE_RELEASE (1u << 2)
#define ROLE_REASON  (1u << 3)
#define ROLE_DROP    (1u << 4)
#define ROLE_CONSUME (1u << 5)

#define CLIENT 0x0a000101 /* 10.0.1.1 */
#define SERVER 0x0a000102
#define VIP    0xc0a80001 /* 192.168.0.1 */

enum { /* text addresses */
       IP_RCV = 1,
       IP_LOCAL_OUT,
       ICMP_RCV,
       KFREE_SKB_REASON,
       CONSUME_SKB,
       KFREE_SKBMEM,
       NF_HOOK_SLOW,
       NF_NAT_MANIP,
       DEV_QUEUE_XMIT,
       VETH_XMIT,
       FUNCS
};
static const struct {
	const char *name;
	const char *module;
	unsigned int roles;
} funcs[FUNCS] = {
	[IP_RCV] = {"ip_rcv", "", 0},
	[IP_LOCAL_OUT] = {"__ip_local_out", "", 0},
	[ICMP_RCV] = {"icmp_rcv", "", 0},
	[KFREE_SKB_REASON] = {"kfree_skb_reason", "", ROLE_REASON | ROLE_DYING},
	[CONSUME_SKB] = {"consume_skb", "", ROLE_CONSUME | ROLE_DYING},
	[KFREE_SKBMEM] = {"kfree_skbmem", "", ROLE_FREE | ROLE_RELEASE},
	[NF_HOOK_SLOW] = {"nf_hook_slow", "", 0},
	[NF_NAT_MANIP] = {"nf_nat_manip_pkt", "nf_nat", 0},
	[DEV_QUEUE_XMIT] = {"__dev_queue_xmit", "", 0},
	[VETH_XMIT] = {"veth_xmit", "veth", 0},
};

static uint64_t addr(int f)
{
	return 0xffffffff81000000 + 0x1000 * (uint64_t)f;
}

static void symbols(struct builder *b)
{
	uint8_t bytes[4096];
	size_t len = builder_symbol(bytes, 0xffffffff81000000, 'T', 0, "_text");

	for (int f = 1; f < FUNCS; f++) {
		len += builder_symbol(bytes + len, 0x1000, 't',
				      funcs[f].module[0] ? 1 + (f == VETH_XMIT) : 0, funcs[f].name);
		if (f == NF_HOOK_SLOW)
			len += builder_symbol(bytes + len, 0, 't', 0, "__pfx_nothing");
	}
	builder_record(b, 2, bytes, len);
}

static void head(struct builder *b, uint8_t uuid)
{
	builder_init(b, uuid);
	builder_shb(b, 0);
	builder_text_record(b, 1,
			    "release=6.12.0-test\nmachine=x86_64\nhostname=box\n"
			    "command=pwru-record -filter-proto icmp\nfilters=proto icmp\n"
			    "backend=kprobe-multi\nbuffer=ring\ncpus=2\n");
	symbols(b);
	builder_text_record(b, 3,
			    "nf_nat 0xffffffffc0000000 65536 -\nveth 0xffffffffc0100000 4096 -\n");
	builder_text_record(
		b, 5,
		"0 SKB_NOT_DROPPED_YET\n1 SKB_CONSUMED\n2 SKB_DROP_REASON_NOT_SPECIFIED\n"
		"8 SKB_DROP_REASON_NETFILTER_DROP\n");
	builder_text_record(b, 6, "4026532208 2 veth0\n4026532300 3 veth1\n");
	builder_text_record(b, 7, "4026532208 client\n4026532300 server\n");
	builder_text_record(
		b, 8,
		"attached ip_rcv - \nattached icmp_rcv - \n"
		"skipped foo - on the kprobe blacklist\nskipped bar - on the kprobe blacklist\n"
		"failed baz nf_nat Operation not supported\n");
	builder_meta(b);
	for (int f = 1; f < FUNCS; f++)
		builder_func(b, addr(f), funcs[f].name, funcs[f].module, (uint16_t)funcs[f].roles);
	builder_other(b);
}

static uint64_t now;

static struct builder_hit at(int f, uint64_t packet, uint64_t delay, uint32_t flags)
{
	now += delay;
	return (struct builder_hit){
		.func = addr(f),
		.packet = packet,
		.ktime = now,
		.flags = flags | MATCHED,
		.pid = 1234,
		.comm = "ping",
		.netns = 4026532208,
		.ifindex = 2,
		.ifname = "veth0",
	};
}

static void frame(struct builder_hit *h, const uint8_t *data, uint32_t len)
{
	h->data = data;
	h->data_len = len;
}

static void server(struct builder_hit *h)
{
	h->netns = 4026532300;
	h->ifindex = 3;
	h->ifname = "veth1";
	h->pid = 0;
	h->comm = "swapper/1";
}

/* A ping, and its answer in another namespace on another CPU. */
static void ping(struct builder *b)
{
	static const uint8_t sk[40] = {4, 1, 0, 0, 0, 0, 0, 0, 10, 0, 1, 1, [24] = 10, 0, 1, 2};
	uint8_t request[96], reply[96];
	uint32_t n = builder_ping4(request, CLIENT, SERVER, false, 7, 1);
	uint32_t m = builder_ping4(reply, SERVER, CLIENT, true, 7, 1);
	struct builder_hit h = at(IP_LOCAL_OUT, 1, 1000000, BEGIN);

	h.tuple = sk; /* no headers yet */
	h.len = 8;
	builder_hit(b, &h);
	h = at(DEV_QUEUE_XMIT, 1, 1200, 0);
	frame(&h, request, n);
	builder_hit(b, &h);
	h = at(VETH_XMIT, 1, 800, 0);
	frame(&h, request, n);
	builder_hit(b, &h);
	h = at(IP_RCV, 1, 15300, 0);
	frame(&h, request, n);
	server(&h);
	h.cpu = 1;
	builder_hit(b, &h);
	h = at(ICMP_RCV, 1, 2050, 0);
	frame(&h, request, n);
	server(&h);
	h.cpu = 1;
	builder_hit(b, &h);
	h = at(DEV_QUEUE_XMIT, 2, 3000, BEGIN);
	frame(&h, reply, m);
	server(&h);
	h.cpu = 1;
	builder_hit(b, &h);
	h = at(CONSUME_SKB, 1, 500, 0);
	frame(&h, request, n);
	server(&h);
	h.cpu = 1;
	builder_hit(b, &h);
	h = at(KFREE_SKBMEM, 1, 100, END);
	frame(&h, request, n);
	server(&h);
	h.cpu = 1;
	builder_hit(b, &h);
	h = at(ICMP_RCV, 2, 1500000, 0);
	frame(&h, reply, m);
	h.cpu = 1;
	builder_hit(b, &h);
	h = at(KFREE_SKBMEM, 2, 900, END);
	frame(&h, reply, m);
	h.cpu = 1;
	builder_hit(b, &h);
}

/* A SYN that netfilter drops, and one whose reason has no name. */
static void drop(struct builder *b)
{
	uint8_t syn[96];
	uint32_t n = builder_tcp4(syn, CLIENT, 43210, SERVER, 80, 0x02);
	struct builder_hit h;

	for (uint64_t packet = 1; packet <= 2; packet++) {
		h = at(IP_RCV, packet, 5000, BEGIN);
		frame(&h, syn, n);
		builder_hit(b, &h);
		h = at(NF_HOOK_SLOW, packet, 1200, 0);
		frame(&h, syn, n);
		h.mark = packet == 1 ? 0x2a : 0;
		builder_hit(b, &h);
		h = at(KFREE_SKB_REASON, packet, 300, REASON);
		frame(&h, syn, n);
		h.mark = packet == 1 ? 0x2a : 0;
		h.reason = packet == 1 ? 8 : 77;
		h.caller = packet == 1 ? addr(NF_HOOK_SLOW) + 0x9f : 0x1234;
		builder_hit(b, &h);
		h = at(KFREE_SKBMEM, packet, 100, END | LIFECYCLE);
		frame(&h, syn, n);
		builder_hit(b, &h);
	}
}

/* Destination NAT: the tuple changes, the packet stays; a shared free on the way is no end. */
static void nat(struct builder *b)
{
	uint8_t before[96], after[96];
	uint32_t n = builder_tcp4(before, CLIENT, 43210, VIP, 80, 0x12);
	uint32_t m = builder_tcp4(after, CLIENT, 43210, SERVER, 8080, 0x12);
	struct builder_hit h = at(IP_RCV, 1, 1000, BEGIN);

	frame(&h, before, n);
	builder_hit(b, &h);
	h = at(NF_NAT_MANIP, 1, 700, 0);
	frame(&h, before, n);
	builder_hit(b, &h);
	h = at(KFREE_SKB_REASON, 1, 200, REASON);
	frame(&h, after, m);
	h.reason = 8;
	builder_hit(b, &h);
	h = at(CONSUME_SKB, 1, 5100, 0);
	frame(&h, after, m);
	h.len = 1400;
	builder_hit(b, &h);
	h = at(KFREE_SKBMEM, 1, 50, END);
	frame(&h, after, m);
	h.len = 1400;
	builder_hit(b, &h);
}

/* Packets whose hits stand in the file in rounds, one CPU after the other, with one hit twice and
 * one interface wrong. */
static void reorder(struct builder *b)
{
	uint8_t syn[96];
	uint32_t n = builder_tcp4(syn, CLIENT, 43210, SERVER, 80, 0x02);
	struct builder_hit h[2][8];

	for (int i = 0; i < 8; i++) {
		for (unsigned int cpu = 0; cpu < 2; cpu++) {
			h[cpu][i] = at(i % 4 == 3 ? KFREE_SKBMEM : IP_RCV + i % 4,
				       1 + (uint64_t)(i / 4), 1000, i % 4 == 3 && cpu ? END : 0);
			frame(&h[cpu][i], syn, n);
			h[cpu][i].cpu = (uint16_t)cpu;
		}
	}
	for (unsigned int cpu = 2; cpu--;)
		for (int i = 0; i < 8; i++)
			builder_hit(b, &h[cpu][i]);
	h[0][3].seq = 4;
	builder_hit(b, &h[0][3]);
	b->recorded--;
	h[0][0].seq = 9;
	h[0][0].packet = 3;
	h[0][0].ktime = now + 1000;
	h[0][0].interface = 5;
	builder_hit(b, &h[0][0]);
	builder_foreign(b, now);
}

/* Numbers 3..5 lost, 7..8 taken out later. */
static void gap(struct builder *b)
{
	uint8_t syn[96];
	uint32_t n = builder_tcp4(syn, CLIENT, 43210, SERVER, 80, 0x02);
	static const struct {
		uint64_t seq;
		uint32_t lost;
	} row[] = {{1, 0}, {2, 0}, {6, 3}, {9, 3}, {10, 3}};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct builder_hit h = at(IP_RCV, 1, 1000, 0);

		h.seq = row[i].seq;
		h.lost = row[i].lost;
		h.cpu = 1;
		frame(&h, syn, n);
		builder_hit(b, &h);
	}
	b->recorded += 2;
}

/* Names made to fool a terminal, a backend that infers, a path that is never seen to end. */
static void hostile(struct builder *b)
{
	struct builder_hit h = at(IP_RCV, 1, 1000, INFERRED);

	h.comm = "\033[31mx\"\\\xff\xc2\x9b";
	h.ifname = "e\nth";
	builder_hit(b, &h);
	h = at(FUNCS, 1, 1000, INFERRED);
	builder_hit(b, &h);
	h = at(IP_RCV, 2, 60000000000, 0);
	builder_hit(b, &h);
	h = at(IP_RCV, 0, 1000, 1u << 8);
	builder_hit(b, &h);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*build)(struct builder *b);
		bool close;
		size_t cut; /* bytes taken off the end */
	} cases[] = {
		{"ping", ping, true, 0},       {"drop", drop, true, 0},
		{"nat", nat, true, 0},	       {"reorder", reorder, true, 0},
		{"gap", gap, true, 0},	       {"noclose", drop, false, 0},
		{"hostile", hostile, true, 0}, {"cut", drop, false, 50},
	};
	struct builder b;

	for (size_t i = 0; argc == 2 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(cases[i].name, argv[1]))
			continue;
		head(&b, 0xaa);
		cases[i].build(&b);
		if (cases[i].close)
			builder_close(&b, now,
				      strcmp(argv[1], "gap") ? "end=interrupted\n"
							     : "lost_ring=3\nend=interrupted\n");
		fwrite(b.data, 1, b.len - cases[i].cut, stdout);
		builder_deinit(&b);
		return 0;
	}
	fprintf(stderr, "usage: cases NAME\n");
	return 2;
}

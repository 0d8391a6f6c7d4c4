// SPDX-License-Identifier: GPL-2.0-only
/* Writes a file of one golden case to standard output. The captures are built, not recorded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/golden/cases.h"

#define VIP 0xc0a80001 /* 192.168.0.1 */

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
       KFREE_SKB_,
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
	[KFREE_SKB_REASON] = {"kfree_skb_reason", "", ROLE_REASON},
	[CONSUME_SKB] = {"consume_skb", "", ROLE_CONSUME},
	[KFREE_SKBMEM] = {"kfree_skbmem", "", ROLE_FREE | ROLE_RELEASE},
	[NF_HOOK_SLOW] = {"nf_hook_slow", "", 0},
	[NF_NAT_MANIP] = {"nf_nat_manip_pkt", "nf_nat", 0},
	[DEV_QUEUE_XMIT] = {"__dev_queue_xmit", "", 0},
	[VETH_XMIT] = {"veth_xmit", "veth", 0},
	[KFREE_SKB_] = {"__kfree_skb", "", ROLE_DYING | ROLE_RELEASE},
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

static void head(struct builder *b, unsigned int part, const char *host)
{
	char text[256];

	builder_shb(b, part);
	snprintf(text, sizeof(text),
		 "release=6.12.0-test\nmachine=x86_64\nhostname=%s\n"
		 "command=pwru-record -filter-proto icmp\nfilters=proto icmp\n"
		 "backend=kprobe-multi\nbuffer=ring\ncpus=2\n",
		 host);
	builder_text_record(b, 1, text);
	symbols(b);
	builder_text_record(b, 3,
			    "nf_nat ffffffffc0000000 65536 -\nveth ffffffffc0100000 4096 -\n");
	builder_text_record(
		b, 5,
		"0 SKB_NOT_DROPPED_YET\n1 SKB_CONSUMED\n2 SKB_DROP_REASON_NOT_SPECIFIED\n"
		"8 SKB_DROP_REASON_NETFILTER_DROP\n");
	builder_text_record(b, 6, "4026532208 2 veth0\n4026532300 3 veth1\n");
	builder_text_record(b, 7, "4026532208 client\n4026532300 server\n");
	builder_text_record(
		b, 8,
		"attached ip_rcv -\nattached icmp_rcv - \n"
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

static void add(struct builder *b, struct builder_hit *h, const uint8_t *data, uint32_t len)
{
	frame(h, data, len);
	builder_hit(b, h);
}

static void server(struct builder_hit *h)
{
	h->netns = 4026532300;
	h->ifindex = 3;
	h->ifname = "veth1";
	h->pid = 0;
	h->comm = "swapper/1";
}

/* Received, on another CPU. */
static void at_server(struct builder *b, int f, uint64_t packet, uint64_t delay, uint32_t flags,
		      const uint8_t *data, uint32_t len)
{
	struct builder_hit h = at(f, packet, delay, flags);

	server(&h);
	h.cpu = 1;
	add(b, &h, data, len);
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
	for (int f = DEV_QUEUE_XMIT; f <= VETH_XMIT; f++) {
		h = at(f, 1, f == VETH_XMIT ? 800 : 1200, 0);
		add(b, &h, request, n);
	}
	at_server(b, IP_RCV, 1, 15300, 0, request, n);
	at_server(b, ICMP_RCV, 1, 2050, 0, request, n);
	at_server(b, DEV_QUEUE_XMIT, 2, 3000, BEGIN, reply, m);
	at_server(b, CONSUME_SKB, 1, 500, 0, request, n);
	at_server(b, KFREE_SKBMEM, 1, 100, END, request, n);
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
		add(b, &h, syn, n);
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
		add(b, &h, syn, n);
	}
}

/* Destination NAT: the tuple changes, the packet stays; a shared free on the way is no end. */
static void nat(struct builder *b)
{
	uint8_t before[96], after[96];
	uint32_t n = builder_tcp4(before, CLIENT, 43210, VIP, 80, 0x12);
	uint32_t m = builder_tcp4(after, CLIENT, 43210, SERVER, 8080, 0x12);
	struct builder_hit h = at(IP_RCV, 1, 1000, BEGIN);

	add(b, &h, before, n);
	h = at(NF_NAT_MANIP, 1, 700, 0);
	add(b, &h, before, n);
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
		add(b, &h, syn, n);
	}
	b->recorded += 2;
}

/* Numbers 2..4 and 7 taken out by a tool, and hits at the end: nothing was lost. */
static void removed(struct builder *b)
{
	static const uint64_t row[] = {1, 5, 6, 8};
	uint8_t syn[96];
	uint32_t n = builder_tcp4(syn, CLIENT, 43210, SERVER, 80, 0x02);

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct builder_hit h = at(IP_RCV, 1, 1000, 0);

		h.seq = row[i];
		add(b, &h, syn, n);
	}
	b->recorded += 6;
}

/* Losses on CPU 1 while three packets are alive: one there, one on CPU 0 only, one that ends
 * before. */
static void touched(struct builder *b)
{
	uint8_t syn[96];
	uint32_t n = builder_tcp4(syn, CLIENT, 43210, SERVER, 80, 0x02);
	static const struct {
		uint64_t packet;
		uint64_t seq;
		uint32_t lost;
		int func;
		uint32_t flags;
		uint16_t cpu;
	} row[] = {
		{1, 1, 0, IP_RCV, BEGIN, 1},	   {1, 2, 0, KFREE_SKBMEM, END, 1},
		{2, 1, 0, IP_RCV, BEGIN, 0},	   {3, 3, 0, IP_RCV, BEGIN, 1},
		{3, 16, 12, NF_HOOK_SLOW, 0, 1},   {2, 2, 0, KFREE_SKBMEM, END, 0},
		{3, 17, 12, KFREE_SKBMEM, END, 1},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct builder_hit h = at(row[i].func, row[i].packet, 1000, row[i].flags);

		h.seq = row[i].seq;
		h.lost = row[i].lost;
		h.cpu = row[i].cpu;
		add(b, &h, syn, n);
	}
}

/*
 * A kernel that frees an skb in no function of its own. The first packet was dropped once while
 * shared, but that did not end it; another life at its address says that it is over.
 */
static void dying(struct builder *b)
{
	static const uint8_t sk[40] = {4, 6, [2] = 0x50}; /* a port, no addresses yet */
	uint8_t syn[96];
	uint32_t n = builder_tcp4(syn, CLIENT, 80, SERVER, 43210, 0x12);
	struct builder_hit h;

	for (uint64_t packet = 1; packet <= 3; packet++) {
		h = at(IP_LOCAL_OUT, packet, 1000, BEGIN);
		h.skb = packet == 3 ? 0xffff888100000300 : 0xffff888100000100;
		h.tuple = sk;
		h.netns = h.ifindex = 0;
		h.ifname = "";
		h.len = 20;
		builder_hit(b, &h);
		h.func = addr(DEV_QUEUE_XMIT);
		h.ktime = now += 500;
		h.netns = 4026532208;
		h.ifindex = 2;
		h.ifname = "veth0";
		h.tuple = NULL;
		h.flags = MATCHED;
		add(b, &h, syn, n);
		h.func = addr(KFREE_SKB_REASON);
		h.ktime = now += 500;
		h.netns = h.ifindex = 0;
		h.ifname = "";
		h.flags = MATCHED | REASON;
		h.reason = 8;
		h.caller = addr(NF_HOOK_SLOW) + 0x9f;
		builder_hit(b, &h);
		h.flags = MATCHED;
		h.caller = addr(ICMP_RCV) + 0x44;
		if (packet == 1) {
			h.func = addr(IP_RCV);
			h.ktime = now += 500;
			builder_hit(b, &h);
		}
		h.func = addr(KFREE_SKB_);
		h.ktime = now += 500;
		builder_hit(b, &h);
	}
}

/*
 * A recording in four files of two hits each, of which the third is not here and held a loss.
 * Packet n begins as the last of file n and ends as the first of the next: so one straddles two
 * files.
 */
static void parts(struct builder *b, unsigned int file)
{
	static const unsigned int numbers[] = {0, 1, 3};
	unsigned int part = numbers[file];
	uint8_t syn[96];
	uint32_t n = builder_tcp4(syn, CLIENT, 43210, SERVER, 80, 0x02);
	struct builder_hit h;

	for (unsigned int i = 0; i < 2; i++) {
		h = at(i ? IP_RCV : KFREE_SKBMEM, part + 1 - !i, 0, i ? BEGIN : END);
		h.ktime = 1000000 * (1 + 2 * part + i);
		h.seq = 1 + 2 * part + i + (part > 2 ? 5 : 0);
		h.lost = part > 2 ? 5 : 0;
		if (!part && !i)
			h.packet = 9;
		add(b, &h, syn, n);
	}
	now = h.ktime;
	if (part == 3)
		builder_close(b, now, "end=interrupted\n");
}

/* Two hosts, whose monotonic clocks and packet numbers mean different things, at the same time. */
static void hosts(struct builder *b, unsigned int file)
{
	uint8_t request[96];
	uint32_t n = builder_ping4(request, CLIENT, SERVER, false, 7, 1);
	static const uint32_t flags[] = {BEGIN, 0, END};
	struct builder_hit h;
	int f;

	if (file)
		b->clock -= 3600000000000; /* up an hour longer */
	now = file ? 3600000003000 : 0;
	for (int i = 0; i < 3; i++) {
		f = i == 2 ? KFREE_SKBMEM : (file ? ICMP_RCV : VETH_XMIT) - i;
		h = at(f, 1, 10000, flags[i]);
		frame(&h, request, n);
		if (file)
			server(&h);
		builder_hit(b, &h);
	}
}

/* Names made to fool a terminal, inferred identity, a path that is never seen to end. */
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
	builder_note(b, 4, now, "netns=4026532208\nifindex=9\nname=late0\n");
	builder_note(b, 5, now, "name=evil\033[2J\nstate=loaded\n");
	builder_note(b, 6, now, "realtime=1\nmonotonic=2\nboottime=\n");
}

static const struct golden {
	const char *name;
	void (*build)(struct builder *b);
	void (*build_file)(struct builder *b, unsigned int file);
	unsigned int files;
	const char *close;		      /* NULL: it is not closed, or by itself */
	size_t cut;			      /* bytes taken off the end */
	uint64_t (*apart)(struct builder *b); /* of another file; the time of its last hit */
} cases[] = {
	{"ping", ping, NULL, 1, "end=interrupted\n", 0},
	{"drop", drop, NULL, 1, "end=interrupted\n", 0},
	{"nat", nat, NULL, 1, "end=interrupted\n", 0},
	{"reorder", reorder, NULL, 1, "end=interrupted\n", 0},
	{"gap", gap, NULL, 1, "lost_ring=3\nend=interrupted\n", 0},
	{"removed", removed, NULL, 1, "end=interrupted\n", 0},
	{"touched", touched, NULL, 1, "lost_ring=12\nend=interrupted\n", 0},
	{"dying", dying, NULL, 1, "end=interrupted\n", 0},
	{"parts", NULL, parts, 3, NULL, 0},
	{"hosts", NULL, hosts, 2, "end=interrupted\n", 0},
	{"noclose", drop, NULL, 1, NULL, 0},
	{"families", NULL, NULL, 1, "end=interrupted\n", 0, families},
	{"columns", NULL, NULL, 1, "end=interrupted\n", 0, columns},
	{"hostile", hostile, NULL, 1, "end=interrupted\n", 0},
	{"cut", drop, NULL, 1, NULL, 50},
};

static void build(struct builder *b, const struct golden *g, unsigned int file)
{
	bool peer = g->build_file == hosts && file;

	builder_init(b, peer ? 0xbb : 0xaa);
	if (g->apart == columns)
		columns_btf(b);
	head(b, g->build_file != parts ? 0 : file < 2 ? file : 3, peer ? "peer" : "box");
	if (g->apart)
		now = g->apart(b);
	else if (g->build)
		g->build(b);
	else
		g->build_file(b, file);
	if (g->close)
		builder_close(b, now, g->close);
}

/* cases NAME FILE: exit 1 when the case has fewer files. */
int main(int argc, char **argv)
{
	struct builder b;

	for (size_t i = 0; argc == 3 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(cases[i].name, argv[1]))
			continue;
		if (strtoul(argv[2], NULL, 10) >= cases[i].files)
			return 1;
		build(&b, &cases[i], (unsigned int)strtoul(argv[2], NULL, 10));
		fwrite(b.data, 1, b.len - cases[i].cut, stdout);
		builder_deinit(&b);
		return 0;
	}
	return 2;
}

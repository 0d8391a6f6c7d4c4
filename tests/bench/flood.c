// SPDX-License-Identifier: GPL-2.0-only
/*
 * flood HITS: a capture of that many hits on standard output, made byte by byte, of packets that
 * live for ten hits each, 512 of them at a time, on four CPUs. As a recorder drains: 256 hits of a
 * CPU after 256 of another, so that the file is out of order by a little.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/capture_builder.h"

#define CPUS	4
#define ROUND	256 /* hits of a CPU at a time */
#define ALIVE	512
#define HOPS	10
#define STEP_NS 500 /* between two hits */

#define BEGIN 2u
#define END   1u

static const struct {
	const char *name;
	uint16_t roles;
} functions[HOPS] = {
	{"__alloc_skb", 1}, {"ip_output", 0},	   {"dev_hard_start_xmit", 0}, {"netif_rx", 0},
	{"ip_rcv", 0},	    {"ip_route_input", 0}, {"ip_local_deliver", 0},    {"tcp_v4_rcv", 0},
	{"consume_skb", 0}, {"kfree_skbmem", 2},
};

static void head(struct builder *b)
{
	builder_init(b, 0xcc);
	builder_shb(b, 0);
	builder_text_record(b, 1, "release=6.12\nhostname=h\ncommand=x\ncpus=4\n");
	builder_meta(b);
	for (uint64_t i = 0; i < HOPS; i++)
		builder_func(b, 0x1000 * (i + 1), functions[i].name, "", functions[i].roles);
	builder_other(b);
}

/* The i-th of all, in order of time. */
static void hit(struct builder *b, uint64_t i)
{
	uint64_t generation = i / (ALIVE * HOPS), hop = i % (ALIVE * HOPS) / ALIVE, n = i % ALIVE;
	uint64_t packet = generation * ALIVE + n + 1;
	uint8_t frame[96];
	struct builder_hit h = {
		.func = 0x1000 * (hop + 1),
		.packet = packet,
		.ktime = 1000000000 + STEP_NS * i,
		.flags = (hop == 0 ? BEGIN : 0) | (hop == HOPS - 1 ? END : 0),
		.skb = 0xffff888100000000 + 0x100 * n, /* used again */
		.netns = 1,
		.pid = 1,
		.comm = "task",
		.ifname = "eth0",
		.ifindex = 2,
		.cpu = (uint16_t)(i % CPUS),
		.data = frame,
	};

	h.data_len = builder_tcp4(frame, 0x0a000001 + (uint32_t)(packet % 65536), (uint16_t)packet,
				  0x0aff0001, 80, 0x10);
	builder_hit(b, &h);
}

static void save(struct builder *b)
{
	if (fwrite(b->data, 1, b->len, stdout) != b->len)
		exit(1); /* who reads has left */
	b->len = 0;
}

int main(int argc, char **argv)
{
	uint64_t hits = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
	struct builder b;

	if (!hits) {
		fprintf(stderr, "usage: flood HITS\n");
		return 2;
	}
	head(&b);
	for (uint64_t start = 0; start < hits; start += CPUS * ROUND) {
		for (uint64_t cpu = 0; cpu < CPUS; cpu++)
			for (uint64_t i = start + cpu; i < start + CPUS * ROUND && i < hits;
			     i += CPUS)
				hit(&b, i);
		save(&b);
	}
	builder_close(&b, 1000000000 + STEP_NS * hits, "");
	save(&b);
	builder_deinit(&b);
	return fflush(stdout) ? 1 : 0;
}

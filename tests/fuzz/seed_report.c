// SPDX-License-Identifier: GPL-2.0-only
/* Captures in which something happens that the golden ones leave out, so that fuzzing need not find
 * it first. */
#include "tests/fuzz/seed.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "tests/support/capture_builder.h"

#define FUNCS 4

static void head(struct builder *b, uint8_t uuid, uint32_t file_number)
{
	static const char *const names[FUNCS] = {"ip_rcv", "kfree_skb_reason", "consume_skb", "nf"};
	static const uint16_t roles[FUNCS] = {0, 10, 34, 16};

	builder_init(b, uuid);
	builder_shb(b, file_number);
	builder_text_record(b, 1, "release=6.12\nhostname=h\ncommand=x\ncpus=3\n");
	builder_text_record(b, 5, "2 SKB_DROP_REASON_NOT_SPECIFIED\n");
	builder_text_record(b, 6, "1 2 eth0\n");
	builder_text_record(b, 7, "1 host\n");
	builder_text_record(b, 8, "attached ip_rcv - \nskipped a - why\nskipped b - why\n");
	builder_meta(b);
	for (uint64_t i = 0; i < FUNCS; i++)
		builder_func(b, 0x1000 * (i + 1), names[i], i == 3 ? "nf" : "", roles[i]);
	builder_other(b);
}

static struct builder_hit hit_at(uint64_t ktime, uint16_t cpu, uint64_t packet)
{
	struct builder_hit h = {.func = 0x1000 * (1 + packet % FUNCS),
				.packet = packet,
				.ktime = ktime,
				.cpu = cpu,
				.flags = 4,
				.pid = 1,
				.comm = "task",
				.ifname = "eth0",
				.netns = 1,
				.ifindex = 2};

	return h;
}

static void save_built(const char *name, struct builder *b)
{
	seed_save("report", name, b->data, b->len);
	builder_deinit(b);
}

/* As the recorder drains: a CPU after the other, in rounds; some hits are late or lost. */
static void rounds(void)
{
	uint8_t frame[96];
	struct builder_hit h;
	struct builder b;

	head(&b, 0xaa, 1);
	for (unsigned int i = 0; i < 480; i++) {
		unsigned int cpu = i / 20 % 3, round = i / 60;

		h = hit_at(1000000000ull * round + 1000 * (i % 20), (uint16_t)cpu, 1 + i / 7);
		if (i % 5 == 0) {
			h.data = frame;
			h.data_len = builder_tcp4(frame, 0x0a000001 + i, 1, 0x0a000002, 80, 2);
		}
		if (i % 7 == 6) {
			h.flags |= 1 | (i % 2 ? 8 : 0);
			h.reason = i % 3 + 1;
			h.caller = 0x1010;
		}
		if (i % 50 == 49)
			h.ktime /= 2;
		h.seq = i / 2 * 3;
		h.lost = i / 100;
		builder_hit(&b, &h);
	}
	save_built("rounds", &b);
}

/* One CPU that runs ahead of what its lane has room for, and idle packets in between. */
static void one_lane(void)
{
	struct builder_hit h;
	struct builder b;

	head(&b, 0xbb, 0);
	for (uint64_t i = 0; i < 300; i++) {
		h = hit_at(i < 290 ? i : i * 1000000000, 0, 1 + i / 20);
		builder_hit(&b, &h);
	}
	builder_close(&b, 300000000000, "end=duration\n");
	save_built("one-lane", &b);
}

static void notes(void)
{
	static const char *const bodies[] = {"recorded=1\nlost_ring=2\n",
					     "",
					     "inode=1\nname=other\n",
					     "netns=1\nifindex=2\nname=eth1\n",
					     "name=nf\nstate=live\n",
					     "realtime=5\nmonotonic=4\nboottime=4\n",
					     "x",
					     "inode=\nname=\n"};
	struct builder_hit h;
	struct builder b;

	head(&b, 0xcc, 0);
	for (uint16_t i = 0; i < 8; i++)
		builder_note(&b, i + 1, i, bodies[i]);
	for (uint64_t i = 0; i < 4; i++) {
		h = hit_at(i, 0, 1);
		h.netns = (uint32_t)i;
		h.flags |= i == 3 ? 0x101 : 0;
		h.ifname = i % 2 ? "" : "eth9";
		builder_hit(&b, &h);
		builder_foreign(&b, i);
	}
	h.func = 0x99999;
	h.flags = 0x404;
	builder_hit(&b, &h);
	h.packet = 0;
	builder_hit(&b, &h);
	builder_note(&b, 2, 99, "end=interrupted\nrecorded=6\n");
	save_built("notes", &b);
}

/* Two captures in one file, their sections one after the other, and blocks of both damaged. */
static void two_captures(void)
{
	struct builder a, b;
	struct builder_hit h;
	struct buf both = {};

	head(&a, 0x11, 0);
	head(&b, 0x22, 3);
	for (uint64_t i = 0; i < 6; i++) {
		h = hit_at(i, (uint16_t)i, i / 2);
		builder_hit(i % 2 ? &a : &b, &h);
	}
	builder_close(&a, 9, "end=events\n");
	buf_append(&both, a.data, a.len);
	buf_append(&both, b.data, b.len);
	for (size_t i = a.len; i + 8 < both.len; i++) /* the stated length of each META */
		if (!memcmp(both.data + i, "PW\1\2", 4))
			both.data[i + 19] = 0x7f;
	seed_save("report", "two-captures", both.data, both.len);
	buf_deinit(&both);
	builder_deinit(&a);
	builder_deinit(&b);
}

/* The first and the third file of one recording. */
static void two_parts(void)
{
	struct builder parts[2];
	struct builder_hit h;
	struct buf both = {};

	for (uint32_t p = 0; p < 2; p++) {
		head(&parts[p], 0x44, 2 * p);
		for (uint64_t i = 0; i < 8; i++) {
			h = hit_at(1000000 * p + i, i % 2, 1 + i / 3);
			h.seq = 20 * p + i + 1;
			builder_hit(&parts[p], &h);
		}
		buf_append(&both, parts[p].data, parts[p].len);
		builder_deinit(&parts[p]);
	}
	seed_save("report", "two-parts", both.data, both.len);
	buf_deinit(&both);
}

/* All kinds of descent and merging, among few packets, queues and skbs. */
static void edges(void)
{
	static const char *const names[] = {"skb_gro_receive", "skb_clone", "kfree_skb_partial",
					    "skb_release_data", "kfree_skbmem"};
	static const uint16_t roles[] = {0, 0, 6, 4, 5};
	uint32_t random = 1;
	struct builder_hit h;
	struct builder b;

	head(&b, 0x55, 0);
	for (uint64_t i = 0; i < 5; i++)
		builder_func(&b, 0x8000 + 0x1000 * i, names[i], "", roles[i]);
	for (uint64_t i = 0; i < 600; i++) {
		h = hit_at(i * (i % 100 ? 1000 : 20000000), 0, 1 + i / 12);
		random = random * 1103515245 + 12345;
		h.func = 0x1000 * (1 + (random >> 16) % 12);
		if (h.func > 0x4000 && h.func < 0x8000)
			h.func = 0x1000;
		h.packet += (random >> 20) % 8;
		h.skb = 0x100 + (random >> 21) % 40;
		h.cpu = (random >> 8) % 2;
		h.flags |= (h.func == 0xc000 ? 1 : 0) | (i % 9 ? 0 : 0x2000) | (i % 7 ? 0 : 0x400);
		h.parent_kind = i % 3 ? 0 : (random >> 13) % 10;
		h.parent = h.parent_kind > 6 ? (random >> 17) % 3 : 1 + i / 12 + (random >> 24) % 8;
		h.parent_inferred = i % 5 == 0;
		builder_hit(&b, &h);
	}
	builder_close(&b, 600000000000, "end=duration\n");
	save_built("edges", &b);
}

static void metas(void)
{
	struct builder b;
	size_t at = 0;

	for (int what = 0; what < 2; what++) {
		head(&b, 0x33, 0);
		while (memcmp(b.data + at, "PW\1\2", 4))
			at++;
		if (what)
			b.data[at + 16] -= 20; /* less than it inflates to */
		else
			b.data[at + 40] ^= 0x55; /* in the stream */
		save_built(what ? "meta-longer" : "meta-bent", &b);
	}
}

/* Of a kernel that lines are known of, with callers, drops and stacks. Some of the sizes are read
 * as text, some as JSON. */
static void lines(unsigned int hits)
{
	const uint64_t text = 0x10000000;
	struct builder_hit h;
	uint8_t symbols[128];
	size_t len = 0;
	struct builder b;
	char name[16];

	builder_init(&b, 0x66);
	builder_shb(&b, 0);
	len += builder_symbol(symbols + len, text, 'T', 0, "part_1");
	len += builder_symbol(symbols + len, 0x140000, 't', 0, "part_1.part.0");
	len += builder_symbol(symbols + len, 0x140000, 'T', 0, "part_2");
	builder_text_record(&b, 1, "release=6.1\nhostname=h\ncommand=x\ncpus=1\n");
	builder_record(&b, 2, symbols, len);
	builder_text_record(&b, 3, "nf 40000000 8192 0011223344\n");
	builder_text_record(&b, 4, "build_id=00112233\ntext=10000000\n");
	builder_meta(&b);
	builder_func(&b, text, "part_1", "", 0);
	builder_func(&b, text + 0x280000, "part_2", "", 10);
	for (uint64_t i = 0; i < hits; i++) {
		h = hit_at(i, 0, 1 + i / 2);
		h.func = text + (i % 2 ? 0x280000 : 0);
		h.caller = text + (i % 4 < 2 ? 0x10 : 0x150000);
		h.flags |= i % 2 ? 9 : 0; /* it ends, for a reason */
		h.reason = 2;
		builder_hit(&b, &h);
	}
	builder_close(&b, 60, "end=events\n");
	snprintf(name, sizeof(name), "lines-%u", hits);
	save_built(name, &b);
}

void seed_report(void)
{
	for (unsigned int hits = 1; hits <= 6; hits++)
		lines(hits);
	rounds();
	one_lane();
	notes();
	two_captures();
	two_parts();
	edges();
	metas();
}

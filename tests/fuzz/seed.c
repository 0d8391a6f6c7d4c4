// SPDX-License-Identifier: GPL-2.0-only
/*
 * seed corpus DIRECTORY        the inputs that fuzzing begins with, in one folder a target
 * seed conformance DIRECTORY   the conformance files: NAME-le, NAME-be, and with each NAME.expected
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "common/event_codec.h"
#include "common/snapshot_codec.h"
#include "tests/fuzz/seed.h"
#include "tests/support/conformance.h"
#include "tests/support/pcapng_builder.h"

static const char *directory;

void seed_save(const char *folder, const char *name, const void *data, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, folder);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%s", directory, folder, name);
	f = fopen(path, "wbe");
	if (!f || fwrite(data, 1, len, f) != len || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void save_buf(const char *folder, const char *name, struct buf *b)
{
	if (buf_error(b))
		abort();
	seed_save(folder, name, b->data, b->len);
	buf_deinit(b);
}

/* ---- conformance ---- */

static void conformance(bool expected)
{
	struct conformance c;
	char name[128];

	for (unsigned int i = 0; conformance_name(i); i++) {
		for (int big = 0; big < 2; big++) {
			conformance_build(i, big, &c);
			snprintf(name, sizeof(name), "%s-%s", conformance_name(i),
				 big ? "be" : "le");
			seed_save(expected ? "" : "reader", name, c.file.data, c.file.len);
			if (!expected &&
			    (i % 4 == 2 || !strcmp(conformance_name(i), "orders-mixed")))
				seed_save("report", name, c.file.data, c.file.len);
			strcat(name, ".expected");
			if (expected)
				seed_save("", name, c.listing, c.listing_len);
			strcpy(strrchr(name, '.'), ".counts");
			if (expected) {
				char counts[128];

				snprintf(counts, sizeof(counts),
					 "packets=%u interfaces=%u sections=%u\n", c.packets,
					 c.interfaces, c.sections);
				seed_save("", name, counts, strlen(counts));
			}
			conformance_deinit(&c);
		}
	}
}

/* ---- reader ---- */

static void gzip(const char *name, const void *data, size_t len, int members, size_t cut)
{
	uint8_t out[65536];
	size_t at = 0;

	for (int i = 0; i < members; i++) {
		size_t part = len / (size_t)members, from = part * (size_t)i;
		z_stream z = {.next_in = (Bytef *)(uintptr_t)data + from,
			      .avail_in = (uInt)(i == members - 1 ? len - from : part),
			      .next_out = out + at,
			      .avail_out = (uInt)(sizeof(out) - at)};

		if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
		    deflate(&z, Z_FINISH) != Z_STREAM_END)
			abort();
		at = sizeof(out) - z.avail_out;
		deflateEnd(&z);
	}
	if (strstr(name, "zeros")) {
		memset(out + at, 0, 64);
		at += 64;
	}
	if (strstr(name, "trailing"))
		out[at++] = 'x';
	if (strstr(name, "checksum"))
		out[at - 6] ^= 1;
	seed_save("reader", name, out, at - cut);
}

static void reader(void)
{
	static const char zstd[] =
		"\x28\xb5\x2f\xfd\x24\x1c\xe1\x00\x00\x0a\x0d\x0d\x0a\x1c\x00\x00"
		"\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff"
		"\xff\x1c\x00\x00\x00";
	static const uint8_t large[8000];
	struct pcapng_builder b;

	conformance(false);
	built_head(&b, false);
	built_packet(&b);
	gzip("gzip", b.data, b.len, 1, 0);
	gzip("gzip-members", b.data, b.len, 3, 0);
	gzip("gzip-zeros", b.data, b.len, 1, 0);
	gzip("gzip-trailing", b.data, b.len, 1, 0);
	gzip("gzip-checksum", b.data, b.len, 1, 0);
	gzip("gzip-cut", b.data, b.len, 1, 9);
	gzip("gzip-no-pcapng", "text", 4, 1, 0);
	seed_save("reader", "gzip-magic", "\x1f\x8b", 2);
	/* one raw block; the checksum of the content is not there, so the flag is not set */
	seed_save("reader", "zstd-raw", zstd, sizeof(zstd) - 1);
	seed_save("reader", "zstd-magic", "\x28\xb5\x2f\xfd", 4);
	seed_save("reader", "cut", b.data, b.len - 7);
	for (uint32_t len = 500; len <= 8000; len *= 2)
		built_epb(&b, 0, len, large, len);
	seed_save("reader", "large-blocks", b.data, b.len);
	built_zero(&b, 40);
	seed_save("reader", "zero-tail", b.data, b.len);
	pcapng_builder_deinit(&b);
	built_head(&b, true);
	built_packet(&b);
	built_poke32(&b, BUILT_HEAD_LEN + 4, 256u << 20);
	seed_save("reader", "large-length", b.data, b.len);
	pcapng_builder_deinit(&b);
	seed_save("reader", "empty", "", 0);
	seed_save("reader", "pcap", "\xd4\xc3\xb2\xa1\2\0\4\0", 8);
}

/* ---- event ---- */

static struct event full_event(void)
{
	static const uint8_t bytes[64] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct event e = {
		.tag = 0x11223344,
		.flags = EVENT_MATCHED | EVENT_REASON,
		.addr = 0xffffffff81234560,
		.skb = 0xffff888012345600,
		.ktime = 123456789,
		.packet = 7,
		.seq = 1,
		.protocol = 0x0800,
		.comm = "sixteen bytes ok",
		.ifname = "eth0",
		.sk_tuple = {.family = 4,
			     .proto = 6,
			     .has_ports = true,
			     .sport = 1,
			     .dport = 80,
			     .src = {10, 0, 0, 1},
			     .dst = {10, 0, 0, 2}},
		.stack = bytes,
		.stack_len = 3,
		.raw_skb = bytes,
		.raw_skb_len = 37,
		.cb = bytes,
		.parent = 6,
		.parent_kind = 2,
	};

	return e;
}

static void events(void)
{
	struct event e = full_event();
	struct buf b = {};

	event_encode(&b, &e);
	seed_save("event", "event-full", b.data, b.len);
	seed_save("event", "event-cut", b.data, b.len - 3);
	seed_save("event", "event-cut-fixed", b.data, 159);
	buf_le16(&b, 77);
	buf_le16(&b, 3);
	buf_le32(&b, 0x00030201);
	seed_save("event", "event-unknown-tlv", b.data, b.len);
	b.data[164] = 9; /* of the tuple */
	seed_save("event", "event-unknown-family", b.data, b.len);
	b.data[12] = 164; /* a longer fixed part swallows the first TLV's head */
	save_buf("event", "event-longer-fixed", &b);
	e = (struct event){.tag = 1, .flags = EVENT_NO_L3};
	event_encode(&b, &e);
	save_buf("event", "event-bare", &b);
	e.sk_tuple = (struct event_tuple){.family = 6, .proto = 58};
	event_encode(&b, &e);
	save_buf("event", "event-tuple6", &b);
}

static void payloads(void)
{
	struct event_func f = {.tag = 1,
			       .addr = 0xffffffff81000000,
			       .how = FUNC_KPROBE_MULTI,
			       .roles = FUNC_ROLE_DROP,
			       .name = "nf_hook_slow",
			       .module = "nf"};
	struct event_note n = {
		.tag = 1, .type = NOTE_CLOSE, .ktime = 5, .body = "end=duration\n", .body_len = 13};
	struct event_info i = {.uuid = {1, 2, 3, 4, 5}, .file_number = 2};
	struct event_meta m = {.tag = 1,
			       .count = 2,
			       .index = 1,
			       .raw_len = 99,
			       .data = (const uint8_t *)"zlib",
			       .data_len = 4};
	struct buf b = {};

	event_func_encode(&b, &f);
	save_buf("event", "func", &b);
	memset(f.name, 'x', sizeof(f.name) - 1);
	f.module[0] = 0;
	f.how = 9;
	event_func_encode(&b, &f);
	save_buf("event", "func-long-name", &b);
	event_note_encode(&b, &n);
	save_buf("event", "note", &b);
	event_info_encode(&b, &i);
	seed_save("event", "info", b.data, b.len);
	buf_le32(&b, 0x00040001); /* a TLV, none is known */
	buf_le32(&b, 0);
	save_buf("event", "info-tlv", &b);
	event_meta_encode(&b, &m);
	seed_save("event", "meta", b.data, b.len);
	b.data[2] = 2;
	seed_save("event", "version-2", b.data, b.len);
	b.data[2] = 1;
	b.data[3] = 6;
	save_buf("event", "kind-6", &b);
	seed_save("event", "short", "PW\1", 3);
}

/* ---- snapshot ---- */

static void text(struct buf *raw, enum snapshot_record type, const char *value)
{
	snapshot_record_append(raw, type, value, strlen(value));
}

static void fill(struct buf *raw, bool cut)
{
	struct buf syms = {};
	uint64_t prev = 0;

	snapshot_symbol_append(&syms, &prev, 0xffffffff81000000, 'T', 0, "_stext");
	snapshot_symbol_append(&syms, &prev, 0xffffffff81000010, 't', 0, "__pfx_ip_rcv");
	snapshot_symbol_append(&syms, &prev, 0xffffffff81000020, 'T', 0, "ip_rcv");
	snapshot_symbol_append(&syms, &prev, 0xffffffff81000020, 't', 0, "__ip_rcv.cold");
	snapshot_symbol_append(&syms, &prev, 0xffffffff81000030, 't', 0, "$x");
	snapshot_symbol_append(&syms, &prev, 0xffffffffc0000000, 't', 1, "nf_a.b");
	snapshot_symbol_append(&syms, &prev, 0xffffffffc0000100, 'W', 9, "nf_c");
	if (cut)
		buf_append(&syms, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\1T\0n",
			   14); /* beyond 64 bits */
	text(raw, SNAPSHOT_HOST, "release=6.12\nhostname=h\ncommand=pwru-record\ncpus=2\n");
	snapshot_record_append(raw, SNAPSHOT_SYMBOLS, syms.data, syms.len);
	text(raw, SNAPSHOT_MODULES, "nf 0xffffffffc0000000 4096 -\nx");
	text(raw, SNAPSHOT_KERNEL, "build_id=00\ntext=ffffffff81000000\n");
	text(raw, SNAPSHOT_REASONS, "2 SKB_DROP_REASON_NOT_SPECIFIED\n3 NO_SOCKET\nx\n");
	text(raw, SNAPSHOT_INTERFACES, "1 1 lo\n1 2 eth0\n1 x\n");
	text(raw, SNAPSHOT_NETNS, "1 host\n");
	text(raw, SNAPSHOT_PROBES, "attached ip_rcv - \nskipped a - why\nfailed b nf why not\n");
	text(raw, SNAPSHOT_BTF, "\x9f\xeb\1");
	text(raw, 77, "unknown");
	buf_deinit(&syms);
}

static void piece(struct buf *out, unsigned int index, unsigned int count, size_t raw_len,
		  const uint8_t *data, size_t len)
{
	buf_u8(out, (uint8_t)index);
	buf_u8(out, (uint8_t)count);
	buf_le32(out, (uint32_t)raw_len);
	buf_le16(out, (uint16_t)len);
	buf_append(out, data, len);
}

/* The pieces of one snapshot, but cut differently. */
static void pieces(const struct buf *raw, const struct buf *z)
{
	static const uint8_t longest[60000];
	struct buf b = {};

	buf_u8(&b, 0);
	piece(&b, 0, 1, raw->len, z->data, z->len);
	save_buf("snapshot", "pieces-one", &b);
	for (int longer = -1; longer < 2; longer++) {
		buf_u8(&b, 0);
		piece(&b, 1, 2, raw->len + (size_t)longer, z->data + 50, z->len - 50);
		piece(&b, 0, 2, raw->len + (size_t)longer, z->data, 50);
		save_buf("snapshot",
			 longer < 0 ? "pieces-bomb"
			 : longer   ? "pieces-too-short"
				    : "pieces-two",
			 &b);
	}
	buf_u8(&b, 0);
	piece(&b, 0, 2, raw->len, z->data, 50);
	piece(&b, 0, 2, raw->len, z->data + 1, 50);
	piece(&b, 0, 3, raw->len, z->data, 50);
	piece(&b, 2, 2, raw->len, z->data, 50);
	piece(&b, 1, 2, SNAPSHOT_MAX_RAW + 1, z->data, 50);
	piece(&b, 1, 2, raw->len, z->data, 0);
	save_buf("snapshot", "pieces-contradict", &b);
	buf_u8(&b, 0);
	for (unsigned int i = 0; i < 20; i++) /* 0, 10, 1, 11, … */
		piece(&b, i / 2 + 10 * (i % 2), 21, raw->len, z->data + i, 1);
	piece(&b, 20, 21, raw->len, z->data, z->len);
	save_buf("snapshot", "pieces-many", &b);
	buf_u8(&b, 0);
	for (unsigned int i = 0; i < 2; i++)
		piece(&b, i, 9, 0, (const uint8_t *)longest, sizeof(longest));
	save_buf("snapshot", "pieces-far-too-long", &b);
	buf_u8(&b, 0);
	piece(&b, 0, 1, 9, (const uint8_t *)"no zlib", 7);
	save_buf("snapshot", "pieces-no-zlib", &b);
	buf_u8(&b, 0);
	piece(&b, 0, 2, raw->len, z->data, z->len);
	piece(&b, 1, 2, raw->len, (const uint8_t *)"x", 1);
	save_buf("snapshot", "pieces-trailing", &b);
}

static void snapshots(void)
{
	struct buf raw = {}, z = {}, b = {};

	fill(&raw, false);
	if (snapshot_compress(&raw, &z))
		abort();
	pieces(&raw, &z);
	for (unsigned int cut = 0; cut < 2; cut++) {
		buf_u8(&b, 1);
		buf_u8(&b, 3 * (uint8_t)cut);
		buf_append(&b, raw.data, raw.len - cut);
		save_buf("snapshot", cut ? "sound-cut" : "sound", &b);
	}
	buf_u8(&b, 1);
	save_buf("snapshot", "sound-empty", &b);
	buf_reset(&raw);
	fill(&raw, true);
	buf_u8(&b, 1);
	buf_u8(&b, 0);
	buf_append(&b, raw.data, raw.len);
	save_buf("snapshot", "sound-symbols-wrap", &b);
	buf_deinit(&raw);
	buf_deinit(&z);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: seed corpus|conformance DIRECTORY\n");
		return 2;
	}
	directory = argv[2];
	if (!strcmp(argv[1], "conformance")) {
		conformance(true);
		return 0;
	}
	reader();
	events();
	payloads();
	snapshots();
	seed_report();
	return 0;
}

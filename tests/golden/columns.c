// SPDX-License-Identifier: GPL-2.0-only
/* The case columns: a hit with each of what only some recordings have. */
#include <string.h>

#include "tests/golden/cases.h"
#include "tests/support/frame.h"

enum { TRACEPOINT = 77 };
#define XMIT 0xffffffff82001000 /* in no symbol's reach */

/* ---- BTF, from the kernel's Documentation/bpf/btf.rst alone ---- */

struct text {
	uint8_t at[1024];
	uint32_t len;
};

static void le32(struct text *t, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		t->at[t->len++] = (uint8_t)(v >> (8 * i));
}

static uint32_t name(struct text *names, const char *s)
{
	uint32_t at = names->len;

	memcpy(names->at + at, s, strlen(s) + 1);
	names->len += (uint32_t)strlen(s) + 1;
	return at;
}

static void type(struct text *t, uint32_t name_at, uint32_t kind, uint32_t n, uint32_t size)
{
	le32(t, name_at);
	le32(t, kind << 24 | n);
	le32(t, size);
}

static void member(struct text *t, uint32_t name_at, uint32_t type_id, uint32_t place)
{
	le32(t, name_at);
	le32(t, type_id);
	le32(t, place);
}

enum { INT = 1, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, FLAG = 0x80 };
enum { U32 = 1, U8, DEVICE, DEVICE_PTR, BYTES, SUMMED, U32_TYPEDEF, EITHER };

void columns_btf(struct builder *b)
{
	struct text types = {.len = 0}, names = {.len = 1}, all = {.len = 0};

	type(&types, name(&names, "unsigned int"), INT, 0, 4);
	le32(&types, 32);
	type(&types, name(&names, "unsigned char"), INT, 0, 1);
	le32(&types, 8);
	type(&types, name(&names, "net_device"), FWD, 0, 0);
	type(&types, 0, PTR, 0, DEVICE);
	type(&types, 0, ARRAY, 0, 0);
	member(&types, U8, U32, 4);
	type(&types, name(&names, "summed"), ENUM, 2, 4);
	le32(&types, name(&names, "NONE"));
	le32(&types, 0);
	le32(&types, name(&names, "COMPLETE"));
	le32(&types, 2);
	type(&types, name(&names, "__u32"), TYPEDEF, 0, U32);
	type(&types, 0, UNION, 2, 4);
	member(&types, name(&names, "mark"), U32_TYPEDEF, 0);
	member(&types, name(&names, "tailroom"), U32, 0);
	type(&types, name(&names, "sk_buff"), FLAG | STRUCT, 7, 32);
	member(&types, name(&names, "dev"), DEVICE_PTR, 0);
	member(&types, name(&names, "len"), U32, 64);
	member(&types, name(&names, "cb"), BYTES, 96);
	member(&types, name(&names, "pkt_type"), U8, 3u << 24 | 128);
	member(&types, name(&names, "ip_summed"), SUMMED, 2u << 24 | 131);
	member(&types, 0, EITHER, 160);
	member(&types, name(&names, "alloc_cpu"), U8, 255 - 7);

	le32(&all, 0x0001eb9f); /* magic, version 1 */
	le32(&all, 24);
	le32(&all, 0);
	le32(&all, types.len);
	le32(&all, types.len);
	le32(&all, names.len);
	memcpy(all.at + all.len, types.at, types.len);
	memcpy(all.at + all.len + types.len, names.at, names.len);
	builder_record(b, 9, all.at, all.len + types.len + names.len);
}

/* ---- frames ---- */

/* An IPv4 header behind an Ethernet one; its lengths are 0, as they are on the way through GSO. */
static void ip4(struct frame *f, uint8_t proto)
{
	FRAME_ADD(f, "\2\0\0\0\0\2\2\0\0\0\0\1\x08\0"
		     "\x45\0\0\0\0\1\0\0\x40");
	frame_add(f, &proto, 1);
	FRAME_ADD(f, "\0\0\xc0\xa8\0\1\xc0\xa8\0\2");
}

/* A SYN-ACK and the like inside, with its Ethernet header or from its IP header on. */
static void inner(struct frame *f, uint8_t flags, bool ethernet)
{
	uint8_t tcp[96];
	uint32_t n = builder_tcp4(tcp, CLIENT, 43210, SERVER, 80, flags);

	frame_add(f, tcp + (ethernet ? 0 : 14), n - (ethernet ? 0 : 14));
}

static struct frame in_vxlan(void)
{
	struct frame f = {.len = 0};

	ip4(&f, 17);
	FRAME_ADD(&f, "\xd0\1\x12\xb5\0\0\0\0" /* to port 4789 */
		      "\x08\0\0\0\0\0\x2a\0"); /* network 42 */
	inner(&f, 0x12, true);
	return f;
}

static struct frame in_geneve(void)
{
	struct frame f = {.len = 0};

	ip4(&f, 17);
	FRAME_ADD(&f, "\xd0\1\x17\xc1\0\0\0\0"		   /* to port 6081 */
		      "\1\0\x86\xdd\0\0\7\0\1\2\3\0"	   /* 4 bytes of options */
		      "\x60\0\0\0\0\0\x11\x40"		   /* UDP over IPv6 */
		      "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1" /* fd00::1 */
		      "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2" /* fd00::2 */
		      "\x14\xe9\0\x35\0\0\0\0");	   /* from 5353 to 53 */
	return f;
}

static struct frame in_gre_in_ipip(void)
{
	struct frame f = {.len = 0};

	ip4(&f, 4);
	FRAME_ADD(&f, "\x45\0\0\0\0\1\0\0\x40\x2f\0\0\xac\x10\0\1\xac\x10\0\2" /* 172.16.0.1 > .2 */
		      "\x20\0\x08\0\0\0\0\7");				       /* with a key */
	inner(&f, 0x10, false);
	return f;
}

/* ---- hits ---- */

static struct builder_hit hit(uint64_t packet, uint64_t ktime, uint32_t flags,
			      const struct frame *f)
{
	return (struct builder_hit){
		.func = XMIT,
		.packet = packet,
		.ktime = ktime,
		.flags = flags | MATCHED,
		.pid = 42,
		.comm = "a b",
		.netns = 4026532208,
		.ifindex = 2,
		.ifname = "veth0",
		.data = f ? f->data : NULL,
		.data_len = f ? (uint32_t)f->len : 0,
	};
}

uint64_t columns(struct builder *b)
{
	/* dev 0xffff888107000000, len 74, cb 1 2 0 4, pkt_type 3, ip_summed 2, mark 7, CPU 1. */
	static const uint8_t skb[32] = {
		[3] = 7,  [4] = 0x81, [5] = 0x88, [6] = 0xff,  [7] = 0xff, [8] = 74,
		[12] = 1, [13] = 2,   [15] = 4,	  [16] = 0x13, [20] = 7,   [31] = 1};
	static const uint8_t cb[48] = {1, 2, 0, 4};
	static const uint64_t stack[] = {0xffffffff8100104c, 0xffffffffc00000ff,
					 0xffffffff81002001};
	struct frame f[] = {in_vxlan(), in_geneve(), in_gre_in_ipip(), {.len = 0}};
	struct builder_hit h;

	inner(&f[3], 0, true);
	builder_func(b, XMIT, "xmit", "", 0);
	builder_tracepoint(b, TRACEPOINT, "net_dev_xmit");
	h = hit(1, 1000, BEGIN | VLAN | TX, &f[0]);
	h.vlan = 0x6005;
	h.stack = stack;
	h.n_stack = 3;
	h.raw_skb = skb;
	h.raw_skb_len = sizeof(skb);
	h.cb = cb;
	builder_hit(b, &h);
	h = hit(1, 2500, RX, &f[1]);
	h.stack = stack;
	h.n_stack = 1;
	h.raw_skb = skb;
	h.raw_skb_len = 22; /* cut in the middle of the mark */
	builder_hit(b, &h);
	h = hit(2, 1000002500, BEGIN, &f[2]);
	h.func = TRACEPOINT;
	builder_hit(b, &h);
	h = hit(3, 1000003000, BEGIN, &f[3]);
	h.comm = "=1+1";
	builder_hit(b, &h);
	h = hit(3, 1000003001, UNREADABLE, &f[0]);
	builder_hit(b, &h);
	return h.ktime;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/capture_builder.h"

#include <stdlib.h>
#include <string.h>

static void put(struct builder *b, const void *p, size_t n)
{
	if (b->len + n > b->cap) {
		b->cap = (b->len + n) * 2;
		b->data = realloc(b->data, b->cap);
		if (!b->data)
			abort();
	}
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
}

static void u8(struct builder *b, unsigned int v)
{
	uint8_t byte = (uint8_t)v;

	put(b, &byte, 1);
}

static void u16(struct builder *b, unsigned int v)
{
	u8(b, v);
	u8(b, v >> 8);
}

static void u32(struct builder *b, uint32_t v)
{
	u16(b, v & 0xffff);
	u16(b, v >> 16);
}

static void u64(struct builder *b, uint64_t v)
{
	u32(b, (uint32_t)v);
	u32(b, (uint32_t)(v >> 32));
}

static void pad(struct builder *b, size_t start)
{
	while ((b->len - start) % 4)
		u8(b, 0);
}

static void patch(struct builder *b, size_t at, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		b->data[at + (size_t)i] = (uint8_t)(v >> (8 * i));
}

static size_t block_begin(struct builder *b, uint32_t type)
{
	size_t at = b->len;

	u32(b, type);
	u32(b, 0);
	return at;
}

static void block_end(struct builder *b, size_t at)
{
	u32(b, 0); /* opt_endofopt */
	u32(b, 0);
	patch(b, at + 4, (uint32_t)(b->len - at), 4);
	patch(b, b->len - 4, (uint32_t)(b->len - at), 4);
}

static void option(struct builder *b, unsigned int code, const void *value, size_t len)
{
	u16(b, code);
	u16(b, (unsigned int)len);
	put(b, value, len);
	while (len++ % 4)
		u8(b, 0);
}

static size_t custom_begin(struct builder *b, unsigned int kind)
{
	size_t at = b->len;

	u16(b, 2989);
	u16(b, 0);
	u32(b, b->pen);
	put(b, "PW", 2);
	u8(b, 1);
	u8(b, kind);
	put(b, b->uuid, 4);
	return at;
}

static void custom_end(struct builder *b, size_t at)
{
	patch(b, at + 2, (uint32_t)(b->len - at - 4), 2);
	pad(b, at);
}

void builder_init(struct builder *b, uint8_t uuid_fill)
{
	memset(b, 0, sizeof(*b));
	memset(b->uuid, uuid_fill, sizeof(b->uuid));
	b->pen = 32473;
	b->clock = 1767225600000000000; /* 2026-01-01 00:00:00 UTC */
	for (size_t i = 0; i < sizeof(b->seq) / sizeof(b->seq[0]); i++)
		b->seq[i] = 1;
}

void builder_deinit(struct builder *b)
{
	free(b->data);
	free(b->snapshot);
	memset(b, 0, sizeof(*b));
}

void builder_shb(struct builder *b, uint32_t file_number)
{
	size_t block = block_begin(b, 0x0a0d0d0a), custom;

	u32(b, 0x1a2b3c4d);
	u16(b, 1);
	u16(b, 0);
	u64(b, UINT64_MAX);
	option(b, 4, "built, not recorded", 19);
	custom = custom_begin(b, 1);
	put(b, b->uuid, 16);
	u32(b, file_number);
	u32(b, 0);
	custom_end(b, custom);
	block_end(b, block);
	b->interfaces = 0;
}

static size_t idb_begin(struct builder *b, const char *name)
{
	size_t block = block_begin(b, 1);

	u16(b, 1); /* Ethernet */
	u16(b, 0);
	u32(b, 0);
	option(b, 2, name, strlen(name));
	option(b, 9, "\x09", 1);
	return block;
}

void builder_record(struct builder *b, uint32_t type, const void *value, size_t len)
{
	uint8_t *to = realloc(b->snapshot, b->snapshot_len + 8 + len);

	if (!to)
		abort();
	b->snapshot = to;
	to += b->snapshot_len;
	for (int i = 0; i < 4; i++) {
		to[i] = (uint8_t)(type >> (8 * i));
		to[4 + i] = (uint8_t)(len >> (8 * i));
	}
	memcpy(to + 8, value, len);
	b->snapshot_len += 8 + len;
}

void builder_text_record(struct builder *b, uint32_t type, const char *value)
{
	builder_record(b, type, value, strlen(value));
}

/* The snapshot as a zlib stream of one stored block (RFC 1950, 1951), so it must be under 64 KB. */
void builder_meta(struct builder *b)
{
	size_t block = idb_begin(b, "pwru-meta-0"), custom = custom_begin(b, 2);
	uint32_t s1 = 1, s2 = 0;

	if (b->snapshot_len > 60000)
		abort();
	u32(b, 0);
	u32(b, 1);
	u32(b, (uint32_t)b->snapshot_len);
	u16(b, 0x0178);
	u8(b, 1);
	u16(b, (unsigned int)b->snapshot_len);
	u16(b, ~(unsigned int)b->snapshot_len & 0xffff);
	put(b, b->snapshot, b->snapshot_len);
	for (size_t i = 0; i < b->snapshot_len; i++) {
		s1 = (s1 + b->snapshot[i]) % 65521;
		s2 = (s2 + s1) % 65521;
	}
	u8(b, s2 >> 8);
	u8(b, s2);
	u8(b, s1 >> 8);
	u8(b, s1);
	custom_end(b, custom);
	block_end(b, block);
	b->interfaces++;
}

static void tlv(struct builder *b, unsigned int type, const void *value, size_t len)
{
	u16(b, type);
	u16(b, (unsigned int)len);
	put(b, value, len);
	while (len++ % 4)
		u8(b, 0);
}

/* The functions of all builders in a test: by address, to find the interface of a hit. */
static struct {
	uint64_t addr;
	uint32_t interface;
} known[4096];
static size_t n_known;

static uint32_t func(struct builder *b, uint64_t addr, const char *name, const char *module,
		     uint16_t roles, uint8_t how, uint32_t flags)
{
	size_t block = idb_begin(b, name), custom = custom_begin(b, 3);

	u64(b, addr);
	u8(b, how);
	u8(b, 0);
	u16(b, roles);
	u32(b, flags);
	tlv(b, 1, name, strlen(name));
	if (module[0])
		tlv(b, 2, module, strlen(module));
	custom_end(b, custom);
	block_end(b, block);
	if (n_known == sizeof(known) / sizeof(known[0]))
		n_known = 0;
	known[n_known].addr = addr;
	known[n_known++].interface = b->interfaces;
	return b->interfaces++;
}

uint32_t builder_func(struct builder *b, uint64_t addr, const char *name, const char *module,
		      uint16_t roles)
{
	return func(b, addr, name, module, roles, 1, 0);
}

uint32_t builder_tracepoint(struct builder *b, uint64_t ordinal, const char *name)
{
	return func(b, ordinal, name, "", 0, 3, 1);
}

uint32_t builder_other(struct builder *b)
{
	return builder_func(b, 0, "pwru-other", "", 0);
}

static uint32_t interface_of(uint64_t addr)
{
	for (size_t i = n_known; i--;)
		if (known[i].addr == addr)
			return known[i].interface;
	return addr ? interface_of(0) : 0;
}

static size_t epb_begin(struct builder *b, uint32_t interface, uint64_t ktime, const uint8_t *data,
			uint32_t len)
{
	uint64_t ns = (uint64_t)b->clock + ktime;
	size_t block = block_begin(b, 6);

	u32(b, interface);
	u32(b, (uint32_t)(ns >> 32));
	u32(b, (uint32_t)ns);
	u32(b, len);
	u32(b, len);
	put(b, data, len);
	pad(b, block);
	return block;
}

static const uint8_t no_headers[14] = {[12] = 0x88, [13] = 0xb5};

static void name16(struct builder *b, const char *s)
{
	char text[16] = "";
	size_t len = s ? strlen(s) : 0;

	if (len)
		memcpy(text, s, len < 16 ? len : 16);
	put(b, text, 16);
}

void builder_hit(struct builder *b, const struct builder_hit *h)
{
	const uint8_t *data = h->data ? h->data : no_headers;
	uint32_t len = h->data ? h->data_len : 14, flags = h->flags;
	uint32_t interface =
		h->interface && h->interface != UINT32_MAX ? h->interface : interface_of(h->func);
	uint64_t seq = h->seq ? h->seq : b->seq[h->cpu % 64];
	size_t block = epb_begin(b, interface, h->ktime, data, len), custom;

	if (!h->data)
		flags |= 1u << 5;
	b->seq[h->cpu % 64] = seq + 1;
	b->recorded++;
	custom = custom_begin(b, 4);
	u32(b, flags);
	u16(b, 160);
	u16(b, h->protocol ? h->protocol : 0x0800);
	u64(b, h->func);
	u64(b, h->skb ? h->skb : 0xffff888100000000 + 0x100 * h->packet);
	u64(b, 0xffff888200000000 + 0x1000 * h->packet);
	u64(b, h->ktime);
	u64(b, h->caller);
	u64(b, h->packet);
	u64(b, seq);
	u32(b, h->lost);
	u32(b, h->reason);
	u32(b, h->netns);
	u32(b, h->ifindex);
	u32(b, h->mark);
	u32(b, h->pid);
	u32(b, h->pid);
	u32(b, h->len ? h->len : len - 14);
	u32(b, 1500);
	u16(b, h->cpu);
	u16(b, h->vlan);
	u32(b, 0);
	u32(b, 0);
	u16(b, 0);
	u16(b, 0);
	u16(b, 14);
	u16(b, 34);
	name16(b, h->comm);
	name16(b, h->ifname);
	if (h->tuple)
		tlv(b, 1, h->tuple, 40);
	if (h->parent_kind) {
		u16(b, 5);
		u16(b, 10);
		u64(b, h->parent);
		u8(b, h->parent_kind);
		u8(b, h->parent_inferred);
		u16(b, 0);
	}
	if (h->stack) {
		u16(b, 2);
		u16(b, 8 * h->n_stack);
		for (uint32_t i = 0; i < h->n_stack; i++)
			u64(b, h->stack[i]);
	}
	if (h->raw_skb)
		tlv(b, 3, h->raw_skb, h->raw_skb_len);
	if (h->cb)
		tlv(b, 4, h->cb, 48);
	custom_end(b, custom);
	block_end(b, block);
}

void builder_note(struct builder *b, uint16_t type, uint64_t ktime, const char *body)
{
	size_t block = epb_begin(b, 0, ktime, no_headers, 14), custom = custom_begin(b, 5);

	u16(b, type);
	u16(b, 0);
	u32(b, (uint32_t)strlen(body));
	u64(b, ktime);
	put(b, body, strlen(body));
	custom_end(b, custom);
	block_end(b, block);
}

void builder_foreign(struct builder *b, uint64_t ktime)
{
	block_end(b, epb_begin(b, 0, ktime, no_headers, 14));
}

static size_t append_text(char *to, const char *s)
{
	size_t len = strlen(s);

	memcpy(to, s, len);
	return len;
}

void builder_close(struct builder *b, uint64_t ktime, const char *more)
{
	char body[512], digits[12];
	uint32_t n = b->recorded;
	size_t len = append_text(body, "recorded="), i = sizeof(digits);

	do
		digits[--i] = (char)('0' + n % 10);
	while (n /= 10);
	memcpy(body + len, digits + i, sizeof(digits) - i);
	len += sizeof(digits) - i;
	body[len++] = '\n';
	len += append_text(body + len, more);
	body[len] = 0;
	builder_note(b, 2, ktime, body);
}

static uint8_t *be16(uint8_t *to, unsigned int v)
{
	*to++ = (uint8_t)(v >> 8);
	*to++ = (uint8_t)v;
	return to;
}

static uint8_t *be32(uint8_t *to, uint32_t v)
{
	return be16(be16(to, v >> 16), v & 0xffff);
}

static uint8_t *ipv4(uint8_t *to, uint32_t src, uint32_t dst, uint8_t proto, unsigned int payload)
{
	memset(to, 0x02, 12);
	to = be16(to + 12, 0x0800);
	*to++ = 0x45;
	*to++ = 0;
	to = be16(to, 20 + payload);
	to = be16(to, 1);
	to = be16(to, 0x4000);
	*to++ = 64;
	*to++ = proto;
	to = be16(to, 0);
	return be32(be32(to, src), dst);
}

uint32_t builder_tcp4(uint8_t *to, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport,
		      uint8_t flags)
{
	uint8_t *at = ipv4(to, src, dst, 6, 20);

	at = be16(be16(at, sport), dport);
	at = be32(be32(at, 1), 0);
	*at++ = 0x50;
	*at++ = flags;
	at = be16(at, 64240);
	at = be32(at, 0);
	return (uint32_t)(at - to);
}

uint32_t builder_ping4(uint8_t *to, uint32_t src, uint32_t dst, bool reply, uint16_t id,
		       uint16_t seq)
{
	uint8_t *at = ipv4(to, src, dst, 1, 8);

	*at++ = reply ? 0 : 8;
	*at++ = 0;
	at = be16(at, 0);
	at = be16(be16(at, id), seq);
	return (uint32_t)(at - to);
}

size_t builder_symbol(uint8_t *to, uint64_t delta, char type, uint32_t module, const char *name)
{
	uint8_t *at = to;

	for (; delta >= 0x80; delta >>= 7)
		*at++ = (uint8_t)delta | 0x80;
	*at++ = (uint8_t)delta;
	*at++ = (uint8_t)type;
	for (; module >= 0x80; module >>= 7)
		*at++ = (uint8_t)module | 0x80;
	*at++ = (uint8_t)module;
	memcpy(at, name, strlen(name) + 1);
	return (size_t)(at - to) + strlen(name) + 1;
}

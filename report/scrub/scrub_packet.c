// SPDX-License-Identifier: GPL-2.0-only
/*
 * It follows common/packet.c step by step, so that what that reads out of a frame it reads out of
 * the new one: the same layers, cut at the same places.
 */
#include "report/scrub/scrub_packet.h"

#include <stdbool.h>
#include <string.h>

#include "common/cursor.h"
#include "report/scrub/scrub_transport.h"

enum {
	TYPE_IP4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_VLAN = 0x8100,
	TYPE_IP6 = 0x86dd,
	TYPE_QINQ = 0x88a8,
	TYPE_OLD_QINQ = 0x9100,
	PROTO_HOPOPTS = 0,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_AH = 51,
	PROTO_DSTOPTS = 60,
};

#define IP4_LEN	    20u
#define IP6_LEN	    40u
#define ARP_LEN	    28u
#define MAX_TAGS    8
#define MAX_HEADERS 16 /* of IPv6 */

struct frame {
	struct scrub_address *addresses;
	struct cursor in;
	uint8_t *out;
	size_t len;
};

/* Room for n bytes of zeros; NULL when they do not fit, and then nothing more does. */
static uint8_t *extend(struct frame *f, size_t n)
{
	uint8_t *at = f->out + f->len;

	if (f->len + n > SCRUB_PACKET_MOST) {
		f->in.bad = true;
		return NULL;
	}
	f->len += n;
	return memset(at, 0, n);
}

static void put_be16(uint8_t *to, unsigned int v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

static unsigned int be16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static void clip(struct cursor *c, size_t payload)
{
	if (payload && payload < cursor_left(c))
		c->end = c->p + payload;
}

/* stated: how long the packet says that layer 4 is; 0 not known. */
static void transport(struct frame *f, struct transport *t, size_t stated)
{
	uint8_t header[TRANSPORT_MOST], *to;
	size_t left = cursor_left(&f->in), n;

	t->whole = stated && stated <= left ? stated : 0;
	n = transport_scrub(t, f->in.p, left, header);
	to = n ? extend(f, n) : NULL;
	if (to)
		memcpy(to, header, n);
}

static void ip4(struct frame *f)
{
	const uint8_t *in = cursor_bytes(&f->in, IP4_LEN);
	struct transport t = {.family = 4};
	size_t header, total;
	uint8_t *to;

	if (!in || in[0] >> 4 != 4 || (in[0] & 0xf) * 4u < IP4_LEN)
		return;
	header = (in[0] & 0xf) * 4u;
	total = be16(in + 2);
	to = extend(f, IP4_LEN);
	if (!to)
		return;
	memcpy(to, in, 10); /* all up to the checksum */
	scrub_address_ip4(f->addresses, in + 12, to + 12);
	scrub_address_ip4(f->addresses, in + 16, to + 16);
	/* Of options the length is left, and zeros in them end the list. */
	put_be16(to + 10, transport_checksum(to, IP4_LEN, 0));
	if ((be16(in + 6) & 0x1fff) || !cursor_bytes(&f->in, header - IP4_LEN) ||
	    !extend(f, header - IP4_LEN))
		return;
	clip(&f->in, total > header ? total - header : 0);
	t.proto = in[9];
	t.src = to + 12;
	t.dst = to + 16;
	transport(f, &t, total > header ? total - header : 0);
}

/* One extension header, as zeros but for where it ends and what follows it. */
static bool extension(struct frame *f, uint8_t *proto, bool *fragment)
{
	const uint8_t *in = f->in.p;
	size_t len = 8;
	uint8_t *to;

	if (*proto != PROTO_HOPOPTS && *proto != PROTO_ROUTING && *proto != PROTO_FRAGMENT &&
	    *proto != PROTO_AH && *proto != PROTO_DSTOPTS)
		return false;
	if (cursor_left(&f->in) < 8) {
		/* What is there of it may say that this is a fragment. */
		len = cursor_left(&f->in);
		to = *proto == PROTO_FRAGMENT ? extend(f, len) : NULL;
		if (to)
			memcpy(to, in, len);
		f->in.bad = true;
		return false;
	}
	if (*proto == PROTO_AH)
		len = (in[1] + 2u) * 4;
	else if (*proto != PROTO_FRAGMENT)
		len = (in[1] + 1u) * 8;
	if (!cursor_bytes(&f->in, len))
		return false;
	to = extend(f, len);
	if (!to)
		return false;
	memcpy(to, in, *proto == PROTO_FRAGMENT ? 8 : 2);
	if (*proto == PROTO_FRAGMENT)
		*fragment = (be16(in + 2) & 0xfff8) != 0;
	*proto = in[0];
	return true;
}

static void ip6(struct frame *f)
{
	const uint8_t *in = cursor_bytes(&f->in, IP6_LEN);
	struct transport t = {.family = 6};
	bool fragment = false;
	size_t payload, passed;
	uint8_t *to;

	if (!in || in[0] >> 4 != 6)
		return;
	to = extend(f, IP6_LEN);
	if (!to)
		return;
	to[0] = in[0];
	to[1] = in[1] & 0xf0; /* no flow label */
	memcpy(to + 4, in + 4, 4);
	scrub_address_ip6(f->addresses, in + 8, to + 8);
	scrub_address_ip6(f->addresses, in + 24, to + 24);
	payload = be16(in + 4);
	clip(&f->in, payload);
	t.proto = in[6];
	t.src = to + 8;
	t.dst = to + 24;
	for (int i = 0; i < MAX_HEADERS && !fragment && extension(f, &t.proto, &fragment); i++)
		;
	if (f->in.bad || fragment)
		return;
	passed = (size_t)(f->in.p - in) - IP6_LEN;
	transport(f, &t, payload > passed ? payload - passed : 0);
}

/* Who asks for whom, of Ethernet and IPv4; of others what they are. */
static void arp(struct frame *f)
{
	static const uint8_t known[6] = {0, 1, TYPE_IP4 >> 8, TYPE_IP4 & 0xff, 6, 4};
	const uint8_t *in = cursor_bytes(&f->in, ARP_LEN);
	uint8_t *to = in && !memcmp(in, known, sizeof(known)) ? extend(f, ARP_LEN) : NULL;

	if (!to)
		return;
	memcpy(to, in, 8);
	scrub_address_mac(f->addresses, in + 8, to + 8);
	scrub_address_ip4(f->addresses, in + 14, to + 14);
	scrub_address_mac(f->addresses, in + 18, to + 18);
	scrub_address_ip4(f->addresses, in + 24, to + 24);
}

size_t scrub_packet(struct scrub_address *a, const uint8_t *frame, size_t len, uint8_t *out)
{
	struct frame f = {.addresses = a, .in = cursor_of(frame, len), .out = out};
	const uint8_t *in = cursor_bytes(&f.in, 14);
	unsigned int type;
	uint8_t *to;

	if (!in)
		return 0;
	to = extend(&f, 14);
	scrub_address_mac(a, in, to);
	scrub_address_mac(a, in + 6, to + 6);
	type = be16(in + 12);
	put_be16(to + 12, type);
	for (int tags = 0; type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_OLD_QINQ;
	     tags++) {
		in = cursor_bytes(&f.in, 4);
		to = in && tags < MAX_TAGS ? extend(&f, 4) : NULL;
		if (!to)
			return f.len;
		memcpy(to, in, 4);
		type = be16(in + 2);
	}
	if (type == TYPE_IP4)
		ip4(&f);
	else if (type == TYPE_IP6)
		ip6(&f);
	else if (type == TYPE_ARP)
		arp(&f);
	return f.len;
}

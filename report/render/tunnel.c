// SPDX-License-Identifier: GPL-2.0-only
/*
 * As in common/packet.c a length in a header only ever shortens what is looked at, and what makes
 * no sense ends the search; nothing is an error.
 */
#include "report/render/tunnel.h"

#include "common/cursor.h"
#include "common/packet.h"

enum {
	TYPE_IP4 = 0x0800,
	TYPE_TEB = 0x6558, /* transparent Ethernet bridging: an Ethernet frame */
	TYPE_VLAN = 0x8100,
	TYPE_IP6 = 0x86dd,
	TYPE_QINQ = 0x88a8,
	TYPE_OLD_QINQ = 0x9100,
};

enum {
	PROTO_HOPOPTS = 0,
	PROTO_IPIP = 4,
	PROTO_UDP = 17,
	PROTO_IP6 = 41,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_GRE = 47,
	PROTO_DSTOPTS = 60,
};

enum { PORT_VXLAN = 4789, PORT_VXLAN_LINUX = 8472, PORT_GENEVE = 6081 };

#define IP4_MIN_LEN	20
#define VXLAN_HAS_VNI	0x08
#define GENEVE_VERSION	0xc0
#define GENEVE_WORDS	0x3f /* of options */
#define GRE_CHECKSUM	0x8000
#define GRE_ROUTING	0x4000
#define GRE_KEY		0x2000
#define GRE_SEQUENCE	0x1000
#define GRE_VERSION	0x0007
#define EXTENSION_LIMIT 8

/* What c stands at: TYPE_TEB an Ethernet frame; 0 nothing that is looked into. */
struct layer {
	struct cursor c;
	uint16_t type;
	const char *kind; /* of the tunnel that it came out of */
};

static struct layer inside(struct cursor c, uint16_t type, const char *kind)
{
	return (struct layer){.c = c, .type = c.bad ? 0 : type, .kind = kind};
}

static void clip(struct cursor *c, size_t payload)
{
	if (payload && payload < cursor_left(c))
		c->end = c->p + payload;
}

/* From an Ethernet frame to what it carries. */
static struct layer pass_ethernet(struct cursor c)
{
	uint16_t type;

	cursor_bytes(&c, 12);
	type = cursor_be16(&c);
	while (type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_OLD_QINQ) {
		cursor_be16(&c); /* the tag */
		type = cursor_be16(&c);
	}
	return inside(c, type == TYPE_IP4 || type == TYPE_IP6 ? type : 0, NULL);
}

static struct layer pass_vxlan(struct cursor c)
{
	uint8_t flags = cursor_u8(&c);

	cursor_bytes(&c, 7);
	return inside(c, flags & VXLAN_HAS_VNI ? TYPE_TEB : 0, "vxlan");
}

static uint16_t known(uint16_t type)
{
	return type == TYPE_IP4 || type == TYPE_IP6 || type == TYPE_TEB ? type : 0;
}

static struct layer pass_geneve(struct cursor c)
{
	uint8_t first = cursor_u8(&c);
	uint16_t type;

	cursor_u8(&c); /* flags */
	type = cursor_be16(&c);
	cursor_bytes(&c, 4 + (first & GENEVE_WORDS) * 4u); /* network and options */
	return inside(c, first & GENEVE_VERSION ? 0 : known(type), "geneve");
}

static struct layer pass_gre(struct cursor c)
{
	uint16_t flags = cursor_be16(&c), type = cursor_be16(&c);

	if (flags & (GRE_ROUTING | GRE_VERSION))
		type = 0;
	for (uint16_t optional = GRE_CHECKSUM; optional >= GRE_SEQUENCE; optional >>= 1)
		if (flags & optional)
			cursor_bytes(&c, 4);
	return inside(c, known(type), "gre");
}

static struct layer pass_udp(struct cursor c)
{
	uint16_t port, length;

	cursor_be16(&c); /* source port */
	port = cursor_be16(&c);
	length = cursor_be16(&c);
	cursor_be16(&c); /* checksum */
	clip(&c, length > 8 ? length - 8u : 0);
	if (port == PORT_VXLAN || port == PORT_VXLAN_LINUX)
		return pass_vxlan(c);
	return port == PORT_GENEVE ? pass_geneve(c) : inside(c, 0, NULL);
}

static struct layer pass_upper(struct cursor c, uint8_t proto)
{
	switch (proto) {
	case PROTO_IPIP:
		return inside(c, TYPE_IP4, "ipip");
	case PROTO_IP6:
		return inside(c, TYPE_IP6, "ip6");
	case PROTO_GRE:
		return pass_gre(c);
	case PROTO_UDP:
		return pass_udp(c);
	default:
		return inside(c, 0, NULL);
	}
}

static struct layer pass_ip4(struct cursor c)
{
	uint8_t first = cursor_u8(&c), proto;
	size_t header = (first & 0xf) * 4u;
	uint16_t total, fragment;

	cursor_u8(&c); /* type of service */
	total = cursor_be16(&c);
	cursor_be16(&c); /* identification */
	fragment = cursor_be16(&c);
	cursor_u8(&c); /* time to live */
	proto = cursor_u8(&c);
	cursor_bytes(&c, 10); /* checksum and addresses */
	if (first >> 4 != 4 || header < IP4_MIN_LEN || fragment & 0x1fff)
		return inside(c, 0, NULL);
	cursor_bytes(&c, header - IP4_MIN_LEN);
	clip(&c, total > header ? total - header : 0);
	return pass_upper(c, proto);
}

static struct layer pass_ip6(struct cursor c)
{
	uint8_t first = cursor_u8(&c), proto, units;
	uint16_t payload, fragment = 0;

	cursor_bytes(&c, 3); /* rest of traffic class and flow label */
	payload = cursor_be16(&c);
	proto = cursor_u8(&c);
	cursor_bytes(&c, 33); /* hop limit and addresses */
	clip(&c, payload);
	for (int i = 0; i < EXTENSION_LIMIT; i++) {
		if (proto != PROTO_HOPOPTS && proto != PROTO_ROUTING && proto != PROTO_FRAGMENT &&
		    proto != PROTO_DSTOPTS)
			break;
		if (proto == PROTO_FRAGMENT) {
			proto = cursor_u8(&c);
			cursor_u8(&c);
			fragment = cursor_be16(&c) & 0xfff8;
			cursor_bytes(&c, 4);
			continue;
		}
		proto = cursor_u8(&c);
		units = cursor_u8(&c);
		cursor_bytes(&c, (units + 1u) * 8 - 2);
	}
	if (c.bad || first >> 4 != 6 || fragment)
		return inside(c, 0, NULL);
	return pass_upper(c, proto);
}

static bool parse(const struct layer *l, struct event_tuple *t)
{
	size_t left = cursor_left(&l->c);

	if (l->type == TYPE_TEB)
		return packet_parse(l->c.p, left, t);
	return packet_parse_ip(l->c.p, left, t) && t->family == (l->type == TYPE_IP4 ? 4 : 6);
}

unsigned int tunnel_parse(const uint8_t *frame, size_t len, struct tunnel found[TUNNEL_LEVELS])
{
	struct layer l = inside(cursor_of(frame, len), TYPE_TEB, NULL);
	unsigned int n = 0;

	while (n < TUNNEL_LEVELS) {
		if (l.type == TYPE_TEB)
			l = pass_ethernet(l.c);
		l = l.type == TYPE_IP4	 ? pass_ip4(l.c)
		    : l.type == TYPE_IP6 ? pass_ip6(l.c)
					 : inside(l.c, 0, NULL);
		if (!l.type || !parse(&l, &found[n].inner))
			break;
		found[n++].kind = l.kind;
	}
	return n;
}

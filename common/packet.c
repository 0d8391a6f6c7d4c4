// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames come from inside the kernel, half built or half taken apart, and cut at the snaplen: a
 * field that does not make sense is left unset rather than guessed at, and nothing here is an
 * error. Lengths in IP headers only ever shorten what is looked at (Ethernet padding), since an skb
 * on its way through GSO or GRO often carries a length of 0, or one that is not true yet.
 */
#include "common/packet.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/cursor.h"

enum ethertype {
	ETHERTYPE_IP4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_RARP = 0x8035,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IP6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE_DISCOVERY = 0x8863,
	ETHERTYPE_PPPOE = 0x8864,
	ETHERTYPE_EAPOL = 0x888e,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_LLDP = 0x88cc,
	ETHERTYPE_MACSEC = 0x88e5,
	ETHERTYPE_PTP = 0x88f7,
	ETHERTYPE_OLD_QINQ = 0x9100,
};

enum ip_proto {
	PROTO_HOPOPTS = 0,
	PROTO_ICMP = 1,
	PROTO_IGMP = 2,
	PROTO_IPIP = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_IP6 = 41,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_GRE = 47,
	PROTO_ESP = 50,
	PROTO_AH = 51,
	PROTO_ICMP6 = 58,
	PROTO_DSTOPTS = 60,
	PROTO_PIM = 103,
	PROTO_VRRP = 112,
	PROTO_SCTP = 132,
	PROTO_UDPLITE = 136,
};

#define MAC_ADDRESSES_LEN 12
#define IP4_MIN_LEN	  20
#define TCP_SKIP_TO_FLAGS 9 /* sequence, acknowledgement, data offset */
#define ICMP_ECHO_REPLY	  0
#define ICMP_ECHO	  8
#define ICMP6_ECHO	  128
#define ICMP6_ECHO_REPLY  129

static void parse_ports(struct cursor c, struct event_tuple *t)
{
	uint16_t sport = cursor_be16(&c), dport = cursor_be16(&c);
	uint8_t flags;

	if (c.bad)
		return;
	t->has_ports = true;
	t->sport = sport;
	t->dport = dport;
	if (t->proto != PROTO_TCP)
		return;
	cursor_bytes(&c, TCP_SKIP_TO_FLAGS);
	flags = cursor_u8(&c);
	if (c.bad)
		return;
	t->has_tcp_flags = true;
	t->tcp_flags = flags;
}

static bool is_echo(uint8_t family, uint8_t type)
{
	if (family == 4)
		return type == ICMP_ECHO || type == ICMP_ECHO_REPLY;
	return type == ICMP6_ECHO || type == ICMP6_ECHO_REPLY;
}

/* An echo cut before its id is left unset as a whole: id 0 would be a lie. */
static void parse_icmp(struct cursor c, struct event_tuple *t)
{
	uint8_t type = cursor_u8(&c), code = cursor_u8(&c);
	uint16_t id = 0, seq = 0;

	if (is_echo(t->family, type)) {
		cursor_be16(&c); /* checksum */
		id = cursor_be16(&c);
		seq = cursor_be16(&c);
	}
	if (c.bad)
		return;
	t->has_icmp = true;
	t->icmp_type = type;
	t->icmp_code = code;
	t->icmp_id = id;
	t->icmp_seq = seq;
}

bool packet_is_echo(const struct event_tuple *t)
{
	return t->has_icmp && is_echo(t->family, t->icmp_type);
}

static void parse_upper(struct cursor c, struct event_tuple *t)
{
	switch (t->proto) {
	case PROTO_TCP:
	case PROTO_UDP:
	case PROTO_UDPLITE:
	case PROTO_SCTP:
	case PROTO_DCCP:
		parse_ports(c, t);
		break;
	case PROTO_ICMP:
		if (t->family == 4)
			parse_icmp(c, t);
		break;
	case PROTO_ICMP6:
		if (t->family == 6)
			parse_icmp(c, t);
		break;
	}
}

/* Leaves out what follows the datagram; a length that cannot be true is passed over. */
static void clip(struct cursor *c, size_t payload)
{
	if (payload && payload < cursor_left(c))
		c->end = c->p + payload;
}

static bool parse_ip4(struct cursor c, struct event_tuple *t)
{
	uint8_t first = cursor_u8(&c);
	size_t header = (first & 0xf) * 4u;
	uint16_t total, id, fragment;
	const uint8_t *src, *dst;
	uint8_t proto;

	cursor_u8(&c); /* type of service */
	total = cursor_be16(&c);
	id = cursor_be16(&c);
	fragment = cursor_be16(&c);
	cursor_u8(&c); /* time to live */
	proto = cursor_u8(&c);
	cursor_be16(&c); /* checksum */
	src = cursor_bytes(&c, 4);
	dst = cursor_bytes(&c, 4);
	if (c.bad || first >> 4 != 4 || header < IP4_MIN_LEN)
		return false;
	t->family = 4;
	t->proto = proto;
	t->ip_id = id;
	t->has_ip_id = true;
	memcpy(t->src, src, 4);
	memcpy(t->dst, dst, 4);
	t->fragment = (fragment & 0x1fff) != 0;
	if (t->fragment || !cursor_bytes(&c, header - IP4_MIN_LEN))
		return true;
	clip(&c, total > header ? total - header : 0);
	parse_upper(c, t);
	return true;
}

/* Passes over one extension header; false when proto is none, or when it is cut. */
static bool pass_extension(struct cursor *c, uint8_t *proto, struct event_tuple *t)
{
	uint8_t this = *proto, next, units;

	switch (this) {
	case PROTO_HOPOPTS:
	case PROTO_ROUTING:
	case PROTO_FRAGMENT:
	case PROTO_AH:
	case PROTO_DSTOPTS:
		break;
	default:
		return false;
	}
	next = cursor_u8(c);
	units = cursor_u8(c);
	if (this == PROTO_FRAGMENT) {
		t->fragment = (cursor_be16(c) & 0xfff8) != 0;
		cursor_bytes(c, 4);
	} else if (this == PROTO_AH) {
		cursor_bytes(c, (units + 2u) * 4 - 2);
	} else {
		cursor_bytes(c, (units + 1u) * 8 - 2);
	}
	if (!c->bad)
		*proto = next;
	return !c->bad;
}

static bool parse_ip6(struct cursor c, struct event_tuple *t)
{
	uint8_t first = cursor_u8(&c), proto;
	const uint8_t *src, *dst;
	uint16_t payload;

	cursor_bytes(&c, 3); /* rest of traffic class and flow label */
	payload = cursor_be16(&c);
	proto = cursor_u8(&c);
	cursor_u8(&c); /* hop limit */
	src = cursor_bytes(&c, 16);
	dst = cursor_bytes(&c, 16);
	if (c.bad || first >> 4 != 6)
		return false;
	t->family = 6;
	memcpy(t->src, src, 16);
	memcpy(t->dst, dst, 16);
	clip(&c, payload);
	while (!t->fragment && pass_extension(&c, &proto, t))
		;
	/* An extension header that is cut hides the upper layer; its own number is not one. */
	if (c.bad)
		return true;
	t->proto = proto;
	if (!t->fragment)
		parse_upper(c, t);
	return true;
}

bool packet_parse(const uint8_t *frame, size_t len, struct event_tuple *t)
{
	struct cursor c = cursor_of(frame, len);
	uint16_t type;

	memset(t, 0, sizeof(*t));
	cursor_bytes(&c, MAC_ADDRESSES_LEN);
	type = cursor_be16(&c);
	while (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_OLD_QINQ) {
		cursor_be16(&c); /* the tag */
		type = cursor_be16(&c);
	}
	if (type == ETHERTYPE_IP4)
		return parse_ip4(c, t);
	if (type == ETHERTYPE_IP6)
		return parse_ip6(c, t);
	return false;
}

bool packet_parse_ip(const uint8_t *packet, size_t len, struct event_tuple *t)
{
	struct cursor c = cursor_of(packet, len);

	memset(t, 0, sizeof(*t));
	return len && packet[0] >> 4 == 6 ? parse_ip6(c, t) : parse_ip4(c, t);
}

/* A socket of IPv6 that speaks IPv4 has IPv4's addresses inside its own. */
static void unmap(struct event_tuple *t)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff}, zero[16];
	bool src = !memcmp(t->src, prefix, 12), dst = !memcmp(t->dst, prefix, 12);

	if (t->family != 6 || !(src || dst) || !(src || !memcmp(t->src, zero, 16)) ||
	    !(dst || !memcmp(t->dst, zero, 16)))
		return;
	t->family = 4;
	memmove(t->src, t->src + 12, 4);
	memmove(t->dst, t->dst + 12, 4);
	memset(t->src + 4, 0, 12);
	memset(t->dst + 4, 0, 12);
}

bool packet_tuple(const struct event *e, const uint8_t *frame, size_t len, struct event_tuple *t)
{
	if (!(e->flags & (EVENT_NO_L3 | EVENT_UNREADABLE)) && packet_parse(frame, len, t))
		return true;
	*t = e->sk_tuple;
	unmap(t);
	return false;
}

/* ---- as people read it ---- */

struct text {
	char *out;
	size_t size;
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *x, const char *fmt, ...)
{
	size_t room = x->size - x->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(x->out + x->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		x->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void put_endpoint(struct text *x, const struct event_tuple *t, const uint8_t *address,
			 uint16_t port)
{
	char name[INET6_ADDRSTRLEN] = "";

	inet_ntop(t->family == 6 ? AF_INET6 : AF_INET, address, name, sizeof(name));
	if (!t->has_ports)
		put(x, "%s", name);
	else
		put(x, t->family == 6 ? "[%s]:%u" : "%s:%u", name, port);
}

void packet_tcp_flags(uint8_t flags, char out[PACKET_TCP_FLAGS_LEN])
{
	static const char letters[] = "FSRP.UEW"; /* bit 0 first */
	char *to = out;

	for (int bit = 0; bit < 8; bit++)
		if (flags & 1u << bit)
			*to++ = letters[bit];
	*to = 0;
	if (!flags)
		strcpy(out, "none");
}

static void put_tcp_flags(struct text *x, uint8_t flags)
{
	char letters[PACKET_TCP_FLAGS_LEN];

	packet_tcp_flags(flags, letters);
	put(x, " [%s]", letters);
}

static void put_icmp(struct text *x, const struct event_tuple *t)
{
	bool request = t->icmp_type == ICMP_ECHO || t->icmp_type == ICMP6_ECHO;

	if (is_echo(t->family, t->icmp_type))
		put(x, " echo %s id %u seq %u", request ? "request" : "reply", t->icmp_id,
		    t->icmp_seq);
	else
		put(x, " type %u code %u", t->icmp_type, t->icmp_code);
}

size_t packet_tuple_format(const struct event_tuple *t, char *out, size_t size)
{
	struct text x = {.out = out, .size = size};
	const char *proto = packet_proto_name(t->proto);

	if (!size)
		return 0;
	out[0] = 0;
	if (t->family != 4 && t->family != 6)
		return 0;
	put_endpoint(&x, t, t->src, t->sport);
	put(&x, " > ");
	put_endpoint(&x, t, t->dst, t->dport);
	if (proto)
		put(&x, " %s", proto);
	else
		put(&x, " proto %u", t->proto);
	if (t->has_tcp_flags)
		put_tcp_flags(&x, t->tcp_flags);
	if (t->has_icmp)
		put_icmp(&x, t);
	if (t->fragment)
		put(&x, " fragment");
	return x.len;
}

const char *packet_proto_name(uint8_t proto)
{
	static const char *const names[256] = {
		[PROTO_ICMP] = "icmp", [PROTO_IGMP] = "igmp",	[PROTO_IPIP] = "ipip",
		[PROTO_TCP] = "tcp",   [PROTO_UDP] = "udp",	[PROTO_DCCP] = "dccp",
		[PROTO_IP6] = "ip6",   [PROTO_GRE] = "gre",	[PROTO_ESP] = "esp",
		[PROTO_AH] = "ah",     [PROTO_ICMP6] = "icmp6", [PROTO_PIM] = "pim",
		[PROTO_VRRP] = "vrrp", [PROTO_SCTP] = "sctp",	[PROTO_UDPLITE] = "udplite",
	};

	return names[proto];
}

const char *packet_ethertype_name(uint16_t type)
{
	static const struct {
		uint16_t type;
		const char *name;
	} names[] = {
		{ETHERTYPE_IP4, "ip"},
		{ETHERTYPE_IP6, "ip6"},
		{ETHERTYPE_ARP, "arp"},
		{ETHERTYPE_RARP, "rarp"},
		{ETHERTYPE_VLAN, "vlan"},
		{ETHERTYPE_QINQ, "qinq"},
		{ETHERTYPE_OLD_QINQ, "qinq"},
		{ETHERTYPE_MPLS, "mpls"},
		{ETHERTYPE_MPLS_MULTICAST, "mpls"},
		{ETHERTYPE_PPPOE_DISCOVERY, "pppoe"},
		{ETHERTYPE_PPPOE, "pppoe"},
		{ETHERTYPE_EAPOL, "eapol"},
		{ETHERTYPE_LLDP, "lldp"},
		{ETHERTYPE_MACSEC, "macsec"},
		{ETHERTYPE_PTP, "ptp"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

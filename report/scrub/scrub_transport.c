// SPDX-License-Identifier: GPL-2.0-only
#include "report/scrub/scrub_transport.h"

#include <stdbool.h>
#include <string.h>

enum {
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_ICMP6 = 58,
	PROTO_SCTP = 132,
	PROTO_UDPLITE = 136,
};

#define TCP_LEN	 20u
#define UDP_LEN	 8u
#define ICMP_LEN 8u
#define LONG_LEN 12u /* SCTP's common header; DCCP's with a short number */

uint16_t transport_checksum(const uint8_t *p, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Sets a field to zeros, as far as it is there. */
static void clear(uint8_t *to, size_t n, size_t at, size_t len)
{
	for (size_t i = at; i < at + len && i < n; i++)
		to[i] = 0;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* One option of TCP, of which left bytes are there; its length. */
static size_t tcp_option(uint8_t *at, size_t left)
{
	enum { END, NOP, MSS, SCALE, SACK_PERMITTED, SACK, TIMES = 8 };
	static const uint8_t lengths[] = {
		[MSS] = 4, [SCALE] = 3, [SACK_PERMITTED] = 2, [TIMES] = 10};
	uint8_t kind = at[0];
	size_t len;

	if (kind == NOP)
		return 1;
	/* The end, or one that is cut: nothing that follows can be known. */
	if (kind == END || left < 2 || at[1] < 2 || at[1] > left) {
		memset(at, END, left);
		return left;
	}
	len = at[1];
	if (kind == TIMES && len == lengths[TIMES])
		memset(at + 2, 0, len - 2);
	else if (!(kind == SACK && len % 8 == 2) &&
		 (kind >= sizeof(lengths) || lengths[kind] != len))
		memset(at, NOP, len);
	return len;
}

static size_t tcp(const uint8_t *in, size_t len, uint8_t *to)
{
	size_t header = len > 12 ? (in[12] >> 4) * 4u : TCP_LEN, n;

	header = header < TCP_LEN ? TCP_LEN : header;
	n = least(least(len, header), TRANSPORT_MOST);
	memcpy(to, in, n);
	clear(to, n, 16, 2);
	for (size_t at = TCP_LEN; at < n;)
		at += tcp_option(to + at, n - at);
	return n;
}

static uint32_t words(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	return sum;
}

static size_t icmp(const struct transport *t, const uint8_t *in, size_t len, uint8_t *to)
{
	enum { ECHO_REPLY, UNREACHABLE = 3, NEEDS_FRAGMENTATION, ECHO = 8 };
	enum { TOO_BIG6 = 2, ECHO6 = 128, ECHO_REPLY6 };
	size_t n = least(len, ICMP_LEN);
	bool keep, mtu = false;
	uint32_t sum = 0;

	memcpy(to, in, n);
	if (n < ICMP_LEN) { /* what stands there cannot be told without the rest */
		clear(to, n, 2, ICMP_LEN);
		return n;
	}
	if (t->family == 4) {
		keep = in[0] == ECHO || in[0] == ECHO_REPLY;
		mtu = in[0] == UNREACHABLE && in[1] == NEEDS_FRAGMENTATION;
	} else {
		keep = in[0] == TOO_BIG6 || in[0] == ECHO6 || in[0] == ECHO_REPLY6;
	}
	clear(to, n, 2, 2);
	if (!keep)
		clear(to, n, 4, mtu ? 2 : 4);
	if (t->whole != ICMP_LEN)
		return n;
	if (t->family == 6)
		sum = words(t->src, 16) + words(t->dst, 16) + ICMP_LEN + PROTO_ICMP6;
	sum = transport_checksum(to, ICMP_LEN, sum);
	to[2] = (uint8_t)(sum >> 8);
	to[3] = (uint8_t)sum;
	return n;
}

static size_t udp(const struct transport *t, const uint8_t *in, size_t len, uint8_t *to)
{
	size_t n = least(len, UDP_LEN);

	memcpy(to, in, n);
	clear(to, n, 6, 2);
	if (n == UDP_LEN && t->family == 6)
		to[6] = to[7] = 0xff; /* 0 is not allowed there */
	return n;
}

size_t transport_scrub(const struct transport *t, const uint8_t *in, size_t len, uint8_t *to)
{
	size_t n = least(len, LONG_LEN);

	if (!len)
		return 0;
	switch (t->proto) {
	case PROTO_TCP:
		return tcp(in, len, to);
	case PROTO_UDP:
	case PROTO_UDPLITE:
		return udp(t, in, len, to);
	case PROTO_ICMP:
		return t->family == 4 ? icmp(t, in, len, to) : 0;
	case PROTO_ICMP6:
		return t->family == 6 ? icmp(t, in, len, to) : 0;
	case PROTO_SCTP:
		memcpy(to, in, n);
		clear(to, n, 8, 4);
		return n;
	case PROTO_DCCP:
		memcpy(to, in, n);
		clear(to, n, 6, 2);
		return n;
	default:
		return 0;
	}
}

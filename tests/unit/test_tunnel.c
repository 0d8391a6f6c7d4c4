// SPDX-License-Identifier: GPL-2.0-only
/* Tunnels put together header by header; also cut at every byte, nested, and with lengths that lie.
 */
#include "report/render/tunnel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/frame.h"

static void ethernet(struct frame *f)
{
	FRAME_ADD(f, "\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b");
}

/* 10.n.0.1 > 10.n.0.2; total 0 as on the way through GSO. */
static void ip4(struct frame *f, uint8_t n, uint8_t proto, uint16_t total)
{
	const uint8_t header[] = {0x45,
				  0,
				  (uint8_t)(total >> 8),
				  (uint8_t)total,
				  0,
				  1,
				  0,
				  0,
				  64,
				  proto,
				  0,
				  0,
				  10,
				  n,
				  0,
				  1,
				  10,
				  n,
				  0,
				  2};

	frame_add(f, header, sizeof(header));
}

/* fd00::n > fd00::2 */
static void ip6(struct frame *f, uint8_t n, uint8_t next)
{
	uint8_t header[40] = {
		0x60, [6] = next, [7] = 64, [8] = 0xfd, [23] = n, [24] = 0xfd, [39] = 2};

	frame_add(f, header, sizeof(header));
}

static void udp(struct frame *f, uint16_t to, uint16_t length)
{
	const uint8_t header[] = {
		0xd0, 1, (uint8_t)(to >> 8), (uint8_t)to, (uint8_t)(length >> 8), (uint8_t)length,
		0,    0};

	frame_add(f, header, sizeof(header));
}

/* Ports 1000 > 2000, nothing behind it. */
static void plain_udp(struct frame *f)
{
	FRAME_ADD(f, "\x03\xe8\x07\xd0\0\x08\0\0");
}

#define VXLAN "\x08\0\0\0\0\0\x07\0"
#define IP4   "\x08\0"
#define IP6   "\x86\xdd"

/* From the heap and of exactly its size, so that ASan sees a byte too far. */
static unsigned int parse(const struct frame *f, size_t len, struct tunnel *found)
{
	uint8_t *copy = malloc(len + !len);
	unsigned int n;

	assert_non_null(copy);
	memcpy(copy, f->data, len);
	memset(found, 0, TUNNEL_LEVELS * sizeof(*found));
	n = tunnel_parse(copy, len, found);
	free(copy);
	return n;
}

static void expect(const struct frame *f, const char *kind, uint8_t family, uint8_t n)
{
	struct tunnel found[TUNNEL_LEVELS];

	assert_int_equal(parse(f, f->len, found), 1);
	assert_string_equal(found[0].kind, kind);
	assert_int_equal(found[0].inner.family, family);
	assert_int_equal(found[0].inner.src[family == 4 ? 1 : 15], n);
	assert_true(found[0].inner.has_ports);
	assert_int_equal(found[0].inner.sport, 1000);
	assert_int_equal(found[0].inner.dport, 2000);
}

static void expect_none(const struct frame *f)
{
	struct tunnel found[TUNNEL_LEVELS];

	assert_int_equal(parse(f, f->len, found), 0);
}

static struct frame vxlan(uint16_t port)
{
	struct frame f = {.len = 0};

	ethernet(&f);
	FRAME_ADD(&f, IP4);
	ip4(&f, 1, 17, 0);
	udp(&f, port, 0);
	FRAME_ADD(&f, VXLAN);
	ethernet(&f);
	FRAME_ADD(&f, IP4);
	ip4(&f, 2, 17, 28);
	plain_udp(&f);
	return f;
}

static void each_kind(void **state)
{
	struct frame f = vxlan(4789);

	(void)state;
	expect(&f, "vxlan", 4, 2);
	f = vxlan(8472);
	expect(&f, "vxlan", 4, 2);
	f = vxlan(4790);
	expect_none(&f);

	f = (struct frame){.len = 0};
	ethernet(&f);
	FRAME_ADD(&f, "\x81\0\0\5" IP6);
	ip6(&f, 1, 17);
	udp(&f, 6081, 0);
	FRAME_ADD(&f, "\x02\0\x08\0\0\0\7\0\1\2\3\1\0\0\0\0"); /* 8 bytes of options, then IPv4 */
	ip4(&f, 3, 17, 28);
	plain_udp(&f);
	expect(&f, "geneve", 4, 3);

	f = (struct frame){.len = 0};
	ethernet(&f);
	FRAME_ADD(&f, IP4);
	ip4(&f, 1, 47, 0);
	FRAME_ADD(&f, "\xb0\0" IP6 "\0\0\0\0\0\0\0\7\0\0\0\1"); /* checksum, key, sequence number */
	ip6(&f, 4, 17);
	plain_udp(&f);
	expect(&f, "gre", 6, 4);

	f = (struct frame){.len = 0};
	ethernet(&f);
	FRAME_ADD(&f, IP4);
	ip4(&f, 1, 47, 0);
	FRAME_ADD(&f, "\0\0\x65\x58");
	ethernet(&f);
	FRAME_ADD(&f, IP4);
	ip4(&f, 5, 17, 28);
	plain_udp(&f);
	expect(&f, "gre", 4, 5);

	f = (struct frame){.len = 0};
	ethernet(&f);
	FRAME_ADD(&f, IP4);
	ip4(&f, 1, 4, 0);
	ip4(&f, 6, 17, 28);
	plain_udp(&f);
	expect(&f, "ipip", 4, 6);

	f = (struct frame){.len = 0};
	ethernet(&f);
	FRAME_ADD(&f, IP4);
	ip4(&f, 1, 41, 0);
	ip6(&f, 7, 17);
	plain_udp(&f);
	expect(&f, "ip6", 6, 7);

	/* Destination options before it, as RFC 2473 has them. */
	f = (struct frame){.len = 0};
	ethernet(&f);
	FRAME_ADD(&f, IP6);
	ip6(&f, 1, 60);
	FRAME_ADD(&f, "\x04\0\4\1\4\1\1\0");
	ip4(&f, 8, 17, 28);
	plain_udp(&f);
	expect(&f, "ipip", 4, 8);
}

static void nested(void **state)
{
	struct tunnel found[TUNNEL_LEVELS];
	struct frame f = {.len = 0};

	(void)state;
	ethernet(&f);
	FRAME_ADD(&f, IP4);
	for (uint8_t n = 1; n <= 5; n++)
		ip4(&f, n, 4, 0);
	ip4(&f, 6, 17, 28);
	plain_udp(&f);
	assert_int_equal(parse(&f, f.len, found), TUNNEL_LEVELS);
	for (unsigned int i = 0; i < TUNNEL_LEVELS; i++)
		assert_int_equal(found[i].inner.src[1], i + 2);
}

/* What is cut is never made up: the same tunnel or none, and its ports or none. */
static void cut(void **state)
{
	struct tunnel found[TUNNEL_LEVELS];
	struct frame f = vxlan(4789);
	const size_t inner_ip = f.len - 28;

	(void)state;
	for (size_t len = 0; len < f.len; len++) {
		unsigned int n = parse(&f, len, found);

		assert_int_equal(n, len >= inner_ip + 20);
		if (!n)
			continue;
		assert_int_equal(found[0].inner.src[1], 2);
		assert_int_equal(found[0].inner.has_ports, len >= inner_ip + 24);
	}
}

static void not_tunnels(void **state)
{
	struct frame f = vxlan(4789);
	const size_t outer_ip = 14, header = outer_ip + 28;

	(void)state;
	f.data[header] = 0; /* VXLAN without a network */
	expect_none(&f);
	f = vxlan(6081); /* a VXLAN header as Geneve: an unknown protocol */
	expect_none(&f);
	f = vxlan(6081);
	f.data[header] = 0x40; /* Geneve of another version */
	f.data[header + 2] = 0x65;
	f.data[header + 3] = 0x58;
	expect_none(&f);
	f.data[header] = 0;
	expect(&f, "geneve", 4, 2);
	f.data[header] = 0x3f; /* more options than there are bytes */
	expect_none(&f);
	f = vxlan(4789);
	f.data[outer_ip + 7] = 1; /* a later fragment */
	expect_none(&f);
	f = vxlan(4789);
	f.data[outer_ip] = 0x44; /* a header that is too short */
	expect_none(&f);
	f = vxlan(4789);
	f.data[outer_ip + 28 + 8 + 14] = 0x65; /* neither version inside */
	expect_none(&f);
	f = vxlan(4789);
	f.data[outer_ip + 28 + 8 + 12] = 0x86; /* IPv6, says the frame inside, but it is IPv4 */
	f.data[outer_ip + 28 + 8 + 13] = 0xdd;
	expect_none(&f);

	f = (struct frame){.len = 0};
	ethernet(&f);
	FRAME_ADD(&f, IP4);
	ip4(&f, 1, 47, 0);
	FRAME_ADD(&f, "\x20\1\x88\x0b\0\0\0\0"); /* PPTP */
	ip4(&f, 2, 17, 28);
	plain_udp(&f);
	expect_none(&f);
}

/* Lengths shorten what is looked at, and only if they can be true. */
static void lengths(void **state)
{
	struct tunnel found[TUNNEL_LEVELS];
	struct frame f = vxlan(4789);
	const size_t outer_ip = 14;

	(void)state;
	f.data[outer_ip + 2] = 0xff; /* longer than the packet */
	expect(&f, "vxlan", 4, 2);
	f.data[outer_ip + 2] = 0;
	f.data[outer_ip + 3] = 20 + 8 + 8 + 14 + 20; /* ends before the inner ports */
	assert_int_equal(parse(&f, f.len, found), 1);
	assert_false(found[0].inner.has_ports);
	f.data[outer_ip + 3] = 20 + 8 + 8 + 14 + 19; /* in the inner IP header */
	expect_none(&f);
	f = vxlan(4789);
	f.data[outer_ip + 20 + 5] = 8 + 8 + 14 + 19; /* the same told by UDP */
	expect_none(&f);
	f.data[outer_ip + 20 + 5] = 7; /* less than its own header: not true */
	expect(&f, "vxlan", 4, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),   cmocka_unit_test(nested),  cmocka_unit_test(cut),
		cmocka_unit_test(not_tunnels), cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

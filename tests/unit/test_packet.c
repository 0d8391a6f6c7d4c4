// SPDX-License-Identifier: GPL-2.0-only
/* Frames put together header by header; what is read from them, also when cut at every byte. */
#include "common/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/frame.h"

/* ---- frames ---- */

static struct frame ethernet(void)
{
	struct frame f = {};

	FRAME_ADD(&f, "\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b");
	return f;
}

/* 10.0.0.1 > 10.0.0.2, id 0x1234; words 0 to 5 of options. */
static void ip4(struct frame *f, uint8_t proto, uint16_t fragment, unsigned int options,
		uint16_t total)
{
	uint8_t header[] = {
		(uint8_t)(0x45 + options),
		0,
		(uint8_t)(total >> 8),
		(uint8_t)total,
		0x12,
		0x34,
		(uint8_t)(fragment >> 8),
		(uint8_t)fragment,
		64,
		proto,
		0,
		0,
		10,
		0,
		0,
		1,
		10,
		0,
		0,
		2,
	};

	FRAME_ADD(f, "\x08\x00");
	frame_add(f, header, sizeof(header));
	for (unsigned int i = 0; i < options; i++)
		FRAME_ADD(f, "\1\1\1\1");
}

/* fd00::1 > fd00::2 */
static void ip6(struct frame *f, uint8_t next, uint16_t payload)
{
	uint8_t header[] = {
		0x60,
		0,
		0,
		0,
		(uint8_t)(payload >> 8),
		(uint8_t)payload,
		next,
		64,
		0xfd,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		1,
		0xfd,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		2,
	};

	FRAME_ADD(f, "\x86\xdd");
	frame_add(f, header, sizeof(header));
}

/* 43210 > 80 */
static void tcp(struct frame *f, uint8_t flags)
{
	uint8_t header[20] = {0xa8, 0xca, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, flags};

	frame_add(f, header, sizeof(header));
}

#define UDP "\x00\x01\x00\x35\x00\x08\x00\x00" /* 1 > 53 */

/* Parses from the heap, so that ASan sees a byte too far; formats into text. */
static char text[PACKET_TUPLE_LEN];

static bool parse(const struct frame *f, size_t len, struct event_tuple *t)
{
	uint8_t *copy = malloc(len ? len : 1);
	bool found;
	size_t n;

	assert_non_null(copy);
	memcpy(copy, f->data, len);
	memset(t, 0xff, sizeof(*t)); /* what is left unset has to be set to that */
	found = packet_parse(copy, len, t);
	free(copy);
	assert_int_equal(found, t->family != 0);
	n = packet_tuple_format(t, text, sizeof(text));
	assert_int_equal(n, strlen(text));
	return found;
}

static const char *read_as(const struct frame *f)
{
	struct event_tuple t;

	parse(f, f->len, &t);
	return text;
}

/* ---- tests ---- */

static void tcp_over_ip4(void **state)
{
	struct frame f = ethernet();
	struct event_tuple t;

	(void)state;
	ip4(&f, 6, 0x4000, 0, 40); /* do not fragment: no fragment */
	tcp(&f, 0x02);
	assert_true(parse(&f, f.len, &t));
	assert_string_equal(text, "10.0.0.1:43210 > 10.0.0.2:80 tcp [S]");
	assert_int_equal(t.family, 4);
	assert_int_equal(t.proto, 6);
	assert_int_equal(t.sport, 43210);
	assert_int_equal(t.dport, 80);
	assert_true(t.has_ip_id && t.ip_id == 0x1234);
	assert_true(t.has_ports && t.has_tcp_flags && !t.fragment && !t.has_icmp);
	assert_int_equal(t.tcp_flags, 2);
	assert_memory_equal(t.src, "\x0a\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(t.dst, "\x0a\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0", 16);
}

static void flags_of_tcp(void **state)
{
	static const struct {
		uint8_t flags;
		const char *end;
	} cases[] = {
		{0x00, "tcp [none]"}, {0x02, "tcp [S]"},   {0x12, "tcp [S.]"},
		{0x11, "tcp [F.]"},   {0x14, "tcp [R.]"},  {0x18, "tcp [P.]"},
		{0x10, "tcp [.]"},    {0xc2, "tcp [SEW]"}, {0xff, "tcp [FSRP.UEW]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame f = ethernet();

		ip4(&f, 6, 0, 0, 40);
		tcp(&f, cases[i].flags);
		assert_string_equal(read_as(&f) + strlen("10.0.0.1:43210 > 10.0.0.2:80 "),
				    cases[i].end);
	}
}

static void vlan_tags(void **state)
{
	static const char *const tags[] = {"\x81\0\0\5", "\x88\xa8\0\6", "\x91\0\0\7"};

	(void)state;
	for (int n = 1; n < 4; n++) {
		struct frame f = ethernet();

		for (int i = 0; i < n; i++)
			frame_add(&f, tags[(n + i) % 3], 4);
		ip4(&f, 17, 0, 0, 28);
		FRAME_ADD(&f, UDP);
		assert_string_equal(read_as(&f), "10.0.0.1:1 > 10.0.0.2:53 udp");
	}
}

static void options_and_lengths_of_ip4(void **state)
{
	(void)state;
	for (unsigned int options = 0; options <= 10; options++) {
		struct frame f = ethernet();

		ip4(&f, 17, 0, options, (uint16_t)(28 + 4 * options));
		FRAME_ADD(&f, UDP);
		assert_string_equal(read_as(&f), "10.0.0.1:1 > 10.0.0.2:53 udp");
	}
	/* Total lengths that are not true yet are passed over; one that is cuts the padding off. */
	for (uint16_t total = 0; total < 32; total++) {
		struct frame f = ethernet();

		ip4(&f, 17, 0, 0, total);
		FRAME_ADD(&f, UDP);
		assert_string_equal(read_as(&f), total > 20 && total < 24
							 ? "10.0.0.1 > 10.0.0.2 udp"
							 : "10.0.0.1:1 > 10.0.0.2:53 udp");
	}
}

static void fragments(void **state)
{
	struct frame f = ethernet();
	struct event_tuple t;

	(void)state;
	ip4(&f, 17, 0x2000, 0, 28); /* the first of several */
	FRAME_ADD(&f, UDP);
	assert_string_equal(read_as(&f), "10.0.0.1:1 > 10.0.0.2:53 udp");
	f = ethernet();
	ip4(&f, 17, 0x0001, 0, 28);
	FRAME_ADD(&f, UDP);
	assert_true(parse(&f, f.len, &t));
	assert_string_equal(text, "10.0.0.1 > 10.0.0.2 udp fragment");
	assert_true(t.fragment && !t.has_ports && t.ip_id == 0x1234);

	f = ethernet();
	ip6(&f, 44, 16);
	FRAME_ADD(&f, "\x11\0\0\1\0\0\0\7" UDP);
	assert_string_equal(read_as(&f), "[fd00::1]:1 > [fd00::2]:53 udp");
	f = ethernet();
	ip6(&f, 44, 16);
	FRAME_ADD(&f, "\x11\0\0\x08\0\0\0\7" UDP);
	assert_string_equal(read_as(&f), "fd00::1 > fd00::2 udp fragment");
}

static void extension_headers(void **state)
{
	struct frame f = ethernet();

	(void)state;
	ip6(&f, 0, 0);			     /* a jumbogram, or not filled in yet */
	FRAME_ADD(&f, "\x3c\0\1\4\0\0\0\0"); /* hop by hop, 8 bytes */
	FRAME_ADD(&f, "\x2b\1"
		      "12345678901234");     /* destination, 16 bytes */
	FRAME_ADD(&f, "\x33\0\4\0\0\0\0\0"); /* routing */
	FRAME_ADD(&f, "\x2c\4"
		      "1234567890123456789012"); /* AH, 24 bytes: its unit is 4 */
	FRAME_ADD(&f, "\x06\0\0\0\0\0\0\1");	 /* fragment, the whole */
	tcp(&f, 0x10);
	assert_string_equal(read_as(&f), "[fd00::1]:43210 > [fd00::2]:80 tcp [.]");
}

static void icmp(void **state)
{
	struct event_tuple t;
	struct frame f;

	(void)state;
	f = ethernet();
	ip4(&f, 1, 0, 0, 28);
	FRAME_ADD(&f, "\x08\0\xab\xcd\0\7\0\1");
	assert_true(parse(&f, f.len, &t));
	assert_string_equal(text, "10.0.0.1 > 10.0.0.2 icmp echo request id 7 seq 1");
	assert_true(t.has_icmp && t.icmp_type == 8 && t.icmp_id == 7 && t.icmp_seq == 1);
	assert_true(packet_is_echo(&t));
	f.data[34] = 0;
	assert_string_equal(read_as(&f), "10.0.0.1 > 10.0.0.2 icmp echo reply id 7 seq 1");
	f.data[34] = 3;
	f.data[35] = 13;
	assert_true(parse(&f, f.len, &t));
	assert_string_equal(text, "10.0.0.1 > 10.0.0.2 icmp type 3 code 13");
	assert_int_equal(t.icmp_id, 0);
	assert_false(packet_is_echo(&t));

	f = ethernet();
	ip6(&f, 58, 8);
	FRAME_ADD(&f, "\x80\0\xab\xcd\xff\xff\xff\xff");
	assert_string_equal(read_as(&f), "fd00::1 > fd00::2 icmp6 echo request id 65535 seq 65535");
	f.data[54] = 129;
	assert_string_equal(read_as(&f), "fd00::1 > fd00::2 icmp6 echo reply id 65535 seq 65535");
	f.data[54] = 8; /* an echo in the other family only */
	assert_string_equal(read_as(&f), "fd00::1 > fd00::2 icmp6 type 8 code 0");
}

static void other_protocols(void **state)
{
	struct frame f = ethernet();

	(void)state;
	ip4(&f, 132, 0, 0, 32);
	FRAME_ADD(&f, "\0\1\0\2\0\0\0\0\0\0\0\0");
	assert_string_equal(read_as(&f), "10.0.0.1:1 > 10.0.0.2:2 sctp");
	f.data[23] = 89;
	assert_string_equal(read_as(&f), "10.0.0.1 > 10.0.0.2 proto 89");
	f.data[23] = 50;
	assert_string_equal(read_as(&f), "10.0.0.1 > 10.0.0.2 esp");
	f.data[23] = 58; /* ICMPv6 has no business here */
	assert_string_equal(read_as(&f), "10.0.0.1 > 10.0.0.2 icmp6");
}

static void no_ip(void **state)
{
	struct event_tuple t, zero = {};
	struct frame f = ethernet();

	(void)state;
	FRAME_ADD(&f, "\x08\x06\0\1\x08\0\6\4");
	assert_false(parse(&f, f.len, &t));
	assert_string_equal(text, "");
	assert_memory_equal(&t, &zero, sizeof(t));
	f = ethernet();
	ip4(&f, 6, 0, 0, 40);
	f.data[12] = 0x88;
	f.data[13] = 0xb5; /* made up: no network header yet */
	assert_false(parse(&f, f.len, &t));
	f.data[12] = 0x08;
	f.data[13] = 0x00;
	f.data[14] = 0x65; /* the ethertype lies */
	assert_false(parse(&f, f.len, &t));
	f.data[14] = 0x44; /* a header of 16 bytes */
	assert_false(parse(&f, f.len, &t));
	assert_false(packet_parse(NULL, 0, &t));
}

/* What there was at the last length is there at every longer one. */
static void truncated(const struct frame *f, size_t ip, size_t ports, size_t rest)
{
	struct event_tuple t;

	for (size_t len = 0; len <= f->len; len++) {
		assert_int_equal(parse(f, len, &t), len >= ip);
		assert_int_equal(t.has_ports, ports && len >= ports);
		assert_int_equal(t.has_tcp_flags || t.has_icmp, rest && len >= rest);
	}
}

static void truncated_at_every_byte(void **state)
{
	struct event_tuple t;
	struct frame f;

	(void)state;
	f = ethernet();
	FRAME_ADD(&f, "\x81\0\0\5");
	ip4(&f, 6, 0, 2, 48);
	tcp(&f, 2);
	truncated(&f, 18 + 20, 18 + 28 + 4, 18 + 28 + 14);

	f = ethernet();
	ip4(&f, 1, 0, 0, 28);
	FRAME_ADD(&f, "\x08\0\xab\xcd\0\7\0\1");
	truncated(&f, 34, 0, 34 + 8);

	f = ethernet();
	ip6(&f, 0, 28);
	FRAME_ADD(&f, "\x06\0\1\4\0\0\0\0");
	tcp(&f, 2);
	truncated(&f, 54, 54 + 8 + 4, 54 + 8 + 14);
	for (size_t len = 54; len < 62; len++) {
		parse(&f, len, &t);
		assert_int_equal(t.proto, 0);
	}

	f = ethernet();
	ip6(&f, 44, 16);
	FRAME_ADD(&f, "\x11\0\0\x08\0\0\0\7" UDP);
	truncated(&f, 54, 0, 0);
}

static void damaged_at_every_byte(void **state)
{
	struct event_tuple t;
	struct frame f = ethernet();

	(void)state;
	ip6(&f, 0, 28);
	FRAME_ADD(&f, "\x33\0\1\4\0\0\0\0");
	FRAME_ADD(&f, "\x06\4"
		      "1234567890123456789012");
	tcp(&f, 2);
	for (size_t i = 0; i < f.len * 256; i++) {
		uint8_t was = f.data[i / 256];

		f.data[i / 256] = (uint8_t)i;
		parse(&f, f.len, &t);
		f.data[i / 256] = was;
	}
}

static void formats_into_little_room(void **state)
{
	struct frame f = ethernet();
	struct event_tuple t;
	char whole[PACKET_TUPLE_LEN], small[PACKET_TUPLE_LEN];

	(void)state;
	ip4(&f, 6, 0, 0, 40);
	tcp(&f, 2);
	parse(&f, f.len, &t);
	packet_tuple_format(&t, whole, sizeof(whole));
	for (size_t size = 1; size <= strlen(whole) + 1; size++) {
		memset(small, '#', sizeof(small));
		assert_int_equal(packet_tuple_format(&t, small, size), size - 1);
		assert_memory_equal(small, whole, size - 1);
		assert_int_equal(small[size - 1], 0);
		assert_int_equal(small[size], '#');
	}
	assert_int_equal(packet_tuple_format(&t, NULL, 0), 0);
	/* The longest there is. */
	t = (struct event_tuple){.family = 6,
				 .proto = 6,
				 .has_ports = true,
				 .sport = 65535,
				 .dport = 65535,
				 .has_tcp_flags = true,
				 .tcp_flags = 0xff,
				 .fragment = true,
				 .has_icmp = true,
				 .icmp_type = 128,
				 .icmp_id = 65535,
				 .icmp_seq = 65535};
	memset(t.src, 0xee, 16);
	memset(t.dst, 0xee, 16);
	t.has_icmp = false;
	assert_true(packet_tuple_format(&t, whole, sizeof(whole)) < sizeof(whole) - 1);
	t.has_icmp = true;
	t.has_ports = t.has_tcp_flags = t.fragment = false;
	t.proto = 58;
	assert_true(packet_tuple_format(&t, whole, sizeof(whole)) < sizeof(whole) - 1);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(packet_proto_name(6), "tcp");
	assert_string_equal(packet_proto_name(17), "udp");
	assert_string_equal(packet_proto_name(1), "icmp");
	assert_string_equal(packet_proto_name(58), "icmp6");
	assert_string_equal(packet_proto_name(132), "sctp");
	assert_null(packet_proto_name(89));
	assert_null(packet_proto_name(255));
	assert_string_equal(packet_ethertype_name(0x0806), "arp");
	assert_string_equal(packet_ethertype_name(0x0800), "ip");
	assert_string_equal(packet_ethertype_name(0x86dd), "ip6");
	assert_null(packet_ethertype_name(0x88b5));
	assert_null(packet_ethertype_name(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_over_ip4),
		cmocka_unit_test(flags_of_tcp),
		cmocka_unit_test(vlan_tags),
		cmocka_unit_test(options_and_lengths_of_ip4),
		cmocka_unit_test(fragments),
		cmocka_unit_test(extension_headers),
		cmocka_unit_test(icmp),
		cmocka_unit_test(other_protocols),
		cmocka_unit_test(no_ip),
		cmocka_unit_test(truncated_at_every_byte),
		cmocka_unit_test(damaged_at_every_byte),
		cmocka_unit_test(formats_into_little_room),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

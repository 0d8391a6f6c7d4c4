// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "report/path/hop_changes.h"

enum { TCP = 6, UDP = 17, ICMP = 1, GRE = 47 };

static struct event_tuple tuple(uint8_t proto, uint8_t src, uint16_t sport, uint8_t dst,
				uint16_t dport)
{
	return (struct event_tuple){.family = 4,
				    .proto = proto,
				    .has_ports = proto == TCP || proto == UDP,
				    .sport = sport,
				    .dport = dport,
				    .src = {10, 0, 0, src},
				    .dst = {10, 0, 0, dst}};
}

#define CHANGE(a, a_len, b, b_len) tuple_change(&(a), a_len, &(b), b_len)

static void nat_is_told_by_the_side(void **state)
{
	struct event_tuple was = tuple(TCP, 1, 5000, 2, 80), is;

	(void)state;
	is = tuple(TCP, 1, 5000, 9, 80);
	assert_int_equal(CHANGE(was, 60, is, 60), TUPLE_DNAT);
	is = tuple(TCP, 1, 5000, 2, 8080);
	assert_int_equal(CHANGE(was, 60, is, 60), TUPLE_DNAT);
	is = tuple(TCP, 1, 5000, 9, 8080);
	assert_int_equal(CHANGE(was, 74, is, 60), TUPLE_DNAT); /* the frame header is pulled */
	is = tuple(TCP, 9, 5000, 2, 80);
	assert_int_equal(CHANGE(was, 60, is, 60), TUPLE_SNAT);
	is = tuple(TCP, 1, 6000, 2, 80);
	assert_int_equal(CHANGE(was, 60, is, 60), TUPLE_SNAT);
	/* Both, and a packet turned back. */
	is = tuple(TCP, 9, 5000, 8, 80);
	assert_int_equal(CHANGE(was, 60, is, 60), TUPLE_OTHER);
	is = tuple(TCP, 2, 80, 1, 5000);
	assert_int_equal(CHANGE(was, 60, is, 60), TUPLE_OTHER);
	is = tuple(UDP, 1, 5000, 9, 80);
	assert_int_equal(CHANGE(was, 60, is, 60), TUPLE_OTHER);
	is = tuple(TCP, 1, 5000, 9, 80);
	is.family = 6;
	assert_int_equal(CHANGE(was, 60, is, 60), TUPLE_OTHER);
	/* A later fragment shows no ports. */
	is = tuple(TCP, 1, 0, 9, 0);
	is.has_ports = false;
	assert_int_equal(CHANGE(was, 60, is, 60), TUPLE_DNAT);
}

static void nat_of_an_echo(void **state)
{
	struct event_tuple was = tuple(ICMP, 1, 0, 2, 0), is = tuple(ICMP, 9, 0, 2, 0);

	(void)state;
	was.has_icmp = is.has_icmp = true;
	was.icmp_type = is.icmp_type = 8;
	was.icmp_id = 5;
	is.icmp_id = 6;
	assert_int_equal(CHANGE(was, 84, is, 84), TUPLE_SNAT);
	is.icmp_type = 0;
	assert_int_equal(CHANGE(was, 84, is, 84), TUPLE_OTHER);
	is = was;
	is.icmp_id = 6;
	assert_int_equal(CHANGE(was, 84, is, 84), TUPLE_OTHER);
}

static void tunnels(void **state)
{
	struct event_tuple inner = tuple(TCP, 1, 5000, 2, 80), udp = tuple(UDP, 1, 53, 2, 53);
	struct event_tuple vxlan = tuple(UDP, 7, 40000, 8, 4789), gre = tuple(GRE, 7, 0, 8, 0);
	struct event_tuple geneve = tuple(UDP, 7, 40000, 8, 6081), six = tuple(41, 7, 0, 8, 0);
	struct event_tuple old = tuple(UDP, 7, 40000, 8, 8472), ipip = tuple(4, 7, 0, 8, 0);

	(void)state;
	assert_string_equal(tuple_tunnel(&vxlan), "VXLAN");
	assert_string_equal(tuple_tunnel(&old), "VXLAN");
	assert_string_equal(tuple_tunnel(&geneve), "Geneve");
	assert_string_equal(tuple_tunnel(&gre), "GRE");
	assert_string_equal(tuple_tunnel(&ipip), "IP in IP");
	assert_string_equal(tuple_tunnel(&six), "IPv6 in IP");
	assert_null(tuple_tunnel(&inner));
	assert_null(tuple_tunnel(&udp));
	vxlan.has_ports = false;
	assert_null(tuple_tunnel(&vxlan));
	vxlan.has_ports = true;

	assert_int_equal(CHANGE(inner, 90, gre, 114), TUPLE_ENCAPSULATED);
	assert_int_equal(CHANGE(inner, 90, ipip, 90), TUPLE_ENCAPSULATED); /* pushed before */
	assert_int_equal(CHANGE(inner, 90, ipip, 80), TUPLE_OTHER);
	assert_int_equal(CHANGE(gre, 94, inner, 90), TUPLE_DECAPSULATED);
	assert_int_equal(CHANGE(ipip, 94, inner, 94), TUPLE_DECAPSULATED);
	assert_int_equal(CHANGE(ipip, 94, inner, 114), TUPLE_OTHER);
	assert_int_equal(CHANGE(gre, 94, ipip, 114), TUPLE_ENCAPSULATED);

	/* UDP in UDP, told from NAT by the length. */
	assert_int_equal(CHANGE(udp, 90, vxlan, 110), TUPLE_ENCAPSULATED);
	assert_int_equal(CHANGE(udp, 90, vxlan, 109), TUPLE_OTHER);
	assert_int_equal(CHANGE(vxlan, 98, udp, 90), TUPLE_DECAPSULATED);
	assert_int_equal(CHANGE(vxlan, 97, udp, 90), TUPLE_OTHER);
	/* NAT of the outer header, or a tunnel in a tunnel: not known. */
	assert_int_equal(CHANGE(vxlan, 110, geneve, 160), TUPLE_OTHER);
	vxlan.family = 6;
	assert_int_equal(CHANGE(udp, 90, vxlan, 129), TUPLE_OTHER);
	assert_int_equal(CHANGE(udp, 90, vxlan, 130), TUPLE_ENCAPSULATED);
}

static struct hop_walk walk;

/* The walk looks back at the one before. */
static unsigned int changes(const struct hop *h)
{
	static struct hop last[2];
	static int i;

	last[i ^= 1] = *h;
	hop_walk_next(&walk, &last[i]);
	return walk.changes;
}

static int up(void **state)
{
	(void)state;
	hop_walk_init(&walk);
	return 0;
}

static void what_becomes_known_is_no_change(void **state)
{
	struct hop a = {.ifname = "", .comm = "x", .tuple = TUPLES_NONE}, b = a, c;

	(void)state;
	assert_int_equal(changes(&a), 0);
	assert_true(hop_walk_moved(&walk));
	b.netns = 1;
	b.ifindex = 3;
	b.ifname = "eth0";
	b.tuple = 0;
	assert_int_equal(changes(&b), 0);
	assert_true(hop_walk_moved(&walk));
	/* And what is not known for a while has not gone. */
	assert_int_equal(changes(&a), 0);
	assert_false(hop_walk_moved(&walk));
	c = b;
	assert_int_equal(changes(&c), 0);
	assert_false(hop_walk_moved(&walk));
	c.tuple = 1;
	assert_int_equal(changes(&c), HOP_TUPLE);
	assert_int_equal(walk.tuple_before, 0);
}

static void each_kind(void **state)
{
	struct hop a = {.ifname = "a", .comm = "x", .netns = 1, .ifindex = 2}, b = a;

	(void)state;
	assert_int_equal(changes(&a), 0);
	b.mark = 1;
	assert_int_equal(changes(&b), HOP_MARK);
	assert_int_equal(changes(&a), HOP_MARK);
	b = a;
	b.len = 1;
	assert_int_equal(changes(&b), HOP_LEN);
	assert_int_equal(changes(&a), HOP_LEN);
	b = a;
	b.vlan = 5; /* not valid: it means nothing */
	assert_int_equal(changes(&b), 0);
	b.flags = EVENT_VLAN;
	a.flags = EVENT_VLAN;
	assert_int_equal(changes(&a), HOP_VLAN); /* a tag of VLAN 0 */
	assert_int_equal(changes(&b), HOP_VLAN);
	a.vlan = 0x2005; /* another priority */
	assert_int_equal(changes(&a), 0);
	a.flags = 0;
	assert_int_equal(changes(&a), HOP_VLAN);
	b = a;
	b.cpu = 1;
	assert_int_equal(changes(&b), HOP_CPU);
	assert_int_equal(changes(&a), HOP_CPU);
	b = a;
	b.pid = 7;
	assert_int_equal(changes(&b), 0);
	assert_true(hop_walk_moved(&walk));
}

/* Two namespaces may have an interface 2 each. */
static void interfaces_are_of_a_namespace(void **state)
{
	struct hop a = {.ifname = "a", .comm = "x", .netns = 1, .ifindex = 2}, b = a;

	(void)state;
	assert_int_equal(changes(&a), 0);
	b.netns = 8;
	assert_int_equal(changes(&b), HOP_NETNS | HOP_IFINDEX);
	b.ifindex = 3;
	assert_int_equal(changes(&b), HOP_IFINDEX);
	b.netns = 9;
	b.ifindex = 0;
	b.ifname = "";
	assert_int_equal(changes(&b), HOP_NETNS);
	b.ifindex = 3;
	assert_int_equal(changes(&b), HOP_IFINDEX);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(hop_change_word(0), "tuple");
	assert_string_equal(hop_change_word(HOP_CHANGES - 1), "cpu");
	assert_int_equal(1u << (HOP_CHANGES - 1), HOP_CPU);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nat_is_told_by_the_side),
		cmocka_unit_test(nat_of_an_echo),
		cmocka_unit_test(tunnels),
		cmocka_unit_test_setup(what_becomes_known_is_no_change, up),
		cmocka_unit_test_setup(each_kind, up),
		cmocka_unit_test_setup(interfaces_are_of_a_namespace, up),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

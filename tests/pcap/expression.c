// SPDX-License-Identifier: GPL-2.0-only
#include "tests/pcap/expression.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
	struct dice *d;
	char *at;
	size_t left;
};

static __attribute__((format(printf, 2, 3))) void say(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->at, t->left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->left)
		n = (int)t->left - 1;
	t->at += n;
	t->left -= (size_t)n;
}

#define SAY_ONE(t, ...)                                           \
	do {                                                      \
		static const char *const list_[] = {__VA_ARGS__}; \
		say(t, "%s", DICE_ONE((t)->d, list_));            \
	} while (0)

static void direction(struct text *t)
{
	SAY_ONE(t, "", "", "src ", "dst ", "src or dst ", "src and dst ");
}

/* ---- who ---- */

static void host(struct text *t)
{
	if (dice_percent(t->d, 30)) {
		SAY_ONE(t, "", "ip6 ");
		direction(t);
		SAY_ONE(t, "host fd99::1", "host fd99::2", "host fe80::1", "host ff02::1",
			"net fd99::/64", "net fe80::/10", "net ff00::/8", "net ::/0",
			"net fd99::2/127", "host ::1");
		return;
	}
	SAY_ONE(t, "", "", "ip ", "arp ", "rarp ");
	direction(t);
	SAY_ONE(t, "host 10.99.0.1", "host 10.99.0.2", "host 192.168.1.7", "host 8.8.8.8",
		"host 224.0.0.5", "host 255.255.255.255", "net 10.99", "net 10.99.0.0/24",
		"net 10.0.0.0/8", "net 10.99.0.2/31", "net 192.168.1.0 mask 255.255.255.0",
		"net 224.0.0.0/4", "net 0.0.0.0/0", "net 172.16.0.0/12", "net 172.16.5.4/32",
		"host 10.99.0.3");
}

static void port(struct text *t)
{
	SAY_ONE(t, "", "", "tcp ", "udp ", "sctp ");
	direction(t);
	SAY_ONE(t, "port 80", "port 81", "port 53", "port 443", "port 5001", "port 40000", "port 0",
		"port 65535", "port 22", "portrange 80-81", "portrange 0-1023",
		"portrange 5000-6000", "portrange 443-40000", "portrange 1-65535", "port domain");
}

static void ethernet(struct text *t)
{
	SAY_ONE(t, "ether host 02:00:00:00:00:01", "ether src 02:00:00:00:00:02",
		"ether dst 02:00:00:00:00:01", "ether src or dst 01:00:5e:00:00:05",
		"ether broadcast", "ether multicast", "broadcast", "multicast",
		"ether proto 0x8847", "ether proto \\ip", "ether proto \\arp", "ether proto 0x88a8",
		"ether proto 50", "ether[0] & 1 != 0", "ether[12:2] = 0x86dd", "ether proto \\stp",
		"atalk", "iso", "netbeui", "ether src and dst 02:00:00:00:00:02", "aarp", "ipx",
		"ether proto \\ip6");
}

static void protocol(struct text *t)
{
	SAY_ONE(t, "ip", "ip6", "arp", "rarp", "tcp", "udp", "icmp", "icmp6", "igmp", "sctp", "ah",
		"esp", "pim", "vrrp", "igrp", "ip proto 47", "ip proto \\tcp", "ip6 proto 58",
		"ip6 proto \\udp", "ip6 proto 44", "proto 132", "proto \\icmp", "ip proto 253",
		"ip multicast", "ip6 multicast", "ip proto 0", "ip6 proto 0", "proto 50",
		"ip[6:2] & 0x1fff = 0", "ip[6:2] & 0x3fff != 0", "ip[0] & 0xf != 5", "ip6[6] = 17",
		"tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn", "tcp[tcpflags] = tcp-syn|tcp-ack",
		"tcp[tcpflags] & tcp-rst != 0", "icmp[icmptype] = icmp-echo",
		"icmp[icmptype] != icmp-echoreply", "icmp6[icmp6type] = icmp6-echo",
		"icmp[icmpcode] > 0", "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420");
}

static void tagged(struct text *t)
{
	SAY_ONE(t, "vlan", "vlan 100", "vlan 1", "vlan 4095", "mpls", "mpls 100", "mpls 200",
		"pppoes", "pppoes 7", "geneve", "geneve 7");
}

static void length(struct text *t)
{
	SAY_ONE(t, "less ", "greater ", "len > ", "len <= ", "len = ", "len & 1 = ", "len % 7 < ");
	SAY_ONE(t, "0", "1", "2", "60", "64", "74", "98", "128", "500", "1500", "65536");
}

/* ---- arithmetic ---- */

static void number(struct text *t)
{
	SAY_ONE(t, "0", "0", "1", "2", "3", "4", "5", "6", "7", "8", "13", "17", "20", "31", "32",
		"33", "40", "64", "80", "100", "127", "128", "255", "256", "1000", "0x3fff",
		"0xff00", "0xffff", "0x10000", "1500000", "0x7fffffff", "0x80000000", "0x80000001",
		"0xfffffff0", "0xffffffff", "2048", "34525");
}

static void arithmetic(struct text *t, int depth);

static void at(struct text *t, int depth)
{
	if (depth > 0 && dice_percent(t->d, 25)) {
		SAY_ONE(t, "(", "2 * (", "12 + (", "0 - (", "20 - (");
		arithmetic(t, depth - 1);
		SAY_ONE(t, ") & 15", ") & 63", ") % 29", ") >> 27", ")");
		return;
	}
	SAY_ONE(t, "0", "1", "2", "4", "6", "8", "9", "10", "12", "13", "16", "20", "24", "33",
		"40", "41", "54", "100", "1000", "2147483647");
	if (dice_percent(t->d, 3))
		SAY_ONE(t, "-1", " - 20", " - 40", "+0xfffffff0");
}

static void load(struct text *t, int depth)
{
	SAY_ONE(t, "ip", "ip", "tcp", "tcp", "udp", "icmp", "ether", "ip6", "icmp6", "arp", "link",
		"sctp", "igmp");
	say(t, "[");
	at(t, depth);
	SAY_ONE(t, "", ":1", ":2", ":4", ":2", ":4");
	say(t, "]");
}

static void arithmetic(struct text *t, int depth)
{
	unsigned int kind = dice_below(t->d, 10);

	if (depth <= 0) {
		if (kind < 6)
			load(t, 0);
		else if (kind < 7)
			say(t, "len");
		else
			number(t);
		return;
	}
	if (kind < 2) {
		load(t, depth);
		return;
	}
	if (kind == 2) {
		say(t, "-(");
		arithmetic(t, depth - 1);
		say(t, ")");
		return;
	}
	say(t, "(");
	arithmetic(t, depth - 1);
	SAY_ONE(t, " + ", " - ", " * ", " / ", " % ", " & ", " | ", " ^ ", " << ", " >> ");
	arithmetic(t, depth - 1);
	say(t, ")");
}

static void relation(struct text *t)
{
	int depth = (int)dice_below(t->d, 3);

	if (dice_percent(t->d, 50)) {
		load(t, depth);
		if (dice_percent(t->d, 60)) {
			SAY_ONE(t, " & ", " % ", " / ", " >> ", " << ", " ^ ", " | ", " * ");
			SAY_ONE(t, "1", "3", "7", "15", "16", "5", "31", "0xf0", "0xff", "ip[0]",
				"(ip[8] / 4)", "udp[4]", "len", "tcp[13]");
		}
	} else {
		arithmetic(t, depth);
	}
	SAY_ONE(t, " = ", " == ", " != ", " > ", " < ", " >= ", " <= ");
	if (dice_percent(t->d, 25))
		arithmetic(t, (int)dice_below(t->d, 2));
	else
		number(t);
}

/* ---- together ---- */

static void primitive(struct text *t)
{
	unsigned int kind = dice_below(t->d, 100);

	if (kind < 15)
		host(t);
	else if (kind < 30)
		port(t);
	else if (kind < 50)
		protocol(t);
	else if (kind < 57)
		ethernet(t);
	else if (kind < 62)
		length(t);
	else if (kind < 65)
		tagged(t);
	else
		relation(t);
}

static void any(struct text *t, int depth)
{
	if (depth <= 0 || dice_percent(t->d, 15)) {
		primitive(t);
		return;
	}
	if (dice_percent(t->d, 20)) {
		SAY_ONE(t, "not (", "!(");
		any(t, depth - 1);
		say(t, ")");
		return;
	}
	/* Left to right, so that what a tag changes for the rest is tried too. */
	say(t, "(");
	if (dice_percent(t->d, 10))
		tagged(t);
	else
		any(t, depth - 1);
	SAY_ONE(t, ") and (", ") or (", ") && (", ") || (");
	any(t, depth - 1);
	say(t, ")");
}

void expression_make(struct dice *d, char *text)
{
	struct text t = {.d = d, .at = text, .left = EXPRESSION_MOST};

	*text = 0;
	any(&t, (int)dice_below(d, 5));
}

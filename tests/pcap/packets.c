// SPDX-License-Identifier: GPL-2.0-only
#include "tests/pcap/packets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#define ETHER	   14
#define MOST_REAL  40
#define IPV4	   0x0800
#define IPV6	   0x86dd
#define ARP	   0x0806
#define DOT1Q	   0x8100
#define DOT1AD	   0x88a8
#define MPLS	   0x8847
#define PPPOE	   0x8864
#define TCP	   6
#define UDP	   17
#define ICMP	   1
#define ICMP6	   58
#define MORE_FRAGS 0x2000

static const uint16_t ports[] = {80, 81, 53, 443, 5001, 40000, 0, 65535};
static const uint32_t hosts[] = {0x0a630001, 0x0a630002, 0xc0a80107, 0xac100504,
				 0xe0000005, 0xffffffff, 0x08080808};

/* ---- writing one ---- */

static void put8(struct packet *p, unsigned int v)
{
	p->bytes[p->caplen++] = (uint8_t)v;
}

static void put16(struct packet *p, unsigned int v)
{
	put8(p, v >> 8);
	put8(p, v);
}

static void put32(struct packet *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p, v);
}

static void put_zeros(struct packet *p, unsigned int n)
{
	while (n--)
		put8(p, 0);
}

static struct packet *start(struct packets *all, struct dice *d)
{
	struct packet *p = &all->p[all->count];

	if (all->count == RUN_PACKETS)
		abort();
	all->count++;
	memset(p, 0, sizeof(*p));
	for (size_t i = 0; i < RUN_BYTES; i++)
		p->bytes[i] = (uint8_t)dice_roll(d);
	return p;
}

static void put_mac(struct packet *p, struct dice *d)
{
	static const uint64_t macs[] = {0x020000000001, 0x020000000002, 0xffffffffffff,
					0x01005e000005};
	uint64_t mac = DICE_ONE(d, macs);

	put16(p, (unsigned int)(mac >> 32));
	put32(p, (uint32_t)mac);
}

static struct packet *ether(struct packets *all, struct dice *d, unsigned int type)
{
	struct packet *p = start(all, d);

	put_mac(p, d);
	put_mac(p, d);
	put16(p, type);
	return p;
}

static void vlan(struct packet *p, unsigned int tci, unsigned int type)
{
	put16(p, tci);
	put16(p, type);
}

static void mpls(struct packet *p, uint32_t label, bool last)
{
	put32(p, label << 12 | (uint32_t)last << 8 | 64);
}

/* options: words of four bytes. */
static void ipv4(struct packet *p, struct dice *d, unsigned int proto, unsigned int options,
		 unsigned int fragment)
{
	put8(p, 0x45 + options);
	put8(p, dice_below(d, 4) * 4);
	put16(p, 20 + options * 4 + 40);
	put16(p, dice_below(d, 65536));
	put16(p, fragment);
	put8(p, dice_percent(d, 20) ? 1 : 64);
	put8(p, proto);
	put16(p, dice_below(d, 65536));
	put32(p, DICE_ONE(d, hosts));
	put32(p, DICE_ONE(d, hosts));
	for (unsigned int i = 0; i < options; i++)
		put32(p, 0x01010101);
}

static void put_ipv6_address(struct packet *p, struct dice *d)
{
	static const uint8_t all[][16] = {{0xfd, 0x99, [15] = 1},
					  {0xfd, 0x99, [15] = 2},
					  {0xfe, 0x80, [15] = 1},
					  {0xff, 0x02, [15] = 1}};
	const uint8_t *a = DICE_ONE(d, all);

	for (int i = 0; i < 16; i++)
		put8(p, a[i]);
}

static void ipv6(struct packet *p, struct dice *d, unsigned int next)
{
	put32(p, 0x60000000 | dice_below(d, 0x100000));
	put16(p, 40);
	put8(p, next);
	put8(p, 64);
	put_ipv6_address(p, d);
	put_ipv6_address(p, d);
}

/* An extension header of 8 * (1 + more) bytes. */
static void extension(struct packet *p, unsigned int next, unsigned int more)
{
	put8(p, next);
	put8(p, more);
	put_zeros(p, 6 + 8 * more);
}

static void payload(struct packet *p, struct dice *d)
{
	p->caplen += dice_below(d, 60);
}

static void upper(struct packet *p, struct dice *d, unsigned int proto)
{
	static const uint8_t flags[] = {0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x00, 0xff};
	static const uint8_t types[] = {0, 3, 5, 8, 11, 13, 128, 129, 133, 135};

	if (proto == TCP || proto == UDP) {
		put16(p, DICE_ONE(d, ports));
		put16(p, DICE_ONE(d, ports));
	}
	if (proto == TCP) {
		put32(p, (uint32_t)dice_roll(d));
		put32(p, (uint32_t)dice_roll(d));
		put8(p, 0x50 + 0x10 * dice_below(d, 4));
		put8(p, DICE_ONE(d, flags));
		put16(p, dice_below(d, 65536));
		put32(p, 0);
	} else if (proto == UDP) {
		put16(p, dice_percent(d, 30) ? 0 : 48);
		put16(p, 0);
	} else {
		put8(p, DICE_ONE(d, types));
		put8(p, dice_below(d, 3));
		put16(p, dice_below(d, 65536));
		put32(p, (uint32_t)dice_roll(d));
	}
	payload(p, d);
}

/* ---- kinds ---- */

static void build_ipv4(struct packets *all, struct dice *d)
{
	static const uint8_t protos[] = {TCP, UDP, ICMP, 2, 47, 50, 51, 89, 103, 112, 132, 253};
	struct packet *p;

	for (size_t i = 0; i < sizeof(protos) + 8; i++) {
		unsigned int proto = i < sizeof(protos) ? protos[i] : i & 1 ? TCP : UDP;

		p = ether(all, d, IPV4);
		ipv4(p, d, proto, i % 3 == 2 ? 1 + dice_below(d, 10) : 0, 0x4000 * (i & 1));
		upper(p, d, proto == 132 ? UDP : proto);
	}
	for (int i = 0; i < 4; i++) { /* fragments: the first, others */
		p = ether(all, d, IPV4);
		ipv4(p, d, i & 1 ? UDP : TCP, 0, i < 2 ? MORE_FRAGS : MORE_FRAGS | 185);
		upper(p, d, i & 1 ? UDP : TCP);
	}
}

static void build_ipv6(struct packets *all, struct dice *d)
{
	static const uint8_t protos[] = {TCP, UDP, ICMP6, 132, 59, TCP, UDP};
	static const uint8_t extensions[] = {0, 43, 44, 60};
	struct packet *p;

	for (size_t i = 0; i < sizeof(protos); i++) {
		p = ether(all, d, IPV6);
		ipv6(p, d, protos[i]);
		upper(p, d, protos[i]);
	}
	for (size_t i = 0; i < sizeof(extensions); i++) {
		p = ether(all, d, IPV6);
		ipv6(p, d, extensions[i]);
		extension(p, i & 1 ? UDP : TCP, extensions[i] == 44 ? 0 : dice_below(d, 3));
		upper(p, d, i & 1 ? UDP : TCP);
	}
	p = ether(all, d, IPV6); /* two of them */
	ipv6(p, d, 0);
	extension(p, 60, 1);
	extension(p, TCP, 0);
	upper(p, d, TCP);
}

static void build_tagged(struct packets *all, struct dice *d)
{
	static const uint16_t tags[] = {1, 100, 0xe064, 0x0fff};
	struct packet *p;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		p = ether(all, d, i & 1 ? DOT1AD : DOT1Q);
		vlan(p, tags[i], i == 3 ? IPV6 : IPV4);
		i == 3 ? ipv6(p, d, TCP) : ipv4(p, d, TCP, 0, 0);
		upper(p, d, TCP);
		p = ether(all, d, i & 1 ? DOT1AD : DOT1Q); /* double */
		vlan(p, tags[i], DOT1Q);
		vlan(p, 100, IPV4);
		ipv4(p, d, UDP, 0, 0);
		upper(p, d, UDP);
	}
	for (int i = 0; i < 3; i++) {
		p = ether(all, d, MPLS);
		for (int level = 0; level <= i; level++)
			mpls(p, level ? 200 : 100, level == i);
		ipv4(p, d, TCP, 0, 0);
		upper(p, d, TCP);
	}
	p = ether(all, d, PPPOE);
	put32(p, 0x11000007);
	put16(p, 50);
	put16(p, 0x0021);
	ipv4(p, d, UDP, 0, 0);
	upper(p, d, UDP);
}

static void build_arp(struct packets *all, struct dice *d, unsigned int type)
{
	struct packet *p = ether(all, d, type);

	put16(p, 1);
	put16(p, IPV4);
	put16(p, 0x0604);
	put16(p, 1 + dice_below(d, 2));
	put_mac(p, d);
	put32(p, DICE_ONE(d, hosts));
	put_mac(p, d);
	put32(p, DICE_ONE(d, hosts));
}

static void build_geneve(struct packets *all, struct dice *d)
{
	struct packet *p = ether(all, d, IPV4);

	ipv4(p, d, UDP, 0, 0);
	put16(p, 50000);
	put16(p, 6081);
	put32(p, 0x00500000);
	put16(p, 0x0140); /* one word of options; then an Ethernet frame */
	put16(p, 0x6558);
	put32(p, 7 << 8);
	put32(p, 0);
	put_mac(p, d);
	put_mac(p, d);
	put16(p, IPV4);
	ipv4(p, d, TCP, 0, 0);
	upper(p, d, TCP);
}

static void build_odd(struct packets *all, struct dice *d)
{
	struct packet *p;

	build_arp(all, d, ARP);
	build_arp(all, d, ARP);
	build_arp(all, d, 0x8035); /* rarp */
	build_geneve(all, d);
	p = ether(all, d, 38); /* 802.3: a length, then LLC: spanning tree */
	put32(p, 0x42420300);
	payload(p, d);
	p = ether(all, d, 100); /* SNAP: AppleTalk */
	put32(p, 0xaaaa0308);
	put32(p, 0x0007809b);
	payload(p, d);
	for (int i = 0; i < 6; i++) {
		p = start(all, d);
		p->caplen = 1 + dice_below(d, 200);
	}
	p = start(all, d); /* nothing at all to read */
	p->wirelen = 60;
}

/* ---- from files; from others ---- */

static int read_real(struct packets *all, struct dice *d, const char *recording)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(recording, why);
	struct pcap_pkthdr *header;
	const u_char *bytes;

	if (!file || pcap_datalink(file) != DLT_EN10MB) {
		fprintf(stderr, "%s: %s\n", recording, file ? "not of Ethernet" : why);
		return -EINVAL;
	}
	while (all->real < MOST_REAL && pcap_next_ex(file, &header, &bytes) == 1) {
		struct packet *p = start(all, d);

		p->caplen = header->caplen < RUN_BYTES ? header->caplen : RUN_BYTES;
		p->wirelen = header->len;
		memcpy(p->bytes, bytes, p->caplen);
		all->real++;
	}
	pcap_close(file);
	return 0;
}

static void cut_short(struct packets *all, struct dice *d, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct packet *p = start(all, d);

		*p = all->p[dice_below(d, (unsigned int)from)];
		if (p->caplen > 1)
			p->caplen = 1 + dice_below(d, p->caplen < 80 ? p->caplen : 80);
	}
}

static bool is_ip(const struct packet *p)
{
	unsigned int type = p->caplen > ETHER ? p->bytes[12] << 8 | p->bytes[13] : 0;

	return type == IPV4 || type == IPV6;
}

/* IP packets without their Ethernet header; every third of the recorded ones, which are alike. */
static void without_ethernet(struct packets *all)
{
	size_t until = all->count;

	for (size_t i = 0; i < until && all->count < RUN_PACKETS - 12; i++) {
		const struct packet *from = &all->p[i];
		struct packet *to = &all->p[all->count];

		if (!is_ip(from) || (i < all->real && i % 3))
			continue;
		all->count++;
		memset(to, 0x5a, sizeof(*to));
		to->l3 = true;
		to->caplen = from->caplen - ETHER;
		to->wirelen = from->wirelen - ETHER;
		memcpy(to->bytes, from->bytes + ETHER, RUN_BYTES - ETHER);
	}
}

int packets_make(struct packets *all, struct dice *d, const char *recording)
{
	int err;

	memset(all, 0, sizeof(*all));
	err = recording ? read_real(all, d, recording) : 0;
	if (err)
		return err;
	build_ipv4(all, d);
	build_ipv6(all, d);
	build_tagged(all, d);
	build_odd(all, d);
	for (size_t i = all->real; i < all->count; i++) /* some are longer than what was recorded */
		if (!all->p[i].wirelen)
			all->p[i].wirelen =
				all->p[i].caplen + (dice_percent(d, 30) ? dice_below(d, 1500) : 0);
	cut_short(all, d, all->count, 40);
	without_ethernet(all);
	for (int i = 0; i < 8; i++) {
		struct packet *p = start(all, d);

		p->l3 = true;
		p->caplen = 1 + dice_below(d, 120);
		p->wirelen = p->caplen + dice_below(d, 40);
		p->bytes[0] = (uint8_t)((i & 1 ? 0x60 : 0x40) | (p->bytes[0] & 15));
	}
	return 0;
}

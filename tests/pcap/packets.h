/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_PCAP_PACKETS_H
#define TESTS_PCAP_PACKETS_H

/*
 * The packets that filters are tried on: built ones of every kind that pcap-filter(7) knows about,
 * recorded ones, random bytes; and all of these cut short.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/pcap/dice.h"
#include "tests/pcap/run.h"

struct packet {
	bool l3; /* begins with the network header, else with Ethernet's */
	uint32_t caplen;
	uint32_t wirelen;
	uint8_t bytes[RUN_BYTES]; /* beyond caplen there is something, too: it must not be read */
};

struct packets {
	size_t count;
	size_t real; /* of these, recorded */
	struct packet p[RUN_PACKETS];
};

/* recording: a pcap or pcapng file of Ethernet frames, or NULL. 0 or -errno. */
int packets_make(struct packets *all, struct dice *d, const char *recording);

#endif

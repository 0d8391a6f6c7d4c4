/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_PCAP_FILTER_H
#define RECORD_PCAP_FILTER_H

/*
 * A pcap-filter(7) expression as code for our programs: once for packets whose link layer header is
 * there, once for those that begin with the network header.
 */

#include "record/cbpf.h"

struct pcap_filter {
	struct cbpf_code l2; /* on Ethernet frames */
	struct cbpf_code l3; /* on IPv4 and IPv6 packets; without insns: cannot match there (`arp`,
				`ether host …`) */
};

/* option: for the message, "pcap-filter" or "--filter-tunnel". -EINVAL after one line on stderr;
 * -ENOMEM. */
int pcap_filter_create(const char *option, const char *expression, struct pcap_filter *ret);
void pcap_filter_deinit(struct pcap_filter *f);

#endif

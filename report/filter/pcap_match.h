/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PCAP_MATCH_H
#define REPORT_PCAP_MATCH_H

/*
 * A pcap-filter expression on the packet bytes of a hit, as they stand in the file: a link header
 * that was made up is looked at too.
 */

#include "report/read/hit.h"

struct pcap_match; /* opaque */

/*
 * Names of hosts, ports and protocols are looked up: before confine_report(). -EINVAL after one
 * line that says why; -ENOMEM.
 */
int pcap_match_create(const char *expression, struct pcap_match **ret);
void pcap_match_destroy(struct pcap_match *m);

bool pcap_match_hit(const struct pcap_match *m, const struct hit *h);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SCRUB_PACKET_H
#define REPORT_SCRUB_PACKET_H

/*
 * A frame -> one with the headers that are known, down to the end of the first layer 4 header, and
 * nothing behind it. It is put together anew, field by field; what is not known is not there.
 *
 * Kept: Ethernet types and VLAN tags, lengths, IP's fields but for addresses, options (zeros) and
 * IPv6's flow label, fragment headers; TCP, UDP, UDP-Lite, SCTP and DCCP headers, of TCP's options
 * the harmless ones (timestamps become 0); of ICMP type, code, an echo's id and number, an MTU;
 * ARP. Checksums: right in IPv4 and in an ICMP header without data, else 0 (0xffff in UDP over
 * IPv6).
 */

#include <stddef.h>
#include <stdint.h>

#include "report/scrub/scrub_address.h"

#define SCRUB_PACKET_MOST 512u /* headers beyond this are cut */

/* The length of what is in to, which holds SCRUB_PACKET_MOST; 0: not even an Ethernet header. */
size_t scrub_packet(struct scrub_address *a, const uint8_t *frame, size_t len, uint8_t *to);

#endif

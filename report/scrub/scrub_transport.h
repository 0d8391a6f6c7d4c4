/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SCRUB_TRANSPORT_H
#define REPORT_SCRUB_TRANSPORT_H

/* Layer 4 headers of scrubbed packets: see scrub_packet.h. */

#include <stddef.h>
#include <stdint.h>

#define TRANSPORT_MOST 60u /* TCP with all its options */

struct transport {
	uint8_t family; /* 4, 6 */
	uint8_t proto;
	const uint8_t *src; /* as they are now: ICMPv6's checksum covers them */
	const uint8_t *dst;
	size_t whole; /* length of the header and all behind it, if it is all there; else 0 */
};

/* The length of what is in to, which holds TRANSPORT_MOST; 0 of a protocol that is not known. */
size_t transport_scrub(const struct transport *t, const uint8_t *in, size_t len, uint8_t *to);

/* RFC 1071's, of len bytes; sum: what else belongs to it, as 16-bit words added up. */
uint16_t transport_checksum(const uint8_t *p, size_t len, uint32_t sum);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TUNNEL_H
#define REPORT_TUNNEL_H

/*
 * The packets inside a packet: VXLAN (UDP to port 4789 or 8472), Geneve (6081), GRE and IP in IP.
 * Sources: RFC 7348, 8926, 2784, 2890, 2003, 4213, 2473.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/event.h"

#define TUNNEL_LEVELS 3u

struct tunnel {
	const char *kind; /* "vxlan", "geneve", "gre", "ipip", "ip6" (IPv6 inside) */
	struct event_tuple inner;
};

/*
 * What frame, which begins with an Ethernet header and may be cut anywhere, holds inside tunnels,
 * the outermost first. How many; 0: no tunnel, or what is inside is cut or no IP.
 */
unsigned int tunnel_parse(const uint8_t *frame, size_t len, struct tunnel found[TUNNEL_LEVELS]);

#endif

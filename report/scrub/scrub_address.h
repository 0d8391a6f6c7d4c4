/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SCRUB_ADDRESS_H
#define REPORT_SCRUB_ADDRESS_H

/*
 * Addresses -> others, the same one each time for one key. Of two IP addresses the common prefix is
 * as long afterwards as before, so networks stay networks; what is special stays of its kind:
 *
 *	IPv4: 0.0.0.0, 127.0.0.1, 255.255.255.255 and 224.0.0.0/24 stay as they are; of 127/8,
 *	169.254/16 and 224/4 the prefix does
 *	IPv6: ::, ::1 and ffxx::00 to ffxx::ff stay; of fe80::/64 the prefix, of ff00::/8 the first
 *	16 bits; in ::ffff:0:0/96 the IPv4 address is scrubbed as one
 *
 * That costs: the bits up to where an address parts from all special ones are shown. Those tell
 * 10.0.0.1 to be below 16.0.0.0, and no more.
 *
 * MAC addresses: another one, of no vendor (the local bit is set). Broadcast, all zeros and
 * 01:80:c2:00:00:xx stay, groups stay groups, with the prefix of IPv4's and IPv6's.
 */

#include <stdint.h>

#include "report/scrub/scrub_key.h"

struct scrub_address; /* opaque */

/* key is borrowed. -ENOMEM. */
int scrub_address_create(struct scrub_key *key, struct scrub_address **ret);
void scrub_address_destroy(struct scrub_address *a);

/* from and to may be the same. */
void scrub_address_ip4(struct scrub_address *a, const uint8_t from[4], uint8_t to[4]);
void scrub_address_ip6(struct scrub_address *a, const uint8_t from[16], uint8_t to[16]);
void scrub_address_mac(struct scrub_address *a, const uint8_t from[6], uint8_t to[6]);

#endif

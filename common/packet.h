/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_PACKET_H
#define COMMON_PACKET_H

/*
 * Ethernet frame -> addresses, ports and what tells packets of one flow apart; and a tuple as
 * people read it. Sources: RFC 791, 8200, 9293, 768, 792, 4443; IEEE 802.1Q and 802.1ad tags.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/event.h"

#define PACKET_TUPLE_LEN 128 /* enough for any packet_tuple_format() */

/*
 * Fills *t from a frame, which may be cut anywhere; what is not there is left unset (proto 0 where
 * an IPv6 extension header is cut). VLAN tags and IPv6 extension headers are passed over. False,
 * and t->family 0, when it holds no IP.
 */
bool packet_parse(const uint8_t *frame, size_t len, struct event_tuple *t);

/* The same for a packet that begins with its IP header. */
bool packet_parse_ip(const uint8_t *packet, size_t len, struct event_tuple *t);

/*
 * As packet_parse() for a hit, whose packet that is: where the bytes have no headers yet, of its
 * socket. True when the tuple is the bytes'.
 */
bool packet_tuple(const struct event *e, const uint8_t *frame, size_t len, struct event_tuple *t);

/*
 * "10.0.0.1:43210 > 10.0.0.2:80 tcp [S]", "10.0.0.1 > 10.0.0.2 icmp echo request id 7 seq 1",
 * "[fd00::1]:1 > [fd00::2]:53 udp", "10.0.0.1 > 10.0.0.2 proto 89", "10.0.0.1 > 10.0.0.2 icmp type
 * 3 code 1", "10.0.0.1 > 10.0.0.2 udp fragment". Family 0 gives "". Returns the length of what is
 * in out, which is cut to size.
 */
size_t packet_tuple_format(const struct event_tuple *t, char *out, size_t size);

/* TCP flags as tcpdump writes them: "S", "S.", "F.", "none". */
#define PACKET_TCP_FLAGS_LEN 9
void packet_tcp_flags(uint8_t flags, char out[PACKET_TCP_FLAGS_LEN]);

/* ICMP with an id and a sequence number. */
bool packet_is_echo(const struct event_tuple *t);

/* "tcp", "udp", "icmp", "icmp6", "sctp", …; NULL for one without a common name. */
const char *packet_proto_name(uint8_t proto);

/* "arp", "ip", "ip6", …; NULL. */
const char *packet_ethertype_name(uint16_t type);

#endif

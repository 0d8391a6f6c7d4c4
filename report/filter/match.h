/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_MATCH_H
#define REPORT_MATCH_H

/* The seed's filters, applied after the fact: all that are given must match. */

#include <stdbool.h>
#include <stdint.h>

#include "report/read/hit.h"

struct match_address {
	uint8_t family; /* 4, 6; 0: not asked for */
	uint8_t bytes[16];
};

struct match {
	bool any; /* a filter was given at all */
	struct match_address src;
	struct match_address dst;
	bool has_sport; /* 0 is a value */
	bool has_dport;
	bool has_proto;
	bool has_mark;
	uint16_t sport;
	uint16_t dport;
	uint8_t proto;
	uint32_t mark;
	uint32_t mark_mask;
};

/* From "10.0.0.1" or "fd00::1". -EINVAL. */
int match_address_parse(const char *text, struct match_address *ret);
/* From "tcp", "udp", "icmp", "icmp6", … or a number. -EINVAL. */
int match_proto_parse(const char *text, uint8_t *ret);

bool match_hit(const struct match *m, const struct hit *h);

#endif

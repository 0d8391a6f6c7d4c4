/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_DROPS_H
#define REPORT_DROPS_H

/*
 * The drops view: packets that were dropped, by place (reason, who called for it, the function that
 * did it) and by flow. What its renderers share.
 */

#include "report/views/groups.h"
#include "report/options.h"
#include "report/views/tally.h"

#define DROPS_PLACES 4096u  /* at most; packets dropped elsewhere are only counted */
#define DROPS_FLOWS  65536u /* of all places together, likewise */
#define DROPS_BEFORE 5u	    /* functions before a drop */

/* A key: no padding. */
struct drops_place_key {
	struct capture *capture;
	const struct func *by;
	uint64_t culprit; /* 0: not known */
	uint32_t reason;
	uint32_t has_reason;
};

struct drops_place {
	uint64_t packets;
	int64_t first; /* of the drops, ns since 1970 */
	int64_t last;
	const struct func *before[DROPS_BEFORE]; /* of the first packet, in order of time */
	uint32_t n_before;
	uint32_t flows;
	uint64_t alike;	   /* packets with these functions before */
	uint64_t flowless; /* packets of flows over DROPS_FLOWS */
};

/* A key: made of zeros first. */
struct drops_flow {
	uint32_t place; /* its index */
	uint8_t family; /* 0: no addresses known */
	uint8_t proto;
	uint8_t has_ports;
	uint8_t has_icmp;
	uint8_t icmp_type;
	uint8_t zero[3];
	uint16_t sport;
	uint16_t dport;
	uint8_t src[16];
	uint8_t dst[16];
};

struct drops_count {
	uint64_t packets;
	int64_t first;
	int64_t last;
};

struct drops {
	const struct report_options *options;
	struct sink *out;
	struct tally tally;
	struct groups *places;
	struct groups *flows;
	uint64_t dropped;
	uint64_t placeless; /* packets of places over DROPS_PLACES */
	uint32_t *order;    /* of the places, when all are there */
	uint32_t *by_place; /* the flows, in the order of their places, then as those are */
};

/* "NETFILTER_DROP", "reason 77" in text, which has to hold 24 bytes, NULL. */
const char *drops_reason(const struct drops_place_key *k, char *text);

/* All of it: the first places of order as --top says, and with each so many flows of by_place. */
void drops_text(struct drops *v, const struct totals *t);
void drops_json(struct drops *v);
void drops_csv(struct drops *v);

#endif

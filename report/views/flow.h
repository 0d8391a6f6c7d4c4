/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_FLOW_H
#define REPORT_FLOW_H

/* The packets of TCP or UDP between two addresses with their ports, in both directions. */

#include <stdbool.h>
#include <stdint.h>

#include "report/render/sink.h"
#include "report/path/tuples.h"

struct flow_end {
	uint8_t address[16]; /* IPv4 in the first 4 bytes */
	uint16_t port;
};

struct flow {
	uint8_t family; /* 4, 6; 0: none */
	uint8_t proto;	/* 0: TCP or UDP */
	struct flow_end a;
	struct flow_end b;
};

/* From "10.0.0.1:43210,10.0.0.2:80" or "[fd00::1]:43210,[fd00::2]:80". -EINVAL. */
int flow_parse(const char *text, struct flow *ret);
/* From source to destination. False: it is of no flow. */
bool flow_of_tuple(const struct event_tuple *t, struct flow *ret);

enum flow_direction { FLOW_NOT, FLOW_THERE, FLOW_BACK };

/* Whether t is of the flow, from a to b or back. */
enum flow_direction flow_direction(const struct flow *f, const struct event_tuple *t);
/* The same of all a packet had: NAT may have changed it. *ret is the index of the first one that
 * is. */
enum flow_direction flow_direction_any(const struct flow *f, const struct tuples *ts,
				       uint16_t *ret);

/* "10.0.0.1:43210", "[fd00::1]:43210". */
void flow_text_end(struct sink *s, const struct flow *f, const struct flow_end *end);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_FLOW_LOG_H
#define REPORT_FLOW_LOG_H

/*
 * The packets of a flow, in order of their first hits. They come as they end, so they are held
 * back; of more than FLOW_LOG_MOST the earliest is let go.
 */

#include "report/views/flow.h"
#include "report/path/path.h"

#define FLOW_LOG_MOST 32768u /* about 30 MB */

struct flow_packet {
	struct path path;	  /* without hops, tuples, relations but its origin */
	const struct func *by;	  /* of its verdict; NULL: not known */
	struct event_tuple tuple; /* the first that is of the flow */
	bool from_socket;	  /* that is no header, but its socket's */
	enum flow_direction direction;
	uint32_t len;	   /* the largest at hops that show the tuple: with all headers */
	uint64_t hops;	   /* shown */
	uint64_t may_lack; /* hits lost that may have been its own */
};

struct flow_log; /* opaque */

int flow_log_create(size_t most, struct flow_log **ret); /* -ENOMEM */
void flow_log_destroy(struct flow_log *l);

/* p, of which that tuple is of the flow. -ENOMEM. */
int flow_log_add(struct flow_log *l, const struct path *p, struct hop_choice choice, uint16_t tuple,
		 enum flow_direction direction);
/* The earliest when there are too many, or, at the end, as long as there is one; valid until the
 * next call. NULL: none. */
const struct flow_packet *flow_log_take(struct flow_log *l, bool end);

#endif

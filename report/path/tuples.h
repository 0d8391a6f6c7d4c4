/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TUPLES_H
#define REPORT_TUPLES_H

/*
 * The addresses and ports one packet had, in order of appearance. Its own headers are believed
 * more than its socket, which speaks for it only before they are there; and a tuple that merely
 * becomes known (an address that was 0.0.0.0, a port that was 0) is the same tuple, now better
 * known. So two tuples are two only when the packet changed: NAT, encapsulation.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/event.h"

#define TUPLES_MAX  64u
#define TUPLES_NONE UINT16_MAX

struct tuples {
	struct event_tuple *all;
	uint64_t headers; /* bit n: all[n] stood in the packet, not in its socket */
	uint16_t count;
	uint16_t cap;
};

/* The index of t among them, new or not; TUPLES_NONE: it tells nothing, or there is no room. */
uint16_t tuples_add(struct tuples *ts, const struct event_tuple *t, bool headers);
static inline bool tuples_from_headers(const struct tuples *ts, uint16_t i)
{
	return ts->headers >> i & 1;
}
/* What names the packet: the first of its headers, or its socket's; TUPLES_NONE. */
uint16_t tuples_first(const struct tuples *ts);
/* Forgets them; the room stays for the next. */
void tuples_clear(struct tuples *ts);
void tuples_deinit(struct tuples *ts);

#endif

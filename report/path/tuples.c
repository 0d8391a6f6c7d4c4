// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/tuples.h"

#include <stdlib.h>
#include <string.h>

static bool is_zero(const uint8_t *address)
{
	static const uint8_t zero[16];

	return !memcmp(address, zero, 16);
}

static bool same_icmp(const struct event_tuple *a, const struct event_tuple *b)
{
	return !a->has_icmp || !b->has_icmp ||
	       (a->icmp_id == b->icmp_id && a->icmp_type == b->icmp_type &&
		a->icmp_seq == b->icmp_seq);
}

static bool same(const struct event_tuple *a, const struct event_tuple *b)
{
	return a->family == b->family && a->proto == b->proto && !memcmp(a->src, b->src, 16) &&
	       !memcmp(a->dst, b->dst, 16) && same_icmp(a, b) &&
	       (!a->has_ports || !b->has_ports || (a->sport == b->sport && a->dport == b->dport));
}

/* IPPROTO_RAW sockets write the header themselves. */
static bool proto_open(uint8_t proto)
{
	return !proto || proto == 255;
}

/* Can old have been new, less well known? */
static bool becomes(const struct event_tuple *old, const struct event_tuple *new)
{
	bool src = is_zero(old->src), dst = is_zero(old->dst);

	/* A socket of IPv6 sends IPv4 too. */
	if (old->family != new->family && !(src && dst))
		return false;
	if (old->proto != new->proto && !proto_open(old->proto))
		return false;
	if (!(src || !memcmp(old->src, new->src, 16)) || !(dst || !memcmp(old->dst, new->dst, 16)))
		return false;
	if (old->has_ports && new->has_ports &&
	    ((old->sport && old->sport != new->sport) || (old->dport && old->dport != new->dport)))
		return false;
	return same_icmp(old, new);
}

static int richness(const struct event_tuple *t)
{
	return t->has_ports + t->has_tcp_flags + t->has_icmp;
}

static void replace(struct tuples *ts, uint16_t i, const struct event_tuple *t, bool headers)
{
	ts->all[i] = *t;
	ts->headers |= (uint64_t)headers << i;
}

static bool grow(struct tuples *ts)
{
	uint16_t cap = ts->cap ? (uint16_t)(2 * ts->cap) : 2;
	struct event_tuple *all = realloc(ts->all, cap * sizeof(*all));

	if (!all)
		return false;
	ts->all = all;
	ts->cap = cap;
	return true;
}

/* The one that t is, to the letter. */
static uint16_t find_same(struct tuples *ts, const struct event_tuple *t, bool headers)
{
	for (uint16_t i = ts->count; i--;) {
		if (!same(&ts->all[i], t))
			continue;
		if (headers > tuples_from_headers(ts, i) ||
		    (headers == tuples_from_headers(ts, i) && richness(t) > richness(&ts->all[i])))
			replace(ts, i, t, headers);
		return i;
	}
	return TUPLES_NONE;
}

/* The one that t is, better known or less well. */
static uint16_t find_known(struct tuples *ts, const struct event_tuple *t, bool headers)
{
	for (uint16_t i = ts->count; i--;) {
		if (becomes(&ts->all[i], t) && headers >= tuples_from_headers(ts, i)) {
			replace(ts, i, t, headers);
			return i;
		}
		if (becomes(t, &ts->all[i]))
			return i;
	}
	return TUPLES_NONE;
}

uint16_t tuples_add(struct tuples *ts, const struct event_tuple *t, bool headers)
{
	uint16_t i;

	if (!t->family)
		return TUPLES_NONE;
	i = find_same(ts, t, headers);
	if (i == TUPLES_NONE)
		i = find_known(ts, t, headers);
	if (i != TUPLES_NONE)
		return i;
	if ((!headers && ts->headers) || ts->count == TUPLES_MAX)
		return TUPLES_NONE;
	if (ts->count == ts->cap && !grow(ts))
		return TUPLES_NONE;
	replace(ts, ts->count, t, headers);
	return ts->count++;
}

uint16_t tuples_first(const struct tuples *ts)
{
	if (!ts->count)
		return TUPLES_NONE;
	return ts->headers ? (uint16_t)__builtin_ctzll(ts->headers) : 0;
}

void tuples_clear(struct tuples *ts)
{
	ts->headers = 0;
	ts->count = 0;
}

void tuples_deinit(struct tuples *ts)
{
	free(ts->all);
	*ts = (struct tuples){0};
}

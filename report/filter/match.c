// SPDX-License-Identifier: GPL-2.0-only
#include "report/filter/match.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/packet.h"

int match_address_parse(const char *text, struct match_address *ret)
{
	struct match_address a = {.family = 4};

	if (inet_pton(AF_INET, text, a.bytes) != 1) {
		a.family = 6;
		if (inet_pton(AF_INET6, text, a.bytes) != 1)
			return -EINVAL;
	}
	*ret = a;
	return 0;
}

int match_proto_parse(const char *text, uint8_t *ret)
{
	unsigned long n;
	char *end;

	for (unsigned int i = 0; i < 256; i++) {
		const char *name = packet_proto_name((uint8_t)i);

		if (name && !strcasecmp(name, text)) {
			*ret = (uint8_t)i;
			return 0;
		}
	}
	n = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || n > 255)
		return -EINVAL;
	*ret = (uint8_t)n;
	return 0;
}

static bool same_address(const struct match_address *want, uint8_t family, const uint8_t *bytes)
{
	return want->family == family && !memcmp(want->bytes, bytes, family == 4 ? 4 : 16);
}

bool match_hit(const struct match *m, const struct hit *h)
{
	struct event_tuple t;

	if (!m->any)
		return true;
	if (m->has_mark && (h->event.mark & m->mark_mask) != m->mark)
		return false;
	if (!m->src.family && !m->dst.family && !m->has_sport && !m->has_dport && !m->has_proto)
		return true;
	hit_tuple(h, &t);
	if (!t.family)
		return false;
	if (m->src.family && !same_address(&m->src, t.family, t.src))
		return false;
	if (m->dst.family && !same_address(&m->dst, t.family, t.dst))
		return false;
	if (m->has_proto && t.proto != m->proto)
		return false;
	if (m->has_sport && (!t.has_ports || t.sport != m->sport))
		return false;
	return !m->has_dport || (t.has_ports && t.dport == m->dport);
}

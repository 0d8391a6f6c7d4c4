// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "report/render/render_text.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

/* One end, which is all of text. The IP version, 0: it is none. */
static uint8_t parse_end(const char *text, size_t len, struct flow_end *ret)
{
	bool six = len && text[0] == '[';
	char address[INET6_ADDRSTRLEN];
	unsigned int port = 0;
	size_t colon = len, digits;

	while (colon && text[colon - 1] != ':')
		colon--;
	digits = len - colon;
	if (!colon-- || !digits || digits > 5)
		return 0;
	for (size_t i = colon + 1; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		port = 10 * port + (unsigned int)(text[i] - '0');
	}
	if (port > UINT16_MAX || (six && (colon < 2 || text[colon - 1] != ']')))
		return 0;
	colon -= six ? 2 : 0;
	if (colon >= sizeof(address))
		return 0;
	memcpy(address, text + six, colon);
	address[colon] = 0;
	ret->port = (uint16_t)port;
	if (inet_pton(six ? AF_INET6 : AF_INET, address, ret->address) != 1)
		return 0;
	return six ? 6 : 4;
}

int flow_parse(const char *text, struct flow *ret)
{
	const char *comma = strchr(text, ',');
	struct flow f = {.proto = 0};

	if (!comma)
		return -EINVAL;
	f.family = parse_end(text, (size_t)(comma - text), &f.a);
	if (!f.family || parse_end(comma + 1, strlen(comma + 1), &f.b) != f.family)
		return -EINVAL;
	*ret = f;
	return 0;
}

bool flow_of_tuple(const struct event_tuple *t, struct flow *ret)
{
	struct flow f = {
		.family = t->family, .proto = t->proto, .a.port = t->sport, .b.port = t->dport};

	if (!t->family || !t->has_ports || (t->proto != PROTO_TCP && t->proto != PROTO_UDP))
		return false;
	memcpy(f.a.address, t->src, sizeof(f.a.address));
	memcpy(f.b.address, t->dst, sizeof(f.b.address));
	*ret = f;
	return true;
}

static bool same_end(const struct flow_end *a, const struct flow_end *b)
{
	return a->port == b->port && !memcmp(a->address, b->address, sizeof(a->address));
}

enum flow_direction flow_direction(const struct flow *f, const struct event_tuple *t)
{
	struct flow is;

	if (!flow_of_tuple(t, &is) || is.family != f->family || (f->proto && is.proto != f->proto))
		return FLOW_NOT;
	if (same_end(&is.a, &f->a) && same_end(&is.b, &f->b))
		return FLOW_THERE;
	return same_end(&is.a, &f->b) && same_end(&is.b, &f->a) ? FLOW_BACK : FLOW_NOT;
}

enum flow_direction flow_direction_any(const struct flow *f, const struct tuples *ts, uint16_t *ret)
{
	enum flow_direction d;

	for (uint16_t i = 0; i < ts->count; i++) {
		d = flow_direction(f, &ts->all[i]);
		if (d == FLOW_NOT)
			continue;
		*ret = i;
		return d;
	}
	return FLOW_NOT;
}

void flow_text_end(struct sink *s, const struct flow *f, const struct flow_end *end)
{
	text_ip(s, f->family, end->address, true);
	sink_char(s, ':');
	sink_u64(s, end->port);
}

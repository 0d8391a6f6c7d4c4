// SPDX-License-Identifier: GPL-2.0-only
#include "report/render/render_text.h"

#include <arpa/inet.h>
#include <time.h>

#include "common/packet.h"
#include "common/utf8.h"
#include "report/render/debuginfo_text.h"
#include "report/read/hit.h"

#define NS_PER_S 1000000000

char *text_put_escaped(char *out, const char *str, size_t len)
{
	uint32_t code;
	size_t n;

	while (len) {
		if (*str > ' ' && *str < 0x7f && *str != '\\') {
			*out++ = *str++;
			len--;
			continue;
		}
		n = utf8_next(str, len, &code);
		if (n && !utf8_unsafe(code) && code != '\\') {
			memcpy(out, str, n);
			out += n;
		} else {
			n = 1;
			*out++ = '\\';
			*out++ = 'x';
			out = sink_put_hex(out, (uint8_t)*str, 2);
		}
		str += n;
		len -= n;
	}
	return out;
}

void text_escaped(struct sink *s, const char *str, size_t len)
{
	size_t part;

	while (len) {
		part = len < SINK_MAX_RESERVE / 4 ? len : SINK_MAX_RESERVE / 4;
		sink_commit(s, text_put_escaped(sink_reserve(s, 4 * part), str, part));
		str += part;
		len -= part;
	}
}

/* Splits when; nanoseconds are never negative. */
static int64_t split(int64_t when, int64_t *ns)
{
	*ns = when % NS_PER_S;
	if (*ns >= 0)
		return when / NS_PER_S;
	*ns += NS_PER_S;
	return when / NS_PER_S - 1;
}

enum { SECOND_OF_DAY = 1, SECOND_ISO };

/* "+0100" becomes "+01:00". */
static void put_colon(char *zone)
{
	memmove(zone + 4, zone + 3, 3);
	zone[3] = ':';
}

/* The second as text, from the sink when it is the last one again. */
static const char *second_text(struct sink *s, int64_t second, int as, bool utc)
{
	time_t t = (time_t)second;
	struct tm tm;
	bool known;

	if (s->second_as == as + 2 * utc && s->second == second)
		return s->second_text;
	known = utc ? gmtime_r(&t, &tm) : localtime_r(&t, &tm);
	if (!known || !strftime(s->second_text, sizeof(s->second_text),
				as == SECOND_ISO ? "%Y-%m-%dT%H:%M:%S" : "%H:%M:%S", &tm))
		strcpy(s->second_text, "?");
	strcpy(s->second_zone, utc ? "Z" : "");
	if (known && !utc && strftime(s->second_zone, 6, "%z", &tm) == 5)
		put_colon(s->second_zone);
	s->second = second;
	s->second_as = as + 2 * utc;
	return s->second_text;
}

static void put_fraction(struct sink *s, int64_t value, int digits)
{
	char *to = sink_reserve(s, 16);

	to[0] = '.';
	for (int i = digits; i; i--, value /= 10)
		to[i] = (char)('0' + value % 10);
	sink_commit(s, to + 1 + digits);
}

static void iso(struct sink *s, int64_t when, bool utc)
{
	int64_t ns, second = split(when, &ns);

	sink_str(s, second_text(s, second, SECOND_ISO, utc));
	put_fraction(s, ns, 9);
	sink_str(s, s->second_zone);
}

static void relative(struct sink *s, int64_t when)
{
	bool before = when < s->base;
	uint64_t span = before ? time_span(when, s->base) : time_span(s->base, when);

	if (before)
		sink_char(s, '-');
	sink_u64(s, span / NS_PER_S);
	put_fraction(s, (int64_t)(span % NS_PER_S), 9);
}

void text_time(struct sink *s, int64_t when, bool date)
{
	int64_t ns, second = split(when, &ns);
	time_t t = (time_t)second;
	bool known;
	char text[40];
	struct tm tm;

	if (s->times == TIMES_ISO) {
		iso(s, when, s->utc);
		return;
	}
	if (s->times == TIMES_RELATIVE && !date) {
		relative(s, when);
		return;
	}
	known = date && (s->utc ? gmtime_r(&t, &tm) : localtime_r(&t, &tm));
	if (known && strftime(text, sizeof(text), "%Y-%m-%d ", &tm))
		sink_str(s, text);
	sink_str(s, second_text(s, second, SECOND_OF_DAY, s->utc));
	put_fraction(s, ns / 1000, 6);
	if (known && strftime(text, sizeof(text), " %z", &tm))
		sink_str(s, text);
}

void text_time_utc(struct sink *s, int64_t when)
{
	iso(s, when, true);
}

/* value / unit with so many decimals, and the unit's name. */
static char *put_decimal(char *to, uint64_t value, uint64_t unit, int decimals, const char *name)
{
	uint64_t part = value % unit;
	size_t len = strlen(name);

	to = sink_put_u64(to, value / unit);
	*to++ = '.';
	for (int i = 0; i < decimals; i++) {
		part *= 10;
		*to++ = (char)('0' + part / unit);
		part %= unit;
	}
	memcpy(to, name, len);
	return to + len;
}

void text_duration(struct sink *s, const char *prefix, uint64_t ns, int columns)
{
	char text[48], *end;
	int used = (int)strlen(prefix);

	if (ns < 1000000) {
		end = put_decimal(text, ns, 1000, 1, " µs");
		used--; /* µ is two bytes */
	} else if (ns < NS_PER_S) {
		end = put_decimal(text, ns, 1000000, 3, " ms");
	} else {
		end = put_decimal(text, ns, NS_PER_S, 3, " s");
	}
	sink_fill(s, ' ', columns - used - (int)(end - text));
	sink_str(s, prefix);
	sink_mem(s, text, (size_t)(end - text));
}

/* Of the word that text begins with; bytes that go on a character are none. */
static int word_columns(const char *text, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

void text_words(struct sink *s, const char *text, int at)
{
	int column = at;

	while (*text) {
		size_t len = strcspn(text, " ");
		int columns = word_columns(text, len);

		if (column > at && column + 1 + columns > s->width) {
			sink_char(s, '\n');
			sink_fill(s, ' ', at);
			column = at;
		} else if (column > at) {
			sink_char(s, ' ');
			column++;
		}
		sink_mem(s, text, len);
		column += columns;
		text += len + (text[len] == ' ');
	}
}

void text_size(struct sink *s, uint64_t bytes)
{
	char text[48], *end;

	if (bytes < 10240) {
		end = sink_put_u64(text, bytes);
		memcpy(end, " bytes", 6);
		end += 6;
	} else if (bytes < 10u << 20) {
		end = put_decimal(text, bytes, 1u << 10, 1, " KiB");
	} else {
		end = put_decimal(text, bytes, 1u << 20, 1, " MiB");
	}
	sink_mem(s, text, (size_t)(end - text));
}

static char *put_address(char *to, uint8_t family, const uint8_t *a, bool bracket)
{
	if (family == 4) {
		for (int i = 0; i < 4; i++) {
			to = sink_put_u64(to, a[i]);
			*to++ = '.';
		}
		return to - 1;
	}
	if (bracket)
		*to++ = '[';
	if (inet_ntop(AF_INET6, a, to, INET6_ADDRSTRLEN))
		to += strlen(to);
	if (bracket)
		*to++ = ']';
	return to;
}

void text_ip(struct sink *s, uint8_t family, const uint8_t *a, bool bracket)
{
	sink_commit(s, put_address(sink_reserve(s, 64), family, a, bracket));
}

static char *put_endpoint(char *to, const struct event_tuple *t, const uint8_t *a, uint16_t port)
{
	to = put_address(to, t->family, a, t->has_ports);
	if (!t->has_ports)
		return to;
	*to++ = ':';
	return sink_put_u64(to, port);
}

void text_seed_tuple(struct sink *s, const struct event_tuple *t)
{
	const char *proto = packet_proto_name(t->proto);
	char *to = sink_reserve(s, 160);
	size_t len;

	if (!t->family) {
		sink_char(s, '-');
		return;
	}
	to = put_endpoint(to, t, t->src, t->sport);
	*to++ = '-';
	*to++ = '>';
	to = put_endpoint(to, t, t->dst, t->dport);
	*to++ = '(';
	if (proto) {
		len = strlen(proto);
		memcpy(to, proto, len);
		to += len;
	} else {
		to = sink_put_u64(to, t->proto);
	}
	*to++ = ')';
	sink_commit(s, to);
}

void text_tuple(struct sink *s, const struct event_tuple *t)
{
	char text[PACKET_TUPLE_LEN];

	sink_mem(s, text, packet_tuple_format(t, text, sizeof(text)));
}

static void put_module(struct sink *s, const char *module)
{
	if (!module[0])
		return;
	sink_mem(s, " [", 2);
	text_escaped(s, module, strlen(module));
	sink_char(s, ']');
}

void text_func(struct sink *s, const struct func *f)
{
	text_escaped(s, f->name, f->name_len);
	put_module(s, f->module);
}

void text_caller(struct sink *s, struct capture *c, uint64_t addr)
{
	struct symbol sym;

	if (symbols_find_caller(capture_symbols(c), addr, &sym)) {
		sink_mem(s, "0x", 2);
		sink_hex(s, addr, 1);
		return;
	}
	text_escaped(s, sym.name, strlen(sym.name));
	sink_mem(s, "+0x", 3);
	sink_hex(s, sym.offset, 1);
	put_module(s, sym.module);
	debuginfo_text(s, c, addr);
}

void text_colour(struct sink *s, enum text_colour c)
{
	static const char *const codes[] = {
		[TEXT_PLAIN] = "\033[0m",   [TEXT_BOLD] = "\033[1m", [TEXT_RED] = "\033[1;31m",
		[TEXT_YELLOW] = "\033[33m", [TEXT_DIM] = "\033[2m",
	};

	if (s->colour)
		sink_str(s, codes[c]);
}

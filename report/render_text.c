// SPDX-License-Identifier: GPL-2.0-only
#include "report/render_text.h"

#include <arpa/inet.h>
#include <time.h>

#include "common/packet.h"
#include "report/utf8.h"

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

static void put_two(char *to, int v)
{
	to[0] = (char)('0' + v / 10);
	to[1] = (char)('0' + v % 10);
}

void text_time(struct sink *s, int64_t when, bool date)
{
	time_t seconds = when / NS_PER_S;
	int64_t ns = when % NS_PER_S;
	char text[40] = "?", *to;
	struct tm tm;

	if (ns < 0) {
		ns += NS_PER_S;
		seconds--;
	}
	if (!localtime_r(&seconds, &tm)) {
		sink_char(s, '?');
		return;
	}
	if (date && strftime(text, sizeof(text), "%Y-%m-%d ", &tm))
		sink_str(s, text);
	to = sink_reserve(s, 32);
	put_two(to, tm.tm_hour);
	to[2] = ':';
	put_two(to + 3, tm.tm_min);
	to[5] = ':';
	put_two(to + 6, tm.tm_sec);
	to[8] = '.';
	ns /= 1000;
	for (int i = 5; i >= 0; i--, ns /= 10)
		to[9 + i] = (char)('0' + ns % 10);
	sink_commit(s, to + 15);
	if (date && strftime(text, sizeof(text), " %z", &tm))
		sink_str(s, text);
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

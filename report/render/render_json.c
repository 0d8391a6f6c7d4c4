// SPDX-License-Identifier: GPL-2.0-only
#include "report/render/render_json.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "common/cursor.h"
#include "common/packet.h"
#include "report/render/debuginfo_json.h"
#include "report/path/hop_changes.h"
#include "report/render/render_text.h"
#include "common/utf8.h"

/* A comma is due unless a bracket, a key's colon or nothing of this line stands before. */
static void comma(struct sink *s)
{
	char last = sink_last(s);

	if (last != '{' && last != '[' && last != ':' && last != '\n')
		sink_char(s, ',');
}

void json_open(struct sink *s, char bracket)
{
	comma(s);
	sink_char(s, bracket);
}

void json_close(struct sink *s, char bracket)
{
	sink_char(s, bracket);
}

void json_key2(struct sink *s, const char *prefix, const char *rest)
{
	comma(s);
	sink_char(s, '"');
	sink_str(s, prefix);
	sink_str(s, rest);
	sink_mem(s, "\":", 2);
}

void json_key(struct sink *s, const char *key)
{
	json_key2(s, key, "");
}

void json_u64(struct sink *s, const char *key, uint64_t v)
{
	json_key(s, key);
	sink_u64(s, v);
}

void json_hex(struct sink *s, const char *key, uint64_t v)
{
	json_key(s, key);
	sink_mem(s, "\"0x", 3);
	sink_hex(s, v, 1);
	sink_char(s, '"');
}

void json_bool(struct sink *s, const char *key, bool v)
{
	json_key(s, key);
	sink_str(s, v ? "true" : "false");
}

void json_null(struct sink *s, const char *key)
{
	json_key(s, key);
	sink_mem(s, "null", 4);
}

void json_maybe(struct sink *s, const char *key, bool known, uint64_t v)
{
	if (known)
		json_u64(s, key, v);
	else
		json_null(s, key);
}

static void put_char(struct sink *s, uint32_t code, const char *bytes, size_t n)
{
	if (code == '"' || code == '\\') {
		sink_char(s, '\\');
		sink_char(s, (char)code);
	} else if (utf8_unsafe(code)) {
		sink_mem(s, "\\u", 2);
		sink_hex(s, code, 4);
	} else {
		sink_mem(s, bytes, n);
	}
}

void json_text(struct sink *s, const char *v, size_t len)
{
	uint32_t code;
	size_t n;

	sink_char(s, '"');
	while (len) {
		for (n = 0; n < len && n < 1024 && v[n] >= ' ' && v[n] < 0x7f && v[n] != '"' &&
			    v[n] != '\\';)
			n++;
		if (n) {
			sink_mem(s, v, n);
		} else {
			n = utf8_next(v, len, &code);
			if (n)
				put_char(s, code, v, n);
			else
				sink_str(s, "\\ufffd");
		}
		n += !n;
		v += n;
		len -= n;
	}
	sink_char(s, '"');
}

void json_str(struct sink *s, const char *key, const char *v)
{
	if (!v) {
		json_null(s, key);
		return;
	}
	json_key(s, key);
	json_text(s, v, strlen(v));
}

void json_time(struct sink *s, const char *key, int64_t when)
{
	json_key(s, key);
	sink_char(s, '"');
	text_time_utc(s, when);
	sink_char(s, '"');
}

static void json_address(struct sink *s, const char *key, uint8_t family, const uint8_t *a)
{
	char text[INET6_ADDRSTRLEN];

	if (!family || !inet_ntop(family == 4 ? AF_INET : AF_INET6, a, text, sizeof(text)))
		json_null(s, key);
	else
		json_str(s, key, text);
}

void json_tuple(struct sink *s, const struct event_tuple *t)
{
	const char *proto = t->family ? packet_proto_name(t->proto) : NULL;
	char number[8];

	json_address(s, "src", t->family, t->src);
	json_address(s, "dst", t->family, t->dst);
	json_maybe(s, "sport", t->has_ports, t->sport);
	json_maybe(s, "dport", t->has_ports, t->dport);
	if (t->family && !proto) {
		snprintf(number, sizeof(number), "%u", t->proto);
		proto = number;
	}
	json_str(s, "l4", proto);
	json_maybe(s, "tcp_flags", t->has_tcp_flags, t->tcp_flags);
	json_maybe(s, "icmp_type", t->has_icmp, t->icmp_type);
	json_maybe(s, "icmp_id", packet_is_echo(t), t->icmp_id);
	json_maybe(s, "icmp_seq", packet_is_echo(t), t->icmp_seq);
	json_maybe(s, "ip_id", t->has_ip_id, t->ip_id);
}

void json_bytes(struct sink *s, const char *key, const uint8_t *p, size_t n)
{
	json_key(s, key);
	if (!p) {
		sink_mem(s, "null", 4);
		return;
	}
	sink_char(s, '"');
	for (size_t i = 0; i < n; i++)
		sink_hex(s, p[i], 2);
	sink_char(s, '"');
}

static void json_str2(struct sink *s, const char *prefix, const char *rest, const char *v)
{
	json_key2(s, prefix, rest);
	if (v)
		json_text(s, v, strlen(v));
	else
		sink_mem(s, "null", 4);
}

/* The function that a return address is in, and its source line. */
static void json_place(struct sink *s, const char *prefix, struct capture *c, uint64_t addr)
{
	struct symbol sym = {.name = NULL};

	symbols_find_caller(capture_symbols(c), addr, &sym);
	json_str2(s, prefix, "func", sym.name);
	json_key2(s, prefix, "offset");
	if (sym.name)
		sink_u64(s, sym.offset);
	else
		sink_mem(s, "null", 4);
	json_str2(s, prefix, "module", sym.name ? sym.module : NULL);
	debuginfo_json(s, prefix, c, addr);
}

void json_stack(struct sink *s, const char *key, struct capture *c, const uint8_t *frames, size_t n)
{
	struct cursor at = cursor_of(frames, n * sizeof(uint64_t));

	json_key(s, key);
	if (!n) {
		sink_mem(s, "null", 4);
		return;
	}
	json_open(s, '[');
	for (size_t i = 0; i < n; i++) {
		uint64_t addr = cursor_le64(&at);

		json_open(s, '{');
		json_hex(s, "addr", addr);
		json_place(s, "", c, addr);
		json_close(s, '}');
	}
	json_close(s, ']');
}

void json_caller(struct sink *s, const char *prefix, struct capture *c, uint64_t addr)
{
	char inner[32];

	if (addr)
		json_hex(s, prefix, addr);
	else
		json_null(s, prefix);
	snprintf(inner, sizeof(inner), "%s_", prefix);
	json_place(s, inner, c, addr);
}

void json_hop_changes(struct sink *s, const char *key, unsigned int changes)
{
	bool any = false;

	json_key(s, key);
	json_open(s, '[');
	for (unsigned int i = 0; i < HOP_CHANGES; i++) {
		if (!(changes >> i & 1))
			continue;
		sink_str(s, any ? ",\"" : "\"");
		sink_str(s, hop_change_word(i));
		sink_char(s, '"');
		any = true;
	}
	json_close(s, ']');
}

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_RENDER_JSON_H
#define REPORT_RENDER_JSON_H

/*
 * JSON Lines. Every field is written, zeros too; what is not known is null. Addresses, and numbers
 * that may not fit in a double, are strings in hexadecimal: a reader that rounds must not make two
 * packets one.
 *
 * A key is a literal with its colon, `"func":`; the writer puts the commas: before every key or
 * value that does not open an object or array.
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/read/capture.h"
#include "report/render/sink.h"

void json_key(struct sink *s, const char *key);			      /* ,"key": */
void json_key2(struct sink *s, const char *prefix, const char *rest); /* the same of two parts */
void json_u64(struct sink *s, const char *key, uint64_t v);
void json_hex(struct sink *s, const char *key, uint64_t v); /* "0x…" */
void json_bool(struct sink *s, const char *key, bool v);
void json_null(struct sink *s, const char *key);
void json_maybe(struct sink *s, const char *key, bool known, uint64_t v); /* null: not known */
/* Escaped; what is no UTF-8 becomes U+FFFD. */
void json_str(struct sink *s, const char *key, const char *v); /* NULL: null */
void json_text(struct sink *s, const char *v, size_t len);     /* "…", no key */
void json_time(struct sink *s, const char *key, int64_t when); /* ISO 8601, UTC, ns */

/* src, dst, sport, dport, l4, tcp_flags, icmp_type, icmp_id, icmp_seq and ip_id. */
void json_tuple(struct sink *s, const struct event_tuple *t);
/* Hexadecimal digits in a string; null when p is NULL. */
void json_bytes(struct sink *s, const char *key, const uint8_t *p, size_t n);
/* Frames as objects with address, symbol and source line; null when there are none. frames:
 * little-endian u64. */
void json_stack(struct sink *s, const char *key, struct capture *c, const uint8_t *frames,
		size_t n);
/* A return address, "0x…"; below prefix_ its symbol (func, offset, module) and its source line
 * (debuginfo_json.h). addr 0: all null. */
void json_caller(struct sink *s, const char *prefix, struct capture *c, uint64_t addr);

/* An array of hop_change_word()s. */
void json_hop_changes(struct sink *s, const char *key, unsigned int changes);

/* An object or array begins: after a key, or as an element. */
void json_open(struct sink *s, char bracket);
void json_close(struct sink *s, char bracket);

#endif

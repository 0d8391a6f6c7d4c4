/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_RENDER_TEXT_H
#define REPORT_RENDER_TEXT_H

/*
 * Fields as people read them. Whatever comes out of a capture is hostile: no control byte of it
 * gets to the terminal.
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/read/capture.h"
#include "report/render/sink.h"

/* A string of the capture; bytes that are unsafe or no UTF-8 as \xNN. */
void text_escaped(struct sink *s, const char *str, size_t len);
/* The same into out, which must hold 4 * len bytes; the end. */
char *text_put_escaped(char *out, const char *str, size_t len);

/*
 * As the sink has it. Absolute: "14:03:22.123456", and with date "2026-01-31 14:03:22.123456
 * +0100". ISO 8601: "2026-01-31T14:03:22.123456789+01:00". Relative: "0.001234567" seconds since
 * its base, but with date as absolute, because there it is to tell when the recording was.
 */
void text_time(struct sink *s, int64_t when, bool date);
/* ISO 8601, "2026-01-31T13:03:22.123456789Z". */
void text_time_utc(struct sink *s, int64_t when);
/* "84.2 µs", "1.234 ms", "12.300 s"; after prefix, right-aligned in so many columns. */
void text_duration(struct sink *s, const char *prefix, uint64_t ns, int columns);
/* A sentence that begins in column at (0 the first) and, where it is too long for the sink's width,
 * goes on there in further lines. Its last line is not ended. */
void text_words(struct sink *s, const char *text, int at);
/* "1.2 MiB". */
void text_size(struct sink *s, uint64_t bytes);

/* "10.0.1.1", "fd00::1", "[fd00::1]" with bracket. family: 4 or 6. */
void text_ip(struct sink *s, uint8_t family, const uint8_t *a, bool bracket);
/* "10.0.1.1:43210->10.0.1.2:80(tcp)", the seed's way; "-" without addresses. */
void text_seed_tuple(struct sink *s, const struct event_tuple *t);
/* "10.0.1.1:43210 > 10.0.1.2:80 tcp [S]", packet_tuple_format()'s way. */
void text_tuple(struct sink *s, const struct event_tuple *t);

/* "nf_hook_slow", "nf_hook_slow [nf_tables]". */
void text_func(struct sink *s, const struct func *f);
/* "nf_hook_slow+0x9f [nf_tables]", 0x… without a symbol; then debuginfo_text(). */
void text_caller(struct sink *s, struct capture *c, uint64_t addr);

enum text_colour { TEXT_PLAIN, TEXT_BOLD, TEXT_RED, TEXT_YELLOW, TEXT_DIM };
void text_colour(struct sink *s, enum text_colour c); /* nothing unless the sink has colour */

#endif

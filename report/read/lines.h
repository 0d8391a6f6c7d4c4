/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_LINES_H
#define REPORT_LINES_H

/* The text in snapshots and notes: lines of words, or of key=value. All texts are borrowed. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/snapshot_codec.h"

/* The lines of a record; none without a snapshot. */
static inline struct cursor lines_of(const struct snapshot *s, enum snapshot_record type)
{
	return s ? cursor_of(s->record[type].data, s->record[type].len) : cursor_of(NULL, 0);
}

/* The value of key, of several the first; false: not there. */
bool lines_value(struct cursor lines, const char *key, const char **value, size_t *len);

/* The next word of a line; what is behind its space stays. Empty at the line's end. */
const char *lines_word(const char **line, size_t *left, size_t *len);

/* Decimal digits and nothing else, or hexadecimal ones; false: something else, or too large. */
bool lines_number(const char *text, size_t len, uint64_t *ret);
bool lines_hex(const char *text, size_t len, uint64_t *ret);

/* Takes a decimal u32 and the space behind it off the line's front; false: there is none. */
bool lines_take_u32(const char **line, size_t *left, uint32_t *ret);

/* "cpu7=1234 5 1" is, by "cpu", of CPU 7 the n numbers; false: something else. */
bool lines_cpu(const char *line, size_t len, const char *prefix, uint16_t *cpu, uint64_t *numbers,
	       size_t n);

#endif

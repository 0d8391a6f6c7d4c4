/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_RENDER_CSV_H
#define REPORT_RENDER_CSV_H

/*
 * Comma-separated values as RFC 4180 has them, but that a line ends with LF alone. A header line
 * names the columns. A value that is not known is empty.
 *
 * Text comes from a capture, and who opens the result in a spreadsheet must not run what somebody
 * called a process: a text that a spreadsheet would take for a formula (it begins with =, +, -, @,
 * a tab or a carriage return) gets an apostrophe before it. Control characters become U+FFFD.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/read/capture.h"
#include "report/render/sink.h"

/* Each value puts the comma before it, but for the first of a line. */
void csv_str(struct sink *s, const char *v); /* NULL: not known */
void csv_text(struct sink *s, const char *v, size_t len);
void csv_u64(struct sink *s, uint64_t v);
void csv_hex(struct sink *s, uint64_t v); /* 0x… */
void csv_bool(struct sink *s, bool v);	  /* true, false */
void csv_none(struct sink *s);		  /* not known */
void csv_maybe(struct sink *s, bool known, uint64_t v);
void csv_time(struct sink *s, int64_t when); /* ISO 8601, UTC, ns */
/* A return address with its symbol and source line, as json_caller(). addr 0: nothing is known. */
#define CSV_CALLER(prefix) /* their columns */                                                \
	prefix "," prefix "_func," prefix "_offset," prefix "_module," prefix "_file," prefix \
	       "_line," prefix "_verified"
void csv_caller(struct sink *s, struct capture *c, uint64_t addr);
void csv_end(struct sink *s); /* of the line */

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_INFO_H
#define REPORT_INFO_H

/* What the view info prints, in its two forms. */

#include "report/filter/selection.h"
#include "report/render/sink.h"
#include "report/totals.h"

/* matching: NULL without a filter. symbols: also what debug information there is. */
void info_text(struct sink *s, const struct totals *t, const struct selection_counts *matching,
	       bool symbols);
void info_json(struct sink *s, const struct totals *t, const struct selection_counts *matching,
	       bool symbols);

/* The debug information of the kernel and each module, found or not. Text: a line each, no more of
 * them than debuginfo.h looks for. JSON: a value, null unless wanted. */
void info_symbols_text(struct sink *s, struct capture *c);
void info_symbols_json(struct sink *s, struct capture *c, bool wanted);

/* Of info_json(): the keys of a capture that hold lists. */
void info_json_lists(struct sink *s, struct capture *c);
/* A monotonic time of the capture on the wall clock; null when it is not known. */
void info_json_when(struct sink *s, const char *key, const struct capture *c, bool known,
		    uint64_t ktime);

/* As RFC 4122 writes it. */
void info_uuid(struct sink *s, const struct capture *c);

#endif

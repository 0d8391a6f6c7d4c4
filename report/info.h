/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_INFO_H
#define REPORT_INFO_H

/* What the view info prints, in its two forms. */

#include "report/sink.h"
#include "report/totals.h"

void info_text(struct sink *s, const struct totals *t);
void info_json(struct sink *s, const struct totals *t);

/* As RFC 4122 writes it. */
void info_uuid(struct sink *s, const struct capture *c);

#endif

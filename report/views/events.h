/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_EVENTS_H
#define REPORT_EVENTS_H

/* The view events: what its renderers share. */

#include "report/options.h"
#include "report/path/path.h"
#include "report/render/sink.h"
#include "report/read/table.h"

/* BTF is read anew when hits of more captures than these take turns. */
#define EVENTS_MAX_SKBS 32u

struct events {
	const struct report_options *options;
	struct sink *out;
	struct table skbs; /* by capture: struct events_skb, how its struct sk_buff is printed */
	unsigned int n_skbs;
};

void events_text_header(struct events *v);
/* A line, and what stands below it. p: NULL when its packet is not known. */
void events_text(struct events *v, const struct hit *h, const struct path *p);
void events_text_deinit(struct events *v);

void events_json(struct events *v, const struct hit *h);

void events_csv_header(struct events *v);
void events_csv(struct events *v, const struct hit *h);

#endif

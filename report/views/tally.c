// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/tally.h"

#include <stdlib.h>

#include "common/log.h"
#include "report/read/capture.h"
#include "report/render/render_text.h"

#define NS_PER_DAY 86400000000000

bool tally_family(struct tally *t, struct path *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (paths[i]->matched) {
			t->packets += n;
			return true;
		}
	return false;
}

int64_t tally_when(const struct path *p, const struct hop *h)
{
	return (int64_t)((uint64_t)p->capture->clock + h->ktime);
}

size_t tally_top(const struct report_options *o, size_t n)
{
	return o->top && o->top < n ? (size_t)o->top : n;
}

uint32_t *tally_order(size_t n, int (*by)(const void *, const void *, void *), void *ctx)
{
	uint32_t *order = malloc((n + 1) * sizeof(*order));

	if (!order) {
		log_error("out of memory");
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof(*order), by, ctx);
	return order;
}

void tally_number(struct sink *s, uint64_t n, int columns)
{
	char digits[20];

	sink_fill(s, ' ', columns - (int)(sink_put_u64(digits, n) - digits));
	sink_u64(s, n);
}

void tally_text(struct sink *s, uint64_t n, const char *one, const char *many)
{
	sink_u64(s, n);
	sink_char(s, ' ');
	sink_str(s, n == 1 ? one : many);
}

void tally_times(struct sink *s, int64_t first, int64_t last)
{
	bool dates = time_span(first, last) >= NS_PER_DAY;

	text_time(s, first, dates);
	if (first == last)
		return;
	sink_str(s, " to ");
	text_time(s, last, dates);
}

void tally_end(struct sink *s, const struct tally *t, const struct totals *totals)
{
	sink_u64(s, t->packets);
	if (t->packets != totals->track->packets) {
		sink_str(s, " of ");
		sink_u64(s, totals->track->packets);
	}
	sink_str(s, totals->track->packets == 1 ? " packet; " : " packets; ");
	totals_text(s, totals);
	sink_char(s, '\n');
}

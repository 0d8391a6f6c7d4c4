// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/probes.h"

#include <stdlib.h>
#include <string.h>

#include "report/read/lines.h"

static void probe_reason(struct probes *p, const char *text, size_t len, bool failed)
{
	for (size_t i = 0; i < p->n_reasons; i++) {
		struct probe_reason *r = &p->reasons[i];

		if (r->failed == failed && r->len == len && !memcmp(r->text, text, len)) {
			r->count++;
			return;
		}
	}
	if (p->n_reasons < sizeof(p->reasons) / sizeof(p->reasons[0]))
		p->reasons[p->n_reasons++] = (struct probe_reason){
			.text = text, .len = len, .count = 1, .failed = failed};
}

static bool is(const char *text, size_t len, const char *want)
{
	return len == strlen(want) && !memcmp(text, want, len);
}

static int by_count(const void *a, const void *b)
{
	const struct probe_reason *x = a, *y = b;

	return x->count != y->count ? (x->count < y->count ? 1 : -1) : 0;
}

/* Lines "status function module detail". */
void probes_read(const struct capture *c, struct probes *p)
{
	struct cursor lines;
	const char *line, *status;
	size_t left, len, skip;

	memset(p, 0, sizeof(*p));
	if (!c->snapshot || !c->snapshot->record[SNAPSHOT_PROBES].len)
		return;
	p->known = true;
	lines = lines_of(c->snapshot, SNAPSHOT_PROBES);
	while (snapshot_line_next(&lines, &line, &left) == 1) {
		status = lines_word(&line, &left, &len);
		lines_word(&line, &left, &skip);
		lines_word(&line, &left, &skip);
		if (is(status, len, "attached")) {
			p->attached++;
		} else if (is(status, len, "failed")) {
			p->failed++;
			probe_reason(p, line, left, true);
		} else if (is(status, len, "skipped")) {
			p->skipped++;
			probe_reason(p, line, left, false);
		}
	}
	qsort(p->reasons, p->n_reasons, sizeof(p->reasons[0]), by_count);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "report/totals.h"

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void totals_of_capture(const struct capture *c, uint64_t *lost, uint64_t *removed)
{
	struct ledger_totals l;
	uint64_t there;

	ledger_totals(c->ledger, &l);
	/* What was lost after the last hit of a CPU stands in the counters only. */
	*lost = max_u64(l.lost, c->counters[COUNTER_LOST_RING] + c->counters[COUNTER_LOST_READ]);
	*removed = l.removed;
	/* And what was cut off at the end leaves no gap. */
	there = l.hits + l.removed;
	if (c->closed && !c->first_file && c->counters[COUNTER_RECORDED] > there)
		*removed += c->counters[COUNTER_RECORDED] - there;
}

void totals_collect(struct totals *t)
{
	struct ledger_totals l;
	uint64_t lost, removed;

	for (size_t i = 0; i < t->captures->count; i++) {
		const struct capture *c = t->captures->all[i];

		ledger_totals(c->ledger, &l);
		totals_of_capture(c, &lost, &removed);
		t->duplicates += l.duplicates;
		t->lost += lost;
		t->removed += removed;
		t->recursion += c->counters[COUNTER_RECURSION];
		t->not_closed += !c->closed;
	}
	t->complete = !t->damaged && !t->lost && !t->removed && !t->not_closed &&
		      !t->source->damaged && !t->source->snapshots_damaged && !t->track->not_kept;
}

struct list {
	struct sink *s;
	bool any;
};

static void item(struct list *l, uint64_t n, const char *one, const char *many)
{
	if (!n)
		return;
	sink_str(l->s, l->any ? "; " : " ");
	sink_u64(l->s, n);
	sink_char(l->s, ' ');
	sink_str(l->s, n == 1 ? one : many);
	l->any = true;
}

void totals_text(struct sink *s, const struct totals *t)
{
	struct list l = {.s = s};

	if (t->complete) {
		sink_str(s, "complete");
		return;
	}
	sink_str(s, "INCOMPLETE:");
	item(&l, t->lost, "hit lost while recording", "hits lost while recording");
	item(&l, t->removed, "hit removed after recording", "hits removed after recording");
	item(&l, t->source->damaged, "record damaged", "records damaged");
	item(&l, t->source->snapshots_damaged, "snapshot damaged", "snapshots damaged");
	item(&l, t->track->not_kept, "hit of very long paths not kept",
	     "hits of very long paths not kept");
	if (t->damaged) {
		sink_str(s, l.any ? "; the file is damaged" : " the file is damaged");
		l.any = true;
	}
	if (t->not_closed)
		sink_str(s, l.any ? "; the recording did not end in order"
				  : " the recording did not end in order");
}

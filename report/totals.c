// SPDX-License-Identifier: GPL-2.0-only
#include "report/totals.h"

/* What was lost after the last hit of a CPU stands in the counters only; where the recording goes
 * on in another file, in that. */
static uint64_t lost_at_end(const struct capture *c, const struct ledger_totals *l)
{
	uint64_t all = c->counters[COUNTER_LOST_RING] + c->elsewhere[COUNTER_LOST_RING] +
		       c->counters[COUNTER_LOST_READ] + c->elsewhere[COUNTER_LOST_READ];

	if (capture_closed(c) && !c->ended)
		return 0;
	return all > l->told ? all - l->told : 0;
}

void totals_of_capture(const struct capture *c, uint64_t *lost, uint64_t *removed)
{
	struct ledger_totals l;
	uint64_t there, held;

	ledger_totals(c->ledger, &l);
	*lost = l.lost + lost_at_end(c, &l) + c->counters[COUNTER_LOST_HOLD];
	*removed = l.removed;
	/* And what was cut off at the end leaves no gap. */
	there = l.hits + l.removed;
	if (capture_closed(c) && !c->part_missing && c->counters[COUNTER_RECORDED] > there)
		*removed += c->counters[COUNTER_RECORDED] - there;
	/* What the recorder itself left out was no tool's doing. */
	held = c->counters[COUNTER_HELD] + c->counters[COUNTER_LOST_HOLD];
	*removed -= held < *removed ? held : *removed;
}

void totals_collect(struct totals *t)
{
	struct ledger_totals l;
	uint64_t lost, removed;

	for (size_t i = 0; i < t->captures->count; i++) {
		const struct capture *c = t->captures->all[i];

		ledger_totals(c->ledger, &l);
		totals_of_capture(c, &lost, &removed);
		t->hits += l.hits;
		t->duplicates += l.duplicates;
		t->by_number += l.by_number;
		t->lost += lost;
		t->removed += removed;
		t->left_out += c->info_flags & INFO_FLAG_EXTRACT ? removed : 0;
		t->held += c->counters[COUNTER_HELD];
		t->nested += c->counters[COUNTER_RECURSION] + c->counters[COUNTER_NMISSED];
		t->uncounted += c->nested == NESTED_UNCOUNTED;
		t->unidentified += c->unidentified;
		t->evicted += c->counters[COUNTER_EVICTED];
		t->parts_missing += c->parts_missing;
		t->not_closed += !capture_closed(c);
		t->cut += !capture_closed(c) && removed;
	}
	t->complete = !t->damaged && !t->lost && !t->nested && !t->unidentified && !t->evicted &&
		      t->not_closed == t->cut && !t->source->damaged &&
		      !t->source->snapshots_damaged && !t->track->not_kept;
}

bool totals_many_removed(const struct totals *t)
{
	return t->removed - t->left_out > t->hits;
}

struct list {
	struct sink *s;
	bool any;
};

static void separate(struct list *l)
{
	sink_str(l->s, l->any ? "; " : " ");
	l->any = true;
}

static void item(struct list *l, uint64_t n, const char *one, const char *many)
{
	if (!n)
		return;
	separate(l);
	sink_u64(l->s, n);
	sink_char(l->s, ' ');
	sink_str(l->s, n == 1 ? one : many);
}

static void incomplete(struct list *l, const struct totals *t)
{
	sink_str(l->s, "INCOMPLETE:");
	item(l, t->lost, "hit lost while recording", "hits lost while recording");
	item(l, t->nested, "hit of some packet skipped by the kernel, nested in another probe",
	     "hits of some packets skipped by the kernel, nested in other probes");
	item(l, t->unidentified, "hit of a packet that had no number: too many at once",
	     "hits of packets that had no number: too many at once");
	item(l, t->evicted, "packet forgotten while it was alive: too many at once",
	     "packets forgotten while they were alive: too many at once");
	item(l, t->source->damaged, "record damaged", "records damaged");
	item(l, t->source->snapshots_damaged, "snapshot damaged", "snapshots damaged");
	item(l, t->track->not_kept, "hit of very long paths not kept",
	     "hits of very long paths not kept");
	if (t->damaged) {
		separate(l);
		sink_str(l->s, "the file is damaged");
	}
	if (t->not_closed > t->cut) {
		separate(l);
		sink_str(l->s,
			 "its end is missing (the recording did not end in order, or was cut)");
	}
}

void totals_text(struct sink *s, const struct totals *t)
{
	struct list l = {.s = s};

	if (t->complete)
		sink_str(s, "complete");
	else
		incomplete(&l, t);
	l.any = true;
	item(&l, t->removed, "hit removed by a tool after the recording",
	     "hits removed by a tool after the recording");
	if (t->cut)
		sink_str(s, ", and the closing note with them, unless there was none");
	item(&l, t->held, "hit left out by --filter-drop", "hits left out by --filter-drop");
	item(&l, t->parts_missing, "part of a recording is not here",
	     "parts of a recording are not here");
	if (t->uncounted) {
		separate(&l);
		sink_str(s, NESTED_NOT_COUNTABLE);
	}
}

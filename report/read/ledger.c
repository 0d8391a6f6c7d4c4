// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A row a CPU. The gaps stay open, sorted by number: a hit that comes late fills its place and
 * splits the gap. A number that is neither new nor in a gap was seen before. But a probe that
 * interrupts another one on the same CPU may have taken the same number, so among the last few the
 * hit itself is compared. Further back only its time is: a hit that is as late as the CPU's last is
 * another one, whatever its number; of one from before, the number is believed.
 *
 * Where a probe interrupts another, the count may also grow a hit later or earlier than the numbers
 * jump. So what it grew by between two gaps belongs to one of them, if that has room.
 */

#define MAX_GAPS 4096u
#define RECENT	 64u

enum { LOST, READ, COUNTS }; /* all that was lost; of these, what could not be read */

/* Whose hits are missing from a gap. */
enum whose {
	OURS,
	ELSEWHERE, /* of files that are not here, or of the end of the one before them */
	SOMEWHERE, /* the same, but where the next file begins is not known */
};

struct gap {
	uint64_t first; /* missing numbers */
	uint64_t last;
	enum whose whose;
	uint32_t before[COUNTS]; /* the CPU's counts on both sides */
	uint32_t after[COUNTS];
	int64_t from;
	int64_t to;
};

struct row {
	uint64_t highest;	  /* number seen; 0 none yet */
	uint64_t floor;		  /* of numbers below nothing is known any more */
	uint32_t start[COUNTS];	  /* the CPU's counts before the first gap that is kept */
	uint32_t count[COUNTS];	  /* and with the highest number */
	uint64_t counted[COUNTS]; /* what its counters said last */
	uint64_t base[COUNTS];	  /* and before the file, of a CPU without hits */
	int64_t counted_at;
	int64_t when;
	bool late; /* begins, or goes on, at its next hit */
	struct gap *gaps;
	size_t n_gaps;
	size_t gaps_cap;
	struct ledger_gap folded;
	struct {
		uint64_t seq;
		uint64_t ktime;
		uint64_t addr;
	} recent[RECENT];
};

struct ledger {
	struct row **rows; /* by CPU; NULL: no hit */
	size_t n_rows;
	bool late; /* CPUs not seen so far begin at their next hit */
	bool any_lost;
	uint64_t hits;
	uint64_t duplicates;
	uint64_t by_number;
};

int ledger_create(struct ledger **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void ledger_destroy(struct ledger *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n_rows; i++) {
		if (l->rows[i])
			free(l->rows[i]->gaps);
		free(l->rows[i]);
	}
	free(l->rows);
	free(l);
}

void ledger_part_missing(struct ledger *l)
{
	l->late = true;
	for (size_t i = 0; i < l->n_rows; i++)
		if (l->rows[i])
			l->rows[i]->late = true;
}

void ledger_base_end(struct ledger *l)
{
	l->late = false;
	for (size_t i = 0; i < l->n_rows; i++)
		if (l->rows[i])
			l->rows[i]->late = false;
}

static struct row *row_of(struct ledger *l, uint16_t cpu)
{
	struct row **rows;

	if (cpu >= l->n_rows) {
		rows = realloc(l->rows, ((size_t)cpu + 1) * sizeof(*rows));
		if (!rows)
			return NULL;
		memset(rows + l->n_rows, 0, ((size_t)cpu + 1 - l->n_rows) * sizeof(*rows));
		l->rows = rows;
		l->n_rows = (size_t)cpu + 1;
	}
	if (!l->rows[cpu]) {
		l->rows[cpu] = calloc(1, sizeof(struct row));
		if (l->rows[cpu]) {
			l->rows[cpu]->folded.cpu = cpu;
			l->rows[cpu]->late = l->late;
		}
	}
	return l->rows[cpu];
}

/* A count that goes back is not to be believed. */
static uint64_t growth(uint32_t from, uint32_t to)
{
	return to > from ? to - from : 0;
}

static uint64_t gap_hits(const struct gap *g)
{
	return g->last + 1 - g->first;
}

/* What the CPU had lost with its last hit, or before it had any. */
static uint64_t known(const struct row *r, int which)
{
	return r->highest ? r->count[which] : r->base[which];
}

/* By how much a count grew in gap i, and behind it up to the next. */
static uint64_t gap_growth(const struct row *r, size_t i, int which)
{
	const uint32_t *next = i + 1 < r->n_gaps ? r->gaps[i + 1].before : r->count;

	return growth(r->gaps[i].before[which], r->gaps[i].after[which]) +
	       growth(r->gaps[i].after[which], next[which]);
}

/* What was lost in gap i: also what it grew by before, where no gap had room for it. */
static uint64_t gap_count(const struct row *r, size_t i, int which)
{
	uint64_t n = gap_growth(r, i, which), before, room;

	if (!i) {
		n += growth(r->start[which], r->gaps[0].before[which]);
	} else {
		before = gap_growth(r, i - 1, which);
		room = gap_hits(&r->gaps[i - 1]);
		n += before > room && room ? before - room : 0;
	}
	return n;
}

static struct ledger_gap gap_view(const struct row *r, size_t i)
{
	const struct gap *g = &r->gaps[i];
	struct ledger_gap v = {
		.cpu = r->folded.cpu, .hits = gap_hits(g), .from = g->from, .to = g->to};
	uint64_t lost = gap_count(r, i, LOST), unread = gap_count(r, i, READ);

	if (g->whose != OURS)
		v.hits = 0;
	v.lost = lost < v.hits ? lost : v.hits;
	v.read = unread < v.lost ? unread : v.lost;
	return v;
}

/* What the counters say beyond the last hit. */
static struct ledger_gap tail_view(const struct row *r)
{
	struct ledger_gap v = {.cpu = r->folded.cpu, .from = r->when, .to = r->counted_at};
	uint64_t lost = known(r, LOST), unread = known(r, READ);

	unread = r->counted[READ] > unread ? r->counted[READ] - unread : 0;
	if (!r->late && r->counted[LOST] > lost)
		v.lost = v.hits = r->counted[LOST] - lost;
	v.read = unread < v.lost ? unread : v.lost;
	return v;
}

static void fold_oldest(struct row *r)
{
	struct ledger_gap v = gap_view(r, 0);

	if (v.hits && !r->folded.hits)
		r->folded.from = v.from;
	r->folded.hits += v.hits;
	r->folded.lost += v.lost;
	r->folded.read += v.read;
	r->folded.to = v.hits ? v.to : r->folded.to;
	r->floor = r->gaps[0].last + 1;
	memmove(r->gaps, r->gaps + 1, --r->n_gaps * sizeof(*r->gaps));
	memcpy(r->start, r->gaps[0].before, sizeof(r->start));
}

/* Inserts g at place i. */
static int gap_insert(struct row *r, size_t i, const struct gap *g)
{
	size_t cap = r->gaps_cap ? 2 * r->gaps_cap : 16;
	struct gap *gaps;

	if (r->n_gaps == r->gaps_cap) {
		gaps = realloc(r->gaps, cap * sizeof(*gaps));
		if (!gaps)
			return -ENOMEM;
		r->gaps = gaps;
		r->gaps_cap = cap;
	}
	memmove(r->gaps + i + 1, r->gaps + i, (r->n_gaps - i) * sizeof(*gaps));
	r->gaps[i] = *g;
	r->n_gaps++;
	if (r->n_gaps > MAX_GAPS)
		fold_oldest(r);
	return 0;
}

int ledger_base(struct ledger *l, uint16_t cpu, uint64_t seq, uint32_t lost, uint32_t read)
{
	struct row *r = row_of(l, cpu);
	struct gap g;

	if (!r)
		return -ENOMEM;
	if (!r->late || seq <= r->highest)
		return 0;
	g = (struct gap){.first = r->highest + 1,
			 .last = seq,
			 .whose = r->highest ? ELSEWHERE : SOMEWHERE,
			 .before = {r->count[LOST], r->count[READ]},
			 .after = {lost, read},
			 .from = r->when};
	r->highest = seq;
	memcpy(r->count, g.after, sizeof(r->count));
	r->when = 0;
	return gap_insert(r, r->n_gaps, &g);
}

void ledger_base_counted(struct ledger *l, uint16_t cpu, uint64_t lost_ring, uint64_t lost_read)
{
	struct row *r = row_of(l, cpu);

	if (!r || !r->late)
		return;
	r->base[LOST] = lost_ring + lost_read;
	r->base[READ] = lost_read;
}

void ledger_goes_on(struct ledger *l)
{
	for (size_t i = 0; i < l->n_rows; i++)
		if (l->rows[i])
			memset(l->rows[i]->counted, 0, sizeof(l->rows[i]->counted));
}

/* Takes e out of the gap it lies in. 1; 0 it lies in none; -ENOMEM. */
static int gap_fill(struct row *r, const struct event *e, int64_t when)
{
	size_t i = r->n_gaps;
	struct gap *g, rest;

	while (i && r->gaps[i - 1].first > e->seq)
		i--;
	if (!i || r->gaps[i - 1].last < e->seq)
		return 0;
	g = &r->gaps[i - 1];
	rest = *g;
	rest.first = e->seq + 1;
	rest.before[LOST] = e->lost;
	rest.before[READ] = e->lost_read;
	rest.from = when;
	if (g->first == e->seq && g->last == e->seq) {
		memmove(g, g + 1, (r->n_gaps - i) * sizeof(*g));
		r->n_gaps--;
		return 1;
	}
	if (g->first == e->seq) {
		*g = rest;
		return 1;
	}
	/* Between two hits that are here nothing is of another file. */
	if (g->whose == ELSEWHERE)
		g->whose = OURS;
	g->last = e->seq - 1;
	g->after[LOST] = e->lost;
	g->after[READ] = e->lost_read;
	g->to = when;
	if (rest.first > rest.last)
		return 1;
	return gap_insert(r, i, &rest) ? -ENOMEM : 1;
}

enum seen { SEEN_NOT, SEEN_SAME, SEEN_NUMBER };

/* The same number again: is it the same hit? */
static enum seen seen(const struct row *r, const struct event *e, int64_t when)
{
	unsigned int i = e->seq % RECENT;

	if (r->recent[i].seq != e->seq)
		return e->seq >= r->floor && when < r->when ? SEEN_NUMBER : SEEN_NOT;
	return r->recent[i].ktime == e->ktime && r->recent[i].addr == e->addr ? SEEN_SAME
									      : SEEN_NOT;
}

/* A hit beyond all that were seen. */
static int add_highest(struct row *r, const struct event *e, int64_t when)
{
	struct gap g = {.first = r->highest + 1,
			.last = e->seq - 1,
			.whose = r->late ? SOMEWHERE : OURS,
			.before = {r->count[LOST], r->count[READ]},
			.after = {e->lost, e->lost_read},
			.from = r->when,
			.to = when};

	if (g.first <= g.last && gap_insert(r, r->n_gaps, &g))
		return -ENOMEM;
	r->late = false;
	r->highest = e->seq;
	memcpy(r->count, g.after, sizeof(r->count));
	r->when = when;
	return 0;
}

int ledger_add(struct ledger *l, const struct event *e, int64_t when)
{
	struct row *r = row_of(l, e->cpu);
	enum seen again = SEEN_NOT;
	int filled;

	if (!r)
		return -ENOMEM;
	if (!e->seq) { /* numbers no hit has: nothing can be said */
		l->hits++;
		return 1;
	}
	if (e->seq > r->highest) {
		if (add_highest(r, e, when))
			return -ENOMEM;
	} else {
		filled = gap_fill(r, e, when);
		if (filled < 0)
			return filled;
		if (!filled)
			again = seen(r, e, when);
		if (again != SEEN_NOT) {
			l->duplicates++;
			l->by_number += again == SEEN_NUMBER;
			return 0;
		}
	}
	l->any_lost |= e->lost > 0;
	r->recent[e->seq % RECENT].seq = e->seq;
	r->recent[e->seq % RECENT].ktime = e->ktime;
	r->recent[e->seq % RECENT].addr = e->addr;
	l->hits++;
	return 1;
}

void ledger_gaps(const struct ledger *l, void (*fn)(void *ctx, const struct ledger_gap *g),
		 void *ctx)
{
	struct ledger_gap v;

	for (size_t cpu = 0; cpu < l->n_rows; cpu++) {
		const struct row *r = l->rows[cpu];

		if (!r)
			continue;
		if (r->folded.hits)
			fn(ctx, &r->folded);
		for (size_t i = 0; i < r->n_gaps; i++) {
			v = gap_view(r, i);
			if (v.hits)
				fn(ctx, &v);
		}
		v = tail_view(r);
		if (v.hits)
			fn(ctx, &v);
	}
}

/* Is there room between the hits around g for one between the two? */
static bool touches(const struct ledger_gap *g, int64_t from, int64_t to)
{
	return g->lost && g->from < to && g->to > from;
}

void ledger_losses(const struct ledger *l, int64_t from, int64_t to,
		   void (*fn)(void *ctx, const struct ledger_gap *g), void *ctx)
{
	struct ledger_gap v;

	for (size_t cpu = 0; l->any_lost && cpu < l->n_rows; cpu++) {
		const struct row *r = l->rows[cpu];

		if (!r)
			continue;
		v = tail_view(r);
		if (touches(&v, from, to))
			fn(ctx, &v);
		for (size_t i = r->n_gaps; i-- && r->gaps[i].to > from;) {
			v = gap_view(r, i);
			if (touches(&v, from, to))
				fn(ctx, &v);
		}
		if (r->folded.hits && touches(&r->folded, from, to))
			fn(ctx, &r->folded);
	}
}

void ledger_counted(struct ledger *l, uint16_t cpu, uint64_t lost_ring, uint64_t lost_read,
		    int64_t when)
{
	struct row *r = row_of(l, cpu);

	/* Beyond 32 bits the hits' counts begin anew. */
	if (!r || __builtin_add_overflow(lost_ring, lost_read, &lost_ring) ||
	    lost_ring > UINT32_MAX)
		return;
	r->counted[LOST] = lost_ring;
	r->counted[READ] = lost_read;
	r->counted_at = when;
	l->any_lost |= lost_ring > 0;
}

static void add_gap(void *ctx, const struct ledger_gap *g)
{
	struct ledger_totals *t = ctx;

	t->lost += g->lost;
	t->removed += g->hits - g->lost;
}

void ledger_totals(const struct ledger *l, struct ledger_totals *ret)
{
	*ret = (struct ledger_totals){
		.hits = l->hits, .duplicates = l->duplicates, .by_number = l->by_number};
	for (size_t i = 0; i < l->n_rows; i++) {
		const struct row *r = l->rows[i];
		uint64_t lost = r ? known(r, LOST) : 0;

		if (r && !r->late && r->counted[LOST] > lost)
			lost = r->counted[LOST];
		ret->told += lost;
	}
	ledger_gaps(l, add_gap, ret);
}

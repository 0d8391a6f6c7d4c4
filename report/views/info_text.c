// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/info.h"

#include <inttypes.h>

#include "report/read/lines.h"
#include "report/path/outcome.h"
#include "report/views/probes.h"
#include "report/render/render_text.h"

#define MAX_GAPS_SHOWN	  8 /* a CPU, of those in which nothing was lost */
#define MAX_REASONS_SHOWN 8
#define MAX_NAMES_SHOWN	  12

static void label(struct sink *s, const char *name)
{
	sink_str(s, name);
	sink_fill(s, ' ', 14 - (int)strlen(name));
}

static void line_text(struct sink *s, const char *name, const char *value)
{
	if (!value[0])
		return;
	label(s, name);
	text_escaped(s, value, strlen(value));
	sink_char(s, '\n');
}

static void line_host(struct sink *s, const struct capture *c, const char *name, const char *key)
{
	char value[1024];

	line_text(s, name, capture_host(c, key, value, sizeof(value)));
}

void info_uuid(struct sink *s, const struct capture *c)
{
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			sink_char(s, '-');
		sink_hex(s, c->uuid[i], 2);
	}
}

static void text_probes(struct sink *s, const struct capture *c)
{
	struct probes p;
	uint64_t told = 0, hit = 0;

	table_for_each(&c->funcs, slot)
	{
		const struct func *f = slot->value;

		told += f->known;
		hit += f->hits > 0;
	}
	probes_read(c, &p);
	label(s, "functions");
	if (p.known)
		sink_printf(s, "%" PRIu64 " attached, %" PRIu64 " failed, %" PRIu64 " skipped; ",
			    p.attached, p.failed, p.skipped);
	else
		sink_printf(s, "%" PRIu64 " probed; ", told);
	sink_printf(s, "%" PRIu64 " hit\n", hit);
	for (size_t i = 0; i < p.n_reasons && i < MAX_REASONS_SHOWN; i++) {
		label(s, "");
		sink_printf(s, "%6" PRIu64 " %s: ", p.reasons[i].count,
			    p.reasons[i].failed ? "failed" : "skipped");
		if (p.reasons[i].len)
			text_escaped(s, p.reasons[i].text, p.reasons[i].len);
		else
			sink_str(s, "no reason told");
		sink_char(s, '\n');
	}
}

/* Lines of a record, one a line, behind a label. */
static void text_lines(struct sink *s, const struct capture *c, const char *name,
		       enum snapshot_record type)
{
	struct cursor lines = lines_of(c->snapshot, type);
	const char *line;
	size_t len, n = 0;

	while (snapshot_line_next(&lines, &line, &len) == 1) {
		if (n++ >= MAX_NAMES_SHOWN)
			continue;
		label(s, n == 1 ? name : "");
		text_escaped(s, line, len);
		sink_char(s, '\n');
	}
	if (n > MAX_NAMES_SHOWN) {
		label(s, "");
		sink_printf(s, "… and %zu more\n", n - MAX_NAMES_SHOWN);
	}
}

static void count_line(struct sink *s, const char *name, uint64_t n, const char *what)
{
	if (!n)
		return;
	label(s, name);
	sink_printf(s, "%" PRIu64 " %s\n", n, what);
}

/* Modules that came or went. */
static void text_modules(struct sink *s, const struct capture *c)
{
	const char *name, *state;
	size_t name_len, state_len, n = 0;

	for (size_t i = 0; i < c->n_notes; i++) {
		const struct capture_note *note = c->notes[i];
		struct cursor lines = cursor_of(note->body, note->len);

		if (note->type != NOTE_MODULE || !c->has_clock ||
		    !lines_value(lines, "name", &name, &name_len) ||
		    !lines_value(lines, "state", &state, &state_len) || n++ >= MAX_NAMES_SHOWN)
			continue;
		label(s, n == 1 ? "modules" : "");
		text_time(s, (int64_t)((uint64_t)c->clock + note->ktime), false);
		sink_char(s, ' ');
		text_escaped(s, name, name_len);
		sink_char(s, ' ');
		text_escaped(s, state, state_len);
		sink_char(s, '\n');
	}
	if (n > MAX_NAMES_SHOWN) {
		label(s, "");
		sink_printf(s, "… and %zu more changes\n", n - MAX_NAMES_SHOWN);
	}
	count_line(s, "notes", c->notes_left_out, "more of the recorder's notes, not kept");
}

struct gap_print {
	struct sink *s;
	bool held; /* what is missing and not lost, the recorder left out */
	unsigned int cpu;
	unsigned int shown;
	uint64_t more;
	uint64_t more_hits;
};

static void gap_more(struct gap_print *g)
{
	if (!g->more)
		return;
	label(g->s, "");
	sink_printf(g->s, "cpu %u: %" PRIu64 " more gaps, %" PRIu64 " hits\n", g->cpu, g->more,
		    g->more_hits);
	g->more = g->more_hits = 0;
}

static void gap_window(struct sink *s, const struct ledger_gap *gap)
{
	if (gap->to == INT64_MAX) {
		sink_str(s, gap->from ? " after " : " at a time not known");
		if (gap->from)
			text_time(s, gap->from, false);
	} else if (gap->from) {
		sink_str(s, " between ");
		text_time(s, gap->from, false);
		sink_str(s, " and ");
		text_time(s, gap->to, false);
	} else {
		sink_str(s, " before ");
		text_time(s, gap->to, false);
	}
	sink_char(s, '\n');
}

static void text_gap(void *ctx, const struct ledger_gap *gap)
{
	struct gap_print *g = ctx;
	struct sink *s = g->s;

	if (g->cpu != gap->cpu) {
		gap_more(g);
		g->cpu = gap->cpu;
		g->shown = 0;
	}
	if (!gap->lost && g->shown++ >= MAX_GAPS_SHOWN) {
		g->more++;
		g->more_hits += gap->hits;
		return;
	}
	label(s, "");
	sink_printf(s, "cpu %u: ", gap->cpu);
	if (gap->lost > gap->read)
		sink_printf(s, "%" PRIu64 " lost (buffer full)", gap->lost - gap->read);
	if (gap->read)
		sink_printf(s, "%s%" PRIu64 " lost (skb unreadable)",
			    gap->lost > gap->read ? ", " : "", gap->read);
	if (gap->hits > gap->lost)
		sink_printf(s, "%s%" PRIu64 " %s", gap->lost ? ", " : "", gap->hits - gap->lost,
			    g->held ? "left out by --filter-drop" : "removed");
	gap_window(s, gap);
}

/* What is missing in no gap of its own. */
static void text_causes(struct sink *s, const struct capture *c, uint64_t nested)
{
	count_line(s, "", c->counters[COUNTER_LOST_HOLD],
		   "of them for want of memory to hold them back (--filter-drop)");
	count_line(s, "", nested,
		   "hits of any packets skipped by the kernel, nested in other probes");
	count_line(s, "", c->unidentified, "hits without a packet number: too many at once");
	count_line(s, "", c->counters[COUNTER_EVICTED],
		   "packets forgotten while they were alive: too many at once");
	if (c->nested == NESTED_UNCOUNTED) {
		label(s, "");
		sink_str(s, NESTED_NOT_COUNTABLE "\n");
	}
}

static void text_completeness(struct sink *s, const struct capture *c)
{
	struct gap_print g = {.s = s, .cpu = UINT32_MAX};
	uint64_t lost, removed, nested;

	totals_of_capture(c, &lost, &removed);
	g.held = c->counters[COUNTER_HELD] && !removed;
	nested = c->counters[COUNTER_RECURSION] + c->counters[COUNTER_NMISSED];
	label(s, "complete");
	sink_str(s, !lost && !nested && !c->unidentified && !c->counters[COUNTER_EVICTED] &&
				    (capture_closed(c) || removed)
			    ? "yes"
			    : "NO");
	if (c->end[0]) {
		sink_str(s, ", ended by: ");
		text_escaped(s, c->end, strlen(c->end));
	}
	sink_char(s, '\n');
	if (!capture_closed(c)) {
		label(s, "");
		sink_str(s, removed ? "its end was removed by a tool\n"
				    : "its end is missing: the recording did not end in order, or "
				      "was cut\n");
	}
	count_line(s, "", lost, "hits lost while recording");
	text_causes(s, c, nested);
	count_line(s, "", removed, "hits removed by a tool after the recording");
	if (c->first_file) {
		label(s, "");
		sink_printf(s, "begins with part %" PRIu32 " of the recording\n",
			    c->first_file + 1);
	}
	if (capture_closed(c) && !c->ended) {
		label(s, "");
		sink_str(s, "the recording goes on in another file\n");
	}
	count_line(s, "", c->parts_missing,
		   c->parts_missing == 1 ? "part of the recording is not here"
					 : "parts of the recording are not here");
	ledger_gaps(c->ledger, text_gap, &g);
	gap_more(&g);
}

static void text_counters(struct sink *s, const struct capture *c)
{
	bool any = false;

	if (!c->has_counters)
		return;
	for (int i = 0; i < CAPTURE_COUNTERS; i++) {
		if (!c->counters[i])
			continue;
		if (!any)
			label(s, "counters");
		sink_printf(s, "%s%s %" PRIu64, any ? ", " : "", capture_counter_names[i],
			    c->counters[i]);
		any = true;
	}
	if (any)
		sink_char(s, '\n');
}

/* What was scrubbed does not tell its filters. */
static void text_filters(struct sink *s, const struct capture *c)
{
	char value[1024];

	if (c->snapshot && !(c->info_flags & INFO_FLAG_SCRUBBED) &&
	    !capture_host(c, "filters", value, sizeof(value))[0])
		line_text(s, "filters", "none");
	else
		line_host(s, c, "filters", "filters");
}

static void text_capture(struct sink *s, const struct capture *c)
{
	label(s, "capture");
	if (c->has_info)
		info_uuid(s, c);
	else
		sink_printf(s, "%08x… (its section header was removed)", __builtin_bswap32(c->tag));
	sink_char(s, '\n');
	if (c->info_flags & INFO_FLAG_EXTRACT)
		line_text(s, "written by",
			  c->info_flags & INFO_FLAG_SCRUBBED ? "pwru-report -w --scrub"
							     : "pwru-report -w");
	line_host(s, c, "host", "hostname");
	line_host(s, c, "kernel", "release");
	line_host(s, c, "machine", "machine");
	line_host(s, c, "command", "command");
	text_filters(s, c);
	line_host(s, c, "backend", "backend");
	line_host(s, c, "buffer", "buffer");
	line_host(s, c, "cpus", "cpus");
	if (c->has_clock) {
		label(s, "first hit");
		text_time(s, c->first, true);
		sink_char(s, '\n');
		label(s, "duration");
		text_duration(s, "", time_span(c->first, c->last), 0);
		sink_char(s, '\n');
	}
	label(s, "hits");
	sink_printf(s, "%" PRIu64, c->hits);
	if (c->unidentified)
		sink_printf(s, ", %" PRIu64 " of packets not identified", c->unidentified);
	if (c->inferred)
		sink_printf(s, ", %" PRIu64 " with inferred identity", c->inferred);
	sink_char(s, '\n');
	text_probes(s, c);
	text_lines(s, c, "namespaces", SNAPSHOT_NETNS);
	text_lines(s, c, "interfaces", SNAPSHOT_INTERFACES);
	text_modules(s, c);
	if (!c->snapshot) {
		label(s, "snapshot");
		sink_str(s, "missing: no symbols, no names, no drop reasons\n");
	}
	if (c->clock_steps) {
		label(s, "clock");
		sink_printf(s, "%u steps of the wall clock while recording\n", c->clock_steps);
	}
	text_counters(s, c);
	text_completeness(s, c);
}

static void text_file_captures(struct sink *s, const struct inputs_file *f)
{
	for (unsigned int i = 0; i < f->is.n_captures; i++) {
		const struct capture *c = f->is.captures[i];

		sink_str(s, i ? "; " : "");
		if (c->has_info)
			info_uuid(s, c);
		else
			sink_printf(s, "%08x", __builtin_bswap32(c->tag));
		if (c->host[0]) {
			sink_str(s, " of ");
			text_escaped(s, c->host, strlen(c->host));
		}
	}
	if (f->is.n_captures == SOURCE_FILE_CAPTURES)
		sink_str(s, "; …");
}

static void text_file(struct sink *s, const struct inputs_file *f, bool several)
{
	line_text(s, "file", f->name);
	if (!several)
		return;
	label(s, "");
	if (!f->read) {
		sink_str(s, "not read\n");
		return;
	}
	text_file_captures(s, f);
	if (f->is.has_part && f->is.part)
		sink_printf(s, ", part %" PRIu32, f->is.part + 1);
	sink_char(s, '\n');
	label(s, "");
	sink_printf(s, "%" PRIu64 " hits", f->is.hits);
	if (f->is.hits) {
		sink_str(s, ", ");
		text_time(s, f->is.first, true);
		sink_str(s, " to ");
		text_time(s, f->is.last, true);
	}
	sink_char(s, '\n');
}

static void text_sizes(struct sink *s, const struct source_counts *c)
{
	const struct {
		const char *name;
		uint64_t bytes;
	} parts[] = {
		{": events ", c->bytes_events},		 {", snapshot ", c->bytes_snapshot},
		{", functions ", c->bytes_funcs},	 {", their statistics ", c->bytes_stats},
		{", recorder's notes ", c->bytes_notes},
	};
	uint64_t rest = c->bytes;

	label(s, "size");
	text_size(s, c->bytes);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		rest -= parts[i].bytes;
		sink_str(s, parts[i].name);
		text_size(s, parts[i].bytes);
	}
	sink_str(s, ", other ");
	text_size(s, rest);
	sink_char(s, '\n');
}

static void text_outcomes(struct sink *s, const uint64_t *outcomes)
{
	for (int i = 0; i < OUTCOMES; i++)
		sink_printf(s, "%s %" PRIu64 " %s", i ? "," : ":", outcomes[i], outcome_name(i));
	sink_char(s, '\n');
}

static void text_matching(struct sink *s, const struct totals *t, const struct selection_counts *m)
{
	label(s, "matching");
	sink_printf(s, "%" PRIu64 " of %" PRIu64 " packets, %" PRIu64 " of %" PRIu64 " hits",
		    m->packets, t->track->packets, m->hits, t->hits);
	text_outcomes(s, m->outcomes);
}

void info_text(struct sink *s, const struct totals *t, const struct selection_counts *matching,
	       bool symbols)
{
	const struct source_counts *c = t->source;

	for (size_t i = 0; i < t->n_files; i++)
		text_file(s, &t->files[i], t->n_files > 1 || t->captures->count > 1);
	text_sizes(s, c);
	for (size_t i = 0; i < t->captures->count; i++) {
		text_capture(s, t->captures->all[i]);
		if (symbols)
			info_symbols_text(s, t->captures->all[i]);
	}
	label(s, "packets");
	sink_u64(s, t->track->packets);
	text_outcomes(s, t->track->outcomes);
	if (matching)
		text_matching(s, t, matching);
	count_line(s, "late", t->late, "hits came too late to be put in order");
	count_line(s, "duplicates", t->duplicates, "hits were there twice; one of each was used");
	count_line(s, "", t->by_number, "of them told by CPU and number alone, from far back");
	count_line(s, "after end", t->track->after_end, "hits of packets that had ended");
	count_line(s, "early", t->track->early, "packets were shown apart from their families");
	count_line(s, "foreign", c->foreign, "packets are not pwru's");
	count_line(s, "repaired", c->repaired,
		   "interface ids wrong, repaired from the function address");
	count_line(s, "unknown", c->unknown, "hits of functions the file does not list");
	count_line(s, "damaged", c->damaged, "records could not be decoded");
	label(s, "in all");
	totals_text(s, t);
	sink_char(s, '\n');
}

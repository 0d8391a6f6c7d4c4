// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/info.h"

#include "report/read/lines.h"
#include "report/path/outcome.h"
#include "report/views/probes.h"
#include "report/render/render_json.h"

static void json_gap(void *ctx, const struct ledger_gap *gap)
{
	struct sink *s = ctx;

	json_open(s, '{');
	json_u64(s, "cpu", gap->cpu);
	json_u64(s, "lost", gap->lost);
	json_u64(s, "lost_ring", gap->lost - gap->read);
	json_u64(s, "lost_read", gap->read);
	json_u64(s, "removed", gap->hits - gap->lost);
	if (gap->from)
		json_time(s, "from", gap->from);
	else
		json_null(s, "from");
	if (gap->to != INT64_MAX)
		json_time(s, "to", gap->to);
	else
		json_null(s, "to");
	json_close(s, '}');
}

static void json_probes(struct sink *s, const struct capture *c)
{
	struct probes p;

	probes_read(c, &p);
	json_key(s, "probes");
	json_open(s, '{');
	json_u64(s, "attached", p.attached);
	json_u64(s, "failed", p.failed);
	json_u64(s, "skipped", p.skipped);
	json_key(s, "reasons");
	json_open(s, '[');
	for (size_t i = 0; i < p.n_reasons; i++) {
		json_open(s, '{');
		json_str(s, "status", p.reasons[i].failed ? "failed" : "skipped");
		json_key(s, "detail");
		json_text(s, p.reasons[i].text, p.reasons[i].len);
		json_u64(s, "count", p.reasons[i].count);
		json_close(s, '}');
	}
	json_close(s, ']');
	json_close(s, '}');
}

/* A value of HOST or KERNEL, whole; "" when it has none. */
static void json_value(struct sink *s, const struct capture *c, enum snapshot_record type,
		       const char *key)
{
	const char *value = "";
	size_t len = 0;

	lines_value(lines_of(c->snapshot, type), key, &value, &len);
	json_key(s, key);
	json_text(s, value, len);
}

static void json_host(struct sink *s, const struct capture *c)
{
	static const char *const host[] = {
		"hostname", "release", "version", "machine",  "boot_id",   "command",  "filters",
		"backend",  "buffer",  "cpus",	  "realtime", "monotonic", "boottime", "netns"};

	for (size_t i = 0; i < sizeof(host) / sizeof(host[0]); i++)
		json_value(s, c, SNAPSHOT_HOST, host[i]);
	json_value(s, c, SNAPSHOT_KERNEL, "build_id");
	json_value(s, c, SNAPSHOT_KERNEL, "text");
}

static void json_capture(struct sink *s, struct capture *c, bool symbols)
{
	uint64_t lost, removed;

	totals_of_capture(c, &lost, &removed);
	json_open(s, '{');
	if (c->has_info) {
		json_key(s, "uuid");
		sink_char(s, '"');
		info_uuid(s, c);
		sink_char(s, '"');
	} else {
		json_null(s, "uuid");
	}
	json_hex(s, "tag", c->tag);
	json_host(s, c);
	if (c->has_clock) {
		json_time(s, "first", c->first);
		json_u64(s, "duration_ns", time_span(c->first, c->last));
	} else {
		json_null(s, "first");
		json_null(s, "duration_ns");
	}
	json_u64(s, "hits", c->hits);
	json_u64(s, "unidentified", c->unidentified);
	json_u64(s, "inferred", c->inferred);
	json_probes(s, c);
	json_key(s, "counters");
	json_open(s, '{');
	for (int i = 0; i < CAPTURE_COUNTERS; i++)
		json_u64(s, capture_counter_names[i], c->counters[i]);
	json_close(s, '}');
	if (c->nested == NESTED_UNKNOWN)
		json_null(s, "nested_countable");
	else
		json_bool(s, "nested_countable", c->nested == NESTED_COUNTED);
	json_bool(s, "closed", capture_closed(c));
	info_json_when(s, "closed_at", c, capture_closed(c), c->closed_at);
	json_str(s, "end", c->end);
	json_u64(s, "lost", lost);
	json_u64(s, "removed", removed);
	json_u64(s, "first_part", c->first_file);
	json_bool(s, "goes_on", capture_closed(c) && !c->ended);
	json_u64(s, "parts_missing", c->parts_missing);
	json_key(s, "gaps");
	json_open(s, '[');
	ledger_gaps(c->ledger, json_gap, s);
	json_close(s, ']');
	info_json_lists(s, c);
	json_key(s, "debug_files");
	info_symbols_json(s, c, symbols);
	json_close(s, '}');
}

static void json_file(struct sink *s, const struct inputs_file *f)
{
	json_open(s, '{');
	json_str(s, "name", f->name);
	json_key(s, "captures");
	json_open(s, '[');
	for (unsigned int i = 0; i < f->is.n_captures; i++) {
		json_open(s, '{');
		json_hex(s, "tag", f->is.captures[i]->tag);
		json_str(s, "host", f->is.captures[i]->host);
		json_close(s, '}');
	}
	json_close(s, ']');
	if (f->is.has_part)
		json_u64(s, "part", f->is.part);
	else
		json_null(s, "part");
	json_u64(s, "bytes", f->is.bytes);
	json_u64(s, "hits", f->is.hits);
	if (f->is.hits) {
		json_time(s, "first", f->is.first);
		json_time(s, "last", f->is.last);
	} else {
		json_null(s, "first");
		json_null(s, "last");
	}
	json_close(s, '}');
}

/* The keys of packets, by what became of them. */
static void json_outcomes(struct sink *s, uint64_t packets, const uint64_t *outcomes)
{
	json_u64(s, "packets", packets);
	for (int i = 0; i < OUTCOMES; i++)
		json_u64(s, outcome_word(i), outcomes[i]);
}

static void json_matching(struct sink *s, const struct selection_counts *m)
{
	if (!m) {
		json_null(s, "matching");
		return;
	}
	json_key(s, "matching");
	json_open(s, '{');
	json_outcomes(s, m->packets, m->outcomes);
	json_u64(s, "hits", m->hits);
	json_close(s, '}');
}

void info_json(struct sink *s, const struct totals *t, const struct selection_counts *matching,
	       bool symbols)
{
	const struct source_counts *c = t->source;

	json_open(s, '{');
	json_key(s, "files");
	json_open(s, '[');
	for (size_t i = 0; i < t->n_files; i++)
		json_file(s, &t->files[i]);
	json_close(s, ']');
	json_u64(s, "bytes", c->bytes);
	json_u64(s, "bytes_events", c->bytes_events);
	json_u64(s, "bytes_snapshot", c->bytes_snapshot);
	json_u64(s, "bytes_functions", c->bytes_funcs);
	json_u64(s, "bytes_statistics", c->bytes_stats);
	json_u64(s, "bytes_notes", c->bytes_notes);
	json_key(s, "captures");
	json_open(s, '[');
	for (size_t i = 0; i < t->captures->count; i++)
		json_capture(s, t->captures->all[i], symbols);
	json_close(s, ']');
	json_outcomes(s, t->track->packets, t->track->outcomes);
	json_u64(s, "hits", t->hits);
	json_matching(s, matching);
	json_u64(s, "late", t->late);
	json_u64(s, "duplicates", t->duplicates);
	json_u64(s, "duplicates_by_number", t->by_number);
	json_u64(s, "after_end", t->track->after_end);
	json_u64(s, "shown_early", t->track->early);
	json_u64(s, "foreign", c->foreign);
	json_u64(s, "repaired", c->repaired);
	json_u64(s, "unknown", c->unknown);
	json_u64(s, "damaged", c->damaged);
	json_bool(s, "complete", t->complete);
	json_close(s, '}');
	sink_char(s, '\n');
}

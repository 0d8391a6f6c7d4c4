// SPDX-License-Identifier: GPL-2.0-only
/* What the files hold: where, when and how it was recorded, and whether it is all there. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "report/outcome.h"
#include "report/render_json.h"
#include "report/render_text.h"
#include "report/view.h"

#define MAX_GAPS_SHOWN	  8 /* a CPU */
#define MAX_REASONS_SHOWN 8
#define MAX_NAMES_SHOWN	  12

struct info {
	const struct report_options *options;
	struct sink *out;
};

static enum view_need info_need(const struct report_options *o)
{
	(void)o;
	return VIEW_HOPS; /* the outcomes need them */
}

static int info_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct info *v = malloc(sizeof(*v));

	if (!v)
		return -ENOMEM;
	*v = (struct info){.options = o, .out = out};
	*ret = v;
	return 0;
}

/* ---- probes: how many of each status, and why not ---- */

struct probe_reason {
	const char *text;
	size_t len;
	uint64_t count;
	bool failed;
};

struct probes {
	bool known;
	uint64_t attached;
	uint64_t failed;
	uint64_t skipped;
	struct probe_reason reasons[64]; /* of failed and skipped ones; what is over is not kept */
	size_t n_reasons;
};

/* The next word of a line; the rest stays. */
static const char *word(const char **line, size_t *left, size_t *len)
{
	const char *at = *line, *space = memchr(at, ' ', *left);

	*len = space ? (size_t)(space - at) : *left;
	*line += *len + !!space;
	*left -= *len + !!space;
	return at;
}

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
static void probes_read(const struct capture *c, struct probes *p)
{
	struct cursor lines;
	const char *line, *status;
	size_t left, len, skip;

	memset(p, 0, sizeof(*p));
	if (!c->snapshot || !c->snapshot->record[SNAPSHOT_PROBES].len)
		return;
	p->known = true;
	lines = cursor_of(c->snapshot->record[SNAPSHOT_PROBES].data,
			  c->snapshot->record[SNAPSHOT_PROBES].len);
	while (snapshot_line_next(&lines, &line, &left) == 1) {
		status = word(&line, &left, &len);
		word(&line, &left, &skip);
		word(&line, &left, &skip);
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

/* ---- text ---- */

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

static void put_uuid(struct sink *s, const struct capture *c)
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
	struct cursor lines;
	const char *line;
	size_t len, n = 0;

	if (!c->snapshot || !c->snapshot->record[type].len)
		return;
	lines = cursor_of(c->snapshot->record[type].data, c->snapshot->record[type].len);
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

struct gap_print {
	struct sink *s;
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

static void text_gap(void *ctx, const struct ledger_gap *gap)
{
	struct gap_print *g = ctx;
	struct sink *s = g->s;

	if (g->cpu != gap->cpu) {
		gap_more(g);
		g->cpu = gap->cpu;
		g->shown = 0;
	}
	if (g->shown++ >= MAX_GAPS_SHOWN) {
		g->more++;
		g->more_hits += gap->hits;
		return;
	}
	label(s, "");
	sink_printf(s, "cpu %u: ", gap->cpu);
	if (gap->lost)
		sink_printf(s, "%" PRIu64 " lost", gap->lost);
	if (gap->hits > gap->lost)
		sink_printf(s, "%s%" PRIu64 " removed", gap->lost ? ", " : "",
			    gap->hits - gap->lost);
	if (gap->from) {
		sink_str(s, " between ");
		text_time(s, gap->from, false);
		sink_str(s, " and ");
	} else {
		sink_str(s, " before ");
	}
	text_time(s, gap->to, false);
	sink_char(s, '\n');
}

static void text_completeness(struct sink *s, const struct capture *c)
{
	struct gap_print g = {.s = s, .cpu = UINT32_MAX};
	uint64_t lost, removed;

	totals_of_capture(c, &lost, &removed);
	label(s, "complete");
	sink_str(s, c->closed && !lost && !removed ? "yes" : "NO");
	if (c->end[0]) {
		sink_str(s, ", ended by: ");
		text_escaped(s, c->end, strlen(c->end));
	}
	sink_char(s, '\n');
	if (!c->closed) {
		label(s, "");
		sink_str(s, "not closed in order: no CLOSE note\n");
	}
	if (lost || removed) {
		label(s, "");
		sink_printf(s,
			    "%" PRIu64 " hits lost while recording, %" PRIu64
			    " removed afterwards by a tool or a filter\n",
			    lost, removed);
	}
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

static void text_capture(struct sink *s, const struct capture *c)
{
	label(s, "capture");
	if (c->has_info)
		put_uuid(s, c);
	else
		sink_printf(s, "%08x (its section header was removed)", c->tag);
	sink_char(s, '\n');
	line_host(s, c, "host", "hostname");
	line_host(s, c, "kernel", "release");
	line_host(s, c, "machine", "machine");
	line_host(s, c, "command", "command");
	line_host(s, c, "filters", "filters");
	line_host(s, c, "backend", "backend");
	line_host(s, c, "buffer", "buffer");
	line_host(s, c, "cpus", "cpus");
	if (c->has_clock) {
		label(s, "first hit");
		text_time(s, c->first, true);
		sink_char(s, '\n');
		label(s, "duration");
		text_duration(s, "", (uint64_t)(c->last - c->first), 0);
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

static void count_line(struct sink *s, const char *name, uint64_t n, const char *what)
{
	if (!n)
		return;
	label(s, name);
	sink_printf(s, "%" PRIu64 " %s\n", n, what);
}

static void info_text(struct info *v, const struct totals *t)
{
	const struct source_counts *c = t->source;
	struct sink *s = v->out;

	for (size_t i = 0; i < v->options->n_files; i++)
		line_text(s, i ? "" : "file", v->options->files[i]);
	label(s, "size");
	text_size(s, c->bytes);
	sink_str(s, ": events ");
	text_size(s, c->bytes_events);
	sink_str(s, ", snapshot and functions ");
	text_size(s, c->bytes_snapshot);
	sink_str(s, ", other ");
	text_size(s, c->bytes - c->bytes_events - c->bytes_snapshot);
	sink_char(s, '\n');
	for (size_t i = 0; i < t->captures->count; i++)
		text_capture(s, t->captures->all[i]);
	label(s, "packets");
	sink_printf(s, "%" PRIu64 ":", t->track->packets);
	for (int i = 0; i < OUTCOMES; i++)
		sink_printf(s, "%s %" PRIu64 " %s", i ? "," : "", t->track->outcomes[i],
			    outcome_name(i));
	sink_char(s, '\n');
	count_line(s, "late", t->late, "hits came too late to be put in order");
	count_line(s, "duplicates", t->duplicates, "hits were there twice; one of each was used");
	count_line(s, "after end", t->track->after_end, "hits of packets that had ended");
	count_line(s, "foreign", c->foreign, "packets are not pwru's");
	count_line(s, "repaired", c->repaired,
		   "interface ids wrong, repaired from the function address");
	count_line(s, "unknown", c->unknown, "hits of functions the file does not list");
	count_line(s, "damaged", c->damaged, "records could not be decoded");
	label(s, "in all");
	totals_text(s, t);
	sink_char(s, '\n');
}

/* ---- JSON ---- */

static void json_gap(void *ctx, const struct ledger_gap *gap)
{
	struct sink *s = ctx;

	json_open(s, '{');
	json_u64(s, "cpu", gap->cpu);
	json_u64(s, "lost", gap->lost);
	json_u64(s, "removed", gap->hits - gap->lost);
	if (gap->from)
		json_time(s, "from", gap->from);
	else
		json_null(s, "from");
	json_time(s, "to", gap->to);
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

static void json_capture(struct sink *s, const struct capture *c)
{
	static const char *const keys[] = {"hostname", "release", "machine", "command",
					   "filters",  "backend", "buffer",  "cpus"};
	uint64_t lost, removed;
	char value[1024];

	totals_of_capture(c, &lost, &removed);
	json_open(s, '{');
	json_key(s, "uuid");
	sink_char(s, '"');
	put_uuid(s, c);
	sink_char(s, '"');
	json_hex(s, "tag", c->tag);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_str(s, keys[i], capture_host(c, keys[i], value, sizeof(value)));
	if (c->has_clock) {
		json_time(s, "first", c->first);
		json_u64(s, "duration_ns", (uint64_t)(c->last - c->first));
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
	json_bool(s, "closed", c->closed);
	json_str(s, "end", c->end);
	json_u64(s, "lost", lost);
	json_u64(s, "removed", removed);
	json_key(s, "gaps");
	json_open(s, '[');
	ledger_gaps(c->ledger, json_gap, s);
	json_close(s, ']');
	json_close(s, '}');
}

static void info_json(struct info *v, const struct totals *t)
{
	const struct source_counts *c = t->source;
	struct sink *s = v->out;

	json_open(s, '{');
	json_key(s, "files");
	json_open(s, '[');
	for (size_t i = 0; i < v->options->n_files; i++) {
		json_open(s, '{');
		json_str(s, "name", v->options->files[i]);
		json_close(s, '}');
	}
	json_close(s, ']');
	json_u64(s, "bytes", c->bytes);
	json_u64(s, "bytes_events", c->bytes_events);
	json_u64(s, "bytes_snapshot", c->bytes_snapshot);
	json_key(s, "captures");
	json_open(s, '[');
	for (size_t i = 0; i < t->captures->count; i++)
		json_capture(s, t->captures->all[i]);
	json_close(s, ']');
	json_u64(s, "packets", t->track->packets);
	for (int i = 0; i < OUTCOMES; i++)
		json_u64(s, outcome_word(i), t->track->outcomes[i]);
	json_u64(s, "late", t->late);
	json_u64(s, "duplicates", t->duplicates);
	json_u64(s, "after_end", t->track->after_end);
	json_u64(s, "foreign", c->foreign);
	json_u64(s, "repaired", c->repaired);
	json_u64(s, "unknown", c->unknown);
	json_u64(s, "damaged", c->damaged);
	json_bool(s, "complete", t->complete);
	json_close(s, '}');
	sink_char(s, '\n');
}

static void info_end(void *view, const struct totals *t)
{
	struct info *v = view;

	if (v->options->json)
		info_json(v, t);
	else
		info_text(v, t);
}

const struct view_ops view_info = {
	.name = "info",
	.need = info_need,
	.create = info_create,
	.destroy = free,
	.end = info_end,
};

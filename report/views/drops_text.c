// SPDX-License-Identifier: GPL-2.0-only
/*
 * A block a place: how many and why, what usually causes it, where to look, what came before, and
 * its flows. Who asks at night wants to know who is hit, not by which of a thousand ports: flows
 * that differ in one port only are one line, and of the lines the first are shown.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/packet.h"
#include "report/read/capture.h"
#include "report/symbol/debuginfo.h"
#include "report/views/drops.h"
#include "report/path/reason.h"
#include "report/render/render_text.h"

#define LINES	      8u
#define COUNT_COLUMNS 8
#define LABEL_COLUMNS 13

/* Flows that are shown as one. */
struct line {
	struct drops_flow flow;
	struct drops_count count;
	uint32_t flows;
	bool any_sport;
	bool any_dport;
};

/* ---- folding ---- */

static int compare_but_sport(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	struct drops_flow f = x->flow, g = y->flow;

	f.sport = g.sport = 0;
	return memcmp(&f, &g, sizeof(f));
}

/* Lines that are of several flows already stay apart: they come last. */
static int compare_but_dport(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	struct drops_flow f = x->flow, g = y->flow;

	if (x->any_sport != y->any_sport)
		return x->any_sport ? 1 : -1;
	if (x->any_sport)
		return memcmp(&f, &g, sizeof(f));
	f.dport = g.dport = 0;
	return memcmp(&f, &g, sizeof(f));
}

static void add(struct line *to, const struct line *l)
{
	to->count.packets += l->count.packets;
	to->flows += l->flows;
	if (l->count.first < to->count.first)
		to->count.first = l->count.first;
	if (l->count.last > to->count.last)
		to->count.last = l->count.last;
}

/* Makes one of those that by takes for the same; how many are left. */
static size_t fold(struct line *lines, size_t n, int (*by)(const void *, const void *))
{
	size_t kept = 0;

	qsort(lines, n, sizeof(*lines), by);
	for (size_t i = 1; i < n; i++) {
		if (!by(&lines[kept], &lines[i])) {
			add(&lines[kept], &lines[i]);
			*(by == compare_but_sport ? &lines[kept].any_sport
						  : &lines[kept].any_dport) = true;
		} else {
			lines[++kept] = lines[i];
		}
	}
	return n ? kept + 1 : 0;
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->count.packets != y->count.packets)
		return x->count.packets > y->count.packets ? -1 : 1;
	if (x->count.first != y->count.first)
		return x->count.first < y->count.first ? -1 : 1;
	return memcmp(&x->flow, &y->flow, sizeof(x->flow));
}

/* NULL without memory. */
static struct line *lines_of(const struct drops *v, const struct drops_place *p,
			     const uint32_t *flows, size_t *n)
{
	struct line *lines = calloc(p->flows + 1, sizeof(*lines));

	if (!lines)
		return NULL;
	for (uint32_t i = 0; i < p->flows; i++) {
		lines[i].flow = *(const struct drops_flow *)groups_key(v->flows, flows[i]);
		lines[i].count = *(const struct drops_count *)groups_value(v->flows, flows[i]);
		lines[i].flows = 1;
	}
	*n = fold(lines, p->flows, compare_but_sport);
	*n = fold(lines, *n, compare_but_dport);
	qsort(lines, *n, sizeof(*lines), compare_lines);
	return lines;
}

/* ---- text ---- */

static void text_address(struct sink *s, const struct drops_flow *f, const uint8_t *a, bool any,
			 uint16_t port)
{
	struct event_tuple t = {.family = f->family};
	char text[PACKET_TUPLE_LEN];
	const char *end;

	memcpy(t.src, a, sizeof(t.src));
	packet_tuple_format(&t, text, sizeof(text));
	end = strstr(text, " > ");
	if (f->family == 6 && f->has_ports)
		sink_char(s, '[');
	sink_mem(s, text, end ? (size_t)(end - text) : 0);
	if (!f->has_ports)
		return;
	sink_str(s, f->family == 6 ? "]:" : ":");
	if (any)
		sink_char(s, '*');
	else
		sink_u64(s, port);
}

static void text_flow(struct sink *s, const struct line *l)
{
	const struct drops_flow *f = &l->flow;
	const char *proto = packet_proto_name(f->proto);

	if (!f->family) {
		sink_str(s, "no IP addresses");
		return;
	}
	text_address(s, f, f->src, l->any_sport, f->sport);
	sink_str(s, " > ");
	text_address(s, f, f->dst, l->any_dport, f->dport);
	sink_char(s, ' ');
	if (proto) {
		sink_str(s, proto);
	} else {
		sink_str(s, "proto ");
		sink_u64(s, f->proto);
	}
	if (f->has_icmp) {
		sink_str(s, " type ");
		sink_u64(s, f->icmp_type);
	}
	if (l->flows > 1) {
		sink_mem(s, " (", 2);
		tally_text(s, l->flows, "port)", "ports)");
	}
}

static void text_count(struct sink *s, uint64_t n)
{
	tally_number(s, n, COUNT_COLUMNS);
	sink_mem(s, "  ", 2);
}

static void text_flows(struct drops *v, const struct drops_place *p, const uint32_t *flows)
{
	struct sink *s = v->out;
	uint64_t more = p->flowless;
	uint32_t more_flows = 0;
	size_t n;
	struct line *lines = lines_of(v, p, flows, &n);

	if (!lines) {
		log_error("out of memory");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (i >= LINES) {
			more += lines[i].count.packets;
			more_flows += lines[i].flows;
			continue;
		}
		text_count(s, lines[i].count.packets);
		text_flow(s, &lines[i]);
		sink_mem(s, "  ", 2);
		text_colour(s, TEXT_DIM);
		tally_times(s, lines[i].count.first, lines[i].count.last);
		text_colour(s, TEXT_PLAIN);
		sink_char(s, '\n');
	}
	if (more) {
		text_count(s, more);
		sink_str(s, "of ");
		if (p->flowless)
			sink_str(s, "at least ");
		tally_text(s, more_flows + (p->flowless > 0), "more flow", "more flows");
		sink_char(s, '\n');
	}
	free(lines);
}

static void text_label(struct sink *s, const char *label)
{
	text_colour(s, TEXT_DIM);
	sink_str(s, "    ");
	sink_str(s, label);
	text_colour(s, TEXT_PLAIN);
}

/* The first of the functions before that there is room for, with all after it. */
static uint32_t first_that_fits(const struct drops_place *p, int room)
{
	uint32_t i = p->n_before;

	while (i) {
		const struct func *f = p->before[i - 1];

		room -= f->name_len + (f->module[0] ? 3 + f->module_len : 0);
		/* " > " before it, or "… > " before that. */
		if (room < (i > 1 ? 4 : 0) && i < p->n_before)
			break;
		room -= 3;
		i--;
	}
	return i;
}

static void text_before(struct sink *s, const struct drops_place *p)
{
	char alike[64] = "";
	uint32_t first;

	if (p->alike < p->packets)
		snprintf(alike, sizeof(alike), " (%" PRIu64 " of %" PRIu64 ")", p->alike,
			 p->packets);
	first = first_that_fits(p, s->width - LABEL_COLUMNS - (int)strlen(alike));
	text_label(s, "before   ");
	sink_str(s, first ? "… > " : "");
	for (uint32_t i = first; i < p->n_before; i++) {
		sink_str(s, i > first ? " > " : "");
		text_func(s, p->before[i]);
	}
	if (!p->n_before)
		sink_str(s, "nothing that is shown");
	sink_str(s, alike);
	sink_char(s, '\n');
}

static void text_place(struct drops *v, uint32_t index, const uint32_t *flows)
{
	const struct drops_place_key *k = groups_key(v->places, index);
	const struct drops_place *p = groups_value(v->places, index);
	const char *name = capture_name(k->capture), *reason;
	struct sink *s = v->out;
	const struct reason *why;
	char text[24], source[200];
	bool verified;

	reason = drops_reason(k, text);
	why = reason_find(reason);
	text_colour(s, TEXT_BOLD);
	tally_text(s, p->packets, "packet", "packets");
	text_colour(s, TEXT_PLAIN);
	sink_mem(s, "  ", 2);
	text_colour(s, TEXT_RED);
	if (reason)
		text_escaped(s, reason, strlen(reason));
	else
		sink_str(s, "dropped");
	text_colour(s, TEXT_PLAIN);
	sink_str(s, "  by ");
	if (k->culprit) {
		text_caller(s, k->capture, k->culprit);
		sink_str(s, ", in ");
	}
	text_func(s, k->by);
	if (name) {
		sink_str(s, "  ");
		text_escaped(s, name, strlen(name));
	}
	sink_char(s, '\n');
	if (!debuginfo_source(k->capture->owner->debuginfo, k->capture, k->culprit, true, source,
			      sizeof(source), &verified)) {
		text_label(s, "source   ");
		text_escaped(s, source, strlen(source));
		sink_str(s, verified ? "\n" : " (unverified)\n");
	}
	text_label(s, "time     ");
	tally_times(s, p->first, p->last);
	sink_char(s, '\n');
	text_label(s, "usually  ");
	text_words(s, why->usually, LABEL_COLUMNS);
	sink_char(s, '\n');
	text_label(s, "look     ");
	sink_str(s, why->look);
	sink_char(s, '\n');
	text_before(s, p);
	text_flows(v, p, flows);
	sink_char(s, '\n');
}

static void text_more(struct drops *v, size_t shown)
{
	size_t n = groups_count(v->places);
	uint64_t packets = 0;

	for (size_t i = shown; i < n; i++)
		packets += ((struct drops_place *)groups_value(v->places, v->order[i]))->packets;
	if (packets) {
		tally_text(v->out, packets, "more packet", "more packets");
		sink_str(v->out, " at ");
		tally_text(v->out, n - shown, "more place", "more places");
		sink_str(v->out, " (--top)\n");
	}
	if (v->placeless) {
		tally_text(v->out, v->placeless, "more packet", "more packets");
		sink_printf(v->out, " at other places: only %u are kept\n", DROPS_PLACES);
	}
}

void drops_text(struct drops *v, const struct totals *t)
{
	const uint32_t *flows = v->by_place;
	size_t n = tally_top(v->options, groups_count(v->places));
	struct sink *s = v->out;

	for (size_t i = 0; i < n; i++) {
		text_place(v, v->order[i], flows);
		flows += ((struct drops_place *)groups_value(v->places, v->order[i]))->flows;
	}
	text_more(v, n);
	sink_u64(s, v->dropped);
	sink_str(s, " dropped at ");
	tally_text(s, groups_count(v->places), "place", "places");
	sink_str(s, ", of ");
	tally_end(s, &v->tally, t);
}

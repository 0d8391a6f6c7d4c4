// SPDX-License-Identifier: GPL-2.0-only
#include "report/filter/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "report/filter/expr.h"
#include "report/filter/pcap_match.h"

struct range {
	bool has_from;
	bool has_to;
	struct moment from;
	struct moment to;
	int64_t first; /* ns since 1970, both included */
	int64_t last;
};

struct filter {
	const struct match *match;
	const uint64_t *packets;
	size_t n_packets;
	struct pcap_match *pcap; /* NULL: none */
	struct expr *expr;	 /* NULL: none */
	struct range range;
	bool begun;
	uint64_t left_out;
};

/* ---- from the command line ---- */

static int refuse_time(const char *text, const char *why)
{
	log_error("--time: %s (got \"%s\")", why, text);
	return -EINVAL;
}

/* "A..B", where either may be missing. */
static int parse_range(const char *text, bool utc, struct range *ret)
{
	const char *dots = strstr(text, ".."), *to = dots ? dots + 2 : NULL;
	struct range r = {};

	if (!dots)
		return refuse_time(text, "no .. between two times");
	r.has_from = dots > text;
	r.has_to = *to;
	if (!r.has_from && !r.has_to)
		return refuse_time(text, "no time");
	if ((r.has_from && moment_parse(text, (size_t)(dots - text), utc, &r.from)) ||
	    (r.has_to && moment_parse(to, strlen(to), utc, &r.to)))
		return refuse_time(text,
				   "times are such as 2026-11-22T20:00:00Z, 20:00:05 or +1.5s");
	if (r.has_from && r.has_to && r.from.kind == r.to.kind && r.from.ns > r.to.ns)
		return refuse_time(text, "the first time is after the second: nothing can match");
	*ret = r;
	return 0;
}

static int parse_expression(const char *text, bool utc, struct expr **ret)
{
	struct expr_error error;
	int err = expr_create(text, utc, ret, &error);

	if (err == -EINVAL)
		log_error("--expression: column %u: %s", error.column, error.why);
	return err;
}

static int fill(struct filter *f, const struct report_options *o)
{
	int err = 0;

	f->match = &o->match;
	f->packets = o->packets;
	f->n_packets = o->n_packets;
	if (o->time)
		err = parse_range(o->time, o->utc, &f->range);
	if (!err && o->expression)
		err = parse_expression(o->expression, o->utc, &f->expr);
	if (!err && o->pcap_filter)
		err = pcap_match_create(o->pcap_filter, &f->pcap);
	return err;
}

int filter_create(const struct report_options *o, struct filter **ret)
{
	struct filter *f = NULL;
	int err;

	*ret = NULL;
	if (!o->match.any && !o->n_packets && !o->time && !o->expression && !o->pcap_filter)
		return 0;
	f = calloc(1, sizeof(*f));
	err = f ? fill(f, o) : -ENOMEM;
	if (err == -ENOMEM)
		log_error("out of memory");
	if (err)
		filter_destroy(f);
	else
		*ret = f;
	return err;
}

void filter_destroy(struct filter *f)
{
	if (!f)
		return;
	pcap_match_destroy(f->pcap);
	expr_destroy(f->expr);
	free(f);
}

/* ---- hits ---- */

bool filter_late(const struct filter *f)
{
	return f && f->expr && expr_needs_path(f->expr);
}

static void begin(struct filter *f, int64_t first)
{
	f->begun = true;
	f->range.first = f->range.has_from ? moment_when(&f->range.from, first) : INT64_MIN;
	f->range.last = f->range.has_to ? moment_when(&f->range.to, first) : INT64_MAX;
	if (f->expr)
		expr_begin(f->expr, first);
}

static bool is_packet(const struct filter *f, uint64_t packet)
{
	for (size_t i = 0; i < f->n_packets; i++)
		if (f->packets[i] == packet)
			return true;
	return !f->n_packets;
}

/* What is cheap first. */
static bool passes(const struct filter *f, const struct hit *h)
{
	return is_packet(f, h->event.packet) && h->when >= f->range.first &&
	       h->when <= f->range.last && match_hit(f->match, h) &&
	       (!f->pcap || pcap_match_hit(f->pcap, h));
}

bool filter_hit(struct filter *f, struct hit *h)
{
	bool pass;

	if (!f)
		return true;
	if (!f->begun)
		begin(f, h->when);
	pass = passes(f, h);
	if (!f->expr)
		return pass;
	if (!filter_late(f))
		return pass && expr_holds(f->expr, expr_hit(f->expr, h, &h->any_atoms));
	/* Any hit of a path may say something of all of them. */
	h->atoms = expr_hit(f->expr, h, &h->any_atoms);
	return pass;
}

bool filter_alone(const struct filter *f, const struct hit *h)
{
	return !filter_late(f) || expr_holds(f->expr, h->atoms | h->any_atoms);
}

void filter_path(struct filter *f, struct path *p)
{
	struct kinds *k = &p->kinds;
	uint64_t atoms;

	if (!filter_late(f))
		return;
	atoms = k->any | expr_path(f->expr, p);
	p->matched = false;
	for (uint16_t i = 0; i < k->count; i++) {
		k->all[i].matched = expr_holds(f->expr, k->all[i].atoms | atoms);
		p->matched |= k->all[i].matched;
	}
	for (size_t i = 0; i < p->n_hops; i++)
		p->hops[i].matched = kinds_matched(k, p->hops[i].kind);
	f->left_out += k->left_out;
}

void filter_complain(const struct filter *f)
{
	if (f && f->left_out)
		log_warn("%llu hits of packets that have too many kinds of them were not matched",
			 (unsigned long long)f->left_out);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * One timeline of all hops of a family: each line says whose it is, and the time since the line
 * before. Where it happens is said when that is another place than that of the line before.
 */
#include <errno.h>
#include <stdlib.h>

#include "report/read/capture.h"
#include "report/views/follow.h"
#include "report/path/outcome.h"
#include "report/views/path_text.h"
#include "report/views/paths.h"
#include "report/render/render_json.h"

#define DELAY_COLUMNS 14

struct line {
	const struct hop *hop;
	size_t path; /* index */
	bool last;   /* of its path */
};

struct timeline {
	struct path *const *paths;
	size_t n_paths;
	struct hop_walk *walks; /* of each path */
	struct line *lines;
	size_t n;
	int width; /* of "#12" */
};

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	struct hop_mark at = hop_mark(x->hop), other = hop_mark(y->hop);

	return hop_mark_before(&at, &other) ? -1 : hop_mark_before(&other, &at);
}

static void add_lines(struct timeline *t, size_t path, struct hop_choice choice)
{
	const struct path *p = t->paths[path];
	size_t before = t->n;

	for (size_t i = 0; i < p->n_hops; i++)
		if (hop_shown(choice, &p->hops[i]))
			t->lines[t->n++] = (struct line){.hop = &p->hops[i], .path = path};
	if (t->n > before)
		t->lines[t->n - 1].last = true;
}

static int timeline_init(struct timeline *t, struct hop_choice choice, struct path *const *paths,
			 size_t n)
{
	size_t hops = 0;

	*t = (struct timeline){.paths = paths, .n_paths = n};
	for (size_t i = 0; i < n; i++)
		hops += paths[i]->n_hops;
	t->lines = calloc(hops + 1, sizeof(*t->lines));
	t->walks = calloc(n, sizeof(*t->walks));
	if (!t->lines || !t->walks) {
		free(t->lines);
		free(t->walks);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		char number[24];
		int width = 1 + (int)(sink_put_u64(number, paths[i]->packet) - number);

		t->width = width > t->width ? width : t->width;
		hop_walk_init(&t->walks[i]);
		add_lines(t, i, choice);
	}
	qsort(t->lines, t->n, sizeof(*t->lines), by_time);
	return 0;
}

static void timeline_deinit(struct timeline *t)
{
	free(t->lines);
	free(t->walks);
}

static uint64_t delay_after(const struct hop *prev, const struct hop *h)
{
	return prev && h->ktime > prev->ktime ? h->ktime - prev->ktime : 0;
}

/* ---- text ---- */

static void text_number(struct sink *s, const struct timeline *t, const struct path *p)
{
	char text[24];
	size_t len = (size_t)(sink_put_u64(text, p->packet) - text);

	sink_fill(s, ' ', t->width - 1 - (int)len);
	sink_char(s, '#');
	sink_mem(s, text, len);
	sink_mem(s, "  ", 2);
}

static void text_head(struct sink *s, const struct path *p, struct hop_choice choice)
{
	struct loss loss;

	loss_of_path(p, &loss);
	path_text_head(s, p, choice, &loss);
}

static void text_outcome(struct sink *s, const struct timeline *t, const struct path *p)
{
	struct loss loss;

	loss_of_path(p, &loss);
	sink_fill(s, ' ', DELAY_COLUMNS + 2);
	text_number(s, t, p);
	path_text_outcome(s, p, &loss);
	sink_char(s, '\n');
}

static void text_line(struct sink *s, struct timeline *t, const struct line *line,
		      const struct hop *prev, struct hop_place *place)
{
	const struct path *p = t->paths[line->path];
	struct hop_walk *w = &t->walks[line->path];

	hop_walk_next(w, line->hop);
	if (!prev || !hop_place_same(place, &w->at)) {
		text_colour(s, TEXT_DIM);
		sink_str(s, "        ");
		path_text_place(s, p, &w->at);
		text_colour(s, TEXT_PLAIN);
		sink_char(s, '\n');
	}
	*place = w->at;
	text_duration(s, "+", delay_after(prev, line->hop), DELAY_COLUMNS);
	sink_mem(s, "  ", 2);
	text_number(s, t, p);
	path_text_hop(s, p, w);
	sink_char(s, '\n');
	if (line->last)
		text_outcome(s, t, p);
}

int follow_family_text(struct sink *s, struct hop_choice choice, struct path *const *paths,
		       size_t n)
{
	const struct hop *prev = NULL;
	struct hop_place place;
	struct timeline t;
	int err = timeline_init(&t, choice, paths, n);

	if (err)
		return err;
	for (size_t i = 0; i < n; i++)
		text_head(s, paths[i], choice);
	for (size_t i = 0; i < t.n; i++) {
		text_line(s, &t, &t.lines[i], prev, &place);
		prev = t.lines[i].hop;
	}
	/* Of those that have no hop to be shown. */
	for (size_t i = 0; i < n; i++)
		if (!t.walks[i].hop)
			text_outcome(s, &t, paths[i]);
	sink_char(s, '\n');
	timeline_deinit(&t);
	return 0;
}

/* ---- JSON ---- */

static void json_packet(struct sink *s, const struct path *p)
{
	json_u64(s, "number", p->packet);
	json_hex(s, "capture", p->capture->tag);
	json_str(s, "host", p->capture->host);
}

static void json_end(struct sink *s, const struct path *p)
{
	struct loss loss;

	loss_of_path(p, &loss);
	json_open(s, '{');
	json_str(s, "line", "end");
	json_packet(s, p);
	json_time(s, "time", p->last);
	json_maybe(s, "parent", p->origin.number, p->origin.packet);
	json_str(s, "kind", p->origin.kind ? path_edge_word(p->origin.kind) : NULL);
	json_str(s, "outcome", outcome_word(p->outcome));
	json_str(s, "reason", paths_reason(p));
	json_str(s, "by", p->verdict ? p->verdict->func->name : NULL);
	json_caller(s, "culprit", p->capture, p->culprit);
	json_maybe(s, "merged_into", p->outcome == OUTCOME_MERGED, p->into.packet);
	json_u64(s, "may_lack", loss.hits);
	json_close(s, '}');
	sink_char(s, '\n');
}

static void json_line(struct sink *s, struct timeline *t, const struct line *line,
		      const struct hop *prev)
{
	const struct path *p = t->paths[line->path];
	struct hop_walk *w = &t->walks[line->path];
	const struct hop *h = line->hop;

	hop_walk_next(w, h);
	json_open(s, '{');
	json_str(s, "line", "hop");
	json_packet(s, p);
	json_time(s, "time", (int64_t)((uint64_t)p->capture->clock + h->ktime));
	json_u64(s, "delay_ns", delay_after(prev, h));
	json_str(s, "func", h->func->name);
	json_str(s, "module", h->func->module);
	json_u64(s, "cpu", h->cpu);
	json_u64(s, "pid", h->pid);
	json_str(s, "comm", h->comm);
	json_u64(s, "netns", h->netns);
	json_u64(s, "ifindex", h->ifindex);
	json_str(s, "ifname", h->ifname);
	json_u64(s, "mark", h->mark);
	json_u64(s, "len", h->len);
	json_key(s, "tuple");
	if (w->tuple != TUPLES_NONE) {
		json_open(s, '{');
		json_tuple(s, &p->tuples.all[w->tuple]);
		json_bool(s, "from_socket", !tuples_from_headers(&p->tuples, w->tuple));
		json_close(s, '}');
	} else {
		sink_str(s, "null");
	}
	json_bool(s, "return", h->flags & EVENT_RETURN);
	json_hop_changes(s, "changed", w->changes);
	json_close(s, '}');
	sink_char(s, '\n');
	if (line->last)
		json_end(s, p);
}

int follow_family_json(struct sink *s, struct hop_choice choice, struct path *const *paths,
		       size_t n)
{
	const struct hop *prev = NULL;
	struct timeline t;
	int err = timeline_init(&t, choice, paths, n);

	if (err)
		return err;
	for (size_t i = 0; i < t.n; i++) {
		json_line(s, &t, &t.lines[i], prev);
		prev = t.lines[i].hop;
	}
	for (size_t i = 0; i < n; i++)
		if (!t.walks[i].hop)
			json_end(s, paths[i]);
	timeline_deinit(&t);
	return 0;
}

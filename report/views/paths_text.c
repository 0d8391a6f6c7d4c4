// SPDX-License-Identifier: GPL-2.0-only
/*
 * A family is a tree of blocks, the root's at the margin. A block is a header line that stands
 * alone, then a line a hop with the time since the one before it and what it changed; where it
 * happens (namespace, interface, process, CPU) is said when that changes.
 */
#include "report/views/paths.h"

#include "report/read/capture.h"
#include "report/views/path_text.h"

#define DELAY_COLUMNS 14

void paths_lead(struct paths *v)
{
	for (unsigned int i = 0; i < v->depth && i < PATHS_DEPTH; i++)
		sink_str(v->out, v->branch[i] ? "│  " : "   ");
}

void paths_branch(struct paths *v, const struct path *p)
{
	struct sink *s = v->out;
	unsigned int to = v->depth < PATHS_DEPTH ? v->depth : PATHS_DEPTH;

	if (!to)
		return;
	for (unsigned int i = 0; i < to; i++)
		sink_str(s, i + 1 == to || v->branch[i] ? i + 1 == to ? "│" : "│  " : "   ");
	sink_char(s, '\n');
	for (unsigned int i = 0; i + 1 < to; i++)
		sink_str(s, v->branch[i] ? "│  " : "   ");
	sink_str(s, p->sibling ? "├─ " : "└─ ");
	v->branch[to - 1] = p->sibling;
}

void paths_inferring(struct paths *v, struct capture *c)
{
	uint64_t *said = &v->inferring[c->index / 64 % (1024 / 64)], bit = 1ull << c->index % 64;
	const char *name = capture_name(c);
	struct sink *s = v->out;

	if (!capture_infers(c) || *said & bit)
		return;
	*said |= bit;
	if (name) {
		text_escaped(s, name, strlen(name));
		sink_mem(s, ": ", 2);
	}
	text_words(s,
		   "which hits are of the same packet is inferred: this backend does not see "
		   "every free",
		   name ? (int)strlen(name) + 2 : 0);
	sink_str(s, "\n\n");
}

static void text_place(struct paths *v, const struct path *p, const struct hop_place *at)
{
	paths_lead(v);
	text_colour(v->out, TEXT_DIM);
	sink_str(v->out, "        ");
	path_text_place(v->out, p, at);
	text_colour(v->out, TEXT_PLAIN);
	sink_char(v->out, '\n');
}

static void text_hop(struct paths *v, const struct path *p, const struct hop_walk *w)
{
	const struct hop *h = w->hop, *prev = w->prev;
	struct sink *s = v->out;

	if (hop_walk_moved(w))
		text_place(v, p, &w->at);
	paths_lead(v);
	text_duration(s, "+", prev && h->ktime > prev->ktime ? h->ktime - prev->ktime : 0,
		      DELAY_COLUMNS);
	sink_mem(s, "  ", 2);
	path_text_hop(s, p, w);
	sink_char(s, '\n');
}

static void text_outcome(struct paths *v, const struct path *p, const struct loss *loss)
{
	paths_lead(v);
	sink_fill(v->out, ' ', DELAY_COLUMNS + 2);
	path_text_outcome(v->out, p, loss);
	sink_char(v->out, '\n');
}

/* What merged into p before that hop, or all; the index of the next. */
static size_t text_merged(struct paths *v, const struct path *p, size_t i, const struct hop *before)
{
	struct hop_mark at = before ? hop_mark(before) : (struct hop_mark){.ktime = 0};
	struct sink *s = v->out;

	for (; i < p->n_merged && (!before || hop_mark_before(&p->merged[i].at, &at)); i++) {
		paths_lead(v);
		sink_fill(s, ' ', DELAY_COLUMNS + 2);
		sink_str(s, "+ #");
		sink_u64(s, p->merged[i].packet);
		sink_str(s, " merged in (");
		sink_str(s, path_merge_word(&p->merged[i]));
		sink_str(s, ")\n");
	}
	return i;
}

static void text_path(struct paths *v, const struct path *p)
{
	struct hop_walk walk;
	struct loss loss;
	size_t merged = 0;

	hop_walk_init(&walk);
	loss_of_path(p, &loss);
	paths_inferring(v, p->capture);
	paths_branch(v, p);
	path_text_head(v->out, p, v->choice, &loss);
	for (size_t i = 0; i < p->n_hops; i++) {
		const struct hop *h = &p->hops[i];

		merged = text_merged(v, p, merged, h);
		if (!paths_hop_shown(v, h))
			continue;
		hop_walk_next(&walk, h);
		text_hop(v, p, &walk);
	}
	text_merged(v, p, merged, NULL);
	if (p->n_hops < p->hits) {
		paths_lead(v);
		sink_printf(v->out, "        … and %llu more hops that were not kept\n",
			    (unsigned long long)(p->hits - p->n_hops));
	}
	text_outcome(v, p, &loss);
}

/* root and all that descends from it. */
static void text_tree(struct paths *v, const struct path *root)
{
	v->depth = 0;
	for (const struct path *p = root; p; p = path_next(root, p, &v->depth))
		text_path(v, p);
	sink_char(v->out, '\n');
}

void paths_text(struct paths *v, struct path *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!paths[i]->parent)
			text_tree(v, paths[i]);
}

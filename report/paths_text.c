// SPDX-License-Identifier: GPL-2.0-only
/*
 * A family is a tree of blocks, the root's at the margin. A block is a header line that stands
 * alone, then a line a hop with the time since the one before it and what it changed; where it
 * happens (namespace, interface, process, CPU) is said when that changes.
 */
#include "report/paths.h"

#include "report/capture.h"
#include "report/loss.h"
#include "report/outcome.h"
#include "report/render_text.h"

#define DELAY_COLUMNS 14

/* What stands before a line of a block: the tree. */
static void text_lead(struct paths *v)
{
	for (unsigned int i = 0; i < v->depth && i < PATHS_DEPTH; i++)
		sink_str(v->out, v->branch[i] ? "│  " : "   ");
}

/* The same before a block's header, and an empty line of the tree. */
static void text_branch(struct paths *v, const struct path *p)
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

static enum text_colour outcome_colour(enum outcome o)
{
	return o == OUTCOME_DROPPED			   ? TEXT_RED
	       : o == OUTCOME_NO_END || o == OUTCOME_ALIVE ? TEXT_YELLOW
							   : TEXT_PLAIN;
}

/* Said once a capture, at the top. */
static void text_inferring(struct paths *v, struct capture *c)
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
	sink_str(s, "which hits are of the same packet is inferred: this backend does not see "
		    "every free\n\n");
}

/* "clone of #12"; a parent that is not above it is said to stand elsewhere. */
static void text_origin(struct sink *s, const struct path *p)
{
	if (!p->origin.kind)
		return;
	sink_char(s, ' ');
	sink_str(s, path_edge_word(p->origin.kind));
	sink_str(s, " of ");
	if (p->origin.number) {
		sink_char(s, '#');
		sink_u64(s, p->origin.packet);
	} else {
		sink_str(s, "a packet not seen");
	}
	if (p->origin.inferred)
		sink_str(s, " (inferred)");
	if (p->origin.number && !p->parent)
		sink_str(s, " (shown apart)");
}

static uint64_t hops_shown(const struct paths *v, const struct path *p)
{
	uint64_t n = p->hits;

	for (size_t i = 0; i < p->n_hops; i++)
		n -= !paths_hop_shown(v, &p->hops[i]);
	return n;
}

static void text_into(struct sink *s, const struct path *p)
{
	if (p->outcome != OUTCOME_MERGED)
		return;
	sink_str(s, " into #");
	sink_u64(s, p->into.packet);
}

static void text_header(struct paths *v, const struct path *p, const struct loss *loss)
{
	uint64_t hops = hops_shown(v, p);
	uint16_t first = tuples_first(&p->tuples);
	const char *reason = paths_reason(p), *name = capture_name(p->capture);
	struct sink *s = v->out;

	text_branch(v, p);
	text_colour(s, TEXT_BOLD);
	sink_char(s, '#');
	sink_u64(s, p->packet);
	text_origin(s, p);
	sink_mem(s, "  ", 2);
	if (name) {
		text_escaped(s, name, strlen(name));
		sink_mem(s, "  ", 2);
	}
	if (first != TUPLES_NONE)
		text_tuple(s, &p->tuples.all[first]);
	else
		sink_str(s, "no IP addresses");
	text_colour(s, TEXT_PLAIN);
	sink_mem(s, "  ", 2);
	text_time(s, p->first, false);
	sink_mem(s, "  ", 2);
	sink_u64(s, hops);
	sink_str(s, hops == 1 ? " hop, " : " hops, ");
	text_duration(s, "", time_span(p->first, p->last), 0);
	sink_mem(s, "  ", 2);
	text_colour(s, outcome_colour(p->outcome));
	sink_str(s, outcome_name(p->outcome));
	text_into(s, p);
	if (reason) {
		sink_char(s, ' ');
		text_escaped(s, reason, strlen(reason));
	}
	if (loss->hits)
		sink_str(s, " (may lack hops)");
	text_colour(s, TEXT_PLAIN);
	sink_char(s, '\n');
}

/* Where a packet is, as far as it is known: a hop without a device tells nothing about it. */
struct place {
	uint32_t netns;
	uint32_t ifindex;
	uint32_t pid;
	uint16_t cpu;
	const char *ifname;
	const char *comm;
};

static struct place place_after(const struct place *before, const struct hop *h)
{
	struct place at = *before;

	if (h->netns && h->netns != at.netns) {
		if (at.netns) {
			at.ifindex = 0;
			at.ifname = "";
		}
		at.netns = h->netns;
	}
	if (h->ifindex || h->ifname[0]) {
		at.ifindex = h->ifindex;
		at.ifname = h->ifname;
	}
	at.pid = h->pid;
	at.cpu = h->cpu;
	at.comm = h->comm;
	return at;
}

static bool same_place(const struct place *a, const struct place *b)
{
	/* Interned strings: equal ones are the same. */
	return a->netns == b->netns && a->ifindex == b->ifindex && a->ifname == b->ifname &&
	       a->cpu == b->cpu && a->pid == b->pid && a->comm == b->comm;
}

static void text_place(struct paths *v, const struct path *p, const struct place *at)
{
	struct sink *s = v->out;
	const char *netns = capture_netns(p->capture, at->netns);
	const char *ifname =
		at->ifname[0] ? at->ifname : capture_iface(p->capture, at->netns, at->ifindex);

	text_lead(v);
	text_colour(s, TEXT_DIM);
	sink_str(s, "        ");
	if (at->netns) {
		sink_str(s, "netns ");
		sink_u64(s, at->netns);
		if (netns) {
			sink_mem(s, " (", 2);
			text_escaped(s, netns, strlen(netns));
			sink_char(s, ')');
		}
		sink_mem(s, "  ", 2);
	}
	if (ifname) {
		text_escaped(s, ifname, strlen(ifname));
		sink_mem(s, "  ", 2);
	} else if (at->ifindex) {
		sink_str(s, "interface ");
		sink_u64(s, at->ifindex);
		sink_mem(s, "  ", 2);
	}
	text_escaped(s, at->comm, strlen(at->comm));
	sink_char(s, '(');
	sink_u64(s, at->pid);
	sink_str(s, ")  cpu ");
	sink_u64(s, at->cpu);
	text_colour(s, TEXT_PLAIN);
	sink_char(s, '\n');
}

static void text_change(struct sink *s, const char *what, uint64_t from, uint64_t to, bool hex)
{
	if (from == to)
		return;
	sink_str(s, what);
	if (hex)
		sink_hex(s, from, 1);
	else
		sink_u64(s, from);
	sink_str(s, hex ? " -> 0x" : " -> ");
	if (hex)
		sink_hex(s, to, 1);
	else
		sink_u64(s, to);
}

/* The tuple in force at h: not each hop has one. */
static uint16_t tuple_after(uint16_t before, const struct hop *h)
{
	return h->tuple == TUPLES_NONE ? before : h->tuple;
}

static void text_tuple_change(struct sink *s, const struct tuples *ts, uint16_t from, uint16_t to)
{
	sink_str(s, "  now ");
	text_tuple(s, &ts->all[to]);
	if (tuples_from_headers(ts, from))
		return;
	sink_str(s, " (its socket: ");
	text_tuple(s, &ts->all[from]);
	sink_char(s, ')');
}

static void text_hop(struct paths *v, const struct path *p, const struct hop *h,
		     const struct hop *prev, uint16_t tuple)
{
	uint64_t ns = prev && h->ktime > prev->ktime ? h->ktime - prev->ktime : 0;
	struct sink *s = v->out;

	text_lead(v);
	text_duration(s, "+", ns, DELAY_COLUMNS);
	sink_mem(s, "  ", 2);
	text_func(s, h->func);
	if (h->flags & EVENT_RETURN)
		sink_str(s, " (return)");
	if (prev) {
		text_change(s, "  mark 0x", prev->mark, h->mark, true);
		text_change(s, "  len ", prev->len, h->len, false);
		if (prev->flags & h->flags & EVENT_VLAN)
			text_change(s, "  vlan ", prev->vlan & 0xfff, h->vlan & 0xfff, false);
	} else if (h->mark) {
		sink_str(s, "  mark 0x");
		sink_hex(s, h->mark, 1);
	}
	if (tuple != TUPLES_NONE && tuple_after(tuple, h) != tuple)
		text_tuple_change(s, &p->tuples, tuple, h->tuple);
	sink_char(s, '\n');
}

static void text_drop(struct sink *s, const struct path *p)
{
	const char *reason = paths_reason(p);

	if (reason) {
		sink_mem(s, ": ", 2);
		text_escaped(s, reason, strlen(reason));
	}
	if (p->culprit) {
		sink_str(s, " by ");
		text_caller(s, p->capture, p->culprit);
	}
	if (!reason)
		sink_str(s, " (this kernel tells no reason)");
}

static void text_consumed(struct sink *s, const struct path *p)
{
	if (!p->verdict)
		return;
	sink_str(s, " by ");
	text_func(s, p->verdict->func);
	if (!p->culprit)
		return;
	sink_str(s, " <- ");
	text_caller(s, p->capture, p->culprit);
}

static void text_loss(struct sink *s, const struct loss *l)
{
	if (!l->hits)
		return;
	sink_str(s, " (may lack hops: ");
	for (unsigned int i = 0; i < l->cpus && i < LOSS_CPUS; i++) {
		sink_str(s, i ? ", " : "");
		sink_u64(s, l->of[i].hits);
		sink_str(s, " lost on cpu ");
		sink_u64(s, l->of[i].cpu);
	}
	sink_str(s, l->cpus > LOSS_CPUS ? ", …)" : ")");
}

/* " (gro) by skb_gro_receive" */
static void text_merged_by(struct sink *s, const struct path_merge *m)
{
	sink_str(s, " (");
	sink_str(s, path_merge_word(m));
	sink_str(s, ") by ");
	text_func(s, m->func);
}

static void text_outcome(struct paths *v, const struct path *p, const struct loss *loss)
{
	struct sink *s = v->out;

	text_lead(v);
	sink_fill(s, ' ', DELAY_COLUMNS + 2);
	text_colour(s, outcome_colour(p->outcome));
	sink_str(s, outcome_name(p->outcome));
	text_into(s, p);
	if (p->outcome == OUTCOME_DROPPED)
		text_drop(s, p);
	else if (p->outcome == OUTCOME_CONSUMED)
		text_consumed(s, p);
	else if (p->outcome == OUTCOME_MERGED)
		text_merged_by(s, &p->into);
	if (p->inferred)
		sink_str(s, " (inferred)");
	text_loss(s, loss);
	text_colour(s, TEXT_PLAIN);
	sink_char(s, '\n');
}

/* What merged into p before that hop, or all; the index of the next. */
static size_t text_merged(struct paths *v, const struct path *p, size_t i, const struct hop *before)
{
	struct hop_mark at = before ? hop_mark(before) : (struct hop_mark){.ktime = 0};
	struct sink *s = v->out;

	for (; i < p->n_merged && (!before || hop_mark_before(&p->merged[i].at, &at)); i++) {
		text_lead(v);
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
	struct place at = {.ifname = ""}, before;
	const struct hop *prev = NULL;
	uint16_t tuple = TUPLES_NONE;
	struct loss loss;
	size_t merged = 0;

	loss_of_path(p, &loss);
	text_inferring(v, p->capture);
	text_header(v, p, &loss);
	for (size_t i = 0; i < p->n_hops; i++) {
		const struct hop *h = &p->hops[i];

		merged = text_merged(v, p, merged, h);
		if (!paths_hop_shown(v, h))
			continue;
		before = at;
		at = place_after(&before, h);
		if (!prev || !same_place(&before, &at))
			text_place(v, p, &at);
		text_hop(v, p, h, prev, tuple);
		tuple = tuple_after(tuple, h);
		prev = h;
	}
	text_merged(v, p, merged, NULL);
	if (p->n_hops < p->hits) {
		text_lead(v);
		sink_printf(v->out, "        … and %llu more hops that were not kept\n",
			    (unsigned long long)(p->hits - p->n_hops));
	}
	text_outcome(v, p, &loss);
}

/* p and all that descends from it; no recursion, since a capture decides how deep it is. */
static void text_tree(struct paths *v, const struct path *root)
{
	const struct path *p = root;

	v->depth = 0;
	for (;;) {
		text_path(v, p);
		if (p->child) {
			v->depth++;
			p = p->child;
			continue;
		}
		while (p != root && !p->sibling) {
			v->depth--;
			p = p->parent;
		}
		if (p == root)
			break;
		p = p->sibling;
	}
	sink_char(v->out, '\n');
}

void paths_text(struct paths *v, struct path *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!paths[i]->parent)
			text_tree(v, paths[i]);
}

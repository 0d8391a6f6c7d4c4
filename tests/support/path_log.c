// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/path_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/path/outcome.h"

#define APART (FUNC_ROLE_DYING | FUNC_ROLE_RELEASE)

static const struct {
	const char *name;
	uint16_t roles;
} funcs[LOG_FUNCS] = {
	[IP_RCV] = {"ip_rcv", 0},
	[TCP_ACK] = {"tcp_ack", 0},
	[TCP_QUEUE] = {"tcp_data_queue", 0},
	[SKB_CLONE] = {"skb_clone", 0},
	[SKB_GRO_RECEIVE] = {"skb_gro_receive", 0},
	[SKB_TRY_COALESCE] = {"skb_try_coalesce", 0},
	[FRAG_INSERT] = {"inet_frag_queue_insert", 0},
	[FRAG_FINISH] = {"inet_frag_reasm_finish", 0},
	[DATAGRAM_ITER] = {"__skb_datagram_iter", 0},
	[CONSUME_SKB] = {"consume_skb", FUNC_ROLE_CONSUME},
	[KFREE_SKB_REASON] = {"kfree_skb_reason", FUNC_ROLE_REASON},
	[KFREE_SKB] = {"__kfree_skb", APART},
	[KFREE_SKB_PARTIAL] = {"kfree_skb_partial", APART},
	[STOLEN_HEAD] = {"napi_skb_free_stolen_head", APART},
	[RELEASE_DATA] = {"skb_release_data", FUNC_ROLE_RELEASE},
	[KFREE_SKBMEM] = {"kfree_skbmem", FUNC_ROLE_FREE | FUNC_ROLE_RELEASE},
};

static void say(struct path_log *l, const char *s)
{
	size_t n = strlen(s);

	if (l->len + n >= sizeof(l->text))
		return;
	memcpy(l->text + l->len, s, n + 1);
	l->len += n;
}

static void say_number(struct path_log *l, const char *before, uint64_t n)
{
	char text[64];

	snprintf(text, sizeof(text), "%s#%llu", before, (unsigned long long)n);
	say(l, text);
}

static void say_path(struct path_log *l, const struct path *p)
{
	say_number(l, "", p->number);
	if (p->origin.kind) {
		say(l, " ");
		say(l, path_edge_word(p->origin.kind));
		if (p->origin.number)
			say_number(l, " of ", p->origin.number);
		else
			say(l, " of ?");
		if (!p->parent)
			say(l, " apart");
		if (p->origin.inferred)
			say(l, " inferred");
	}
	say(l, " ");
	say(l, outcome_word(p->outcome));
	if (p->outcome == OUTCOME_MERGED)
		say_number(l, " into ", p->into.number);
	for (size_t i = 0; i < p->n_merged; i++)
		say_number(l, i ? "," : " with ", p->merged[i].number);
}

static void check(const struct path *p, struct path *const *paths, size_t n)
{
	uint64_t last = 0;
	bool found = !p->parent;

	for (const struct path *c = p->child; c; c = c->sibling) {
		if (c->parent != p || c->number <= last)
			abort();
		last = c->number;
	}
	for (size_t i = 0; i < n; i++)
		found |= paths[i] == p->parent;
	if (!found || p->family != paths[0]->family || (!p->origin.kind && p->family != p->packet))
		abort();
}

static void done(void *ctx, struct path *const *paths, size_t n)
{
	struct path_log *l = ctx;

	say(l, l->families ? " | " : "");
	for (size_t i = 0; i < n; i++) {
		if (i && paths[i]->number <= paths[i - 1]->number)
			abort();
		check(paths[i], paths, n);
		say(l, i ? "; " : "");
		say_path(l, paths[i]);
	}
	l->families++;
	l->paths += n;
	if (n > l->largest)
		l->largest = n;
}

void path_log_init(struct path_log *l)
{
	struct event_func e = {.tag = 1};

	memset(l, 0, sizeof(*l));
	l->capture = captures_get(&l->captures, 1);
	if (!l->capture || hit_pool_create(&l->pool) || track_create(true, done, l, &l->track))
		abort();
	for (uint64_t i = 0; i < LOG_FUNCS; i++) {
		e.addr = i + 1;
		e.roles = funcs[i].roles;
		snprintf(e.name, sizeof(e.name), "%s", funcs[i].name);
		if (capture_add_func(l->capture, &e))
			abort();
	}
}

void path_log_deinit(struct path_log *l)
{
	track_destroy(l->track);
	hit_pool_destroy(l->pool);
	captures_deinit(&l->captures);
}

const struct path *path_log_event(struct path_log *l, const struct event *e, enum log_func func)
{
	struct hit *h = hit_new(l->pool, e, NULL, 0);
	const struct path *p = NULL;

	if (!h)
		abort();
	h->event.tag = 1;
	if (!h->event.seq)
		h->event.seq = ++l->seq[e->cpu % 8];
	h->capture = l->capture;
	h->func = capture_func(l->capture, (uint64_t)func + 1);
	h->when = (int64_t)e->ktime;
	if (h->when > l->capture->last)
		l->capture->last = h->when;
	if (track_add(l->track, h, true, &p))
		abort();
	hit_free(l->pool, h);
	return p;
}

const struct path *path_log_edge(struct path_log *l, uint64_t packet, enum log_func func,
				 uint32_t flags, enum edge_kind kind, uint64_t other)
{
	struct event e = {.packet = packet,
			  .skb = l->skb ? l->skb : 0x1000 + packet,
			  .ktime = l->ktime += 10,
			  .len = 100 + (packet < 16 ? l->grown[packet] : 0),
			  .cpu = l->cpu,
			  .flags = flags,
			  .reason = flags & EVENT_REASON ? 5 : 0,
			  .parent_kind = (uint8_t)kind,
			  .parent = other};

	l->skb = 0;
	return path_log_event(l, &e, func);
}

const struct path *path_log_hit(struct path_log *l, uint64_t packet, enum log_func func)
{
	return path_log_edge(l, packet, func, func == KFREE_SKB_REASON ? EVENT_REASON : 0,
			     EDGE_NONE, 0);
}

void path_log_end(struct path_log *l, uint64_t packet, enum log_func func)
{
	path_log_edge(l, packet, func, EVENT_END | (func == KFREE_SKB_REASON ? EVENT_REASON : 0),
		      EDGE_NONE, 0);
}

void path_log_begin(struct path_log *l, uint64_t packet, enum edge_kind kind, uint64_t parent)
{
	path_log_edge(l, packet, kind == EDGE_CLONE ? SKB_CLONE : IP_RCV, EVENT_BEGIN, kind,
		      parent);
}

static void give_up(struct path_log *l, uint64_t packet, enum log_func how)
{
	path_log_hit(l, packet, how);
	path_log_hit(l, packet, KFREE_SKB);
	path_log_hit(l, packet, RELEASE_DATA);
	path_log_end(l, packet, KFREE_SKBMEM);
}

void path_log_consume(struct path_log *l, uint64_t packet)
{
	give_up(l, packet, CONSUME_SKB);
}

void path_log_drop(struct path_log *l, uint64_t packet)
{
	give_up(l, packet, KFREE_SKB_REASON);
}

const char *path_log_finish(struct path_log *l)
{
	track_finish(l->track);
	return l->text;
}

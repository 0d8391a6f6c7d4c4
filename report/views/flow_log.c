// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/flow_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/path/loss.h"

/* A heap with the earliest on top. */
struct flow_log {
	struct flow_packet **packets;
	size_t n;
	size_t cap;
	size_t most;
	struct flow_packet *taken;
};

int flow_log_create(size_t most, struct flow_log **ret)
{
	struct flow_log *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->most = most;
	*ret = l;
	return 0;
}

void flow_log_destroy(struct flow_log *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n; i++)
		free(l->packets[i]);
	free(l->packets);
	free(l->taken);
	free(l);
}

static bool earlier(const struct flow_packet *a, const struct flow_packet *b)
{
	if (a->path.first != b->path.first)
		return a->path.first < b->path.first;
	if (a->path.capture->tag != b->path.capture->tag)
		return a->path.capture->tag < b->path.capture->tag;
	return a->path.packet < b->path.packet;
}

static int grow(struct flow_log *l)
{
	size_t cap = l->cap ? 2 * l->cap : 64;
	struct flow_packet **packets;

	if (l->n < l->cap)
		return 0;
	packets = realloc(l->packets, cap * sizeof(struct flow_packet *));
	if (!packets)
		return -ENOMEM;
	l->packets = packets;
	l->cap = cap;
	return 0;
}

static uint32_t longest(const struct path *p, uint16_t tuple)
{
	uint32_t len = 0;

	for (size_t i = 0; i < p->n_hops; i++)
		if (p->hops[i].tuple == tuple && p->hops[i].len > len)
			len = p->hops[i].len;
	return len;
}

static void fill(struct flow_packet *to, const struct path *p, struct hop_choice choice,
		 uint16_t tuple, enum flow_direction direction)
{
	struct loss loss;

	loss_of_path(p, &loss);
	*to = (struct flow_packet){
		.path = {.number = p->number,
			 .packet = p->packet,
			 .skb = p->skb,
			 .capture = p->capture,
			 .first = p->first,
			 .last = p->last,
			 .hits = p->hits,
			 .inferred = p->inferred,
			 .outcome = p->outcome,
			 .reason = p->reason,
			 .culprit = p->culprit,
			 .family = p->family,
			 .origin = p->origin,
			 .into = p->into},
		.by = p->verdict ? p->verdict->func : NULL,
		.tuple = p->tuples.all[tuple],
		.from_socket = !tuples_from_headers(&p->tuples, tuple),
		.direction = direction,
		.len = longest(p, tuple),
		.hops = path_hops(p, choice),
		.may_lack = loss.hits,
	};
	if (!p->unnamed)
		return;
	memcpy(to->path.unnamed_text, p->unnamed_text, sizeof(to->path.unnamed_text));
	to->path.unnamed = to->path.unnamed_text;
}

int flow_log_add(struct flow_log *l, const struct path *p, struct hop_choice choice, uint16_t tuple,
		 enum flow_direction direction)
{
	struct flow_packet *new;
	size_t i = l->n;

	if (grow(l))
		return -ENOMEM;
	new = malloc(sizeof(*new));
	if (!new)
		return -ENOMEM;
	fill(new, p, choice, tuple, direction);
	for (l->n++; i && earlier(new, l->packets[(i - 1) / 2]); i = (i - 1) / 2)
		l->packets[i] = l->packets[(i - 1) / 2];
	l->packets[i] = new;
	return 0;
}

static void sift_down(struct flow_log *l, struct flow_packet *p)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < l->n) {
		if (child + 1 < l->n && earlier(l->packets[child + 1], l->packets[child]))
			child++;
		if (!earlier(l->packets[child], p))
			break;
		l->packets[i] = l->packets[child];
		i = child;
	}
	l->packets[i] = p;
}

const struct flow_packet *flow_log_take(struct flow_log *l, bool end)
{
	free(l->taken);
	l->taken = NULL;
	if (!l->n || (!end && l->n <= l->most))
		return NULL;
	l->taken = l->packets[0];
	if (--l->n)
		sift_down(l, l->packets[l->n]);
	return l->taken;
}

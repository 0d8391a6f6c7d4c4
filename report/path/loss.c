// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/loss.h"

#include <string.h>

#include "report/read/capture.h"

struct search {
	struct loss *loss;
	bool one_cpu;
	uint16_t cpu;
};

static void add(void *ctx, const struct ledger_gap *g)
{
	struct search *s = ctx;
	struct loss *l = s->loss;
	unsigned int i = l->cpus;

	if (s->one_cpu && g->cpu != s->cpu)
		return;
	l->hits += g->lost;
	/* Gaps come CPU by CPU. */
	if (!i || i > LOSS_CPUS || l->of[i - 1].cpu != g->cpu)
		i = ++l->cpus;
	if (i > LOSS_CPUS)
		return;
	l->of[i - 1].cpu = g->cpu;
	l->of[i - 1].hits += g->lost;
}

void loss_of_path(const struct path *p, struct loss *ret)
{
	struct search s = {.loss = ret, .one_cpu = p->begun && p->ended && p->n_hops};
	int64_t from = p->first, to = p->last;

	memset(ret, 0, sizeof(*ret));
	if (s.one_cpu)
		s.cpu = p->hops[0].cpu;
	for (size_t i = 1; i < p->n_hops && s.one_cpu; i++)
		s.one_cpu = p->hops[i].cpu == s.cpu;
	/* What is missing before it began or after it ended is not its; else it may be. */
	if (!p->begun && from > INT64_MIN)
		from--;
	if (!p->ended && __builtin_add_overflow(to, TRACK_IDLE_NS, &to))
		to = INT64_MAX;
	ledger_losses(p->capture->ledger, from, to, add, &s);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/outcome.h"

#include <stdio.h>
#include <string.h>

#include "report/read/capture.h"

#define TAKES_APART (FUNC_ROLE_DYING | FUNC_ROLE_RELEASE)

const char *outcome_name(enum outcome o)
{
	static const char *const names[OUTCOMES] = {
		[OUTCOME_CONSUMED] = "consumed",   [OUTCOME_DROPPED] = "dropped",
		[OUTCOME_NO_END] = "end not seen", [OUTCOME_ALIVE] = "still alive at the end",
		[OUTCOME_MERGED] = "merged",
	};

	return names[o];
}

const char *outcome_word(enum outcome o)
{
	static const char *const words[OUTCOMES] = {
		[OUTCOME_CONSUMED] = "consumed", [OUTCOME_DROPPED] = "dropped",
		[OUTCOME_NO_END] = "no-end",	 [OUTCOME_ALIVE] = "alive",
		[OUTCOME_MERGED] = "merged",
	};

	return words[o];
}

/* Reasons that say the packet was not dropped; the names changed with the kernels. */
static bool is_consumed(const char *reason)
{
	static const char *const names[] = {"SKB_CONSUMED", "CONSUMED", "SKB_NOT_DROPPED_YET",
					    "NOT_DROPPED_YET"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(reason, names[i]))
			return true;
	return false;
}

static bool decides(const struct hop *h)
{
	return (h->flags & EVENT_REASON) || (h->func->roles & (FUNC_ROLE_DROP | FUNC_ROLE_CONSUME));
}

static void judge_reason(struct path *p, const struct hop *h)
{
	const char *name = capture_reason(p->capture, h->reason);

	/* 0 is "not dropped yet" in every kernel that has reasons. */
	if (name ? is_consumed(name) : !h->reason) {
		p->outcome = OUTCOME_CONSUMED;
		return;
	}
	p->outcome = OUTCOME_DROPPED;
	p->reason = name;
	if (name)
		return;
	snprintf(p->unnamed_text, sizeof(p->unnamed_text), "reason %u", h->reason);
	p->unnamed = p->unnamed_text;
}

/*
 * Where the taking apart begins: the first hop of the last run of functions that only do that. NULL
 * when none of them was seen.
 */
static const struct hop *first_dying(const struct path *p)
{
	const struct hop *h = p->hops + p->n_hops;

	while (h > p->hops && !(h[-1].func->roles & FUNC_ROLE_DYING))
		h--;
	if (h == p->hops)
		return NULL;
	for (h--; h > p->hops && !decides(h) && (h[-1].func->roles & TAKES_APART);)
		h--;
	while (!(h->func->roles & FUNC_ROLE_DYING))
		h++;
	return h;
}

static const struct hop *last_deciding(const struct path *p, const struct hop *before)
{
	for (const struct hop *h = before; h > p->hops;)
		if (decides(--h))
			return h;
	return NULL;
}

/* Is dying where it is because decider was called? */
static bool led_to(const struct path *p, const struct hop *decider, const struct hop *dying)
{
	const struct hop *before = dying;
	struct symbol sym;

	while (before-- > p->hops)
		if (before->cpu == dying->cpu)
			break;
	if (before == decider)
		return true;
	/* Others look at a packet that is dropped: what they do stands between. */
	return dying->caller &&
	       !symbols_find_caller(capture_symbols(p->capture), dying->caller, &sym) &&
	       !strcmp(sym.name, decider->func->name);
}

/* The last that was more than taking apart, and did not make it. */
static const struct hop *last_other(const struct path *p)
{
	for (const struct hop *h = p->hops + p->n_hops; h-- > p->hops;)
		if (!(h->func->roles & (TAKES_APART | FUNC_ROLE_FREE)) &&
		    !(h->flags & EVENT_RETURN))
			return h;
	return NULL;
}

/*
 * A shared skb may be given up many times, dropped by one and consumed by another; the time that
 * counts is the one that had it taken apart.
 */
static const struct hop *find_verdict(const struct path *p)
{
	const struct hop *dying = first_dying(p), *decider;

	if (!dying) {
		decider = last_deciding(p, p->hops + p->n_hops);
		return decider ? decider : last_other(p);
	}
	if (decides(dying))
		return dying;
	decider = last_deciding(p, dying);
	return decider && led_to(p, decider, dying) ? decider : dying;
}

void outcome_judge(struct path *p)
{
	const struct hop *h = p->verdict = p->n_hops ? find_verdict(p) : NULL;

	p->outcome = OUTCOME_CONSUMED;
	if (!h)
		return;
	p->culprit = h->caller;
	if (h->flags & EVENT_REASON)
		judge_reason(p, h);
	else if (h->func->roles & FUNC_ROLE_DROP)
		p->outcome = OUTCOME_DROPPED;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "report/outcome.h"

#include <stdio.h>
#include <string.h>

#include "report/capture.h"

const char *outcome_name(enum outcome o)
{
	static const char *const names[OUTCOMES] = {
		[OUTCOME_CONSUMED] = "consumed",
		[OUTCOME_FREED] = "freed",
		[OUTCOME_DROPPED] = "dropped",
		[OUTCOME_NO_END] = "end not seen",
		[OUTCOME_ALIVE] = "still alive at the end",
	};

	return names[o];
}

const char *outcome_word(enum outcome o)
{
	static const char *const words[OUTCOMES] = {
		[OUTCOME_CONSUMED] = "consumed", [OUTCOME_FREED] = "freed",
		[OUTCOME_DROPPED] = "dropped",	 [OUTCOME_NO_END] = "no-end",
		[OUTCOME_ALIVE] = "alive",
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
	p->culprit = h->caller;
	if (name)
		return;
	snprintf(p->unnamed_text, sizeof(p->unnamed_text), "reason %u", h->reason);
	p->unnamed = p->unnamed_text;
}

void outcome_judge(struct path *p)
{
	const struct hop *h;
	size_t i = p->n_hops;

	p->outcome = OUTCOME_FREED;
	while (i && !decides(&p->hops[i - 1]))
		i--;
	if (!i)
		return;
	h = p->verdict = &p->hops[i - 1];
	if (h->flags & EVENT_REASON) {
		judge_reason(p, h);
	} else if (h->func->roles & FUNC_ROLE_CONSUME) {
		p->outcome = OUTCOME_CONSUMED;
	} else {
		p->outcome = OUTCOME_DROPPED;
		p->culprit = h->caller;
	}
}

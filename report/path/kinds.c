// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/kinds.h"

#include <errno.h>
#include <stdlib.h>

static int grow(struct kinds *k)
{
	uint16_t cap = k->cap ? (uint16_t)(2 * k->cap) : 4;
	struct kind *all;

	if (k->count < k->cap)
		return 0;
	all = realloc(k->all, cap * sizeof(*all));
	if (!all)
		return -ENOMEM;
	k->all = all;
	k->cap = cap;
	return 0;
}

int kinds_add(struct kinds *k, uint64_t atoms, uint64_t any, bool may_match)
{
	k->any |= any;
	k->recent = KINDS_NONE;
	if (!may_match)
		return 0;
	/* The next hit is mostly like one of the last. */
	for (uint16_t i = k->count; i--;)
		if (k->all[i].atoms == atoms) {
			k->recent = i;
			return 0;
		}
	if (k->count == KINDS_MAX) {
		k->left_out++;
		return 0;
	}
	if (grow(k))
		return -ENOMEM;
	k->all[k->count] = (struct kind){.atoms = atoms, .matched = true};
	k->recent = k->count++;
	return 0;
}

bool kinds_matched(const struct kinds *k, uint16_t i)
{
	return i < k->count && k->all[i].matched;
}

void kinds_clear(struct kinds *k)
{
	k->count = 0;
	k->any = 0;
	k->left_out = 0;
	k->recent = KINDS_NONE;
}

void kinds_deinit(struct kinds *k)
{
	free(k->all);
}

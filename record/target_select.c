// SPDX-License-Identifier: GPL-2.0-only
/* Which targets --filter-func leaves. */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/event.h"
#include "common/log.h"
#include "record/role.h"
#include "record/target.h"

static int compile(regex_t *re, const char *pattern, const char *given)
{
	int err = regcomp(re, pattern, REG_EXTENDED | REG_NOSUB);
	char why[128];

	if (!err)
		return 0;
	if (err == REG_ESPACE)
		return -ENOMEM;
	regerror(err, re, why, sizeof(why));
	log_error("--filter-func: %s (got \"%s\")", why, given);
	return -EINVAL;
}

/* The regex for the whole name. By itself it must be one too: "a)|(b" is not. */
static int compile_whole(regex_t *re, const char *regex)
{
	_cleanup_(freep) char *whole = NULL;
	int err = compile(re, regex, regex);

	if (err)
		return err;
	regfree(re);
	if (asprintf(&whole, "^(%s)$", regex) < 0)
		return -ENOMEM;
	return compile(re, whole, regex);
}

int target_check(const char *const *regexes)
{
	regex_t re;
	int err = 0;

	for (size_t i = 0; !err && regexes[i]; i++) {
		err = compile_whole(&re, regexes[i] + (regexes[i][0] == '!'));
		if (!err)
			regfree(&re);
	}
	return err;
}

/* Of all targets, those that a regex matches: ORs bit into flags[i]. */
static int match_all(const struct target_set *set, const char *regex, uint8_t bit, uint8_t *flags)
{
	regex_t re;
	int err = compile_whole(&re, regex);

	if (err)
		return err;
	for (size_t i = 0; !err && i < set->count; i++) {
		int got = regexec(&re, set->all[i].name, 0, NULL, 0);

		if (!got)
			flags[i] |= bit;
		else if (got != REG_NOMATCH)
			err = -ENOMEM;
	}
	regfree(&re);
	return err;
}

int target_select(struct target_set *set, const char *const *regexes)
{
	enum { SELECTED = 1, REFUSED = 2 };
	_cleanup_(freep) uint8_t *flags = calloc(set->count + 1, 1);
	bool any = false, selected = false;
	int err = flags ? 0 : -ENOMEM;

	for (size_t i = 0; !err && regexes[i]; i++) {
		bool negated = regexes[i][0] == '!';

		any |= !negated;
		err = match_all(set, regexes[i] + negated, negated ? REFUSED : SELECTED, flags);
	}
	for (size_t i = 0; !err && i < set->count; i++) {
		struct target *t = &set->all[i];

		if (t->status != TARGET_WANTED)
			continue;
		if ((!any || flags[i] & SELECTED) && !(flags[i] & REFUSED))
			selected |= t->skb_arg != FUNC_ARG_RETURN;
		else if (t->edge || role_is_lifecycle(t->roles))
			t->lifecycle = true;
		else
			target_skip(t, "not selected by --filter-func");
	}
	return err ? err : selected ? 0 : -ENOENT;
}

void target_no_birth(struct target_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->all[i].roles & FUNC_ROLE_ALLOC)
			set->all[i].lifecycle = true;
}

void target_unseen(const struct target_set *set, enum target_status status, char *out, size_t size)
{
	static const struct {
		const char *function;
		const char *what;
	} needed[] = {
		{"__copy_skb_header", "clones"},   {"skb_copy_header", "copies"},
		{"ip_copy_metadata", "fragments"}, {"inet_frag_reasm_finish", "reassembly"},
		{"skb_gro_receive", "GRO"},	   {"skb_try_coalesce", "coalescing"},
		{"kfree_skbmem", "frees"},
	};
	size_t len = 0;

	*out = 0;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		bool found = false;

		for (size_t k = 0; !found && k < set->count; k++)
			found = set->all[k].status == status &&
				!strcmp(set->all[k].name, needed[i].function);
		if (!found && len < size)
			len += (size_t)snprintf(out + len, size - len, "%s%s (%s)", len ? ", " : "",
						needed[i].what, needed[i].function);
	}
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * BTF gives prototypes, kallsyms addresses, ftrace's list what can be attached. A function is a
 * target when one of its arguments that travel in registers is a pointer to struct sk_buff, const
 * or not.
 *
 * Registers are those of the C calling conventions for x86-64 (six) and AArch64 (eight; six are
 * used here): an argument of up to 8 bytes takes one, a struct of up to 16 bytes two, a larger one
 * none (it lies on the stack).
 */
#include "record/target.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/pwru_abi.h"
#include "common/cleanup.h"
#include "common/event.h"
#include "common/log.h"
#include "record/edge.h"
#include "record/kallsyms.h"
#include "record/role.h"

#define REGISTERS 6

static const struct btf_type *strip(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

static bool is_pointer_to(const struct btf *btf, uint32_t id, const char *name)
{
	const struct btf_type *t = strip(btf, id);

	if (!t || !btf_is_ptr(t))
		return false;
	t = strip(btf, t->type);
	return t && (btf_is_struct(t) || btf_is_fwd(t)) &&
	       !strcmp(btf__name_by_offset(btf, t->name_off), name);
}

static bool is_drop_reason(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = strip(btf, id);

	return t && btf_is_any_enum(t) &&
	       !strcmp(btf__name_by_offset(btf, t->name_off), "skb_drop_reason");
}

/* Fills the argument positions of t from a prototype, leaving out the first `skip` parameters. */
static bool find_args(const struct btf *btf, const struct btf_type *proto, int skip,
		      struct target *t)
{
	const struct btf_param *p = btf_params(proto);
	int reg = 0;
	bool found = false;

	t->reason_arg = t->sock_arg = t->loc_arg = -1;
	for (int i = skip; i < btf_vlen(proto) && reg < REGISTERS; i++) {
		long long size = btf__resolve_size(btf, p[i].type);

		if (!found && is_pointer_to(btf, p[i].type, "sk_buff")) {
			t->skb_arg = (uint8_t)reg;
			found = true;
		} else if (t->sock_arg < 0 && is_pointer_to(btf, p[i].type, "sock")) {
			t->sock_arg = (int8_t)reg;
		} else if (t->reason_arg < 0 && is_drop_reason(btf, p[i].type)) {
			t->reason_arg = (int8_t)reg;
		}
		reg += size > 16 ? 0 : size > 8 ? 2 : 1;
	}
	return found;
}

static struct target *target_add(struct target_set *set, const struct target *t, const char *name)
{
	struct target *grown;

	if (set->count == set->cap) {
		set->cap = set->cap ? set->cap * 2 : 1024;
		grown = reallocarray(set->all, set->cap, sizeof(*grown));
		if (!grown)
			return NULL;
		set->all = grown;
	}
	grown = &set->all[set->count];
	*grown = *t;
	grown->name = strdup(name);
	if (!grown->name)
		return NULL;
	set->count++;
	return grown;
}

/* ---- what ftrace can attach to: a sorted list of names ---- */

struct names {
	char *text;
	char **all;
	size_t count;
};

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_deinit(struct names *n)
{
	free(n->text);
	free(n->all);
}

static FILE *open_ftrace_list(const char *path)
{
	static const char *const usual[] = {
		"/sys/kernel/tracing/available_filter_functions",
		"/sys/kernel/debug/tracing/available_filter_functions",
	};
	FILE *f = path ? fopen(path, "re") : NULL;

	for (size_t i = 0; !path && !f && i < sizeof(usual) / sizeof(usual[0]); i++)
		f = fopen(usual[i], "re");
	return f;
}

/* 0 with an empty list when it cannot be read. */
static int names_read(const char *path, struct names *ret)
{
	_cleanup_(fclosep) FILE *f = open_ftrace_list(path);
	size_t cap = 0, size = 0, room = 0;
	char *at, *next;

	memset(ret, 0, sizeof(*ret));
	if (!f)
		return 0;
	do {
		char *grown;

		room = room ? room * 2 : 1 << 20;
		grown = realloc(ret->text, room + 1);
		if (!grown)
			return -ENOMEM;
		ret->text = grown;
		size += fread(ret->text + size, 1, room - size, f);
	} while (size == room);
	ret->text[size] = 0;
	next = ret->text;
	while ((at = strsep(&next, "\n"))) {
		if (ret->count == cap) {
			char **grown;

			cap = cap ? cap * 2 : 1 << 15;
			grown = reallocarray(ret->all, cap, sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			ret->all = grown;
		}
		at[strcspn(at, " \t")] = 0; /* "name [module]" */
		if (*at)
			ret->all[ret->count++] = at;
	}
	qsort(ret->all, ret->count, sizeof(*ret->all), name_order);
	return 0;
}

static bool names_has(const struct names *n, const char *name)
{
	return bsearch(&name, n->all, n->count, sizeof(*n->all), name_order) != NULL;
}

/* ---- functions ---- */

void target_skip(struct target *t, const char *why)
{
	t->status = TARGET_SKIPPED;
	t->why = why;
}

/* One function of BTF: a target for each address of that name, or one that says why there is none.
 */
static int add_function(struct target_set *set, const struct kallsyms *k,
			const struct names *ftrace, struct target *t, const char *name)
{
	const struct kallsym *const *syms;
	size_t n = kallsyms_by_name(k, name, &syms), here = 0;
	bool attachable = !ftrace->count || names_has(ftrace, name);
	/* From 7.x it is given the skb for which memory is fetched, which is none yet. */
	bool no_packet = !strcmp(name, "kmalloc_reserve");
	struct edge edge;

	t->roles = role_of_function(name, t->reason_arg >= 0);
	if (t->skb_arg != FUNC_ARG_RETURN && edge_of_function(name, &edge)) {
		t->skb_arg = edge.skb;
		t->other_arg = edge.other;
		t->edge = edge.kind;
	}
	for (size_t i = 0; i < n; i++) {
		/* The prototype is that of this module or the kernel's; elsewhere the same name may
		 * have another. */
		if (strcmp(kallsyms_module(k, syms[i]->module), t->module))
			continue;
		here++;
		t->addr = syms[i]->addr;
		t->status = TARGET_WANTED;
		if (no_packet)
			target_skip(t, "its skb is not made yet");
		else if (!attachable)
			target_skip(t, "not traceable (not in available_filter_functions)");
		if (!target_add(set, t, name))
			return -ENOMEM;
	}
	if (here)
		return 0;
	t->addr = 0;
	target_skip(t,
		    kallsyms_suffixed(k, name)
			    ? "only a suffixed symbol (.isra, .constprop): registers may have moved"
			    : "no symbol (inlined everywhere)");
	return target_add(set, t, name) ? 0 : -ENOMEM;
}

static int add_functions(struct target_set *set, const struct btf *btf, uint32_t first,
			 const char *module, const struct kallsyms *k, const struct names *ftrace)
{
	uint32_t n = btf__type_cnt(btf);
	int err = 0;

	for (uint32_t id = first; !err && id < n; id++) {
		const struct btf_type *f = btf__type_by_id(btf, id);
		struct target t = {.module = module};

		if (!btf_is_func(f))
			continue;
		if (find_args(btf, btf__type_by_id(btf, f->type), 0, &t))
			err = add_function(set, k, ftrace, &t,
					   btf__name_by_offset(btf, f->name_off));
	}
	return err;
}

/*
 * Functions that give out fresh skbs. Their returns are probed, since what __build_skb_around()
 * does is inlined in some kernels.
 */
static int add_returns(struct target_set *set, const struct kallsyms *k, const struct names *ftrace)
{
	static const char *const names[] = {"__alloc_skb", "slab_build_skb"};
	const struct kallsym *const *syms;
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++) {
		struct target t = {.module = "",
				   .skb_arg = FUNC_ARG_RETURN,
				   .reason_arg = -1,
				   .sock_arg = -1,
				   .loc_arg = -1};

		if (kallsyms_by_name(k, names[i], &syms))
			err = add_function(set, k, ftrace, &t, names[i]);
	}
	return err;
}

static uint64_t find_trampoline(const struct kallsyms *k)
{
	static const char *const names[] = {"__kretprobe_trampoline", "kretprobe_trampoline",
					    "arch_rethook_trampoline"};
	const struct kallsym *const *syms;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (kallsyms_by_name(k, names[i], &syms))
			return syms[0]->addr;
	return 0;
}

int target_functions(const struct btf *btf, const struct kallsyms *k, const char *ftrace_path,
		     struct target_set *ret)
{
	_cleanup_(names_deinit) struct names ftrace = {};
	struct target_set set = {};
	int err = names_read(ftrace_path, &ftrace);

	if (!err)
		err = add_functions(&set, btf, 1, "", k, &ftrace);
	if (!err)
		err = add_returns(&set, k, &ftrace);
	set.trampoline = find_trampoline(k);
	if (err)
		target_set_deinit(&set);
	else
		*ret = set;
	return err;
}

/* The name as kallsyms has it, which lives as long as that does; NULL when the module has no
 * symbols. */
static const char *module_name(const struct kallsyms *k, const char *name)
{
	for (uint32_t m = 1; m <= kallsyms_modules(k); m++)
		if (!strcmp(kallsyms_module(k, m), name))
			return kallsyms_module(k, m);
	return NULL;
}

int target_modules(struct btf *vmlinux, const struct kallsyms *k, const char *ftrace_path,
		   const char *const *modules, struct target_set *set)
{
	_cleanup_(names_deinit) struct names ftrace = {};
	int err = names_read(ftrace_path, &ftrace);

	for (size_t i = 0; !err && modules[i]; i++) {
		const char *name = module_name(k, modules[i]);
		struct btf *split = name ? btf__load_module_btf(name, vmlinux) : NULL;

		if (!split) {
			log_warn("module %s: %s", modules[i],
				 name ? "no BTF (CONFIG_DEBUG_INFO_BTF_MODULES)" : "not loaded");
			continue;
		}
		err = add_functions(set, split, btf__type_cnt(vmlinux), name, k, &ftrace);
		btf__free(split);
	}
	return err;
}

/* ---- tracepoints ---- */

#define TRACE_PREFIX "btf_trace_"

/*
 * The skb that these are given may have been freed before they fire: only its address means
 * something. net_dev_xmit comes after the driver took the packet (net/core/dev.c, xmit_one()).
 */
static bool fires_after_skb_is_gone(const char *name)
{
	return !strcmp(name, "net_dev_xmit");
}

int target_tracepoints(const struct btf *btf, struct target_set *ret)
{
	struct target_set set = {};
	uint32_t n = btf__type_cnt(btf);

	for (uint32_t id = 1; id < n; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id), *proto;
		struct target t = {.module = "", .btf_id = id};
		const char *name = btf__name_by_offset(btf, type->name_off);

		if (!btf_is_typedef(type) || strncmp(name, TRACE_PREFIX, strlen(TRACE_PREFIX)))
			continue;
		name += strlen(TRACE_PREFIX);
		proto = btf__type_by_id(btf, type->type);
		proto = proto && btf_is_ptr(proto) ? btf__type_by_id(btf, proto->type) : NULL;
		/* The first parameter is the tracepoint's own. */
		if (!proto || !btf_is_func_proto(proto) || !find_args(btf, proto, 1, &t))
			continue;
		t.roles = role_of_tracepoint(name, t.reason_arg >= 0);
		if (t.roles & FUNC_ROLE_FREE && btf_vlen(proto) > 2)
			t.loc_arg = 1; /* kfree_skb, consume_skb: (skb, location, …) */
		if (fires_after_skb_is_gone(name))
			target_skip(&t, "fires when the skb may be gone already");
		if (!target_add(&set, &t, name)) {
			target_set_deinit(&set);
			return -ENOMEM;
		}
	}
	*ret = set;
	return 0;
}

size_t target_count(const struct target_set *set, enum target_status status)
{
	size_t n = 0;

	for (size_t i = 0; i < set->count; i++)
		n += set->all[i].status == status;
	return n;
}

uint64_t target_cookie(const struct target_set *set, size_t index)
{
	const struct target *t = &set->all[index];
	int reason = t->roles & FUNC_ROLE_REASON ? t->reason_arg : -1;

	uint64_t cookie = t->skb_arg == FUNC_ARG_RETURN
				  ? PWRU_COOKIE_RETURN
				  : (uint64_t)t->skb_arg << PWRU_COOKIE_SKB_SHIFT;

	if (t->edge)
		cookie |= (uint64_t)(t->other_arg + 1) << PWRU_COOKIE_OTHER_SHIFT |
			  (uint64_t)t->edge << PWRU_COOKIE_EDGE_SHIFT;
	if (t->lifecycle)
		cookie |= PWRU_COOKIE_LIFECYCLE;
	return cookie | (uint64_t)index | (uint64_t)(reason + 1) << PWRU_COOKIE_REASON_SHIFT |
	       (uint64_t)(t->sock_arg + 1) << PWRU_COOKIE_SOCK_SHIFT |
	       (uint64_t)(t->loc_arg + 1) << PWRU_COOKIE_LOC_SHIFT |
	       (uint64_t)t->roles << PWRU_COOKIE_ROLES_SHIFT;
}

void target_set_deinit(struct target_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->all[i].name);
	free(set->all);
	memset(set, 0, sizeof(*set));
}

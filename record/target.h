/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_TARGET_H
#define RECORD_TARGET_H

/*
 * What can be probed: each kernel function, and each tracepoint, that is given an skb, as the
 * kernel's BTF tells, with what becomes of it. A target's index in its table is its number in
 * cookies and events.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
struct kallsyms;

enum target_status {
	TARGET_WANTED, /* to be attached */
	TARGET_ATTACHED,
	TARGET_SKIPPED, /* not tried; why says why */
	TARGET_FAILED,	/* tried; err says why */
};

struct target {
	char *name;
	const char *module; /* borrowed from kallsyms; "" the kernel itself */
	uint64_t addr;	    /* 0 for tracepoints, and unknown */
	uint32_t btf_id;    /* of a tracepoint's btf_trace_* typedef */
	uint8_t skb_arg;    /* 0 first; FUNC_ARG_RETURN: probed at its return */
	uint8_t other_arg;  /* of an edge */
	uint8_t edge;	    /* enum edge_kind; 0 none */
	bool lifecycle;	    /* not selected, but attached to know packets by */
	int8_t reason_arg;  /* -1 none */
	int8_t sock_arg;
	int8_t loc_arg;
	uint16_t roles; /* FUNC_ROLE_* */
	enum target_status status;
	const char *why; /* static text; skipped */
	int err;	 /* errno; failed */
};

struct target_set {
	struct target *all;
	size_t count;
	size_t cap;
	uint64_t trampoline; /* where kretprobes return to: what is hit at a return; 0 unknown */
};

/*
 * Functions of vmlinux with a struct sk_buff pointer in a register. ftrace_path:
 * available_filter_functions, NULL to try the usual places; when none can be read every function
 * counts as attachable until the kernel says otherwise. -ENOMEM. On success the caller owns *ret's
 * memory; target_set_deinit().
 */
int target_functions(const struct btf *btf, const struct kallsyms *k, const char *ftrace_path,
		     struct target_set *ret);

/*
 * Appends the functions of modules, from their split BTF; modules: names, ended by a NULL. A module
 * that is not loaded or has no BTF is said on stderr and passed over. -ENOMEM.
 */
int target_modules(struct btf *vmlinux, const struct kallsyms *k, const char *ftrace_path,
		   const char *const *modules, struct target_set *set);

/* Raw tracepoints. Those that fire when the skb may be gone already are skipped. */
int target_tracepoints(const struct btf *btf, struct target_set *ret);

/*
 * Marks what the regexes (POSIX extended, whole name; ended by a NULL) do not select: as lifecycle
 * where a packet's life begins or ends or it gets kin, else as skipped. A name must match one of
 * those without a '!' before it, if there are any, and none of those with. -EINVAL for a bad one,
 * saying so; -ENOENT when nothing is selected.
 */
int target_select(struct target_set *set, const char *const *regexes);

/* Are these regexes? 0, or -EINVAL after one line on stderr. -ENOMEM. */
int target_check(const char *const *regexes);

/* Not to be tried; why is static text. */
void target_skip(struct target *t, const char *why);

/*
 * A birth says nothing about a packet's connection, so it must not begin the life of a packet where
 * a connection is left out: it becomes lifecycle.
 */
void target_no_birth(struct target_set *set);

/*
 * What will not be seen of packets' kin ("clones, GRO"), because the functions that tell of it do
 * not have that status; "" when nothing is missing. size: of out.
 */
void target_unseen(const struct target_set *set, enum target_status status, char *out, size_t size);

size_t target_count(const struct target_set *set, enum target_status status);

/* The cookie of set->all[index], as bpf/pwru_abi.h lays it out. */
uint64_t target_cookie(const struct target_set *set, size_t index);

void target_set_deinit(struct target_set *set);

#endif

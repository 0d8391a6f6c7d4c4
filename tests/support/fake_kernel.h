/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SUPPORT_FAKE_KERNEL_H
#define TESTS_SUPPORT_FAKE_KERNEL_H

/*
 * A kernel made by hand, for what looks for targets: BTF of some types and of the prototypes that
 * are added, symbols, and ftrace's list. Failing is an assertion.
 */

#include <stdint.h>

#include "record/target.h"
#include "tests/support/temp_file.h"

struct btf;
struct kallsyms;

/* What a parameter can be of; END ends a list of them. */
enum fake_type {
	END,
	INT,
	LONG,
	VOID_PTR,
	SKB, /* struct sk_buff * */
	SKB_CONST,
	SKB_VOLATILE,
	SKB_CONST_PTR, /* struct sk_buff *const */
	SKB_TYPEDEF,   /* skb_t * */
	SKB_PTR_TYPEDEF,
	SKB_PTR_PTR,
	SKB_VALUE,
	SKB_HEAD, /* struct sk_buff_head * */
	SOCK,
	SOCKET, /* struct socket * */
	S8,	/* structs by value */
	S12,
	S16,
	S24,
	REASON,
	REASON_TYPEDEF,
	OTHER_ENUM,
	FAKE_TYPES,
};

struct fake_kernel {
	struct btf *btf;
	struct kallsyms *kallsyms;
	struct temp_file ftrace; /* available_filter_functions */
	int ids[FAKE_TYPES];	 /* in btf */
};

/* Both texts as the kernel prints them. */
void fake_kernel_create(struct fake_kernel *k, const char *symbols, const char *ftrace);
void fake_kernel_destroy(struct fake_kernel *k);

void fake_function(struct fake_kernel *k, const char *name, const enum fake_type *params);
/* A typedef of a pointer to a prototype; name is the whole one. Returns its id. */
uint32_t fake_tracepoint(struct fake_kernel *k, const char *name, const enum fake_type *params);
/* A typedef of any type of btf, 0 for void. */
void fake_typedef(struct fake_kernel *k, const char *name, int of);

#define FUNCTION(k, name, ...)	 fake_function(k, name, (enum fake_type[]){__VA_ARGS__, END})
#define TRACEPOINT(k, name, ...) fake_tracepoint(k, name, (enum fake_type[]){__VA_ARGS__, END})

/* Its targets, which must be had; the caller owns them. */
struct target_set fake_targets(const struct fake_kernel *k);

/* The first of that name; NULL if there is none. */
const struct target *fake_target(const struct target_set *set, const char *name);

#endif

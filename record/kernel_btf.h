/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_KERNEL_BTF_H
#define RECORD_KERNEL_BTF_H

#include <stddef.h>

struct btf;
struct kallsyms;

/*
 * The running kernel's BTF: its own, or that in the file path (--kernel-btf), which is refused when
 * it is of another kernel: nothing would be found where it says. k is what tells; NULL takes it
 * unseen. On success the caller owns *ret; free with btf__free(). Says nothing itself: on failure
 * why has what is wrong, in one line.
 * -EINVAL, -ENOMEM, or what access() says.
 */
int kernel_btf_load(const char *path, const struct kallsyms *k, struct btf **ret, char *why,
		    size_t size);

#endif

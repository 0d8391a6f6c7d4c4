/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_REASONS_H
#define RECORD_REASONS_H

/*
 * Names of drop reasons: the kernel's enum skb_drop_reason, and the enums of subsystems, whose
 * numbers carry the subsystem in their upper 16 bits. Most subsystems are modules with BTF of
 * their own.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"

struct btf;
struct reasons; /* opaque */

/* Where the kernel has the BTF of its modules, as it is based on its own. */
#define REASONS_MODULES "/sys/kernel/btf"

/* modules: a directory with the modules' BTF; NULL: the kernel's reasons only. What cannot be read
 * there is left out. Free with reasons_destroy(). -ENOMEM. */
int reasons_create(struct btf *vmlinux, const char *modules, struct reasons **ret);
void reasons_destroy(struct reasons *r);

/* NULL: there is none of that number. */
const char *reasons_name(const struct reasons *r, uint32_t number);
/* The number of one, with or without its SKB_DROP_REASON_. */
bool reasons_number(const struct reasons *r, const char *name, uint32_t *ret);
/* A line "NUMBER NAME" for each. */
void reasons_print(const struct reasons *r, struct buf *to);

#endif

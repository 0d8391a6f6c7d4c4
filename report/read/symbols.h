/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SYMBOLS_H
#define REPORT_SYMBOLS_H

/*
 * Kernel addresses -> names, from the snapshot's SYMBOLS and MODULES. Where several symbols stand
 * at one address the one a person would call it by wins: aliases and compiler-made names lose.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/snapshot_codec.h"

struct symbols; /* opaque */

struct symbol {
	const char *name;   /* borrowed from the snapshot */
	const char *module; /* "" is the kernel itself; borrowed from the symbols */
	uint64_t offset;    /* of the address asked for, from the symbol's start */
};

/*
 * Borrows from snap, which must live longer. On success the caller owns *ret; symbols_destroy().
 * -ENODATA when the capture has none, -EBADMSG when they are damaged, -ENOMEM.
 */
int symbols_create(const struct snapshot *snap, struct symbols **ret);
void symbols_destroy(struct symbols *s);
size_t symbols_count(const struct symbols *s);

/* The symbol addr lies in. -ENOENT: none does (s may be NULL: none). */
int symbols_find(const struct symbols *s, uint64_t addr, struct symbol *ret);
/* The same for a return address, which may stand just after its function's last byte. */
int symbols_find_caller(const struct symbols *s, uint64_t addr, struct symbol *ret);

#endif

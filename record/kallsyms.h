/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_KALLSYMS_H
#define RECORD_KALLSYMS_H

/* The running kernel's text symbols, from /proc/kallsyms, sorted by address. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kallsym {
	uint64_t addr;
	const char *name;
	uint32_t module; /* index into the modules, +1; 0 is the kernel itself */
	char type;
};

struct kallsyms; /* opaque */

/*
 * Reads path (NULL: /proc/kallsyms). On success the caller owns *ret; kallsyms_destroy(). -ENODATA
 * when every address reads as zero, which is what kernel.kptr_restrict does: names are not kept
 * then either. Says nothing.
 */
int kallsyms_create(const char *path, struct kallsyms **ret);
void kallsyms_destroy(struct kallsyms *k);

size_t kallsyms_count(const struct kallsyms *k);
const struct kallsym *kallsyms_at(const struct kallsyms *k, size_t i);
size_t kallsyms_modules(const struct kallsyms *k);
const char *kallsyms_module(const struct kallsyms *k, uint32_t module); /* "" for 0 */

/* The address of a variable the recorder needs to know: vmemmap_base or page_offset_base; 0 where
 * there is none. */
uint64_t kallsyms_variable(const struct kallsyms *k, const char *name);

/* All symbols of one name: the count, and the first of an array of pointers. */
size_t kallsyms_by_name(const struct kallsyms *k, const char *name,
			const struct kallsym *const **ret);

/* Is there a symbol "name.suffix" (.isra.0, .constprop.0, …; .cold does not count)? NULL if not. */
const struct kallsym *kallsyms_suffixed(const struct kallsyms *k, const char *name);

/* The code of a function, the first of that name: [*from, *to). False, and both 0: there is none of
 * that name. */
bool kallsyms_code(const struct kallsyms *k, const char *name, uint64_t *from, uint64_t *to);

/* The symbol an address lies in: the greatest not above it. NULL below the first. */
const struct kallsym *kallsyms_by_addr(const struct kallsyms *k, uint64_t addr);

#endif

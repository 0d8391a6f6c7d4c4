/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SRCLINE_H
#define REPORT_SRCLINE_H

/*
 * Addresses -> functions, source lines and what was inlined, by one file of debug information. Only
 * the compile units that are asked for are read, and that once: linecache.h.
 *
 * Addresses are those the file is linked to; in a module, which is linked when it is loaded, they
 * are offsets from where its code begins then: the kernel lays out the sections of code, those for
 * its beginning apart, in the order of the file.
 */

#include <stddef.h>
#include <stdint.h>

#include "report/symbol/debugfile.h"
#include "report/symbol/linetable.h"

struct srcline; /* opaque */

/* Borrows file, which must live longer. cache: a directory (linecache.h), NULL none. On success the
 * caller owns *ret; srcline_destroy(), which keeps what was read in the cache. -ENOMEM. */
int srcline_create(const struct debugfile *file, const char *cache, struct srcline **ret);
void srcline_destroy(struct srcline *s);

/* Where _text, or a module's code, begins. -ENOENT: the file does not tell. -ENOMEM. */
int srcline_text(struct srcline *s, uint64_t *ret);

/* The functions addr lies in, as linetable_find(). Texts live as long as s. 0: nothing is known,
 * also when the debug information cannot be read, which has been said then. */
size_t srcline_find(struct srcline *s, uint64_t addr,
		    struct linetable_frame frames[LINETABLE_FRAMES]);

#endif

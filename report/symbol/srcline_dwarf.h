/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SRCLINE_DWARF_H
#define REPORT_SRCLINE_DWARF_H

/*
 * The DWARF of one file, a compile unit at a time.
 *
 * Addresses are those the file is linked to; in a module, which is linked when it is loaded, they
 * are offsets from where its code begins then: the kernel lays out the sections of code, those for
 * its beginning apart, in the order of the file.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

struct srcline_dwarf; /* opaque */

/*
 * fd stays the caller's, and must stay open; alt_fd is the file that dwz moved what several have in
 * common to, -1: none. On success the caller owns *ret; srcline_dwarf_close(). -ENODATA: no debug
 * information; -EBADMSG: libdw does not understand it, and has said why to who debugs; -ENOMEM.
 */
int srcline_dwarf_open(int fd, int alt_fd, const char *path, struct srcline_dwarf **ret);
void srcline_dwarf_close(struct srcline_dwarf *d);

/* Where _text, or a module's code, begins. -ENOENT: a file without it. */
int srcline_dwarf_text(struct srcline_dwarf *d, uint64_t *ret);

/*
 * The unit that addr lies in: appends its ranges (struct srcline_range) and its table
 * (linetable.h). Where no unit is, the gap between two of them is one with an empty table. -ENOMEM.
 */
int srcline_dwarf_unit(struct srcline_dwarf *d, uint64_t addr, struct buf *ranges,
		       struct buf *table);

#endif

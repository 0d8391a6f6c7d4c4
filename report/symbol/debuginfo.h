/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_DEBUGINFO_H
#define REPORT_DEBUGINFO_H

/*
 * The addresses of captures -> functions, source lines and inlined calls, where there is debug
 * information of the kernel and the modules they were made with: debugfile.h, srcline.h. Files are
 * looked for when an address of theirs is asked for.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/read/capture.h"
#include "report/symbol/debugfile.h"
#include "report/symbol/linetable.h"
#include "report/options.h"

struct debuginfo; /* opaque */

/* options borrow from strings that live longer. cache: a directory, NULL none; copied. On success
 * the caller owns *ret; debuginfo_destroy(), before the captures that were asked for. -ENOMEM. */
int debuginfo_create(const struct debugfile_options *options, const char *cache,
		     struct debuginfo **ret);
/* The same as the options say, with the user's cache. */
int debuginfo_open(const struct report_options *o, struct debuginfo **ret);
void debuginfo_destroy(struct debuginfo *d);

struct debuginfo_frames {
	struct linetable_frame frames[LINETABLE_FRAMES]; /* the innermost first */
	size_t n;
	bool verified; /* the build-id is the one that was recorded */
};

/* That of the function itself, which the others are inlined in. */
static inline const struct linetable_frame *debuginfo_outermost(const struct debuginfo_frames *f)
{
	return &f->frames[f->n - 1];
}

/*
 * What addr is in the source; of a return address (after_call), what called. Texts live as long as
 * d. -ENOENT: it is not known, -ENOMEM.
 */
int debuginfo_find(struct debuginfo *d, struct capture *c, uint64_t addr, bool after_call,
		   struct debuginfo_frames *ret);

/* The same of a return address, by c's own debuginfo, if it has one; addr 0 is none. false: no file
 * is known. */
bool debuginfo_caller(struct capture *c, uint64_t addr, struct debuginfo_frames *ret);

/*
 * The text of the line addr is in, of the function that is not inlined, from --source-dir; cut to
 * size, ended by a NUL; *verified as of debuginfo_find(). d may be NULL. -ENOENT: it is not known,
 * -ENOMEM.
 */
int debuginfo_source(struct debuginfo *d, struct capture *c, uint64_t addr, bool after_call,
		     char *ret, size_t size, bool *verified);

struct debuginfo_object {
	const char *build_id; /* as recorded; "" unknown */
	const char *path;     /* of its debug information; NULL: not found */
	bool verified;
	const char *place; /* where: vmlinux, debug-dir, system, server; NULL: not found */
	const char *why;   /* not: no-build-id, another-build, not-found; NULL: found */
};

/* What there is of a module, "" the kernel. Texts live as long as d. -ENOENT: the capture has no
 * such module, -ENOMEM. */
int debuginfo_object(struct debuginfo *d, struct capture *c, const char *module,
		     struct debuginfo_object *ret);

#endif

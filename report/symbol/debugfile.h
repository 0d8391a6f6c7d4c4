/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_DEBUGFILE_H
#define REPORT_DEBUGFILE_H

/*
 * Build-id -> the file of debug information. It is looked for in
 *
 *	--vmlinux FILE                                    the kernel's
 *	--debug-dir DIR                                   as below, and DIR itself
 *	/usr/lib/debug/.build-id/xx/yyyy.debug
 *	/usr/lib/debug/boot/vmlinux-RELEASE, /usr/lib/debug/lib/modules/RELEASE
 *	the servers of DEBUGINFOD_URLS                    fetch.h
 *
 * in this order. A file whose build-id is another is not taken, which is said with both of them;
 * where that is allowed, the first such one is taken, and marked, when there is none that is right.
 */

#include <stdbool.h>
#include <stddef.h>

struct fetch;

#define DEBUGFILE_ID 129 /* of a build-id in hexadecimal, with its NUL */

/* Strings are borrowed. */
struct debugfile_options {
	const char *vmlinux;   /* NULL: not given */
	const char *directory; /* NULL: not given */
	const char *system;    /* "/usr/lib/debug", unless that is what is tested */
	struct fetch *fetch;   /* NULL: no server is asked */
	bool allow_mismatch;
};

struct debugfile {
	char *path;
	const char *place; /* where it was: vmlinux, debug-dir, system, server */
	int fd;
	int alt_fd;		     /* what dwz has moved into another file; -1: nothing */
	char build_id[DEBUGFILE_ID]; /* its own; "" it has none */
	bool verified;		     /* and that is what was asked for */
};

struct debugfile_finder; /* opaque */

/* release: of the kernel, as the capture tells it; any string. On success the caller owns *ret;
 * debugfile_finder_destroy(). -ENOMEM. */
int debugfile_finder_create(const struct debugfile_options *o, const char *release,
			    struct debugfile_finder **ret);
void debugfile_finder_destroy(struct debugfile_finder *f);

/*
 * The file of a module ("": of the kernel), by its build-id in hexadecimal ("": unknown, which no
 * file is right for). Any strings. On success the caller owns *ret; debugfile_close(). -ENOENT:
 * there is none; -ESTALE: only of another build, which was refused; -ENOMEM.
 */
int debugfile_find(struct debugfile_finder *f, const char *module, const char *build_id,
		   struct debugfile **ret);
void debugfile_close(struct debugfile *d);

#endif

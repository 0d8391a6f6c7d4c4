/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SRCPATH_H
#define REPORT_SRCPATH_H

/* The path of a source file as people know it, from where it was when it was compiled. */

#include <stddef.h>

/*
 * net/core/dev.c of /build/linux-6.1/net/core/dev.c, compiled in /build/linux-6.1 or in a directory
 * somewhere below /build: without what both paths begin with, if that is two directories or all of
 * dir (NULL: unknown), and without "." and "..". Cut to size, ended by a NUL.
 */
void srcpath_shorten(const char *path, const char *dir, char *ret, size_t size);

#endif

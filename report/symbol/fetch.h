/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_FETCH_H
#define REPORT_FETCH_H

/*
 * Debug information from the servers that DEBUGINFOD_URLS names, by libdebuginfod, which is loaded
 * only when that is set. The program itself is not allowed a network when it reads captures: so a
 * helper, started before, is asked for build-ids and answers with the names of files. Within a
 * second it ends with this program, however that ends, or by Ctrl-C, without a part of a file left
 * behind, and nothing more is fetched.
 */

#include <stddef.h>

struct fetch; /* opaque */

/* Before confine_report(). *ret is NULL where there is no server or no libdebuginfod, which who
 * debugs is told; else the caller owns it; fetch_stop(). */
void fetch_start(struct fetch **ret);
void fetch_stop(struct fetch *f); /* NULL: nothing */

/* The file of a build-id, in hexadecimal; as long as that takes. -ENOENT: no server has it, or they
 * cannot be asked any more. f may be NULL. What was fetched is to be checked still. */
int fetch_file(struct fetch *f, const char *build_id, char *path, size_t size);

#endif

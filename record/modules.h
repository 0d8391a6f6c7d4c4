/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_MODULES_H
#define RECORD_MODULES_H

/* Which modules are loaded, and what changes while a recording runs: functions of a module that
 * comes late are not probed. */

#include <stdbool.h>

struct modules; /* opaque */

/* As they are now, from /proc/modules, which needs no privilege. -errno. On success
 * modules_destroy(). */
int modules_create(struct modules **ret);
void modules_destroy(struct modules *m);

/* Calls fn for each that came or went since the last call. */
void modules_poll(struct modules *m, void (*fn)(void *ctx, const char *name, bool loaded),
		  void *ctx);

#endif

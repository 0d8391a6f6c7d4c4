/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_CLEANUP_H
#define COMMON_CLEANUP_H

/*
 * Locals that clean up after themselves:
 *
 *	_cleanup_(freep) char *name = NULL;
 *	...
 *	*ret = steal_ptr(&name);
 *
 * Never mixed with goto in one function.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define steal_ptr(p)                             \
	({                                       \
		__typeof__(*(p)) _stolen = *(p); \
		*(p) = NULL;                     \
		_stolen;                         \
	})

static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

#endif

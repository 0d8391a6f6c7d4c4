// SPDX-License-Identifier: GPL-2.0-only
/*
 * glibc lets a program bring its own malloc; this one is glibc's with a counter before it. So no
 * linker flags are needed, and strdup() and zlib fail too.
 */
#include "tests/support/alloc_fail.h"

#include <stddef.h>

static int countdown = -1;
static bool failed;

void alloc_fail_at(int nth)
{
	failed = false;
	countdown = nth;
}

bool alloc_fail_end(void)
{
	countdown = -1;
	return failed;
}

#ifndef __SANITIZE_ADDRESS__
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);

static bool fails_now(void)
{
	if (countdown < 0 || countdown-- > 0)
		return false;
	failed = true;
	return true;
}

void *malloc(size_t n)
{
	return fails_now() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails_now() ? NULL : __libc_realloc(p, n);
}
#endif

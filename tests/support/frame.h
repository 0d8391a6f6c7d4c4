/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_FRAME_H
#define TESTS_FRAME_H

/* A frame that is put together piece by piece. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct frame {
	uint8_t data[512];
	size_t len;
};

static inline void frame_add(struct frame *f, const void *p, size_t n)
{
	if (n > sizeof(f->data) - f->len)
		abort();
	memcpy(f->data + f->len, p, n);
	f->len += n;
}

/* A string's bytes, but for the NUL at its end. */
#define FRAME_ADD(f, s) frame_add(f, s, sizeof(s) - 1)

#endif

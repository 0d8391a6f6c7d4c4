/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_BITS_H
#define REPORT_BITS_H

/* A set of numbers from 0 on, which takes a bit for each up to the highest. */

#include <stdbool.h>
#include <stdint.h>

struct bits {
	uint8_t *bytes;
	uint64_t room; /* of them */
};

/* Makes room for n: so that adding it, or less, cannot fail. -ENOMEM. */
int bits_reserve(struct bits *b, uint64_t n);
void bits_deinit(struct bits *b);

/* n has room. */
static inline void bits_add(struct bits *b, uint64_t n)
{
	b->bytes[n / 8] |= (uint8_t)(1u << n % 8);
}

static inline bool bits_has(const struct bits *b, uint64_t n)
{
	return n / 8 < b->room && (b->bytes[n / 8] >> n % 8 & 1);
}

#endif

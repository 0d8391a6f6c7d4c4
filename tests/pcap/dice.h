/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_PCAP_DICE_H
#define TESTS_PCAP_DICE_H

/* The same numbers every time (splitmix64), whatever the C library. */

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline uint64_t dice_roll(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* 0 … n - 1 */
static inline unsigned int dice_below(struct dice *d, unsigned int n)
{
	return (unsigned int)(dice_roll(d) % n);
}

static inline bool dice_percent(struct dice *d, unsigned int p)
{
	return dice_below(d, 100) < p;
}

#define DICE_ONE(d, list) ((list)[dice_below(d, sizeof(list) / sizeof((list)[0]))])

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PERCENTILES_H
#define REPORT_PERCENTILES_H

/*
 * Percentiles of durations, in ns. Exact for so many samples; of more, a histogram is kept whose
 * buckets are 1/64 of an octave, so that what it tells is at most 1 % away. Count, sum and largest
 * are always exact. The buckets of all come from one purse: a capture decides how many there are.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of 64 buckets: 0.5 KiB each. */
#define PERCENTILES_PURSE 65536u

struct percentiles_purse {
	size_t pages; /* that may still be taken */
};

struct percentiles {
	uint64_t count;
	uint64_t sum; /* UINT64_MAX: that or more */
	uint64_t min;
	uint64_t max;
	uint64_t left_out; /* samples that the percentiles lack: no memory */
	uint64_t *samples; /* in no order; NULL once there is a histogram */
	size_t room;
	uint64_t **pages; /* NULL: none yet */
};

/* Adds to one that is zero-initialised at first; exact_most is the same each time. */
void percentiles_add(struct percentiles *p, struct percentiles_purse *purse, size_t exact_most,
		     uint64_t ns);
void percentiles_deinit(struct percentiles *p);

static inline bool percentiles_exact(const struct percentiles *p)
{
	return !p->pages && !p->left_out;
}

/*
 * The smallest sample that at least per_mille of 1000 are not larger than; 0 without samples. Puts
 * the samples in order, so p changes in form only.
 */
uint64_t percentiles_at(struct percentiles *p, unsigned int per_mille);

#endif

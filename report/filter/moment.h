/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_MOMENT_H
#define REPORT_MOMENT_H

/*
 * Times and durations as people write them. A time of day is one of the capture's first day, +1.5s
 * is so long after its first hit: so what a moment is can be told only when that hit has come.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum moment_kind { MOMENT_DATE, MOMENT_OF_DAY, MOMENT_SINCE_FIRST };

struct moment {
	enum moment_kind kind;
	bool utc;   /* OF_DAY: else of this machine's zone */
	int64_t ns; /* since 1970, since midnight, since the first hit */
};

/* "1.5s", "20us", "300ns", "2m"; also µs, ms, h; 0 needs no unit. ns. -EINVAL. */
int moment_duration(const char *text, size_t len, uint64_t *ret);

/*
 * "2026-11-22T20:00:00.5Z", "2026-11-22 20:00", "2026-11-22", "20:00:05.25", "20:00", "+1.5s". Z is
 * UTC; without it they are of this machine's zone, unless utc. -EINVAL.
 */
int moment_parse(const char *text, size_t len, bool utc, struct moment *ret);

/* ns since 1970. first: of the capture's first hit. */
int64_t moment_when(const struct moment *m, int64_t first);

#endif

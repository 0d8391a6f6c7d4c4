/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_REASON_H
#define REPORT_REASON_H

/* What usually causes a drop of some reason, and where to look next: reasons.def. */

#include <stddef.h>

struct reason {
	const char *name; /* without SKB_DROP_REASON_ */
	const char *usually;
	const char *look;
};

/*
 * Of a reason by its name, with or without the kernel's prefix. Never NULL: of one that is not
 * known to this version, or of none (NULL), it says that, and how to find out.
 */
const struct reason *reason_find(const char *name);

/* All that are known, for who judges them. */
extern const struct reason reason_all[];
extern const size_t reason_count;

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_KEPT_H
#define REPORT_KEPT_H

/*
 * A copy of a family, since the tracker takes its own back. What a capture holds (functions, names,
 * reasons) is not copied: the captures must outlive it.
 */

#include <stddef.h>

#include "report/path/path.h"

struct kept {
	size_t bytes; /* of memory, all of it */
	size_t n;
	struct path *paths[]; /* as those of track_done_fn */
};

/* paths are as those of track_done_fn. On success the caller owns *ret; free with kept_destroy().
 * -ENOMEM. */
int kept_create(struct path *const *paths, size_t n, struct kept **ret);
void kept_destroy(struct kept *k);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_FILTER_H
#define REPORT_FILTER_H

/*
 * All filters of the command line as one: a hit matches when each of them says so. Some of it is
 * known only when the hit's path has ended; so there are two steps, and between them a hit is one
 * that may match.
 */

#include <stdbool.h>

#include "report/read/hit.h"
#include "report/options.h"
#include "report/path/path.h"

struct filter; /* opaque; NULL is one that everything matches */

/*
 * Borrows from o. Before confine_report(), since names may be looked up. *ret is NULL when no
 * filter is given. -EINVAL after one line on stderr; -ENOMEM.
 */
int filter_create(const struct report_options *o, struct filter **ret);
void filter_destroy(struct filter *f);

/* Whether a hit matches is known only with its path. */
bool filter_late(const struct filter *f);

/*
 * The next hit, in order of time: sets its atoms. May it match? If not filter_late(), it does. *f
 * learns from the first one what times of day are.
 */
bool filter_hit(struct filter *f, struct hit *h);
/* The second step of a hit that has no path. */
bool filter_alone(const struct filter *f, const struct hit *h);
/* The second step of all hits of a path that has ended: its kinds, hops, and matched. */
void filter_path(struct filter *f, struct path *p);

/* Says, if so, that paths had hits of too many kinds, and how many were taken not to match. */
void filter_complain(const struct filter *f);

#endif

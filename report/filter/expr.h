/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_EXPR_H
#define REPORT_EXPR_H

/*
 * The language of -e: comparisons of fields, and, or, not, parentheses. What each comparison (atom)
 * says of a hit or of a path is one bit; the whole is computed of these. So a hit need not be kept
 * until what its path becomes is known, only its bits.
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/filter/expr_atom.h"

#define EXPR_MAX_ATOMS 64u
#define EXPR_MAX_DEPTH 64u  /* of parentheses */
#define EXPR_MAX_STEPS 512u /* atoms, ands, ors and nots together */

struct expr; /* opaque */

/* utc: times without a zone are UTC. -EINVAL, *error says why and where; -ENOMEM. */
int expr_create(const char *text, bool utc, struct expr **ret, struct expr_error *error);
void expr_destroy(struct expr *e);

/* Before all that follows: when the capture's first hit was. */
void expr_begin(struct expr *e, int64_t first);

/* Atoms that speak of a path: of any hit of it, or of what is known at its end. */
bool expr_needs_path(const struct expr *e);

/* The atoms about hits that are true of this one; in *any those about any hit of a path. */
uint64_t expr_hit(const struct expr *e, const struct hit *h, uint64_t *any);
/* The atoms about a path that has ended. */
uint64_t expr_path(const struct expr *e, const struct path *p);
/* Is the whole true when these atoms are, and no others? */
bool expr_holds(const struct expr *e, uint64_t atoms);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_KINDS_H
#define REPORT_KINDS_H

/*
 * The hits of a path, told apart by which atoms of the filter's expression are true of them: so few
 * kinds are all that has to be kept until the path has ended and they can be judged.
 */

#include <stdbool.h>
#include <stdint.h>

#define KINDS_MAX  1024u /* of a path; a hit of one more matches nothing, and is counted */
#define KINDS_NONE UINT16_MAX

struct kind {
	uint64_t atoms;
	bool matched;
};

struct kinds {
	struct kind *all;
	uint16_t count;
	uint16_t cap;
	uint16_t recent; /* of the hit that came last; KINDS_NONE: it cannot match */
	uint64_t any;	 /* atoms about any hit of the path */
	uint64_t left_out;
};

/* A hit has come. may_match: it is taken to until its path is judged; else it never does. -ENOMEM.
 */
int kinds_add(struct kinds *k, uint64_t atoms, uint64_t any, bool may_match);
bool kinds_matched(const struct kinds *k, uint16_t i); /* i may be KINDS_NONE */

/* Forgets them; the room stays for the next. */
void kinds_clear(struct kinds *k);
void kinds_deinit(struct kinds *k);

#endif

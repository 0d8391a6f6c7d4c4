/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_GROUPS_H
#define REPORT_GROUPS_H

/*
 * What is counted by a key: a hash table from keys to values, both of a fixed size and copied in.
 * A capture decides how many keys there are, so their number is limited; who asks for one more is
 * told, and counts it elsewhere.
 */

#include <stddef.h>
#include <stdint.h>

struct groups; /* opaque */

/* Sizes in bytes, of at least 1; keys are compared byte by byte, their padding too.
 * -ENOMEM. */
int groups_create(size_t key_size, size_t value_size, size_t most, struct groups **ret);
void groups_destroy(struct groups *g); /* g may be NULL */

#define GROUPS_NONE SIZE_MAX

/* The index of a key, whose value is all zero when it is new. GROUPS_NONE: there are as many as may
 * be, or no memory. */
size_t groups_add(struct groups *g, const void *key);

size_t groups_count(const struct groups *g);
/* Of the i-th, in order of appearance; valid until the next groups_add(). */
const void *groups_key(const struct groups *g, size_t i);
void *groups_value(const struct groups *g, size_t i);

#endif

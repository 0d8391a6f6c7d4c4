/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_ANNOTATE_H
#define REPORT_ANNOTATE_H

/* --annotate: the source lines that a written capture tells people who read it elsewhere. Texts
 * live until the next call. */

#include <stddef.h>
#include <stdint.h>

#include "report/read/capture.h"
#include "report/read/hit.h"

struct annotate; /* opaque */

/* On success the caller owns *ret; annotate_destroy(). -ENOMEM. */
int annotate_create(struct annotate **ret);
void annotate_destroy(struct annotate *a);

/* A comment "at=net/ipv4/ip_output.c:126": where the hit's function was called. c: the hit's
 * capture, with its debug information. NULL: nothing is known, or the hit has such a comment. */
const char *annotate_hit(struct annotate *a, struct capture *c, const struct hit *h, size_t *len);

/* "net/ipv4/ip_output.c:116", where a function begins, ended by a NUL. NULL: not known. */
const char *annotate_func(struct annotate *a, struct capture *c, uint64_t addr);

/* Hits that got a comment. */
uint64_t annotate_hits(const struct annotate *a);

#endif

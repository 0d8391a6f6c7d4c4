/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SCRUB_NAMES_H
#define REPORT_SCRUB_NAMES_H

/*
 * What tells things of one capture apart and means nothing elsewhere: namespaces, processes and
 * interfaces become 1, 2, 3, …, in the order they were told of; an interface if1, if2, … by its
 * namespace and name ("lo" stays). 0 stays 0, no name stays none.
 */

#include <stdint.h>

#include "common/buf.h"
#include "report/read/capture.h"
#include "report/read/hit.h"
#include "report/scrub/scrub_key.h"

struct scrub_names; /* opaque */

/* Both are borrowed. -ENOMEM. */
int scrub_names_create(struct scrub_key *key, struct capture *c, struct scrub_names **ret);
void scrub_names_destroy(struct scrub_names *n);

/* What a hit that is kept names. 0, -ENOMEM. */
int scrub_names_add(struct scrub_names *n, const struct event *e);

/* What was not told of, or too late to count, becomes a large number. */
uint32_t scrub_names_netns(const struct scrub_names *n, uint32_t inode);
uint32_t scrub_names_process(const struct scrub_names *n, uint32_t id);
/* ret holds EVENT_NAME_LEN + 1. */
void scrub_names_interface(const struct scrub_names *n, uint32_t netns, const char *name,
			   char *ret);
/* Is an interface of that namespace and number known? */
bool scrub_names_has(const struct scrub_names *n, uint32_t netns, uint32_t ifindex);
/* The value of INTERFACES: those that were told of and have a name in the capture. */
void scrub_names_interfaces(const struct scrub_names *n, struct buf *out);

#endif

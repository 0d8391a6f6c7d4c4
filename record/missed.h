/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_MISSED_H
#define RECORD_MISSED_H

/*
 * Hits that the kernel skips before the program runs, because another probe runs on that CPU: how
 * many, where it counts them. They are hits of any packet, since no filter was asked.
 *
 *   kprobe-multi  the program's misses and the links', from 6.7
 *   kprobe        the same, where probes have links
 *   tracepoints   the programs' misses, from 6.1; before, none are skipped
 */

#include <stdbool.h>
#include <stdint.h>

#include "record/probe.h"
#include "record/program.h"

struct btf;
struct missed; /* opaque */

/* What is given must live longer, btf not. -ENOMEM. On success the caller owns *ret;
 * missed_destroy(). */
int missed_create(const struct program *p, const struct probe_links *links, const struct btf *btf,
		  struct missed **ret);
void missed_destroy(struct missed *m);

/*
 * Adds what the programs and what the links missed since they are attached. False: nested hits are
 * not countable on this kernel, or may not be asked for.
 */
bool missed_read(const struct missed *m, uint64_t *recursion, uint64_t *nmissed);

#endif

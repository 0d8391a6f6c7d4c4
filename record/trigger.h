/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_TRIGGER_H
#define RECORD_TRIGGER_H

/*
 * --trigger: a hit on which the flight recorder's memory is written. "reason=NETFILTER_DROP",
 * "func=tcp_reset", "dst-port=81,proto=tcp": all conditions of one trigger must hold for a hit; of
 * several triggers any.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/event.h"
#include "record/target.h"

struct reasons;
struct trigger; /* opaque */

/* Reads n triggers. -EINVAL after one line on stderr; -ENOMEM. */
int trigger_create(const char *const *texts, size_t n, struct trigger **ret);
void trigger_destroy(struct trigger *t);

/* Finds the numbers of reasons. -EINVAL after one line: one that this kernel does not have. */
int trigger_reasons(struct trigger *t, const struct reasons *reasons);
/* Finds the functions; once. -EINVAL after one line: one that is not probed; -ENOMEM. */
int trigger_functions(struct trigger *t, const struct target_set *targets);

/* The trigger, as given, that a hit on the target of that index sets off; NULL: none. frame: its
 * packet. */
const char *trigger_hit(const struct trigger *t, const struct event *e, size_t target,
			const uint8_t *frame, size_t len);

#endif

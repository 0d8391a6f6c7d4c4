/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_ROLE_H
#define RECORD_ROLE_H

/* What a function does to an skb, by name: FUNC_ROLE_* of common/event.h. Source: net/core/skbuff.c
 * of 5.10 to 7.x. */

#include <stdbool.h>
#include <stdint.h>

/* has_reason: it takes an enum skb_drop_reason. */
uint16_t role_of_function(const char *name, bool has_reason);
uint16_t role_of_tracepoint(const char *name, bool has_reason);

/* Is a function with these roles needed to tell where a packet's life begins and ends? */
bool role_is_lifecycle(uint16_t roles);

#endif

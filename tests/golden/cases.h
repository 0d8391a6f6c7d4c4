/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_GOLDEN_CASES_H
#define TESTS_GOLDEN_CASES_H

#include "tests/support/capture_builder.h"

#define END	  (1u << 0)
#define BEGIN	  (1u << 1)
#define MATCHED	  (1u << 2)
#define REASON	  (1u << 3)
#define INFERRED  (1u << 7)
#define LIFECYCLE (1u << 10)
#define RETURN	  (1u << 13)

enum { ROLE_FREE = 1, ROLE_DYING = 2, ROLE_RELEASE = 4, ROLE_REASON = 8, ROLE_CONSUME = 32 };

enum { CLIENT = 0x0a000101, SERVER = 0x0a000102 }; /* 10.0.1.1, 10.0.1.2 */

/* Packets that descend from each other and merge; the functions are added to the head. The time of
 * the last hit. */
uint64_t families(struct builder *b);
/* Packets dropped and delivered, many of some kinds; the functions are added to the head. Likewise.
 */
uint64_t dropped(struct builder *b);

#endif

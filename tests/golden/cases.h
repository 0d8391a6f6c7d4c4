/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_GOLDEN_CASES_H
#define TESTS_GOLDEN_CASES_H

#include "tests/support/capture_builder.h"

#define END	   (1u << 0)
#define BEGIN	   (1u << 1)
#define MATCHED	   (1u << 2)
#define REASON	   (1u << 3)
#define INFERRED   (1u << 7)
#define UNREADABLE (1u << 6)
#define VLAN	   (1u << 9)
#define LIFECYCLE  (1u << 10)
#define TX	   (1u << 11)
#define RX	   (1u << 12)
#define RETURN	   (1u << 13)

enum { ROLE_FREE = 1, ROLE_DYING = 2, ROLE_RELEASE = 4, ROLE_REASON = 8, ROLE_CONSUME = 32 };

enum { CLIENT = 0x0a000101, SERVER = 0x0a000102 }; /* 10.0.1.1, 10.0.1.2 */

/* Packets that descend from each other and merge; the functions are added to the head. The time of
 * the last hit. */
uint64_t families(struct builder *b);

/* All that a hit can have: stacks, a struct sk_buff, tunnels, and the BTF, which comes first. */
void columns_btf(struct builder *b);
uint64_t columns(struct builder *b);

#endif

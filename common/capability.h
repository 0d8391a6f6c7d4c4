/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_CAPABILITY_H
#define COMMON_CAPABILITY_H

/*
 * Capabilities of the calling thread, as bit masks: both programs give theirs up. By system call,
 * for it takes three of them and no library.
 */

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

#define CAPABILITY(nr) (1ull << (nr))

/* Those in effect; 0 when they cannot be read. */
uint64_t capability_effective(void);

/* Does this kernel know it? */
bool capability_known(int nr);

/*
 * Puts only these of the permitted ones into effect, so that it can be tried what works with them;
 * the others stay permitted and come back with another call. -errno.
 */
int capability_effect(uint64_t keep);

/*
 * Empties the bounding set, before CAP_SETPCAP is gone with a change of user. Without that it stays
 * as it is, which is worth nothing after capability_drop().
 */
void capability_unbound(void);

/*
 * For good: only these stay permitted and in effect, of those there are; none is inheritable,
 * ambient or, where it can be emptied, in the bounding set; and exec gives no new ones. No other
 * thread may run. -errno.
 */
int capability_drop(uint64_t keep);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SRCLINE_SMALL_H
#define TESTS_SRCLINE_SMALL_H

extern int sink[64];

int entry(int argc);
int apart(int a);
int other(int a);
__attribute__((noreturn, cold)) void fail(int a);

static inline __attribute__((always_inline)) int from_header(int a)
{
	sink[(a + 5) & 63]--;
	return a * sink[a & 63];
}

#endif

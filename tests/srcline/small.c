// SPDX-License-Identifier: GPL-2.0-only
/* Compiled by the suite srcline, with other.c: functions inlined into each other, code in two
 * sections, a function whose tail is cold. It is never run. */
#include "small.h"

int sink[64];

static inline __attribute__((always_inline)) int innermost(int a, int b)
{
	sink[a & 63] += b;
	return sink[b & 63] ^ a;
}

static inline __attribute__((always_inline)) int middle(int a)
{
	int sum = 0;

	for (int i = 0; i < (a & 7); i++)
		sum += innermost(a, i) + from_header(i);
	return sum;
}

static __attribute__((noinline)) int alone(int a)
{
	if (__builtin_expect(a == 7, 0)) {
		sink[1] = middle(a);
		fail(a);
	}
	return middle(a) + innermost(a, 3);
}

int entry(int argc)
{
	int sum = alone(argc);

	{
		int inner = middle(sum);

		sum += inner * other(inner);
	}
	return sum + from_header(argc);
}

__attribute__((section(".text.apart"))) int apart(int a)
{
	return middle(a + 1) * 3;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "small.h"

struct pair {
	int first;
	int second;
};

static inline __attribute__((always_inline)) int product(const struct pair *p)
{
	return p->first * from_header(p->second);
}

int other(int a)
{
	struct pair p = {.first = a, .second = sink[a & 63]};

	while (p.first++ < 9)
		sink[3] += product(&p);
	return product(&p);
}

void fail(int a)
{
	sink[0] = from_header(a);
	__builtin_trap();
}

int main(int argc, char **argv)
{
	(void)argv;
	return entry(argc) + apart(argc);
}

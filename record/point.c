// SPDX-License-Identifier: GPL-2.0-only
#include "record/point.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(unsigned int cpus)
{
	return sizeof(struct point) + cpus * sizeof(struct point_cpu);
}

struct point *point_create(unsigned int cpus)
{
	struct point *p = calloc(1, size_of(cpus));

	if (p)
		p->cpus = cpus;
	return p;
}

struct point *point_copy(const struct point *p)
{
	struct point *copy = malloc(size_of(p->cpus));

	if (copy)
		memcpy(copy, p, size_of(p->cpus));
	return copy;
}

void point_set(struct point *p, const struct point *from)
{
	memcpy(p, from, size_of(from->cpus));
}

void point_count(struct point *p, const struct capture_counters *n)
{
	p->counters = *n;
	for (unsigned int i = 0; i < p->cpus && i < n->cpus; i++)
		p->cpu[i].counted = n->cpu[i];
	p->counters.cpu = NULL;
	p->counters.cpus = 0;
}

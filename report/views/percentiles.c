// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/percentiles.h"

#include <stdlib.h>

#define FIRST 8u

/*
 * Bucket n of page 0 is the duration n; page o has those of 2^(o+5) to 2^(o+6), in 64 equal parts.
 */
#define PARTS 64u
#define PAGES 59u

static unsigned int page_of(uint64_t ns)
{
	return ns < PARTS ? 0 : 63u - (unsigned int)__builtin_clzll(ns) - 5;
}

static unsigned int part_of(uint64_t ns, unsigned int page)
{
	return (unsigned int)(page ? ns >> (page - 1) : ns) % PARTS;
}

/* The middle of a bucket. */
static uint64_t middle(unsigned int page, unsigned int part)
{
	if (page < 2)
		return page ? PARTS + part : part;
	return ((uint64_t)(PARTS + part) << (page - 1)) + ((uint64_t)1 << (page - 2));
}

static void count(struct percentiles *p, struct percentiles_purse *purse, uint64_t ns)
{
	unsigned int page = page_of(ns);

	if (!p->pages[page] && purse->pages) {
		p->pages[page] = calloc(PARTS, sizeof(*p->pages[page]));
		purse->pages -= p->pages[page] != NULL;
	}
	if (p->pages[page])
		p->pages[page][part_of(ns, page)]++;
	else
		p->left_out++;
}

/* True: there is room for one sample more. */
static bool room(struct percentiles *p, size_t exact_most)
{
	size_t more = p->room ? 2 * p->room : FIRST;
	uint64_t *samples;

	if (p->count < p->room)
		return true;
	if (p->count >= exact_most)
		return false;
	if (more > exact_most)
		more = exact_most;
	samples = realloc(p->samples, more * sizeof(*samples));
	if (!samples)
		return false;
	p->samples = samples;
	p->room = more;
	return true;
}

static void become_histogram(struct percentiles *p, struct percentiles_purse *purse)
{
	size_t n = p->count;

	if (!purse->pages)
		return;
	p->pages = calloc(PAGES, sizeof(*p->pages));
	if (!p->pages)
		return;
	purse->pages--;
	for (size_t i = 0; i < n; i++)
		count(p, purse, p->samples[i]);
	free(p->samples);
	p->samples = NULL;
	p->room = 0;
}

void percentiles_add(struct percentiles *p, struct percentiles_purse *purse, size_t exact_most,
		     uint64_t ns)
{
	if (!p->pages && !p->left_out && room(p, exact_most)) {
		p->samples[p->count] = ns;
	} else {
		if (!p->pages && !p->left_out)
			become_histogram(p, purse);
		if (p->pages)
			count(p, purse, ns);
		else
			p->left_out++;
	}
	if (!p->count || ns < p->min)
		p->min = ns;
	if (ns > p->max)
		p->max = ns;
	if (__builtin_add_overflow(p->sum, ns, &p->sum))
		p->sum = UINT64_MAX;
	p->count++;
}

void percentiles_deinit(struct percentiles *p)
{
	for (unsigned int i = 0; p->pages && i < PAGES; i++)
		free(p->pages[i]);
	free(p->pages);
	free(p->samples);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t bounded(const struct percentiles *p, uint64_t ns)
{
	return ns < p->min ? p->min : ns > p->max ? p->max : ns;
}

uint64_t percentiles_at(struct percentiles *p, unsigned int per_mille)
{
	uint64_t kept = p->count - p->left_out, rank, seen = 0;

	if (!kept)
		return p->max;
	rank = kept / 1000 * per_mille + (kept % 1000 * per_mille + 999) / 1000;
	rank -= rank > 0;
	if (!p->pages) {
		qsort(p->samples, kept, sizeof(*p->samples), compare);
		return p->samples[rank];
	}
	for (unsigned int i = 0; i < PAGES; i++)
		for (unsigned int j = 0; p->pages[i] && j < PARTS; j++) {
			seen += p->pages[i][j];
			if (seen > rank)
				return bounded(p, middle(i, j));
		}
	return p->max;
}

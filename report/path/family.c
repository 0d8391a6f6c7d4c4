// SPDX-License-Identifier: GPL-2.0-only
#include "report/path/family.h"

#include <errno.h>
#include <stdlib.h>

/* Until a family is handed on, children are linked the youngest first. */

static void link_member(struct family *f, struct path *p)
{
	p->kin = f;
	p->kin_prev = NULL;
	p->kin_next = f->members;
	if (f->members)
		f->members->kin_prev = p;
	f->members = p;
}

int family_create(struct path *p)
{
	struct family *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->packet = p->packet;
	f->count = f->alive = 1;
	f->last = p->last;
	link_member(f, p);
	return 0;
}

bool family_complete(const struct family *f)
{
	return !f->alive && !f->open;
}

/* All of `from` into `into`; from is freed. */
static void move_members(struct family *into, struct family *from)
{
	struct path *p, *next;

	for (p = from->members; p; p = next) {
		next = p->kin_next;
		link_member(into, p);
	}
	into->count += from->count;
	into->alive += from->alive;
	into->open += from->open;
	if (from->last > into->last)
		into->last = from->last;
	free(from);
}

int family_adopt(struct path *parent, struct path *child)
{
	struct family *a = parent->kin, *b = child->kin;
	uint64_t packet = a->packet;

	if (a == b)
		return -ELOOP;
	child->parent = parent;
	child->elder = NULL;
	child->sibling = parent->child;
	if (child->sibling)
		child->sibling->elder = child;
	parent->child = child;
	/* The smaller moves, so that a chain costs little more than its length. */
	if (a->count >= b->count) {
		move_members(a, b);
	} else {
		move_members(b, a);
		b->packet = packet;
	}
	return 0;
}

void family_leave(struct path *p)
{
	struct family *f = p->kin;
	struct path *next;

	for (struct path *c = p->child; c; c = next) {
		next = c->sibling;
		c->parent = c->sibling = c->elder = NULL;
	}
	if (p->parent) {
		*(p->elder ? &p->elder->sibling : &p->parent->child) = p->sibling;
		if (p->sibling)
			p->sibling->elder = p->elder;
	}
	p->parent = p->child = p->sibling = p->elder = NULL;
	*(p->kin_prev ? &p->kin_prev->kin_next : &f->members) = p->kin_next;
	if (p->kin_next)
		p->kin_next->kin_prev = p->kin_prev;
	p->family = f->packet;
	p->kin = NULL;
	f->open -= p->open;
	f->count--;
	if (!f->count)
		free(f);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = (*(struct path *const *)a)->number, y = (*(struct path *const *)b)->number;

	return (x > y) - (x < y);
}

void family_disband(struct family *f, struct path **to)
{
	size_t n = 0;

	for (struct path *p = f->members; p; p = p->kin_next) {
		to[n++] = p;
		p->family = f->packet;
		p->kin = NULL;
		p->child = p->sibling = NULL;
	}
	if (n > 1)
		qsort(to, n, sizeof(*to), by_number);
	while (n--) {
		if (!to[n]->parent)
			continue;
		to[n]->sibling = to[n]->parent->child;
		to[n]->parent->child = to[n];
	}
	free(f);
}

/* ---- children before their parents ---- */

void family_unwait(struct lives *l, struct path *p)
{
	struct queue *q = p->orphans;

	if (!q)
		return;
	*(p->elder ? &p->elder->sibling : &q->first) = p->sibling;
	if (p->sibling)
		p->sibling->elder = p->elder;
	p->elder = p->sibling = NULL;
	p->orphans = NULL;
	if (q->first)
		return;
	table_remove(&l->orphans, q->key);
	free(q);
}

int family_wait(struct lives *l, struct path *p)
{
	struct queue *q = table_get(&l->orphans, p->origin.packet);

	if (!q) {
		q = calloc(1, sizeof(*q));
		if (!q || table_set(&l->orphans, p->origin.packet, q)) {
			free(q);
			return -ENOMEM;
		}
		q->key = p->origin.packet;
	}
	p->orphans = q;
	p->sibling = q->first;
	if (q->first)
		q->first->elder = p;
	q->first = p;
	return 0;
}

struct path *family_waiting(struct lives *l, uint64_t packet)
{
	struct queue *q = table_get(&l->orphans, packet);
	struct path *p = q ? q->first : NULL;

	if (p)
		family_unwait(l, p);
	return p;
}

// SPDX-License-Identifier: GPL-2.0-only
/* By hand: a printf for each hit would cost more than all else that is done with it. */
#include "record/comment.h"

#include <string.h>

struct text {
	char *at;
	char *end;
};

static void put(struct text *t, const char *s)
{
	while (*s && t->at < t->end) {
		unsigned char c = (unsigned char)*s++;

		*t->at++ = c < ' ' || c >= 0x7f ? '?' : (char)c;
	}
}

static void put_number(struct text *t, uint64_t v, unsigned int base)
{
	char digits[24], *p = digits + sizeof(digits);

	*--p = 0;
	do
		*--p = "0123456789abcdef"[v % base];
	while (v /= base);
	put(t, p);
}

static void field(struct text *t, const char *key, uint64_t v)
{
	put(t, key);
	put_number(t, v, 10);
}

static void put_reason(struct text *t, const struct comment_facts *f)
{
	const struct event *e = f->event;

	if (!(e->flags & EVENT_REASON))
		return;
	put(t, " reason=");
	if (f->reason)
		put(t, f->reason);
	else
		put_number(t, e->reason, 10);
	if (!e->caller)
		return;
	put(t, " by=");
	put(t, f->place ? f->place : "0x");
	if (f->place)
		put(t, "+0x");
	put_number(t, f->place ? f->place_offset : e->caller, 16);
}

size_t comment_format(enum comment_choice choice, const struct comment_facts *f,
		      char out[COMMENT_MAX])
{
	struct text t = {out, out + COMMENT_MAX};
	const struct event *e = f->event;

	if (choice == COMMENT_NONE)
		return 0;
	if (choice == COMMENT_SHORT) {
		put(&t, f->func);
		field(&t, " #", e->packet);
		return (size_t)(t.at - out);
	}
	put(&t, "func=");
	put(&t, f->func);
	field(&t, " packet=", e->packet);
	if (e->ifname[0]) {
		put(&t, " if=");
		put(&t, e->ifname);
	}
	field(&t, " netns=", e->netns);
	field(&t, " cpu=", e->cpu);
	put(&t, " proc=");
	put(&t, e->comm);
	field(&t, ":", e->pid);
	field(&t, " len=", e->len);
	field(&t, " mark=", e->mark);
	put_reason(&t, f);
	return (size_t)(t.at - out);
}

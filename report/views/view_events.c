// SPDX-License-Identifier: GPL-2.0-only
/* A line a hit. */
#include <errno.h>
#include <stdlib.h>

#include "report/views/events.h"
#include "report/view.h"

static enum view_need events_need(const struct report_options *o)
{
	return o->relative ? VIEW_LIVES : VIEW_HITS;
}

static int events_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct events *v = malloc(sizeof(*v));

	if (!v)
		return -ENOMEM;
	*v = (struct events){.options = o, .out = out};
	if (o->csv)
		events_csv_header(v);
	else if (!o->json)
		events_text_header(v);
	*ret = v;
	return 0;
}

static void events_destroy(void *view)
{
	struct events *v = view;

	events_text_deinit(v);
	free(v);
}

static void events_hit(void *view, const struct hit *h, const struct path *p, bool matched)
{
	struct events *v = view;

	if (!matched || ((h->event.flags & EVENT_LIFECYCLE) && !v->options->all))
		return;
	if (v->options->json)
		events_json(v, h);
	else if (v->options->csv)
		events_csv(v, h);
	else
		events_text(v, h, p);
}

static void events_end(void *view, const struct totals *t)
{
	(void)view;
	(void)t;
}

const struct view_ops view_events = {
	.name = "events",
	.need = events_need,
	.create = events_create,
	.destroy = events_destroy,
	.hit = events_hit,
	.end = events_end,
};

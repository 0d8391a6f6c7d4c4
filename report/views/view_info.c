// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the files hold: where, when and how it was recorded, and whether it is all there. None of
 * that changes by a filter, which only has it told besides how much matches.
 */
#include <errno.h>
#include <stdlib.h>

#include "common/log.h"
#include "report/views/info.h"
#include "report/view.h"

struct info {
	const struct report_options *options;
	struct sink *out;
	struct selection *selection; /* NULL: no filter */
};

static int info_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct info *v = malloc(sizeof(*v));

	if (!v)
		return -ENOMEM;
	*v = (struct info){.options = o, .out = out};
	if (o->filter && selection_create(o, &v->selection)) {
		free(v);
		return -ENOMEM;
	}
	*ret = v;
	return 0;
}

static void info_destroy(void *view)
{
	struct info *v = view;

	selection_destroy(v->selection);
	free(v);
}

static void info_hit(void *view, const struct hit *h, const struct path *p, bool matched)
{
	struct info *v = view;

	(void)h;
	if (v->selection)
		selection_add(v->selection, p, matched);
}

static void info_family(void *view, struct path *const *paths, size_t n)
{
	struct info *v = view;

	if (v->selection)
		selection_family(v->selection, paths, n);
}

static void info_end(void *view, const struct totals *t)
{
	const struct selection_counts *matching = NULL;
	struct info *v = view;

	if (v->selection && selection_error(v->selection))
		log_error("out of memory: what matches is not counted");
	else if (v->selection)
		matching = selection_counts(v->selection);
	if (v->options->json)
		info_json(v->out, t, matching, v->options->symbols);
	else
		info_text(v->out, t, matching, v->options->symbols);
}

const struct view_ops view_info = {
	.name = "info",
	.no_csv = true,
	.create = info_create,
	.destroy = info_destroy,
	.late = true,
	.hit = info_hit,
	.family = info_family,
	.end = info_end,
};

// SPDX-License-Identifier: GPL-2.0-only
/* What the files hold: where, when and how it was recorded, and whether it is all there. */
#include <errno.h>
#include <stdlib.h>

#include "report/info.h"
#include "report/view.h"

struct info {
	const struct report_options *options;
	struct sink *out;
};

static enum view_need info_need(const struct report_options *o)
{
	(void)o;
	return VIEW_HOPS; /* the outcomes need them */
}

static int info_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct info *v = malloc(sizeof(*v));

	if (!v)
		return -ENOMEM;
	*v = (struct info){.options = o, .out = out};
	*ret = v;
	return 0;
}

static void info_end(void *view, const struct totals *t)
{
	struct info *v = view;

	if (v->options->json)
		info_json(v->out, t, v->options->symbols);
	else
		info_text(v->out, t, v->options->symbols);
}

const struct view_ops view_info = {
	.name = "info",
	.no_csv = true,
	.need = info_need,
	.create = info_create,
	.destroy = free,
	.end = info_end,
};

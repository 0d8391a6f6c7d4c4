// SPDX-License-Identifier: GPL-2.0-only
#include "report/view.h"

#include <string.h>

const struct view_ops view_export = {.name = "export"};

static const struct view_ops *const views[] = {
	&view_paths,   &view_events, &view_follow,    &view_drops,  &view_functions,
	&view_latency, &view_info,   &view_debuginfo, &view_blocks, &view_export,
};

struct hop_choice view_choice(const struct report_options *o)
{
	return (struct hop_choice){.all = o->all, .only_matched = o->only_events};
}

const struct view_ops *view_find(const char *name)
{
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		if (!strcmp(views[i]->name, name))
			return views[i];
	return NULL;
}

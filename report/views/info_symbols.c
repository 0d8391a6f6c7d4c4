// SPDX-License-Identifier: GPL-2.0-only
/* Of the kernel and each module that was loaded: its debug information, where that was found and
 * whether it is that of the recorded build, or why there is none. */
#include "report/views/info.h"

#include <errno.h>
#include <stdio.h>

#include "report/symbol/debuginfo.h"
#include "report/render/debuginfo_json.h"
#include "report/render/debuginfo_text.h"
#include "report/read/lines.h"
#include "report/render/render_json.h"

#define MAX_NAME 64 /* of a module, with its NUL: the kernel has 56 */

/* fn of "" and of each module's name. */
static void for_each(struct capture *c,
		     void (*fn)(struct sink *s, struct capture *c, const char *name),
		     struct sink *s)
{
	struct cursor lines = lines_of(c->snapshot, SNAPSHOT_MODULES);
	const char *line, *word;
	char name[MAX_NAME];
	size_t left, len;

	fn(s, c, "");
	while (snapshot_line_next(&lines, &line, &left) == 1) {
		word = lines_word(&line, &left, &len);
		if (!len || len >= sizeof(name))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)len, word);
		fn(s, c, name);
	}
}

static bool look(struct capture *c, const char *name, struct debuginfo_object *o)
{
	struct debuginfo *d = c->owner->debuginfo;

	return d && !debuginfo_object(d, c, name, o);
}

static void text_one(struct sink *s, struct capture *c, const char *name)
{
	struct debuginfo_object o;

	if (!look(c, name, &o))
		return;
	sink_str(s, *name ? "" : "symbols");
	sink_fill(s, ' ', *name ? 14 : 7);
	debuginfo_text_object(s, name, &o);
}

static void json_one(struct sink *s, struct capture *c, const char *name)
{
	struct debuginfo_object o;

	if (!look(c, name, &o))
		return;
	json_open(s, '{');
	debuginfo_json_object(s, name, &o);
	json_close(s, '}');
}

void info_symbols_text(struct sink *s, struct capture *c)
{
	for_each(c, text_one, s);
}

void info_symbols_json(struct sink *s, struct capture *c, bool wanted)
{
	if (!wanted) {
		sink_mem(s, "null", 4);
		return;
	}
	sink_char(s, '[');
	for_each(c, json_one, s);
	sink_char(s, ']');
}

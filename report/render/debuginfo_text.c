// SPDX-License-Identifier: GPL-2.0-only
#include "report/render/debuginfo_text.h"

#include <string.h>

#include "report/render/render_text.h"

static void put_frame(struct sink *s, const struct linetable_frame *f)
{
	text_escaped(s, f->file, strlen(f->file));
	if (!f->line)
		return;
	sink_char(s, ':');
	sink_u64(s, f->line);
}

void debuginfo_text(struct sink *s, struct capture *c, uint64_t addr)
{
	struct debuginfo_frames f;

	if (!debuginfo_caller(c, addr, &f))
		return;
	for (size_t i = f.n; i--;) {
		if (i + 1 < f.n) {
			sink_mem(s, " > ", 3);
			text_escaped(s, f.frames[i].function, strlen(f.frames[i].function));
		}
		sink_char(s, ' ');
		put_frame(s, &f.frames[i]);
	}
	if (!f.verified)
		sink_str(s, " (unverified)");
}

static const char *in_words(const char *why)
{
	return !strcmp(why, "another-build") ? "only of another build"
	       : !strcmp(why, "not-found")   ? "not found"
					     : "the capture has no build-id of it";
}

void debuginfo_text_object(struct sink *s, const char *module, const struct debuginfo_object *o)
{
	const char *name = *module ? module : "kernel", *id = o->build_id[0] ? o->build_id : "-";

	text_escaped(s, name, strlen(name));
	sink_fill(s, ' ', 20 - (int)strlen(name));
	sink_char(s, ' ');
	text_escaped(s, id, strlen(id));
	sink_char(s, ' ');
	if (!o->path) {
		sink_str(s, in_words(o->why));
	} else {
		text_escaped(s, o->path, strlen(o->path));
		sink_printf(s, " (%s, %s)", o->place, o->verified ? "verified" : "unverified");
	}
	sink_char(s, '\n');
}

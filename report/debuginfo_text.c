// SPDX-License-Identifier: GPL-2.0-only
#include "report/debuginfo_text.h"

#include <string.h>

#include "report/debuginfo.h"
#include "report/render_text.h"

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

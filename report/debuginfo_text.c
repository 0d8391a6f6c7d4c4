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
	struct debuginfo *d = c->owner ? c->owner->debuginfo : NULL;
	struct debuginfo_frames f;

	if (!d || debuginfo_find(d, c, addr, true, &f) || !f.frames[0].file[0])
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

// SPDX-License-Identifier: GPL-2.0-only
#include "report/write/annotate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/pcapng_reader.h"
#include "report/symbol/debuginfo.h"
#include "report/render/debuginfo_text.h"
#include "report/render/render_text.h"

#define MAX_COMMENT 4096u /* bytes; there is none in place of a longer one */

static const char begin[] = "at=";

struct annotate {
	struct sink text;
	uint64_t hits;
};

int annotate_create(struct annotate **ret)
{
	struct annotate *a = calloc(1, sizeof(*a));

	if (!a || sink_init(&a->text, -1, false)) {
		free(a);
		return -ENOMEM;
	}
	*ret = a;
	return 0;
}

void annotate_destroy(struct annotate *a)
{
	if (!a)
		return;
	sink_deinit(&a->text);
	free(a);
}

static bool has_one(struct cursor options)
{
	struct pcapng_option o;

	while (pcapng_option_next(&options, &o) == 1)
		if (o.code == PCAPNG_OPT_COMMENT && o.len >= strlen(begin) &&
		    !memcmp(o.value, begin, strlen(begin)))
			return true;
	return false;
}

const char *annotate_hit(struct annotate *a, struct capture *c, const struct hit *h, size_t *len)
{
	const size_t equals = strlen(begin) - 1;
	struct sink *s = &a->text;

	if (h->options.p && has_one(h->options))
		return NULL;
	s->len = 0;
	sink_mem(s, begin, equals);
	debuginfo_text(s, c, h->event.caller);
	if (s->len == equals || s->len > MAX_COMMENT)
		return NULL;
	s->data[equals] = '='; /* in place of the space that it begins with */
	*len = s->len;
	a->hits++;
	return s->data;
}

const char *annotate_func(struct annotate *a, struct capture *c, uint64_t addr)
{
	struct debuginfo *d = c->owner ? c->owner->debuginfo : NULL;
	const struct linetable_frame *outermost;
	struct debuginfo_frames f;
	struct sink *s = &a->text;

	if (!d || debuginfo_find(d, c, addr, false, &f))
		return NULL;
	outermost = debuginfo_outermost(&f);
	if (!*outermost->file)
		return NULL;
	s->len = 0;
	text_escaped(s, outermost->file, strlen(outermost->file));
	if (outermost->line) {
		sink_char(s, ':');
		sink_u64(s, outermost->line);
	}
	if (!f.verified)
		sink_str(s, " (unverified)");
	sink_char(s, 0);
	return s->data;
}

uint64_t annotate_hits(const struct annotate *a)
{
	return a->hits;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "record/hit_block.h"

#include "common/event_codec.h"
#include "common/pcapng.h"
#include "common/pcapng_writer.h"
#include "record/comment.h"
#include "record/kallsyms.h"
#include "record/reasons.h"

static void put_comment(const struct hit_texts *t, const struct hit_block *b, struct buf *to)
{
	const struct event *e = b->event;
	struct comment_facts f = {.event = e, .func = b->func};
	const struct kallsym *s = NULL;
	char text[COMMENT_MAX];
	size_t n;

	if (t->comment == COMMENT_NONE)
		return;
	if (e->flags & EVENT_REASON) {
		f.reason = reasons_name(t->reasons, e->reason);
		if (t->kallsyms)
			s = kallsyms_by_addr(t->kallsyms, e->caller);
		f.place = s ? s->name : NULL;
		f.place_offset = s ? e->caller - s->addr : 0;
	}
	n = comment_format(t->comment, &f, text);
	pcapng_option(to, PCAPNG_OPT_COMMENT, text, n);
}

int hit_block_put(const struct hit_texts *t, const struct hit_block *b, struct buf *to)
{
	const struct event *e = b->event;
	size_t at = pcapng_epb_begin(to, b->interface, b->ns, b->frame->data, b->frame->caplen,
				     b->frame->origlen),
	       inner;

	put_comment(t, b, to);
	pcapng_option_u64(to, PCAPNG_EPB_PACKETID, e->packet);
	/* Hits of a CPU do not always come in the order in which they were counted. */
	if (e->lost > b->lost_before)
		pcapng_option_u64(to, PCAPNG_EPB_DROPCOUNT, e->lost - b->lost_before);
	inner = pcapng_custom_begin(to);
	event_encode(to, e);
	pcapng_custom_end(to, inner);
	return pcapng_block_end(to, at);
}

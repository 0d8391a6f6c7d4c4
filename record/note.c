// SPDX-License-Identifier: GPL-2.0-only
#include "record/note.h"

#include "common/event_codec.h"
#include "common/pcapng.h"
#include "common/pcapng_writer.h"
#include "record/snapshot.h"

int note_put(struct buf *to, const struct note_place *at, enum note_type type, const char *comment,
	     struct buf *body)
{
	static const uint8_t frame[14] = {[12] = EVENT_ETHERTYPE_NONE >> 8,
					  EVENT_ETHERTYPE_NONE & 0xff};
	struct event_note n = {.tag = at->tag, .type = type};
	struct snapshot_clocks now;
	int err = buf_error(body);
	size_t begin, inner;

	if (!err) {
		snapshot_clocks_read(&now);
		n.ktime = now.monotonic;
		n.body = (const char *)body->data;
		n.body_len = (uint32_t)body->len;
		begin = pcapng_epb_begin(to, at->interface, now.monotonic + at->clock_offset, frame,
					 sizeof(frame), sizeof(frame));
		pcapng_option_str(to, PCAPNG_OPT_COMMENT, comment);
		inner = pcapng_custom_begin(to);
		event_note_encode(to, &n);
		pcapng_custom_end(to, inner);
		err = pcapng_block_end(to, begin);
	}
	buf_deinit(body);
	return err;
}

void note_cpus(struct buf *body, const struct point *p)
{
	for (unsigned int i = 0; i < p->cpus; i++)
		counters_print_cpu(body, i, &p->cpu[i].counted);
	for (unsigned int i = 0; i < p->cpus; i++)
		if (p->cpu[i].seq)
			buf_printf(body, "cpu%u=%llu %u %u\n", i, (unsigned long long)p->cpu[i].seq,
				   p->cpu[i].lost, p->cpu[i].lost_read);
}

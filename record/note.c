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

void note_counters(struct buf *body, const struct capture_counters *n)
{
	const struct {
		const char *key;
		uint64_t v;
	} all[] = {
		{"recorded", n->recorded}, {"lost_ring", n->lost_ring}, {"lost_read", n->lost_read},
		{"lost_map", n->lost_map}, {"lost_hold", n->lost_hold}, {"held", n->held},
		{"null_arg", n->null_arg}, {"err_arg", n->err_arg},	{"not_skb", n->not_skb},
		{"filtered", n->filtered}, {"recursion", n->recursion}, {"stale", n->stale},
		{"evicted", n->evicted}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_printf(body, "%s=%llu\n", all[i].key, (unsigned long long)all[i].v);
}

void note_cpus(struct buf *body, const struct point *p)
{
	for (unsigned int i = 0; i < p->cpus; i++)
		if (p->cpu[i].seq)
			buf_printf(body, "cpu%u=%llu %u\n", i, (unsigned long long)p->cpu[i].seq,
				   p->cpu[i].lost);
}

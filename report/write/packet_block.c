// SPDX-License-Identifier: GPL-2.0-only
#include "report/write/packet_block.h"

#include <errno.h>

#include "common/event_codec.h"
#include "common/pcapng_reader.h"
#include "common/pcapng_writer.h"

#define MADE_UP_LEN 14
#define LOCAL_USE   0x8000u /* option codes from here on may mean anything to anybody */

static const uint8_t made_up[MADE_UP_LEN] = {[12] = EVENT_ETHERTYPE_NONE >> 8,
					     EVENT_ETHERTYPE_NONE & 0xff};

static bool is_custom(uint16_t code)
{
	return code == PCAPNG_OPT_CUSTOM || code == PCAPNG_OPT_CUSTOM_STR ||
	       code == PCAPNG_OPT_CUSTOM_NOCOPY || code == PCAPNG_OPT_CUSTOM_STR_NOCOPY;
}

static void copy_custom(struct buf *out, const struct pcapng_option *o)
{
	buf_le16(out, o->code);
	buf_le16(out, (uint16_t)(o->len + sizeof(o->pen)));
	buf_le32(out, o->pen);
	buf_append(out, o->value, o->len);
	buf_pad4(out);
}

/* An option that holds a number is turned to our byte order. */
static void copy_option(struct buf *out, const struct pcapng_option *o, bool swap)
{
	struct cursor c = cursor_of(o->value, o->len);

	c.swap = swap;
	if (is_custom(o->code))
		copy_custom(out, o);
	else if (swap && o->code != PCAPNG_OPT_COMMENT && o->len == 4)
		pcapng_option_u32(out, o->code, cursor_u32(&c));
	else if (swap && o->code != PCAPNG_OPT_COMMENT && o->len == 8)
		pcapng_option_u64(out, o->code, cursor_u64(&c));
	else
		pcapng_option(out, o->code, o->value, o->len);
}

/* All but those that no file of ours may have. */
static void copy_options(struct buf *out, struct cursor options)
{
	bool swap = options.swap;
	struct pcapng_option o;

	while (pcapng_option_next(&options, &o) == 1)
		if (o.code != PCAPNG_EPB_VERDICT && o.code < LOCAL_USE)
			copy_option(out, &o, swap);
}

static void make_options(struct buf *out, const struct event *e)
{
	size_t inner;

	if (e->flags & (EVENT_TX | EVENT_RX))
		pcapng_option_u32(out, PCAPNG_EPB_FLAGS,
				  e->flags & EVENT_TX ? PCAPNG_EPB_OUTBOUND : PCAPNG_EPB_INBOUND);
	pcapng_option_u64(out, PCAPNG_EPB_PACKETID, e->packet);
	inner = pcapng_custom_begin(out);
	event_encode(out, e);
	pcapng_custom_end(out, inner);
}

int packet_block_hit(struct buf *out, uint32_t interface, const struct hit *h, const char *comment,
		     size_t comment_len)
{
	const uint8_t *data = h->caplen ? h->bytes : made_up;
	uint32_t caplen = h->caplen ? h->caplen : MADE_UP_LEN;
	uint32_t origlen = h->origlen > caplen ? h->origlen : caplen;
	size_t at = pcapng_epb_begin(out, interface, (uint64_t)h->when, data, caplen, origlen);

	if (h->options.p)
		copy_options(out, h->options);
	else
		make_options(out, &h->event);
	if (comment)
		pcapng_option(out, PCAPNG_OPT_COMMENT, comment, comment_len);
	return pcapng_block_end(out, at);
}

int packet_block_note(struct buf *out, uint32_t interface, uint64_t ns, const char *comment,
		      size_t comment_len, const struct event_note *n)
{
	size_t at = pcapng_epb_begin(out, interface, ns, made_up, MADE_UP_LEN, MADE_UP_LEN), inner;

	if (comment)
		pcapng_option(out, PCAPNG_OPT_COMMENT, comment, comment_len);
	inner = pcapng_custom_begin(out);
	event_note_encode(out, n);
	pcapng_custom_end(out, inner);
	return pcapng_block_end(out, at);
}

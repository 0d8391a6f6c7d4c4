/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_EVENT_CODEC_H
#define COMMON_EVENT_CODEC_H

/*
 * Our payloads in custom options <-> the event model, byte by byte as FORMAT.md says. It knows
 * options' values, no blocks and no files. Encoders append the payload to a buf (its failure is the
 * buf's). Decoders take the payload after the PEN; they return 0, or -EBADMSG when it is cut or
 * inconsistent, and then leave *ret untouched.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/event.h"

enum payload_kind { PAYLOAD_INFO = 1, PAYLOAD_META, PAYLOAD_FUNC, PAYLOAD_EVENT, PAYLOAD_NOTE };

#define PAYLOAD_VERSION 1

/* One piece of the snapshot. */
struct event_meta {
	uint32_t tag;
	uint32_t index;
	uint32_t count;
	uint32_t raw_len;
	const uint8_t *data; /* borrowed */
	uint32_t data_len;
};

/* The kind of a payload, or 0 when it is none of ours or of a version we do not know. */
int payload_kind(const uint8_t *p, size_t len);

/* What does not fit a TLV (over 65,535 bytes) makes the buf fail. */
void event_encode(struct buf *out, const struct event *e);
/* A tuple's has_ports is set when a port is not 0; one of an unknown family is left out. */
int event_decode(const uint8_t *p, size_t len, struct event *ret);

void event_func_encode(struct buf *out, const struct event_func *f);
int event_func_decode(const uint8_t *p, size_t len, struct event_func *ret);

void event_note_encode(struct buf *out, const struct event_note *n);
int event_note_decode(const uint8_t *p, size_t len, struct event_note *ret);

/* The tag is taken from the uuid, not from i->tag; a payload where the two differ is refused. */
void event_info_encode(struct buf *out, const struct event_info *i);
int event_info_decode(const uint8_t *p, size_t len, struct event_info *ret);

void event_meta_encode(struct buf *out, const struct event_meta *m);
int event_meta_decode(const uint8_t *p, size_t len, struct event_meta *ret);

/* The tag of a uuid. */
uint32_t event_tag(const uint8_t uuid[16]);

#endif

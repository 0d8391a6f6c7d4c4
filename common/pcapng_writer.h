/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_PCAPNG_WRITER_H
#define COMMON_PCAPNG_WRITER_H

/*
 * Appends whole pcapng blocks, little-endian, to a buf. It knows blocks and options, no events and
 * no files.
 *
 *	size_t at = pcapng_epb_begin(out, interface, ns, data, caplen, origlen);
 *	pcapng_option(out, PCAPNG_OPT_COMMENT, text, strlen(text));
 *	err = pcapng_block_end(out, at);
 *
 * Blocks start at multiples of 4 of the buf, so the buf must hold nothing but blocks.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

/* Our Private Enterprise Number, in custom options: RFC 5612's, until one is registered. */
#define PCAPNG_PEN 32473u

size_t pcapng_shb_begin(struct buf *out);
size_t pcapng_idb_begin(struct buf *out); /* Ethernet, snaplen 0; writes if_tsresol 9 itself */
size_t pcapng_epb_begin(struct buf *out, uint32_t interface, uint64_t ns, const void *data,
			uint32_t caplen, uint32_t origlen);
size_t pcapng_isb_begin(struct buf *out, uint32_t interface, uint64_t ns);

/* Any option. A value over PCAPNG_MAX_OPTION marks the buf as failed. */
void pcapng_option(struct buf *out, uint16_t code, const void *value, size_t len);
/* Cut at PCAPNG_MAX_OPTION, before a whole UTF-8 character. */
void pcapng_option_str(struct buf *out, uint16_t code, const char *s);
void pcapng_option_u32(struct buf *out, uint16_t code, uint32_t v);
void pcapng_option_u64(struct buf *out, uint16_t code, uint64_t v);

/* A custom option under our PEN whose payload is appended between the two. begin returns what end
 * wants. */
size_t pcapng_custom_begin(struct buf *out);
void pcapng_custom_end(struct buf *out, size_t at);

/*
 * Ends the option list (if any) and patches the block's length. 0; -ENOMEM when any append failed;
 * -EMSGSIZE when the block is over PCAPNG_MAX_WRITE_BLOCK: in both cases the buf is cut back to
 * where the block began, and its .failed is cleared: one lost block does not cost those after it.
 */
int pcapng_block_end(struct buf *out, size_t at);

#endif

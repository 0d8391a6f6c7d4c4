/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PACKET_BLOCK_H
#define REPORT_PACKET_BLOCK_H

/* Hits and notes -> the EPBs they stand in. All append a whole block, or nothing: 0, -ENOMEM,
 * -EMSGSIZE. */

#include "common/buf.h"
#include "report/read/hit.h"

/* With the options it came with, byte for byte; where there are none, with those that the recorder
 * would write (but no comment). comment: one more, not ended by a NUL; NULL: none. */
int packet_block_hit(struct buf *out, uint32_t interface, const struct hit *h, const char *comment,
		     size_t comment_len);

/* comment: not ended by a NUL; NULL: none. */
int packet_block_note(struct buf *out, uint32_t interface, uint64_t ns, const char *comment,
		      size_t comment_len, const struct event_note *n);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

/*
 * A growing byte buffer. An append that cannot get memory sets .failed and appends nothing; later
 * appends do nothing either. So a builder appends without checks and asks once, at the end, with
 * buf_error().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	bool failed;
};

void buf_deinit(struct buf *b); /* frees; b is empty and usable again */

/* Room for n more bytes, to be written by the caller; NULL without memory. buf.len grows by n. */
uint8_t *buf_extend(struct buf *b, size_t n);

static inline int buf_error(const struct buf *b)
{
	return b->failed ? -12 /* ENOMEM */ : 0;
}

static inline void buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

static inline void buf_append(struct buf *b, const void *p, size_t n)
{
	uint8_t *to = buf_extend(b, n);

	if (to && n)
		memcpy(to, p, n);
}

static inline void buf_zero(struct buf *b, size_t n)
{
	uint8_t *to = buf_extend(b, n);

	if (to)
		memset(to, 0, n);
}

/* Zeros up to the next multiple of 4 from the buffer's start. */
static inline void buf_pad4(struct buf *b)
{
	if (b->len & 3)
		buf_zero(b, 4 - (b->len & 3));
}

static inline void buf_u8(struct buf *b, uint8_t v)
{
	buf_append(b, &v, 1);
}

/* Little-endian. */
void buf_le16(struct buf *b, uint16_t v);
void buf_le32(struct buf *b, uint32_t v);
void buf_le64(struct buf *b, uint64_t v);
void buf_varint(struct buf *b, uint64_t v); /* LEB128 */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

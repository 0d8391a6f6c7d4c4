// SPDX-License-Identifier: GPL-2.0-only
#include "common/buf.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_deinit(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

uint8_t *buf_extend(struct buf *b, size_t n)
{
	size_t need, cap;
	uint8_t *p;

	if (b->failed)
		return NULL;
	if (__builtin_add_overflow(b->len, n, &need)) {
		b->failed = true;
		return NULL;
	}
	if (need > b->cap || !b->data) {
		cap = b->cap < 256 ? 256 : b->cap;
		while (cap < need)
			cap = cap > SIZE_MAX / 2 ? need : cap * 2;
		p = realloc(b->data, cap);
		if (!p) {
			b->failed = true;
			return NULL;
		}
		b->data = p;
		b->cap = cap;
	}
	p = b->data + b->len;
	b->len = need;
	return p;
}

void buf_le16(struct buf *b, uint16_t v)
{
	v = htole16(v);
	buf_append(b, &v, sizeof(v));
}

void buf_le32(struct buf *b, uint32_t v)
{
	v = htole32(v);
	buf_append(b, &v, sizeof(v));
}

void buf_le64(struct buf *b, uint64_t v)
{
	v = htole64(v);
	buf_append(b, &v, sizeof(v));
}

void buf_varint(struct buf *b, uint64_t v)
{
	while (v >= 0x80) {
		buf_u8(b, (uint8_t)v | 0x80);
		v >>= 7;
	}
	buf_u8(b, (uint8_t)v);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	uint8_t *to;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	/* One byte more for vsnprintf's NUL, then given back. */
	to = n < 0 ? NULL : buf_extend(b, (size_t)n + 1);
	if (to) {
		vsnprintf((char *)to, (size_t)n + 1, fmt, again);
		b->len--;
	} else {
		b->failed = true;
	}
	va_end(again);
}

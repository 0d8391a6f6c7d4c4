/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_CURSOR_H
#define COMMON_CURSOR_H

/*
 * Bounded reads of untrusted bytes.
 *
 * A cursor walks over memory it does not own. Each get returns the next value and moves on. A get
 * past the end returns zero (or NULL), moves nothing, and sets .bad for good; so a decoder reads
 * all it wants and asks once, at the end, whether all of it was there. .swap is set for input in
 * the other byte order than the host's (pcapng sections); the le gets are always little-endian (our
 * own payloads).
 */

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
	const uint8_t *p;
	const uint8_t *end;
	bool swap;
	bool bad;
};

static inline struct cursor cursor_of(const void *p, size_t n)
{
	const uint8_t *at = p;

	return (struct cursor){.p = at, .end = n ? at + n : at}; /* nothing may lie at NULL */
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->p);
}

/* The next n bytes, borrowed; NULL when they are not there. */
static inline const uint8_t *cursor_bytes(struct cursor *c, size_t n)
{
	const uint8_t *at = c->p;

	if (c->bad || cursor_left(c) < n) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	return at;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *at = cursor_bytes(c, 1);

	return at ? *at : 0;
}

#define CURSOR_GET(name, type, convert)                            \
	static inline type cursor_##name(struct cursor *c)         \
	{                                                          \
		const uint8_t *at = cursor_bytes(c, sizeof(type)); \
		type v = 0;                                        \
                                                                   \
		if (at)                                            \
			memcpy(&v, at, sizeof(v));                 \
		return convert;                                    \
	}

CURSOR_GET(u16, uint16_t, c->swap ? __builtin_bswap16(v) : v)
CURSOR_GET(u32, uint32_t, c->swap ? __builtin_bswap32(v) : v)
CURSOR_GET(u64, uint64_t, c->swap ? __builtin_bswap64(v) : v)
CURSOR_GET(le16, uint16_t, le16toh(v))
CURSOR_GET(le32, uint32_t, le32toh(v))
CURSOR_GET(le64, uint64_t, le64toh(v))
CURSOR_GET(be16, uint16_t, be16toh(v))
CURSOR_GET(be32, uint32_t, be32toh(v))
#undef CURSOR_GET

/* LEB128; more than 64 bits is bad. */
static inline uint64_t cursor_varint(struct cursor *c)
{
	uint64_t v = 0;
	unsigned int shift = 0;
	uint8_t b;

	do {
		b = cursor_u8(c);
		if (c->bad || shift > 63 || (shift == 63 && (b & 0x7e))) {
			c->bad = true;
			return 0;
		}
		v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80);
	return v;
}

/* The bytes up to a NUL, which is passed over; NULL and bad when there is none. *len may be NULL.
 */
static inline const char *cursor_cstr(struct cursor *c, size_t *len)
{
	const uint8_t *nul = c->bad ? NULL : memchr(c->p, 0, cursor_left(c));
	const char *at = (const char *)c->p;

	if (!nul) {
		c->bad = true;
		return NULL;
	}
	if (len)
		*len = (size_t)(nul - c->p);
	c->p = nul + 1;
	return at;
}

#endif

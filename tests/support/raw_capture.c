// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/raw_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

uint32_t raw_u16(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

uint32_t raw_u32(const uint8_t *p)
{
	return raw_u16(p) | raw_u16(p + 2) << 16;
}

uint64_t raw_u64(const uint8_t *p)
{
	return raw_u32(p) | (uint64_t)raw_u32(p + 4) << 32;
}

static size_t options_at(const struct raw_block *b)
{
	switch (b->type) {
	case 0x0a0d0d0a:
		assert_int_equal(raw_u32(b->body), 0x1a2b3c4d);
		return 16;
	case 1:
		return 8;
	case 5:
		return 12;
	case 6:
		assert_true(raw_u32(b->body + 12) <= b->len - 20);
		return 20 + ((raw_u32(b->body + 12) + 3) & ~3u);
	default:
		fail_msg("a block of type 0x%x", b->type);
		return 0;
	}
}

struct raw_capture raw_capture_read(const char *path)
{
	struct raw_capture c = {.data = malloc(1 << 23)};
	FILE *f = fopen(path, "re");

	assert_true(f && c.data);
	c.len = fread(c.data, 1, 1 << 23, f);
	fclose(f);
	for (size_t at = 0; at < c.len;) {
		struct raw_block *b = &c.blocks[c.count++];
		size_t len;

		assert_true(c.count <= sizeof(c.blocks) / sizeof(c.blocks[0]));
		assert_true(c.len - at >= 12);
		len = raw_u32(c.data + at + 4);
		assert_true(len >= 12 && len <= 262144 && len % 4 == 0 && len <= c.len - at);
		assert_int_equal(raw_u32(c.data + at + len - 4), len);
		b->type = raw_u32(c.data + at);
		b->body = c.data + at + 8;
		b->len = len - 12;
		b->options = options_at(b);
		assert_true(b->options <= b->len);
		at += len;
	}
	return c;
}

void raw_capture_destroy(struct raw_capture *c)
{
	free(c->data);
	memset(c, 0, sizeof(*c));
}

const uint8_t *raw_option(const struct raw_block *b, uint32_t code, unsigned int nth, size_t *len)
{
	for (size_t at = b->options; at < b->len;) {
		uint32_t this_code, this_len;

		assert_true(b->len - at >= 4);
		this_code = raw_u16(b->body + at);
		this_len = raw_u16(b->body + at + 2);
		at += 4;
		if (!this_code) {
			assert_true(!this_len && at == b->len);
			return NULL;
		}
		assert_true(this_len <= b->len - at);
		if (this_code == code && !nth--) {
			*len = this_len;
			return b->body + at;
		}
		at += (this_len + 3) & ~3u;
		/* Whoever has options ends them. */
		assert_true(at < b->len);
	}
	return NULL;
}

void raw_expect_text(const struct raw_block *b, uint32_t code, const char *want)
{
	size_t len = 0;
	const uint8_t *got = raw_option(b, code, 0, &len);

	assert_non_null(got);
	if (len != strlen(want) || memcmp(got, want, len))
		fail_msg("\"%.*s\", not \"%s\"", (int)len, got, want);
}

void raw_expect_none(const struct raw_block *b, uint32_t code)
{
	size_t len;

	assert_null(raw_option(b, code, 0, &len));
}

const uint8_t *raw_payload(const struct raw_block *b, unsigned int kind, unsigned int nth,
			   size_t *len)
{
	const uint8_t *p = raw_option(b, 2989, nth, len);

	if (!p)
		return NULL;
	assert_true(*len >= 12);
	assert_int_equal(raw_u32(p), 32473);
	assert_memory_equal(p + 4, "PW\1", 3);
	assert_int_equal(p[7], kind);
	*len -= 4;
	return p + 4;
}

void raw_expect_u64(const struct raw_block *b, uint16_t code, uint64_t want)
{
	size_t len;
	const uint8_t *p = raw_option(b, code, 0, &len);

	assert_true(p && len == 8 && raw_u64(p) == want);
}

void raw_expect_isb(const struct raw_block *b, uint32_t interface, uint64_t received)
{
	assert_int_equal(b->type, 5);
	assert_int_equal(raw_u32(b->body), interface);
	raw_expect_u64(b, 4, received);
}

void raw_expect_note(const struct raw_block *b, unsigned int type, const char *body)
{
	size_t len = 0;
	const uint8_t *p = raw_payload(b, 5, 0, &len);

	assert_int_equal(b->type, 6);
	assert_int_equal(raw_u32(b->body), 0);
	assert_int_equal(raw_u32(b->body + 12), 14);
	assert_memory_equal(b->body + 20, "\0\0\0\0\0\0\0\0\0\0\0\0\x88\xb5", 14);
	assert_non_null(p);
	assert_int_equal(raw_u16(p + 8), type);
	assert_int_equal(raw_u32(p + 12), len - 24);
	if (len - 24 != strlen(body) || memcmp(p + 24, body, len - 24))
		fail_msg("%.*s", (int)(len - 24), p + 24);
}

char *raw_snapshot(const struct raw_capture *c, uint32_t *metas)
{
	uint8_t *joined = malloc(1 << 23), *text;
	uLongf len = 0, raw_len = 0;
	uint32_t pieces = 0, count = 1;

	assert_non_null(joined);
	for (*metas = 0; pieces < count; ++*metas) {
		const struct raw_block *b = &c->blocks[1 + *metas];
		char name[32];
		size_t n;

		snprintf(name, sizeof(name), "pwru-meta-%u", *metas);
		raw_expect_text(b, 2, name);
		for (unsigned int i = 0; i < 5; i++) {
			const uint8_t *p = raw_payload(b, 2, i, &n);

			assert_true(p ? i < 4 : i || !*metas);
			if (!p)
				break;
			assert_int_equal(raw_u32(p + 8), pieces++);
			count = raw_u32(p + 12);
			raw_len = raw_u32(p + 16);
			assert_true(n - 20 <= 65000);
			memcpy(joined + len, p + 20, n - 20);
			len += n - 20;
		}
	}
	assert_int_equal(pieces, count);
	text = calloc(1, raw_len + 1);
	assert_non_null(text);
	assert_int_equal(uncompress(text, &raw_len, joined, len), Z_OK);
	free(joined);
	return (char *)text;
}

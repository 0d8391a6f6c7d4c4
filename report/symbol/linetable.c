// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/linetable.h"

#include <errno.h>
#include <stdbool.h>

#include "common/cursor.h"

int linetable_open(const uint8_t *data, size_t len, struct linetable *ret)
{
	struct cursor c = cursor_of(data, len);
	struct linetable t = {.base = cursor_le64(&c)};

	t.n_rows = cursor_le32(&c);
	t.n_segments = cursor_le32(&c);
	t.n_scopes = cursor_le32(&c);
	t.n_files = cursor_le32(&c);
	t.text_len = cursor_le32(&c);
	t.line_bits = cursor_le32(&c);
	t.rows = cursor_bytes(&c, (size_t)t.n_rows * LINETABLE_ROW);
	t.segments = cursor_bytes(&c, (size_t)t.n_segments * LINETABLE_SEGMENT);
	t.scopes = cursor_bytes(&c, (size_t)t.n_scopes * LINETABLE_SCOPE);
	t.files = cursor_bytes(&c, (size_t)t.n_files * LINETABLE_FILE);
	t.text = (const char *)cursor_bytes(&c, t.text_len);
	if (c.bad || cursor_left(&c) || !t.text_len || t.line_bits > 31 || t.text[t.text_len - 1])
		return -EBADMSG;
	*ret = t;
	return 0;
}

/* Number field of record i; the caller knows that it is there. */
static uint32_t number(const uint8_t *records, size_t i, size_t size, size_t field)
{
	struct cursor c = cursor_of(records + i * size + 4 * field, 4);

	return cursor_le32(&c);
}

static const char *text_at(const struct linetable *t, uint32_t at)
{
	return at < t->text_len ? t->text + at : "";
}

static void set_place(const struct linetable *t, uint32_t place, struct linetable_frame *frame)
{
	uint32_t file = place >> t->line_bits;
	bool known = file && file <= t->n_files;

	frame->file = known ? text_at(t, number(t->files, file - 1, LINETABLE_FILE, 0)) : "";
	frame->line = known ? place & ((1u << t->line_bits) - 1) : 0;
}

/* How many of the records, which begin with an address, begin at or before at. */
static size_t before(const uint8_t *records, size_t n, size_t size, uint32_t at)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (number(records, mid, size, 0) <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* What the last of the records says that begins at or before at; 0: there is none. */
static uint32_t value_at(const uint8_t *records, size_t n, size_t size, uint32_t at)
{
	size_t i = before(records, n, size, at);

	return i ? number(records, i - 1, size, 1) : 0;
}

size_t linetable_find(const struct linetable *t, uint64_t addr,
		      struct linetable_frame frames[LINETABLE_FRAMES])
{
	uint32_t at = (uint32_t)(addr - t->base), place, scope, parent;
	size_t n = 0;

	if (addr < t->base || addr - t->base > UINT32_MAX)
		return 0;
	place = value_at(t->rows, t->n_rows, LINETABLE_ROW, at);
	scope = value_at(t->segments, t->n_segments, LINETABLE_SEGMENT, at);
	if (scope > t->n_scopes)
		scope = 0;
	if (!scope && !place)
		return 0;
	do {
		set_place(t, place, &frames[n]);
		frames[n++].function =
			scope ? text_at(t, number(t->scopes, scope - 1, LINETABLE_SCOPE, 0)) : "";
		if (!scope)
			break;
		parent = number(t->scopes, scope - 1, LINETABLE_SCOPE, 1);
		place = number(t->scopes, scope - 1, LINETABLE_SCOPE, 2);
		if (parent >= scope) /* it would go on forever */
			break;
		scope = parent;
	} while (scope && n < LINETABLE_FRAMES);
	return n;
}

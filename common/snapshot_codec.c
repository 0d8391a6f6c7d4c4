// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of the snapshot. Writing is appending to bufs. Reading has two steps: gather the
 * pieces, which may come in any order and more than once (mergecap, a file of several sections),
 * then inflate them and remember where each record lies.
 *
 * Memory follows what the input really held: the list of pieces grows with the pieces that came,
 * not with the count they claim, and the inflated bytes grow as they appear, not to the length they
 * claim. Deflate cannot do better than about 1:1032, so a small file cannot ask for much.
 */
#include "common/snapshot_codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/cleanup.h"

/* Far beyond SNAPSHOT_MAX_RAW in full pieces; bounds the work of keeping the pieces in order. */
#define MAX_PIECES   16384u
#define INFLATE_STEP (256u << 10)
#define PIECES_SLACK (64u << 10)
#define RATIO_FROM   (1u << 20) /* raw bytes: below, nobody minds */

/* ---- writing ---- */

void snapshot_record_append(struct buf *raw, enum snapshot_record type, const void *value,
			    size_t len)
{
	if (len > UINT32_MAX) {
		raw->failed = true;
		return;
	}
	buf_le32(raw, type);
	buf_le32(raw, (uint32_t)len);
	buf_append(raw, value, len);
}

void snapshot_symbol_append(struct buf *syms, uint64_t *prev, uint64_t addr, char type,
			    uint32_t module, const char *name)
{
	buf_varint(syms, addr - *prev);
	buf_u8(syms, (uint8_t)type);
	buf_varint(syms, module);
	buf_append(syms, name, strlen(name) + 1);
	*prev = addr;
}

int snapshot_compress(const struct buf *raw, struct buf *z)
{
	size_t at = z->len;
	uint8_t *to;
	uLong len;

	if (buf_error(raw))
		return -ENOMEM;
	if (raw->len > SNAPSHOT_MAX_RAW)
		return -E2BIG;
	len = compressBound(raw->len);
	to = buf_extend(z, len);
	if (!to)
		return -ENOMEM;
	if (compress2(to, &len, raw->data, raw->len, Z_DEFAULT_COMPRESSION) != Z_OK) {
		z->len = at;
		return -ENOMEM; /* the only way it can fail with room enough */
	}
	z->len = at + len;
	return 0;
}

/* ---- symbols and lines ---- */

int snapshot_symbol_next(struct cursor *c, uint64_t *prev, uint64_t *addr, char *type,
			 uint32_t *module, const char **name)
{
	uint64_t delta, at, mod;
	const char *text;
	char letter;

	if (!c->bad && !cursor_left(c))
		return 0;
	delta = cursor_varint(c);
	letter = (char)cursor_u8(c);
	mod = cursor_varint(c);
	text = cursor_cstr(c, NULL);
	/* Sorted by address, so a sum beyond 64 bits is damage. */
	if (c->bad || mod > UINT32_MAX || __builtin_add_overflow(*prev, delta, &at)) {
		c->bad = true;
		return -EBADMSG;
	}
	*prev = at;
	*addr = at;
	*type = letter;
	*module = (uint32_t)mod;
	*name = text;
	return 1;
}

int snapshot_line_next(struct cursor *c, const char **line, size_t *len)
{
	size_t left = cursor_left(c), n;
	const uint8_t *newline;

	if (c->bad || !left)
		return 0;
	newline = memchr(c->p, '\n', left);
	n = newline ? (size_t)(newline - c->p) : left;
	*line = (const char *)cursor_bytes(c, n);
	*len = n;
	if (newline)
		cursor_u8(c);
	return 1;
}

uint32_t snapshot_crc(const struct snapshot *s, enum snapshot_record type)
{
	return (uint32_t)crc32_z(0, s->record[type].data, s->record[type].len);
}

bool snapshot_value(const struct snapshot *s, enum snapshot_record type, const char *key,
		    char *value, size_t size)
{
	struct cursor c = cursor_of(s->record[type].data, s->record[type].len);
	size_t key_len = strlen(key), len;
	const char *line;

	while (snapshot_line_next(&c, &line, &len) > 0) {
		if (len <= key_len || line[key_len] != '=' || memcmp(line, key, key_len) != 0)
			continue;
		len -= key_len + 1;
		if (size) {
			len = len < size ? len : size - 1;
			memcpy(value, line + key_len + 1, len);
			value[len] = 0;
		}
		return true;
	}
	return false;
}

/* ---- pieces ---- */

struct piece {
	uint32_t index;
	uint32_t len;
	uint8_t *data;
};

struct snapshot_pieces {
	uint32_t count; /* 0: none came yet */
	uint32_t raw_len;
	uint64_t bytes;	     /* in all pieces */
	struct piece *piece; /* in order of index */
	uint32_t have;
	uint32_t cap;
};

int snapshot_pieces_create(struct snapshot_pieces **ret)
{
	struct snapshot_pieces *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	*ret = p;
	return 0;
}

void snapshot_pieces_destroy(struct snapshot_pieces *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->have; i++)
		free(p->piece[i].data);
	free(p->piece);
	free(p);
}

bool snapshot_pieces_complete(const struct snapshot_pieces *p)
{
	return p->count && p->have == p->count;
}

void snapshot_pieces_join(const struct snapshot_pieces *p, struct buf *z)
{
	for (uint32_t i = 0; i < p->have; i++)
		buf_append(z, p->piece[i].data, p->piece[i].len);
}

/* Where that index is, or belongs. They nearly always come in order. */
static uint32_t piece_place(const struct snapshot_pieces *p, uint32_t index)
{
	uint32_t low = 0, high = p->have;

	if (high && p->piece[high - 1].index < index)
		return high;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (p->piece[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int pieces_reserve(struct snapshot_pieces *p)
{
	uint32_t cap = p->cap ? p->cap * 2 : 16; /* have < MAX_PIECES, no overflow */
	struct piece *grown;

	if (p->have < p->cap)
		return 0;
	grown = realloc(p->piece, cap * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	p->piece = grown;
	p->cap = cap;
	return 0;
}

static int piece_insert(struct snapshot_pieces *p, uint32_t place, uint32_t index,
			const uint8_t *data, uint32_t len)
{
	_cleanup_(freep) uint8_t *copy = NULL;
	int err;

	err = pieces_reserve(p);
	if (err)
		return err;
	copy = malloc(len);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, len);
	memmove(&p->piece[place + 1], &p->piece[place], (p->have - place) * sizeof(*p->piece));
	p->piece[place] = (struct piece){.index = index, .len = len, .data = steal_ptr(&copy)};
	p->have++;
	return 0;
}

int snapshot_pieces_add(struct snapshot_pieces *p, uint32_t index, uint32_t count, uint32_t raw_len,
			const uint8_t *data, uint32_t len)
{
	uint32_t place;
	int err;

	if (index >= count || count > MAX_PIECES || !len || len > SNAPSHOT_MAX_PIECE)
		return -EBADMSG;
	if (raw_len > SNAPSHOT_MAX_RAW)
		return -E2BIG;
	if (p->count && (p->count != count || p->raw_len != raw_len))
		return -EBADMSG;
	place = piece_place(p, index);
	if (place < p->have && p->piece[place].index == index) {
		const struct piece *same = &p->piece[place];

		return same->len == len && memcmp(same->data, data, len) == 0 ? 0 : -EBADMSG;
	}
	/* Nothing that compresses gets that much longer: no need to keep what cannot be whole. */
	if (p->bytes + len > 2ull * raw_len + PIECES_SLACK)
		return -EFBIG;
	err = piece_insert(p, place, index, data, len);
	if (err)
		return err;
	p->bytes += len;
	p->count = count;
	p->raw_len = raw_len;
	return snapshot_pieces_complete(p) ? 1 : 0;
}

/* ---- the whole ---- */

/* Feeds one piece; *end is set at the end of the stream. At most max bytes may come out in all. */
static int inflate_piece(z_stream *z, const struct piece *piece, size_t max, struct buf *raw,
			 bool *end)
{
	z->next_in = piece->data;
	z->avail_in = piece->len;
	while (z->avail_in || !z->avail_out) {
		/* One byte more than allowed tells "too much" from "just enough". */
		size_t room = max + 1 - raw->len;
		size_t step = room < INFLATE_STEP ? room : INFLATE_STEP;
		int status;

		z->next_out = buf_extend(raw, step);
		if (!z->next_out)
			return -ENOMEM;
		z->avail_out = (uInt)step;
		status = *end ? Z_DATA_ERROR : inflate(z, Z_NO_FLUSH);
		raw->len -= z->avail_out;
		if (status == Z_MEM_ERROR)
			return -ENOMEM;
		if (raw->len > max)
			return -EFBIG;
		if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
			return -EBADMSG;
		*end = status == Z_STREAM_END;
		if (*end)
			z->avail_out = 1; /* nothing more is waiting */
	}
	return 0;
}

static int inflate_all(const struct snapshot_pieces *p, struct buf *raw)
{
	z_stream z = {.avail_out = 1};
	bool end = false;
	int err = 0;

	if (inflateInit(&z) != Z_OK)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->have && !err; i++)
		err = inflate_piece(&z, &p->piece[i], p->raw_len, raw, &end);
	inflateEnd(&z);
	if (err)
		return err;
	return end && raw->len == p->raw_len ? 0 : -EBADMSG;
}

static int find_records(struct snapshot *s)
{
	struct cursor c = cursor_of(s->raw.data, s->raw.len);

	while (cursor_left(&c)) {
		uint32_t type = cursor_le32(&c), len = cursor_le32(&c);
		const uint8_t *data = cursor_bytes(&c, len);

		if (c.bad)
			return -EBADMSG;
		if (type == 0 || type >= SNAPSHOT_RECORDS)
			continue;
		s->record[type].data = data;
		s->record[type].len = len;
	}
	return 0;
}

static void destroyp(struct snapshot **s)
{
	snapshot_destroy(*s);
}

int snapshot_create(const struct snapshot_pieces *p, struct snapshot **ret)
{
	_cleanup_(destroyp) struct snapshot *s = NULL;
	int err;

	if (!snapshot_pieces_complete(p))
		return -ENODATA;
	if (p->raw_len > RATIO_FROM && p->raw_len / SNAPSHOT_MAX_RATIO > p->bytes)
		return -E2BIG;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	err = inflate_all(p, &s->raw);
	if (err)
		return err;
	err = find_records(s);
	if (err)
		return err;
	*ret = steal_ptr(&s);
	return 0;
}

const char *snapshot_why(int err)
{
	if (err == -E2BIG)
		return "claims more than the limits (256 MiB, 100 times its compressed length) and is "
		       "refused";
	if (err == -EFBIG)
		return "inflates beyond the length it states, its limit, and is refused";
	return "is damaged";
}

void snapshot_destroy(struct snapshot *s)
{
	if (!s)
		return;
	buf_deinit(&s->raw);
	free(s);
}

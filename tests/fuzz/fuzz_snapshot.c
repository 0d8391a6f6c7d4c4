// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first byte says what the rest is: pieces, as they may come from a hostile file, or a snapshot
 * before it is compressed, which mutation of a compressed one would never get behind the checksum
 * of. That one is compressed and cut here, comes in any order and twice, and has to come out as it
 * was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/snapshot_codec.h"
#include "report/read/capture.h"
#include "tests/fuzz/fuzz.h"

static void walk_lines(const struct snapshot *s, enum snapshot_record type)
{
	struct cursor c = cursor_of(s->record[type].data, s->record[type].len);
	size_t len, seen = 0;
	const char *line;

	while (snapshot_line_next(&c, &line, &len) == 1) {
		FUZZ_CHECK(!memchr(line, '\n', len));
		seen += len + 1;
	}
	FUZZ_CHECK(seen == s->record[type].len || seen == s->record[type].len + 1);
}

static void walk_symbols(const struct snapshot *s)
{
	size_t size = s->record[SNAPSHOT_SYMBOLS].len;
	uint8_t *copy = fuzz_copy(s->record[SNAPSHOT_SYMBOLS].data, size);
	struct cursor c = cursor_of(copy, size);
	uint64_t prev = 0, addr = 0, before = 0;
	struct buf again = {};
	const char *name;
	uint32_t module;
	char type;
	int got;

	while ((got = snapshot_symbol_next(&c, &prev, &addr, &type, &module, &name)) == 1) {
		FUZZ_CHECK(addr >= before && prev == addr);
		FUZZ_CHECK(name + strlen(name) < (const char *)copy + size);
		snapshot_symbol_append(&again, &before, addr, type, module, name);
	}
	FUZZ_CHECK(got == 0 || got == -EBADMSG);
	/* A varint may have been longer than it need be; ours is not. */
	FUZZ_CHECK(again.len <= size);
	buf_deinit(&again);
	free(copy);
}

static void ask_symbols(const struct snapshot *s)
{
	static const uint64_t addrs[] = {0, 1, 0x7f, 0xffffffff81000000, UINT64_MAX};
	struct symbols *symbols = NULL;
	struct symbol found;

	if (symbols_create(s, &symbols))
		return;
	FUZZ_CHECK(symbols_count(symbols));
	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		if (!symbols_find(symbols, addrs[i], &found))
			FUZZ_CHECK(found.name[0] && found.offset <= addrs[i] && found.module);
		if (!symbols_find_caller(symbols, addrs[i], &found))
			FUZZ_CHECK(found.name[0] && found.offset);
	}
	symbols_destroy(symbols);
}

/* Written anew, the records are found again where they were. */
static void write_again(const struct snapshot *s)
{
	struct cursor c = cursor_of(s->raw.data, s->raw.len);
	struct buf again = {};

	while (cursor_left(&c)) {
		uint32_t type = cursor_le32(&c), len = cursor_le32(&c);
		const uint8_t *value = cursor_bytes(&c, len);

		FUZZ_CHECK(!c.bad);
		snapshot_record_append(&again, type, value, len);
	}
	FUZZ_CHECK(again.len == s->raw.len);
	FUZZ_CHECK(!again.len || !memcmp(again.data, s->raw.data, again.len));
	buf_deinit(&again);
}

static void look_at(const struct snapshot *s)
{
	static const char *const keys[] = {"release", "", "a"};
	char value[8];

	write_again(s);
	for (int type = 1; type < SNAPSHOT_RECORDS; type++) {
		walk_lines(s, type);
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (snapshot_value(s, type, keys[i], value, sizeof(value)))
				FUZZ_CHECK(strlen(value) < sizeof(value));
		snapshot_value(s, type, "release", NULL, 0);
	}
	walk_symbols(s);
	ask_symbols(s);
}

/* Each piece: index, count, two bytes of each length; little-endian. */
static void hostile_pieces(struct cursor c)
{
	struct snapshot_pieces *p = NULL;
	struct snapshot *s = NULL;
	uint32_t index, count, raw_len, len;
	const uint8_t *data;
	uint8_t *copy;
	int got = 0;

	FUZZ_CHECK(!snapshot_pieces_create(&p));
	while (cursor_left(&c) >= 8) {
		index = cursor_u8(&c);
		count = cursor_u8(&c);
		raw_len = cursor_le32(&c);
		len = cursor_le16(&c);
		len = len < cursor_left(&c) ? len : (uint32_t)cursor_left(&c);
		data = cursor_bytes(&c, len);
		copy = fuzz_copy(data, len);
		got = snapshot_pieces_add(p, index, count, raw_len, copy, len);
		free(copy);
		FUZZ_CHECK(got <= 1);
		FUZZ_CHECK(got != 1 || snapshot_pieces_complete(p));
	}
	got = snapshot_create(p, &s);
	FUZZ_CHECK(got <= 0);
	FUZZ_CHECK(snapshot_pieces_complete(p) == (got != -ENODATA));
	if (!got)
		look_at(s);
	snapshot_destroy(s);
	snapshot_pieces_destroy(p);
}

/* Adds z in `count` pieces, from the last to the first, the first of them twice. */
static int add_pieces(struct capture *c, const struct buf *z, uint32_t raw_len, uint32_t count)
{
	size_t step = (z->len + count - 1) / count;
	int err = 0;

	count = (uint32_t)((z->len + step - 1) / step);
	for (uint32_t i = count; i--;) {
		size_t at = i * step, len = z->len - at < step ? z->len - at : step;
		struct event_meta m = {.index = i,
				       .count = count,
				       .raw_len = raw_len,
				       .data = z->data + at,
				       .data_len = (uint32_t)len};

		err = capture_add_meta(c, &m);
		if (!err && i == count - 1)
			err = capture_add_meta(c, &m);
		FUZZ_CHECK(!err || !i);
	}
	return err;
}

static void sound_snapshot(struct cursor c)
{
	struct captures captures = {};
	struct capture *capture = captures_get(&captures, 1);
	uint32_t pieces = cursor_u8(&c) + 1u;
	struct buf raw = {}, z = {};
	int err;

	FUZZ_CHECK(capture);
	buf_append(&raw, c.p, cursor_left(&c));
	FUZZ_CHECK(!snapshot_compress(&raw, &z));
	err = add_pieces(capture, &z, (uint32_t)raw.len, pieces);
	FUZZ_CHECK(err == 0 || err == -EBADMSG); /* records may be cut */
	if (!err) {
		FUZZ_CHECK(capture->snapshot);
		FUZZ_CHECK(capture->snapshot->raw.len == raw.len);
		FUZZ_CHECK(!memcmp(capture->snapshot->raw.data, raw.data, raw.len));
		look_at(capture->snapshot);
		capture_symbols(capture);
		capture_reason(capture, 2);
		capture_netns(capture, 1);
		capture_iface(capture, 1, 1);
	}
	captures_deinit(&captures);
	buf_deinit(&raw);
	buf_deinit(&z);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(data, size);
	uint8_t mode = cursor_u8(&c);

	if (mode & 1)
		sound_snapshot(c);
	else
		hostile_pieces(c);
	return 0;
}

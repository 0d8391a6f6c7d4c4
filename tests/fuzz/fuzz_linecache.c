// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input is a file of the cache of line tables: as it is, which is noticed to be damaged, and
 * with all checks made right, or hardly any change would get further than them. Whatever it says,
 * what is added is found, also by the next program.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cursor.h"
#include "common/log.h"
#include "report/symbol/linecache.h"
#include "report/symbol/srcline_map.h"
#include "tests/fuzz/fuzz.h"

#define NAME	"aa.lines"
#define HEAD	32u
#define UNIT	24u
#define RANGE	20u
#define OWN	UINT64_C(0x123456789)
#define OWN_LEN 16u

static uint32_t get(const uint8_t *p)
{
	struct cursor c = cursor_of(p, 4);

	return cursor_le32(&c);
}

static void put(uint8_t *p, uint64_t v, size_t len)
{
	v = htole64(v);
	memcpy(p, &v, len);
}

/* Where the tables begin; 0: there are none. */
static size_t tables_of(const uint8_t *data, size_t size)
{
	uint64_t len;

	if (size < HEAD)
		return 0;
	len = HEAD + (uint64_t)get(data + 24) * UNIT + (uint64_t)get(data + 28) * RANGE;
	return len <= size ? (size_t)len : 0;
}

static void make_right(uint8_t *data, size_t size)
{
	size_t head = tables_of(data, size), at = head, len;

	if (!head)
		return;
	memcpy(data, "PWRULN02", 8);
	for (uint8_t *u = data + HEAD; u < data + HEAD + get(data + 24) * UNIT; u += UNIT) {
		len = get(u + 16);
		if (len > size - at)
			len = size - at;
		put(u, at, 8);
		put(u + 8, linecache_check(data + at, len), 8);
		put(u + 16, len, 4);
		at += len;
	}
	put(data + 8,
	    linecache_check(data + 16, head - 16) ^
		    linecache_check((const uint8_t *)NAME, strlen(NAME)),
	    8);
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
		abort();
	close(fd);
}

static void look(struct linecache *c, uint64_t addr)
{
	struct linetable_frame frames[LINETABLE_FRAMES];
	const struct linetable *t = linecache_find(c, addr);
	size_t n = t ? linetable_find(t, addr, frames) : 0;

	FUZZ_CHECK(n <= LINETABLE_FRAMES);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(strlen(frames[i].function) < LINETABLE_MAX &&
			   strlen(frames[i].file) < LINETABLE_MAX);
}

/* At both ends of the first ranges, and in between. */
static void look_everywhere(struct linecache *c, const uint8_t *data, size_t size)
{
	size_t end = tables_of(data, size), n = 0;
	struct cursor r;

	if (!end)
		return;
	r = cursor_of(data + HEAD + get(data + 24) * UNIT, get(data + 28) * RANGE);
	while (n++ < 64 && cursor_left(&r)) {
		uint64_t start = cursor_le64(&r), last = cursor_le64(&r) - 1;

		cursor_le32(&r);
		look(c, start);
		look(c, start + (last - start) / 2);
		look(c, last);
	}
}

static const struct linetable *add_own(struct linecache *c)
{
	struct srcline_range range = {.start = OWN, .end = OWN + OWN_LEN};
	struct buf ranges = {0}, bytes = {0};
	const struct linetable *t = NULL;
	struct linetable_builder *b;

	if (linetable_builder_create(OWN, &b))
		abort();
	linetable_add_row(b, OWN, linetable_add_file(b, "own.c"), 7);
	buf_append(&ranges, &range, sizeof(range));
	FUZZ_CHECK(!linetable_builder_finish(b, &bytes));
	FUZZ_CHECK(!linecache_add(c, &ranges, &bytes, &t) && t);
	linetable_builder_destroy(b);
	buf_deinit(&ranges);
	return t;
}

static void run(const uint8_t *data, size_t size)
{
	struct linetable_frame frames[LINETABLE_FRAMES];
	char top[] = "/tmp/pwru-fuzz-XXXXXX", dir[64], file[80];
	const struct linetable *t;
	struct linecache *c;
	uint64_t text;
	bool own;

	if (!mkdtemp(top))
		abort();
	snprintf(dir, sizeof(dir), "%s/cache", top);
	snprintf(file, sizeof(file), "%s/" NAME, dir);
	FUZZ_CHECK(!linecache_open(dir, "aa", &c)); /* makes it */
	linecache_close(c);
	write_file(file, data, size);
	FUZZ_CHECK(!linecache_open(dir, "aa", &c));
	look_everywhere(c, data, size);
	own = !linecache_find(c, OWN);
	add_own(c);
	FUZZ_CHECK(linecache_find(c, OWN));
	linecache_set_text(c, 5);
	FUZZ_CHECK(!linecache_save(c));
	linecache_close(c);
	FUZZ_CHECK(!linecache_open(dir, "aa", &c));
	FUZZ_CHECK(linecache_text(c, &text) && text == 5);
	t = linecache_find(c, OWN);
	FUZZ_CHECK(t);
	FUZZ_CHECK(!own || (linetable_find(t, OWN, frames) == 1 && frames[0].line == 7));
	look_everywhere(c, data, size);
	linecache_close(c);
	unlink(file);
	rmdir(dir);
	rmdir(top);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = fuzz_copy(data, size);

	log_init("fuzz_linecache", LOG_LEVEL_ERROR);
	run(data, size);
	make_right(copy, size);
	run(copy, size);
	free(copy);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/linecache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/cursor.h"
#include "common/log.h"
#include "report/symbol/cachefile.h"
#include "report/symbol/srcline_map.h"

#define MAGIC	  "PWRULN02"
#define HEAD	  32u
#define UNIT	  24u
#define RANGE	  20u
#define NAME	  (2 * 64 + 16) /* of a file: a build-id of 64 bytes is long */
#define NO_TEXT	  UINT64_MAX
#define MAX_UNITS (1u << 18)

struct unit {
	uint64_t offset;
	uint64_t check;
	uint32_t len;
	const uint8_t *data; /* NULL: in the file still */
	bool own;	     /* data is on the heap, else in the image */
	struct linetable table;
};

struct range {
	uint64_t start;
	uint64_t end;
	uint32_t unit;
};

struct linecache {
	int dir;	/* -1: nothing is kept */
	int fd;		/* -1: there is no file */
	uint8_t *image; /* as the file, where that has been read; NULL: there is none */
	size_t image_len;
	char name[NAME];
	uint64_t text;
	struct unit **units;
	size_t n_units;
	struct range *ranges;
	size_t n_ranges;
	size_t room; /* for so many */
	bool changed;
};

/* ---- small things ---- */

/* Four sums side by side, which do not wait for each other. */
static void mix(uint64_t h[4], const uint8_t *data)
{
	uint64_t words[4];

	memcpy(words, data, sizeof(words));
	for (int k = 0; k < 4; k++) {
		h[k] = (h[k] ^ le64toh(words[k])) * 0xff51afd7ed558ccdu;
		h[k] ^= h[k] >> 32;
	}
}

uint64_t linecache_check(const uint8_t *data, size_t len)
{
	uint64_t h[4] = {len, 1, 2, 3}, sum = 0;
	uint8_t last[32] = {0};
	size_t i = 0;

	for (; len - i >= sizeof(last); i += sizeof(last))
		mix(h, data + i);
	memcpy(last, data + i, len - i);
	mix(h, last);
	for (int k = 0; k < 4; k++)
		sum = (sum ^ h[k]) * 0xff51afd7ed558ccdu;
	return sum ^ sum >> 32;
}

/* One build's file is not taken for another's. */
static uint64_t check_head(const struct linecache *c, const uint8_t *data, size_t len)
{
	return linecache_check(data, len) ^
	       linecache_check((const uint8_t *)c->name, strlen(c->name));
}

/* ---- reading ---- */

static struct unit *add_unit(struct linecache *c)
{
	struct unit **more = realloc(c->units, (c->n_units + 1) * sizeof(struct unit *)), *u;

	if (!more)
		return NULL;
	c->units = more;
	u = calloc(1, sizeof(*u));
	if (u)
		c->units[c->n_units++] = u;
	return u;
}

static int take_head(struct linecache *c, struct cursor head, uint32_t units, uint32_t ranges,
		     uint64_t size)
{
	/* One behind the other: reading one changes nothing of another. */
	uint64_t at = HEAD + cursor_left(&head);
	struct unit *u;

	for (uint32_t i = 0; i < units; i++) {
		u = add_unit(c);
		if (!u)
			return -ENOMEM;
		u->offset = cursor_le64(&head);
		u->check = cursor_le64(&head);
		u->len = cursor_le32(&head);
		cursor_le32(&head);
		if (u->len > LINETABLE_MAX || u->offset != at || u->len > size - at)
			return -EBADMSG;
		at += u->len;
	}
	c->ranges = calloc(ranges + 1, sizeof(*c->ranges));
	if (!c->ranges)
		return -ENOMEM;
	c->room = ranges;
	for (uint32_t i = 0; i < ranges; i++) {
		struct range *r = &c->ranges[i];

		r->start = cursor_le64(&head);
		r->end = cursor_le64(&head);
		r->unit = cursor_le32(&head);
		if (r->unit >= units || r->start >= r->end || (i && r->start < r[-1].end))
			return -EBADMSG;
	}
	c->n_ranges = ranges;
	return head.bad ? -EBADMSG : 0;
}

/* Room for the whole file, which costs as much of it as is read. The file is not mapped: who cuts
 * it would end this program. */
static int make_image(struct linecache *c, size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -EFBIG;
	madvise(p, len, MADV_HUGEPAGE);
	c->image = p;
	c->image_len = len;
	return 0;
}

static int read_head(struct linecache *c)
{
	uint8_t first[HEAD];
	uint32_t units, ranges;
	struct cursor head;
	uint64_t check;
	struct stat st;
	size_t len;
	int err;

	if (fstat(c->fd, &st) || st.st_size > LINECACHE_MAX_FILE)
		return -EBADMSG;
	err = cachefile_read(c->fd, first, sizeof(first), 0);
	if (err)
		return err;
	head = cursor_of(first, sizeof(first));
	if (memcmp(cursor_bytes(&head, 8), MAGIC, 8))
		return -EBADMSG;
	check = cursor_le64(&head);
	c->text = cursor_le64(&head);
	units = cursor_le32(&head);
	ranges = cursor_le32(&head);
	len = HEAD + (size_t)units * UNIT + (size_t)ranges * RANGE;
	if (units > MAX_UNITS || ranges > LINECACHE_MAX_RANGES || len > (uint64_t)st.st_size)
		return -EBADMSG;
	err = make_image(c, (size_t)st.st_size);
	if (!err)
		err = cachefile_read(c->fd, c->image, len, 0);
	if (!err && check_head(c, c->image + 16, len - 16) != check)
		err = -EBADMSG;
	return err ? err
		   : take_head(c, cursor_of(c->image + HEAD, len - HEAD), units, ranges,
			       (uint64_t)st.st_size);
}

static int load(struct linecache *c, struct unit *u)
{
	uint8_t *data = c->image + u->offset;
	int err = cachefile_read(c->fd, data, u->len, u->offset);

	if (!err && linecache_check(data, u->len) != u->check)
		err = -EBADMSG;
	if (!err)
		err = linetable_open(data, u->len, &u->table);
	if (!err)
		u->data = data;
	return err;
}

/* What is only in the file. */
static void forget_file(struct linecache *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_ranges; i++)
		if (c->units[c->ranges[i].unit]->data)
			c->ranges[n++] = c->ranges[i];
	c->n_ranges = n;
	c->changed = true;
	log_debug("%s: damaged, and will be made anew", c->name);
}

/* ---- opening ---- */

int linecache_open(const char *directory, const char *build_id, struct linecache **ret)
{
	struct linecache *c = calloc(1, sizeof(*c));
	int err = 0;

	if (!c)
		return -ENOMEM;
	c->dir = c->fd = -1;
	c->text = NO_TEXT;
	if (directory && *directory && *build_id &&
	    strlen(build_id) + sizeof(".lines") < sizeof(c->name)) {
		snprintf(c->name, sizeof(c->name), "%s.lines", build_id);
		c->dir = cachefile_open_directory(directory);
	}
	if (c->dir >= 0)
		c->fd = cachefile_open(c->dir, c->name);
	if (c->fd >= 0)
		err = read_head(c);
	if (err == -ENOMEM) {
		linecache_close(c);
		return err;
	}
	if (err) {
		c->n_ranges = 0;
		c->text = NO_TEXT;
		forget_file(c);
	}
	*ret = c;
	return 0;
}

void linecache_close(struct linecache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_units; i++) {
		if (c->units[i]->own)
			free((void *)c->units[i]->data);
		free(c->units[i]);
	}
	free(c->units);
	free(c->ranges);
	if (c->image)
		munmap(c->image, c->image_len);
	if (c->fd >= 0)
		close(c->fd);
	if (c->dir >= 0)
		close(c->dir);
	free(c);
}

/* ---- tables ---- */

/* How many ranges begin at or before addr. */
static size_t ranges_before(const struct linecache *c, uint64_t addr)
{
	size_t lo = 0, hi = c->n_ranges, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (c->ranges[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct linetable *linecache_find(struct linecache *c, uint64_t addr)
{
	size_t i = ranges_before(c, addr);
	struct unit *u;

	if (!i || addr >= c->ranges[i - 1].end)
		return NULL;
	u = c->units[c->ranges[i - 1].unit];
	if (!u->data && load(c, u)) {
		forget_file(c);
		return NULL;
	}
	return &u->table;
}

static int insert(struct linecache *c, size_t at, const struct range *r)
{
	struct range *more;

	if (c->n_ranges == LINECACHE_MAX_RANGES)
		return -E2BIG;
	if (c->n_ranges == c->room) {
		more = realloc(c->ranges, (2 * c->room + 64) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		c->ranges = more;
		c->room = 2 * c->room + 64;
	}
	memmove(c->ranges + at + 1, c->ranges + at, (c->n_ranges - at) * sizeof(*c->ranges));
	c->ranges[at] = *r;
	c->n_ranges++;
	return 0;
}

/* What of r lies in no other range. */
static int add_range(struct linecache *c, struct range r)
{
	size_t at = ranges_before(c, r.start);
	uint64_t end = r.end;
	int err;

	if (at && c->ranges[at - 1].end > r.start)
		r.start = c->ranges[at - 1].end;
	while (r.start < end) {
		r.end = at < c->n_ranges && c->ranges[at].start < end ? c->ranges[at].start : end;
		err = r.start < r.end ? insert(c, at++, &r) : 0;
		if (err)
			return err;
		if (at == c->n_ranges)
			break;
		r.start = c->ranges[at++].end;
	}
	return 0;
}

int linecache_add(struct linecache *c, const struct buf *ranges, struct buf *table,
		  const struct linetable **ret)
{
	struct unit *u = table->len > LINETABLE_MAX ? NULL : add_unit(c);
	struct srcline_range r;
	int err;

	if (!u) {
		err = table->len > LINETABLE_MAX ? -E2BIG : -ENOMEM;
		buf_deinit(table);
		return err;
	}
	u->data = table->data;
	u->own = true;
	u->len = (uint32_t)table->len;
	*table = (struct buf){0};
	err = linetable_open(u->data, u->len, &u->table);
	for (size_t i = 0; !err && i + sizeof(r) <= ranges->len; i += sizeof(r)) {
		memcpy(&r, ranges->data + i, sizeof(r));
		err = add_range(c, (struct range){.start = r.start,
						  .end = r.end,
						  .unit = (uint32_t)(c->n_units - 1)});
	}
	if (err)
		return err;
	c->changed = true;
	*ret = &u->table;
	return 0;
}

bool linecache_text(const struct linecache *c, uint64_t *ret)
{
	if (c->text == NO_TEXT)
		return false;
	*ret = c->text;
	return true;
}

void linecache_set_text(struct linecache *c, uint64_t text)
{
	c->changed |= c->text != text;
	c->text = text;
}

/* ---- writing ---- */

/* The new numbers of the tables that some range leads to; UINT32_MAX of others. */
static uint32_t number_units(struct linecache *c, uint32_t *numbers)
{
	uint32_t count = 0;

	memset(numbers, 0xff, c->n_units * sizeof(*numbers));
	for (size_t i = 0; i < c->n_ranges; i++)
		numbers[c->ranges[i].unit] = 0;
	for (size_t i = 0; i < c->n_units; i++)
		if (!numbers[i])
			numbers[i] = count++;
	return count;
}

static int build_head(struct linecache *c, const uint32_t *numbers, uint32_t count,
		      struct buf *head)
{
	uint64_t offset = HEAD + (uint64_t)count * UNIT + (uint64_t)c->n_ranges * RANGE, check;
	struct buf rest = {0};
	int err;

	buf_le64(&rest, c->text);
	buf_le32(&rest, count);
	buf_le32(&rest, (uint32_t)c->n_ranges);
	for (size_t i = 0; i < c->n_units; i++) {
		struct unit *u = c->units[i];

		if (numbers[i] == UINT32_MAX)
			continue;
		u->check = linecache_check(u->data, u->len);
		buf_le64(&rest, offset);
		buf_le64(&rest, u->check);
		buf_le32(&rest, u->len);
		buf_le32(&rest, 0);
		offset += u->len;
	}
	for (size_t i = 0; i < c->n_ranges; i++) {
		buf_le64(&rest, c->ranges[i].start);
		buf_le64(&rest, c->ranges[i].end);
		buf_le32(&rest, numbers[c->ranges[i].unit]);
	}
	if (!buf_error(&rest)) {
		check = check_head(c, rest.data, rest.len);
		buf_append(head, MAGIC, 8);
		buf_le64(head, check);
		buf_append(head, rest.data, rest.len);
	}
	err = buf_error(&rest) ? -ENOMEM : buf_error(head);
	buf_deinit(&rest);
	if (err)
		return err;
	return offset > LINECACHE_MAX_FILE ? -EFBIG : 0;
}

/* All that is in the old file still. A damaged table takes others with it. */
static void load_all(struct linecache *c)
{
	for (size_t i = 0; i < c->n_ranges; i++) {
		struct unit *u = c->units[c->ranges[i].unit];

		if (!u->data && load(c, u)) {
			forget_file(c);
			return;
		}
	}
}

static int write_file(struct linecache *c, int fd)
{
	_cleanup_(freep) uint32_t *numbers = malloc(c->n_units * sizeof(*numbers) + 1);
	struct buf head = {0};
	int err;

	if (!numbers)
		return -ENOMEM;
	load_all(c);
	err = build_head(c, numbers, number_units(c, numbers), &head);
	if (!err)
		err = cachefile_write(fd, head.data, head.len);
	for (size_t i = 0; !err && i < c->n_units; i++)
		if (numbers[i] != UINT32_MAX)
			err = cachefile_write(fd, c->units[i]->data, c->units[i]->len);
	buf_deinit(&head);
	return err;
}

int linecache_save(struct linecache *c)
{
	_cleanup_(closep) int fd = -1;
	int err;

	if (c->dir < 0 || !c->changed)
		return 0;
	err = cachefile_begin(c->dir, c->name, &fd);
	if (err)
		return err == -EBUSY ? 0 : err;
	err = cachefile_end(c->dir, c->name, write_file(c, fd));
	if (err)
		return err;
	c->changed = false;
	cachefile_trim(c->dir, ".lines", LINECACHE_MAX_ALL);
	return 0;
}

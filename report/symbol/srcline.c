// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/srcline.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "report/symbol/linecache.h"
#include "report/symbol/srcline_dwarf.h"

struct srcline {
	const struct debugfile *file;
	struct linecache *cache;
	struct srcline_dwarf *dwarf; /* NULL: not needed yet */
	bool failed;
};

int srcline_create(const struct debugfile *file, const char *cache, struct srcline **ret)
{
	struct srcline *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->file = file;
	err = linecache_open(cache, file->build_id, &s->cache);
	if (err) {
		free(s);
		return err;
	}
	*ret = s;
	return 0;
}

void srcline_destroy(struct srcline *s)
{
	int err;

	if (!s)
		return;
	err = linecache_save(s->cache);
	if (err)
		log_debug("%s: its line tables are not kept: %s", s->file->path, strerror(-err));
	linecache_close(s->cache);
	srcline_dwarf_close(s->dwarf);
	free(s);
}

static int need_dwarf(struct srcline *s)
{
	int err;

	if (s->dwarf)
		return 0;
	if (s->failed)
		return -ENODATA;
	err = srcline_dwarf_open(s->file->fd, s->file->alt_fd, s->file->path, &s->dwarf);
	if (!err)
		return 0;
	s->failed = true;
	log_warn("%s: %s", s->file->path,
		 err == -ENOMEM ? "out of memory" : "its debug information cannot be read");
	return err;
}

int srcline_text(struct srcline *s, uint64_t *ret)
{
	int err;

	if (linecache_text(s->cache, ret))
		return 0;
	err = need_dwarf(s);
	if (!err)
		err = srcline_dwarf_text(s->dwarf, ret);
	if (!err)
		linecache_set_text(s->cache, *ret);
	return err && err != -ENOMEM ? -ENOENT : err;
}

static const struct linetable *read_unit(struct srcline *s, uint64_t addr)
{
	const struct linetable *t = NULL;
	struct buf ranges = {0}, table = {0};
	int err = need_dwarf(s);

	if (!err)
		err = srcline_dwarf_unit(s->dwarf, addr, &ranges, &table);
	if (!err)
		err = linecache_add(s->cache, &ranges, &table, &t);
	buf_deinit(&ranges);
	buf_deinit(&table);
	return err ? NULL : t;
}

size_t srcline_find(struct srcline *s, uint64_t addr,
		    struct linetable_frame frames[LINETABLE_FRAMES])
{
	const struct linetable *t = linecache_find(s->cache, addr);

	if (!t)
		t = read_unit(s, addr);
	return t ? linetable_find(t, addr, frames) : 0;
}

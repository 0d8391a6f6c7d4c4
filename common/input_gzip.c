// SPDX-License-Identifier: GPL-2.0-only
/*
 * gzip: members one after the other, as `cat a.gz b.gz` leaves them. Zeros behind the last one are
 * padding of a tape or a disk, as gzip takes them; anything else is damage.
 */
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "common/input_decoder.h"

#define WINDOW_BITS (15 + 16) /* the largest window; +16: with a gzip header */
#define MAGIC_FIRST 0x1f

struct gzip {
	z_stream z;
	bool between; /* members */
	bool padding; /* a zero came between them: no member can follow */
};

static int gzip_create(void **ret)
{
	struct gzip *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	if (inflateInit2(&g->z, WINDOW_BITS) != Z_OK) {
		free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

static void gzip_destroy(void *decoding)
{
	struct gzip *g = decoding;

	inflateEnd(&g->z);
	free(g);
}

/* At the place where a member may begin: 1 one does; 0 the bytes are used up; -EBADMSG. */
static int begin_member(struct gzip *g, struct input_step *s)
{
	while (s->in_len && !*s->in) {
		g->padding = true;
		s->in++;
		s->in_len--;
	}
	if (!s->in_len)
		return 0;
	if (g->padding || *s->in != MAGIC_FIRST) {
		s->why = "what follows is no gzip";
		return -EBADMSG;
	}
	inflateReset(&g->z);
	g->between = false;
	return 1;
}

static int inflate_some(struct gzip *g, struct input_step *s)
{
	int status;

	/* Both are at most the window's growth, far below 4 GiB. */
	g->z.next_in = (Bytef *)(uintptr_t)s->in;
	g->z.avail_in = (uInt)s->in_len;
	g->z.next_out = s->out;
	g->z.avail_out = (uInt)s->out_len;
	status = inflate(&g->z, Z_NO_FLUSH);
	s->in = g->z.next_in;
	s->in_len = g->z.avail_in;
	s->out = g->z.next_out;
	s->out_len = g->z.avail_out;
	if (status == Z_MEM_ERROR)
		return -ENOMEM;
	if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
		s->why = g->z.msg ? g->z.msg : "no sense in it";
		return -EBADMSG;
	}
	g->between = status == Z_STREAM_END;
	return 0;
}

static int gzip_step(void *decoding, struct input_step *s)
{
	struct gzip *g = decoding;
	int err = 0;

	if (g->between)
		err = begin_member(g, s);
	if (!g->between)
		err = inflate_some(g, s);
	s->whole = g->between;
	return err < 0 ? err : 0;
}

const struct input_decoder input_gzip = {
	.name = "gzip",
	.create = gzip_create,
	.destroy = gzip_destroy,
	.step = gzip_step,
};

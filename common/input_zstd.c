// SPDX-License-Identifier: GPL-2.0-only
/* zstd, where libzstd was there at build time (the Makefile asks pkg-config). */
#include "common/input_decoder.h"

#ifdef HAVE_LIBZSTD

#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

/* RFC 8878 asks every decoder for 8 MiB; zstd itself goes beyond only with --ultra or --long. */
#define WINDOW_LOG_MAX 23

static int zstd_create(void **ret)
{
	ZSTD_DStream *z = ZSTD_createDStream();

	if (!z)
		return -ENOMEM;
	ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	*ret = z;
	return 0;
}

static void zstd_destroy(void *decoding)
{
	ZSTD_freeDStream(decoding);
}

static int zstd_step(void *decoding, struct input_step *s)
{
	ZSTD_inBuffer in = {.src = s->in, .size = s->in_len};
	ZSTD_outBuffer out = {.dst = s->out, .size = s->out_len};
	size_t got = ZSTD_decompressStream(decoding, &out, &in);

	s->in += in.pos;
	s->in_len -= in.pos;
	s->out += out.pos;
	s->out_len -= out.pos;
	/* 0: the frame is whole and all of it came out. Without input it only asks for a next one.
	 */
	if (!got || in.pos)
		s->whole = !got;
	if (!ZSTD_isError(got))
		return 0;
	if (ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
		return -ENOMEM;
	s->why =
		ZSTD_getErrorCode(got) == ZSTD_error_frameParameter_windowTooLarge
			? "a window over the limit of 8 MiB; decompress it first (zstd -dc --long=31)"
			: ZSTD_getErrorName(got);
	return -EBADMSG;
}

static const struct input_decoder decoder = {
	.name = "zstd",
	.create = zstd_create,
	.destroy = zstd_destroy,
	.step = zstd_step,
};

const struct input_decoder *input_zstd(void)
{
	return &decoder;
}

#else

#include <stddef.h>

const struct input_decoder *input_zstd(void)
{
	return NULL;
}

#endif

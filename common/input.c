// SPDX-License-Identifier: GPL-2.0-only
#include "common/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/input_decoder.h"

#define RAW_SIZE  (64u << 10)
#define MAGIC_LEN 4
#define GOING	  1

static const uint8_t gzip_magic[] = {0x1f, 0x8b};
static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};

void input_init(struct input *in, int fd)
{
	*in = (struct input){.fd = fd, .result = GOING};
}

void input_deinit(struct input *in)
{
	if (in->decoding)
		in->decoder->destroy(in->decoding);
	free(in->raw);
	*in = (struct input){.fd = -1};
}

const char *input_why(const struct input *in)
{
	return in->why;
}

void input_await(struct input *in, bool (*await)(void *ctx), void *ctx)
{
	in->await = await;
	in->await_ctx = ctx;
}

static ssize_t read_fd(struct input *in, void *to, size_t n)
{
	ssize_t got;

	if (in->await && !in->stopped)
		in->stopped = !in->await(in->await_ctx);
	if (in->stopped)
		return 0;
	do
		got = read(in->fd, to, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static bool starts(const uint8_t *p, size_t len, const uint8_t *magic, size_t magic_len)
{
	return len >= magic_len && memcmp(p, magic, magic_len) == 0;
}

/* Could p, so short yet, become the beginning of something compressed? */
static bool undecided(const uint8_t *p, size_t len)
{
	return (len < sizeof(gzip_magic) && !memcmp(p, gzip_magic, len)) ||
	       (len < sizeof(zstd_magic) && !memcmp(p, zstd_magic, len));
}

/* From now on bytes go through d; the first len of them have been read already. */
static int begin_decoding(struct input *in, const struct input_decoder *d, const uint8_t *p,
			  size_t len)
{
	if (!d) {
		snprintf(in->why, sizeof(in->why),
			 "zstd-compressed, and this was built without libzstd; decompress it first "
			 "(zstd -dc)");
		return -EPROTONOSUPPORT;
	}
	in->raw = malloc(RAW_SIZE);
	if (!in->raw || d->create(&in->decoding))
		return -ENOMEM;
	in->decoder = d;
	memcpy(in->raw, p, len);
	in->raw_end = len;
	return 0;
}

/* The first bytes, into to. When they are compressed they move to raw, and none is left. */
static ssize_t read_first(struct input *in, uint8_t *to, size_t n)
{
	size_t len = 0;
	ssize_t got;
	int err = 0;

	if (n > RAW_SIZE)
		n = RAW_SIZE;
	do {
		got = read_fd(in, to + len, n - len);
		if (got < 0)
			return got;
		len += (size_t)got;
	} while (got && len < MAGIC_LEN && undecided(to, len));
	in->begun = true;
	if (starts(to, len, gzip_magic, sizeof(gzip_magic)))
		err = begin_decoding(in, &input_gzip, to, len);
	else if (starts(to, len, zstd_magic, sizeof(zstd_magic)))
		err = begin_decoding(in, input_zstd(), to, len);
	if (err)
		return err;
	return in->decoder ? 0 : (ssize_t)len;
}

/* The file's next bytes. 1; 0 the end. */
static ssize_t refill(struct input *in)
{
	ssize_t got = read_fd(in, in->raw, RAW_SIZE);

	in->raw_start = 0;
	in->raw_end = got > 0 ? (size_t)got : 0;
	return got;
}

static int damaged(struct input *in, const char *why)
{
	snprintf(in->why, sizeof(in->why), "damaged %s data at byte %llu of the file: %s",
		 in->decoder->name, (unsigned long long)in->raw_offset, why);
	return -EBADMSG;
}

/* Decodes towards to[n] until at least a byte came out. */
static ssize_t read_decoded(struct input *in, uint8_t *to, size_t n)
{
	struct input_step s = {.out = to, .out_len = n};
	ssize_t got;
	int err;

	for (;;) {
		s.in = in->raw + in->raw_start;
		s.in_len = in->raw_end - in->raw_start;
		s.whole = in->whole;
		err = in->decoder->step(in->decoding, &s);
		in->raw_offset += in->raw_end - s.in_len - in->raw_start;
		in->raw_start = in->raw_end - s.in_len;
		in->whole = s.whole;
		if (err)
			in->result = err == -EBADMSG ? damaged(in, s.why) : err;
		if (s.out_len < n || err)
			break;
		if (s.in_len)
			continue;
		got = refill(in);
		if (got < 0)
			return got;
		if (!got)
			return in->whole || in->stopped ? 0 : damaged(in, "it ends too early");
	}
	return s.out_len < n ? (ssize_t)(n - s.out_len) : in->result;
}

ssize_t input_read(struct input *in, void *to, size_t n)
{
	ssize_t got = 0;

	if (in->result != GOING)
		return in->result;
	if (!in->begun || !in->decoder)
		got = in->begun ? read_fd(in, to, n) : read_first(in, to, n);
	if (in->decoder && !got)
		got = read_decoded(in, to, n);
	if (got <= 0)
		in->result = (int)got;
	return got;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_INPUT_H
#define COMMON_INPUT_H

/*
 * The bytes of a file or a pipe; decompressed, when its first bytes say gzip (RFC 1952, any number
 * of members) or, where this was built with libzstd, zstd (RFC 8878, any number of frames). It
 * streams and never looks back. It knows bytes, no blocks.
 *
 * Memory: none of its own for plain input; 128 KiB for gzip; for zstd its window on top, of 8 MiB
 * at most: a frame that wants more is refused. None of it depends on what the input expands to.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct input_decoder;

struct input {
	int fd;
	bool begun;			     /* the first bytes have been looked at */
	int result;			     /* 1 going on; else what every later read gives */
	const struct input_decoder *decoder; /* NULL: plain */
	void *decoding;
	uint8_t *raw; /* compressed bytes not consumed */
	size_t raw_start;
	size_t raw_end;
	uint64_t raw_offset; /* in the file, of raw[raw_start] */
	bool whole;	     /* all so far is whole members or frames: the end may come */
	char why[160];
	bool (*await)(void *ctx); /* NULL: read(2) does */
	void *await_ctx;
	bool stopped; /* by await: the rest may still come */
};

void input_init(struct input *in, int fd); /* fd stays the caller's */
void input_deinit(struct input *in);

/* await is called before each read(2), and returns when there is something; false ends the input.
 */
void input_await(struct input *in, bool (*await)(void *ctx), void *ctx);

/*
 * Up to n bytes, at least one, as soon as they are there; n is at least 4 at first. 0 the end;
 * -EBADMSG damaged compressed data, input_why() says what and where; -EPROTONOSUPPORT a compression
 * that was not built in; -ENOMEM; another -errno when read(2) failed. What was sound is given out
 * before damage is told. After an error or the end every call gives the same again.
 */
ssize_t input_read(struct input *in, void *to, size_t n);

/* "damaged gzip data at byte 812 of the file: invalid distance code". Borrowed; "" without one. */
const char *input_why(const struct input *in);

#endif

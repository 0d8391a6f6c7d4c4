/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_INPUT_DECODER_H
#define COMMON_INPUT_DECODER_H

/* What input wants of a decompressor. One file each. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One step: bytes in, bytes out; both move on by what was used. */
struct input_step {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
	bool whole;	 /* set: in ends with a member or frame, or there is nothing after one */
	const char *why; /* set with -EBADMSG; borrowed until the next step */
};

struct input_decoder {
	const char *name;
	int (*create)(void **ret); /* -ENOMEM */
	void (*destroy)(void *decoding);
	/* 0, and it moved on unless in or out is used up; -EBADMSG; -ENOMEM. */
	int (*step)(void *decoding, struct input_step *s);
};

extern const struct input_decoder input_gzip;
/* NULL where libzstd was not there at build time. */
const struct input_decoder *input_zstd(void);

#endif

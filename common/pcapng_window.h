/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_PCAPNG_WINDOW_H
#define COMMON_PCAPNG_WINDOW_H

/* A piece of an input that moves forward over it. It knows bytes, no blocks. */

#include <stddef.h>
#include <stdint.h>

#include "common/cursor.h"
#include "common/input.h"

struct pcapng_window {
	struct input input;
	uint8_t *data;
	size_t cap;
	size_t start; /* of the bytes not consumed */
	size_t end;
	uint64_t offset; /* in the (decompressed) input, of data[start] */
};

/* Reads from fd, which the caller keeps open, and closes. -ENOMEM. */
int pcapng_window_init(struct pcapng_window *w, int fd);
void pcapng_window_deinit(struct pcapng_window *w);

/*
 * Waits until n bytes are there: 1; 0 when the input ends before; else what input_read() gives.
 * Moves the bytes: what was borrowed before is not valid any more.
 */
int pcapng_window_fill(struct pcapng_window *w, size_t n);

static inline size_t pcapng_window_available(const struct pcapng_window *w)
{
	return w->end - w->start;
}

/* The bytes that are there, borrowed. */
static inline struct cursor pcapng_window_cursor(const struct pcapng_window *w)
{
	return cursor_of(w->data + w->start, pcapng_window_available(w));
}

/* n is at most what is available. */
static inline void pcapng_window_consume(struct pcapng_window *w, size_t n)
{
	w->start += n;
	w->offset += n;
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the rest of the window is too short for what is wanted, that rest moves to the front and
 * input_read() fills up behind it: for a file one short move a MiB, and no other copy.
 *
 * The length wanted is only the input's claim. The window grows by doubling, and only when it is
 * full of bytes that did arrive; after a large block reads go back to a MiB at a time, to stay in
 * the cache.
 */
#include "common/pcapng_window.h"

#include <errno.h>
#include <stdlib.h>

#ifndef PCAPNG_WINDOW /* fuzzing has a small one: what happens at its edge happens often */
#define PCAPNG_WINDOW (1u << 20)
#endif

int pcapng_window_init(struct pcapng_window *w, int fd)
{
	*w = (struct pcapng_window){.data = malloc(PCAPNG_WINDOW), .cap = PCAPNG_WINDOW};
	input_init(&w->input, fd);
	return w->data ? 0 : -ENOMEM;
}

void pcapng_window_deinit(struct pcapng_window *w)
{
	input_deinit(&w->input);
	free(w->data);
	*w = (struct pcapng_window){};
}

static int window_grow(struct pcapng_window *w, size_t need)
{
	size_t cap = w->cap * 2 < need ? w->cap * 2 : need;
	uint8_t *grown = realloc(w->data, cap);

	if (!grown)
		return -ENOMEM;
	w->data = grown;
	w->cap = cap;
	return 0;
}

/* Makes room behind the end, for bytes towards need. */
static int window_room(struct pcapng_window *w, size_t need)
{
	if (w->start && w->start + need > PCAPNG_WINDOW) {
		memmove(w->data, w->data + w->start, pcapng_window_available(w));
		w->end -= w->start;
		w->start = 0;
	}
	return w->end == w->cap ? window_grow(w, need) : 0;
}

int pcapng_window_fill(struct pcapng_window *w, size_t n)
{
	while (pcapng_window_available(w) < n) {
		size_t limit;
		ssize_t got;
		int err = window_room(w, n);

		if (err)
			return err;
		limit = w->end < PCAPNG_WINDOW ? PCAPNG_WINDOW : (n < w->cap ? n : w->cap);
		got = input_read(&w->input, w->data + w->end, limit - w->end);
		if (got <= 0)
			return (int)got;
		w->end += (size_t)got;
	}
	return 1;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_RING_H
#define RECORD_RING_H

/* Draining the buffers of all CPUs, ring or perf. One thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/program.h"

struct ring; /* opaque */

/* A hit, borrowed until the callback returns; size of it and its data, which is zero-extended
 * memory of the kernel. */
typedef void (*ring_fn)(void *ctx, const struct pwru_event *e, size_t size);

/* p must live longer. On success the caller owns *ret; ring_destroy(). */
int ring_create(struct program *p, ring_fn fn, void *ctx, struct ring **ret);
void ring_destroy(struct ring *r);

/* One round over all CPUs: of each the hits up to one moment, and at most a bounded number, so that
 * none starves. What a round delivers is later than what rounds before did. Returns
 * hits taken, or -errno. */
int ring_drain(struct ring *r);

/* Until when all hits were taken in the last round, CLOCK_MONOTONIC, ns; UINT64_MAX: all there
 * were. */
uint64_t ring_taken(const struct ring *r);

/*
 * Becomes readable when a buffer fills beyond a quarter: an epoll descriptor, borrowed, to sleep on
 * for a bounded time. There is no wake-up for each hit.
 */
int ring_wake_fd(const struct ring *r);

/* Takes back the wake-ups seen. */
void ring_acknowledge(struct ring *r);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each CPU's ring is drained by an object of its own, with a bound on one visit: a single consumer
 * over all rings would stay at the first as long as that keeps filling. Sleeping is on
 * edge-triggered epoll, because a level-triggered one returns at once as long as there is anything
 * to read, and user space would spin.
 */
#include "record/ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define VISIT	       16384 /* hits of one CPU in one round */
#define PERF_WATERMARK (1u << 20)

struct ring {
	struct ring_buffer **rings; /* one a CPU that has one */
	unsigned int count;
	struct perf_buffer *perf;
	int epoll;
	ring_fn fn;
	void *ctx;
	unsigned int left; /* of this visit */
	unsigned int taken;
	uint64_t last;	/* of the CPU at hand: when its last hit was */
	uint64_t until; /* in this round */
};

static int take(void *ctx, void *data, size_t size)
{
	struct ring *r = ctx;

	if (size >= sizeof(struct pwru_event))
		r->fn(r->ctx, data, size);
	if (size >= sizeof(struct pwru_event))
		r->last = ((const struct pwru_event *)data)->ktime;
	r->taken++;
	/* libbpf has moved past this one when it sees the error. */
	return --r->left ? 0 : -EAGAIN;
}

static enum bpf_perf_event_ret take_perf(void *ctx, int cpu, struct perf_event_header *h)
{
	struct {
		struct perf_event_header header;
		uint32_t size;
		char data[];
	} *sample = (void *)h;
	struct ring *r = ctx;

	(void)cpu;
	/* A lost record needs no look: the program counts what it could not put. */
	if (h->type == PERF_RECORD_SAMPLE && sample->size >= sizeof(struct pwru_event))
		r->fn(r->ctx, (const struct pwru_event *)sample->data, sample->size);
	r->taken += h->type == PERF_RECORD_SAMPLE;
	return LIBBPF_PERF_EVENT_CONT;
}

static int add_wake(struct ring *r, int fd)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET};

	return epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

static int open_rings(struct ring *r, struct program *p)
{
	r->rings = calloc(program_cpus(p), sizeof(*r->rings));
	if (!r->rings)
		return -ENOMEM;
	for (unsigned int i = 0; i < program_cpus(p); i++) {
		int fd = program_ring_fd(p, i), err;

		if (fd < 0)
			continue;
		r->rings[r->count] = ring_buffer__new(fd, take, r, NULL);
		if (!r->rings[r->count])
			return -errno;
		r->count++;
		err = add_wake(r, fd);
		if (err)
			return err;
	}
	return 0;
}

static int open_perf(struct ring *r, struct program *p)
{
	size_t shard = program_shard_size(p);
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.watermark = 1,
		.wakeup_watermark =
			shard / 4 < PERF_WATERMARK ? (uint32_t)(shard / 4) : PERF_WATERMARK,
	};

	r->perf = perf_buffer__new_raw(program_perf_fd(p), shard / (size_t)sysconf(_SC_PAGESIZE),
				       &attr, take_perf, r, NULL);
	return r->perf ? add_wake(r, perf_buffer__epoll_fd(r->perf)) : -errno;
}

int ring_create(struct program *p, ring_fn fn, void *ctx, struct ring **ret)
{
	struct ring *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->fn = fn;
	r->ctx = ctx;
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll < 0)
		err = -errno;
	else
		err = program_buffer(p) == PROGRAM_RING ? open_rings(r, p) : open_perf(r, p);
	if (err) {
		ring_destroy(r);
		return err;
	}
	*ret = r;
	return 0;
}

void ring_destroy(struct ring *r)
{
	if (!r)
		return;
	for (unsigned int i = 0; i < r->count; i++)
		ring_buffer__free(r->rings[i]);
	free(r->rings);
	perf_buffer__free(r->perf);
	if (r->epoll >= 0)
		close(r->epoll);
	free(r);
}

int ring_drain(struct ring *r)
{
	int err;

	r->taken = 0;
	r->until = UINT64_MAX;
	for (unsigned int i = 0; i < r->count; i++) {
		r->left = VISIT;
		err = ring_buffer__consume(r->rings[i]);
		if (err < 0 && err != -EAGAIN)
			return err;
		if (!r->left && r->last < r->until)
			r->until = r->last;
	}
	if (r->perf) {
		err = perf_buffer__consume(r->perf);
		if (err < 0)
			return err;
	}
	return (int)r->taken;
}

uint64_t ring_taken(const struct ring *r)
{
	return r->until;
}

int ring_wake_fd(const struct ring *r)
{
	return r->epoll;
}

void ring_acknowledge(struct ring *r)
{
	struct epoll_event e[16];

	while (epoll_wait(r->epoll, e, 16, 0) == 16)
		;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each CPU's ring is drained by an object of its own, with a bound on one visit: a single consumer
 * over all rings would stay at the first as long as that keeps filling. Sleeping is on
 * edge-triggered epoll, because a level-triggered one returns at once as long as there is anything
 * to read, and user space would spin.
 *
 * The report puts hits in order as long as a CPU is not far behind another. So a round takes of
 * each CPU what is not later than one moment, however long the recorder stood still before or in it
 * (it was stopped; a pipe's reader did not read). The first hit of a CPU that is later has been
 * taken out when that is seen, and is kept.
 */
#include "record/ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define VISIT	       16384 /* hits of one CPU in one round */
#define PERF_WATERMARK (1u << 20)
#define SLICE	       100000000ull /* ns, of one round; the report waits for 250 ms */

/* One CPU's. */
struct lane {
	struct ring *ring;
	struct ring_buffer *buffer; /* NULL: the perf buffer's of that index */
	void *kept;		    /* a hit for a later round */
	size_t kept_size;	    /* 0: none */
	size_t kept_room;
	unsigned int left; /* of this visit */
};

struct ring {
	struct lane *lanes;
	unsigned int count;
	struct perf_buffer *perf;
	struct lane *visited;
	int epoll;
	ring_fn fn;
	void *ctx;
	uint64_t until; /* hits that are later have to wait */
	bool behind;	/* a visit ended with hits left that were not later */
	uint64_t done;	/* no hit is left that is not later */
	unsigned int taken;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* False without memory. */
static bool keep(struct lane *l, const void *data, size_t size)
{
	void *grown = size > l->kept_room ? realloc(l->kept, size) : l->kept;

	if (!grown)
		return false;
	l->kept = grown;
	l->kept_room = size > l->kept_room ? size : l->kept_room;
	if (data != l->kept)
		memcpy(l->kept, data, size);
	l->kept_size = size;
	return true;
}

/* False: this visit is over. */
static bool deliver(struct lane *l, const void *data, size_t size)
{
	const struct pwru_event *e = data;
	struct ring *r = l->ring;

	if (size < sizeof(*e))
		return true;
	if (e->ktime > r->until && keep(l, data, size))
		return false;
	r->fn(r->ctx, e, size);
	r->taken++;
	if (--l->left)
		return true;
	r->behind = true;
	return false;
}

static int take(void *ctx, void *data, size_t size)
{
	/* libbpf has moved past this one when it sees the error. */
	return deliver(ctx, data, size) ? 0 : -EAGAIN;
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
	if (h->type != PERF_RECORD_SAMPLE || deliver(r->visited, sample->data, sample->size))
		return LIBBPF_PERF_EVENT_CONT;
	return LIBBPF_PERF_EVENT_DONE;
}

static int add_wake(struct ring *r, int fd)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET};

	return epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

static int open_rings(struct ring *r, struct program *p)
{
	for (unsigned int i = 0; i < program_cpus(p); i++) {
		int fd = program_ring_fd(p, i), err;
		struct lane *l = &r->lanes[r->count];

		if (fd < 0)
			continue;
		l->buffer = ring_buffer__new(fd, take, l, NULL);
		if (!l->buffer)
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
	if (!r->perf)
		return -errno;
	r->count = (unsigned int)perf_buffer__buffer_cnt(r->perf);
	return add_wake(r, perf_buffer__epoll_fd(r->perf));
}

int ring_create(struct program *p, ring_fn fn, void *ctx, struct ring **ret)
{
	struct ring *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->fn = fn;
	r->ctx = ctx;
	r->until = now_ns();
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->lanes = calloc(program_cpus(p), sizeof(*r->lanes));
	for (unsigned int i = 0; r->lanes && i < program_cpus(p); i++)
		r->lanes[i].ring = r;
	if (r->epoll < 0)
		err = -errno;
	else if (!r->lanes)
		err = -ENOMEM;
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
	for (unsigned int i = 0; r->lanes && i < r->count; i++) {
		ring_buffer__free(r->lanes[i].buffer);
		free(r->lanes[i].kept);
	}
	free(r->lanes);
	perf_buffer__free(r->perf);
	if (r->epoll >= 0)
		close(r->epoll);
	free(r);
}

static int visit(struct ring *r, unsigned int i)
{
	struct lane *l = &r->lanes[i];
	size_t size = l->kept_size;
	int err;

	l->left = VISIT;
	l->kept_size = 0;
	if (size && !deliver(l, l->kept, size))
		return 0;
	r->visited = l;
	err = r->perf ? perf_buffer__consume_buffer(r->perf, i) : ring_buffer__consume(l->buffer);
	return err < 0 && err != -EAGAIN ? err : 0;
}

int ring_drain(struct ring *r)
{
	uint64_t now = now_ns();
	int err;

	r->taken = 0;
	do {
		if (!r->behind)
			r->until = now - r->until > SLICE ? r->until + SLICE : now;
		r->behind = false;
		for (unsigned int i = 0; i < r->count; i++) {
			err = visit(r, i);
			if (err)
				return err;
		}
		if (!r->behind)
			r->done = r->until;
	} while (!r->taken && r->until < now);
	return (int)r->taken;
}

uint64_t ring_taken(const struct ring *r)
{
	return r->done;
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

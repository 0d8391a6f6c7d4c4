// SPDX-License-Identifier: GPL-2.0-only
#include "record/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cursor.h"
#include "common/log.h"
#include "common/pcapng.h"
#include "common/pcapng_writer.h"
#include "record/convert.h"
#include "record/flight.h"
#include "record/head.h"
#include "record/hit_block.h"
#include "record/late.h"
#include "record/note.h"
#include "record/trigger.h"

#define GATHER	     (1u << 20)
#define ROTATE_LEAST (64u << 10) /* bytes of hits in a file, however large its head */
#define ISB_BYTES    64		 /* no more, with its one option */
#define END_BYTES    4096	 /* no more: a hit or a note, and the closing note */
#define CHUNK_NS     250000000	 /* a chunk of memory goes on no longer than this, */
#define CHUNK_SHARE  128	 /* or this share of the time to keep */

struct capture {
	struct capture_spec spec;
	struct output *out;
	struct head head;
	struct buf buf;
	int err;
	uint64_t clock_offset; /* REALTIME at start minus MONOTONIC */
	uint64_t last_ns;
	uint64_t recorded;
	uint64_t packets;
	struct point *now;	 /* after the hit that was added last */
	struct point *buf_start; /* when the oldest hit in buf came; only for flight */
	struct capture_counters noted;
	struct hit_texts texts;

	/* The file at hand. */
	uint32_t number; /* the next file's */
	uint64_t *hits;	 /* by interface */
	uint64_t size;	 /* bytes */
	uint64_t head_size;
	struct capture_counters before; /* the file */
	uint64_t begun;			/* or, in memory, the last chunk put; CLOCK_MONOTONIC, ns */
	bool has_hits;
	struct late late;
	struct flight *flight;
	const char *trigger; /* that was set off, as text; NULL: none */
	uint64_t triggered;  /* ktime */
	uint64_t asked;	     /* when late was; CLOCK_MONOTONIC, ns */
};

static void keep_error(struct capture *c, int err)
{
	if (err && !c->err)
		c->err = err;
}

static struct note_place place(const struct capture *c, uint32_t interface)
{
	return (struct note_place){
		.tag = c->head.tag, .interface = interface, .clock_offset = c->clock_offset};
}

static void count(struct capture *c, struct capture_counters *n)
{
	memset(n, 0, sizeof(*n));
	if (c->spec.count)
		c->spec.count(c->spec.ctx, n);
	n->recorded = c->recorded;
}

static void mark_now(struct capture *c)
{
	struct capture_counters n;

	count(c, &n);
	point_count(c->now, &n);
}

/* Hands blocks to the output, and counts those of each interface for the statistics. */
static void put_blocks(struct capture *c, struct buf *b)
{
	for (size_t at = 0; b->len - at >= 12;) {
		struct cursor block = cursor_of(b->data + at, 12);
		uint32_t type = cursor_le32(&block), len = cursor_le32(&block),
			 interface = cursor_le32(&block);

		if (type == PCAPNG_EPB && interface < c->head.interfaces)
			c->hits[interface]++;
		at += len;
	}
	c->size += b->len;
	if (!c->err && b->len)
		c->err = output_write(c->out, b);
	buf_reset(b);
}

/* Where a file begins that is not the recording's first. */
static void put_part(struct capture *c, const struct point *start)
{
	struct note_place at = place(c, 0);
	struct buf body = {};

	counters_print(&body, &start->counters);
	note_cpus(&body, start);
	keep_error(c, note_put(&c->buf, &at, NOTE_PART, "pwru: the recording goes on", &body));
}

/* buf is empty before and after. */
static void begin_file(struct capture *c, const struct point *start)
{
	keep_error(c, output_next(c->out));
	memset(c->hits, 0, c->head.interfaces * sizeof(*c->hits));
	c->size = 0;
	c->has_hits = false;
	keep_error(c, head_put(&c->head, c->number, &c->buf));
	c->head_size = c->buf.len;
	c->before = start->counters;
	if (c->number++)
		put_part(c, start);
	buf_append(&c->buf, c->late.blocks.data, c->late.blocks.len);
	put_blocks(c, &c->buf);
}

static void end_file(struct capture *c, const char *why, bool more)
{
	struct note_place at = place(c, 0);
	struct capture_counters n, here;
	struct buf body = {};

	count(c, &n);
	here = counters_since(&n, &c->before);
	counters_print(&body, &n);
	if (more)
		buf_printf(&body, "more=%u\n", c->number - 1);
	buf_printf(&body, "end=%s\n", why);
	keep_error(c, note_put(&c->buf, &at, NOTE_CLOSE,
			       more ? "pwru: the recording goes on in another file"
				    : "pwru: end of the recording",
			       &body));
	put_blocks(c, &c->buf);
	for (uint32_t i = 0; i < c->head.interfaces; i++) {
		size_t begin = pcapng_isb_begin(&c->buf, i, c->last_ns);

		if (i)
			pcapng_option_u64(&c->buf, PCAPNG_ISB_IFRECV, c->hits[i]);
		else
			counters_isb(&c->buf, &here);
		keep_error(c, pcapng_block_end(&c->buf, begin));
	}
	put_blocks(c, &c->buf);
}

/* Might it be too large with one more block and its end? Its head may be that by itself. */
static bool is_large(const struct capture *c)
{
	uint64_t size = c->size + c->buf.len,
		 end = (uint64_t)c->head.interfaces * ISB_BYTES + END_BYTES;

	return c->spec.rotate_size && size + end >= c->spec.rotate_size &&
	       size >= c->head_size + ROTATE_LEAST;
}

static void rotate(struct capture *c, const char *why, uint64_t now)
{
	end_file(c, why, true);
	mark_now(c);
	begin_file(c, c->now);
	c->begun = now;
}

/* After something was added at that time. */
static void rotate_if_large(struct capture *c, uint64_t now)
{
	if (!c->flight && is_large(c))
		rotate(c, "rotated", now);
}

static void late_added(void *ctx)
{
	struct capture *c = ctx;

	rotate_if_large(c, c->asked);
}

static void remember(struct capture *c, uint64_t now)
{
	if (c->buf.len)
		keep_error(c, flight_put(c->flight, &c->buf, c->buf_start, now));
}

static bool chunk_is_old(const struct capture *c, uint64_t now)
{
	uint64_t share = c->spec.flight_time / CHUNK_SHARE;

	return share && c->buf.len && now - c->begun >= (share > CHUNK_NS ? share : CHUNK_NS);
}

/* The memory becomes a file, whatever went wrong before. A number is left out where something was
 * forgotten. */
static void write_memory(struct capture *c, const char *why, bool more)
{
	const struct point *start = flight_start(c->flight);
	struct buf chunk = {}, current = c->buf;
	int err = c->err;

	c->err = 0;
	c->buf = (struct buf){};
	if (flight_short(c->flight))
		log_warn(
			"the time asked for did not fit in %llu KiB; --flight-recorder 30s,1G keeps more",
			(unsigned long long)(c->spec.flight_size >> 10));
	if (flight_forgot(c->flight))
		c->number++;
	begin_file(c, start ? start : current.len ? c->buf_start : c->now);
	while (flight_pop(c->flight, &chunk)) {
		put_blocks(c, &chunk);
		buf_deinit(&chunk);
	}
	put_blocks(c, &current);
	buf_deinit(&current);
	end_file(c, why, more);
	keep_error(c, output_done(c->out));
	c->err = err ? err : c->err;
}

static int open_capture(struct capture *c, const struct snapshot_source *snapshot)
{
	int err;

	c->now = point_create(c->spec.cpus);
	c->buf_start = point_create(c->spec.cpus);
	if (!c->now || !c->buf_start)
		return -ENOMEM;
	c->texts.comment = c->spec.comment;
	c->texts.kallsyms = c->spec.kallsyms;
	c->texts.reasons = snapshot->reasons;
	err = head_init(&c->head, snapshot, c->spec.targets, c->spec.how);
	if (err)
		return err;
	late_init(&c->late, c->head.tag, c->head.interfaces - 1, &snapshot->clocks);
	c->late.added = late_added;
	c->late.ctx = c;
	c->hits = calloc(c->head.interfaces, sizeof(*c->hits));
	if (!c->hits)
		return -ENOMEM;
	if (c->spec.flight_size)
		return flight_create(c->spec.flight_size, c->spec.flight_time, &c->flight);
	return 0;
}

int capture_begin(struct capture *c)
{
	if (!c->flight)
		begin_file(c, c->now);
	return c->err;
}

int capture_create(const struct capture_spec *spec, struct output *out, struct capture **ret)
{
	const struct snapshot_clocks *clocks = &spec->snapshot->clocks;
	struct capture *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->spec = *spec;
	c->out = out;
	c->clock_offset = clocks->realtime - clocks->monotonic;
	c->last_ns = clocks->realtime;
	c->begun = clocks->monotonic;
	err = open_capture(c, spec->snapshot);
	if (err) {
		capture_destroy(c);
		return err;
	}
	*ret = c;
	return 0;
}

void capture_destroy(struct capture *c)
{
	if (!c)
		return;
	buf_deinit(&c->buf);
	late_deinit(&c->late);
	head_deinit(&c->head);
	flight_destroy(c->flight);
	free(c->now);
	free(c->buf_start);
	free(c->hits);
	free(c);
}

/* With the first hit of a chunk: where that begins. */
static void mark_chunk(struct capture *c)
{
	mark_now(c);
	point_set(c->buf_start, c->now);
}

/* --filter-drop gives hits late: the highest number counts. */
static void pass(struct point_cpu *cpu, const struct event *e)
{
	if (e->seq > cpu->seq)
		*cpu = (struct point_cpu){
			.seq = e->seq, .lost = e->lost, .lost_read = e->lost_read};
}

static void put_hit(struct capture *c, uint32_t target, const struct event *e,
		    const struct convert_frame *frame, uint64_t ns)
{
	const struct hit_block b = {
		.interface = c->head.interface[target],
		.ns = ns,
		.event = e,
		.frame = frame,
		.func = c->spec.targets->all[target].name,
		.lost_before = c->now->cpu[e->cpu].lost,
	};

	keep_error(c, hit_block_put(&c->texts, &b, &c->buf));
}

void capture_hit(struct capture *c, const struct pwru_event *raw, size_t size)
{
	struct convert_frame frame;
	struct event e;
	uint64_t ns;

	if (c->err || capture_full(c))
		return;
	if (size < sizeof(*raw) || raw->func >= c->spec.targets->count ||
	    raw->cpu >= c->spec.cpus ||
	    convert(raw, size, head_key(c->spec.targets, raw->func), c->spec.inferred, &e,
		    &frame)) {
		c->err = -EBADMSG;
		log_error(
			"the kernel's program delivered a record that makes no sense; this is a bug");
		return;
	}
	e.tag = c->head.tag;
	ns = e.ktime + c->clock_offset;
	if (c->flight && !c->buf.len)
		mark_chunk(c);
	put_hit(c, raw->func, &e, &frame, ns);
	if (c->err) /* it is not there */
		return;
	pass(&c->now->cpu[e.cpu], &e);
	c->recorded++;
	c->has_hits = true;
	c->packets += !!(e.flags & EVENT_BEGIN);
	c->last_ns = ns > c->last_ns ? ns : c->last_ns;
	late_netns(&c->late, e.netns);
	if (c->spec.trigger && !c->trigger) {
		c->trigger = trigger_hit(c->spec.trigger, &e, raw->func, frame.data, frame.caplen);
		c->triggered = e.ktime;
	}
	if (c->flight && c->buf.len >= FLIGHT_CHUNK)
		remember(c, e.ktime);
	rotate_if_large(c, e.ktime);
	capture_flush(c, false);
}

int capture_flush(struct capture *c, bool now)
{
	if (!c->flight && c->buf.len && (now || c->buf.len >= GATHER))
		put_blocks(c, &c->buf);
	return c->err;
}

static void put_counters(struct capture *c)
{
	struct note_place at = place(c, 0);
	struct capture_counters n;
	struct buf body = {};
	char comment[128];

	count(c, &n);
	if (!memcmp(&n, &c->noted, offsetof(struct capture_counters, uncounted)))
		return;
	c->noted = n;
	counters_print(&body, &n);
	snprintf(comment, sizeof(comment), "pwru: %llu hits recorded, %llu lost",
		 (unsigned long long)n.recorded, (unsigned long long)counters_lost(&n));
	keep_error(c, note_put(&c->buf, &at, NOTE_COUNTERS, comment, &body));
}

/* Where notes go that later files repeat; memory has them only at its head. */
static struct buf *late_too(struct capture *c)
{
	return c->flight ? NULL : &c->buf;
}

void capture_module(struct capture *c, const char *name, bool loaded, uint64_t now)
{
	c->asked = now;
	keep_error(c, late_module(&c->late, name, loaded, late_too(c)));
}

static void put_late_names(struct capture *c, uint64_t now)
{
	c->asked = now;
	keep_error(c, late_names(&c->late, late_too(c)));
}

void capture_clock(struct capture *c, uint64_t now)
{
	c->asked = now;
	keep_error(c, late_clock(&c->late, late_too(c)));
}

void capture_second(struct capture *c, uint64_t now)
{
	/* In memory, where nobody reads them yet, they would take the place of hits. */
	if (!c->flight)
		put_counters(c);
	rotate_if_large(c, now);
	put_late_names(c, now);
}

int capture_next(struct capture *c, const char *why, uint64_t now)
{
	if (c->flight ? flight_empty(c->flight) && !c->buf.len : !c->has_hits)
		return c->err;
	put_late_names(c, now);
	if (c->flight)
		write_memory(c, why, true);
	else
		rotate(c, why, now);
	return c->err ? c->err : 1;
}

/* What came before the trigger may have been written already; what came after it is still due. */
static int write_triggered(struct capture *c, uint64_t now)
{
	const char *trigger = c->trigger;
	int got;

	c->trigger = NULL;
	got = capture_next(c, "trigger", now);
	if (got > 0)
		log_info("trigger %s: the last of the recording -> %s", trigger,
			 output_name(c->out));
	return got < 0 ? got : 0;
}

int capture_due(struct capture *c, uint64_t now, uint64_t taken)
{
	int got;

	if (c->flight && chunk_is_old(c, now)) {
		c->begun = now;
		remember(c, now);
	}
	if (c->trigger && taken >= c->triggered + c->spec.trigger_after)
		return write_triggered(c, now);
	if (c->spec.rotate_time && now > c->begun && now - c->begun >= c->spec.rotate_time) {
		c->begun = now;
		got = capture_next(c, "rotated", now);
		return got < 0 ? got : 0;
	}
	return c->err;
}

int capture_end(struct capture *c, const char *why, uint64_t now)
{
	put_late_names(c, now);
	if (!c->flight)
		end_file(c, why, false);
	else if (!flight_empty(c->flight) || c->buf.len || !output_files(c->out))
		write_memory(c, why, false);
	return c->err;
}

uint64_t capture_recorded(const struct capture *c)
{
	return c->recorded;
}

uint64_t capture_packets(const struct capture *c)
{
	return c->packets;
}

bool capture_full(const struct capture *c)
{
	return c->spec.max_events && c->recorded >= c->spec.max_events;
}

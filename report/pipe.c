// SPDX-License-Identifier: GPL-2.0-only
/*
 * One streaming pass. Hits are held only to be put in order, packets only while they are alive.
 *
 * From a live pipe, a hit must not wait for the next one to be printed. While the main thread waits
 * for input, a second one looks every TICK_MS: when all that was written has been read, what had
 * come by the look before is let through, whatever other CPUs may still send, and output is
 * flushed. But a recorded file that comes through a pipe may stall anywhere; so this is for hits of
 * just now, by their time, and for others only after a second's silence. One lock covers all state;
 * the main thread leaves it only around the reader, and for a regular file there is neither thread
 * nor lock.
 */
#include "report/pipe.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "report/symbol/debuginfo.h"
#include "report/filter/filter.h"
#include "report/read/inputs.h"
#include "report/live.h"
#include "report/progress.h"
#include "report/filter/selection.h"
#include "report/totals.h"
#include "report/twice.h"
#include "report/view.h"

#define TICK_MS	       20
#define IDLE_NS	       500000 /* a reader that gives no block for so long waits for input */
#define SILENT_TICKS   (1000 / TICK_MS)
#define JUST_NOW_NS    2000000000
#define EXPIRE_EVERY   256 /* hits */
#define PROGRESS_EVERY 256 /* blocks */

struct pipe {
	const struct report_options *options;
	const struct view_ops *ops;
	void *view;
	bool own_view;
	struct sink sink;
	struct progress progress;
	struct captures captures;
	struct hit_pool *pool;
	struct inputs *inputs;
	struct track *track;		   /* NULL: the view needs none */
	const struct selection *selection; /* NULL: the filter decides */
	uint64_t nth;			   /* hit, 0 the first */
	unsigned int since_expire;
	int err; /* of delivering: -ENOMEM */
	enum pipe_status status;

	/* Live input. */
	bool live;
	struct live input;
	pthread_t ticker;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	uint64_t blocks; /* asked of the reader */
};

/* ---- hits through the pipe ---- */

static void family_done(void *ctx, struct path *const *paths, size_t n)
{
	struct pipe *p = ctx;

	for (size_t i = 0; !p->selection && i < n; i++)
		filter_path(p->options->filter, paths[i]);
	if (p->ops->family)
		p->ops->family(p->view, paths, n);
}

/* Until its path has ended, one that may match does. */
static bool matches(struct pipe *p, struct hit *h)
{
	if (p->selection)
		return selection_keeps(p->selection, p->nth);
	return filter_hit(p->options->filter, h);
}

static int deliver(struct pipe *p, struct hit *h)
{
	bool matched = matches(p, h);
	const struct path *path = NULL;
	int err;

	if (!p->sink.has_base) {
		p->sink.has_base = true;
		p->sink.base = h->when;
	}
	p->nth++;
	if (p->track) {
		err = track_add(p->track, h, matched, &path);
		if (err)
			return err;
	}
	if (matched && !path && !p->selection)
		matched = filter_alone(p->options->filter, h);
	if (p->ops->hit)
		p->ops->hit(p->view, h, path, matched);
	if (p->track && ++p->since_expire == EXPIRE_EVERY) {
		p->since_expire = 0;
		track_expire(p->track, h->when);
	}
	return 0;
}

static void pass(struct pipe *p, struct hit *h)
{
	p->err = deliver(p, h);
	hit_free(p->pool, h);
}

/* ---- waiting for input ---- */

static void draw_progress(struct pipe *p)
{
	uint64_t done, all;

	inputs_position(p->inputs, &done, &all);
	progress_draw(&p->progress, done, all);
}

static void wait_begin(void *ctx)
{
	struct pipe *p = ctx;

	p->blocks++;
	if (p->live)
		pthread_mutex_unlock(&p->lock);
	else if (!(p->blocks % PROGRESS_EVERY) && progress_due(&p->progress))
		draw_progress(p);
}

static void wait_end(void *ctx)
{
	struct pipe *p = ctx;

	if (p->live)
		pthread_mutex_lock(&p->lock);
}

/* Gives the lock away for so long, or until the input has ended. */
static void give_way(struct pipe *p, long ns)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += ns;
	if (at.tv_nsec >= 1000000000) {
		at.tv_nsec -= 1000000000;
		at.tv_sec++;
	}
	while (!p->stop && pthread_cond_timedwait(&p->wake, &p->lock, &at) != ETIMEDOUT)
		;
}

/* Has all that was written to the pipe been taken in? */
static bool all_read(struct pipe *p)
{
	uint64_t blocks = p->blocks;

	if (live_pending(&p->input))
		return false;
	give_way(p, IDLE_NS);
	return p->blocks == blocks && !p->stop && !live_pending(&p->input);
}

static bool is_just_now(int64_t when)
{
	struct timespec now;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	return !__builtin_sub_overflow(now.tv_sec * INT64_C(1000000000) + now.tv_nsec, when,
				       &age) &&
	       age < JUST_NOW_NS && age > -JUST_NOW_NS;
}

static void *tick(void *ctx)
{
	struct pipe *p = ctx;
	int64_t mark = INT64_MIN;
	unsigned int silent = 0;
	struct hit *h;

	pthread_mutex_lock(&p->lock);
	for (give_way(p, TICK_MS * 1000000); !p->stop; give_way(p, TICK_MS * 1000000)) {
		silent = all_read(p) ? silent + 1 : 0;
		if (silent) {
			if (silent >= SILENT_TICKS || is_just_now(mark))
				inputs_release(p->inputs, mark);
			while (!p->err && (h = inputs_ready(p->inputs)))
				pass(p, h);
			if (p->track)
				track_settle(p->track);
			sink_flush(&p->sink);
		}
		mark = inputs_newest(p->inputs);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static bool await(void *ctx)
{
	struct pipe *p = ctx;

	return live_await(&p->input);
}

static int live_begin(struct pipe *p, int fd)
{
	pthread_condattr_t attr;

	live_init(&p->input, fd, STDOUT_FILENO, p->options->files[0], &p->captures);
	p->stop = false;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&p->lock, NULL);
	pthread_mutex_lock(&p->lock);
	if (pthread_create(&p->ticker, NULL, tick, p)) {
		pthread_mutex_unlock(&p->lock);
		return -ENOMEM;
	}
	p->live = true;
	return 0;
}

static void live_end(struct pipe *p)
{
	if (!p->live)
		return;
	p->live = false;
	p->stop = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->ticker, NULL);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->wake);
}

static void read_all(struct pipe *p)
{
	int fd = inputs_live(p->inputs), got = 0;
	struct hit *h;

	if (fd >= 0)
		p->err = live_begin(p, fd);
	while (!p->err && !sink_error(&p->sink) && (got = inputs_next(p->inputs, &h)) == 1)
		pass(p, h);
	live_end(p);
	progress_end(&p->progress);
	if (p->input.unread && !p->sink.err)
		p->sink.err = -EPIPE;
	if (got < 0)
		p->err = got;
	if (got || p->err || sink_error(&p->sink) || !p->selection ||
	    p->nth == selection_hits(p->selection))
		return;
	log_error("a file that is read was changed meanwhile");
	p->status = PIPE_FAILED;
}

/* ---- beginning and end ---- */

static int pipe_open(struct pipe *p)
{
	struct source_wait wait = {.begin = wait_begin,
				   .end = wait_end,
				   .await = await,
				   .ctx = p,
				   .follow = p->options->follow_file};
	bool hops = (filter_late(p->options->filter) && !p->selection) || !p->ops->need;
	enum view_need need = hops ? VIEW_HOPS : p->ops->need(p->options);
	int err;

	signal(SIGPIPE, SIG_IGN);
	err = sink_init(&p->sink, STDOUT_FILENO, p->options->colour);
	progress_init(&p->progress, &p->sink, p->options->level == LOG_LEVEL_ERROR);
	p->sink.times = p->options->times;
	p->sink.utc = p->options->utc;
	p->sink.width = p->options->width;
	if (!err)
		err = hit_pool_create(&p->pool);
	if (!err)
		err = inputs_create(&p->captures, p->pool, &wait, p->options->files,
				    p->options->n_files, &p->inputs);
	if (!err && !p->options->no_lines)
		err = debuginfo_open(p->options, &p->captures.debuginfo);
	if (!err && need != VIEW_HITS)
		err = track_create(need == VIEW_HOPS, family_done, p, &p->track);
	if (!err && p->own_view)
		err = p->ops->create(p->options, &p->sink, &p->view);
	return err;
}

static void pipe_close(struct pipe *p)
{
	if (p->view && p->own_view)
		p->ops->destroy(p->view);
	track_destroy(p->track);
	inputs_destroy(p->inputs);
	hit_pool_destroy(p->pool);
	debuginfo_destroy(p->captures.debuginfo);
	captures_deinit(&p->captures);
	sink_deinit(&p->sink);
}

/* Text says so on standard output; these do not. */
static void warn(struct pipe *p, const struct totals *t)
{
	bool tells = p->own_view && !p->options->json && !p->options->csv && p->ops != &view_events;

	if (sink_error(&p->sink) || tells)
		return;
	p->sink.len = 0;
	totals_text(&p->sink, t);
	log_warn("%.*s", (int)p->sink.len, p->sink.data);
	p->sink.len = 0;
}

static void finish(struct pipe *p)
{
	static const struct track_counts none;
	struct source_counts counts;
	struct totals t = {
		.captures = &p->captures,
		.source = &counts,
		.track = p->track ? track_counts(p->track) : &none,
		.damaged = inputs_damaged(p->inputs),
		.late = inputs_late(p->inputs),
	};

	inputs_counts(p->inputs, &counts);
	t.files = inputs_files(p->inputs, &t.n_files);
	if (p->track)
		track_finish(p->track);
	totals_collect(&t);
	p->ops->end(p->view, &t);
	if (p->ops->refused && p->ops->refused(p->view))
		p->status = PIPE_USAGE;
	sink_flush(&p->sink);
	filter_complain(p->options->filter);
	if (!t.complete && p->status == PIPE_DONE)
		p->status = PIPE_INCOMPLETE;
	if (!inputs_complain(p->inputs) && (!t.complete || t.removed))
		warn(p, &t);
	if (totals_many_removed(&t))
		log_warn(
			"most hits were removed after the recording: if by editcap -d, which takes "
			"a packet at the next function for a duplicate, use the original file");
}

static enum pipe_status written(const struct pipe *p)
{
	int err = sink_error(&p->sink);

	if (!err)
		return p->status;
	if (err == -EPIPE) /* who read it has seen enough */
		return PIPE_DONE;
	log_error("cannot write standard output: %s", strerror(-err));
	return PIPE_FAILED;
}

static enum pipe_status run(struct pipe *p)
{
	enum pipe_status status;
	int err = pipe_open(p);

	if (!err) {
		read_all(p);
		if (inputs_failed(p->inputs))
			p->status = PIPE_FAILED;
		if (inputs_any(p->inputs))
			finish(p);
	}
	if (err || p->err) {
		log_error("out of memory");
		p->status = PIPE_FAILED;
	}
	status = written(p);
	pipe_close(p);
	return status;
}

enum pipe_status pipe_run(const struct report_options *o)
{
	struct pipe p = {.options = o, .ops = o->view, .own_view = true};

	return twice_needed(o) ? twice_run(o) : run(&p);
}

enum pipe_status pipe_run_selected(const struct report_options *o,
				   const struct selection *selection)
{
	struct pipe p = {.options = o, .ops = o->view, .own_view = true, .selection = selection};

	return run(&p);
}

enum pipe_status pipe_run_view(const struct report_options *o, const struct view_ops *ops,
			       void *view)
{
	struct pipe p = {.options = o, .ops = ops, .view = view};

	return run(&p);
}

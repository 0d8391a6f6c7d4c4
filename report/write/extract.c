// SPDX-License-Identifier: GPL-2.0-only
/*
 * The inputs are read three times, since which hits belong to a family that matches is known only
 * at its end, and which interfaces the file has stands before its hits:
 *
 *	1. through the pipe, as any view: families are decided (selection)
 *	2. what is kept is looked at: functions (capture_writer_survey)
 *	3. what is kept is written
 *
 * So memory is the pipe's, and nothing has to be held back. What comes through a pipe is copied to
 * disk for that.
 */
#include "report/write/extract.h"

#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "report/write/annotate.h"
#include "report/write/capture_writer.h"
#include "report/write/outfile.h"
#include "report/replay.h"
#include "report/filter/selection.h"
#include "report/spool.h"
#include "report/view.h"

struct extract {
	const struct report_options *options;
	struct spool *spool;
	struct outfile *out;
	struct scrub_key *key;	   /* NULL: nothing is scrubbed */
	struct annotate *annotate; /* NULL: no source lines are added */
	struct selection *selection;
	struct capture_writer *writer;
	int err;
};

/* ---- the first time ---- */

static enum view_need need(const struct report_options *o)
{
	(void)o;
	return VIEW_HOPS;
}

static void decide_hit(void *view, const struct hit *h, const struct path *p, bool matched)
{
	struct extract *x = view;

	(void)h;
	selection_add(x->selection, p, matched);
}

static void decide_family(void *view, struct path *const *paths, size_t n)
{
	struct extract *x = view;

	selection_family(x->selection, paths, n);
}

/* ---- the other times ---- */

static int survey_hit(void *ctx, const struct hit *h)
{
	struct extract *x = ctx;

	return capture_writer_survey(x->writer, h);
}

static void pass_over(void *ctx, const struct pcapng_block *b, const struct event_note *n)
{
	(void)ctx;
	(void)b;
	(void)n;
}

static int write_hit(void *ctx, const struct hit *h)
{
	struct extract *x = ctx;

	return capture_writer_hit(x->writer, h);
}

static void write_note(void *ctx, const struct pcapng_block *b, const struct event_note *n)
{
	struct extract *x = ctx;

	capture_writer_note(x->writer, b, n);
}

static int read_again(struct extract *x, int (*hit)(void *ctx, const struct hit *h),
		      void (*note)(void *ctx, const struct pcapng_block *b,
				   const struct event_note *n))
{
	struct replay r = {
		.names = spool_names(x->spool),
		.n = x->options->n_files,
		.selection = x->selection,
		.hit = hit,
		.note = note,
		.ctx = x,
	};

	spool_rewind(x->spool);
	return replay_run(&r);
}

static int write_all(struct extract *x, const struct captures *captures)
{
	int err = capture_writer_create(captures, x->out, x->key, x->annotate, &x->writer);

	if (!err)
		err = read_again(x, survey_hit, pass_over);
	if (!err)
		err = capture_writer_head(x->writer);
	if (!err)
		err = read_again(x, write_hit, write_note);
	return err ? err : capture_writer_end(x->writer);
}

static void tell(const struct extract *x, const struct totals *t)
{
	uint64_t too_large = capture_writer_too_large(x->writer);

	log_info("%s: %llu of %llu packets, %llu of %llu hits",
		 strcmp(x->options->write, "-") ? x->options->write : "standard output",
		 (unsigned long long)selection_counts(x->selection)->packets,
		 (unsigned long long)t->track->packets,
		 (unsigned long long)capture_writer_hits(x->writer), (unsigned long long)t->hits);
	if (x->annotate && !annotate_hits(x->annotate))
		log_warn(
			"no source line is known of any hit: the view debuginfo tells what is missing");
	else if (x->annotate)
		log_info("the lines of %llu hits' callers are in their comments",
			 (unsigned long long)annotate_hits(x->annotate));
	if (too_large)
		log_warn("%llu hits are too large for a block and were left out",
			 (unsigned long long)too_large);
}

static void decided(void *view, const struct totals *t)
{
	struct extract *x = view;

	x->err = selection_error(x->selection);
	if (!x->err)
		x->err = write_all(x, t->captures);
	if (x->err == -ENOMEM)
		log_error("out of memory");
	if (!x->err)
		tell(x, t);
	capture_writer_destroy(x->writer);
	x->writer = NULL;
}

static const struct view_ops deciding = {
	.name = "write",
	.need = need,
	.hit = decide_hit,
	.family = decide_family,
	.end = decided,
};

static enum pipe_status run(struct extract *x)
{
	struct report_options o = *x->options;
	enum pipe_status status;

	if (selection_create(x->options, &x->selection)) {
		log_error("out of memory");
		return PIPE_FAILED;
	}
	o.files = spool_names(x->spool);
	status = pipe_run_view(&o, &deciding, x);
	selection_destroy(x->selection);
	if (x->err == -EPIPE) /* who read it has seen enough */
		return PIPE_DONE;
	return x->err ? PIPE_FAILED : status;
}

/* The files are there: from opening them to closing them. */
static enum pipe_status write_file(struct extract *x)
{
	const struct report_options *o = x->options;
	enum pipe_status status;

	if (outfile_open(o->write, o->files, o->n_files, &x->out))
		return PIPE_FAILED;
	if (spool_create(o->files, o->n_files, &x->spool)) {
		outfile_close(x->out);
		return PIPE_FAILED;
	}
	status = run(x);
	spool_destroy(x->spool);
	return outfile_close(x->out) && x->err != -EPIPE ? PIPE_FAILED : status;
}

enum pipe_status extract_run(const struct report_options *o)
{
	struct extract x = {.options = o};
	enum pipe_status status;

	if (o->scrub && scrub_key_create(o->scrub_key, &x.key))
		return PIPE_FAILED;
	if (o->annotate && annotate_create(&x.annotate)) {
		log_error("out of memory");
		return PIPE_FAILED;
	}
	status = write_file(&x);
	annotate_destroy(x.annotate);
	scrub_key_destroy(x.key);
	return status;
}

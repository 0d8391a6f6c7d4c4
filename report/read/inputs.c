// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "report/read/inputs_peek.h"
#include "report/read/ledger.h"
#include "report/read/reorder.h"

/* A file's hits are not sorted: those before its first by less than this are in time. */
#define SLACK_NS 1000000000

enum stream_state { WAITING, ACTIVE, DONE };

struct stream {
	struct inputs_file *file;
	struct peek peek;
	enum stream_state state;
	int fd; /* -1: to be opened by name */
	bool live;
	uint64_t size; /* of a regular file */
	bool ended;    /* the file has; what is left is in reorder */
	struct source *source;
	struct reorder *reorder;
	struct hit *head; /* taken, to be compared with the others' */
};

struct inputs {
	struct captures *captures;
	struct hit_pool *pool;
	struct source_wait wait;
	struct source_tap tap; /* note NULL: none */
	struct inputs_file *files;
	struct stream *streams; /* in order of their first hit */
	size_t n;
	size_t begun;	/* streams before this are ACTIVE or DONE */
	size_t current; /* whose head went last, and may go again while it is below limit */
	int64_t limit;
	bool follow;
	bool failed;
	bool any;
	bool damaged;
	char *complaint;
	uint64_t late;
	struct source_counts counts; /* of streams that are DONE */
};

static const char *shown_name(const char *name)
{
	return strcmp(name, "-") ? name : "standard input";
}

/* ---- beginning ---- */

static void stream_fail(struct inputs *in, struct stream *s, int err)
{
	log_error("%s: %s", shown_name(s->file->name), strerror(err));
	in->failed = true;
	s->state = DONE;
}

static void stream_close_fd(struct stream *s)
{
	if (s->fd > STDIN_FILENO || (s->fd == STDIN_FILENO && strcmp(s->file->name, "-")))
		close(s->fd);
	s->fd = -1;
}

static bool stream_open_fd(struct inputs *in, struct stream *s)
{
	if (s->fd >= 0)
		return true;
	s->fd = strcmp(s->file->name, "-") ? open(s->file->name, O_RDONLY | O_CLOEXEC)
					   : STDIN_FILENO;
	if (s->fd < 0)
		stream_fail(in, s, errno);
	return s->fd >= 0;
}

/* Looks where in time a file begins; a pipe can be read only once and begins at once. */
static int stream_look(struct inputs *in, struct stream *s)
{
	struct stat st;
	int err = 0;

	s->peek = (struct peek){.first = INT64_MIN};
	if (!stream_open_fd(in, s))
		return 0;
	if (fstat(s->fd, &st)) {
		stream_fail(in, s, errno);
		return 0;
	}
	s->live = !S_ISREG(st.st_mode) || in->follow;
	s->size = s->live ? 0 : (uint64_t)st.st_size;
	if (s->live || in->n == 1 || s->fd == STDIN_FILENO)
		return 0;
	err = peek_file(s->fd, s->file->name, in->captures, &s->peek);
	stream_close_fd(s);
	if (s->peek.snapshot && !in->counts.snapshots_damaged++)
		log_warn("%s: the snapshot %s: names may be missing", s->file->name,
			 snapshot_why(s->peek.snapshot));
	return err;
}

/* Within one recording the parts' numbers count: the first hit of a part need not be its earliest.
 */
static void keep_parts_in_order(struct stream *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			if (all[i].peek.has_part && all[k].peek.has_part &&
			    all[i].peek.tag == all[k].peek.tag &&
			    all[i].peek.part < all[k].peek.part &&
			    all[i].peek.first > all[k].peek.first)
				all[i].peek.first = all[k].peek.first;
}

static int by_time(const void *a, const void *b)
{
	const struct stream *x = a, *y = b;

	if (x->peek.first != y->peek.first)
		return x->peek.first < y->peek.first ? -1 : 1;
	if (x->peek.part != y->peek.part)
		return x->peek.part < y->peek.part ? -1 : 1;
	return x->file < y->file ? -1 : x->file > y->file;
}

int inputs_create(struct captures *captures, struct hit_pool *pool, const struct source_wait *wait,
		  char **names, size_t n, struct inputs **ret)
{
	struct inputs *in = calloc(1, sizeof(*in));
	int err = -ENOMEM;

	if (!in)
		return -ENOMEM;
	in->captures = captures;
	in->pool = pool;
	in->n = n;
	in->follow = wait && wait->follow;
	in->files = calloc(n, sizeof(*in->files));
	in->streams = calloc(n, sizeof(*in->streams));
	if (!in->files || !in->streams)
		goto fail;
	for (size_t i = 0; i < n; i++) {
		in->files[i].name = names[i];
		in->streams[i].file = &in->files[i];
		in->streams[i].fd = -1;
	}
	for (size_t i = 0; i < n; i++) {
		err = stream_look(in, &in->streams[i]);
		if (err)
			goto fail;
	}
	keep_parts_in_order(in->streams, n);
	qsort(in->streams, n, sizeof(*in->streams), by_time);
	if (wait)
		in->wait = *wait;
	if (inputs_live(in) < 0)
		in->wait.await = NULL;
	*ret = in;
	return 0;
fail:
	inputs_destroy(in);
	return err;
}

void inputs_tap(struct inputs *in, const struct source_tap *tap)
{
	in->tap = *tap;
}

static void stream_deinit(struct inputs *in, struct stream *s)
{
	if (s->source)
		source_counts_add(&in->counts, source_counts(s->source));
	source_destroy(s->source);
	s->source = NULL;
	if (s->reorder)
		in->late += reorder_late(s->reorder);
	reorder_destroy(s->reorder);
	s->reorder = NULL;
	stream_close_fd(s);
}

void inputs_destroy(struct inputs *in)
{
	if (!in)
		return;
	for (size_t i = 0; in->streams && in->files && i < in->n; i++) {
		hit_free(in->pool, in->streams[i].head);
		stream_deinit(in, &in->streams[i]);
	}
	free(in->streams);
	free(in->files);
	free(in->complaint);
	free(in);
}

/* ---- one file ---- */

static int stream_begin(struct inputs *in, struct stream *s)
{
	int err;

	if (s->state == DONE || !stream_open_fd(in, s))
		return 0;
	err = reorder_create(&s->reorder);
	if (!err)
		err = source_create(in->captures, in->pool, in->wait.begin ? &in->wait : NULL,
				    &s->source);
	if (!err && in->tap.note)
		source_tap(s->source, &in->tap);
	if (!err)
		err = source_open(s->source, s->fd, shown_name(s->file->name));
	if (!err)
		s->state = ACTIVE;
	return err;
}

/* What was read of it is said first. */
static void complain_later(struct inputs *in, const char *what)
{
	in->damaged = true;
	inputs_complain(in);
	free(in->complaint);
	in->complaint = strdup(what);
}

/* What became of one file; got is what source_next() ended with. */
static void judge(struct inputs *in, const struct stream *s, int got)
{
	const char *name = shown_name(s->file->name);
	bool ours = source_has_pwru(s->source);

	s->file->read = ours;
	s->file->is = *source_file(s->source);
	in->any |= ours;
	if (got == -EBADMSG && ours) {
		complain_later(in, source_error(s->source));
		return;
	}
	if (got == 0 && ours)
		return;
	if (got == -EBADMSG)
		log_error("%s", source_error(s->source));
	else if (got)
		log_error("%s: %s", name, strerror(-got));
	else
		log_error("no pwru data in %s (not written by pwru-record, or a tool such as "
			  "tcpdump -w stripped it)",
			  name);
	in->failed = true;
}

/* Reads on until a hit came in, or the file ended. */
static int stream_read(struct inputs *in, struct stream *s)
{
	struct hit *h = NULL;
	int got = source_next(s->source, &h), new;

	if (got == -ENOMEM)
		return got;
	if (got <= 0) {
		judge(in, s, got);
		source_close(s->source);
		stream_close_fd(s);
		s->ended = true;
		reorder_release(s->reorder, INT64_MAX);
		return 0;
	}
	h->file = (size_t)(s->file - in->files);
	/* Here and not in order of time: so a loss is known before the packets it may touch end. */
	new = ledger_add(h->capture->ledger, &h->event, h->when);
	if (new == 1)
		new = reorder_push(s->reorder, h);
	else
		hit_free(in->pool, h);
	return new;
}

/* Fills in the head; without one the stream is DONE. */
static int stream_fill(struct inputs *in, struct stream *s)
{
	int err;

	while (!s->head) {
		s->head = reorder_pop(s->reorder);
		if (s->head)
			return 0;
		if (s->ended) {
			s->state = DONE;
			stream_deinit(in, s);
			return 0;
		}
		err = stream_read(in, s);
		if (err)
			return err;
	}
	return 0;
}

/* ---- all of them ---- */

static bool goes_before(const struct hit *a, const struct hit *b)
{
	if (a->when != b->when)
		return a->when < b->when;
	if (a->event.cpu != b->event.cpu)
		return a->event.cpu < b->event.cpu;
	return a->event.seq < b->event.seq;
}

/* The stream whose head is first; how far it may go before another has to be looked at. */
static struct stream *choose(struct inputs *in)
{
	struct stream *best = NULL;

	in->limit = in->begun < in->n ? in->streams[in->begun].peek.first : INT64_MAX;
	if (in->limit > INT64_MIN + SLACK_NS)
		in->limit -= in->begun < in->n ? SLACK_NS : 0;
	for (size_t i = 0; i < in->begun; i++) {
		struct stream *s = &in->streams[i], *other = s;

		if (s->state != ACTIVE)
			continue;
		if (!best || goes_before(s->head, best->head)) {
			other = best;
			best = s;
		}
		if (other && other->head->when < in->limit)
			in->limit = other->head->when;
	}
	return best;
}

/* Is there a file that may have hits before the first of the others? */
static bool next_is_due(const struct inputs *in, const struct stream *best)
{
	int64_t early;

	if (in->begun == in->n)
		return false;
	return !best ||
	       __builtin_sub_overflow(in->streams[in->begun].peek.first, SLACK_NS, &early) ||
	       early <= best->head->when;
}

static int refill(struct inputs *in)
{
	struct stream *s = &in->streams[in->current];

	return in->current < in->begun && s->state == ACTIVE ? stream_fill(in, s) : 0;
}

int inputs_next(struct inputs *in, struct hit **ret)
{
	struct stream *s = NULL, *next;
	int err = refill(in);

	if (err)
		return err;
	if (in->current < in->begun)
		s = &in->streams[in->current];
	if (!s || s->state != ACTIVE || s->head->when >= in->limit) {
		while (next_is_due(in, s = choose(in))) {
			next = &in->streams[in->begun++];
			err = stream_begin(in, next);
			if (!err && next->state == ACTIVE)
				err = stream_fill(in, next);
			if (err)
				return err;
		}
		if (!s)
			return 0;
		in->current = (size_t)(s - in->streams);
	}
	*ret = s->head;
	s->head = NULL;
	return 1;
}

/* ---- live input ---- */

int inputs_live(const struct inputs *in)
{
	return in->n == 1 && in->streams[0].live ? in->streams[0].fd : -1;
}

struct hit *inputs_ready(struct inputs *in)
{
	struct reorder *r = in->streams[0].reorder;

	return r ? reorder_pop(r) : NULL;
}

void inputs_release(struct inputs *in, int64_t when)
{
	if (in->streams[0].reorder)
		reorder_release(in->streams[0].reorder, when);
}

int64_t inputs_newest(const struct inputs *in)
{
	return in->streams[0].reorder ? reorder_newest(in->streams[0].reorder) : INT64_MIN;
}

/* ---- what there is to say ---- */

void inputs_position(const struct inputs *in, uint64_t *done, uint64_t *all)
{
	*done = *all = 0;
	for (size_t i = 0; i < in->n; i++) {
		const struct stream *s = &in->streams[i];
		bool open = s->state == ACTIVE && s->fd >= 0;
		off_t at = open ? lseek(s->fd, 0, SEEK_CUR) : 0;

		*all += s->size;
		if (open && s->size)
			*done += at > 0 ? (uint64_t)at : 0;
		else if (s->state == DONE || s->ended)
			*done += s->size;
	}
}

bool inputs_failed(const struct inputs *in)
{
	return in->failed;
}

bool inputs_any(const struct inputs *in)
{
	return in->any;
}

bool inputs_damaged(const struct inputs *in)
{
	return in->damaged;
}

bool inputs_complain(const struct inputs *in)
{
	if (in->complaint)
		log_error("%s", in->complaint);
	return in->complaint;
}

uint64_t inputs_late(const struct inputs *in)
{
	return in->late;
}

void inputs_counts(const struct inputs *in, struct source_counts *ret)
{
	*ret = in->counts;
}

const struct inputs_file *inputs_files(const struct inputs *in, size_t *n)
{
	*n = in->n;
	return in->files;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "record/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/cursor.h"
#include "common/log.h"
#include "record/stop.h"

#define PATIENCE_S 5

/* Files beside each other. */
struct row {
	int dir;
	uint32_t files; /* begun */
	uint32_t keep;
	char **names; /* of the last ones, if not all are kept: at number % keep */
	int last_fd;  /* of the file before, on its way to the disk; -1 none */
	char name[PATH_MAX];
};

struct output {
	int fd;	   /* -1 none at the moment */
	bool file; /* a regular one: can be cut back and synced */
	uint64_t bytes;
	const char *name;
	const char *path; /* NULL: standard output */
	bool created;	  /* there was no such file */
	bool begun;	  /* emptied, and written to */
	int err;
	struct row *row; /* NULL: one file */
};

/*
 * An older file of that name keeps its content until there is something to put in its place, and a
 * new one goes away again if there never is: a recording that cannot start leaves nothing behind
 * and takes nothing away.
 */
static int open_path(struct output *o, const char *path)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
	int fd = open(path, flags | O_EXCL, 0600);

	o->created = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, flags, 0600);
	if (fd >= 0)
		return fd;
	if (errno == ELOOP)
		log_error("%s: is a symbolic link; name the file itself", path);
	else
		log_error("%s: cannot write: %s", path, strerror(errno));
	return -1;
}

int output_open(const char *path, struct output **ret)
{
	struct output *o = calloc(1, sizeof(*o));
	struct stat st;

	if (!o)
		return -ENOMEM;
	o->name = path;
	if (strcmp(path, "-")) {
		o->path = path;
		o->fd = open_path(o, path);
	} else if (isatty(STDOUT_FILENO)) {
		log_error(
			"standard output is a terminal; give -w FILE, or a pipe: pwru-record -w - | pwru-report -");
		o->fd = -1;
	} else {
		o->name = "standard output";
		o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	}
	if (o->fd < 0) {
		free(o);
		return -EIO;
	}
	o->file = !fstat(o->fd, &st) && S_ISREG(st.st_mode);
	*ret = o;
	return 0;
}

/* ---- a row of files ---- */

/* Opens the directory of path, which must be one where files can be made. */
static int open_dir(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int fd;

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && !faccessat(fd, ".", W_OK | X_OK, AT_EACCESS))
		return fd;
	log_error("%s: cannot write files there: %s", dir, strerror(errno));
	closep(&fd);
	return -1;
}

/* What stands in the names besides the one given: "_00001_20261122204911", with room. */
#define ROW_NUMBERS 32

static int check_row_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *why = NULL;

	if (!*base)
		why = "is a directory; name a file in it";
	else if (strlen(base) + ROW_NUMBERS > NAME_MAX || strlen(path) + ROW_NUMBERS >= PATH_MAX)
		why = strerror(ENAMETOOLONG);
	if (why)
		log_error("%s: %s", path, why);
	return why ? -1 : 0;
}

int output_open_row(const char *path, uint32_t keep, struct output **ret)
{
	struct output *o = calloc(1, sizeof(*o));
	struct row *r = calloc(1, sizeof(*r));

	if (o && r && keep)
		r->names = calloc(keep, sizeof(*r->names));
	if (!o || !r || (keep && !r->names)) {
		free(o);
		free(r);
		return -ENOMEM;
	}
	*o = (struct output){.fd = -1, .file = true, .name = path, .path = path, .row = r};
	r->keep = keep;
	r->last_fd = -1;
	r->dir = check_row_name(path) ? -1 : open_dir(path);
	if (r->dir < 0) {
		output_close(o);
		return -EIO;
	}
	*ret = o;
	return 0;
}

/* To the disk, and closed: errors of a delayed write come now. */
static int settle(const char *name, int *fd, bool file)
{
	int err = 0;

	if (*fd < 0)
		return 0;
	if (file && fsync(*fd) && errno != EINVAL)
		err = -errno;
	if (close(*fd) && !err)
		err = -errno;
	*fd = -1;
	if (err)
		log_error("%s: %s", name, strerror(-err));
	return err;
}

int output_done(struct output *o)
{
	struct row *r = o->row;

	if (!r || o->fd < 0)
		return 0;
	/* Only begun here and waited for with the next file: hits come in meanwhile. */
	o->err = o->err ? o->err : settle("an earlier file", &r->last_fd, true);
	sync_file_range(o->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	r->last_fd = o->fd;
	o->fd = -1;
	return o->err;
}

/* "x_00001_20261122204911.pcapng" of "dir/x.pcapng". */
static void row_name(const struct output *o, char *name, size_t size)
{
	const char *slash = strrchr(o->path, '/'), *base = slash ? slash + 1 : o->path;
	const char *dot = strrchr(base, '.');
	int stem = dot && dot > base ? (int)(dot - base) : (int)strlen(base);
	time_t now = time(NULL);
	struct tm t;
	char when[32];

	localtime_r(&now, &t);
	strftime(when, sizeof(when), "%Y%m%d%H%M%S", &t);
	snprintf(name, size, "%.*s_%05u_%s%s", stem, base, o->row->files + 1, when, base + stem);
}

static void forget_oldest(struct row *r, const char *name)
{
	char **place;

	if (!r->keep)
		return;
	place = &r->names[r->files % r->keep];
	if (*place && unlinkat(r->dir, *place, 0) && errno != ENOENT)
		log_warn("%s: cannot remove it: %s", *place, strerror(errno));
	free(*place);
	*place = strdup(name);
}

int output_next(struct output *o)
{
	struct row *r = o->row;
	const char *slash;
	char name[NAME_MAX + 1];

	if (!r || output_done(o) || o->err)
		return o->err;
	row_name(o, name, sizeof(name));
	slash = strrchr(o->path, '/');
	snprintf(r->name, sizeof(r->name), "%.*s%s", slash ? (int)(slash - o->path) + 1 : 0,
		 o->path, name);
	o->name = r->name;
	o->fd = openat(r->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (o->fd < 0) {
		o->err = -errno;
		log_error("%s: cannot write: %s", o->name, strerror(errno));
		return o->err;
	}
	forget_oldest(r, name);
	r->files++;
	return 0;
}

/* ---- writing ---- */

/* How many of the first n bytes of b are whole blocks. */
static size_t whole_blocks(const struct buf *b, size_t n)
{
	size_t at = 0;

	while (n - at >= 12) {
		struct cursor c = cursor_of(b->data + at + 4, 4);
		uint32_t len = cursor_le32(&c);

		if (len < 12 || len > n - at)
			break;
		at += len;
	}
	return at;
}

/* Part of b is on disk: keep its whole blocks. */
static void cut_back(struct output *o, const struct buf *b, size_t written)
{
	off_t end = lseek(o->fd, 0, SEEK_CUR);
	size_t whole = whole_blocks(b, written);

	if (end < 0 || !o->file)
		return;
	end -= (off_t)(written - whole);
	if (ftruncate(o->fd, end) || lseek(o->fd, end, SEEK_SET) < 0)
		log_error("%s: the last block is cut: %s", o->name, strerror(errno));
	else
		o->bytes += whole;
}

static int fail(struct output *o, const struct buf *b, size_t written, int err)
{
	o->err = -err;
	if (err == EPIPE)
		return -EPIPE;
	cut_back(o, b, written);
	log_error("%s: %s; what was written before is whole", o->name, strerror(err));
	return -err;
}

/*
 * How much may be written without waiting for a reader who may never come back, once a signal asked
 * to stop: a pipe that is ready takes that much. 0: he has taken nothing for long.
 */
static size_t piece(const struct output *o, size_t left)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};
	int n;

	if (o->file || !stop_requested())
		return left;
	do
		n = poll(&p, 1, PATIENCE_S * 1000);
	while (n < 0 && errno == EINTR);
	if (!n)
		return 0;
	return left < PIPE_BUF ? left : PIPE_BUF;
}

static int give_up(struct output *o)
{
	log_error("%s: nobody reads: given up after %d s", o->name, PATIENCE_S);
	return o->err = -ETIMEDOUT;
}

int output_write(struct output *o, struct buf *b)
{
	size_t done = 0;

	if (o->err)
		return o->err;
	if (!o->begun && o->path && !o->row && o->file && ftruncate(o->fd, 0))
		return fail(o, b, 0, errno);
	o->begun = true;
	while (done < b->len) {
		size_t most = piece(o, b->len - done);
		ssize_t n = most ? write(o->fd, b->data + done, most) : 0;

		if (!most) {
			return give_up(o);
		} else if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) { /* somebody made the pipe non-blocking */
			struct pollfd p = {.fd = o->fd, .events = POLLOUT};

			poll(&p, 1, 100);
		} else if (errno != EINTR) {
			return fail(o, b, done, errno);
		}
	}
	o->bytes += done;
	buf_reset(b);
	return 0;
}

bool output_is_pipe(const struct output *o)
{
	return !o->file;
}

uint64_t output_bytes(const struct output *o)
{
	return o->bytes;
}

uint32_t output_files(const struct output *o)
{
	return o->row ? o->row->files : 1;
}

const char *output_name(const struct output *o)
{
	return o->name;
}

static void row_destroy(struct row *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; i < r->keep && r->names; i++)
		free(r->names[i]);
	free(r->names);
	closep(&r->dir);
	free(r);
}

int output_close(struct output *o)
{
	int err = o->err, last = o->row ? settle("an earlier file", &o->row->last_fd, true) : 0;

	if (!o->row && !o->begun && o->created)
		unlink(o->path);
	err = err ? err : last;
	last = settle(o->name, &o->fd, o->file);
	row_destroy(o->row);
	free(o);
	return err ? err : last;
}

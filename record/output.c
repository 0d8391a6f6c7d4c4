// SPDX-License-Identifier: GPL-2.0-only
#include "record/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cursor.h"
#include "common/log.h"
#include "record/stop.h"

#define PATIENCE_S 5

struct output {
	int fd;
	bool file; /* a regular one: can be cut back and synced */
	uint64_t bytes;
	const char *name;
	const char *path; /* NULL: standard output */
	bool created;	  /* there was no such file */
	bool begun;	  /* emptied, and written to */
	int err;
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
	if (!o->begun && o->path && o->file && ftruncate(o->fd, 0))
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

const char *output_name(const struct output *o)
{
	return o->name;
}

int output_close(struct output *o)
{
	int err = o->err;

	if (!o->begun && o->created)
		unlink(o->path);
	/* Errors of a delayed write come now. */
	if (o->file && fsync(o->fd) && errno != EINVAL && !err) {
		err = -errno;
		log_error("%s: %s", o->name, strerror(errno));
	}
	if (close(o->fd) && !err) {
		err = -errno;
		log_error("%s: %s", o->name, strerror(errno));
	}
	free(o);
	return err;
}

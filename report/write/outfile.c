// SPDX-License-Identifier: GPL-2.0-only
#include "report/write/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cursor.h"
#include "common/log.h"

#define MIN_BLOCK 12

struct outfile {
	int fd;
	bool file; /* a regular one: can be emptied and cut back */
	const char *name;
	const char *path; /* NULL: standard output */
	bool created;	  /* there was none of that name */
	bool begun;
	int err;
};

static int refuse(const struct outfile *o, const char *why)
{
	log_error("%s: %s", o->name, why);
	return -EINVAL;
}

static int open_path(struct outfile *o)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;

	o->fd = open(o->path, flags | O_EXCL, S_IRUSR | S_IWUSR);
	o->created = o->fd >= 0;
	if (o->fd < 0 && errno == EEXIST)
		o->fd = open(o->path, flags, S_IRUSR | S_IWUSR);
	if (o->fd >= 0)
		return 0;
	return refuse(o, errno == ELOOP ? "is a symbolic link; name the file itself"
					: strerror(errno));
}

static int open_standard_output(struct outfile *o)
{
	o->name = "standard output";
	if (isatty(STDOUT_FILENO))
		return refuse(o, "is a terminal; give -w FILE, or a pipe");
	o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return o->fd < 0 ? refuse(o, strerror(errno)) : 0;
}

static bool is_input(const struct stat *out, const char *input)
{
	struct stat in;

	if (strcmp(input, "-") ? stat(input, &in) : fstat(STDIN_FILENO, &in))
		return false;
	return in.st_dev == out->st_dev && in.st_ino == out->st_ino && S_ISREG(in.st_mode);
}

/* Nothing has been done to the file yet. */
static int look(struct outfile *o, char *const *inputs, size_t n)
{
	struct stat st;

	if (fstat(o->fd, &st))
		return refuse(o, strerror(errno));
	o->file = S_ISREG(st.st_mode);
	for (size_t i = 0; i < n; i++)
		if (is_input(&st, inputs[i]))
			return refuse(o, "is read and cannot be written at the same time");
	if (!o->path || !o->file)
		return 0;
	if (st.st_uid != geteuid())
		return refuse(o, "belongs to another user");
	return fchmod(o->fd, S_IRUSR | S_IWUSR) ? refuse(o, strerror(errno)) : 0;
}

int outfile_open(const char *path, char *const *inputs, size_t n, struct outfile **ret)
{
	struct outfile *o = calloc(1, sizeof(*o));
	int err;

	if (!o) {
		log_error("out of memory");
		return -ENOMEM;
	}
	*o = (struct outfile){.fd = -1, .name = path, .path = strcmp(path, "-") ? path : NULL};
	err = o->path ? open_path(o) : open_standard_output(o);
	if (!err)
		err = look(o, inputs, n);
	if (err) {
		if (o->created)
			unlink(o->path);
		if (o->fd >= 0)
			close(o->fd);
		free(o);
		return err;
	}
	*ret = o;
	return 0;
}

/* How many of the first n bytes of b are whole blocks. */
static size_t whole_blocks(const struct buf *b, size_t n)
{
	size_t at = 0;

	while (n - at >= MIN_BLOCK) {
		struct cursor c = cursor_of(b->data + at + 4, 4);
		uint32_t len = cursor_le32(&c);

		if (len < MIN_BLOCK || len > n - at)
			break;
		at += len;
	}
	return at;
}

/* written bytes of b are in the file: keeps the whole blocks of them. */
static int fail(struct outfile *o, const struct buf *b, size_t written, int err)
{
	off_t end = o->file ? lseek(o->fd, 0, SEEK_CUR) : -1;

	o->err = -err;
	if (err == EPIPE)
		return o->err;
	if (end >= 0 && ftruncate(o->fd, end - (off_t)(written - whole_blocks(b, written))))
		log_error("%s: the last block is cut: %s", o->name, strerror(errno));
	log_error("%s: %s", o->name, strerror(err));
	return o->err;
}

int outfile_write(struct outfile *o, struct buf *b)
{
	struct pollfd ready = {.fd = o->fd, .events = POLLOUT};
	size_t done = 0;
	ssize_t n;

	if (o->err)
		return o->err;
	if (!o->begun && o->path && o->file && ftruncate(o->fd, 0))
		return fail(o, b, 0, errno);
	o->begun = true;
	while (done < b->len) {
		n = write(o->fd, b->data + done, b->len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN) /* somebody made the pipe non-blocking */
			poll(&ready, 1, -1);
		else if (errno != EINTR)
			return fail(o, b, done, errno);
	}
	buf_reset(b);
	return 0;
}

int outfile_close(struct outfile *o)
{
	int err = o->err;

	if (!o->begun && o->created)
		unlink(o->path);
	/* What a delayed write could not do shows now. */
	if (!err && o->file && fsync(o->fd) && errno != EINVAL)
		err = -errno;
	if (close(o->fd) && !err)
		err = -errno;
	if (err && !o->err)
		log_error("%s: %s", o->name, strerror(-err));
	free(o);
	return err;
}

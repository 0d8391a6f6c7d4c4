// SPDX-License-Identifier: GPL-2.0-only
#include "report/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

#define COPY_SIZE (256u << 10)
#define NAME_SIZE 32

struct spool {
	char **names;
	struct copied {
		int fd; /* -1: it is read as it is */
		char name[NAME_SIZE];
	} * copies;
	size_t n;
	off_t start; /* of standard input */
};

static int temporary_file(void)
{
	const char *directory = getenv("TMPDIR");
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/pwru-XXXXXX",
		 directory && *directory ? directory : "/var/tmp");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		log_error("%s: %s", path, strerror(errno));
	else
		unlink(path);
	return fd;
}

static int write_all(int fd, const char *data, size_t n)
{
	ssize_t done;

	for (; n; data += done, n -= (size_t)done) {
		done = write(fd, data, n);
		if (done < 0)
			return -errno;
	}
	return 0;
}

static int copy(int from, int to)
{
	_cleanup_(freep) char *data = malloc(COPY_SIZE);
	ssize_t n;
	int err = 0;

	if (!data)
		return -ENOMEM;
	while (!err && (n = read(from, data, COPY_SIZE)) != 0) {
		if (n > 0)
			err = write_all(to, data, (size_t)n);
		else if (errno != EINTR)
			err = -errno;
	}
	return err;
}

static void ignore(int sig)
{
	(void)sig;
}

/* Ctrl-C is for the recorder in front, which closes the pipe in order; a second one ends this
 * program too. */
static void leave_interrupt(void)
{
	struct sigaction once = {.sa_handler = ignore, .sa_flags = (int)SA_RESETHAND | SA_RESTART};

	sigaction(SIGINT, &once, NULL);
}

/* A descriptor with all of from in it; -errno after one line. */
static int copy_of(int from, const char *name)
{
	_cleanup_(closep) int fd = temporary_file();
	int err;

	if (fd < 0)
		return -EIO;
	leave_interrupt();
	err = copy(from, fd);
	if (err) {
		log_error("cannot copy %s to a temporary file: %s", name, strerror(-err));
		return err;
	}
	lseek(fd, 0, SEEK_SET);
	return steal_fd(&fd);
}

static int take_standard_input(struct spool *s)
{
	struct stat st;
	int fd;

	if (!fstat(STDIN_FILENO, &st) && S_ISREG(st.st_mode)) {
		s->start = lseek(STDIN_FILENO, 0, SEEK_CUR);
		return 0;
	}
	fd = copy_of(STDIN_FILENO, "standard input");
	if (fd < 0)
		return fd;
	dup2(fd, STDIN_FILENO);
	close(fd);
	return 0;
}

static int take(struct spool *s, size_t i, char *name)
{
	_cleanup_(closep) int fd = -1;
	struct stat st;

	s->names[i] = name;
	s->copies[i].fd = -1;
	if (!strcmp(name, "-"))
		return take_standard_input(s);
	if (stat(name, &st) || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return 0;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	s->copies[i].fd = copy_of(fd, name);
	if (s->copies[i].fd < 0)
		return -EIO;
	snprintf(s->copies[i].name, NAME_SIZE, "/dev/fd/%d", s->copies[i].fd);
	s->names[i] = s->copies[i].name;
	return 0;
}

int spool_create(char *const *names, size_t n, struct spool **ret)
{
	struct spool *s = calloc(1, sizeof(*s));
	int err = 0;

	if (s) {
		s->names = calloc(n, sizeof(*s->names));
		s->copies = calloc(n, sizeof(*s->copies));
	}
	if (!s || !s->names || !s->copies) {
		log_error("out of memory");
		spool_destroy(s);
		return -ENOMEM;
	}
	for (; s->n < n && !err; s->n++)
		err = take(s, s->n, names[s->n]);
	if (err) {
		spool_destroy(s);
		return err;
	}
	*ret = s;
	return 0;
}

void spool_destroy(struct spool *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->copies[i].fd >= 0)
			close(s->copies[i].fd);
	free(s->names);
	free(s->copies);
	free(s);
}

char **spool_names(struct spool *s)
{
	return s->names;
}

void spool_rewind(struct spool *s)
{
	lseek(STDIN_FILENO, s->start, SEEK_SET);
}

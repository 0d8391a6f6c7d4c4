// SPDX-License-Identifier: GPL-2.0-only
/* The protocol: a build-id as one message, the path as another; an empty one when there is none. */
#include "report/symbol/fetch.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "report/confine.h"

#define MAX_ID 128 /* hexadecimal digits */

struct fetch {
	int fd;
	pid_t helper;
};

/* ---- the helper ---- */

static volatile sig_atomic_t stopped;

/* Not by its default: the library has a part of a file that it removes then. */
static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* As <elfutils/debuginfod.h> has them. */
struct library {
	void *(*begin)(void);
	int (*find)(void *client, const unsigned char *id, int len, char **path);
	void (*set_progress)(void *client, int (*fn)(void *client, long a, long b));
};

static void show(long done, long all)
{
	if (!isatty(STDERR_FILENO))
		return;
	fputs("\rfetching debug information", stderr);
	if (all > 0)
		fprintf(stderr, ": %ld of %ld MB", done >> 20, all >> 20);
	fputs("\033[K", stderr);
}

/* Other than 0 ends it: nobody waits any more. */
static int progress(void *client, long done, long all)
{
	struct pollfd asker = {.fd = STDIN_FILENO};

	(void)client;
	if (poll(&asker, 1, 0) > 0 && asker.revents & (POLLHUP | POLLERR))
		stopped = 1;
	if (!stopped)
		show(done, all);
	return stopped;
}

static bool load(struct library *l)
{
	void *so = dlopen("libdebuginfod.so.1", RTLD_NOW);

	if (!so) {
		log_debug("nothing is fetched: %s", dlerror());
		return false;
	}
	*(void **)&l->begin = dlsym(so, "debuginfod_begin");
	*(void **)&l->find = dlsym(so, "debuginfod_find_debuginfo");
	*(void **)&l->set_progress = dlsym(so, "debuginfod_set_progressfn");
	return l->begin && l->find && l->set_progress;
}

static void answer(const struct library *l, void *client, const char *id)
{
	char *path = NULL;
	int fd;

	fd = l->find(client, (const unsigned char *)id, 0, &path);
	/* Else a shell's prompt may be there by now. */
	if (!stopped && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (fd < 0)
		log_debug("debuginfod: %s: %s", id, strerror(-fd));
	else
		close(fd);
	send(STDIN_FILENO, path ? path : "", path ? strlen(path) : 0, MSG_NOSIGNAL);
	free(path);
}

/* It has the socket as its standard input, and its output is nobody's: who reads the report waits
 * for the end of that. */
static void __attribute__((noreturn)) help(int fd)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction act = {.sa_handler = stop};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	char id[MAX_ID + 1];
	struct library l;
	void *client;
	ssize_t n;

	if (dup2(fd, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(1);
	closefrom(STDERR_FILENO + 1);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &act, NULL);
	confine_helper();
	client = load(&l) ? l.begin() : NULL;
	if (!client)
		_exit(1);
	l.set_progress(client, progress);
	while (!stopped && (n = recv(STDIN_FILENO, id, MAX_ID, 0)) > 0) {
		id[n] = 0;
		answer(&l, client, id);
	}
	_exit(0);
}

/* ---- this program ---- */

void fetch_start(struct fetch **ret)
{
	const char *urls = getenv("DEBUGINFOD_URLS");
	_cleanup_(closep) int ours = -1, theirs = -1;
	struct fetch *f;
	int ends[2];

	*ret = NULL;
	if (!urls || !*urls || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return;
	ours = ends[0];
	theirs = ends[1];
	f = malloc(sizeof(*f));
	if (!f)
		return;
	f->helper = fork();
	if (!f->helper)
		help(theirs);
	if (f->helper < 0) {
		free(f);
		return;
	}
	f->fd = steal_fd(&ours);
	*ret = f;
}

void fetch_stop(struct fetch *f)
{
	if (!f)
		return;
	close(f->fd);
	while (waitpid(f->helper, NULL, 0) < 0 && errno == EINTR)
		;
	free(f);
}

int fetch_file(struct fetch *f, const char *build_id, char *path, size_t size)
{
	size_t len = strlen(build_id);
	ssize_t n;

	if (!f || !len || len > MAX_ID || build_id[strspn(build_id, "0123456789abcdef")] ||
	    send(f->fd, build_id, len, MSG_NOSIGNAL) != (ssize_t)len)
		return -ENOENT;
	do
		n = recv(f->fd, path, size - 1, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0 || (size_t)n == size - 1)
		return -ENOENT;
	path[n] = 0;
	return 0;
}

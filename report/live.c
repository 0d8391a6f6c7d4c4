// SPDX-License-Identifier: GPL-2.0-only
#include "report/live.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

#define GROWTH_MS 20 /* how often a file is looked at */

static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

void live_init(struct live *l, int fd, int out, const char *name, const struct captures *captures)
{
	struct sigaction once = {.sa_handler = interrupt,
				 .sa_flags = (int)SA_RESETHAND | SA_RESTART};
	struct stat st;

	*l = (struct live){.fd = fd, .out = out, .name = name, .captures = captures};
	l->grows = !fstat(fd, &st) && S_ISREG(st.st_mode);
	interrupted = 0;
	sigaction(SIGINT, &once, NULL);
}

/* What a file has that was not read; less than 0: it has become shorter. */
static int64_t unread_bytes(const struct live *l)
{
	off_t at = lseek(l->fd, 0, SEEK_CUR);
	struct stat st;

	return at < 0 || fstat(l->fd, &st) ? 0 : st.st_size - at;
}

bool live_pending(const struct live *l)
{
	struct pollfd input = {.fd = l->fd, .events = POLLIN};

	return l->grows ? unread_bytes(l) != 0 : poll(&input, 1, 0) != 0;
}

/* So long, or until nobody reads the output any more. */
static bool pause_a_while(struct live *l, struct pollfd *input, int ms)
{
	struct pollfd p[2] = {input ? *input : (struct pollfd){.fd = -1}, {.fd = l->out}};

	if (poll(p, 2, ms) > 0)
		l->unread = !p[0].revents && p[1].revents & (POLLERR | POLLHUP);
	if (l->unread)
		log_mute(true); /* nor do they mind what became of the input */
	if (input)
		input->revents = p[0].revents;
	return !l->unread;
}

static bool await_pipe(struct live *l)
{
	struct pollfd input = {.fd = l->fd, .events = POLLIN};

	while (pause_a_while(l, &input, -1))
		if (input.revents)
			return true;
	return false;
}

static bool is_closed(const struct live *l)
{
	for (size_t i = 0; i < l->captures->count; i++)
		if (!capture_closed(l->captures->all[i]))
			return false;
	return l->captures->count;
}

/* Has the name become another file's? That of a file that is only gone may still grow. */
static bool is_replaced(const struct live *l)
{
	struct stat ours, theirs;

	return strcmp(l->name, "-") && !fstat(l->fd, &ours) && !stat(l->name, &theirs) &&
	       (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino);
}

static bool await_growth(struct live *l)
{
	int64_t more;

	do {
		more = unread_bytes(l);
		if (more > 0)
			return true;
		if (more < 0) {
			log_error("%s: became shorter while it was read; no more of it is",
				  l->name);
			return false;
		}
		if (interrupted || is_closed(l))
			return false;
		if (is_replaced(l)) {
			log_error("%s: is another file now, which is not read", l->name);
			return false;
		}
	} while (pause_a_while(l, NULL, GROWTH_MS));
	return false;
}

bool live_await(void *ctx)
{
	struct live *l = ctx;

	return l->grows ? await_growth(l) : await_pipe(l);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two pipes: one on which the child waits for the word to go (end of file instead: the recorder
 * gave up, so the child does too), and one, closed by a successful exec, on which it reports why it
 * could not.
 */
#include "record/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "record/privileges.h"

struct command {
	pid_t pid;
	int pidfd;
	int go;
	int failed;
	const char *name;
	bool ended;
	int status;
};

static void __attribute__((noreturn))
child(char **argv, int go, int failed, bool stdout_to_stderr, const struct privileges *who)
{
	sigset_t none;
	char word;
	int err;

	if (read(go, &word, 1) != 1)
		_exit(0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL); /* ignored by us, and exec would keep that */
	if (stdout_to_stderr)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	err = -identity_become(&who->caller);
	if (!err) {
		execvp(argv[0], argv);
		err = errno;
	}
	if (write(failed, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

int command_fork(char **argv, bool stdout_to_stderr, const struct privileges *who,
		 struct command **ret)
{
	int go[2], failed[2];
	struct command *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	if (pipe2(go, O_CLOEXEC) || pipe2(failed, O_CLOEXEC) || (c->pid = fork()) < 0) {
		int err = errno;

		log_error("cannot start %s: %s", argv[0], strerror(err));
		free(c);
		return -err;
	}
	if (!c->pid) {
		close(go[1]);
		close(failed[0]);
		child(argv, go[0], failed[1], stdout_to_stderr, who);
	}
	close(go[0]);
	close(failed[1]);
	c->go = go[1];
	c->failed = failed[0];
	c->name = argv[0];
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0); /* from 5.3; cloexec by itself */
	*ret = c;
	return 0;
}

int command_start(struct command *c)
{
	int err = 0;

	if (write(c->go, "g", 1) != 1)
		err = errno;
	else if (read(c->failed, &err, sizeof(err)) != sizeof(err))
		err = 0;
	if (err)
		log_error("cannot run %s: %s", c->name, strerror(err));
	return -err;
}

int command_fd(const struct command *c)
{
	return c->pidfd;
}

pid_t command_pid(const struct command *c)
{
	return c->pid;
}

bool command_ended(struct command *c, int *status)
{
	if (!c->ended && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		c->ended = true;
	*status = c->status;
	return c->ended;
}

void command_destroy(struct command *c)
{
	int status;

	if (!c)
		return;
	close(c->go); /* if it still waits, this ends it */
	close(c->failed);
	if (!command_ended(c, &status)) {
		struct pollfd end = {.fd = c->pidfd, .events = POLLIN};

		if (kill(c->pid, SIGTERM)) {
			log_warn("%s (process %d) goes on: %s", c->name, c->pid, strerror(errno));
		} else {
			/* Without a descriptor for it this only waits. */
			poll(&end, 1, COMMAND_END_MS);
			if (!command_ended(c, &status))
				log_warn("%s (process %d) goes on: it does not end on SIGTERM",
					 c->name, c->pid);
		}
	}
	closep(&c->pidfd);
	free(c);
}

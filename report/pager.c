// SPDX-License-Identifier: GPL-2.0-only
#include "report/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

/* Is there such a program? Only the first word counts; what a shell would take apart may be. */
static bool is_there(const char *command)
{
	size_t n = strcspn(command, " \t"), dir;
	const char *at = getenv("PATH");
	char path[PATH_MAX];

	if (strcspn(command, "\"'\\$`|&;<>()=*?[]{}~#") < n)
		return true;
	if (memchr(command, '/', n)) {
		snprintf(path, sizeof(path), "%.*s", (int)n, command);
		return !access(path, X_OK);
	}
	for (at = at ? at : "/usr/bin:/bin"; *at; at += at[dir] ? dir + 1 : dir) {
		dir = strcspn(at, ":");
		snprintf(path, sizeof(path), "%.*s/%.*s", (int)dir, at, (int)n, command);
		if (dir && !access(path, X_OK))
			return true;
	}
	return false;
}

/* NULL: none. */
static const char *choose(void)
{
	const char *command = getenv("PWRU_PAGER");

	if (!command)
		command = getenv("PAGER");
	if (!command)
		command = "less";
	command += strspn(command, " \t");
	if (!*command || !strcmp(command, "cat"))
		return NULL;
	if (!is_there(command)) {
		log_debug("no pager: %s is not there", command);
		return NULL;
	}
	return command;
}

static void __attribute__((noreturn)) child(const char *command, int from)
{
	/* Ends by itself on little, shows colours, leaves the screen as it is. */
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	/* Nobody gets a shell of root's out of reading a report. */
	if (!geteuid() && getenv("SUDO_UID"))
		setenv("LESSSECURE", "1", 1);
	dup2(from, STDIN_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

void pager_start(pid_t *ret)
{
	const char *command = isatty(STDOUT_FILENO) ? choose() : NULL;
	_cleanup_(closep) int from = -1, to = -1;
	int ends[2];

	*ret = 0;
	if (!command || pipe2(ends, O_CLOEXEC))
		return;
	from = ends[0];
	to = ends[1];
	*ret = fork();
	if (!*ret)
		child(command, from);
	if (*ret < 0) {
		*ret = 0;
		return;
	}
	/* It may be left at any time, and it decides what Ctrl-C means. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (isatty(STDERR_FILENO))
		dup2(to, STDERR_FILENO);
	dup2(to, STDOUT_FILENO);
}

void pager_wait(pid_t pager)
{
	if (!pager)
		return;
	fflush(NULL);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		;
}

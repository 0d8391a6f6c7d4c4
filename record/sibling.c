// SPDX-License-Identifier: GPL-2.0-only
#include "record/sibling.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

/* The directory of our own binary, with its slash; "" when that cannot be known. */
static void own_directory(char *to, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", to, size - 1);
	char *slash;

	to[n > 0 ? n : 0] = 0;
	slash = strrchr(to, '/');
	if (slash)
		slash[1] = 0;
	else
		*to = 0;
}

static bool look(struct sibling *s, const char *dir, int dir_len)
{
	int n = snprintf(s->path, sizeof(s->path), "%.*s%s%s", dir_len, dir,
			 dir[dir_len - 1] == '/' ? "" : "/", s->name);

	return n < (int)sizeof(s->path) && !access(s->path, X_OK);
}

static bool look_in_path(struct sibling *s)
{
	const char *at = getenv("PATH");

	while (at && *at) {
		size_t n = strcspn(at, ":");

		if (*at == '/' && n < sizeof(s->path) && look(s, at, (int)n))
			return true;
		at += n;
		at += *at == ':';
	}
	return false;
}

int sibling_find(const char *name, struct sibling *ret)
{
	char dir[PATH_MAX];

	*ret = (struct sibling){.name = name, .fd = -1};
	own_directory(dir, sizeof(dir));
	if (!(*dir && look(ret, dir, (int)strlen(dir))) && !look_in_path(ret)) {
		log_error("%s is needed, and is neither in %s nor in $PATH", name,
			  *dir ? dir : "the directory of pwru");
		return -ENOENT;
	}
	ret->fd = open(ret->path, O_PATH | O_CLOEXEC);
	return 0;
}

int sibling_exec(const struct sibling *s, char **argv)
{
	execv(s->path, argv);
	/* The user who called sudo need not be allowed into the directory. */
	if (errno == EACCES && s->fd >= 0)
		fexecve(s->fd, argv, environ);
	return -errno;
}

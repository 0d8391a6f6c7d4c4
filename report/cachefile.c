// SPDX-License-Identifier: GPL-2.0-only
#include "report/cachefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

static bool is_own(int fd, mode_t type)
{
	struct stat st;

	return !fstat(fd, &st) && (st.st_mode & S_IFMT) == type && st.st_uid == geteuid() &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

bool cachefile_directory(char *ret, size_t size)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n;

	if (cache && *cache == '/')
		n = snprintf(ret, size, "%s/pwru", cache);
	else if (home && *home == '/')
		n = snprintf(ret, size, "%s/.cache/pwru", home);
	else
		return false;
	return n > 0 && (size_t)n < size;
}

int cachefile_open_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char parent[PATH_MAX];
	char *slash;

	if (fd < 0 && errno == ENOENT) {
		snprintf(parent, sizeof(parent), "%s", path);
		slash = strrchr(parent, '/');
		if (slash) {
			*slash = 0;
			mkdir(parent, 0700);
		}
		mkdir(path, 0700);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd >= 0 && is_own(fd, S_IFDIR))
		return fd;
	log_debug("line tables are not kept: %s is %s", path,
		  fd < 0 ? strerror(errno) : "another's, or others may write there");
	if (fd >= 0)
		close(fd);
	return -1;
}

int cachefile_open(int dir, const char *name)
{
	_cleanup_(closep) int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 && is_own(fd, S_IFREG) ? steal_fd(&fd) : -1;
}

int cachefile_read(int fd, uint8_t *to, size_t len, uint64_t offset)
{
	ssize_t n;

	for (size_t at = 0; at < len; at += (size_t)n) {
		n = pread(fd, to + at, len - at, (off_t)(offset + at));
		if (n < 0)
			return -errno;
		if (!n)
			return -EBADMSG;
	}
	return 0;
}

int cachefile_write(int fd, const uint8_t *data, size_t len)
{
	ssize_t n;

	for (size_t at = 0; at < len; at += (size_t)n) {
		n = write(fd, data + at, len - at);
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* The same for all programs: who has it locked writes. */
static void new_name(const char *name, char ret[NAME_MAX])
{
	snprintf(ret, NAME_MAX, "%s.new", name);
}

int cachefile_begin(int dir, const char *name, int *ret)
{
	_cleanup_(closep) int fd = -1;
	struct stat st, now;
	char new[NAME_MAX];

	new_name(name, new);
	fd = openat(dir, new, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (!is_own(fd, S_IFREG))
		return -EPERM;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return -EBUSY;
	/* Who had it locked until now has given it its name. */
	if (fstat(fd, &st) || fstatat(dir, new, &now, AT_SYMLINK_NOFOLLOW) ||
	    st.st_ino != now.st_ino || st.st_dev != now.st_dev)
		return -EBUSY;
	if (ftruncate(fd, 0))
		return -errno;
	*ret = steal_fd(&fd);
	return 0;
}

int cachefile_end(int dir, const char *name, int err)
{
	char new[NAME_MAX];

	new_name(name, new);
	if (!err && renameat(dir, new, dir, name))
		err = -errno;
	if (err)
		unlinkat(dir, new, 0);
	return err;
}

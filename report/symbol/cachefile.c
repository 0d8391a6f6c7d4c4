// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/cachefile.h"

#include <dirent.h>
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

/* Its last part; not in another's directory, as when root has been given a user's $HOME. */
static void make_directory(const char *path)
{
	char parent[PATH_MAX];
	struct stat st;
	char *slash;

	snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	if (!slash)
		return;
	*slash = 0;
	if (!stat(parent, &st) && st.st_uid == geteuid())
		mkdir(path, 0700);
}

int cachefile_open_directory(const char *path)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags);
	char parent[PATH_MAX];
	char *slash;

	if (fd < 0 && errno == ENOENT) {
		snprintf(parent, sizeof(parent), "%s", path);
		slash = strrchr(parent, '/');
		if (slash) {
			*slash = 0;
			make_directory(parent);
		}
		make_directory(path);
		fd = open(path, flags);
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

	if (fd < 0 || !is_own(fd, S_IFREG))
		return -1;
	futimens(fd, NULL); /* cachefile_trim() */
	return steal_fd(&fd);
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

/* Adds up the files; true: they are more than max, and *ret is the one to go. */
static bool find_oldest(int dir, const char *with, uint64_t max, char ret[NAME_MAX + 1])
{
	int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *all = own < 0 ? NULL : fdopendir(own);
	struct timespec oldest = {0};
	struct dirent *e;
	uint64_t sum = 0;
	struct stat st;

	*ret = 0;
	while (all && (e = readdir(all))) {
		if (!strstr(e->d_name, with) || fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode))
			continue;
		sum += (uint64_t)st.st_size;
		if (*ret &&
		    (st.st_mtim.tv_sec > oldest.tv_sec ||
		     (st.st_mtim.tv_sec == oldest.tv_sec && st.st_mtim.tv_nsec >= oldest.tv_nsec)))
			continue;
		oldest = st.st_mtim;
		snprintf(ret, NAME_MAX + 1, "%s", e->d_name);
	}
	if (all)
		closedir(all);
	else if (own >= 0)
		close(own);
	return sum > max && *ret;
}

void cachefile_trim(int dir, const char *with, uint64_t max)
{
	char name[NAME_MAX + 1];

	while (find_oldest(dir, with, max, name) && !unlinkat(dir, name, 0))
		log_debug("%s: not used for long, removed", name);
}

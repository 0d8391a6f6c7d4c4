// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread of its own enters the namespaces one after another (setns(2) is per thread), so the
 * recorder itself never leaves its own.
 */
#include "record/netns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

#define NAMED_DIR "/run/netns"
#define MOST	  4096 /* namespaces looked into */

struct scan {
	struct buf *names;
	struct buf *interfaces;
	ino_t seen[MOST];
	size_t count;
};

static bool is_new(struct scan *s, ino_t inode)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->seen[i] == inode)
			return false;
	if (s->count == MOST)
		return false;
	s->seen[s->count++] = inode;
	return true;
}

static void list_interfaces(struct scan *s, ino_t inode)
{
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *i = all; i && i->if_index; i++)
		buf_printf(s->interfaces, "%llu %u %s\n", (unsigned long long)inode, i->if_index,
			   i->if_name);
	if (all)
		if_freenameindex(all);
}

static void visit(struct scan *s, const char *path, const char *name)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !is_new(s, st.st_ino))
		return;
	if (name)
		buf_printf(s->names, "%llu %s\n", (unsigned long long)st.st_ino, name);
	if (!setns(fd, CLONE_NEWNET))
		list_interfaces(s, st.st_ino);
}

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

static void visit_named(struct scan *s)
{
	_cleanup_(closedirp) DIR *d = opendir(NAMED_DIR);
	struct dirent *e;
	char path[512];

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), NAMED_DIR "/%s", e->d_name);
		if (e->d_name[0] != '.')
			visit(s, path, e->d_name);
	}
}

static void visit_process(struct scan *s, const char *pid)
{
	char path[64], name[64], comm[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	f = fopen(path, "re");
	if (f) {
		if (fgets(comm, sizeof(comm), f))
			comm[strcspn(comm, "\n")] = 0;
		fclose(f);
	}
	snprintf(name, sizeof(name), "%s(%.20s)", comm, pid);
	snprintf(path, sizeof(path), "/proc/%.20s/ns/net", pid);
	visit(s, path, name);
}

static void visit_processes(struct scan *s)
{
	_cleanup_(closedirp) DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]))
			visit_process(s, e->d_name);
}

static void *scan_all(void *arg)
{
	struct scan *s = arg;

	/* Ours first: it is the host, and has no name. */
	visit(s, "/proc/self/ns/net", NULL);
	visit_named(s);
	visit_processes(s);
	return NULL;
}

void netns_collect(struct buf *names, struct buf *interfaces)
{
	struct scan *s = calloc(1, sizeof(*s));
	pthread_t t;

	if (!s) {
		names->failed = true;
		return;
	}
	s->names = names;
	s->interfaces = interfaces;
	if (!pthread_create(&t, NULL, scan_all, s))
		pthread_join(t, NULL);
	free(s);
}

void netns_seen_add(struct netns_seen *s, uint32_t inode)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->all[i].inode == inode)
			return;
	if (inode && s->count < NETNS_SEEN)
		s->all[s->count++].inode = inode;
}

static bool is_named(const char *name, uint32_t inode)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), NAMED_DIR "/%s", name);
	return !stat(path, &st) && st.st_ino == inode;
}

void netns_seen_poll(struct netns_seen *s, void (*fn)(void *ctx, uint32_t inode, const char *name),
		     void *ctx)
{
	_cleanup_(closedirp) DIR *d = opendir(NAMED_DIR);
	struct dirent *e;
	char path[512];
	struct stat st;

	while (d && (e = readdir(d))) {
		size_t i = 0;

		snprintf(path, sizeof(path), NAMED_DIR "/%s", e->d_name);
		if (e->d_name[0] == '.' || stat(path, &st))
			continue;
		while (i < s->count && s->all[i].inode != st.st_ino)
			i++;
		/* It may have several names: one is kept as long as it is right. */
		if (i == s->count || (s->all[i].name && is_named(s->all[i].name, st.st_ino)))
			continue;
		free(s->all[i].name);
		s->all[i].name = strdup(e->d_name); /* NULL: told again next time */
		fn(ctx, s->all[i].inode, e->d_name);
	}
}

void netns_seen_deinit(struct netns_seen *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->all[i].name);
	s->count = 0;
}

int netns_resolve(const char *spec, uint32_t *inode)
{
	_cleanup_(closep) int fd = -1;
	char path[512], *end;
	unsigned long long n;
	struct stat st;

	if (!strncmp(spec, "inode:", 6)) {
		n = strtoull(spec + 6, &end, 10);
		if (end == spec + 6 || *end || !n || n > UINT32_MAX) {
			log_error("--filter-netns: not an inode number (got \"%s\")", spec);
			return -EINVAL;
		}
		*inode = (uint32_t)n;
		return 0;
	}
	snprintf(path, sizeof(path), "%s%s", strchr(spec, '/') ? "" : NAMED_DIR "/", spec);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		log_error("--filter-netns: no such network namespace: %s: %s", path,
			  strerror(errno));
		return -EINVAL;
	}
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
		log_error("--filter-netns: not a network namespace: %s", path);
		return -EINVAL;
	}
	*inode = (uint32_t)st.st_ino;
	return 0;
}

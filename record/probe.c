// SPDX-License-Identifier: GPL-2.0-only
#include "record/probe.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

#define CLOSERS 16

int probe_links_add(struct probe_links *l, int fd)
{
	int *grown;

	if (l->count == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 64;
		grown = reallocarray(l->fds, l->cap, sizeof(*grown));
		if (!grown) {
			close(fd);
			return -ENOMEM;
		}
		l->fds = grown;
	}
	l->fds[l->count++] = fd;
	return 0;
}

static void *close_some(void *arg)
{
	struct probe_links *l = arg;
	size_t i;

	while ((i = __atomic_sub_fetch(&l->count, 1, __ATOMIC_RELAXED)) < l->cap)
		close(l->fds[i]);
	return NULL;
}

void probe_links_close(struct probe_links *l)
{
	pthread_t threads[CLOSERS];
	int n = 0;

	/* close_some() stops when count wraps below zero. */
	while (l->fds && l->count > 64 && n < CLOSERS &&
	       !pthread_create(&threads[n], NULL, close_some, l))
		n++;
	if (l->fds)
		close_some(l);
	while (n > 0)
		pthread_join(threads[--n], NULL);
	free(l->fds);
	memset(l, 0, sizeof(*l));
}

void probe_progress(size_t done, size_t total)
{
	static struct timespec last;
	struct timespec now;
	bool tty = isatty(STDERR_FILENO);
	int64_t since_ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!last.tv_sec)
		last = now;
	since_ms = (now.tv_sec - last.tv_sec) * 1000 + (now.tv_nsec - last.tv_nsec) / 1000000;
	if (log_level() < LOG_LEVEL_INFO || (done < total && since_ms < (tty ? 100 : 10000)))
		return;
	last = now;
	if (tty)
		fprintf(stderr, done < total ? "\rattaching %zu/%zu" : "\r\033[K", done, total);
	else if (done < total)
		log_info("attaching %zu/%zu", done, total);
}

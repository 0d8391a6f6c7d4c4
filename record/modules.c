// SPDX-License-Identifier: GPL-2.0-only
#include "record/modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct modules {
	char **names; /* sorted */
	size_t count;
};

static int order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void empty(struct modules *m)
{
	for (size_t i = 0; i < m->count; i++)
		free(m->names[i]);
	free(m->names);
	memset(m, 0, sizeof(*m));
}

static int add(struct modules *m, const char *line)
{
	size_t n = strcspn(line, " \n");
	char **grown = reallocarray(m->names, m->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	m->names = grown;
	m->names[m->count] = strndup(line, n);
	if (!m->names[m->count])
		return -ENOMEM;
	m->count++;
	return 0;
}

static int read_now(struct modules *m)
{
	FILE *f = fopen("/proc/modules", "re");
	char line[4096];
	int err = 0;

	if (!f)
		return errno == ENOENT ? 0 : -errno; /* a kernel without modules */
	while (!err && fgets(line, sizeof(line), f))
		err = add(m, line);
	fclose(f);
	if (err)
		empty(m);
	else if (m->count)
		qsort(m->names, m->count, sizeof(*m->names), order);
	return err;
}

int modules_create(struct modules **ret)
{
	struct modules *m = calloc(1, sizeof(*m));
	int err = m ? read_now(m) : -ENOMEM;

	if (err) {
		free(m);
		return err;
	}
	*ret = m;
	return 0;
}

void modules_destroy(struct modules *m)
{
	if (!m)
		return;
	empty(m);
	free(m);
}

void modules_poll(struct modules *m, void (*fn)(void *ctx, const char *name, bool loaded),
		  void *ctx)
{
	struct modules now = {};
	size_t i = 0, j = 0;

	if (read_now(&now))
		return; /* asked again next time */
	while (i < m->count || j < now.count) {
		int c = i == m->count ? 1 : j == now.count ? -1 : strcmp(m->names[i], now.names[j]);

		if (c < 0)
			fn(ctx, m->names[i++], false);
		else if (c > 0)
			fn(ctx, now.names[j++], true);
		else
			i++, j++;
	}
	empty(m);
	*m = now;
}

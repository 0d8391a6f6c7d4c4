// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/srctext.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"

#define MAX_FILE \
	(16u << 20) /* of the kernel's sources the largest, which is generated, is smaller */

static bool leads_up(const char *file)
{
	for (; *file; file += strspn(file, "/")) {
		if (!strncmp(file, "..", 2) && (!file[2] || file[2] == '/'))
			return true;
		file += strcspn(file, "/");
	}
	return false;
}

static FILE *open_source(const char *directory, const char *file)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];
	struct stat st;
	FILE *f;
	int n;

	if (*file == '/' || !*file || leads_up(file))
		return NULL;
	n = snprintf(path, sizeof(path), "%s/%s", directory, file);
	if (n < 0 || (size_t)n >= sizeof(path))
		return NULL;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > MAX_FILE)
		return NULL;
	f = fdopen(fd, "r");
	if (f)
		steal_fd(&fd);
	return f;
}

int srctext_line(const char *directory, const char *file, uint32_t line, char *ret, size_t size)
{
	_cleanup_(fclosep) FILE *f = open_source(directory, file);
	size_t len = 0;
	int c = 0;

	if (!f || !line)
		return -ENOENT;
	while (line > 1 && (c = getc(f)) != EOF)
		line -= c == '\n';
	while (line == 1 && (c = getc(f)) != EOF && c != '\n') {
		if (c == '\t')
			c = ' ';
		if (len + 1 < size && (len || c != ' ') && c && c != '\r')
			ret[len++] = (char)c;
	}
	if (!len)
		return -ENOENT;
	ret[len] = 0;
	return 0;
}

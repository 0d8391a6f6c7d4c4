// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/srcpath.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Takes the part that was appended last off again; false: there is none, or it is "..". */
static bool drop_part(char *path, size_t *len)
{
	size_t from = *len;

	while (from && path[from - 1] != '/')
		from--;
	if (from == *len || !strcmp(path + from, ".."))
		return false;
	*len = from ? from - 1 : 0;
	path[*len] = 0;
	return true;
}

/* Without empty parts, "." and "..": "/a/b", "a/b", "../a", "" for "/" and ".". */
static void tidy(const char *path, char ret[PATH_MAX])
{
	bool absolute = *path == '/';
	size_t len = 0, part;

	ret[0] = 0;
	for (; *path; path += part) {
		path += strspn(path, "/");
		part = strcspn(path, "/");
		if (!part || (part == 1 && *path == '.'))
			continue;
		if (part == 2 && !strncmp(path, "..", 2) && (drop_part(ret, &len) || absolute))
			continue;
		if (len + part + 2 > PATH_MAX)
			break;
		if (len || absolute)
			ret[len++] = '/';
		memcpy(ret + len, path, part);
		len += part;
		ret[len] = 0;
	}
}

void srcpath_shorten(const char *path, const char *dir, char *ret, size_t size)
{
	char tidied[PATH_MAX], at[PATH_MAX];
	size_t same = 0, parts = 0;

	tidy(path, tidied);
	tidy(dir ? dir : "", at);
	/* same: behind the last part of both that is equal. */
	for (size_t i = 0;; i++) {
		bool end = !tidied[i] || tidied[i] == '/', at_end = !at[i] || at[i] == '/';

		if (i && end && at_end) {
			same = i;
			parts++;
		}
		if (!tidied[i] || tidied[i] != at[i])
			break;
	}
	if (same && tidied[same] == '/' && (parts >= 2 || !at[same]))
		memmove(tidied, tidied + same + 1, strlen(tidied + same + 1) + 1);
	snprintf(ret, size, "%s", tidied);
}

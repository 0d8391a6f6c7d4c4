// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/temp_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct temp_file temp_file_create(const void *content, size_t len)
{
	struct temp_file f = {"/tmp/pwru-test-XXXXXX"};
	int fd = mkstemp(f.path);

	assert_true(fd >= 0);
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, (const char *)content + done, len - done);

		assert_true(n > 0);
		done += (size_t)n;
	}
	close(fd);
	return f;
}

struct temp_file temp_file_text(const char *text)
{
	return temp_file_create(text, strlen(text));
}

void temp_file_destroy(const struct temp_file *f)
{
	unlink(f->path);
}

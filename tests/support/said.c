// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

struct said said_begin(int fd)
{
	struct said s = {.fd = fd, .saved = dup(fd)};
	FILE *file = tmpfile();

	assert_non_null(file);
	fflush(NULL);
	dup2(fileno(file), fd);
	fclose(file);
	return s;
}

void said_end(struct said *s)
{
	ssize_t n;

	fflush(NULL);
	n = pread(s->fd, s->text, sizeof(s->text) - 1, 0);
	s->text[n > 0 ? n : 0] = 0;
	dup2(s->saved, s->fd);
	close(s->saved);
	for (const char *at = s->text; *at; at++)
		s->lines += *at == '\n';
}

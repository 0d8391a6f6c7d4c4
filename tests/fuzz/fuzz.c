// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIPE_ROOM 65536

void fuzz_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
	abort();
}

static void write_all(int fd, const uint8_t *data, size_t size)
{
	ssize_t n;

	for (; size; size -= (size_t)n, data += n) {
		n = write(fd, data, size);
		if (n <= 0)
			abort();
	}
}

int fuzz_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		abort();
	write_all(fd, data, size);
	if (lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

int fuzz_pipe(const uint8_t *data, size_t size)
{
	int fds[2];

	if (size > PIPE_ROOM)
		return -1;
	if (pipe2(fds, O_CLOEXEC))
		abort();
	write_all(fds[1], data, size);
	close(fds[1]);
	return fds[0];
}

uint8_t *fuzz_copy(const void *data, size_t size)
{
	uint8_t *copy = malloc(size);

	if (size && !copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	return copy;
}

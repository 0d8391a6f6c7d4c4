// SPDX-License-Identifier: GPL-2.0-only
/*
 * lines FILE|BUILD-ID [CACHE]: reads addresses, hexadecimal and one a line, from standard input;
 * prints for each "0xADDRESS", then a line "FUNCTION|FILE|LINE" for each frame. On standard error,
 * the time that finding all of them took, in microseconds. CACHE: a directory. The file of a
 * BUILD-ID is fetched.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "report/symbol/debugfile_elf.h"
#include "report/symbol/fetch.h"
#include "report/symbol/srcline.h"

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static size_t read_addresses(uint64_t **ret)
{
	uint64_t *all = NULL;
	size_t n = 0;
	char line[64];

	while (fgets(line, sizeof(line), stdin)) {
		all = realloc(all, (n + 1) * sizeof(*all));
		if (!all)
			abort();
		all[n++] = strtoull(line, NULL, 16);
	}
	*ret = all;
	return n;
}

static void print(uint64_t addr, const struct linetable_frame *frames, size_t n)
{
	printf("0x%" PRIx64 "\n", addr);
	for (size_t i = 0; i < n; i++)
		printf("%s|%s|%u\n", frames[i].function, frames[i].file, frames[i].line);
}

/* As the report finds it. *fetch: stopped by the caller. */
static int find(const char *path, struct fetch **fetch, struct debugfile_finder **finder,
		struct debugfile **ret)
{
	bool is_id = !path[strspn(path, "0123456789abcdef")];
	struct debugfile_options o = {
		.vmlinux = is_id ? NULL : path, .system = "/nonexistent", .allow_mismatch = true};
	struct debugfile_elf elf;
	int fd, err;

	if (is_id) {
		fetch_start(fetch);
		snprintf(elf.build_id, sizeof(elf.build_id), "%s", path);
		o.fetch = *fetch;
		err = 0;
	} else {
		fd = open(path, O_RDONLY);
		err = fd < 0 ? -errno : debugfile_elf_read(fd, &elf);
		if (fd >= 0)
			close(fd);
	}
	if (!err)
		err = debugfile_finder_create(&o, "", finder);
	return err ? err : debugfile_find(*finder, "", elf.build_id, ret);
}

int main(int argc, char **argv)
{
	struct linetable_frame frames[LINETABLE_FRAMES];
	struct debugfile_finder *finder = NULL;
	struct debugfile *file = NULL;
	struct fetch *fetch = NULL;
	struct srcline *s;
	uint64_t *all, start, sum;
	size_t n;

	if (argc < 2 || find(argv[1], &fetch, &finder, &file)) {
		fprintf(stderr, "lines: no such debug information\n");
		debugfile_finder_destroy(finder);
		fetch_stop(fetch);
		return 2;
	}
	n = read_addresses(&all);
	start = now_us();
	if (srcline_create(file, argc > 2 ? argv[2] : NULL, &s))
		return 1;
	for (size_t i = 0; i < n; i++)
		srcline_find(s, all[i], frames);
	sum = now_us() - start;
	for (size_t i = 0; i < n; i++)
		print(all[i], frames, srcline_find(s, all[i], frames));
	start = now_us();
	srcline_destroy(s);
	fprintf(stderr, "%" PRIu64 " us, %" PRIu64 " us to keep them\n", sum, now_us() - start);
	free(all);
	debugfile_close(file);
	debugfile_finder_destroy(finder);
	fetch_stop(fetch);
	return 0;
}

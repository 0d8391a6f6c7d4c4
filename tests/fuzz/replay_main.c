// SPDX-License-Identifier: GPL-2.0-only
/* replay FILE|DIRECTORY…: gives each file to the target, no engine needed. Counts on standard
 * output. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/fuzz/fuzz.h"

static unsigned int inputs;

static void replay_file(const char *path)
{
	_cleanup_(freep) uint8_t *data = NULL;
	_cleanup_(fclosep) FILE *f = fopen(path, "rbe");
	struct stat st;
	size_t size;

	if (!f || fstat(fileno(f), &st)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	size = (size_t)st.st_size;
	data = malloc(size + 1);
	if (!data || fread(data, 1, size, f) != size)
		exit(1);
	fprintf(stderr, "replay %s\n", path); /* the last one named is the one that broke */
	LLVMFuzzerTestOneInput(data, size);
	inputs++;
}

static void replay_directory(const char *path)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, NULL, alphasort);
	char name[4096];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_type == DT_REG)
			replay_file(name);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	int out = dup(STDOUT_FILENO); /* a target may take standard output for itself */
	struct stat st;

	for (int i = 1; i < argc; i++) {
		if (!stat(argv[i], &st) && S_ISDIR(st.st_mode))
			replay_directory(argv[i]);
		else
			replay_file(argv[i]);
	}
	dprintf(out, "%u inputs\n", inputs);
	close(out);
	return !inputs;
}

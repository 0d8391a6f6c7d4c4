// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input is a file of debug information, which is asked for addresses, as the kernel's and as a
 * module's. What libdw makes of it is not the question, but what is made of that.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cursor.h"
#include "common/log.h"
#include "report/symbol/debugfile.h"
#include "report/symbol/srcline.h"
#include "tests/fuzz/fuzz.h"

#define ADDRESSES 96u
#define STEP	  11u

static void ask(struct srcline *s, uint64_t addr)
{
	struct linetable_frame frames[LINETABLE_FRAMES];
	size_t n = srcline_find(s, addr, frames);

	FUZZ_CHECK(n <= LINETABLE_FRAMES);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(strlen(frames[i].function) < LINETABLE_MAX &&
			   strlen(frames[i].file) < LINETABLE_MAX);
}

static uint64_t entry_of(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(data, size);

	cursor_bytes(&c, offsetof(Elf64_Ehdr, e_entry));
	return cursor_le64(&c);
}

/* All that is known of it, at the beginning of its code and where it says that it is entered. */
static void ask_everywhere(const struct debugfile *file, uint64_t entry)
{
	uint64_t text = 0;
	struct srcline *s;

	FUZZ_CHECK(!srcline_create(file, NULL, &s));
	srcline_text(s, &text);
	for (uint64_t i = 0; i < ADDRESSES; i++) {
		ask(s, entry + i * STEP);
		ask(s, entry - i * STEP);
		ask(s, text + i * STEP);
	}
	ask(s, UINT64_MAX);
	srcline_destroy(s);
}

static void find(struct debugfile_options *o, const char *module, const uint8_t *data, size_t size)
{
	struct debugfile_finder *f;
	struct debugfile *file;

	FUZZ_CHECK(!debugfile_finder_create(o, "6.1.0", &f));
	if (!debugfile_find(f, module, "00112233", &file)) {
		FUZZ_CHECK(file->verified == !strcmp(file->build_id, "00112233"));
		ask_everywhere(file, entry_of(data, size));
		debugfile_close(file);
	}
	debugfile_finder_destroy(f);
}

/* Among the modules in a directory. */
static void find_module(const uint8_t *data, size_t size)
{
	static const char *const parts[] = {"", "/lib", "/lib/modules", "/lib/modules/6.1.0"};
	char dir[] = "/tmp/pwru-fuzz-XXXXXX", path[64];
	struct debugfile_options o = {
		.directory = dir, .system = "/nonexistent", .allow_mismatch = true};
	int fd;

	if (!mkdtemp(dir))
		abort();
	for (size_t i = 1; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", dir, parts[i]);
		mkdir(path, 0700);
	}
	snprintf(path, sizeof(path), "%s/lib/modules/6.1.0/a-b.ko", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
		abort();
	close(fd);
	find(&o, "a_b", data, size);
	find(&o, "a_c", data, size);
	unlink(path);
	for (size_t i = 4; i--;) {
		snprintf(path, sizeof(path), "%s%s", dir, parts[i]);
		rmdir(path);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct debugfile_options o = {.system = "/nonexistent", .allow_mismatch = true};
	int fd = fuzz_file(data, size);
	char name[32];

	log_init("fuzz_debuginfo", LOG_LEVEL_ERROR);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	o.vmlinux = name;
	o.allow_mismatch = !(size & 1);
	find(&o, "", data, size);
	close(fd);
	find_module(data, size);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input is a file of debug information, which is asked for addresses; that of a module is known
 * by what it is. What libdw makes of it is not the question, but what is made of that.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cursor.h"
#include "common/log.h"
#include "report/debugfile.h"
#include "report/srcline.h"
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct debugfile_options o = {.system = "/nonexistent", .allow_mismatch = true};
	struct debugfile_finder *f;
	int fd = fuzz_file(data, size);
	struct debugfile *file;
	struct srcline *s;
	uint64_t text = 0;
	char name[32];

	log_init("fuzz_debuginfo", LOG_LEVEL_ERROR);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	o.vmlinux = name;
	FUZZ_CHECK(!debugfile_finder_create(&o, "6.1.0", &f));
	if (!debugfile_find(f, "", "00112233", &file)) {
		FUZZ_CHECK(!file->verified || !strcmp(file->build_id, "00112233"));
		FUZZ_CHECK(!srcline_create(file, NULL, &s));
		srcline_text(s, &text);
		for (uint64_t i = 0; i < ADDRESSES; i++) {
			ask(s, entry_of(data, size) + i * STEP);
			ask(s, entry_of(data, size) - i * STEP);
			ask(s, text + i * STEP);
		}
		ask(s, UINT64_MAX);
		srcline_destroy(s);
		debugfile_close(file);
	}
	debugfile_finder_destroy(f);
	close(fd);
	return 0;
}

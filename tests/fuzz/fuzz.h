/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

/*
 * A fuzz target is one file with LLVMFuzzerTestOneInput(). It is built three times: with libFuzzer,
 * with AFL++, and with replay_main.c, which needs no engine. A target leaves nothing behind: no
 * descriptors, no memory, no state that the next input could see.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What has to be true of every input; aborts, which every engine takes for a crash. */
#define FUZZ_CHECK(what)                                        \
	do {                                                    \
		if (!(what))                                    \
			fuzz_broken(#what, __FILE__, __LINE__); \
	} while (0)
void fuzz_broken(const char *what, const char *file, int line) __attribute__((noreturn));

/* A file holding data, read from its start; to be closed. */
int fuzz_file(const uint8_t *data, size_t size);
/* A pipe that holds it and has no writer any more; -1 when it does not fit into one. */
int fuzz_pipe(const uint8_t *data, size_t size);
/* A copy with nothing behind it, so that ASan sees a step too far; to be freed. */
uint8_t *fuzz_copy(const void *data, size_t size);

/* Is this exactly one JSON value (RFC 8259), in valid UTF-8? */
bool fuzz_json(const char *text, size_t len);

#endif

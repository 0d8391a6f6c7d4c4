/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SUPPORT_PCAPNG_RUN_H
#define TESTS_SUPPORT_PCAPNG_RUN_H

/* Reads a whole input with the reader and keeps what can be asked about afterwards. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/pcapng_reader.h"
#include "tests/support/pcapng_builder.h"

#define RUN_NAME "some.pcapng"

/* What is left of a run over a whole input. */
struct pcapng_run {
	int result;
	unsigned int blocks;
	unsigned int section;
	bool not_pcapng;
	uint64_t offset;
	char error[512];
	struct pcapng_block last; /* only its numbers may be looked at */
	char comment[64];
};

struct pcapng_run run_fd(int fd); /* closes it */
struct pcapng_run run_len(const struct pcapng_builder *b, size_t len);
struct pcapng_run run_all(const struct pcapng_builder *b);

/* -EBADMSG at that offset, with these words in the message. */
void expect_damage(const struct pcapng_run *run, uint64_t offset, const char *words);

#endif

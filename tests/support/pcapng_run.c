// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/pcapng_run.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct pcapng_run run_fd(int fd)
{
	struct pcapng_reader *r = NULL;
	struct pcapng_run run = {};
	struct pcapng_block b;

	run.result = pcapng_reader_create(fd, RUN_NAME, &r);
	if (run.result) {
		close(fd);
		return run;
	}
	while ((run.result = pcapng_reader_next(r, &b)) > 0) {
		run.blocks++;
		run.last = b;
		run.section = b.section;
		memset(run.comment, 0, sizeof(run.comment));
		if (b.comment)
			memcpy(run.comment, b.comment, b.comment_len < 63 ? b.comment_len : 63);
		assert_int_equal(pcapng_reader_offset(r), b.offset + b.length);
	}
	assert_int_equal(pcapng_reader_next(r, &b), run.result);
	run.not_pcapng = pcapng_reader_not_pcapng(r);
	run.offset = pcapng_reader_offset(r);
	strncpy(run.error, pcapng_reader_error(r), sizeof(run.error) - 1);
	pcapng_reader_destroy(r);
	close(fd);
	return run;
}

struct pcapng_run run_len(const struct pcapng_builder *b, size_t len)
{
	return run_fd(built_fd(b, len));
}

struct pcapng_run run_all(const struct pcapng_builder *b)
{
	return run_len(b, b->len);
}

void expect_damage(const struct pcapng_run *run, uint64_t offset, const char *words)
{
	char prefix[64];

	snprintf(prefix, sizeof(prefix), RUN_NAME ": offset %llu: ", (unsigned long long)offset);
	assert_int_equal(run->result, -EBADMSG);
	assert_int_equal(run->offset, offset);
	if (strncmp(run->error, prefix, strlen(prefix)) != 0 || !strstr(run->error, words))
		fail_msg("got \"%s\", wanted \"%s…%s\"", run->error, prefix, words);
	assert_false(run->not_pcapng);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input is a capture that pwru-report -w is given, as it is, with --scrub and with --annotate.
 * What comes out has to be sound to the last byte, or nothing; and a scrubbed one may not have what
 * no scrubbed capture has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/event_codec.h"
#include "common/pcapng_reader.h"
#include "report/write/extract.h"
#include "report/view.h"
#include "tests/fuzz/fuzz.h"

static int output = -1;

static void output_begin(void)
{
	if (output < 0) {
		fflush(stdout);
		output = memfd_create("output", MFD_CLOEXEC);
		if (output < 0 || dup2(output, STDOUT_FILENO) < 0)
			abort();
	}
	if (ftruncate(output, 0) || lseek(STDOUT_FILENO, 0, SEEK_SET))
		abort();
}

static void check_event(const struct pcapng_option *o)
{
	struct event e;

	FUZZ_CHECK(event_decode(o->value, o->len, &e) == 0);
	FUZZ_CHECK(!e.comm[0] && !e.hash && !e.raw_skb_len && !e.cb);
}

static void check_block(const struct pcapng_block *b, bool scrubbed)
{
	struct cursor options = b->options;
	struct pcapng_option o;
	int got;

	FUZZ_CHECK(b->length <= PCAPNG_MAX_WRITE_BLOCK);
	while ((got = pcapng_option_next(&options, &o)) == 1) {
		if (o.code == PCAPNG_OPT_CUSTOM && scrubbed &&
		    payload_kind(o.value, o.len) == PAYLOAD_EVENT)
			check_event(&o);
		FUZZ_CHECK(!scrubbed || b->type != PCAPNG_EPB || o.code != PCAPNG_OPT_COMMENT);
	}
	FUZZ_CHECK(got == 0);
}

static void output_check(bool scrubbed)
{
	struct pcapng_reader *r;
	struct pcapng_block b;
	int got;

	if (!lseek(output, 0, SEEK_END))
		return;
	lseek(output, 0, SEEK_SET);
	if (pcapng_reader_create(output, "output", &r))
		abort();
	while ((got = pcapng_reader_next(r, &b)) == 1)
		check_block(&b, scrubbed);
	FUZZ_CHECK(got == 0);
	pcapng_reader_destroy(r);
}

enum way { PLAIN, SCRUB, ANNOTATE };

static void run(char *name, enum way way, bool filter)
{
	static char key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	struct report_options o = {
		.view = view_find("paths"),
		.files = &name,
		.n_files = 1,
		.write = "-",
		.scrub = way == SCRUB,
		.scrub_key = key,
		.annotate = way == ANNOTATE,
		.vmlinux = "tests/fuzz/corpus/debuginfo/kernel",
		.allow_mismatch = true,
		.level = LOG_LEVEL_ERROR,
	};
	enum pipe_status status;

	o.match.any = o.match.has_proto = filter;
	o.match.proto = 6;
	output_begin();
	status = extract_run(&o);
	FUZZ_CHECK(status == PIPE_DONE || status == PIPE_FAILED || status == PIPE_INCOMPLETE);
	output_check(way == SCRUB);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = fuzz_file(data, size);
	char name[32];

	log_init("fuzz_scrub", LOG_LEVEL_ERROR);
	/* Nothing is kept of debug information. */
	setenv("XDG_CACHE_HOME", "/nonexistent", 1);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	run(name, PLAIN, size & 1);
	run(name, SCRUB, size & 2);
	run(name, ANNOTATE, size & 4);
	close(fd);
	return 0;
}

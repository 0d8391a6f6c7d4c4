// SPDX-License-Identifier: GPL-2.0-only
/* The input is a file: pcapng, compressed or not. Each block and each option of it is looked at. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/pcapng_reader.h"
#include "tests/fuzz/fuzz.h"

struct run {
	int result;
	uint64_t blocks;
	uint64_t offset;
	uint64_t options;
	bool not_pcapng;
};

/* Options once more, in memory that ends where they end. */
static uint64_t walk_options(const struct pcapng_block *b)
{
	size_t len = cursor_left(&b->options);
	uint8_t *copy = fuzz_copy(b->options.p, len);
	struct cursor c = cursor_of(copy, len);
	struct pcapng_option o;
	uint64_t n = 0, sum = 0;
	int got;

	c.swap = b->options.swap;
	c.bad = b->options.bad;
	while ((got = pcapng_option_next(&c, &o)) == 1) {
		FUZZ_CHECK(!o.len || (o.value >= copy && o.value + o.len <= copy + len));
		for (size_t i = 0; i < o.len; i++)
			sum += o.value[i];
		n++;
	}
	FUZZ_CHECK(got == 0 || got == -EBADMSG);
	FUZZ_CHECK(pcapng_option_next(&c, &o) == got);
	free(copy);
	return n + !(sum + 1); /* the bytes have to be read */
}

static bool inside(const struct pcapng_block *b, const void *p, size_t len)
{
	const uint8_t *at = p;

	return at >= b->body.p && at + len <= b->body.end;
}

static void look_at(const struct pcapng_reader *r, const struct pcapng_block *b)
{
	bool packet = b->type == PCAPNG_EPB || b->type == PCAPNG_OPB || b->type == PCAPNG_SPB;

	FUZZ_CHECK(b->length >= 12 && b->length % 4 == 0 && b->length <= PCAPNG_MAX_READ_BLOCK);
	FUZZ_CHECK(cursor_left(&b->body) == b->length - 12);
	FUZZ_CHECK(b->options.p <= b->options.end);
	FUZZ_CHECK(!cursor_left(&b->options) || inside(b, b->options.p, cursor_left(&b->options)));
	FUZZ_CHECK(!b->comment || inside(b, b->comment, b->comment_len));
	FUZZ_CHECK(packet == !!b->data);
	FUZZ_CHECK(!packet || inside(b, b->data, b->caplen));
	FUZZ_CHECK(!packet || pcapng_reader_interface(r, b->interface));
	FUZZ_CHECK(b->has_time || !b->time_ns);
	FUZZ_CHECK(pcapng_reader_offset(r) == b->offset + b->length);
}

static struct run read_all(int fd)
{
	struct pcapng_reader *r = NULL;
	struct run run = {};
	struct pcapng_block b;

	FUZZ_CHECK(!pcapng_reader_create(fd, "input", &r));
	while ((run.result = pcapng_reader_next(r, &b)) == 1) {
		FUZZ_CHECK(b.offset == run.offset);
		look_at(r, &b);
		run.options += walk_options(&b);
		run.offset += b.length;
		run.blocks++;
	}
	FUZZ_CHECK(run.result == 0 || run.result == -EBADMSG || run.result == -ENOMEM);
	FUZZ_CHECK(!run.result == !pcapng_reader_error(r)[0]);
	FUZZ_CHECK(pcapng_reader_next(r, &b) == run.result);
	FUZZ_CHECK(pcapng_reader_offset(r) == run.offset);
	run.not_pcapng = pcapng_reader_not_pcapng(r);
	FUZZ_CHECK(!run.not_pcapng || !run.blocks);
	pcapng_reader_destroy(r);
	close(fd);
	return run;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run file = read_all(fuzz_file(data, size)), piped;
	int fd = fuzz_pipe(data, size);

	if (fd < 0)
		return 0;
	piped = read_all(fd);
	FUZZ_CHECK(file.result == piped.result && file.blocks == piped.blocks &&
		   file.offset == piped.offset && file.options == piped.options &&
		   file.not_pcapng == piped.not_pcapng);
	return 0;
}

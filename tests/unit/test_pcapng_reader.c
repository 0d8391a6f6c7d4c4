// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader against bytes of pcapng_builder, each in both byte orders: what is sound. What is not
 * is test_pcapng_damage's.
 */
#include "common/pcapng_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/alloc_fail.h"
#include "tests/support/pcapng_builder.h"
#include "tests/support/pcapng_run.h"

static void read_packet(bool big)
{
	struct pcapng_reader *r = NULL;
	struct pcapng_builder b;
	struct pcapng_block block;
	struct pcapng_option o;
	struct cursor c;
	int fd;

	built_head(&b, big);
	built_packet(&b);
	fd = built_fd(&b, b.len);
	assert_int_equal(pcapng_reader_create(fd, RUN_NAME, &r), 0);
	assert_null(pcapng_reader_interface(r, 0));
	assert_int_equal(pcapng_reader_next(r, &block), 1);
	assert_int_equal(block.type, PCAPNG_SHB);
	assert_int_equal(block.interface, UINT32_MAX);
	assert_int_equal(block.length, 28);
	assert_int_equal(pcapng_reader_next(r, &block), 1);
	assert_int_equal(block.type, PCAPNG_IDB);
	assert_int_equal(block.interface, 0);
	assert_int_equal(pcapng_reader_interface(r, 0)->linktype, 1);
	assert_int_equal(pcapng_reader_interface(r, 0)->tsresol, 9);
	assert_null(pcapng_reader_interface(r, 1));

	assert_int_equal(pcapng_reader_next(r, &block), 1);
	assert_int_equal(block.type, PCAPNG_EPB);
	assert_int_equal(block.offset, BUILT_HEAD_LEN);
	assert_int_equal(block.length, b.len - BUILT_HEAD_LEN);
	assert_int_equal(block.section, 0);
	assert_int_equal(cursor_left(&block.body), block.length - 12);
	assert_int_equal(block.interface, 0);
	assert_int_equal(block.caplen, 5);
	assert_int_equal(block.origlen, 1500);
	assert_memory_equal(block.data, "hello", 5);
	assert_true(block.has_time);
	assert_int_equal(block.time_ns, 0x17979cfe362a0000);
	assert_int_equal(block.comment_len, 9);
	assert_memory_equal(block.comment, "a comment", 9);

	c = block.options;
	assert_int_equal(pcapng_option_next(&c, &o), 1);
	assert_int_equal(o.code, PCAPNG_EPB_FLAGS);
	assert_int_equal(o.len, 4);
	assert_int_equal(pcapng_option_next(&c, &o), 1);
	assert_int_equal(o.code, PCAPNG_OPT_COMMENT);
	assert_int_equal(pcapng_option_next(&c, &o), 1);
	assert_int_equal(o.code, PCAPNG_OPT_CUSTOM);
	assert_int_equal(o.pen, 32473);
	assert_int_equal(o.len, 3);
	assert_memory_equal(o.value, "abc", 3);
	assert_int_equal(pcapng_option_next(&c, &o), 0);
	assert_int_equal(pcapng_option_next(&c, &o), 0);

	assert_int_equal(pcapng_reader_next(r, &block), 0);
	assert_int_equal(pcapng_reader_offset(r), b.len);
	assert_string_equal(pcapng_reader_error(r), "");
	pcapng_reader_destroy(r);
	close(fd);
	pcapng_builder_deinit(&b);
}

static void reads_a_packet(void **state)
{
	(void)state;
	read_packet(false);
	read_packet(true);
}

static void several_sections(void **state)
{
	struct pcapng_builder b;
	struct pcapng_run run;

	(void)state;
	built_head(&b, false);
	built_packet(&b);
	b.big = true;
	built_shb(&b, 44); /* a length, and a wrong one at that */
	built_idb(&b, 0, -1);
	built_idb(&b, 0, -1);
	built_epb(&b, 1, 7, "x", 1);
	b.big = false;
	built_shb(&b, UINT64_MAX);
	run = run_all(&b);
	assert_int_equal(run.result, 0);
	assert_int_equal(run.blocks, 8);
	assert_int_equal(run.section, 2);

	/* The interfaces of one section are not those of the next. */
	built_epb(&b, 0, 7, "x", 1);
	run = run_all(&b);
	expect_damage(&run, b.len - 36, "interface 0");
	assert_int_equal(run.blocks, 8);
	pcapng_builder_deinit(&b);
}

static struct pcapng_run last_block(bool big, void (*add)(struct pcapng_builder *b))
{
	struct pcapng_builder b;
	struct pcapng_run run;

	built_head(&b, big);
	add(&b);
	run = run_all(&b);
	pcapng_builder_deinit(&b);
	return run;
}

static void add_isb_nowhere(struct pcapng_builder *b)
{
	size_t at = built_begin(b, 5);

	built_u32(b, 9);
	built_u32(b, 0);
	built_u32(b, 77);
	built_end(b, at);
}

static void comment_behind_the_end(struct pcapng_builder *b)
{
	size_t at = built_begin(b, 5);

	built_u32(b, 0);
	built_u64(b, 0);
	built_option(b, 4, "12345678", 8);
	built_option_end(b);
	built_option(b, 1, "not this", 8);
	built_end(b, at);
}

static void other_blocks(bool big)
{
	struct pcapng_run run = last_block(big, built_opb);

	assert_int_equal(run.result, 0);
	assert_int_equal(run.last.interface, 0);
	assert_int_equal(run.last.caplen, 3);
	assert_int_equal(run.last.origlen, 9);
	assert_true(run.last.has_time);
	assert_string_equal(run.comment, "old");

	run = last_block(big, built_isb);
	assert_int_equal(run.result, 0);
	assert_int_equal(run.last.interface, 0);
	assert_true(run.last.has_time);
	assert_int_equal(run.last.time_ns, 77);
	assert_null(run.last.data);
	assert_string_equal(run.comment, "isb");

	run = last_block(big, add_isb_nowhere);
	assert_int_equal(run.result, 0);
	assert_int_equal(run.last.interface, 9);
	assert_false(run.last.has_time);

	run = last_block(big, comment_behind_the_end);
	assert_int_equal(run.result, 0);
	assert_string_equal(run.comment, "");

	run = last_block(big, built_dsb);
	assert_int_equal(run.result, 0);
	assert_string_equal(run.comment, "dsb");

	run = last_block(big, built_others);
	assert_int_equal(run.result, 0);
	assert_int_equal(run.blocks, 2 + 6);
	assert_int_equal(cursor_left(&run.last.options), 0);
	assert_null(run.last.comment);
	assert_int_equal(run.last.interface, UINT32_MAX);
}

static void reads_other_blocks(void **state)
{
	(void)state;
	other_blocks(false);
	other_blocks(true);
}

static struct pcapng_run simple_packet(bool big, uint32_t snaplen, uint32_t origlen, uint32_t there)
{
	struct pcapng_builder b = {.big = big};
	struct pcapng_run run;
	size_t at;

	built_shb(&b, UINT64_MAX);
	built_idb(&b, snaplen, -1);
	at = built_begin(&b, 3);
	built_u32(&b, origlen);
	built_zero(&b, there);
	built_end(&b, at);
	run = run_all(&b);
	pcapng_builder_deinit(&b);
	return run;
}

static void simple_packets(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		assert_int_equal(simple_packet(big, 0, 61, 64).last.caplen, 61);
		assert_int_equal(simple_packet(big, 0, 64, 64).last.caplen, 64);
		assert_int_equal(simple_packet(big, 96, 1500, 96).last.caplen, 96);
		assert_int_equal(simple_packet(big, 96, 50, 52).last.caplen, 50);
		/* More than the block holds is not there, whatever the lengths say. */
		assert_int_equal(simple_packet(big, 0, 1500, 64).last.caplen, 64);
		assert_int_equal(simple_packet(big, 0, UINT32_MAX, 0).last.caplen, 0);
		assert_int_equal(simple_packet(big, 96, 1500, 96).last.origlen, 1500);
		assert_false(simple_packet(big, 96, 1500, 96).last.has_time);
	}
}

/* The time of an EPB with these ticks, or INT64_MIN for no time. */
static int64_t time_of(bool big, int tsresol, int64_t offset, uint64_t ticks)
{
	struct pcapng_builder b = {.big = big};
	uint8_t resolution = (uint8_t)tsresol;
	struct pcapng_run run;
	size_t at;

	built_shb(&b, UINT64_MAX);
	at = built_begin(&b, 1);
	built_u32(&b, 0);
	built_u32(&b, 0);
	built_u16(&b, 14);
	built_u16(&b, 8);
	built_u64(&b, (uint64_t)offset);
	if (tsresol >= 0)
		built_option(&b, 9, &resolution, 1);
	built_end(&b, at);
	built_epb(&b, 0, ticks, "", 0);
	run = run_all(&b);
	assert_int_equal(run.result, 0);
	assert_int_equal(run.blocks, 3);
	pcapng_builder_deinit(&b);
	return run.last.has_time ? run.last.time_ns : INT64_MIN;
}

static void times(bool big)
{
	assert_int_equal(time_of(big, -1, 0, 1234567), 1234567000);
	assert_int_equal(time_of(big, 6, 0, 1234567), 1234567000);
	assert_int_equal(time_of(big, 9, 0, 1700000000123456789), 1700000000123456789);
	assert_int_equal(time_of(big, 0, 0, 1700000000), 1700000000000000000);
	assert_int_equal(time_of(big, 12, 0, 1999), 1);
	assert_int_equal(time_of(big, 28, 0, UINT64_MAX), 1);
	assert_int_equal(time_of(big, 29, 0, UINT64_MAX), 0);
	assert_int_equal(time_of(big, 127, 0, UINT64_MAX), 0);
	/* base 2 */
	assert_int_equal(time_of(big, 0x80, 0, 3), 3000000000);
	assert_int_equal(time_of(big, 0x80 | 1, 0, 3), 1500000000);
	assert_int_equal(time_of(big, 0x80 | 9, 0, 512), 1000000000);
	assert_int_equal(time_of(big, 0x80 | 10, 0, 1025), 1000976562);
	assert_int_equal(time_of(big, 0x80 | 32, 0, 5ull << 31), 2500000000);
	assert_int_equal(time_of(big, 0x80 | 63, 0, 1ull << 63), 1000000000);
	assert_int_equal(time_of(big, 0x80 | 64, 0, 1ull << 63), 500000000);
	assert_int_equal(time_of(big, 0x80 | 72, 0, 1ull << 63), 1953125);
	assert_int_equal(time_of(big, 0x80 | 73, 0, 1ull << 63), 976562);
	assert_int_equal(time_of(big, 0x80 | 127, 0, UINT64_MAX), 0);
	/* offsets, and the ends of the range */
	assert_int_equal(time_of(big, 9, 1000, 5), 1000000000005);
	assert_int_equal(time_of(big, 9, -1000, 5), -999999999995);
	assert_int_equal(time_of(big, 9, 0, INT64_MAX), INT64_MAX);
	assert_int_equal(time_of(big, 9, 0, 1ull << 63), INT64_MIN);
	assert_int_equal(time_of(big, 0, 0, UINT64_MAX), INT64_MIN);
	assert_int_equal(time_of(big, 9, INT64_MIN, 0), INT64_MIN);
	assert_int_equal(time_of(big, 9, INT64_MAX, UINT64_MAX), INT64_MIN);
	/* Out of range only until the offset is taken in. */
	assert_int_equal(time_of(big, 9, -9000000000, 9000000001ull * 1000000000), 1000000000);
}

static void times_of_all_resolutions(void **state)
{
	(void)state;
	times(false);
	times(true);
}

static void damaged_options_of_a_packet(void **state)
{
	struct pcapng_option o = {.code = 7};
	uint8_t bytes[] = {1, 0, 3, 0, 'a', 'b', 'c', 0, 2, 0, 9, 0};
	struct cursor c;

	(void)state;
	for (size_t len = 1; len < 8; len++) {
		c = cursor_of(bytes, len);
		assert_int_equal(pcapng_option_next(&c, &o), -EBADMSG);
		assert_int_equal(pcapng_option_next(&c, &o), -EBADMSG);
		assert_int_equal(o.code, 7);
	}
	c = cursor_of(bytes, sizeof(bytes));
	assert_int_equal(pcapng_option_next(&c, &o), 1);
	assert_int_equal(o.len, 3);
	assert_int_equal(pcapng_option_next(&c, &o), -EBADMSG);
	c = cursor_of(bytes, 8);
	assert_int_equal(pcapng_option_next(&c, &o), 1);
	assert_int_equal(pcapng_option_next(&c, &o), 0);
}

/* Many blocks over the window's edge, and one far larger than it, then small ones again. */
static void more_than_a_window(void **state)
{
	static uint8_t data[3000];
	struct pcapng_builder b;
	unsigned int blocks = 2;
	struct pcapng_run run;
	size_t at;

	(void)state;
	built_head(&b, false);
	for (uint32_t len = 0; b.len < (5u << 20); len = (len + 37) % sizeof(data), blocks++)
		built_epb(&b, 0, blocks, data, len);
	at = built_begin(&b, 6);
	built_u64(&b, 0);
	built_u32(&b, 0);
	built_u32(&b, 9000001);
	built_u32(&b, 9000001);
	built_zero(&b, 9000004);
	built_option(&b, 1, "large", 5);
	built_end(&b, at);
	run = run_all(&b);
	assert_int_equal(run.result, 0);
	assert_int_equal(run.blocks, blocks + 1);
	assert_int_equal(run.last.caplen, 9000001);
	assert_string_equal(run.comment, "large");
	for (int i = 0; i < 5000; i++)
		built_epb(&b, 0, (uint64_t)i, data, 600);
	run = run_all(&b);
	assert_int_equal(run.result, 0);
	assert_int_equal(run.blocks, blocks + 1 + 5000);
	assert_int_equal(run.last.time_ns, 4999);
	pcapng_builder_deinit(&b);
}

struct feed {
	const struct pcapng_builder *b;
	int fd;
	size_t step;
};

static void *feeder(void *arg)
{
	struct feed *f = arg;

	for (size_t at = 0; at < f->b->len; at += f->step) {
		size_t n = f->b->len - at < f->step ? f->b->len - at : f->step;

		if (write(f->fd, f->b->data + at, n) != (ssize_t)n)
			break;
	}
	close(f->fd);
	return NULL;
}

static struct pcapng_run run_pipe(const struct pcapng_builder *b, size_t step)
{
	struct feed f = {.b = b, .step = step};
	pthread_t thread;
	struct pcapng_run run;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	f.fd = fds[1];
	assert_int_equal(pthread_create(&thread, NULL, feeder, &f), 0);
	run = run_fd(fds[0]);
	pthread_join(thread, NULL);
	return run;
}

static void reads_a_pipe(void **state)
{
	static uint8_t data[1000];
	struct pcapng_builder b;

	(void)state;
	built_head(&b, true);
	built_packet(&b);
	assert_int_equal(run_pipe(&b, 1).blocks, 3);
	for (int i = 0; i < 3000; i++)
		built_epb(&b, 0, (uint64_t)i, data, 997);
	assert_int_equal(run_pipe(&b, 4097).blocks, 3003);
	assert_int_equal(run_pipe(&b, 65536).result, 0);
	pcapng_builder_deinit(&b);
}

static void nothing(int signal)
{
	(void)signal;
}

struct interrupted {
	struct feed feed;
	pthread_t reading;
};

static void *interrupting_feeder(void *arg)
{
	struct interrupted *x = arg;

	for (int i = 0; i < 20; i++) {
		usleep(500);
		pthread_kill(x->reading, SIGUSR1);
	}
	return feeder(&x->feed);
}

static void survives_signals(void **state)
{
	struct sigaction action = {.sa_handler = nothing}; /* without SA_RESTART */
	struct interrupted x = {};
	struct pcapng_builder b;
	pthread_t thread;
	struct pcapng_run run;
	int fds[2];

	(void)state;
	built_head(&b, false);
	sigaction(SIGUSR1, &action, NULL);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	x.feed = (struct feed){.b = &b, .fd = fds[1], .step = 16};
	x.reading = pthread_self();
	assert_int_equal(pthread_create(&thread, NULL, interrupting_feeder, &x), 0);
	run = run_fd(fds[0]);
	pthread_join(thread, NULL);
	assert_int_equal(run.result, 0);
	assert_int_equal(run.blocks, 2);
	pcapng_builder_deinit(&b);
}

static void out_of_memory(void **state)
{
	struct pcapng_builder b;
	int failures = 0, fd;
	struct pcapng_run run;
	size_t at;

	(void)state;
	built_head(&b, false);
	for (int i = 0; i < 200; i++)
		built_idb(&b, 0, 9);
	at = built_begin(&b, 0x7777);
	built_zero(&b, 3u << 20);
	built_end(&b, at);
	for (int n = 0;; n++) {
		fd = built_fd(&b, b.len);
		alloc_fail_at(n);
		run = run_fd(fd);
		if (!alloc_fail_end())
			break;
		assert_int_equal(run.result, -ENOMEM);
		failures++;
	}
	assert_int_equal(run.result, 0);
	assert_int_equal(run.blocks, 2 + 200 + 1);
	/* reader, window, name, message; interfaces 64, 128, 256; window 2 MiB, then the block */
	assert_int_equal(failures, ALLOC_FAIL_WORKS ? 9 : 0);
	pcapng_builder_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_packet),
		cmocka_unit_test(several_sections),
		cmocka_unit_test(reads_other_blocks),
		cmocka_unit_test(simple_packets),
		cmocka_unit_test(times_of_all_resolutions),
		cmocka_unit_test(damaged_options_of_a_packet),
		cmocka_unit_test(more_than_a_window),
		cmocka_unit_test(reads_a_pipe),
		cmocka_unit_test(survives_signals),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

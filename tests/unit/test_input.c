// SPDX-License-Identifier: GPL-2.0-only
/* Compressed inputs: what zlib (and libzstd, where it is) make here has to come out again, whole,
 * cut and bent. */
#include "common/input.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#ifdef HAVE_LIBZSTD
#include <zstd.h>
#endif

#include "tests/support/alloc_fail.h"
#include "tests/support/pcapng_builder.h"

/* Bytes that compress, but not to nothing. */
static void fill(struct pcapng_builder *b, size_t n)
{
	uint32_t x = 1;

	for (size_t i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)(i % 7 ? i >> 8 : (x = x * 1664525 + 1013904223) >> 24);

		built_bytes(b, &byte, 1);
	}
}

static void gzip(struct pcapng_builder *to, const uint8_t *data, size_t n)
{
	size_t room = n + 1024;
	uint8_t *out = malloc(room);
	z_stream z = {.next_in = (Bytef *)(uintptr_t)data,
		      .avail_in = (uInt)n,
		      .next_out = out,
		      .avail_out = (uInt)room};

	assert_non_null(out);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	built_bytes(to, out, room - z.avail_out);
	deflateEnd(&z);
	free(out);
}

struct got {
	struct pcapng_builder bytes;
	ssize_t result;
	char why[160];
};

/* Everything, in steps of so many bytes. */
static struct got read_fd(int fd, size_t step)
{
	uint8_t *buf = malloc(step);
	struct got g = {};
	struct input in;
	ssize_t n;

	assert_non_null(buf);
	input_init(&in, fd);
	while ((n = input_read(&in, buf, step)) > 0)
		built_bytes(&g.bytes, buf, (size_t)n);
	g.result = n;
	assert_int_equal(input_read(&in, buf, step), n); /* for good */
	strcpy(g.why, input_why(&in));
	input_deinit(&in);
	free(buf);
	close(fd);
	return g;
}

static struct got read_len(const struct pcapng_builder *b, size_t len, size_t step)
{
	return read_fd(built_fd(b, len), step);
}

/* Frees g and says whether its bytes were exactly these. */
static void expect(struct got *g, ssize_t result, const uint8_t *data, size_t len)
{
	assert_int_equal(g->result, result);
	assert_int_equal(!result, !g->why[0] && !result);
	assert_int_equal(g->bytes.len, len);
	assert_true(!len || !memcmp(g->bytes.data, data, len));
	pcapng_builder_deinit(&g->bytes);
}

static void plain(void **state)
{
	static const char *const texts[] = {"",	   "a", "\x1f", "\x1fx", "\x28", "\x28\xb5\x2f",
					    "text"};
	struct pcapng_builder b = {};
	struct got g;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		built_bytes(&b, texts[i], strlen(texts[i]));
		g = read_len(&b, b.len, 4);
		expect(&g, 0, b.data, b.len);
		pcapng_builder_deinit(&b);
	}
	fill(&b, 300000);
	g = read_len(&b, b.len, 100000);
	expect(&g, 0, b.data, b.len);
	pcapng_builder_deinit(&b);
}

static void gzip_members(void **state)
{
	static const size_t steps[] = {4, 100, 65536, 1 << 20};
	struct pcapng_builder raw = {}, z = {};
	struct got g;

	(void)state;
	fill(&raw, 300000);
	gzip(&z, raw.data, 100000);
	gzip(&z, raw.data, 0); /* an empty member */
	gzip(&z, raw.data + 100000, 1);
	gzip(&z, raw.data + 100001, 199999);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		g = read_len(&z, z.len, steps[i]);
		expect(&g, 0, raw.data, raw.len);
	}
	built_zero(&z, 100000); /* padding */
	g = read_len(&z, z.len, 4096);
	expect(&g, 0, raw.data, raw.len);
	gzip(&z, raw.data, 5); /* and nothing behind it */
	g = read_len(&z, z.len, 4096);
	assert_non_null(strstr(g.why, "what follows is no gzip"));
	expect(&g, -EBADMSG, raw.data, raw.len);
	pcapng_builder_deinit(&raw);
	pcapng_builder_deinit(&z);
}

/* What came out before the cut is right, and the cut is told. */
static void gzip_cut_everywhere(void **state)
{
	struct pcapng_builder raw = {}, z = {};
	size_t before = 0;

	(void)state;
	fill(&raw, 3000);
	gzip(&z, raw.data, raw.len);
	for (size_t len = 2; len < z.len; len++) {
		struct got g = read_len(&z, len, 512);
		char words[96];

		snprintf(words, sizeof(words), "damaged gzip data at byte %zu of the file: it ends",
			 len);
		assert_non_null(strstr(g.why, words));
		assert_true(g.bytes.len >= before && g.bytes.len <= raw.len);
		before = g.bytes.len;
		expect(&g, -EBADMSG, raw.data, before);
	}
	assert_int_equal(before, raw.len); /* only the checksum was missing */
	pcapng_builder_deinit(&raw);
	pcapng_builder_deinit(&z);
}

static void gzip_bent_everywhere(void **state)
{
	struct pcapng_builder raw = {}, z = {};

	(void)state;
	fill(&raw, 500);
	gzip(&z, raw.data, raw.len);
	for (size_t i = 2; i < z.len; i++) {
		struct got g;

		z.data[i] ^= 0x55;
		g = read_len(&z, z.len, 512);
		/* Some bytes of the header are free. */
		assert_true(g.result == -EBADMSG || (g.result == 0 && i >= 3 && i < 10));
		pcapng_builder_deinit(&g.bytes);
		z.data[i] ^= 0x55;
	}
	pcapng_builder_deinit(&raw);
	pcapng_builder_deinit(&z);
}

struct feed {
	const struct pcapng_builder *b;
	int fd;
};

static void *feeder(void *arg)
{
	struct feed *f = arg;

	for (size_t i = 0; i < f->b->len; i++)
		if (write(f->fd, f->b->data + i, 1) != 1)
			break;
	close(f->fd);
	return NULL;
}

/* The magic comes in two reads. */
static void byte_by_byte(void **state)
{
	struct pcapng_builder raw = {}, z = {};
	struct feed f = {.b = &z};
	pthread_t thread;
	struct got g;
	int fds[2];

	(void)state;
	fill(&raw, 5000);
	gzip(&z, raw.data, raw.len);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	f.fd = fds[1];
	assert_int_equal(pthread_create(&thread, NULL, feeder, &f), 0);
	g = read_fd(fds[0], 4096);
	pthread_join(thread, NULL);
	expect(&g, 0, raw.data, raw.len);
	pcapng_builder_deinit(&raw);
	pcapng_builder_deinit(&z);
}

static void zstd(void **state)
{
	struct pcapng_builder raw = {}, z = {};
	struct got g;

	(void)state;
	fill(&raw, 300000);
#ifdef HAVE_LIBZSTD
	z.data = malloc(z.cap = 2 * ZSTD_compressBound(raw.len));
	assert_non_null(z.data);
	z.len = ZSTD_compress(z.data, z.cap, raw.data, 100000, 3);
	z.len += ZSTD_compress(z.data + z.len, z.cap - z.len, raw.data + 100000, 200000, 9);
	g = read_len(&z, z.len, 4096);
	expect(&g, 0, raw.data, raw.len);
	for (size_t len = 4; len < z.len; len += 997) {
		g = read_len(&z, len, 65536);
		if (g.result) /* not exactly between the frames */
			assert_non_null(strstr(g.why, "damaged zstd data at byte "));
		expect(&g, g.result, raw.data, g.bytes.len);
	}
	built_bytes(&z, "text", 4);
	g = read_len(&z, z.len, 4096);
	expect(&g, -EBADMSG, raw.data, raw.len);
#else
	built_bytes(&z, "\x28\xb5\x2f\xfd\x24", 5);
	g = read_len(&z, z.len, 4096);
	assert_non_null(strstr(g.why, "built without libzstd"));
	expect(&g, -EPROTONOSUPPORT, NULL, 0);
#endif
	pcapng_builder_deinit(&raw);
	pcapng_builder_deinit(&z);
}

static void errors_of_read(void **state)
{
	struct got g;

	(void)state;
	g = read_fd(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 4096);
	assert_int_equal(g.result, -EISDIR);
	pcapng_builder_deinit(&g.bytes);
}

static void out_of_memory(void **state)
{
	struct pcapng_builder raw = {}, z = {};
	uint8_t buf[512];
	bool failed = true;

	(void)state;
	fill(&raw, 100);
	gzip(&z, raw.data, raw.len);
	for (int n = 0; failed; n++) {
		int fd = built_fd(&z, z.len);
		struct input in;
		ssize_t got;

		input_init(&in, fd);
		alloc_fail_at(n);
		got = input_read(&in, buf, sizeof(buf));
		failed = alloc_fail_end();
		assert_int_equal(got, failed ? -ENOMEM : 100);
		assert_int_equal(input_read(&in, buf, sizeof(buf)), failed ? -ENOMEM : 0);
		input_deinit(&in);
		close(fd);
	}
	pcapng_builder_deinit(&raw);
	pcapng_builder_deinit(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(gzip_members),
		cmocka_unit_test(gzip_cut_everywhere),
		cmocka_unit_test(gzip_bent_everywhere),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(zstd),
		cmocka_unit_test(errors_of_read),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Printing by the BTF of real kernels, as it was recorded, and bent in thousands of ways: what
 * btf_check() lets through must not bring libbpf down. ASan watches our code, the heap and what
 * libbpf calls of libc; libbpf itself is not built with it.
 */
#include "report/render/skb_dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc_fail.h"
#include "tests/support/sink_fixture.h"

/* As the recorder's snapshots had it, made by record/skb_btf.c; from the heap, the caller frees. */
static uint8_t *recorded(const char *kernel, size_t *len)
{
	uint8_t *raw = malloc(65536);
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "tests/unit/btf/%s.btf", kernel);
	f = fopen(path, "re");
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	assert_non_null(raw);
	*len = fread(raw, 1, 65536, f);
	fclose(f);
	assert_true(*len > 1000);
	return raw;
}

static const char *const kernels[] = {"5.10", "6.1", "6.12", "7"};
#define KERNELS (sizeof(kernels) / sizeof(kernels[0]))

/* Ours only: libbpf 1.1 crashes in btf_dump__free() when memory ends in its btf_dump__new(). */
static void no_memory(void **state)
{
	struct skb_dump *d;
	size_t len;
	uint8_t *raw = recorded("6.12", &len);

	(void)state;
	for (int n = 0; ALLOC_FAIL_WORKS && n < 3; n++) {
		alloc_fail_at(n);
		assert_int_equal(skb_dump_create(raw, len, &d), -ENOMEM);
		assert_true(alloc_fail_end());
	}
	assert_int_equal(skb_dump_create(raw, len, &d), 0);
	skb_dump_destroy(d);
	assert_int_equal(skb_dump_create(raw, 0, &d), -ENODATA);
	skb_dump_destroy(NULL);
	free(raw);
}

/* 1 let through, 0 refused. */
static int try_print(const uint8_t *raw, size_t len)
{
	uint8_t skb[300];
	struct skb_dump *d;

	for (size_t i = 0; i < sizeof(skb); i++)
		skb[i] = (uint8_t)(7 * i + len);
	sink.len = 0;
	if (skb_dump_create(raw, len, &d))
		return 0;
	skb_dump_text(d, &sink, "", skb, 232);
	skb_dump_destroy(d);
	return 1;
}

/* The offset of len, from the kernels' own BTF as bpftool prints it. */
static void real_kernels(void **state)
{
	static const size_t len_at[KERNELS] = {112, 112, 112, 112};
	uint8_t skb[232] = {0};
	struct skb_dump *d;

	(void)state;
	for (size_t i = 0; i < KERNELS; i++) {
		size_t len;
		uint8_t *raw = recorded(kernels[i], &len);

		memset(skb, 0, sizeof(skb));
		skb[len_at[i]] = 0x39;
		skb[len_at[i] + 1] = 0x30;
		sink.len = 0;
		assert_int_equal(skb_dump_create(raw, len, &d), 0);
		assert_int_equal(skb_dump_text(d, &sink, "> ", skb, sizeof(skb)), 0);
		sink_char(&sink, 0);
		assert_memory_equal(sink.data, "> (struct sk_buff){\n>   (union){\n", 32);
		assert_non_null(strstr(sink.data, "\n>   .len = (unsigned int)12345,\n"));
		assert_non_null(strstr(sink.data, "\n>   .data_len = (unsigned int)0,\n"));
		assert_non_null(strstr(sink.data, "\n>   .users = (refcount_t){\n"));
		assert_non_null(strstr(sink.data, "\n> }\n"));
		assert_null(strchr(sink.data, '?'));
		skb_dump_destroy(d);
		free(raw);
	}
}

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % sides;
}

static void bend(uint8_t *raw, size_t len, uint32_t *seed)
{
	for (uint32_t changes = 1 + dice(seed, 3); changes; changes--) {
		size_t at = dice(seed, (uint32_t)len);

		switch (dice(seed, 4)) {
		case 0:
			raw[at] ^= (uint8_t)(1u << dice(seed, 8));
			break;
		case 1:
			raw[at] = (uint8_t)dice(seed, 256);
			break;
		case 2:
			raw[at]++;
			break;
		default:
			raw[at] = raw[dice(seed, (uint32_t)len)];
		}
	}
}

static void bent(void **state)
{
	unsigned int passed = 0, refused = 0;
	uint32_t seed = 1;

	(void)state;
	for (unsigned int round = 0; round < 4000; round++) {
		size_t len;
		uint8_t *raw = recorded(kernels[round % KERNELS], &len), *copy = malloc(len);

		assert_non_null(copy);
		memcpy(copy, raw, len); /* of exactly its size */
		free(raw);
		bend(copy, len, &seed);
		if (try_print(copy, len))
			passed++;
		else
			refused++;
		free(copy);
	}
	assert_true(passed > 100);
	assert_true(refused > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_memory),
		cmocka_unit_test(real_kernels),
		cmocka_unit_test(bent),
	};

	return cmocka_run_group_tests(tests, sink_up, sink_down);
}

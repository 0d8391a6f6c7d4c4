// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "common/packet.h"
#include "report/scrub/scrub_packet.h"
#include "tests/support/capture_builder.h"

static struct scrub_key *key;
static struct scrub_address *addresses;

static int begin(void **state)
{
	(void)state;
	return scrub_key_create(NULL, &key) || scrub_address_create(key, &addresses);
}

static int end(void **state)
{
	(void)state;
	scrub_address_destroy(addresses);
	scrub_key_destroy(key);
	return 0;
}

/* What the report reads out of both, but for addresses. */
static void expect_alike(const uint8_t *frame, size_t len)
{
	uint8_t to[SCRUB_PACKET_MOST];
	uint8_t *copy = malloc(len + 1); /* nothing behind it: ASan sees a step too far */
	struct event_tuple a, b;
	size_t n;

	memcpy(copy, frame, len);
	n = scrub_packet(addresses, copy, len, to);
	free(copy);
	assert_true(n <= len || n == 0);
	packet_parse(frame, len, &a);
	packet_parse(to, n, &b);
	memcpy(a.src, b.src, 16);
	memcpy(a.dst, b.dst, 16);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void cut_anywhere(void **state)
{
	uint8_t frame[512];
	uint32_t n;

	(void)state;
	n = builder_tcp4(frame, 0x0a010203, 4000, 0x0a010204, 80, 2);
	for (uint32_t len = 0; len <= n; len++)
		expect_alike(frame, len);
	n = builder_ping4(frame, 0x0a010203, 0x0a010204, false, 7, 1);
	for (uint32_t len = 0; len <= n; len++)
		expect_alike(frame, len);
}

/* Whatever stands there, as much is understood of it as before. */
static void anything(void **state)
{
	static const uint8_t types[][2] = {{8, 0}, {0x86, 0xdd}, {0x81, 0}, {8, 6}};
	static const uint8_t protos[] = {0, 1, 6, 17, 33, 43, 44, 51, 58, 60, 132, 136, 99};
	uint8_t frame[256];

	(void)state;
	srandom(7);
	for (int round = 0; round < 20000; round++) {
		for (size_t i = 0; i < sizeof(frame); i++)
			frame[i] = random() % 3 ? (uint8_t)random() : 0;
		memcpy(frame + 12, types[random() % 4], 2);
		frame[14] = frame[12] == 8 ? (uint8_t)(0x45 + random() % 3) : 0x60;
		frame[frame[12] == 8 ? 23 : 20] = protos[(size_t)random() % sizeof(protos)];
		frame[54] = protos[(size_t)random() % sizeof(protos)];
		frame[55] = (uint8_t)(random() % 3);
		expect_alike(frame, (size_t)random() % sizeof(frame));
	}
}

static void no_payload_no_options(void **state)
{
	static const uint8_t secret[] = "secret-payload";
	uint8_t frame[128], to[SCRUB_PACKET_MOST];
	uint32_t n = builder_tcp4(frame, 0x0a010203, 4000, 0x0a010204, 80, 2);

	(void)state;
	frame[46] = 0x80; /* 12 bytes of options: NOP, NOP, timestamps */
	memcpy(frame + n,
	       "\1\1\x08\x0a"
	       "abcdefgh",
	       12);
	memcpy(frame + n + 12, secret, sizeof(secret));
	frame[17] = (uint8_t)(20 + 32 + sizeof(secret));
	assert_int_equal(scrub_packet(addresses, frame, n + 12 + sizeof(secret), to), n + 12);
	assert_memory_equal(to + n, "\1\1\x08\x0a\0\0\0\0\0\0\0\0", 12);
	assert_memory_equal(to + 50, "\0\0", 2); /* checksum */
	assert_memory_not_equal(to + 26, frame + 26, 4);
	memcpy(frame + n,
	       "\x13\x0c"
	       "md5-secret",
	       12);
	assert_int_equal(scrub_packet(addresses, frame, n + 12, to), n + 12);
	assert_memory_equal(to + n, "\1\1\1\1\1\1\1\1\1\1\1\1", 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(anything),
		cmocka_unit_test(no_payload_no_options),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

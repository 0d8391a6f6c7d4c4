// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/scrub/scrub_address.h"
#include "tests/support/temp_file.h"

static const char one[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const char other[] = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static struct scrub_key *key;
static struct scrub_address *addresses;

static void begin(const char *text)
{
	assert_int_equal(scrub_key_create(text, &key), 0);
	assert_int_equal(scrub_address_create(key, &addresses), 0);
}

static void end(void)
{
	scrub_address_destroy(addresses);
	scrub_key_destroy(key);
}

static const uint8_t *ip(const char *text, uint8_t to[16])
{
	uint8_t from[16];

	if (strchr(text, ':')) {
		assert_int_equal(inet_pton(AF_INET6, text, from), 1);
		scrub_address_ip6(addresses, from, to);
	} else {
		assert_int_equal(inet_pton(AF_INET, text, from), 1);
		scrub_address_ip4(addresses, from, to);
	}
	return to;
}

static unsigned int common(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int i = 0;

	while (i < bits && !((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1))
		i++;
	return i;
}

static void prefixes_stay(void **state)
{
	uint8_t a[16], b[16], to_a[16], to_b[16];
	unsigned int len;

	(void)state;
	begin(one);
	srandom(1);
	for (int round = 0; round < 2000; round++) {
		for (int i = 0; i < 16; i++)
			a[i] = (uint8_t)random();
		a[0] = round % 5 ? a[0] : (uint8_t[]){0xff, 0xfe, 0, 127, 224}[round / 5 % 5];
		memcpy(b, a, 16);
		len = (unsigned int)random() % 128;
		for (unsigned int i = len; i < 128; i++)
			b[i / 8] ^= (uint8_t)((i == len || random() & 1) << (7 - i % 8));
		scrub_address_ip6(addresses, a, to_a);
		scrub_address_ip6(addresses, b, to_b);
		assert_int_equal(common(to_a, to_b, 128), len);
		scrub_address_ip4(addresses, a, to_a);
		scrub_address_ip4(addresses, b, to_b);
		assert_int_equal(common(to_a, to_b, 32), len < 32 ? len : 32);
	}
	end();
}

static void what_is_special_stays_so(void **state)
{
	static const char *const same[] = {"0.0.0.0",	  "127.0.0.1", "255.255.255.255",
					   "224.0.0.251", "::",	       "::1",
					   "ff02::1",	  "ff05::2",   "::ffff:127.0.0.1"};
	uint8_t to[16], from[16];

	(void)state;
	begin(one);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		bool six = strchr(same[i], ':');

		assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, same[i], from), 1);
		assert_memory_equal(ip(same[i], to), from, six ? 16 : 4);
	}
	assert_int_equal(ip("127.9.8.7", to)[0], 127);
	assert_memory_equal(ip("169.254.1.2", to), "\xa9\xfe", 2);
	assert_int_equal(ip("239.1.2.3", to)[0] >> 4, 14);
	assert_memory_equal(ip("fe80::1234", to), "\xfe\x80\0\0\0\0\0\0", 8);
	assert_memory_equal(ip("ff02::1:ff12:3456", to), "\xff\x02", 2);
	assert_int_equal(ip("10.0.0.1", to)[0] >> 3, 1);
	assert_memory_not_equal(ip("10.0.0.1", to), "\x0a\0\0\1", 4);
	ip("::ffff:10.0.0.1", from);
	assert_memory_equal(from + 12, ip("10.0.0.1", to), 4);
	end();
}

static void the_key_decides(void **state)
{
	uint8_t first[16], again[16], by_file[16], by_other[16];
	struct temp_file f = temp_file_text(
		"000102030405060708090A0B0C0D0E0F101112131415161718191a1b1c1d1e1f\n");

	(void)state;
	begin(one);
	ip("192.0.2.1", first);
	end();
	begin(one);
	ip("192.0.2.1", again);
	end();
	begin(f.path);
	ip("192.0.2.1", by_file);
	end();
	begin(other);
	ip("192.0.2.1", by_other);
	end();
	temp_file_destroy(&f);
	assert_memory_equal(first, again, 4);
	assert_memory_equal(first, by_file, 4);
	assert_memory_not_equal(first, by_other, 4);
}

static void keys_that_are_none(void **state)
{
	struct temp_file f = temp_file_text("too short");

	(void)state;
	assert_int_equal(scrub_key_create(f.path, &key), -EINVAL);
	assert_int_equal(scrub_key_create("/nonexistent", &key), -ENOENT);
	temp_file_destroy(&f);
	assert_int_equal(scrub_key_create(NULL, &key), 0);
	scrub_key_destroy(key);
}

static void macs(void **state)
{
	static const uint8_t same[][6] = {
		{0}, {255, 255, 255, 255, 255, 255}, {1, 0x80, 0xc2, 0, 0, 14}};
	uint8_t to[6], host[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};

	(void)state;
	begin(one);
	for (size_t i = 0; i < 3; i++) {
		scrub_address_mac(addresses, same[i], to);
		assert_memory_equal(to, same[i], 6);
	}
	scrub_address_mac(addresses, host, to);
	assert_memory_not_equal(to, host, 3);
	assert_int_equal(to[0] & 3, 2);
	scrub_address_mac(addresses, (uint8_t[]){1, 0, 0x5e, 1, 2, 3}, to);
	assert_memory_equal(to, "\1\0\x5e", 3);
	scrub_address_mac(addresses, (uint8_t[]){0x33, 0x33, 0xff, 1, 2, 3}, to);
	assert_memory_equal(to, "\x33\x33", 2);
	scrub_address_mac(addresses, host, host);
	assert_int_equal(host[0] & 3, 2);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_stay),
		cmocka_unit_test(what_is_special_stays_so),
		cmocka_unit_test(the_key_decides),
		cmocka_unit_test(keys_that_are_none),
		cmocka_unit_test(macs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

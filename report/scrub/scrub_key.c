// SPDX-License-Identifier: GPL-2.0-only
#include "report/scrub/scrub_key.h"

#include <errno.h>
#include <nettle/cmac.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/cleanup.h"
#include "common/cursor.h"
#include "common/log.h"

#define KEY_LEN	     AES256_KEY_SIZE
#define KEY_DIGITS   (2 * KEY_LEN)
#define FILE_MOST    4096
#define SECRET_LEAST 16 /* bytes: 128 bits, if they are random */

struct scrub_key {
	struct cmac_aes256_ctx cmac;
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool from_hex(const char *text, size_t len, uint8_t key[KEY_LEN])
{
	if (len != KEY_DIGITS)
		return false;
	for (size_t i = 0; i < KEY_DIGITS; i++)
		if (digit(text[i]) < 0)
			return false;
	for (size_t i = 0; i < KEY_LEN; i++)
		key[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
	return true;
}

static void from_bytes(const char *bytes, size_t len, uint8_t key[KEY_LEN])
{
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, len, (const uint8_t *)bytes);
	sha256_digest(&sha, KEY_LEN, key);
}

static int from_file(const char *name, uint8_t key[KEY_LEN])
{
	_cleanup_(fclosep) FILE *f = fopen(name, "re");
	char bytes[FILE_MOST + 1];
	size_t len;

	if (!f) {
		log_error("--scrub-key: neither 64 hexadecimal digits nor a file: %s: %s", name,
			  strerror(errno));
		return -ENOENT;
	}
	len = fread(bytes, 1, sizeof(bytes), f);
	if (ferror(f) || len > FILE_MOST || len < SECRET_LEAST) {
		log_error("--scrub-key: %s: %s", name,
			  ferror(f)	    ? strerror(errno)
			  : len > FILE_MOST ? "is over 4096 bytes long"
					    : "is under 16 bytes long, too short for a secret");
		return -EINVAL;
	}
	if (!from_hex(bytes, len - (bytes[len - 1] == '\n'), key))
		from_bytes(bytes, len, key);
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

static int read_key(const char *text, uint8_t key[KEY_LEN])
{
	if (text)
		return from_hex(text, strlen(text), key) ? 0 : from_file(text, key);
	if (getrandom(key, KEY_LEN, 0) == KEY_LEN)
		return 0;
	log_error("no random key: %s", strerror(errno));
	return -EIO;
}

int scrub_key_create(const char *text, struct scrub_key **ret)
{
	struct scrub_key *k = calloc(1, sizeof(*k));
	uint8_t key[KEY_LEN];
	int err;

	if (!k) {
		log_error("out of memory");
		return -ENOMEM;
	}
	err = read_key(text, key);
	if (err) {
		free(k);
		return err;
	}
	cmac_aes256_set_key(&k->cmac, key);
	explicit_bzero(key, sizeof(key));
	*ret = k;
	return 0;
}

void scrub_key_destroy(struct scrub_key *k)
{
	if (!k)
		return;
	explicit_bzero(k, sizeof(*k));
	free(k);
}

void scrub_key_hash(struct scrub_key *k, enum scrub_purpose purpose, const void *data, size_t len,
		    uint8_t ret[SCRUB_HASH_LEN])
{
	uint8_t first = (uint8_t)purpose;

	cmac_aes256_update(&k->cmac, 1, &first);
	cmac_aes256_update(&k->cmac, len, data);
	cmac_aes256_digest(&k->cmac, SCRUB_HASH_LEN, ret);
}

uint64_t scrub_key_number(struct scrub_key *k, enum scrub_purpose purpose, const void *data,
			  size_t len)
{
	uint8_t hash[SCRUB_HASH_LEN] = {};
	struct cursor c = cursor_of(hash, sizeof(hash));

	scrub_key_hash(k, purpose, data, len, hash);
	return cursor_le64(&c);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SCRUB_KEY_H
#define REPORT_SCRUB_KEY_H

/*
 * The secret that scrubbing depends on: a function from anything to 16 bytes that nobody without
 * the key can tell from chance, AES-256-CMAC (RFC 4493's mode). Nothing but this file knows the
 * library that does it.
 */

#include <stddef.h>
#include <stdint.h>

struct scrub_key; /* opaque */

#define SCRUB_HASH_LEN 16

/* What is hashed, so that equal bytes of two kinds have nothing in common. */
enum scrub_purpose {
	SCRUB_IP4 = 1,
	SCRUB_IP6,
	SCRUB_MAC,
	SCRUB_POINTER,
	SCRUB_CODE,
	SCRUB_UUID,
	SCRUB_NAME,
	SCRUB_NUMBER,
};

/*
 * text: 64 hexadecimal digits, or the name of a file with them or with at least 16 bytes of
 * anything; NULL: a random key. -errno after one line on stderr.
 */
int scrub_key_create(const char *text, struct scrub_key **ret);
void scrub_key_destroy(struct scrub_key *k);

void scrub_key_hash(struct scrub_key *k, enum scrub_purpose purpose, const void *data, size_t len,
		    uint8_t ret[SCRUB_HASH_LEN]);
/* The first 8 of them as a number. */
uint64_t scrub_key_number(struct scrub_key *k, enum scrub_purpose purpose, const void *data,
			  size_t len);

#endif

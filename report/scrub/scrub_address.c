// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each bit is turned or not by a keyed function of the bits before it, as Xu, Fan, Ammar and Moon
 * described (2002): that keeps prefixes, whatever the function. So it may as well say "not" along
 * the way to what is special, and the result is still one to one and keeps prefixes.
 *
 * A cache, since an address comes hundreds of times: each slot is overwritten by the next that
 * falls there.
 */
#include "report/scrub/scrub_address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CACHE 4096u

struct special {
	uint8_t bytes[16];
	uint8_t len; /* bits: the way to it is kept */
	uint8_t all; /* set: so is what is below it */
};

static const struct special special4[] = {
	{{0, 0, 0, 0}, 32, 1}, {{127, 0, 0, 1}, 32, 1}, {{255, 255, 255, 255}, 32, 1},
	{{169, 254}, 16, 0},   {{224}, 4, 0},		{{224}, 24, 1},
};

static const struct special special6[] = {
	{{[15] = 1}, 128, 1}, /* and ::, which parts from it only there */
	{{[10] = 0xff, [11] = 0xff}, 96, 0},
	{{0xfe, 0x80}, 64, 0},
};

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

struct scrub_address {
	struct scrub_key *key;
	struct cached {
		uint8_t purpose; /* 0 empty */
		uint8_t from[16];
		uint8_t to[16];
	} cache[CACHE];
};

int scrub_address_create(struct scrub_key *key, struct scrub_address **ret)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	(*ret)->key = key;
	return 0;
}

void scrub_address_destroy(struct scrub_address *a)
{
	free(a);
}

static unsigned int bit(const uint8_t *bytes, unsigned int i)
{
	return bytes[i / 8] >> (7 - i % 8) & 1u;
}

/* How many of the first bits are the same, at most len. */
static unsigned int common_bits(const uint8_t *a, const uint8_t *b, unsigned int len)
{
	unsigned int i = 0;

	while (i < len && bit(a, i) == bit(b, i))
		i++;
	return i;
}

/* How many of the first of `bits` bits are kept because of s: the one that parts from it too. */
static unsigned int kept_for(const struct special *s, const uint8_t *from, unsigned int bits)
{
	unsigned int same = common_bits(from, s->bytes, s->len);

	if (same < s->len)
		return same + 1;
	return s->all ? bits : s->len;
}

static unsigned int kept4(const uint8_t *from)
{
	unsigned int most = 0, n;

	for (size_t i = 0; i < sizeof(special4) / sizeof(special4[0]); i++) {
		n = kept_for(&special4[i], from, 32);
		most = n > most ? n : most;
	}
	return most;
}

static unsigned int kept6(const uint8_t *from)
{
	struct special group = {.bytes = {0xff}, .len = 8};
	unsigned int most = kept_for(&group, from, 128), n;

	if (from[0] == 0xff) {
		/* Flags and scope, and the groups that everybody has. */
		group = (struct special){.bytes = {0xff, from[1]}, .len = 120, .all = 1};
		n = kept_for(&group, from, 128);
		most = n > 16 ? n : 16;
	}
	for (size_t i = 0; i < sizeof(special6) / sizeof(special6[0]); i++) {
		n = kept_for(&special6[i], from, 128);
		most = n > most ? n : most;
	}
	return most;
}

/* Turns the bits of an address from the first one that is not kept. */
static void turn(struct scrub_key *key, enum scrub_purpose purpose, const uint8_t *from,
		 uint8_t *to, unsigned int kept, unsigned int bits)
{
	uint8_t prefix[17] = {}, hash[SCRUB_HASH_LEN];

	memcpy(to, from, bits / 8);
	for (unsigned int i = 0; i < bits; i++) {
		if (i >= kept) {
			prefix[0] = (uint8_t)i;
			scrub_key_hash(key, purpose, prefix, sizeof(prefix), hash);
			to[i / 8] ^= (uint8_t)((hash[0] & 1u) << (7 - i % 8));
		}
		prefix[1 + i / 8] |= (uint8_t)(bit(from, i) << (7 - i % 8));
	}
}

static struct cached *slot(struct scrub_address *a, enum scrub_purpose purpose, const uint8_t *from,
			   size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)purpose;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ from[i]) * 0x100000001b3u;
	return &a->cache[(hash ^ hash >> 32) % CACHE];
}

static void scrub(struct scrub_address *a, enum scrub_purpose purpose, const uint8_t *from,
		  uint8_t *to, size_t len)
{
	struct cached *c = slot(a, purpose, from, len);

	if (c->purpose != (uint8_t)purpose || memcmp(c->from, from, len)) {
		c->purpose = (uint8_t)purpose;
		memcpy(c->from, from, len);
		turn(a->key, purpose, c->from, c->to, len == 4 ? kept4(from) : kept6(from),
		     (unsigned int)len * 8);
	}
	memcpy(to, c->to, len);
}

void scrub_address_ip4(struct scrub_address *a, const uint8_t from[4], uint8_t to[4])
{
	scrub(a, SCRUB_IP4, from, to, 4);
}

void scrub_address_ip6(struct scrub_address *a, const uint8_t from[16], uint8_t to[16])
{
	if (memcmp(from, mapped, sizeof(mapped))) {
		scrub(a, SCRUB_IP6, from, to, 16);
		return;
	}
	memmove(to, from, sizeof(mapped));
	scrub_address_ip4(a, from + sizeof(mapped), to + sizeof(mapped));
}

/* How many bytes of a group's address say of which kind it is; 6: all of it. */
static size_t group_prefix(const uint8_t *mac)
{
	static const uint8_t bridge[5] = {0x01, 0x80, 0xc2}, ip4[3] = {0x01, 0x00, 0x5e};

	if (!memcmp(mac, bridge, sizeof(bridge)) || !memcmp(mac, "\xff\xff\xff\xff\xff\xff", 6))
		return 6;
	if (!memcmp(mac, ip4, sizeof(ip4)))
		return sizeof(ip4);
	return mac[0] == 0x33 && mac[1] == 0x33 ? 2 : 0;
}

void scrub_address_mac(struct scrub_address *a, const uint8_t from[6], uint8_t to[6])
{
	static const uint8_t zero[6];
	uint8_t hash[SCRUB_HASH_LEN];
	size_t prefix = from[0] & 1 ? group_prefix(from) : 0;

	if (!memcmp(from, zero, 6))
		prefix = 6;
	scrub_key_hash(a->key, SCRUB_MAC, from, 6, hash);
	if (!prefix)
		hash[0] = (uint8_t)((hash[0] & 0xfc) | 2 | (from[0] & 1));
	memmove(to, from, prefix);
	memcpy(to + prefix, hash + prefix, 6 - prefix);
}

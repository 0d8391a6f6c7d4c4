// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer's mutations, made to fit pcapng: a change in a block's body or an option's value leaves
 * the lengths around it right, or hardly any change would get further than them. One in four leaves
 * them wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define BLOCKS	 64u
#define SHB_TYPE 0x0a0d0d0au

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

struct span {
	size_t at;
	size_t len;
};

static unsigned int state;

static unsigned int dice(unsigned int sides)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % sides;
}

static bool big(const uint8_t *data, size_t size)
{
	return size >= 12 && data[8] == 0x1a;
}

static uint32_t get(const uint8_t *p, int bytes, bool is_big)
{
	uint32_t v = 0;

	for (int i = 0; i < bytes; i++)
		v |= (uint32_t)p[i] << 8 * (is_big ? bytes - 1 - i : i);
	return v;
}

static void put(uint8_t *p, int bytes, bool is_big, size_t v)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * (is_big ? bytes - 1 - i : i));
}

/* The blocks as they stand; how many. is_big is the last section's, good enough here. */
static unsigned int find_blocks(const uint8_t *data, size_t size, struct span *blocks)
{
	bool is_big = big(data, size);
	unsigned int n = 0;
	size_t at = 0;

	while (n < BLOCKS && size - at >= 12) {
		uint32_t len;

		if (get(data + at, 4, false) == SHB_TYPE)
			is_big = data[at + 8] == 0x1a;
		len = get(data + at + 4, 4, is_big);
		if (len < 12 || len > size - at || len % 4)
			break;
		blocks[n++] = (struct span){.at = at, .len = len};
		at += len;
	}
	return n;
}

/* Replaces what stands at `old` by len bytes; the new size, or 0 when it does not fit. */
static size_t splice(uint8_t *data, size_t size, size_t max, struct span old, const uint8_t *with,
		     size_t len)
{
	if (size - old.len + len > max)
		return 0;
	memmove(data + old.at + len, data + old.at + old.len, size - old.at - old.len);
	memcpy(data + old.at, with, len);
	return size - old.len + len;
}

static size_t fixed_len(const uint8_t *block, size_t len, bool is_big)
{
	switch (get(block, 4, is_big)) {
	case SHB_TYPE:
		return 24;
	case 1:
		return 16;
	case 5:
		return 20;
	case 6:
	case 2:
		return len >= 28 ? 28 + (((size_t)get(block + 20, 4, is_big) + 3) & ~(size_t)3)
				 : len;
	default:
		return len;
	}
}

/* A random option's value within the block; len 0: there is none. */
static struct span pick_option(const uint8_t *block, size_t len, bool is_big)
{
	size_t at = fixed_len(block, len, is_big), end = len - 4;
	struct span picked = {};

	for (unsigned int n = 1; at < end && end - at >= 4; n++) {
		size_t value = get(block + at + 2, 2, is_big);

		if (value > end - at - 4 || !get(block + at, 2, is_big))
			break;
		if (!dice(n))
			picked = (struct span){.at = at + 4, .len = value};
		at += 4 + ((value + 3) & ~(size_t)3);
		if (at > end)
			break;
	}
	return picked;
}

/* Mutates the body of a block, or an option's value in it, in a buffer of its own; its length. */
static size_t mutate_block(uint8_t *block, size_t len, size_t room, bool is_big)
{
	struct span o = dice(3) ? pick_option(block, len, is_big) : (struct span){};
	uint8_t *copy = malloc(room);
	size_t n, old;

	if (!copy)
		abort();
	if (o.len) {
		memcpy(copy, block + o.at, o.len);
		n = LLVMFuzzerMutate(copy, o.len, o.len + 64 < 65535 ? o.len + 64 : o.len);
		put(block + o.at - 2, 2, is_big, n);
		old = (o.len + 3) & ~(size_t)3;
	} else {
		o = (struct span){.at = 8, .len = len - 12};
		memcpy(copy, block + 8, o.len);
		n = LLVMFuzzerMutate(copy, o.len, o.len + 64);
		old = o.len;
	}
	while (n % 4)
		copy[n++] = 0;
	len = splice(block, len, room, (struct span){o.at, old}, copy, n);
	free(copy);
	put(block + 4, 4, is_big, len);
	put(block + len - 4, 4, is_big, len);
	return len;
}

static size_t mutate_one(uint8_t *data, size_t size, size_t max, struct span b, bool is_big)
{
	size_t room = b.len + 4096, len;
	uint8_t *block = malloc(room);
	size_t got = 0;

	if (!block)
		abort();
	memcpy(block, data + b.at, b.len);
	switch (dice(8)) {
	case 0: /* gone */
		got = splice(data, size, max, b, block, 0);
		break;
	case 1: /* twice, or after another one */
		b.len = 0;
		got = splice(data, size, max, b, block, get(block + 4, 4, is_big));
		break;
	default:
		len = mutate_block(block, b.len, room, is_big);
		if (len)
			got = splice(data, size, max, b, block, len);
	}
	free(block);
	return got;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct span blocks[BLOCKS];
	unsigned int n = find_blocks(data, size, blocks), i;
	bool is_big = big(data, size);
	size_t got;

	state = seed;
	if (!n || !dice(4))
		return LLVMFuzzerMutate(data, size, max);
	i = dice(n);
	for (unsigned int at = 0; at <= i; at++)
		if (get(data + blocks[at].at, 4, false) == SHB_TYPE)
			is_big = data[blocks[at].at + 8] == 0x1a;
	got = mutate_one(data, size, max, blocks[i], is_big);
	return got ? got : LLVMFuzzerMutate(data, size, max);
}

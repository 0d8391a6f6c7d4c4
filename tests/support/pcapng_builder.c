// SPDX-License-Identifier: GPL-2.0-only
/* Written against the pcapng draft only, so that writer and reader cannot agree on a mistake. */
#include "tests/support/pcapng_builder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void pcapng_builder_deinit(struct pcapng_builder *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

void built_bytes(struct pcapng_builder *b, const void *p, size_t n)
{
	if (b->len + n > b->cap) {
		b->cap = (b->len + n) * 2 + 64;
		b->data = realloc(b->data, b->cap);
		if (!b->data)
			abort();
	}
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
}

void built_zero(struct pcapng_builder *b, size_t n)
{
	static const uint8_t zeros[4096];

	for (; n > sizeof(zeros); n -= sizeof(zeros))
		built_bytes(b, zeros, sizeof(zeros));
	built_bytes(b, zeros, n);
}

static void number(struct pcapng_builder *b, uint64_t v, unsigned int bytes)
{
	uint8_t out[8];

	for (unsigned int i = 0; i < bytes; i++)
		out[b->big ? bytes - 1 - i : i] = (uint8_t)(v >> (8 * i));
	built_bytes(b, out, bytes);
}

void built_u16(struct pcapng_builder *b, uint16_t v)
{
	number(b, v, 2);
}

void built_u32(struct pcapng_builder *b, uint32_t v)
{
	number(b, v, 4);
}

void built_u64(struct pcapng_builder *b, uint64_t v)
{
	number(b, v, 8);
}

void built_pad(struct pcapng_builder *b)
{
	built_zero(b, (4 - b->len % 4) % 4);
}

void built_poke32(struct pcapng_builder *b, size_t at, uint32_t v)
{
	size_t len = b->len;

	b->len = at;
	built_u32(b, v);
	b->len = len;
}

size_t built_begin(struct pcapng_builder *b, uint32_t type)
{
	size_t at = b->len;

	built_u32(b, type);
	built_u32(b, 0);
	return at;
}

void built_end(struct pcapng_builder *b, size_t at)
{
	uint32_t length = (uint32_t)(b->len - at) + 4;

	built_u32(b, length);
	built_poke32(b, at + 4, length);
}

void built_option(struct pcapng_builder *b, uint16_t code, const void *value, uint16_t len)
{
	built_u16(b, code);
	built_u16(b, len);
	built_bytes(b, value, len);
	built_pad(b);
}

void built_option_end(struct pcapng_builder *b)
{
	built_u32(b, 0);
}

void built_shb(struct pcapng_builder *b, uint64_t section_length)
{
	size_t at = built_begin(b, 0x0a0d0d0a);

	built_u32(b, 0x1a2b3c4d);
	built_u16(b, 1);
	built_u16(b, 0);
	built_u64(b, section_length);
	built_end(b, at);
}

void built_idb(struct pcapng_builder *b, uint32_t snaplen, int tsresol)
{
	size_t at = built_begin(b, 1);
	uint8_t resolution = (uint8_t)tsresol;

	built_u16(b, 1);
	built_u16(b, 0);
	built_u32(b, snaplen);
	if (tsresol >= 0) {
		built_option(b, 9, &resolution, 1);
		built_option_end(b);
	}
	built_end(b, at);
}

void built_epb(struct pcapng_builder *b, uint32_t interface, uint64_t ticks, const void *data,
	       uint32_t len)
{
	size_t at = built_begin(b, 6);

	built_u32(b, interface);
	built_u32(b, (uint32_t)(ticks >> 32));
	built_u32(b, (uint32_t)ticks);
	built_u32(b, len);
	built_u32(b, len);
	built_bytes(b, data, len);
	built_pad(b);
	built_end(b, at);
}

void built_head(struct pcapng_builder *b, bool big)
{
	*b = (struct pcapng_builder){.big = big};
	built_shb(b, UINT64_MAX);
	built_idb(b, 0, 9);
}

void built_packet(struct pcapng_builder *b)
{
	size_t at = built_begin(b, 6);

	built_u32(b, 0);
	built_u32(b, 0x17979cfe);
	built_u32(b, 0x362a0000);
	built_u32(b, 5);
	built_u32(b, 1500);
	built_bytes(b, "hello\0\0\0", 8);
	built_option(b, 2, b->big ? "\0\0\0\1" : "\1\0\0\0", 4);
	built_option(b, 1, "a comment", 9);
	built_u16(b, 2989);
	built_u16(b, 4 + 3);
	built_u32(b, 32473);
	built_bytes(b, "abc\0", 4);
	built_option_end(b);
	built_end(b, at);
}

void built_opb(struct pcapng_builder *b)
{
	size_t at = built_begin(b, 2);

	built_u16(b, 0);
	built_u16(b, 3);
	built_u64(b, 0); /* both halves 0: the same in both orders */
	built_u32(b, 3);
	built_u32(b, 9);
	built_bytes(b, "abc\0", 4);
	built_option(b, 1, "old", 3);
	built_end(b, at);
}

void built_isb(struct pcapng_builder *b)
{
	size_t at = built_begin(b, 5);

	built_u32(b, 0);
	built_u32(b, 0);
	built_u32(b, 77);
	built_option(b, 1, "isb", 3);
	built_option_end(b);
	built_end(b, at);
}

void built_dsb(struct pcapng_builder *b)
{
	size_t at = built_begin(b, 10);

	built_u32(b, 0x544c534b);
	built_u32(b, 5);
	built_bytes(b, "keys\n\0\0\0", 8);
	built_option(b, 1, "dsb", 3);
	built_end(b, at);
}

void built_others(struct pcapng_builder *b)
{
	static const uint32_t types[BUILT_OTHERS] = {4, 9, 0xbad, 0x40000bad, 0x80001234, 0x7777};

	for (size_t i = 0; i < BUILT_OTHERS; i++) {
		size_t at = built_begin(b, types[i]);

		built_bytes(b, "\1\0\3\0com", 8); /* no option: we do not know where they are */
		built_end(b, at);
	}
}

int built_fd(const struct pcapng_builder *b, size_t len)
{
	int fd = memfd_create("built", MFD_CLOEXEC);
	size_t done = 0;
	ssize_t n;

	for (; fd >= 0 && done < len; done += (size_t)n) {
		n = write(fd, b->data + done, len - done);
		if (n <= 0)
			abort();
	}
	if (fd < 0 || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

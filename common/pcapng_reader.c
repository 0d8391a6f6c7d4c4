// SPDX-License-Identifier: GPL-2.0-only
/*
 * The framing: heads, lengths and tails of blocks, and everything that is wrong with an input
 * before a body is looked at. Bytes come from pcapng_window, bodies go to pcapng_section. A block
 * is parsed where it lies, once all of it is there.
 *
 * Section lengths in SHBs are ignored: the next SHB says where a section ends, also in a file that
 * was cut or appended to.
 */
#include "common/pcapng_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/pcapng_section.h"
#include "common/pcapng_window.h"

#define BLOCK_HEAD   8
#define BLOCK_MIN    12
#define SHB_MIN	     28
#define SHB_HEAD     12	 /* up to and with the byte-order magic */
#define MESSAGE_ROOM 256 /* of an error, besides the name */
#define GOING	     1	 /* no final result yet */

struct pcapng_reader {
	struct pcapng_window window;
	struct pcapng_section section;
	size_t current; /* length of the block given out last */
	bool swap;
	int result; /* GOING, or what every later call returns */
	bool not_pcapng;
	char *name;
	char *error;
	size_t error_size;
	size_t why; /* where in error the words begin, after name and offset */
};

int pcapng_reader_create(int fd, const char *name, struct pcapng_reader **ret)
{
	struct pcapng_reader *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	err = pcapng_window_init(&r->window, fd);
	r->result = GOING;
	r->name = strdup(name);
	/* Room for the message is there before there is anything to say. */
	r->error_size = strlen(name) + MESSAGE_ROOM;
	r->error = calloc(1, r->error_size);
	if (err || !r->name || !r->error) {
		pcapng_reader_destroy(r);
		return -ENOMEM;
	}
	*ret = r;
	return 0;
}

void pcapng_reader_destroy(struct pcapng_reader *r)
{
	if (!r)
		return;
	pcapng_window_deinit(&r->window);
	pcapng_section_deinit(&r->section);
	free(r->name);
	free(r->error);
	free(r);
}

void pcapng_reader_await(struct pcapng_reader *r, bool (*await)(void *ctx), void *ctx)
{
	input_await(&r->window.input, await, ctx);
}

const char *pcapng_reader_error(const struct pcapng_reader *r)
{
	return r->error;
}

const char *pcapng_reader_why(const struct pcapng_reader *r)
{
	return r->error + r->why;
}

bool pcapng_reader_not_pcapng(const struct pcapng_reader *r)
{
	return r->not_pcapng;
}

uint64_t pcapng_reader_offset(const struct pcapng_reader *r)
{
	return r->window.offset + r->current;
}

const struct pcapng_interface *pcapng_reader_interface(const struct pcapng_reader *r, uint32_t id)
{
	return pcapng_section_interface(&r->section, id);
}

/* Keeps the words, with the offset of the block being read, and returns err. */
static int __attribute__((format(printf, 3, 4)))
fail(struct pcapng_reader *r, int err, const char *fmt, ...)
{
	va_list ap;
	int n;

	n = snprintf(r->error, r->error_size, "%s: offset %llu: ", r->name,
		     (unsigned long long)r->window.offset);
	va_start(ap, fmt);
	vsnprintf(r->error + n, r->error_size - (size_t)n, fmt, ap);
	va_end(ap);
	r->why = (size_t)n;
	return err;
}

static int fail_not_pcapng(struct pcapng_reader *r, const char *why)
{
	r->not_pcapng = true;
	r->why = (size_t)snprintf(r->error, r->error_size, "%s: ", r->name);
	snprintf(r->error + r->why, r->error_size - r->why, "%s", why);
	return -EBADMSG;
}

/* 1 n bytes are there; 0 the input ends before; -errno, said. */
static int fill(struct pcapng_reader *r, size_t n)
{
	int got = pcapng_window_fill(&r->window, n);

	if (got == -ENOMEM)
		return fail(r, got, "not enough memory for a block of %zu bytes", n);
	if (got == -EPROTONOSUPPORT)
		return fail_not_pcapng(r, input_why(&r->window.input));
	if (got == -EBADMSG)
		return fail(r, got, "%s", input_why(&r->window.input));
	return got < 0 ? fail(r, got, "cannot read: %s", strerror(-got)) : got;
}

static bool all_zero(struct cursor c)
{
	while (cursor_left(&c))
		if (cursor_u8(&c))
			return false;
	return true;
}

static int fail_zeros(struct pcapng_reader *r)
{
	return fail(r, -EBADMSG,
		    "zeros where a block should begin; the end of the file was never written");
}

/* length is 0 where the block did not get to tell it. 0 where nobody waits for its rest. */
static int fail_truncated(struct pcapng_reader *r, uint32_t length)
{
	size_t there = pcapng_window_available(&r->window);

	if (r->window.input.stopped)
		return 0;
	/* Fewer zeros may be the beginning of a big-endian type. */
	if (there >= sizeof(uint32_t) && all_zero(pcapng_window_cursor(&r->window)))
		return fail_zeros(r);
	if (length)
		return fail(r, -EBADMSG,
			    "truncated: a block of %u bytes, of which only %zu are there", length,
			    there);
	return fail(r, -EBADMSG, "truncated: only %zu bytes of a block are there", there);
}

static bool starts_with(struct cursor c, const uint8_t *magic, size_t len)
{
	const uint8_t *at = cursor_bytes(&c, len);

	return at && memcmp(at, magic, len) == 0;
}

/* Says what the input is instead, as far as its first bytes tell. */
static int fail_first_bytes(struct pcapng_reader *r)
{
	static const struct {
		uint8_t magic[4];
		uint8_t len;
		const char *why;
	} known[] = {
		{{0x1f, 0x8b}, 2, "compressed twice; decompress it once (gzip -dc)"},
		{{0x28, 0xb5, 0x2f, 0xfd}, 4, "compressed twice; decompress it once (zstd -dc)"},
		{{0x04, 0x22, 0x4d, 0x18}, 4, "lz4-compressed; decompress it first (lz4 -dc)"},
		{{0xfd, '7', 'z', 'X'}, 4, "xz-compressed; decompress it first (xz -dc)"},
		{{0xa1, 0xb2, 0xc3, 0xd4}, 4, "a classic pcap file, which holds no pwru data"},
		{{0xd4, 0xc3, 0xb2, 0xa1}, 4, "a classic pcap file, which holds no pwru data"},
		{{0xa1, 0xb2, 0x3c, 0x4d}, 4, "a classic pcap file, which holds no pwru data"},
		{{0x4d, 0x3c, 0xb2, 0xa1}, 4, "a classic pcap file, which holds no pwru data"},
	};

	struct cursor c = pcapng_window_cursor(&r->window);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (starts_with(c, known[i].magic, known[i].len))
			return fail_not_pcapng(r, known[i].why);
	return fail_not_pcapng(r, "not a pcapng file");
}

/* The very first bytes. 1 a section header, or the cut beginning of one. */
static int take_first_bytes(struct pcapng_reader *r)
{
	static const uint8_t shb[] = {0x0a, 0x0d, 0x0d, 0x0a};
	int got = fill(r, sizeof(shb));
	size_t there = pcapng_window_available(&r->window);

	if (got < 0)
		return got;
	if (!there)
		return fail_not_pcapng(r, "empty");
	if (!starts_with(pcapng_window_cursor(&r->window), shb, got ? sizeof(shb) : there))
		return fail_first_bytes(r);
	return 1;
}

/* A section header tells the byte order of its own length, and of all up to the next. 1; 0 the end;
 * -errno. */
static int take_order(struct pcapng_reader *r)
{
	struct cursor c = pcapng_window_cursor(&r->window);
	uint32_t magic;
	int got;

	if (cursor_u32(&c) != PCAPNG_SHB) /* reads the same in both orders */
		return 1;
	got = fill(r, SHB_HEAD);
	if (got <= 0)
		return got < 0 ? got : fail_truncated(r, 0);
	c = pcapng_window_cursor(&r->window);
	cursor_bytes(&c, BLOCK_HEAD);
	magic = cursor_u32(&c);
	if (magic != PCAPNG_BYTE_ORDER_MAGIC && magic != __builtin_bswap32(PCAPNG_BYTE_ORDER_MAGIC))
		return fail(r, -EBADMSG, "section header block without the byte-order magic");
	r->swap = magic != PCAPNG_BYTE_ORDER_MAGIC;
	return 1;
}

static int check_length(struct pcapng_reader *r, uint32_t type, uint32_t length)
{
	if (!type && !length)
		return fail_zeros(r);
	if (length % 4)
		return fail(r, -EBADMSG, "block length %u is not a multiple of 4", length);
	if (length < (type == PCAPNG_SHB ? SHB_MIN : BLOCK_MIN))
		return fail(r, -EBADMSG, "block length %u is too small", length);
	if (length > PCAPNG_MAX_READ_BLOCK)
		return fail(r, -EBADMSG, "block length %u is over the limit of %u", length,
			    PCAPNG_MAX_READ_BLOCK);
	return 1;
}

/* 1 and the block's type and length, which can be true; 0 the end; -errno. */
static int take_head(struct pcapng_reader *r, uint32_t *type, uint32_t *length)
{
	struct cursor c;
	int got = fill(r, BLOCK_HEAD);

	if (got < 0)
		return got;
	if (!got)
		return pcapng_window_available(&r->window) ? fail_truncated(r, 0) : 0;
	got = take_order(r);
	if (got <= 0)
		return got;
	c = pcapng_window_cursor(&r->window);
	c.swap = r->swap;
	*type = cursor_u32(&c);
	*length = cursor_u32(&c);
	return check_length(r, *type, *length);
}

/* Fills *b from the block, which is all there. */
static int take_block(struct pcapng_reader *r, uint32_t type, uint32_t length,
		      struct pcapng_block *b)
{
	struct cursor c = cursor_of(pcapng_window_cursor(&r->window).p, length);
	uint32_t tail;
	int err;

	c.swap = r->swap;
	cursor_bytes(&c, BLOCK_HEAD);
	*b = (struct pcapng_block){
		.type = type,
		.offset = r->window.offset,
		.length = length,
		.section = r->section.number,
		.body = c,
		.interface = UINT32_MAX,
	};
	b->body.end -= sizeof(tail);
	b->options = b->body;
	b->options.p = b->options.end;
	c.p = b->body.end;
	tail = cursor_u32(&c);
	if (tail != length)
		return fail(r, -EBADMSG, "block length %u at the block's start, but %u at its end",
			    length, tail);
	err = pcapng_section_take(&r->section, b);
	return err ? fail(r, err, "%s", r->section.why) : 0;
}

static int next_block(struct pcapng_reader *r, struct pcapng_block *b)
{
	uint32_t type = 0, length = 0;
	int got, err;

	pcapng_window_consume(&r->window, r->current);
	r->current = 0;
	got = r->section.begun ? 1 : take_first_bytes(r);
	if (got > 0)
		got = take_head(r, &type, &length);
	if (got <= 0)
		return got;
	got = fill(r, length);
	if (got <= 0)
		return got < 0 ? got : fail_truncated(r, length);
	err = take_block(r, type, length, b);
	if (err)
		return err;
	r->current = length;
	return 1;
}

int pcapng_reader_next(struct pcapng_reader *r, struct pcapng_block *b)
{
	struct pcapng_block block;
	int got;

	if (r->result != GOING)
		return r->result;
	got = next_block(r, &block);
	if (got > 0)
		*b = block;
	else
		r->result = got;
	return got;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_PCAPNG_READER_H
#define COMMON_PCAPNG_READER_H

/*
 * Reads any valid pcapng, block by block, from a file or a pipe, compressed or not (input.h says
 * which). It knows blocks and options, no events.
 *
 * Memory: one window of 1 MiB, which grows only to hold a block that really is there, what input.h
 * says of compressed input, and up to 32 bytes an interface of the current section. So a reader
 * takes 6 MiB and the largest block on top of what the program takes for itself, whatever the
 * input's size or what it expands to, as long as no section has over 100,000 interfaces; a zstd
 * window of up to 8 MiB comes on top.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/cursor.h"
#include "common/pcapng.h"

#define PCAPNG_MAX_READ_BLOCK (256u << 20) /* a larger block is damage */

struct pcapng_reader; /* opaque */

/* An interface of the current section, as its IDB says. */
struct pcapng_interface {
	uint16_t linktype;
	uint8_t tsresol; /* as in if_tsresol */
	uint32_t snaplen;
	int64_t tsoffset; /* seconds */
};

/* One block. Everything is borrowed until the next pcapng_reader_next(). */
struct pcapng_block {
	uint32_t type;
	uint64_t offset;    /* in the (decompressed) input, of the block's first byte */
	uint32_t length;    /* whole, as the block says */
	uint32_t section;   /* 0 first */
	struct cursor body; /* between the two lengths */

	/* For IDB: its own number. For EPB, OPB, SPB and ISB: the one they name. Else UINT32_MAX.
	 * A packet's is always there (else it is damage); an ISB's may not be. */
	uint32_t interface;
	/* EPB, OPB, SPB: the packet. */
	const uint8_t *data;
	uint32_t caplen;
	uint32_t origlen;
	bool has_time;
	int64_t time_ns; /* since 1970; EPB, OPB, ISB; no time outside the years 1677 to 2262 */

	/* Empty if the block has none or we do not know where they are (journal, custom and unknown
	 * blocks). Sound only in an IDB; elsewhere pcapng_option_next() may find damage. */
	struct cursor options;
	const char *comment; /* borrowed, first opt_comment; NULL: none. Not ended by a NUL */
	uint16_t comment_len;
};

struct pcapng_option {
	uint16_t code;
	uint16_t len; /* of value, after the PEN for custom options */
	const uint8_t *value;
	uint32_t pen; /* custom options only */
};

/*
 * Reads from fd, which the caller keeps open, and closes. name is for messages and is copied.
 * -ENOMEM.
 */
int pcapng_reader_create(int fd, const char *name, struct pcapng_reader **ret);
void pcapng_reader_destroy(struct pcapng_reader *r);

/* See input_await(). When that stops in the middle of a block, this is the end, and no damage. */
void pcapng_reader_await(struct pcapng_reader *r, bool (*await)(void *ctx), void *ctx);

/*
 * 1 a block; 0 the end, all of it was well; -EBADMSG damage: pcapng_reader_error() says what and
 * where; -ENOMEM; another -errno when read(2) failed. After an error or the end every call gives
 * the same again. *b is filled in with 1 only.
 */
int pcapng_reader_next(struct pcapng_reader *r, struct pcapng_block *b);

/* "FILE: offset 1234: block length 17 is not a multiple of 4". Borrowed; "" without an error. */
const char *pcapng_reader_error(const struct pcapng_reader *r);

/* Of that, only what is wrong: "block length 17 is not a multiple of 4". */
const char *pcapng_reader_why(const struct pcapng_reader *r);

/* True when not a single block could be read because the input is no pcapng at all. */
bool pcapng_reader_not_pcapng(const struct pcapng_reader *r);

/* Bytes of the input consumed so far. */
uint64_t pcapng_reader_offset(const struct pcapng_reader *r);

/* The interface of the current section; NULL if there is none of that number. */
const struct pcapng_interface *pcapng_reader_interface(const struct pcapng_reader *r, uint32_t id);

/* Iterates over a copy of block.options: 1 an option, 0 the end (opt_endofopt or the last byte),
 * -EBADMSG. */
int pcapng_option_next(struct cursor *options, struct pcapng_option *o);

#endif

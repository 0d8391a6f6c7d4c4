/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_SNAPSHOT_CODEC_H
#define COMMON_SNAPSHOT_CODEC_H

/*
 * The snapshot: what the capture knows of the machine it was made on. A sequence of typed records
 * (FORMAT.md, "The snapshot"), compressed with zlib and cut into pieces that fit options.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/cursor.h"

enum snapshot_record {
	SNAPSHOT_HOST = 1,
	SNAPSHOT_SYMBOLS,
	SNAPSHOT_MODULES,
	SNAPSHOT_KERNEL,
	SNAPSHOT_REASONS,
	SNAPSHOT_INTERFACES,
	SNAPSHOT_NETNS,
	SNAPSHOT_PROBES,
	SNAPSHOT_BTF,
	SNAPSHOT_RECORDS
};

/* A longer snapshot is refused; so is one over a MiB that is this many times its compressed length:
 * real ones are 10 times that, made-up ones a thousand. */
#define SNAPSHOT_MAX_RAW   (256u << 20)
#define SNAPSHOT_MAX_RATIO 100u
#define SNAPSHOT_MAX_PIECE 65000u

/* Appends one record to a raw snapshot. */
void snapshot_record_append(struct buf *raw, enum snapshot_record type, const void *value,
			    size_t len);

/* One symbol of SYMBOLS, to be appended in order of address; *prev starts at 0 and is kept by the
 * caller. */
void snapshot_symbol_append(struct buf *syms, uint64_t *prev, uint64_t addr, char type,
			    uint32_t module, const char *name);
/* 1 a symbol, 0 the end, -EBADMSG. name is borrowed, NUL-ended. */
int snapshot_symbol_next(struct cursor *c, uint64_t *prev, uint64_t *addr, char *type,
			 uint32_t *module, const char **name);

/* Compresses raw into z (appended). -ENOMEM, -E2BIG over SNAPSHOT_MAX_RAW. */
int snapshot_compress(const struct buf *raw, struct buf *z);

/* Gathers pieces in any order, with repeats (mergecap, several sections). At most 16,384 pieces. */
struct snapshot_pieces;
int snapshot_pieces_create(struct snapshot_pieces **ret);
void snapshot_pieces_destroy(struct snapshot_pieces *p);
/*
 * 0; 1 when that piece completed it; -EBADMSG when it contradicts the others; -E2BIG when raw_len
 * is over SNAPSHOT_MAX_RAW; -EFBIG when the pieces are far longer than that; -ENOMEM. Copies data.
 */
int snapshot_pieces_add(struct snapshot_pieces *p, uint32_t index, uint32_t count, uint32_t raw_len,
			const uint8_t *data, uint32_t len);
bool snapshot_pieces_complete(const struct snapshot_pieces *p);
/* Appends them to z in their order: the compressed stream, when they are complete. */
void snapshot_pieces_join(const struct snapshot_pieces *p, struct buf *z);

/* A whole snapshot, inflated. Records that are absent have .len 0. */
struct snapshot {
	struct buf raw;
	struct {
		const uint8_t *data; /* borrowed from raw */
		size_t len;
	} record[SNAPSHOT_RECORDS];
};

/*
 * Inflates the complete pieces and finds the records. On success the caller owns *ret;
 * snapshot_destroy(). -EBADMSG damaged; -EFBIG larger than it said; -E2BIG over SNAPSHOT_MAX_RATIO;
 * -ENODATA incomplete; -ENOMEM.
 */
int snapshot_create(const struct snapshot_pieces *p, struct snapshot **ret);
void snapshot_destroy(struct snapshot *s);

/* What is wrong, to follow "the snapshot": "is damaged", or which limit it is refused by. */
const char *snapshot_why(int err);

/* CRC-32 (as in zlib) of a record's bytes: 0 of none. */
uint32_t snapshot_crc(const struct snapshot *s, enum snapshot_record type);

/*
 * The value of key in a record of lines key=value, copied to value (cut to size, NUL-ended). false:
 * no such key.
 */
bool snapshot_value(const struct snapshot *s, enum snapshot_record type, const char *key,
		    char *value, size_t size);

/* Iterates over the lines of a record or note: 1 a line (borrowed, without its newline), 0 the end.
 * The last line may lack its newline. */
int snapshot_line_next(struct cursor *c, const char **line, size_t *len);

#endif

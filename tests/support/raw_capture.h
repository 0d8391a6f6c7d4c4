/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SUPPORT_RAW_CAPTURE_H
#define TESTS_SUPPORT_RAW_CAPTURE_H

/*
 * A capture file taken apart from the pcapng draft alone, sharing no code with what wrote it or
 * with our reader. Anything that is not whole and little-endian is a failed assertion.
 */

#include <stddef.h>
#include <stdint.h>

/* Types of blocks, as the pcapng draft numbers them. */
#define SHB 0x0a0d0d0a
#define IDB 1
#define ISB 5
#define EPB 6

struct raw_block {
	uint32_t type;
	const uint8_t *body; /* between the two lengths */
	size_t len;
	size_t options; /* where they begin in body */
};

struct raw_capture {
	uint8_t *data;
	size_t len;
	struct raw_block blocks[1024];
	size_t count;
};

struct raw_capture raw_capture_read(const char *path);
void raw_capture_destroy(struct raw_capture *c);

uint32_t raw_u16(const uint8_t *p);
uint32_t raw_u32(const uint8_t *p);
uint64_t raw_u64(const uint8_t *p);

/* The nth option of that code, 0 first; NULL when there is none. */
const uint8_t *raw_option(const struct raw_block *b, uint32_t code, unsigned int nth, size_t *len);
void raw_expect_text(const struct raw_block *b, uint32_t code, const char *want);
void raw_expect_none(const struct raw_block *b, uint32_t code);
/* The nth custom option after PEN, header and all; its kind is asserted. */
const uint8_t *raw_payload(const struct raw_block *b, unsigned int kind, unsigned int nth,
			   size_t *len);

/* An ISB of that interface, with if_recv. */
/* The EPB of a NOTE of that type, with that body. */
void raw_expect_note(const struct raw_block *b, unsigned int type, const char *body);

/* An option of 8 bytes. */
void raw_expect_u64(const struct raw_block *b, uint16_t code, uint64_t want);
void raw_expect_isb(const struct raw_block *b, uint32_t interface, uint64_t received);
/*
 * The snapshot's pieces joined and inflated, a NUL behind them; the caller frees. metas: the number
 * of interfaces they came from.
 */
char *raw_snapshot(const struct raw_capture *c, uint32_t *metas);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SUPPORT_PCAPNG_BUILDER_H
#define TESTS_SUPPORT_PCAPNG_BUILDER_H

/*
 * pcapng bytes by hand, in either byte order, right or wrong. It shares nothing with pcapng_writer:
 * numbers are written out from the specification. Aborts without memory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcapng_builder {
	bool big; /* big-endian from here on */
	uint8_t *data;
	size_t len;
	size_t cap;
};

void pcapng_builder_deinit(struct pcapng_builder *b);

void built_bytes(struct pcapng_builder *b, const void *p, size_t n);
void built_zero(struct pcapng_builder *b, size_t n);
void built_u16(struct pcapng_builder *b, uint16_t v);
void built_u32(struct pcapng_builder *b, uint32_t v);
void built_u64(struct pcapng_builder *b, uint64_t v);
void built_pad(struct pcapng_builder *b);
/* Writes over what is there. */
void built_poke32(struct pcapng_builder *b, size_t at, uint32_t v);

/* A block is what stands between the two; end writes both lengths. */
size_t built_begin(struct pcapng_builder *b, uint32_t type);
void built_end(struct pcapng_builder *b, size_t at);

void built_option(struct pcapng_builder *b, uint16_t code, const void *value, uint16_t len);
void built_option_end(struct pcapng_builder *b);

/* Whole blocks. */
void built_shb(struct pcapng_builder *b, uint64_t section_length);
/* tsresol < 0: no such option. */
void built_idb(struct pcapng_builder *b, uint32_t snaplen, int tsresol);
void built_epb(struct pcapng_builder *b, uint32_t interface, uint64_t ticks, const void *data,
	       uint32_t len);

/* A section header and one interface (ns): what nearly every input begins with. */
#define BUILT_HEAD_LEN (28 + 32)
void built_head(struct pcapng_builder *b, bool big);

/* One block of a kind, with something in it; they want interface 0. */
void built_packet(struct pcapng_builder *b); /* an EPB with three options */
void built_opb(struct pcapng_builder *b);
void built_isb(struct pcapng_builder *b);
void built_dsb(struct pcapng_builder *b);
#define BUILT_OTHERS 6
void built_others(struct pcapng_builder *b); /* NRB, journal, custom and unknown blocks */

/* A file holding the first len bytes, read from its start; to be closed. */
int built_fd(const struct pcapng_builder *b, size_t len);

#endif

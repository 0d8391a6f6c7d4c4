/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_PCAPNG_SECTION_H
#define COMMON_PCAPNG_SECTION_H

/*
 * One section of a pcapng: its interfaces, and the bodies of its blocks. The reader's other half:
 * it knows no input and no offsets.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/pcapng_reader.h"

struct pcapng_section {
	bool begun;	 /* there was a section header */
	uint32_t number; /* 0 first */
	struct pcapng_interface *interface;
	uint32_t interfaces;
	uint32_t interfaces_cap;
	char why[160]; /* the words of the last error */
};

/* Zero-initialised is an input without a section so far. */
void pcapng_section_deinit(struct pcapng_section *s);

/*
 * Fills in what is in b->body, by b->type. A section header begins the next section; an interface
 * description adds an interface. 0; -EBADMSG or -ENOMEM, with words in why.
 */
int pcapng_section_take(struct pcapng_section *s, struct pcapng_block *b);

const struct pcapng_interface *pcapng_section_interface(const struct pcapng_section *s,
							uint32_t id);

#endif

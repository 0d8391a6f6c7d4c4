/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SUPPORT_CONFORMANCE_H
#define TESTS_SUPPORT_CONFORMANCE_H

/*
 * What the public conformance files of pcapng are about, built anew byte by byte: each block type
 * alone and among others, each option, sections of either byte order, sections without anything.
 * With each file goes the listing that `pwru-report blocks` owes for it, written while the bytes
 * are, by what is meant and not by what was read.
 */

#include "tests/support/pcapng_builder.h"

struct conformance {
	struct pcapng_builder file;
	char *listing; /* a line a block */
	size_t listing_len;
	unsigned int packets; /* EPB, SPB and Packet Blocks */
	unsigned int interfaces;
	unsigned int sections;
};

/* Names of the files in order; NULL after the last. */
const char *conformance_name(unsigned int i);
/* Builds one; sections are big-endian unless they say otherwise. Aborts without memory. */
void conformance_build(unsigned int i, bool big, struct conformance *ret);
void conformance_deinit(struct conformance *c);

#endif

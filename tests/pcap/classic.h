/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_PCAP_CLASSIC_H
#define TESTS_PCAP_CLASSIC_H

/* Classic programs that libpcap's compiler would not write. Valid: bpf_validate(). */

#include "record/cbpf.h"
#include "tests/pcap/dice.h"

#define CLASSIC_MOST 256

/* Returns how many instructions; in: CLASSIC_MOST. */
size_t classic_make(struct dice *d, struct cbpf_insn *in);

/*
 * Does it read scratch memory that it may not have written? libpcap's compiler writes such code
 * (`geneve or link[len] = 1`), and then bpf_filter() decides by what is on its stack.
 */
bool classic_undefined(const struct cbpf_insn *in, size_t n);

#endif

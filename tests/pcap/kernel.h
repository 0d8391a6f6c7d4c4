/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_PCAP_KERNEL_H
#define TESTS_PCAP_KERNEL_H

/*
 * Runs filters in the kernel: the arrays that pwru-record has, put in by record/splice.c, on
 * packets that were handed over before.
 */

#include <stdbool.h>
#include <stdint.h>

struct pcap_filter;
struct pcap_run; /* opaque: the skeleton */

struct kernel {
	struct pcap_run *maps; /* owns the maps of all that follow */
	struct pcap_run *now;  /* the program loaded last */
	int fd;
};

/* 0 or -errno. */
int kernel_open(struct kernel *k);
void kernel_close(struct kernel *k);

/* bytes: RUN_BYTES of them. */
int kernel_put(struct kernel *k, uint32_t index, const uint8_t *bytes);

/* Replaces the program by one with these filters, either of which may be NULL. */
int kernel_load(struct kernel *k, const struct pcap_filter *first,
		const struct pcap_filter *second);

/* 1, 0, or -errno. which: RUN_L2 … ; address: in place of the packet's, if not 0. */
int kernel_verdict(const struct kernel *k, uint32_t which, uint32_t index, uint32_t caplen,
		   uint32_t wirelen, uint64_t address);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_STUB_BPF_H
#define BPF_STUB_BPF_H

/*
 * A function whose body is put in before the program is loaded (record/splice.c): told apart by the
 * constant in its first instruction. base: address of the first byte; caplen: bytes that may be
 * read; wirelen: the whole packet's. 1 matches, 0 does not.
 */
#define STUB(name, hole)                                                                          \
	static __attribute__((naked, noinline)) int name(__u64 base, __u32 caplen, __u32 wirelen) \
	{                                                                                         \
		asm volatile("r0 = %0 ll\n r0 = 0\n exit" ::"i"(hole));                           \
	}

#endif

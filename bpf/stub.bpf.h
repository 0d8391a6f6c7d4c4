/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_STUB_BPF_H
#define BPF_STUB_BPF_H

/*
 * A function whose body is put in before the program is loaded (record/splice.c): told apart by the
 * constant in its first instruction. base: address of the first byte; caplen: bytes that may be
 * read; wirelen: the whole packet's, of both the low 32 bits. 1 matches, 0 does not.
 *
 * Its whole code is the constant, r0 = 0, exit. Not a naked function: BTF would lack the names of
 * its parameters, and the kernel refuses such BTF.
 */
#define STUB(name, hole)                                                                   \
	static __attribute__((noinline)) int name(__u64 base, __u64 caplen, __u64 wirelen) \
	{                                                                                  \
		register __u64 verdict asm("r0");                                          \
                                                                                           \
		asm volatile("%0 = %1 ll\n %0 = 0"                                         \
			     : "=r"(verdict)                                               \
			     : "i"(hole), "r"(base), "r"(caplen), "r"(wirelen));           \
		return verdict;                                                            \
	}

#endif

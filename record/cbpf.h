/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_CBPF_H
#define RECORD_CBPF_H

/*
 * Classic BPF, as libpcap compiles it, into eBPF that runs inside our programs, where a packet is
 * an address in kernel memory.
 *
 * The result is the body of a function: r1 the address of the first byte, r2 how many bytes may be
 * read, r3 the length of the whole packet; it returns 1 (matches) or 0. The verdict is that of
 * libpcap's own interpreter, bpf_filter(), with the same bytes and lengths: a load beyond the bytes
 * and a division by zero end it with 0, shifts by 32 or more give 0.
 */

#include <stddef.h>

/* One classic instruction, laid out as struct bpf_insn of pcap/bpf.h. */
struct cbpf_insn {
	unsigned short code;
	unsigned char jt;
	unsigned char jf;
	unsigned int k;
};

struct cbpf_code {
	void *insns; /* heap: the kernel's struct bpf_insn, a name that libpcap's header takes for
			its own */
	size_t count;
};

/*
 * On success the caller owns ret->insns; free(). -ENOMEM; -E2BIG when jumps would reach too far
 * (some thousand instructions); -EOPNOTSUPP for an instruction that does not apply to recorded
 * packets (*why says which), for example negative offsets (the kernel's ancillary data, such as the
 * VLAN tag kept aside).
 */
int cbpf_translate(const struct cbpf_insn *in, size_t count, struct cbpf_code *ret,
		   const char **why);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_SPLICE_H
#define RECORD_SPLICE_H

/*
 * Putting generated code into a BPF program before it is loaded: the body of a stub
 * (bpf/stub.bpf.h) is replaced, and what follows is moved.
 */

#include <stddef.h>
#include <stdint.h>

struct bpf_program;
struct bpf_prog_load_opts;

struct splice {
	uint64_t hole;	   /* which stub */
	const void *insns; /* struct bpf_insn; NULL: the stub keeps its body, which never matches */
	size_t count;
};

/*
 * From a libbpf prog_prepare_load_fn: replaces the stubs of prog. opts' information on functions is
 * adjusted (that memory is held until the next call), on lines dropped. -ENOMEM; -ENOEXEC when a
 * stub is there more than once.
 */
int splice_all(struct bpf_program *prog, struct bpf_prog_load_opts *opts, const struct splice *s,
	       size_t n);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program is one array of instructions, its functions one after another. Jumps stay within
 * functions, so when one grows only the calls between functions change, and the table of where
 * functions begin, which the kernel is given with the program.
 */
#include "record/splice.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#define STUB_INSNS 4 /* the constant takes two; r0 = 0; exit */

/* Where the stub begins, or n. -ENOEXEC when twice, or when the compiler made something else of it.
 */
static int find_stub(const struct bpf_insn *insns, size_t n, uint64_t hole, size_t *at)
{
	bool found = false;

	*at = n;
	for (size_t i = 0; i + STUB_INSNS <= n; i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW) || insns[i].src_reg ||
		    (uint32_t)insns[i].imm != (uint32_t)hole ||
		    (uint32_t)insns[i + 1].imm != (uint32_t)(hole >> 32))
			continue;
		if (found || insns[i + 2].dst_reg != BPF_REG_0 || insns[i + 2].imm ||
		    insns[i + 3].code != (BPF_JMP | BPF_EXIT))
			return -ENOEXEC;
		found = true;
		*at = i;
	}
	return 0;
}

struct place { /* the stub at `at` becomes `grown` instructions longer (or shorter, below 0) */
	size_t at;
	long grown;
};

/* Where an instruction index of before is afterwards. */
static size_t moved(size_t i, const struct place *p)
{
	return i > p->at ? i + (size_t)p->grown : i;
}

static void fix_calls(struct bpf_insn *insns, size_t n, const struct place *p, size_t body)
{
	for (size_t now = 0; now < n; now++) {
		size_t before, target;

		if (now >= p->at && now < p->at + body)
			continue; /* generated code calls only helpers */
		before = now > p->at ? now - (size_t)p->grown : now;
		if (insns[now].code != (BPF_JMP | BPF_CALL) ||
		    insns[now].src_reg != BPF_PSEUDO_CALL)
			continue;
		target = before + 1 + (size_t)(long)insns[now].imm;
		insns[now].imm = (int32_t)(long)(moved(target, p) - now - 1);
	}
}

/* The table of functions: each record begins with the u32 index of the function's first
 * instruction. */
static int fix_functions(struct bpf_prog_load_opts *opts, const struct place *p)
{
	static char *copy;
	size_t size = (size_t)opts->func_info_rec_size * opts->func_info_cnt;
	char *fresh;

	opts->line_info = NULL;
	opts->line_info_cnt = 0;
	if (!size)
		return 0;
	fresh = malloc(size);
	if (!fresh)
		return -ENOMEM;
	memcpy(fresh, opts->func_info, size);
	for (size_t i = 0; i < opts->func_info_cnt; i++) {
		char *record = fresh + i * opts->func_info_rec_size;
		uint32_t at;

		memcpy(&at, record, sizeof(at));
		at = (uint32_t)moved(at, p);
		memcpy(record, &at, sizeof(at));
	}
	free(copy);
	copy = fresh;
	opts->func_info = copy;
	return 0;
}

static int splice_one(struct bpf_program *prog, struct bpf_prog_load_opts *opts,
		      const struct splice *s)
{
	const struct bpf_insn *old = bpf_program__insns(prog);
	size_t n = bpf_program__insn_cnt(prog), fresh_n;
	struct bpf_insn *fresh;
	struct place p;
	int err = find_stub(old, n, s->hole, &p.at);

	if (err || p.at == n || !s->insns)
		return err;
	p.grown = (long)s->count - STUB_INSNS;
	fresh_n = n + (size_t)p.grown;
	fresh = calloc(fresh_n, sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	memcpy(fresh, old, p.at * sizeof(*fresh));
	memcpy(fresh + p.at, s->insns, s->count * sizeof(*fresh));
	memcpy(fresh + p.at + s->count, old + p.at + STUB_INSNS,
	       (n - p.at - STUB_INSNS) * sizeof(*fresh));
	fix_calls(fresh, fresh_n, &p, s->count);
	err = fix_functions(opts, &p);
	if (!err)
		err = bpf_program__set_insns(prog, fresh, fresh_n);
	free(fresh);
	return err;
}

int splice_all(struct bpf_program *prog, struct bpf_prog_load_opts *opts, const struct splice *s,
	       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int err = splice_one(prog, opts, &s[i]);

		if (err)
			return err;
	}
	return 0;
}

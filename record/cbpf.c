// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers: r6 the accumulator A, r7 the index X, r8 the address, r9 the readable length; on the
 * stack the 16 words of scratch memory, a buffer for one load, the whole length. A load copies its
 * bytes to the stack with bpf_probe_read_kernel, since they are anywhere in kernel memory.
 * The verifier refuses code that nothing leads to, so such instructions are left out, and the
 * reject at the end is there only if something jumps to it. Everything is emitted in two passes:
 * the first finds where each classic instruction begins, the second knows all jump targets. Source
 * of the classic semantics: "The BSD Packet Filter", and bpf_filter(3PCAP)'s behaviour.
 */
#include "record/cbpf.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

/* Of classic BPF only, and so not among the names that both share. */
#define CBPF_RVAL(code)	  ((code)&0x18)
#define CBPF_RET_A	  0x10
#define CBPF_IS_TAX(code) (((code)&0xf8) == 0)

#define REG_A	 BPF_REG_6
#define REG_X	 BPF_REG_7
#define REG_BASE BPF_REG_8
#define REG_LEN	 BPF_REG_9

#define WORDS	    16
#define AT_MEM(i)   (-4 * (WORDS - (int)(i))) /* -64 … -4 */
#define AT_LOAD	    (-72)
#define AT_WIRE_LEN (-80)

struct emitter {
	struct bpf_insn *out; /* NULL in the first pass */
	size_t at;
	size_t *start; /* where each classic instruction begins; [count] the reject at the end */
	bool *reached; /* which classic instructions something leads to */
	size_t count;
	bool rejects; /* something jumps to the reject */
	bool too_far;
};

static void emit(struct emitter *e, uint8_t code, uint8_t dst, uint8_t src, int off, int32_t imm)
{
	if (off < SHRT_MIN || off > SHRT_MAX) {
		e->too_far = true;
		off = 0;
	}
	if (e->out)
		e->out[e->at] = (struct bpf_insn){.code = code,
						  .dst_reg = dst,
						  .src_reg = src,
						  .off = (short)off,
						  .imm = imm};
	e->at++;
}

/* A jump to where classic instruction `to` begins; e->count is the reject. */
static void emit_jump(struct emitter *e, uint8_t code, uint8_t dst, uint8_t src, int32_t imm,
		      size_t to)
{
	long off = e->out ? (long)e->start[to] - (long)e->at - 1 : 0;

	if (to == e->count)
		e->rejects = true;
	emit(e, code, dst, src, off < INT_MIN || off > INT_MAX ? INT_MAX : (int)off, imm);
}

static void emit_move(struct emitter *e, uint8_t dst, uint8_t src)
{
	emit(e, BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void emit_set(struct emitter *e, uint8_t dst, uint32_t k)
{
	emit(e, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, (int32_t)k);
}

/* `size` bytes at r3 (an offset, already known to be within 32 bits) into `dst`, in host order; or
 * reject. */
static void emit_load(struct emitter *e, uint8_t dst, int size)
{
	static const uint8_t width[] = {[1] = BPF_B, [2] = BPF_H, [4] = BPF_W};

	/* 64-bit: the sum of two 32-bit numbers does not wrap. */
	emit(e, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_3, 0, 0);
	emit(e, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, size);
	emit_jump(e, BPF_JMP | BPF_JGT | BPF_X, BPF_REG_1, REG_LEN, 0, e->count);
	emit(e, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_3, REG_BASE, 0, 0);
	emit(e, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0);
	emit(e, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, AT_LOAD);
	emit_set(e, BPF_REG_2, (uint32_t)size);
	emit(e, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
	emit_jump(e, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0, e->count);
	emit(e, BPF_LDX | width[size] | BPF_MEM, dst, BPF_REG_10, AT_LOAD, 0);
	if (size > 1)
		emit(e, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, size * 8);
}

static int size_of(const struct cbpf_insn *i)
{
	switch (BPF_SIZE(i->code)) {
	case BPF_W:
		return 4;
	case BPF_H:
		return 2;
	default:
		return 1;
	}
}

static int emit_ld(struct emitter *e, const struct cbpf_insn *i, uint8_t dst)
{
	switch (BPF_MODE(i->code)) {
	case BPF_IMM:
		emit_set(e, dst, i->k);
		return 0;
	case BPF_MEM:
		emit(e, BPF_LDX | BPF_W | BPF_MEM, dst, BPF_REG_10, AT_MEM(i->k), 0);
		return 0;
	case BPF_LEN:
		emit(e, BPF_LDX | BPF_W | BPF_MEM, dst, BPF_REG_10, AT_WIRE_LEN, 0);
		return 0;
	case BPF_ABS:
		emit_set(e, BPF_REG_3, i->k);
		emit_load(e, dst, size_of(i));
		return 0;
	case BPF_IND:
		emit_set(e, BPF_REG_3, i->k);
		emit(e, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_3, REG_X, 0, 0);
		emit_load(e, dst, size_of(i));
		return 0;
	case BPF_MSH: /* X = 4 * (byte & 15): the length of an IPv4 header */
		emit_set(e, BPF_REG_3, i->k);
		emit_load(e, dst, 1);
		emit(e, BPF_ALU | BPF_AND | BPF_K, dst, 0, 0, 15);
		emit(e, BPF_ALU | BPF_LSH | BPF_K, dst, 0, 0, 2);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static void emit_shift(struct emitter *e, const struct cbpf_insn *i)
{
	uint8_t op = BPF_OP(i->code);

	if (BPF_SRC(i->code) == BPF_K) {
		if (i->k > 31)
			emit_set(e, REG_A, 0);
		else
			emit(e, BPF_ALU | op | BPF_K, REG_A, 0, 0, (int32_t)i->k);
		return;
	}
	emit(e, BPF_JMP32 | BPF_JGT | BPF_K, REG_X, 0, 2, 31);
	emit(e, BPF_ALU | op | BPF_X, REG_A, REG_X, 0, 0);
	emit(e, BPF_JMP | BPF_JA, 0, 0, 1, 0);
	emit_set(e, REG_A, 0);
}

static int emit_alu(struct emitter *e, const struct cbpf_insn *i)
{
	uint8_t op = BPF_OP(i->code), source = BPF_SRC(i->code);

	switch (op) {
	case BPF_LSH:
	case BPF_RSH:
		emit_shift(e, i);
		return 0;
	case BPF_NEG:
		emit(e, BPF_ALU | BPF_NEG, REG_A, 0, 0, 0);
		return 0;
	case BPF_DIV:
	case BPF_MOD:
		if (source == BPF_X) {
			emit_jump(e, BPF_JMP32 | BPF_JEQ | BPF_K, REG_X, 0, 0, e->count);
		} else if (!i->k) {
			emit_jump(e, BPF_JMP | BPF_JA, 0, 0, 0, e->count);
			return 0;
		}
		break;
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_AND:
	case BPF_OR:
	case BPF_XOR:
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (source == BPF_X)
		emit(e, BPF_ALU | op | BPF_X, REG_A, REG_X, 0, 0);
	else
		emit(e, BPF_ALU | op | BPF_K, REG_A, 0, 0, (int32_t)i->k);
	return 0;
}

static int emit_branch(struct emitter *e, const struct cbpf_insn *i, size_t index)
{
	uint8_t op = BPF_OP(i->code), source = BPF_SRC(i->code);
	size_t next = index + 1;

	if (op == BPF_JA) {
		emit_jump(e, BPF_JMP | BPF_JA, 0, 0, 0, next + i->k);
		return 0;
	}
	if (op != BPF_JEQ && op != BPF_JGT && op != BPF_JGE && op != BPF_JSET)
		return -EOPNOTSUPP;
	emit_jump(e, BPF_JMP32 | op | source, REG_A, source == BPF_X ? REG_X : 0,
		  source == BPF_X ? 0 : (int32_t)i->k, next + i->jt);
	if (i->jf)
		emit_jump(e, BPF_JMP | BPF_JA, 0, 0, 0, next + i->jf);
	return 0;
}

static void emit_return(struct emitter *e, const struct cbpf_insn *i)
{
	if (CBPF_RVAL(i->code) == CBPF_RET_A) {
		emit_jump(e, BPF_JMP32 | BPF_JEQ | BPF_K, REG_A, 0, 0, e->count);
		emit_set(e, BPF_REG_0, 1);
	} else {
		emit_set(e, BPF_REG_0, i->k != 0);
	}
	emit(e, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int emit_one(struct emitter *e, const struct cbpf_insn *i, size_t index)
{
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
		return emit_ld(e, i, REG_A);
	case BPF_LDX:
		return emit_ld(e, i, REG_X);
	case BPF_ST:
		emit(e, BPF_STX | BPF_W | BPF_MEM, BPF_REG_10, REG_A, AT_MEM(i->k), 0);
		return 0;
	case BPF_STX:
		emit(e, BPF_STX | BPF_W | BPF_MEM, BPF_REG_10, REG_X, AT_MEM(i->k), 0);
		return 0;
	case BPF_ALU:
		return emit_alu(e, i);
	case BPF_JMP:
		return emit_branch(e, i, index);
	case BPF_RET:
		emit_return(e, i);
		return 0;
	default: /* BPF_MISC */
		if (CBPF_IS_TAX(i->code))
			emit_move(e, REG_X, REG_A);
		else
			emit_move(e, REG_A, REG_X);
		return 0;
	}
}

/* Does the next instruction follow this one? */
static bool falls_through(const struct cbpf_insn *i)
{
	uint8_t op = BPF_OP(i->code);

	if (BPF_CLASS(i->code) == BPF_ALU)
		return (op != BPF_DIV && op != BPF_MOD) || BPF_SRC(i->code) != BPF_K || i->k;
	return BPF_CLASS(i->code) != BPF_RET && BPF_CLASS(i->code) != BPF_JMP;
}

/* Jumps only go forward, so one pass finds all. */
static void find_reached(struct emitter *e, const struct cbpf_insn *in)
{
	e->reached[0] = true;
	for (size_t i = 0; i < e->count; i++) {
		if (!e->reached[i])
			continue;
		if (falls_through(&in[i])) {
			e->reached[i + 1] = true;
		} else if (BPF_CLASS(in[i].code) == BPF_JMP && BPF_OP(in[i].code) == BPF_JA) {
			e->reached[i + 1 + in[i].k] = true;
		} else if (BPF_CLASS(in[i].code) == BPF_JMP) {
			e->reached[i + 1 + in[i].jt] = true;
			e->reached[i + 1 + in[i].jf] = true;
		}
	}
}

static void emit_prologue(struct emitter *e)
{
	emit(e, BPF_ALU64 | BPF_MOV | BPF_X, REG_BASE, BPF_REG_1, 0, 0);
	emit_move(e, REG_LEN, BPF_REG_2);
	emit(e, BPF_STX | BPF_W | BPF_MEM, BPF_REG_10, BPF_REG_3, AT_WIRE_LEN, 0);
	emit_set(e, REG_A, 0);
	emit_set(e, REG_X, 0);
	/* Scratch memory may be read before it is written. */
	for (int i = 0; i < WORDS; i += 2)
		emit(e, BPF_ST | BPF_DW | BPF_MEM, BPF_REG_10, 0, AT_MEM(i), 0);
}

static int emit_all(struct emitter *e, const struct cbpf_insn *in)
{
	int err;

	e->at = 0;
	emit_prologue(e);
	for (size_t i = 0; i < e->count; i++) {
		e->start[i] = e->at;
		if (!e->reached[i])
			continue;
		err = emit_one(e, &in[i], i);
		if (err)
			return err;
	}
	e->start[e->count] = e->at;
	if (e->rejects) {
		emit_set(e, BPF_REG_0, 0);
		emit(e, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
	return e->too_far ? -E2BIG : 0;
}

/* What bpf_validate() of libpcap would refuse is refused here too: jumps and scratch words out of
 * range. */
static int check(const struct cbpf_insn *in, size_t count, const char **why)
{
	if (!count || BPF_CLASS(in[count - 1].code) != BPF_RET) {
		*why = "the compiled expression does not end in a return";
		return -EOPNOTSUPP;
	}
	for (size_t i = 0; i < count; i++) {
		uint8_t class = BPF_CLASS(in[i].code), mode = BPF_MODE(in[i].code);
		bool load = class == BPF_LD || class == BPF_LDX;
		size_t left = count - i - 1;

		if ((class == BPF_ST || class == BPF_STX || (load && mode == BPF_MEM)) &&
		    in[i].k >= WORDS)
			*why = "scratch memory out of range";
		else if (class == BPF_JMP && BPF_OP(in[i].code) == BPF_JA && in[i].k > INT_MAX)
			*why = "a loop (protochain), of which no end can be proved";
		else if (class == BPF_JMP &&
			 (BPF_OP(in[i].code) == BPF_JA ? in[i].k >= left
						       : in[i].jt >= left || in[i].jf >= left))
			*why = "a jump out of the program";
		else if (load && (mode == BPF_ABS || mode == BPF_IND || mode == BPF_MSH) &&
			 in[i].k > INT_MAX)
			*why = "a negative offset: data that is not in the packet";
		else
			continue;
		return -EOPNOTSUPP;
	}
	return 0;
}

int cbpf_translate(const struct cbpf_insn *in, size_t count, struct cbpf_code *ret,
		   const char **why)
{
	struct emitter e = {.count = count};
	int err = check(in, count, why);

	if (err)
		return err;
	e.start = calloc(count + 1, sizeof(*e.start));
	e.reached = calloc(count, sizeof(*e.reached));
	*why = "an instruction that is not known here";
	err = e.start && e.reached ? 0 : -ENOMEM;
	if (!err) {
		find_reached(&e, in);
		err = emit_all(&e, in);
	}
	if (!err) {
		e.out = calloc(e.at, sizeof(*e.out));
		err = e.out ? emit_all(&e, in) : -ENOMEM;
	}
	free(e.start);
	free(e.reached);
	if (err) {
		free(e.out);
		if (err == -E2BIG)
			*why = "the expression is too large";
		return err;
	}
	ret->insns = e.out;
	ret->count = e.at;
	return 0;
}

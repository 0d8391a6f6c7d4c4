// SPDX-License-Identifier: GPL-2.0-only
/*
 * First all scratch memory is written, because bpf_filter() leaves it undefined; then anything; at
 * the end all registers and memory are mixed into one number, one bit of which is the verdict: what
 * went wrong anywhere shows up in half of the packets.
 */
#include "tests/pcap/classic.h"

#include <string.h>

#include <pcap/pcap.h>

#define WORDS 16
#define MOST  4096 /* instructions that the kernel takes, too */

struct writer {
	struct dice *d;
	struct cbpf_insn *in;
	size_t n;
	size_t end; /* of the middle part, where jumps stay */
};

static void add(struct writer *w, unsigned int code, uint32_t k)
{
	w->in[w->n++] = (struct cbpf_insn){.code = (unsigned short)code, .k = k};
}

static uint32_t constant(struct writer *w)
{
	static const uint32_t edges[] = {
		0,	 1,	     2,		 31,	     32,	 33,	     0xff,   0xffff,
		0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x0800, 20};

	return dice_percent(w->d, 50) ? DICE_ONE(w->d, edges) : (uint32_t)dice_roll(w->d);
}

static uint32_t offset(struct writer *w)
{
	if (dice_percent(w->d, 3))
		return dice_percent(w->d, 50) ? 0x7fffffff - dice_below(w->d, 4)
					      : dice_below(w->d, 2000);
	return dice_below(w->d, 36);
}

static uint32_t word(struct writer *w)
{
	return dice_below(w->d, WORDS);
}

static void load(struct writer *w)
{
	static const unsigned int sizes[] = {BPF_W, BPF_H, BPF_B};
	unsigned int size = DICE_ONE(w->d, sizes);

	switch (dice_below(w->d, 10)) {
	case 0:
	case 1:
	case 2:
		add(w, BPF_LD | BPF_ABS | size, offset(w));
		return;
	case 3:
	case 4:
		/* An index from the packet, mostly made small enough. */
		if (dice_percent(w->d, 95)) {
			add(w, BPF_ALU | BPF_AND | BPF_K, dice_percent(w->d, 50) ? 15 : 7);
			add(w, BPF_MISC | BPF_TAX, 0);
		}
		add(w, BPF_LD | BPF_IND | size, offset(w) / 2);
		return;
	case 5:
		add(w, BPF_LDX | BPF_MSH | BPF_B, offset(w));
		return;
	case 6:
		add(w, (dice_percent(w->d, 50) ? BPF_LD : BPF_LDX) | BPF_W | BPF_LEN, 0);
		return;
	case 7:
		add(w, (dice_percent(w->d, 50) ? BPF_LD : BPF_LDX) | BPF_IMM, constant(w));
		return;
	default:
		add(w, (dice_percent(w->d, 50) ? BPF_LD : BPF_LDX) | BPF_MEM, word(w));
	}
}

static void calculate(struct writer *w)
{
	static const unsigned int ops[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND,
					   BPF_OR,  BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG};
	unsigned int op = DICE_ONE(w->d, ops);
	uint32_t k = constant(w);

	if (op == BPF_NEG) {
		add(w, BPF_ALU | BPF_NEG, 0);
		return;
	}
	/* X of 0 ends the program, which is wanted, but not always. */
	if (dice_percent(w->d, 50) &&
	    !((op == BPF_DIV || op == BPF_MOD) && dice_percent(w->d, 50))) {
		add(w, BPF_ALU | op | BPF_X, 0);
		return;
	}
	if (op == BPF_DIV || op == BPF_MOD)
		k = k ? k : 3; /* bpf_validate() */
	else if (op == BPF_LSH || op == BPF_RSH)
		k &= 31; /* beyond, bpf_filter() is undefined */
	add(w, BPF_ALU | op | BPF_K, k);
}

static unsigned int arm(struct writer *w)
{
	size_t left = w->end - w->n;

	if (dice_percent(w->d, 60) || left < 4)
		return dice_below(w->d, 3);
	return dice_below(w->d, (unsigned int)left < 255 ? (unsigned int)left : 255);
}

static void jump(struct writer *w)
{
	static const unsigned int ops[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
	unsigned int op = DICE_ONE(w->d, ops);

	if (dice_percent(w->d, 15)) {
		add(w, BPF_JMP | BPF_JA, arm(w));
		return;
	}
	add(w, BPF_JMP | op | (dice_percent(w->d, 40) ? BPF_X : BPF_K), constant(w));
	w->in[w->n - 1].jt = (unsigned char)arm(w);
	w->in[w->n - 1].jf = (unsigned char)arm(w);
}

static void any(struct writer *w)
{
	unsigned int kind = dice_below(w->d, 100);

	if (kind < 35)
		load(w);
	else if (kind < 60)
		calculate(w);
	else if (kind < 72)
		add(w, dice_percent(w->d, 50) ? BPF_ST : BPF_STX, word(w));
	else if (kind < 82)
		add(w, BPF_MISC | (dice_percent(w->d, 50) ? BPF_TAX : BPF_TXA), 0);
	else if (kind < 99)
		jump(w);
	else
		add(w, BPF_RET | (dice_percent(w->d, 60) ? BPF_A : BPF_K), constant(w));
}

static void verdict(struct writer *w)
{
	uint32_t bit = 1u << dice_below(w->d, 32);

	add(w, BPF_ALU | BPF_XOR | BPF_X, 0);
	for (uint32_t i = 0; i < WORDS; i++) {
		add(w, BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1);
		add(w, BPF_LDX | BPF_MEM, i);
		add(w, BPF_ALU | BPF_XOR | BPF_X, 0);
	}
	add(w, BPF_ALU | BPF_MUL | BPF_K, 0x85ebca6b);
	add(w, BPF_MISC | BPF_TAX, 0);
	add(w, BPF_ALU | BPF_RSH | BPF_K, 16);
	add(w, BPF_ALU | BPF_XOR | BPF_X, 0);
	if (dice_percent(w->d, 50)) {
		add(w, BPF_ALU | BPF_AND | BPF_K, bit);
		add(w, BPF_RET | BPF_A, 0);
		return;
	}
	add(w, BPF_JMP | BPF_JSET | BPF_K, bit);
	w->in[w->n - 1].jt = (unsigned char)dice_below(w->d, 2);
	w->in[w->n - 1].jf = !w->in[w->n - 1].jt;
	add(w, BPF_RET | BPF_K, 0);
	add(w, BPF_RET | BPF_K, 1 + dice_below(w->d, 262144));
}

size_t classic_make(struct dice *d, struct cbpf_insn *in)
{
	struct writer w = {.d = d, .in = in};

	for (uint32_t i = 0; i < WORDS; i++) {
		if (i % 3 == 0)
			add(&w, BPF_LD | BPF_IMM, constant(&w));
		add(&w, BPF_ST, i);
	}
	w.end = w.n + 4 + dice_below(d, 120);
	while (w.n < w.end)
		any(&w);
	/* Jumps reach at most 3 beyond the middle part, but for `end` itself moved by pairs. */
	verdict(&w);
	return w.n;
}

bool classic_undefined(const struct cbpf_insn *in, size_t n)
{
	static uint16_t written[MOST + 256]; /* words that are, on every way to the instruction */

	if (n > MOST)
		return true;
	memset(written, 0xff, sizeof(written));
	written[0] = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned int class = BPF_CLASS(in[i].code);
		uint16_t after = written[i];

		if (class == BPF_ST || class == BPF_STX)
			after |= (uint16_t)(1u << in[i].k);
		else if ((class == BPF_LD || class == BPF_LDX) && BPF_MODE(in[i].code) == BPF_MEM &&
			 !(after & 1u << in[i].k))
			return true;
		if (class == BPF_RET)
			continue;
		if (class != BPF_JMP) {
			written[i + 1] &= after;
		} else if (BPF_OP(in[i].code) == BPF_JA) {
			if (in[i].k < n)
				written[i + 1 + in[i].k] &= after;
		} else {
			written[i + 1 + in[i].jt] &= after;
			written[i + 1 + in[i].jf] &= after;
		}
	}
	return false;
}

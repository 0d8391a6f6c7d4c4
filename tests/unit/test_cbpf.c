// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the translation refuses, its limits, and the exact instructions of a small program; the
 * verdicts are compared in tests/pcap.
 */
#include "record/cbpf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/bpf.h>

#include "tests/support/alloc_fail.h"

/* Of classic BPF only. */
#define CBPF_MSH   0xa0
#define CBPF_RET_A 0x10
#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))

#define RETURN(k_)                        \
	{                                 \
		.code = BPF_RET, .k = k_, \
	}

static void expect_refused(const struct cbpf_insn *in, size_t n, const char *part)
{
	const struct cbpf_code untouched = {.insns = NULL, .count = 4711};
	struct cbpf_code code = untouched;
	const char *why = "";

	assert_int_equal(cbpf_translate(in, n, &code, &why), -EOPNOTSUPP);
	if (!strstr(why, part))
		fail_msg("\"%s\" is not in \"%s\"", part, why);
	assert_memory_equal(&code, &untouched, sizeof(code));
}

/* Refused with this instruction first; accepted, if `good`, when that is in its place. */
static void expect_first(struct cbpf_insn bad, const char *part, const struct cbpf_insn *good)
{
	struct cbpf_insn in[] = {bad, RETURN(0), RETURN(1)};
	struct cbpf_code code;
	const char *why;

	expect_refused(in, COUNT(in), part);
	in[0] = *good;
	assert_int_equal(cbpf_translate(in, COUNT(in), &code, &why), 0);
	free(code.insns);
}

static void refused_end(void **state)
{
	const struct cbpf_insn in[] = {{.code = BPF_LD | BPF_W | BPF_LEN}};

	(void)state;
	expect_refused(in, 0, "return");
	expect_refused(in, 1, "return");
}

static void refused_scratch(void **state)
{
	static const unsigned short codes[] = {BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM, BPF_ST,
					       BPF_STX};

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		expect_first((struct cbpf_insn){.code = codes[i], .k = 16}, "scratch",
			     &(struct cbpf_insn){.code = codes[i], .k = 15});
		expect_first((struct cbpf_insn){.code = codes[i], .k = UINT32_MAX}, "scratch",
			     &(struct cbpf_insn){.code = codes[i], .k = 0});
	}
}

static void refused_jumps(void **state)
{
	const unsigned short always = BPF_JMP | BPF_JA, equal = BPF_JMP | BPF_JEQ | BPF_K;

	(void)state;
	expect_first((struct cbpf_insn){.code = always, .k = 2}, "out of the program",
		     &(struct cbpf_insn){.code = always, .k = 1});
	expect_first((struct cbpf_insn){.code = equal, .jt = 2}, "out of the program",
		     &(struct cbpf_insn){.code = equal, .jt = 1});
	expect_first((struct cbpf_insn){.code = equal, .jf = 2}, "out of the program",
		     &(struct cbpf_insn){.code = equal, .jf = 1});
	expect_first((struct cbpf_insn){.code = always, .k = (unsigned int)-1}, "loop",
		     &(struct cbpf_insn){.code = always});
}

static void refused_offsets(void **state)
{
	static const unsigned short codes[] = {BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_IND,
					       BPF_LDX | BPF_B | CBPF_MSH};

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		expect_first((struct cbpf_insn){.code = codes[i], .k = 0xfffff000}, "negative",
			     &(struct cbpf_insn){.code = codes[i], .k = 0x7fffffff});
		expect_first((struct cbpf_insn){.code = codes[i], .k = 0x80000000}, "negative",
			     &(struct cbpf_insn){.code = codes[i], .k = 0});
	}
}

static void refused_unknown(void **state)
{
	(void)state;
	expect_first((struct cbpf_insn){.code = BPF_ALU | 0xf0}, "not known",
		     &(struct cbpf_insn){.code = BPF_ALU | BPF_XOR});
	expect_first((struct cbpf_insn){.code = BPF_JMP | 0xf0}, "not known",
		     &(struct cbpf_insn){.code = BPF_JMP | BPF_JSET});
	expect_first((struct cbpf_insn){.code = BPF_LD | 0xe0}, "not known",
		     &(struct cbpf_insn){.code = BPF_LD | BPF_IMM});
}

/* Many loads, and a jump over all of them. */
static int translate_long(size_t loads)
{
	struct cbpf_insn *in = calloc(loads + 3, sizeof(*in));
	struct cbpf_code code = {.count = 4711};
	const char *why = "";
	int err;

	assert_non_null(in);
	in[0] = (struct cbpf_insn){.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 1};
	in[1] = (struct cbpf_insn){.code = BPF_JMP | BPF_JA, .k = (unsigned int)loads};
	for (size_t i = 2; i < loads + 2; i++)
		in[i] = (struct cbpf_insn){.code = BPF_LD | BPF_W | BPF_ABS};
	in[loads + 2] = (struct cbpf_insn)RETURN(1);
	err = cbpf_translate(in, loads + 3, &code, &why);
	free(in);
	if (!err) {
		assert_in_range(code.count, loads * 10, loads * 13);
		free(code.insns);
	} else {
		assert_int_equal(code.count, 4711);
		assert_string_equal(why, "the expression is too large");
	}
	return err;
}

static void too_far(void **state)
{
	(void)state;
	assert_int_equal(translate_long(2500), 0);
	assert_int_equal(translate_long(3000), -E2BIG);
	assert_int_equal(translate_long(200000), -E2BIG);
}

static void memory(void **state)
{
	const struct cbpf_insn in[] = {{.code = BPF_LD | BPF_B | BPF_ABS},
				       {.code = BPF_RET | CBPF_RET_A}};
	const char *why;
	int failures = 0;

	(void)state;
	for (int n = 0;; n++) {
		struct cbpf_code code = {.count = 4711};
		int err;

		alloc_fail_at(n);
		err = cbpf_translate(in, COUNT(in), &code, &why);
		if (!alloc_fail_end()) {
			assert_int_equal(err, 0);
			free(code.insns);
			break;
		}
		assert_int_equal(err, -ENOMEM);
		assert_null(code.insns);
		assert_int_equal(code.count, 4711);
		failures++;
	}
	if (ALLOC_FAIL_WORKS)
		assert_int_equal(failures, 3);
}

/* ---- the exact instructions ---- */

#define A    BPF_REG_6
#define X    BPF_REG_7
#define BASE BPF_REG_8
#define LEN  BPF_REG_9
#define FP   BPF_REG_10

#define I(code_, dst, src, off_, imm_)                                                            \
	{                                                                                         \
		.code = (code_), .dst_reg = (dst), .src_reg = (src), .off = (off_), .imm = (imm_) \
	}
#define SET(dst, k)   I(BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, k)
#define MOV(dst, src) I(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define ADD(dst, k)   I(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, k)
#define ZERO(at)      I(BPF_ST | BPF_DW | BPF_MEM, FP, 0, at, 0)
#define EXIT	      I(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define PROLOGUE                                                                             \
	MOV(BASE, BPF_REG_1), I(BPF_ALU | BPF_MOV | BPF_X, LEN, BPF_REG_2, 0, 0),            \
		I(BPF_STX | BPF_W | BPF_MEM, FP, BPF_REG_3, -80, 0), SET(A, 0), SET(X, 0),   \
		ZERO(-64), ZERO(-56), ZERO(-48), ZERO(-40), ZERO(-32), ZERO(-24), ZERO(-16), \
		ZERO(-8)

static void expect_exactly(const struct cbpf_insn *in, size_t n, const struct bpf_insn *want,
			   size_t count)
{
	struct cbpf_code code;
	const char *why;

	assert_int_equal(cbpf_translate(in, n, &code, &why), 0);
	for (size_t i = 0; i < code.count && i < count; i++)
		if (memcmp((struct bpf_insn *)code.insns + i, want + i, sizeof(*want)))
			fail_msg("instruction %zu is another one", i);
	assert_int_equal(code.count, count);
	free(code.insns);
}

/* Nothing can fail: there is no reject, which the verifier would find unreachable. */
static void exact_everything(void **state)
{
	static const struct cbpf_insn in[] = {RETURN(262144)};
	static const struct bpf_insn want[] = {PROLOGUE, SET(BPF_REG_0, 1), EXIT};

	(void)state;
	expect_exactly(in, COUNT(in), want, COUNT(want));
}

static void exact_ip(void **state)
{
	static const struct cbpf_insn in[] = {
		{.code = BPF_LD | BPF_H | BPF_ABS, .k = 12},
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 1, .k = 0x800},
		RETURN(262144),
		RETURN(0),
	};
	static const struct bpf_insn want[] = {
		PROLOGUE,
		SET(BPF_REG_3, 12),
		MOV(BPF_REG_1, BPF_REG_3),
		ADD(BPF_REG_1, 2),
		I(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_1, LEN, 14, 0),
		I(BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_3, BASE, 0, 0),
		MOV(BPF_REG_1, FP),
		ADD(BPF_REG_1, -72),
		SET(BPF_REG_2, 2),
		I(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel),
		I(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 8, 0),
		I(BPF_LDX | BPF_H | BPF_MEM, A, FP, -72, 0),
		I(BPF_ALU | BPF_END | BPF_TO_BE, A, 0, 0, 16),
		I(BPF_JMP32 | BPF_JEQ | BPF_K, A, 0, 1, 0x800),
		I(BPF_JMP | BPF_JA, 0, 0, 2, 0),
		SET(BPF_REG_0, 1),
		EXIT,
		SET(BPF_REG_0, 0),
		EXIT,
		SET(BPF_REG_0, 0), /* the reject */
		EXIT,
	};

	(void)state;
	expect_exactly(in, COUNT(in), want, COUNT(want));
}

/* What nothing leads to is left out: behind a return, a jump, a division by 0. */
static void exact_unreachable(void **state)
{
	static const struct cbpf_insn in[] = {
		{.code = BPF_JMP | BPF_JA, .k = 1}, RETURN(7), {.code = BPF_ALU | BPF_DIV | BPF_K},
		{.code = BPF_LD | BPF_IMM, .k = 3}, RETURN(1),
	};
	static const struct bpf_insn want[] = {
		PROLOGUE,
		I(BPF_JMP | BPF_JA, 0, 0, 0, 0),
		I(BPF_JMP | BPF_JA, 0, 0, 0, 0),
		SET(BPF_REG_0, 0),
		EXIT,
	};

	(void)state;
	expect_exactly(in, COUNT(in), want, COUNT(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_end),	   cmocka_unit_test(refused_scratch),
		cmocka_unit_test(refused_jumps),   cmocka_unit_test(refused_offsets),
		cmocka_unit_test(refused_unknown), cmocka_unit_test(too_far),
		cmocka_unit_test(memory),	   cmocka_unit_test(exact_everything),
		cmocka_unit_test(exact_ip),	   cmocka_unit_test(exact_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

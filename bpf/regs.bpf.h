/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_REGS_BPF_H
#define BPF_REGS_BPF_H

/* Arguments and the return address at a function's entry, by architecture; and a tracepoint's
 * arguments. */

/* The context may only be read at a constant offset of the pointer itself; the barrier keeps the
 * compiler from merging loads. */
#define REG(field)                           \
	({                                   \
		__u64 _v = r->field;         \
		asm volatile("" : "+r"(_v)); \
		_v;                          \
	})

#if defined(__TARGET_ARCH_x86)
#define REGS struct pt_regs
static __always_inline __u64 reg_arg(REGS *r, __u32 i)
{
	switch (i) {
	case 0:
		return REG(di);
	case 1:
		return REG(si);
	case 2:
		return REG(dx);
	case 3:
		return REG(cx);
	case 4:
		return REG(r8);
	default:
		return REG(r9);
	}
}

/* The return address is on top of the stack at a function's first instruction. */
static __always_inline __u64 reg_caller(REGS *r)
{
	__u64 caller = 0;

	bpf_probe_read_kernel(&caller, sizeof(caller), (void *)r->sp);
	return caller;
}

static __always_inline __u64 reg_ip(REGS *r)
{
	return r->ip;
}

static __always_inline __u64 reg_return(REGS *r)
{
	return REG(ax);
}
#elif defined(__TARGET_ARCH_arm64)
#define REGS struct user_pt_regs
static __always_inline __u64 reg_arg(REGS *r, __u32 i)
{
	switch (i) {
	case 0:
		return REG(regs[0]);
	case 1:
		return REG(regs[1]);
	case 2:
		return REG(regs[2]);
	case 3:
		return REG(regs[3]);
	case 4:
		return REG(regs[4]);
	default:
		return REG(regs[5]);
	}
}

static __always_inline __u64 reg_caller(REGS *r)
{
	return r->regs[30];
}

static __always_inline __u64 reg_ip(REGS *r)
{
	return r->pc;
}

static __always_inline __u64 reg_return(REGS *r)
{
	return REG(regs[0]);
}
#endif

#define ARG(n)                                                                     \
	case n:                                                                    \
		asm volatile("%0 = *(u64 *)(%1 + " #n "*8)" : "=r"(v) : "r"(ctx)); \
		break

/* In assembly: the context may only be read at a constant offset of the pointer itself. */
static __always_inline __u64 tp_arg(void *ctx, __u32 i)
{
	__u64 v = 0;

	switch (i) {
		ARG(0);
		ARG(1);
		ARG(2);
		ARG(3);
		ARG(4);
		ARG(5);
	}
	return v;
}

#endif

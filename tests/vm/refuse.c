// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into the recorder: attaching to any address that the file REFUSE has, one in
 * hexadecimal a line, fails as the kernel fails it. One address in a kprobe-multi link fails the
 * whole link.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#define MOST 4096

static bool refused(unsigned long long addr)
{
	static unsigned long long list[MOST];
	static int count = -1;
	FILE *f;

	if (count < 0) {
		f = fopen(getenv("REFUSE"), "r");
		if (!f)
			abort();
		for (count = 0; count < MOST && fscanf(f, "%llx", &list[count]) == 1;)
			count++;
		fclose(f);
	}
	for (int i = 0; i < count; i++)
		if (list[i] == addr)
			return true;
	return false;
}

static bool refused_link(const union bpf_attr *a)
{
	const unsigned long long *addrs = (const void *)a->link_create.kprobe_multi.addrs;

	for (unsigned int i = 0; i < a->link_create.kprobe_multi.cnt; i++)
		if (refused(addrs[i]))
			return true;
	return false;
}

static long raw(long n, const long a[6])
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(n), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

long syscall(long n, ...)
{
	long a[6], ret;
	va_list ap;

	va_start(ap, n);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (n == SYS_perf_event_open && refused(((const struct perf_event_attr *)a[0])->config2))
		ret = -EINVAL;
	else if (n == SYS_bpf && a[0] == BPF_LINK_CREATE &&
		 ((const union bpf_attr *)a[1])->link_create.attach_type ==
			 BPF_TRACE_KPROBE_MULTI &&
		 refused_link((const union bpf_attr *)a[1]))
		ret = -EINVAL;
	else
		ret = raw(n, a);
	if (ret < 0 && ret > -4096) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}

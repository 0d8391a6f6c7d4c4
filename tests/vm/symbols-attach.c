// SPDX-License-Identifier: GPL-2.0-only
/* symbols-attach PROGRAM LINK: attaches a pinned fexit program, which some bpftool cannot; the link
 * is pinned too. */
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static union bpf_attr at(const char *path, long fd)
{
	union bpf_attr attr = {};

	attr.pathname = (uintptr_t)path;
	attr.bpf_fd = (uint32_t)fd;
	return attr;
}

int main(int argc, char **argv)
{
	union bpf_attr get, pin, attach = {};
	long fd;

	if (argc != 3)
		return 2;
	get = at(argv[1], 0);
	fd = bpf(BPF_OBJ_GET, &get);
	attach.raw_tracepoint.prog_fd = (uint32_t)fd;
	if (fd >= 0)
		fd = bpf(BPF_RAW_TRACEPOINT_OPEN, &attach);
	pin = at(argv[2], fd);
	if (fd >= 0 && !bpf(BPF_OBJ_PIN, &pin))
		return 0;
	perror("symbols-attach");
	return 1;
}

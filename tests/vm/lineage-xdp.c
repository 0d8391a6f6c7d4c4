// SPDX-License-Identifier: GPL-2.0-only
/* For the scene xdp of lineage-test.sh: one side sends each frame back, the other takes it. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp") int back(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_TX;
}

SEC("xdp") int take(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";

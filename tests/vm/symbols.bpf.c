// SPDX-License-Identifier: GPL-2.0-only
/* For symbols-test.sh: a program that sends copies of packets, and one whose trampoline calls what
 * it is attached to. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

SEC("tc") int sends_copy(struct __sk_buff *skb)
{
	bpf_clone_redirect(skb, skb->ifindex, BPF_F_INGRESS);
	return TC_ACT_OK;
}

SEC("fexit/ip_local_deliver") int watches(void *ctx)
{
	(void)ctx;
	return 0;
}

char _license[] SEC("license") = "GPL";

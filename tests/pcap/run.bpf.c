// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls the stubs of bpf/stub.bpf.h on packets from a map, for BPF_PROG_TEST_RUN; returns the
 * verdict.
 */
#include "bpf/skb_types.h"

#include <bpf/bpf_helpers.h>

#include "bpf/pwru_abi.h"
#include "bpf/stub.bpf.h"
#include "tests/pcap/run.h"

char LICENSE[] SEC("license") = "GPL";

STUB(pcap_l2, PWRU_HOLE_PCAP_L2)
STUB(pcap_l3, PWRU_HOLE_PCAP_L3)
STUB(tunnel_l2, PWRU_HOLE_TUNNEL_L2)
STUB(tunnel_l3, PWRU_HOLE_TUNNEL_L3)

struct packet_bytes {
	__u8 bytes[RUN_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RUN_PACKETS);
	__type(key, __u32);
	__type(value, struct packet_bytes);
} packets SEC(".maps");

/* A pointer that went through here is a number to the verifier, as addresses of packets are. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} address SEC(".maps");

SEC("pcap.raw_tp")
int run(__u64 *arg)
{
	__u32 index = arg[RUN_INDEX], caplen = arg[RUN_CAPLEN], wirelen = arg[RUN_WIRELEN];
	__u32 which = arg[RUN_WHICH], zero = 0;
	void *packet = bpf_map_lookup_elem(&packets, &index);
	volatile __u64 *at = bpf_map_lookup_elem(&address, &zero);
	__u64 base;

	if (!packet || !at)
		return -1;
	*at = (__u64)packet;
	base = arg[RUN_ADDRESS] ? arg[RUN_ADDRESS] : *at;
	switch (which) {
	case RUN_L2:
		return pcap_l2(base, caplen, wirelen);
	case RUN_L3:
		return pcap_l3(base, caplen, wirelen);
	case RUN_L2_TOO:
		return tunnel_l2(base, caplen, wirelen);
	case RUN_L3_TOO:
		return tunnel_l3(base, caplen, wirelen);
	default:
		return -1;
	}
}

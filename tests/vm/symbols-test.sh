#!/bin/sh
# symbols-test.sh, run in a guest by tests/vm/symbols.sh: packets go through the kernel, modules, a BPF program and a BPF trampoline; the
# recording has the stack of each hit. Beside it stays what the kernel itself says that lies where. BACKEND comes from ./settings.
set -eu
. ./settings
sh scene.sh up
sh scene.sh ping > /out/scene.log 2>&1 # neighbours and caches are warm
# In a namespace /sys is another, without what is pinned there.
mkdir /tmp/bpf
mount -t bpf bpf /tmp/bpf
bpftool prog loadall symbols.bpf.o /tmp/bpf > /out/bpf.log 2>&1
/t/bin/symbols-attach /tmp/bpf/watches /tmp/bpf/attached
tc -n pwru-client qdisc add dev veth-client clsact
tc -n pwru-client filter add dev veth-client egress bpf da object-pinned /tmp/bpf/sends_copy
cat /proc/kallsyms > /out/kallsyms
cat /proc/modules > /out/modules
/t/bin/pwru-record --backend "$BACKEND" --stack --all-kmods --filter-func \
    'ip_rcv|ip_local_deliver|icmp_rcv|netif_rx_internal|nf_hook_slow|veth_xmit|nft_do_chain_inet|kfree_skb_reason|sk_skb_reason_drop|skb_release_head_state|skb_clone' \
    -w /out/symbols.pcapng -- sh -c 'sh scene.sh ping; sh scene.sh drop' > /out/record.log 2>&1

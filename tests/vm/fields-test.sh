#!/bin/sh
# fields-test.sh, run in a guest by tests/suites/guest-fields: scenes with values known from elsewhere, recorded beside the kernel's
# own witnesses. tests/vm/fields-judge.py on the host compares. The witnesses: kprobe events that read the struct by the
# kernel's own BTF arguments, the tracepoint skb:kfree_skb, ip, tc, nft and /proc.
# shellcheck disable=SC2086,SC2030,SC2031 # commands and options are kept in variables, as words
set -u
. ./recording.sh
CLIENT="ip netns exec pwru-client"
SERVER="ip netns exec pwru-server"
T=/sys/kernel/tracing

# Functions of the witness: their skb argument by its name in the kernel's sources.
WATCHED="__dev_queue_xmit:skb ip_output:skb tcp_v4_rcv:skb ip_rcv:skb ipv6_rcv:skb tcp_rcv_established:skb
    dev_hard_start_xmit:first validate_xmit_skb:skb __dev_forward_skb:skb icmp_rcv:skb udp_rcv:skb nf_hook_slow:skb
    skb_release_data:skb eth_type_trans:skb __tcp_transmit_skb:skb tcp_add_backlog:skb"
FIELDS='len data_len mark hash queue_mapping vlan_tci protocol mac_header network_header transport_header head'

witness() {
    echo mono > $T/trace_clock
    echo 0 > $T/options/hash-ptr
    echo 16384 > $T/buffer_size_kb
    echo 0 > $T/tracing_on
    for pair in $WATCHED; do
        f=${pair%:*} skb=${pair#*:}
        line="p:w/$f $f skb=$skb:x64 ra=\$stack0:x64"
        for field in $FIELDS; do
            line="$line $field=$skb->$field"
        done
        # dev is only looked at where it is one; reading a wrong pointer gives (fault).
        line="$line ifindex=$skb->dev->ifindex mtu=$skb->dev->mtu netns=$skb->dev->nd_net.net->ns.inum ifname=$skb->dev->name:string comm=\$comm"
        echo "$line" >> $T/kprobe_events || echo "$line" >> /out/witness.failed
    done 2>> /out/witness.log
    echo 1 > $T/events/w/enable
    echo 1 > $T/events/skb/kfree_skb/enable
}

# traced COMMAND...: with the witnesses' eyes open
traced() {
    echo > $T/trace
    echo 1 > $T/tracing_on
    "$@"
    echo 0 > $T/tracing_on
}

keep_trace() {
    cat $T/trace > "/out/$1.trace"
    for cpu in "$T"/per_cpu/cpu*; do
        grep -H 'overrun\|dropped' "$cpu/stats"
    done > "/out/$1.trace.stats"
}

setup() {
    sh scene.sh up
    for side in client server; do
        [ $side = client ] && n=1 peer=2 || n=2 peer=1
        ip -n pwru-$side link set veth-$side down
        ip -n pwru-$side link set veth-$side address 02:00:00:00:00:0$n
        ip netns exec pwru-$side sh -c "echo 0 > /proc/sys/net/ipv6/conf/veth-$side/disable_ipv6
            echo 0 > /proc/sys/net/ipv6/conf/veth-$side/router_solicitations"
        ip -n pwru-$side link set veth-$side up
        ip -n pwru-$side addr add fd99::$n/64 dev veth-$side nodad
        ip -n pwru-$side neigh replace 10.99.0.$peer lladdr 02:00:00:00:00:0$peer dev veth-$side
        ip -n pwru-$side neigh replace fd99::$peer lladdr 02:00:00:00:00:0$peer dev veth-$side
        # Queues to choose among, and VLANs: priority 5 with id 100, and the one whose tag is 0.
        ip -n pwru-$side link add link veth-$side name tag100 type vlan id 100 egress-qos-map 0:5
        ip -n pwru-$side link add link veth-$side name tag0 type vlan id 0
        ip -n pwru-$side addr add 10.60.0.$n/24 dev tag100
        ip -n pwru-$side addr add 10.61.0.$n/24 dev tag0
        ip -n pwru-$side link set tag100 up
        ip -n pwru-$side link set tag0 up
    done
    ip -n pwru-client link add queues type veth peer name queues1 netns pwru-server
    ip -n pwru-client link del queues
    ip -n pwru-client link add queues numtxqueues 4 numrxqueues 4 type veth peer name queues1 numtxqueues 4 numrxqueues 4 netns pwru-server
    ip -n pwru-client addr add 10.62.0.1/24 dev queues
    ip -n pwru-server addr add 10.62.0.2/24 dev queues1
    ip -n pwru-client link set queues mtu 1400 up
    ip -n pwru-server link set queues1 up
    ip netns exec pwru-client tc qdisc add dev queues clsact
    ip netns exec pwru-client tc filter add dev queues egress matchall action skbedit queue_mapping 3
    # A route with an MTU of its own, and one to a place that the server refuses for each reason of drop.
    ip -n pwru-client route add 10.63.0.0/24 via 10.99.0.2 dev veth-client mtu lock 1300
    ip -n pwru-client route add 10.64.0.0/24 via 10.99.0.2 dev veth-client
    $SERVER nft -f - << 'NFT'
table inet pwru-counters {
    chain input {
        type filter hook input priority -10; policy accept;
        udp dport 7001 counter
        udp dport 7002 counter drop
    }
}
NFT
    $CLIENT ping -c 1 -W 2 10.62.0.2
    $CLIENT ping -c 1 -W 2 10.60.0.2
    $CLIENT ping -c 1 -W 2 10.61.0.2
}

what_is() {
    for side in client server; do
        ip -n pwru-$side -j -d link > /out/link-$side
        inode pwru-$side > /out/netns-$side
    done
    cat /proc/kallsyms > /out/kallsyms
}

fill() {
    sh scene.sh ping
    $CLIENT busybox nc -w 1 10.99.0.2 82
    $SERVER busybox nc -l -p 83 > /dev/null < /dev/null &
    sleep 0.2
    $CLIENT fields-send stream 10.99.0.2 83 20000
    $CLIENT fields-send udp 10.99.0.2 7000 20 thread=the-thread sport=1111
    $CLIENT fields-send udp 10.99.0.2 7001 100 mark=0x1234 sport=1112
    $CLIENT fields-send udp 10.99.0.2 7002 200 sport=1113
    $CLIENT fields-send udp 10.99.0.2 7003 5000 sport=1114
    $CLIENT fields-send udp 10.99.0.2 7004 4000 sport=1115 gso=1000
    $CLIENT fields-send udp fd99::2 7005 300 sport=1116 mark=0xffffffff
    $CLIENT fields-send udp 10.63.0.1 7006 400 sport=1117
    $CLIENT fields-send udp 10.60.0.2 7007 500 sport=1118
    $CLIENT fields-send udp 10.61.0.2 7008 600 sport=1119
    $CLIENT fields-send udp 10.62.0.2 7009 700 sport=1120
    $CLIENT fields-send frames veth-client frames.txt
}

main() {
    witness
    record main -s 192 --stack=32 --skb --cb -- sh fields-test.sh traced fill
    keep_trace main
    $SERVER nft list table inet pwru-counters > /out/nft.counters
    ip netns exec pwru-client tc -s filter show dev queues egress > /out/tc.filter
}

# Stacks: the witness writes one after each hit.
stacks() {
    echo 0 > $T/events/enable
    echo 1 > $T/events/w/icmp_rcv/enable
    echo stacktrace > $T/events/w/icmp_rcv/trigger
    for depth in "" =1 =32; do
        record "stack$depth" --stack$depth -- sh fields-test.sh traced sh scene.sh ping
        keep_trace "stack$depth"
    done
    record no-extras -- sh scene.sh ping
    echo '!stacktrace' > $T/events/w/icmp_rcv/trigger
    echo 0 > $T/events/enable
}

renamed() {
    $CLIENT ping -s 60 -c 1 -W 2 10.62.0.2
    ip -n pwru-client link set queues down
    ip -n pwru-client link set queues name newname
    ip -n pwru-client link set newname up
    $CLIENT ping -s 70 -c 1 -W 2 10.62.0.2
}

rename() { record renamed --filter-proto icmp -- sh fields-test.sh renamed; }

# The headers in a page, behind an Ethernet header in the linear part.
pages() {
    read -r frame < pages.txt
    record pages -s 192 -- fields-send frags page0 "$frame" 14
    record pages-some -s 192 -- fields-send frags page0 "$frame" 34
    record pages-filter -s 192 --filter-dst-port 2000 -- fields-send frags page0 "$frame" 14
    record pages-pcap -s 192 'udp port 2000' -- fields-send frags page0 "$frame" 14
}

if [ $# -gt 0 ]; then
    "$@"
    exit
fi
setup > /out/setup.log 2>&1
what_is
: > /out/times
for part in main stacks rename pages; do
    timed $part
done

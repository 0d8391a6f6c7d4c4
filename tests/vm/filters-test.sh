#!/bin/sh
# filters-test.sh, run in a guest by tests/suites/guest-filters: one scene after another, each recorded with the filters that
# tests/vm/filters-judge.py on the host knows under the recording's name. frames.txt and matrix.txt: filters-frames.py.
# shellcheck disable=SC2086,SC2030,SC2031 # commands and options are kept in variables, as words
set -u
. ./recording.sh
CLIENT="ip netns exec pwru-client"
SERVER="ip netns exec pwru-server"

# refused NAME OPTION...: nothing is to be recorded
refused() {
    name=$1
    shift
    record "refused-$name" "$@" -- true
}

# Each recording reads all symbols of the kernel and keeps them, which takes most of its time under emulation and is not what
# is tested here: it gets to see those that it needs.
fast() {
    T=/sys/kernel/tracing
    pwru-record --list-functions > /out/list-all 2> /dev/null
    awk 'FNR == NR { if ($1 == "probe") want[$2] = 1; next }
        $3 in want || $3 ~ /^(_text|_stext|_etext|vmemmap_base|page_offset_base)$/' /out/list-all /proc/kallsyms > /tmp/kallsyms
    awk 'FNR == NR { if ($1 == "probe") want[$2] = 1; next } $1 in want' /out/list-all $T/available_filter_functions > /tmp/functions
    mount --bind /tmp/kallsyms /proc/kallsyms
    mount --bind /tmp/functions $T/available_filter_functions
}

scene() {
    sh scene.sh up
    for side in client server; do
        [ $side = client ] && n=1 peer=2 || n=2 peer=1
        ip -n pwru-$side link set veth-$side down
        ip -n pwru-$side link set veth-$side address 02:00:00:00:00:0$n
        ip netns exec pwru-$side sh -c "echo 0 > /proc/sys/net/ipv6/conf/veth-$side/disable_ipv6
            echo 0 > /proc/sys/net/ipv6/conf/all/forwarding
            echo 0 > /proc/sys/net/ipv6/conf/veth-$side/router_solicitations
            echo 0 > /proc/sys/net/ipv6/conf/veth-$side/accept_dad"
        ip -n pwru-$side link set veth-$side up
        ip -n pwru-$side addr add fd99::$n/64 dev veth-$side nodad
        ip -n pwru-$side neigh replace 10.99.0.$peer lladdr 02:00:00:00:00:0$peer dev veth-$side nud permanent
        ip -n pwru-$side neigh replace fd99::$peer lladdr 02:00:00:00:00:0$peer dev veth-$side nud permanent
    done
    # The frames of frames.txt go no further than the first hook: no answers, and no fragments kept for later.
    $SERVER nft -f - << 'NFT'
table inet frames {
    chain first {
        type filter hook prerouting priority -450; policy accept;
        ip id >= 0x7000 ip id < 0x7100 drop
        ip6 flowlabel >= 0x70000 ip6 flowlabel < 0x70100 drop
        udp dport 3000-3005 drop
    }
}
NFT
}

# ---- the matrix: every frame against every filter ----
frames() {
    send="$CLIENT fields-send frames veth-client frames.txt"
    record frames-all -s 192 --no-track -- $send
    while read -r name options; do
        eval "record 'frames-$name' -s 192 --no-track $options -- $send"
    done < matrix.txt
    record frames-tracked -s 192 --filter-src-port 1000 -- $send
}

# ---- packets from sockets: filters match before the headers are there ----
sockets() {
    syn="$CLIENT busybox nc -w 1 10.99.0.2 82"
    record syn --filter-dst-port 82 --filter-proto tcp --filter-dst-ip 10.99.0.2 -- $syn
    record syn-swapped --filter-src-port 82 --filter-proto tcp -- $syn
    record syn-swapped-ip --filter-dst-ip 10.99.0.1 --filter-proto tcp -- $syn
    record syn-6 --filter-dst-port 82 --filter-proto tcp --filter-dst-ip fd99::2 -- $CLIENT busybox nc -w 1 fd99::2 82
    record syn-mapped --filter-dst-port 2000 --filter-dst-ip 10.99.0.2 -- \
        $CLIENT fields-send udp ::ffff:10.99.0.2 2000 20 connect=1 src=::ffff:10.99.0.1 sport=1000
    record udp-connected --filter-dst-port 2000 --filter-src-port 1000 -- \
        $CLIENT fields-send udp 10.99.0.2 2000 20 connect=1 sport=1000
    udp="$CLIENT fields-send udp 10.99.0.2 2000 20 sport=1000"
    record udp-unconnected --filter-dst-port 2000 -- $udp
    record udp-unconnected-0 --filter-dst-port 0 -- $udp
    record udp-unconnected-any --filter-dst-ip 0.0.0.0 -- $udp
    record udp-unconnected-src --filter-src-ip 0.0.0.0 -- $udp
    record tcp-all -- sh scene.sh tcp
    record tcp-proto-0 --filter-proto 0 -- sh scene.sh tcp
}

# ---- marks, by destination port ----
marks() {
    $CLIENT fields-send udp 10.99.0.2 3000 10
    $CLIENT fields-send udp 10.99.0.2 3001 10 mark=0x12
    $CLIENT fields-send udp 10.99.0.2 3002 10 mark=0x1012
    $CLIENT fields-send udp 10.99.0.2 3003 10 mark=0xffffffff
    $CLIENT fields-send udp 10.99.0.2 3004 10 mark=0x1
    $CLIENT fields-send udp fd99::2 3005 10 mark=0x12
}

mark_filters() {
    marks="sh filters-test.sh marks"
    record marks-all --no-track -- $marks
    record marks-0 --no-track --filter-mark 0 -- $marks
    record marks-12 --no-track --filter-mark 0x12 -- $marks
    record marks-18 --no-track --filter-mark 18 -- $marks
    record marks-12-ff --no-track --filter-mark 0x12/0xff -- $marks
    record marks-0-f0 --no-track --filter-mark 0/0xf0 -- $marks
    record marks-0-0 --no-track --filter-mark 0/0 -- $marks
    record marks-all-ones --no-track --filter-mark 0xffffffff -- $marks
    record marks-tracked --filter-mark 0x12 -- $marks
    refused mark-outside --filter-mark 0x100/0xff
    refused mark-too-large --filter-mark 0x100000000
    refused mark-empty-mask --filter-mark 1/
    refused mark-no-value --filter-mark /0xff
    refused mark-word --filter-mark one
}

# ---- which process ----
pids() {
    $CLIENT fields-send udp 10.99.0.2 4002 10 wait=/tmp/go > /tmp/pid-2 &
    $CLIENT fields-send udp 10.99.0.2 4001 10 wait=/tmp/go > /out/pid-1 &
    # shellcheck disable=SC2016 # for the other sh
    record pid --filter-pid $! -- sh -c ': > /tmp/go
        for i in $(busybox seq 300); do [ ! -s /out/pid-1 ] || [ ! -s /tmp/pid-2 ] || exit 0; busybox usleep 100000; done'
    wait
    rm /tmp/go
    refused pid-0 --filter-pid 0
    refused pid-word --filter-pid init
}

# ---- namespaces and interfaces ----
namespaces() {
    ping="sh scene.sh ping"
    $SERVER sleep 100 &
    holder=$!
    sleep 0.2
    record netns-all --no-track -- $ping
    record netns-path --no-track --filter-netns /run/netns/pwru-server -- $ping
    record netns-name --no-track --filter-netns pwru-server -- $ping
    record netns-inode --no-track --filter-netns "inode:$(inode pwru-server)" -- $ping
    record netns-proc --no-track --filter-netns "/proc/$holder/ns/net" -- $ping
    record netns-other --no-track --filter-netns /proc/1/ns/net -- $ping
    record netns-tracked --filter-netns pwru-server -- $ping
    kill "$holder"
    refused netns-missing --filter-netns nowhere
    refused netns-inode-word --filter-netns inode:x
    refused netns-inode-0 --filter-netns inode:0
    refused netns-file --filter-netns /etc/passwd
    refused netns-other-kind --filter-netns /proc/1/ns/mnt
}

interfaces() {
    ping="sh scene.sh ping"
    record ifname-all --no-track -- $ping
    record ifname --no-track --filter-ifname veth-server -- $ping
    record ifname-tracked --filter-ifname veth-server -- $ping
    record ifname-prefix --no-track --filter-ifname veth-serve -- $ping
    refused ifname-long --filter-ifname 0123456789abcdef
    refused ifname-empty --filter-ifname ''

    ip -n pwru-client link add same0 type veth peer name same0 netns pwru-server
    ip -n pwru-client addr add 10.98.0.1/24 dev same0
    ip -n pwru-server addr add 10.98.0.2/24 dev same0
    ip -n pwru-client link set same0 up
    ip -n pwru-server link set same0 up
    $CLIENT ping -q -c 1 -W 2 10.98.0.2 > /dev/null
    ping98="$CLIENT ping -c 1 -W 2 10.98.0.2"
    record same-both --no-track --filter-ifname same0 -- $ping98
    record same-client --no-track --filter-ifname same0 --filter-netns pwru-client -- $ping98
    record same-server --no-track --filter-ifname same0 --filter-netns pwru-server -- $ping98

    record ifname-late --no-track --filter-ifname late0 -- sh filters-test.sh late
    record ifname-renamed --no-track --filter-ifname after0 -- sh filters-test.sh rename
    record ifname-before --no-track --filter-ifname late0 -- sh filters-test.sh rename_back
}

late() {
    ip -n pwru-client link add late0 type veth peer name late1 netns pwru-server
    ip -n pwru-client addr add 10.97.0.1/24 dev late0
    ip -n pwru-server addr add 10.97.0.2/24 dev late1
    ip -n pwru-client link set late0 up
    ip -n pwru-server link set late1 up
    $CLIENT ping -c 1 -W 2 10.97.0.2
}

# The payload's size tells the pings apart: 60 bytes before, 70 after.
rename() {
    $CLIENT ping -s 60 -c 1 -W 2 10.97.0.2
    ip -n pwru-client link set late0 down
    ip -n pwru-client link set late0 name after0
    ip -n pwru-client link set after0 up
    $CLIENT ping -s 70 -c 1 -W 2 10.97.0.2
}

rename_back() {
    $CLIENT ping -s 60 -c 1 -W 2 10.97.0.2
    ip -n pwru-client link set after0 down
    ip -n pwru-client link set after0 name late0
    ip -n pwru-client link set late0 up
    $CLIENT ping -s 70 -c 1 -W 2 10.97.0.2
}

# ---- VLAN devices: the tag is in skb->vlan_tci, in the packet, or both ----
vlans() {
    for side in client server; do
        [ $side = client ] && n=1 peer=2 || n=2 peer=1
        ip -n pwru-$side link add link veth-$side name tag100 type vlan id 100
        ip -n pwru-$side link add link tag100 name tag200 type vlan id 200
        ip -n pwru-$side addr add 10.60.0.$n/24 dev tag100
        ip -n pwru-$side addr add 10.61.0.$n/24 dev tag200
        ip -n pwru-$side link set tag100 up
        ip -n pwru-$side link set tag200 up
        ip -n pwru-$side neigh replace 10.60.0.$peer lladdr 02:00:00:00:00:0$peer dev tag100 nud permanent
        ip -n pwru-$side neigh replace 10.61.0.$peer lladdr 02:00:00:00:00:0$peer dev tag200 nud permanent
    done
    pings="$CLIENT sh filters-test.sh ping_vlans"
    $pings > /dev/null
    record vlans-all -s 192 --no-track -- $pings
    record vlans-one -s 192 --no-track --filter-dst-ip 10.60.0.2 --filter-proto icmp -- $pings
    record vlans-two -s 192 --no-track --filter-dst-ip 10.61.0.2 --filter-proto icmp -- $pings
    record vlans-pcap -s 192 --no-track vlan 200 -- $pings
    record vlans-tag -s 192 --no-track 'vlan 100 and icmp' -- $pings
    record vlans-both -s 192 --no-track 'vlan 100 and vlan 200' -- $pings
    record vlans-none -s 192 --no-track 'icmp and not vlan' -- $pings
    record vlans-third -s 192 --no-track vlan 300 -- $pings
    record vlans-icmp -s 192 --no-track icmp -- $pings
}

ping_vlans() {
    ping -c 1 -W 2 10.60.0.2
    ping -c 1 -W 2 10.61.0.2
}

# ---- tunnels. Inside each: 10.50.K.2 is the one to find, 10.51.K.2 another one. ----
KINDS="vxlan geneve gretap gre ipip sit ip6tnl ip6gre"
tunnels() {
    for side in client server; do
        [ $side = client ] && n=1 peer=2 || n=2 peer=1
        ends="local 10.99.0.$n remote 10.99.0.$peer"
        ends6="local fd99::$n remote fd99::$peer"
        tunnel() { ip -n pwru-$side link add "$@"; }
        tunnel vxlan1 type vxlan id 42 dstport 4789 $ends dev veth-$side
        tunnel geneve1 type geneve id 42 remote 10.99.0.$peer
        tunnel gretap1 type gretap $ends key 7 csum seq
        tunnel gre1 type gre $ends
        tunnel ipip1 type ipip $ends
        tunnel sit1 type sit $ends
        tunnel ip6tnl1 type ip6tnl mode any $ends6
        tunnel ip6gre1 type ip6gre $ends6
        k=1
        for kind in $KINDS; do
            # Known neighbours: asking for them would stand between the packets now and then.
            case $kind in vxlan | geneve | gretap)
                ip -n pwru-$side link set ${kind}1 address 02:00:00:00:0$k:0$n up
                for net in 50 51; do
                    ip -n pwru-$side neigh replace 10.$net.$k.$peer lladdr 02:00:00:00:0$k:0$peer dev ${kind}1 nud permanent
                done ;;
            esac
            ip -n pwru-$side link set ${kind}1 up
            if [ $kind = sit ]; then
                ip netns exec pwru-$side sh -c "echo 0 > /proc/sys/net/ipv6/conf/${kind}1/disable_ipv6"
                ip -n pwru-$side addr add fd50:$k::$n/64 dev ${kind}1 nodad
                ip -n pwru-$side addr add fd51:$k::$n/64 dev ${kind}1 nodad
            else
                ip -n pwru-$side addr add 10.50.$k.$n/24 dev ${kind}1
                ip -n pwru-$side addr add 10.51.$k.$n/24 dev ${kind}1
            fi
            k=$((k + 1))
        done
    done
    $CLIENT sh filters-test.sh ping_tunnels > /out/tunnels.warm 2>&1
    pings="$CLIENT sh filters-test.sh ping_tunnels"
    what="'(icmp[icmptype] == icmp-echo and dst net 10.50.0.0/16) or (icmp6 and ip6[40] == 128 and dst net fd50::/16)'"
    answered tunnels-all -s 192 --no-track -- $pings
    eval "answered tunnels-inner -s 192 --no-track --filter-tunnel $what -- $pings"
    eval "answered tunnels-outer -s 192 --no-track $what -- $pings"
    eval "answered tunnels-tracked -s 192 --filter-tunnel $what -- $pings"
    answered tunnels-icmp -s 192 --no-track icmp -- $pings
    answered tunnels-proto -s 192 --no-track --filter-proto icmp -- $pings
}

# answered NAME OPTION...: once more where a busy machine was too late for an answer
answered() {
    for again in 1 2 3; do
        record "$@"
        [ "$(grep -c ' 1 \(packets \)*received' "/out/$name.log")" != "$(grep -c ' 1 \(packets \)*received' /out/tunnels.warm)" ] || return 0
        echo "$name: a ping was not answered, recording $again" >> /out/tunnels.again
    done
}

ping_tunnels() {
    k=1
    for kind in $KINDS; do
        if [ $kind = sit ]; then
            ping -c 1 -W 1 fd50:$k::2
            ping -c 1 -W 1 fd51:$k::2
        else
            ping -c 1 -W 1 10.50.$k.2
            ping -c 1 -W 1 10.51.$k.2
        fi
        k=$((k + 1))
    done
    ping -c 1 -W 1 10.99.0.2
}

# ---- all filters at once, and with each of them wrong ----
together() {
    netns='--filter-netns pwru-client' ifname='--filter-ifname veth-client' mark='--filter-mark 0x12'
    port='--filter-dst-port 3001' proto='--filter-proto udp' ip='--filter-src-ip 10.99.0.1' pcap='udp port 3001'
    func='--filter-func dev_hard_start_xmit|__dev_queue_xmit'
    all() { record "together-$1" --no-track $func $netns $ifname $mark $port $proto $ip $pcap -- sh filters-test.sh marks; }
    all right
    (netns='--filter-netns pwru-server'; all netns)
    (ifname='--filter-ifname veth-server'; all ifname)
    (mark='--filter-mark 0x13'; all mark)
    (port='--filter-dst-port 3002'; all port)
    (proto='--filter-proto tcp'; all proto)
    (ip='--filter-src-ip 10.99.0.2'; all ip)
    (pcap='udp port 3002'; all pcap)
    (func='--filter-func __dev_queue_xmit'; all func)
    (func="$func --filter-tunnel udp"; all tunnel)
    (func="$func --filter-pid 1"; all pid)
    refused versions --filter-src-ip 10.99.0.1 --filter-dst-ip fd99::2
    refused address --filter-src-ip 10.99.0
    refused port --filter-dst-port 65536
    refused proto --filter-proto 256
    refused pcap nonsense here
    refused tunnel --filter-tunnel 'nonsense here'
}

# ---- functions ----
functions() {
    ping="sh scene.sh ping"
    record func-several --filter-func 'ip_(rcv|output)' --filter-func 'icmp_.*' --filter-func '!icmp_(push|r).*' -- $ping
    record func-not --filter-func '!.*skb.*' --filter-func '!ip_.*' -- $ping
    record func-part --filter-func ip_rc -- $ping
    refused func-regex --filter-func 'ip_(rcv'
    refused func-not-regex --filter-func '!*['
    for name in list-several list-not; do
        case $name in
            list-several) set -- --filter-func 'ip_(rcv|output)' --filter-func 'icmp_.*' --filter-func '!icmp_(push|r).*' ;;
            list-not) set -- --filter-func '!.*skb.*' --filter-func '!ip_.*' ;;
        esac
        pwru-record --list-functions "$@" > "/out/$name" 2> /dev/null
    done
}

# ---- tracking: through NAT the tuple changes and the packet stays ----
tracking() {
    $SERVER nft -f - << 'NFT'
table ip pwru-nat {
    chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        tcp dport 90 counter dnat to 10.99.0.2:82
    }
}
NFT
    syn="$CLIENT busybox nc -w 1 10.99.0.2 90"
    record nat-tracked --filter-dst-port 90 -- $syn
    record nat-no-track --no-track --filter-dst-port 90 -- $syn
    record nat-after --no-track --filter-dst-port 82 --filter-proto tcp -- $syn
    $SERVER nft list table ip pwru-nat > /out/nat.counters
}

# ---- fragments made by the kernel ----
fragments() {
    big="$CLIENT sh filters-test.sh big"
    record big-all --no-track -s 192 -- $big
    record big-icmp --no-track -s 192 --filter-proto icmp -- $big
    record big-port --no-track -s 192 --filter-dst-port 2000 -- $big
    record big-pcap --no-track -s 192 'icmp[icmptype] == icmp-echo' -- $big
}

big() {
    ping -s 9000 -c 1 -W 2 10.99.0.2
    fields-send udp 10.99.0.2 2000 5000 sport=1000
    fields-send udp fd99::2 2000 5000 sport=1000
    sleep 0.5 # on a busy machine they are received later
}

if [ $# -gt 0 ]; then
    "$@"
    exit
fi
fast
scene > /out/scene.log 2>&1
for to in 10.99.0.2 fd99::2; do # headers of the link layer are cached from the first packet on
    $CLIENT ping -c 1 -W 2 $to > /dev/null
done
for part in frames sockets mark_filters pids namespaces interfaces vlans tunnels together functions tracking fragments; do
    [ -z "${PARTS:-}" ] || case " $PARTS " in *" $part "*) ;; *) continue ;; esac
    timed $part
done

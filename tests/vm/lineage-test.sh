#!/bin/sh
# lineage-test.sh, run in a guest by tests/support/lineage-suite.sh: one scene after another, each recorded, while kprobe events of
# the kernel's own tell which skbs are born and die. Everything is left in /out; lineage-judge.py, lineage-witness.py and
# lineage-invariants.py judge it on the host.
#
# ./settings: BACKEND, FLOOD (packets), FUNCS (a --filter-func that is enough for the scenes), NARROW (yes: use it for every scene), PARTS (none:
# all), SEED and LASTS (seconds) of the random traffic.
# shellcheck disable=SC2086 # options are kept in variables, as words
set -u
. ./settings
T=/sys/kernel/tracing
CLIENT="ip netns exec pwru-client"
SERVER="ip netns exec pwru-server"
ROUTER="ip netns exec pwru-router"

# ---- the namespaces ----

# pair NS1 DEV1 NS2 DEV2: a veth pair, up
pair() {
    ip -n "$1" link add "$2" type veth peer name "$4" netns "$3"
    ip -n "$1" link set "$2" up
    ip -n "$3" link set "$4" up
}

known() { # NS DEV ADDRESS MAC: ARP would stand in the middle of a path
    ip -n "$1" neigh replace "$3" lladdr "$4" dev "$2" nud permanent
}

mac() { # NS DEV MAC
    ip -n "$1" link set "$2" down
    ip -n "$1" link set "$2" address "$3"
    ip -n "$1" link set "$2" up
}

setup() {
    sh scene.sh up
    for side in client server; do
        [ $side = client ] && n=1 peer=2 || n=2 peer=1
        mac pwru-$side veth-$side 02:00:00:00:00:0$n
        known pwru-$side veth-$side 10.99.0.$peer 02:00:00:00:00:0$peer
        ip -n pwru-$side link add vxlan1 type vxlan id 42 dstport 4789 local 10.99.0.$n remote 10.99.0.$peer dev veth-$side
        mac pwru-$side vxlan1 02:00:00:00:01:0$n
        ip -n pwru-$side addr add 10.50.0.$n/24 dev vxlan1
        known pwru-$side vxlan1 10.50.0.$peer 02:00:00:00:01:0$peer
    done
    for ns in pwru-bridge pwru-router; do
        ip netns add $ns
        ip netns exec $ns sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'
        ip -n $ns link set lo up
    done
    # client bc0 - bp0 [br0] bp1, bp2, bp3 - bs1, bs2, bs3 server
    ip -n pwru-bridge link add br0 type bridge mcast_snooping 0
    ip -n pwru-bridge link set br0 up
    pair pwru-client bc0 pwru-bridge bp0
    for i in 1 2 3; do
        pair pwru-bridge bp$i pwru-server bs$i
    done
    for i in 0 1 2 3; do
        ip -n pwru-bridge link set bp$i master br0
    done
    ip -n pwru-client addr add 10.96.0.1/24 dev bc0
    # client cr 10.97.1.1 - 10.97.1.254 rc [router] rs 10.97.2.254 - 10.97.2.2 sr server
    pair pwru-client cr pwru-router rc
    pair pwru-router rs pwru-server sr
    mac pwru-client cr 02:00:00:00:02:01
    mac pwru-router rc 02:00:00:00:02:02
    mac pwru-router rs 02:00:00:00:02:03
    mac pwru-server sr 02:00:00:00:02:04
    ip -n pwru-client addr add 10.97.1.1/24 dev cr
    ip -n pwru-router addr add 10.97.1.254/24 dev rc
    ip -n pwru-router addr add 10.97.2.254/24 dev rs
    ip -n pwru-server addr add 10.97.2.2/24 dev sr
    known pwru-client cr 10.97.1.254 02:00:00:00:02:02
    known pwru-router rc 10.97.1.1 02:00:00:00:02:01
    known pwru-router rs 10.97.2.2 02:00:00:00:02:04
    known pwru-server sr 10.97.2.254 02:00:00:00:02:03
    $ROUTER sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
    $ROUTER nft -f - << 'NFT'
table ip nat {
    chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        iifname rc udp dport 90 counter dnat to 10.97.2.2:82
    }
    chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname rs counter masquerade
    }
}
NFT
    ip -n pwru-client route add 239.0.0.0/8 dev veth-client
    $CLIENT nft -f - << 'NFT'
table ip output {
    chain output {
        type filter hook output priority 0; policy accept;
        udp dport { 5001, 5002 } counter drop
    }
}
NFT
    # What the first packets of a connection load and cache is there.
    $CLIENT ping -q -c 2 -i 0.2 10.99.0.2
    $CLIENT ping -q -c 1 10.50.0.2
    sleep 1 # what the links say of themselves is over
}

# ---- recording ----

at() {
    read -r now _ < /proc/uptime
    echo "$1: $now s" | tee -a /out/times # the console has it if the guest hangs
}

# record NAME ACT OPTION...: NAME.pcapng, what it said, its exit status; NAME.trace, the kernel's own
record() {
    name=$1 act=$2
    shift 2
    echo > $T/trace
    cat $T/kprobe_profile > "/out/$name.misses.before"
    rc=0
    /t/bin/pwru-record --backend "$BACKEND" -w "/out/$name.pcapng" "$@" -- sh lineage-test.sh traced "$name" "$act" > "/out/$name.log" 2>&1 \
        < /dev/null || rc=$?
    echo "$rc" > "/out/$name.rc"
    echo 0 > $T/tracing_on
    grep -v '^#' $T/trace > "/out/$name.trace"
    cat $T/kprobe_profile > "/out/$name.misses.after"
    cat $T/per_cpu/cpu*/stats | grep 'overrun\|dropped' > "/out/$name.trace.stats"
    at "$name is recorded"
}

# With the functions that are enough where attaching to all would take too long.
scene() {
    name=$1
    shift
    if [ "$NARROW" = yes ]; then
        # whose packets TCP queues
        record "$name" "act_$name" --filter-func "$FUNCS|__tcp_transmit_skb" "$@"
    else
        record "$name" "act_$name" "$@"
    fi
}

traced() { # NAME ACT
    echo 1 > $T/tracing_on
    echo START > $T/trace_marker
    rc=0
    "$2" > "/out/$1.act" 2>&1 || rc=$?
    wait
    flush
    busybox usleep 300000
    echo STOP > $T/trace_marker
    echo "$rc" > "/out/$1.act.rc"
}

# What a socket has read may wait on its CPU to be freed, until that CPU receives something.
flush() {
    for cpu in 1 2; do
        busybox taskset $cpu lineage-net send udp 127.0.0.1 9 1 1
    done
}

# Where the kernel has these functions they tell of every birth (what they return), every end, whose child is whose and what
# was merged. One that were left out would show as two births without an end between, which lineage-witness.py takes for a failure.
witness() {
    echo mono > $T/trace_clock
    echo 24576 > $T/buffer_size_kb
    echo 0 > $T/tracing_on
    : > $T/kprobe_events
    for f in __alloc_skb skb_clone alloc_skb_for_msg __build_skb slab_build_skb __napi_build_skb; do
        echo "r:lineage/birth_$f $f skb=\$retval:x64" >> $T/kprobe_events
    done
    # Newer kernels have no function inside of napi_build_skb(), older ones would tell each birth twice.
    grep -q '__napi_build_skb' $T/kprobe_events || echo "r:lineage/birth_napi_build_skb napi_build_skb skb=\$retval:x64" >> $T/kprobe_events
    # shellcheck disable=SC2016 # the kernel's $
    for probe in 'birth_frame __xdp_build_skb_from_frame skb=%si:x64' \
        'end_release skb_release_head_state skb=%di:x64 by=$stack0:symbol' \
        'end_stolen napi_skb_free_stolen_head skb=%di:x64' \
        'morph skb_morph skb=%di:x64 of=%si:x64' \
        'edge_copy __copy_skb_header skb=%di:x64 of=%si:x64 by=$stack0:symbol' \
        'edge_fragment ip_copy_metadata skb=%di:x64 of=%si:x64' \
        'edge_split skb_split skb=%si:x64 of=%di:x64' \
        'offer_gro skb_gro_receive skb=%di:x64 of=%si:x64' \
        'offer_coalesce skb_try_coalesce skb=%di:x64 of=%si:x64' \
        'memory_free kfree_skbmem skb=%di:x64' \
        'memory_cache napi_skb_cache_put skb=%di:x64'; do
        echo "p:lineage/$probe" >> $T/kprobe_events
    done
    for probe in gro:skb_gro_receive coalesce:skb_try_coalesce; do
        echo "r:lineage/taken_${probe%:*} ${probe#*:} said=\$retval:x8" >> $T/kprobe_events
    done
    echo 1 > $T/events/lineage/enable
    cat $T/kprobe_events
} > /out/witness.log 2>&1

# Most of the time that a recording takes under emulation goes into all the kernel's symbols, which are not what is tested
# here: it gets to see those of functions it may attach to, and where each of these ends.
fast() {
    pwru-record --list-functions > /out/list-all 2> /dev/null
    awk 'FNR == NR { if ($1 == "probe") want[$2] = 1; next }
        $3 in want || NF > 3 || $3 ~ /skb|frag|xdp|^(_text|_stext|_etext|vmemmap_base|page_offset_base)$/ { print; after = 1; next }
        after { print; after = 0 }' /out/list-all /proc/kallsyms > /tmp/kallsyms
    awk 'FNR == NR { if ($1 == "probe") want[$2] = 1; next } $1 in want || $1 ~ /skb|frag|xdp/' /out/list-all $T/available_filter_functions \
        > /tmp/functions
    mount --bind /tmp/kallsyms /proc/kallsyms
    mount --bind /tmp/functions $T/available_filter_functions
}

# ---- what happens in a scene ----

# in NETNS sink ARGUMENT...: takes packets in the background; goes on when it is ready to
sink() {
    # Each its own: a reader that finds the sink before still in one goes on at that one's end, and this one never gets a reader.
    ready=$(mktemp -u /tmp/ready.XXXXXX)
    mkfifo "$ready"
    ip netns exec "$1" lineage-net sink "$2" "$3" ${4-} ${5-} ${6-} > "$ready" &
    read -r _ < "$ready"
    rm "$ready"
}
send() { $CLIENT lineage-net send "$@"; }
# From one CPU: each CPU has a queue of its own for what is received, and their order is anybody's.
frames() { $CLIENT busybox taskset 1 fields-send frames "$1" "$2"; }
offload() { ip netns exec "$1" ethtool -K "$2" "$3" "$4"; }

# Dropped on the way out, on one CPU: the next one gets the memory of the one before.
act_reuse() { $CLIENT busybox taskset 1 lineage-net send udp 10.99.0.2 5001 20 8 sport=5000; }

act_bridge() { frames bc0 flood.txt; }

act_tap() {
    sink pwru-server udp 5010 1
    sink pwru-client tap veth-client 1
    sink pwru-server tap veth-server 1
    send udp 10.99.0.2 5010 20 1 sport=5000
}

# What the kernel has sent again, before and after.
tcp_counts() { $CLIENT grep '^Tcp:' /proc/net/snmp; }

# Ten segments in one write, then ten in another.
act_gso() {
    tcp_counts
    sink pwru-server tcp 5020
    send tcp 10.99.0.2 5020 14480 14480
    tcp_counts
}
act_tso() { act_gso; }

frags() { # ORDER PORT
    [ "$1" = missing ] || sink pwru-server udp "$2" 1
    frames veth-client "frags-$1.txt"
    wait
}
act_frags() {
    frags in-order 5101
    frags first-last 5102
    frags middle-last 5103
    frags missing 5104
    sleep 1.7 # the queue's second is over
}

act_bigping() { $CLIENT ping -c 1 -W 2 -s 8972 10.99.0.2; }

act_nat() {
    sink pwru-server udp 82 1
    send udp 10.97.1.254 90 20 1 sport=5000
}

act_vxlan() {
    sink pwru-server udp 5040 1
    send udp 10.50.0.2 5040 20 1 sport=5000
}

act_multicast() {
    for _ in 1 2 3; do
        sink pwru-server udp 5050 1 group=239.1.1.1 dev=veth-server
    done
    send udp 239.1.1.1 5050 20 1 sport=5000 loop=0
}

# The rule drops the first segment with data.
act_retransmit() {
    tcp_counts
    sink pwru-server tcp 5060
    send tcp 10.99.0.2 5060 500
    tcp_counts
}

act_loopback() {
    sink pwru-client udp 5070 1
    send udp 127.0.0.1 5070 20 1 sport=5000
}

act_mirred() {
    sink pwru-server udp 5080 1
    send udp 10.99.0.2 5080 20 1 sport=5000
}

# The program at the server's interface sends each back; nobody answers.
act_xdp() { $CLIENT ping -c 2 -i 0.2 -W 1 10.99.0.2 || return 0; }

# More packets alive than the table holds: netem keeps each for three seconds.
act_flood() {
    send udp 10.99.0.2 5090 20 "$FLOOD" sport=5000
    sleep 3.5
    # A busy machine takes longer: all have left the queue, and the receiver gets no more.
    i=0
    before=none
    while [ $i -lt 60 ]; do
        now=$($CLIENT tc -s qdisc show dev veth-client | grep -o 'backlog .*p ' && $SERVER grep '^Ip:' /proc/net/snmp)
        [ "$now" != "$before" ] || break
        before=$now
        i=$((i + 1))
        sleep 0.7
    done
}

noise() { send udp 10.99.0.2 5002 20 "$1" sport=5000; }

# All that the filter --filter-dst-port 5300 is to follow, and packets that it is not to.
act_track() {
    noise 50
    tcp_counts
    sink pwru-server tcp 5300
    send tcp 10.99.0.2 5300 14480
    wait
    tcp_counts
    noise 300
    sink pwru-server udp 5300 1
    send udp 10.99.0.2 5300 8000 1 sport=5000
    wait
    noise 300
    sink pwru-server udp 5300 1
    send udp 10.50.0.2 5300 20 1 sport=5001
    wait
    noise 300
    sink pwru-server udp 82 1
    send udp 10.97.1.254 5300 20 1 sport=5002
    wait
    for _ in 1 2 3; do
        sink pwru-server udp 5300 1 group=239.1.1.1 dev=veth-server
    done
    send udp 239.1.1.1 5300 20 1 sport=5003 loop=0
    wait
    noise 300
}

act_random() {
    for ns in pwru-client pwru-server; do
        mkfifo "/tmp/ready-$ns"
        ip netns exec $ns lineage-net serve 6000 > "/tmp/ready-$ns" &
        read -r _ < "/tmp/ready-$ns"
    done
    $SERVER lineage-net random "$((SEED + 1))" "$LASTS" 6000 10.99.0.1 10.50.0.1 127.0.0.1 > /out/random.server &
    other=$!
    $CLIENT lineage-net random "$SEED" "$LASTS" 6000 10.99.0.2 10.99.0.2 10.50.0.2 10.97.2.2 10.96.0.255 239.1.1.1 127.0.0.1 > /out/random.client
    wait $other
    busybox killall lineage-net
    sleep 2.5 # what waits for a fragment that was lost gives up
}

# ---- the parts ----

reuse() { scene reuse; }
bridge() { scene bridge; }
tap() { scene tap; }

gso() {
    offload pwru-server veth-server gro on
    offload pwru-client veth-client tso off
    scene gso
    offload pwru-client veth-client tso on
    scene tso
    offload pwru-server veth-server gro off
}

fragments() {
    $SERVER sh -c 'echo 1 > /proc/sys/net/ipv4/ipfrag_time'
    scene frags
    $SERVER sh -c 'echo 30 > /proc/sys/net/ipv4/ipfrag_time'
    scene bigping
}

nat() {
    scene nat
    $ROUTER nft list table ip nat > /out/nat.counters
}

vxlan() { scene vxlan; }
multicast() { scene multicast; }

retransmit() {
    $SERVER nft add table ip lose
    $SERVER nft add chain ip lose input '{ type filter hook input priority 0; policy accept; }'
    $SERVER nft add rule ip lose input 'tcp dport 5060 tcp flags & psh == psh numgen inc mod 1000000 0 counter drop'
    scene retransmit
    $SERVER nft list table ip lose > /out/retransmit.counters
    $SERVER nft delete table ip lose
}

loopback() { scene loopback; }

mirred() {
    ip -n pwru-client link add mir0 type dummy
    ip -n pwru-client link set mir0 up
    $CLIENT tc qdisc add dev veth-client clsact
    $CLIENT tc filter add dev veth-client egress matchall action mirred egress mirror dev mir0
    scene mirred
    $CLIENT tc qdisc del dev veth-client clsact
    ip -n pwru-client link del mir0
}

# Programs on both sides: veth wakes the other side for frames only if that has one too.
xdp() {
    mkdir /sys/fs/bpf/xdp
    bpftool prog loadall lineage-xdp.o /sys/fs/bpf/xdp
    for side in client:take server:back; do
        id=$(bpftool prog show pinned "/sys/fs/bpf/xdp/${side#*:}" | sed -n '1s/:.*//p')
        ip netns exec "pwru-${side%:*}" bpftool net attach xdpdrv id "$id" dev "veth-${side%:*}"
    done
    scene xdp
    for side in client server; do
        ip netns exec pwru-$side bpftool net detach xdpdrv dev veth-$side
    done
    rm -r /sys/fs/bpf/xdp
}

# Each packet is seen where it is sent and, when most have been evicted meanwhile, where it is received.
flood() {
    echo 200000 > /proc/sys/net/core/netdev_max_backlog
    $CLIENT tc qdisc add dev veth-client root netem delay 3s limit 100000
    record flood act_flood -s 42 --comment none --filter-func '__dev_queue_xmit|ip_rcv' --max-tracked 1024 --ring-size 256M
    $CLIENT tc -s qdisc show dev veth-client > /out/flood.qdisc
    $CLIENT tc qdisc del dev veth-client root
}

track() {
    $ROUTER nft add rule ip nat prerouting iifname rc udp dport 5300 counter dnat to 10.97.2.2:82
    offload pwru-server veth-server gro on
    offload pwru-client veth-client tso off
    record track act_track --filter-func "$FUNCS" --filter-dst-port 5300
    record no_track act_track --filter-func "$FUNCS" --filter-dst-port 5300 --no-track
    [ "$NARROW" = yes ] || record track_all act_track --filter-dst-port 5300
    offload pwru-client veth-client tso on
    offload pwru-server veth-server gro off
}

random() {
    $CLIENT tc qdisc add dev veth-client root netem loss 2% delay 1ms 1ms
    $SERVER nft add table ip some
    $SERVER nft add chain ip some input '{ type filter hook input priority 0; policy accept; }'
    $SERVER nft add rule ip some input 'numgen random mod 20 0 counter drop'
    offload pwru-server veth-server gro on
    offload pwru-client veth-client tso off
    for ns in client server router; do
        ip netns exec pwru-$ns sh -c 'echo 2 > /proc/sys/net/ipv4/ipfrag_time'
    done
    $SERVER ip addr add 10.96.0.2/24 dev bs1
    $CLIENT ip route add 10.97.2.0/24 via 10.97.1.254
    record random act_random --filter-func "$FUNCS" --ring-size 256M
}

if [ $# -gt 0 ]; then
    "$@"
    exit
fi
at "begin"
setup > /out/setup.log 2>&1
at "namespaces are there"
for ns in client server bridge router; do
    echo "$(stat -L -c %i /run/netns/pwru-$ns) pwru-$ns"
done > /out/netns
witness
at "kprobe events are there"
fast
at "functions are listed"
for part in reuse bridge tap gso fragments nat vxlan multicast retransmit loopback mirred xdp track flood random; do
    [ -z "${PARTS:-}" ] || case " $PARTS " in *" $part "*) ;; *) continue ;; esac
    echo "scene $part"
    $part > "/out/$part.said" 2>&1
done
echo "all parts are done" >> /out/times

#!/bin/sh
# soak-test.sh, run in a guest by tests/suites/guest-soak: mixed traffic for LASTS seconds, recorded in several files of which the last
# ones are kept, beside kprobe events of the kernel on every function that the recorder attaches to (kprobe_profile). Each second it is
# looked at how much memory and how many descriptors the recorder has. Everything is left in /out; tests/vm/soak-judge.py judges it on
# the host.
#
# ./settings: FUNCS, LASTS, SEED, SIZE and FILES (of the rotation). As in accounting-test.sh all functions attached are chosen, so that
# each hit is recorded, lost, no packet, or skipped by the kernel, and nothing else.
set -eu
. ./settings
T=/sys/kernel/tracing
CLIENT="ip netns exec pwru-client"
SERVER="ip netns exec pwru-server"
record() { /t/bin/pwru-record --backend kprobe-multi "$@"; }

at() {
    read -r now _ < /proc/uptime
    echo "$1: $now s" | tee -a /out/times # the console has it if the guest hangs
}

setup() {
    sh scene.sh up
    ip -n pwru-client route add 239.0.0.0/8 dev veth-client
    ip -n pwru-server addr add 239.1.1.1/32 dev veth-server autojoin
    for ns in pwru-client pwru-server; do
        ip netns exec $ns sh -c 'echo 1 > /proc/sys/net/ipv4/ipfrag_time'
    done
    # Each writes what it sends in segments of its own, and some of the client's are lost.
    $SERVER ethtool -K veth-server gro on
    $CLIENT ethtool -K veth-client tso off
    $CLIENT tc qdisc add dev veth-client root netem loss 2% delay 1ms 1ms
    $CLIENT ping -q -c 2 -i 0.2 10.99.0.2
}

witness() {
    record --filter-func "$FUNCS" --list-functions > /out/list.txt
    all=$(awk '$1 == "probe" || $1 == "lifecycle" { print $2 }' /out/list.txt | sort -u | tr '\n' '|')
    all=${all%|}
    record --filter-func "$all" --list-functions > /out/chosen.txt
    echo 0 > $T/tracing_on
    awk '$1 == "probe" || $1 == "lifecycle" {
        if ($3 ~ /skb=return/) print "r:w/return_" $2 " " $2; else print "p:w/" $2 " " $2 }' /out/chosen.txt > /out/witness
    while read -r event; do
        echo "$event" >> $T/kprobe_events
    done < /out/witness
    echo 1 > $T/events/w/enable
}

# Until nothing calls any of the functions for three seconds.
quiet() {
    same=0 tries=0 last=
    while [ $same -lt 3 ]; do
        now=$(cat $T/kprobe_profile)
        if [ "$now" = "$last" ]; then same=$((same + 1)); else same=0; fi
        last=$now
        tries=$((tries + 1))
        [ $tries -lt 90 ] || { at "it does not become quiet"; return 1; }
        sleep 1
    done
}

# descriptors FILE: what each is
descriptors() {
    for fd in /proc/$recorder/fd/*; do
        echo "${fd##*/} $(readlink "$fd")"
    done > "$1"
}

# Each second: uptime, VmRSS and RssAnon in KiB, descriptors, files there are. Builtins alone, so that it costs little.
sampler() {
    first=$(wc -l < /out/fds.before)
    while [ -e /tmp/sampling ]; do
        rss='' anon=''
        while read -r key value _; do
            case $key in
            VmRSS:) rss=$value ;;
            RssAnon:) anon=$value ;;
            esac
        done < /proc/$recorder/status
        set -- /proc/$recorder/fd/*
        if [ $# -gt $((first + 1)) ]; then # /proc/modules, which it reads each second, is open for a moment
            sleep 0.1
            set -- /proc/$recorder/fd/*
        fi
        fds=$#
        set -- /out/x_*
        read -r now _ < /proc/uptime
        echo "$now $rss $anon $fds $#"
        sleep 1
    done > /out/samples
}

# TCP and UDP of all sizes up to the largest, unicast, multicast, broadcast and local, also to ports that nobody has; pings, also in
# fragments, and some at once; connections that a rule drops.
traffic() {
    for ns in pwru-client pwru-server; do
        mkfifo "/tmp/ready-$ns"
        ip netns exec $ns lineage-net serve 6000 > "/tmp/ready-$ns" &
        read -r _ < "/tmp/ready-$ns"
    done
    $CLIENT lineage-net random "$SEED" "$LASTS" 6000 10.99.0.2 10.99.0.2 10.99.0.255 239.1.1.1 127.0.0.1 &
    sides=$!
    $SERVER lineage-net random "$((SEED + 1))" "$LASTS" 6000 10.99.0.1 10.99.0.1 10.99.0.255 127.0.0.1 &
    sides="$sides $!"
    $CLIENT ping -q -i 0.1 -w "$LASTS" -s 100 10.99.0.2 &
    sides="$sides $!"
    $SERVER ping -q -i 0.5 -w "$LASTS" -s 8000 10.99.0.1 &
    sides="$sides $!"
    read -r end _ < /proc/uptime
    end=$((${end%.*} + LASTS - 3)) passes=0
    while read -r now _ < /proc/uptime && [ "${now%.*}" -lt $end ]; do
        sh scene.sh drop
        [ $((passes % 8)) != 0 ] || $SERVER ping -q -f -c 300 10.99.0.1
        passes=$((passes + 1))
    done
    for side in $sides; do
        wait "$side"
    done
    # Nothing is lost any more, so that what is to be sent again arrives and is over.
    $CLIENT tc qdisc del dev veth-client root
    for to in 10.99.0.2 10.99.0.255 239.1.1.1; do
        $CLIENT lineage-net send udp $to 6000 20 3
    done
    $SERVER lineage-net send udp 10.99.0.1 6000 20 3
    busybox killall lineage-net
}

at "begin"
# The kernel would fill holes in the recorder's heap up to two megabytes each, at a time of its own (khugepaged).
echo never > /sys/kernel/mm/transparent_hugepage/enabled
setup > /out/setup.log 2>&1
witness
at "kprobe events are there"
rm -f /tmp/ready
# Not by the function: what ends by the signal would be the shell that runs it. What malloc() has left of the symbols that were read would
# take in megabytes of a leak before it shows: with mappings of their own they are given back.
MALLOC_MMAP_THRESHOLD_=4096 /t/bin/pwru-record --backend kprobe-multi --filter-func "$all" --ready-file /tmp/ready -w /out/x.pcapng --rotate-size "$SIZE" \
    --rotate-files "$FILES" 2> /out/log &
recorder=$!
while [ ! -e /tmp/ready ]; do
    kill -0 $recorder
    sleep 0.1
done
quiet
cat $T/kprobe_profile > /out/soak.before
descriptors /out/fds.before
cat /proc/$recorder/smaps > /out/smaps.before
touch /tmp/sampling
sampler &
sampler=$!
at "it records"
traffic > /out/traffic.log 2>&1
at "the traffic is over"
quiet
rm /tmp/sampling
wait $sampler
descriptors /out/fds.after
cat /proc/$recorder/smaps > /out/smaps.after # where it grew, if it did
cat $T/kprobe_profile > /out/soak.quiet
kill -INT $recorder
rc=0
wait $recorder || rc=$?
echo "$rc" > /out/rc
cat $T/kprobe_profile > /out/soak.after
at "the recording is over"

#!/bin/sh
# accounting-test.sh, run in a guest by tests/suites/guest-accounting: floods while recording, once into tiny buffers and once into large
# ones, beside kprobe events of the kernel on every function that the recorder attaches to, which count calls and their own
# misses (kprobe_profile). Everything is left in /out; tests/vm/accounting-judge.py compares it on the host.
#
# BACKEND, FUNCS, BUFFERS and PINGS come from ./settings. All functions attached are chosen, also those attached to know packets by:
# then each hit is recorded, lost, no packet, or skipped by the kernel, and nothing else.
set -eu
. ./settings
T=/sys/kernel/tracing
record() { /t/bin/pwru-record --backend "$BACKEND" "$@"; }

record --filter-func "$FUNCS" --list-functions > /out/list.txt
all=$(awk '$1 == "probe" || $1 == "lifecycle" { print $2 }' /out/list.txt | sort -u | tr '\n' '|')
all=${all%|}
record --filter-func "$all" --list-functions > /out/chosen.txt

sh scene.sh up
sh scene.sh ping > /out/scene.log 2>&1 # neighbours and caches are warm
echo 0 > $T/tracing_on
awk '$1 == "probe" || $1 == "lifecycle" {
    if ($3 ~ /skb=return/) print "r:w/return_" $2 " " $2; else print "p:w/" $2 " " $2 }' /out/chosen.txt > /out/witness
while read -r event; do
    echo "$event" >> $T/kprobe_events
done < /out/witness
echo 1 > $T/events/w/enable

# Each side sends on one CPU and has what it is sent taken in on the other (RPS). So the other is interrupted for it, wherever it is:
# also inside of a probe, and what packets pass then are nested hits.
ip netns exec pwru-client sh -c 'echo 1 > /sys/class/net/veth-client/queues/rx-0/rps_cpus'
ip netns exec pwru-server sh -c 'echo 2 > /sys/class/net/veth-server/queues/rx-0/rps_cpus'

flood() {
    ip netns exec pwru-client taskset 1 /bin/ping -q -f -c "$PINGS" -s 100 10.99.0.2 &
    ip netns exec pwru-server taskset 2 /bin/ping -q -f -c "$PINGS" -s 200 10.99.0.1
    wait $!
}

# run NAME OPTION...: between the two readings of the profile, and around them, nothing happens but the flood.
run() {
    name=$1
    shift
    rm -f /tmp/ready
    # Not by the function: what ends by the signal would be the shell that runs it.
    /t/bin/pwru-record --backend "$BACKEND" --filter-func "$all" --ready-file /tmp/ready -w "/out/$name.pcapng" "$@" 2> "/out/$name.log" &
    recorder=$!
    while [ ! -e /tmp/ready ]; do
        kill -0 $recorder
        sleep 0.1
    done
    sleep 0.5
    cat $T/kprobe_profile > "/out/$name.before"
    flood > "/out/$name.flood" 2>&1
    sleep 1.2
    cat $T/kprobe_profile > "/out/$name.after"
    kill -TERM $recorder
    wait $recorder
    echo "$?" > "/out/$name.rc"
}

for buffer in $BUFFERS; do
    run "$buffer-tiny" --buffer "$buffer" --ring-size 16K
    run "$buffer-large" --buffer "$buffer" --ring-size 128M
done

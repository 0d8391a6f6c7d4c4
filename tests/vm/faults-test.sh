#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# faults-test.sh, run in a guest by tests/suites/guest-faults: one fault after another while the recorder starts or records.
# PARTS: which; tests/vm/faults-judge.py on the host judges what each leaves. The witness is ping: it numbers what it sends.
# shellcheck disable=SC2086 # options are kept in variables, as words
set -u
T=/sys/kernel/tracing
ping_server="ip netns exec pwru-client ping -q -W 2"
# One hit a request and no other.
one_hit="--filter-func ip_rcv -filter-src-ip 10.99.0.1 -filter-proto icmp -no-track"

# run NAME COMMAND...: what it said, its exit status
run() {
    name=$1
    shift
    rc=0
    "$@" > "/out/$name.log" 2>&1 < /dev/null || rc=$?
    echo "$rc" > "/out/$name.rc"
}

# record NAME OPTION...: to its end
record() {
    name=$1
    shift
    run "$name" /t/bin/pwru-record -w "/out/$name.pcapng" "$@"
}

# start NAME OPTION...: until it records
start() {
    started=$1
    shift
    rm -f /tmp/ready
    /t/bin/pwru-record --ready-file /tmp/ready -w "/out/$started.pcapng" "$@" > "/out/$started.log" 2>&1 < /dev/null &
    recorder=$!
    i=0
    while [ ! -e /tmp/ready ] && kill -0 $recorder 2> /dev/null && [ $i -lt 600 ]; do
        busybox usleep 100000
        i=$((i + 1))
    done
}

# stop [NAME PID]: in order, with its exit status; killed when it hangs
stop() {
    kill -INT "${2:-$recorder}"
    (sleep 30 && kill -KILL "${2:-$recorder}") 2> /dev/null &
    rc=0
    wait "${2:-$recorder}" || rc=$?
    kill $! 2> /dev/null
    echo "$rc" > "/out/${1:-$started}.rc"
}

# send NAME COUNT OPTION...: ping says how many it sent
send() {
    name=$1 count=$2
    shift 2
    $ping_server -c "$count" "$@" 10.99.0.2 >> "/out/$name.sent"
}

# ---- a third of the functions refuses to attach; then all that know packets by ----
some='ip_rcv|ip_local_deliver|ip_output|ip_finish_output|icmp_rcv|nf_hook_slow|__dev_queue_xmit|netif_rx_internal|skb_release_data|consume_skb|kfree_skbmem|sk_skb_reason_drop'
refusing() {
    grep ' [tT] ' /proc/kallsyms > /tmp/symbols
    /t/bin/pwru-record --filter-func "$some" --list-functions > /out/refuse.list
    # addresses FILE: of the functions whose names are on standard input
    addresses() { awk 'FNR == NR { want[$1] = 1; next } $3 in want { print $1 }' - /tmp/symbols > "$1"; }
    awk '$1 == "probe" && n++ % 3 == 1 { print $2 }' /out/refuse.list > /out/refuse-third
    awk '$1 == "lifecycle" { print $2 }' /out/refuse.list > /out/refuse-lifecycle
    printf '%s\n' kfree_skbmem __kfree_skb skb_release_all skb_release_head_state skb_release_data skb_free_head napi_skb_cache_put \
        __alloc_skb slab_build_skb __build_skb_around build_skb_around kfree_skb_partial >> /out/refuse-lifecycle
    for which in third lifecycle; do
        addresses /tmp/$which < /out/refuse-$which
        for backend in kprobe-multi kprobe; do
            REFUSE=/tmp/$which LD_PRELOAD=/t/lib/refuse.so record refuse-$which-$backend --backend $backend \
                --filter-func "$some" -filter-src-ip 10.99.0.1 -- env -u LD_PRELOAD $ping_server -i 0.02 -c 30 10.99.0.2
        done
    done
    record refuse-none --backend kprobe-multi --filter-func "$some" -filter-src-ip 10.99.0.1 -- $ping_server -i 0.02 -c 30 10.99.0.2
}

stopping() {
    start stopped --backend kprobe-multi $one_hit --ring-size 16K
    send stopped 100 -i 0.01
    kill -STOP $recorder
    (sleep 5; kill -CONT $recorder) &
    send stopped 300 -i 0.02
    wait $!
    sleep 0.5
    send stopped 100 -i 0.01
    sleep 0.3
    stop
}

clock() {
    cut -d' ' -f1 /proc/uptime > /out/clock.times
    date +%s >> /out/clock.times
    start clock --backend kprobe-multi $one_hit --duration 6
    send clock 20 -i 0.01
    date -s "@$(($(date +%s) - 3600))" > /dev/null
    send clock 20 -i 0.01
    wait $recorder
    echo $? > /out/clock.rc
    cut -d' ' -f1 /proc/uptime >> /out/clock.times
    date -s "@$(($(date +%s) + 3600))" > /dev/null
}

# ---- a module goes while its functions are probed ----
to_dummy() {
    ip link add dummy7 type dummy 2> /dev/null
    ip addr add 10.97.0.1/24 dev dummy7
    ip link set dummy7 up
    ip neigh replace 10.97.0.2 lladdr 02:00:00:00:00:02 dev dummy7
    ping -q -c 5 -i 0.05 -W 1 10.97.0.2 > /dev/null
    ip link del dummy7
}
module() {
    for backend in kprobe-multi kprobe; do
        start module-$backend --backend $backend --kmods dummy --filter-func 'dummy_xmit|ip_rcv' -filter-proto icmp
        to_dummy
        run module-$backend.rmmod rmmod dummy
        grep -c '^dummy ' /proc/modules > /out/module-$backend.left
        sleep 1.2
        send module-$backend 5 -i 0.05
        stop module-$backend
        ! grep -q '^dummy ' /proc/modules || run module-$backend.after rmmod dummy
        insmod /modules/dummy.ko
    done
    start module-again --backend kprobe-multi --kmods dummy --filter-func 'dummy_xmit|ip_rcv' -filter-proto icmp
    to_dummy
    stop module-again
}

# ---- a CPU goes and comes ----
cpu1() { echo "$1" > /sys/devices/system/cpu/cpu1/online; }
cpu() {
    for buffer in ring perf; do
        start cpu-$buffer --backend kprobe --buffer $buffer $one_hit
        taskset 2 $ping_server -c 20 -i 0.01 10.99.0.2 >> /out/cpu-$buffer.sent
        cpu1 0
        cat /sys/devices/system/cpu/online > /out/cpu-$buffer.online
        send cpu-$buffer 20 -i 0.01
        cpu1 1
        taskset 2 $ping_server -c 20 -i 0.01 10.99.0.2 >> /out/cpu-$buffer.sent
        sleep 0.3
        stop cpu-$buffer
        cpu1 0
        start cpu-late-$buffer --backend kprobe --buffer $buffer $one_hit
        send cpu-late-$buffer 20 -i 0.01
        cpu1 1
        taskset 2 $ping_server -c 20 -i 0.01 10.99.0.2 >> /out/cpu-late-$buffer.sent
        sleep 0.3
        stop cpu-late-$buffer
    done
}

two() {
    start two-kprobe --backend kprobe $one_hit
    first=$recorder
    start two-kprobe-multi --backend kprobe-multi $one_hit
    send two 100 -i 0.01
    sleep 0.3
    stop
    stop two-kprobe $first
}

files() {
    run files setpriv --bounding-set -sys_resource --inh-caps -sys_resource sh -c 'ulimit -n 64; exec "$@"' - /t/bin/pwru-record \
        -w /out/files.pcapng --backend kprobe --filter-func 'ip_.*' -- $ping_server -c 1 10.99.0.2
    run no-resource setpriv --bounding-set -sys_resource --inh-caps -sys_resource /t/bin/pwru-record -w /out/no-resource.pcapng \
        --filter-func 'ip_.*' -- $ping_server -c 1 10.99.0.2
}

# ---- memory ----
memory() {
    echo +memory > /sys/fs/cgroup/cgroup.subtree_control
    mkdir /sys/fs/cgroup/small
    echo 200M > /sys/fs/cgroup/small/memory.max
    run memory-tracked sh -c 'echo $$ > /sys/fs/cgroup/small/cgroup.procs; exec "$@"' - /t/bin/pwru-record \
        -w /out/memory-tracked.pcapng --filter-func ip_rcv --max-tracked 8000000 -- true
    run memory-enough sh -c 'echo $$ > /sys/fs/cgroup/small/cgroup.procs; exec "$@"' - /t/bin/pwru-record \
        -w /out/memory-enough.pcapng --filter-func ip_rcv --ring-size 1M --max-tracked 1000 -- $ping_server -c 1 10.99.0.2
}

# Kernels before 5.11 charge the maps to what may be locked.
memlock() {
    locked='ulimit -l 64; exec "$@"'
    without="setpriv --bounding-set -sys_resource --inh-caps -sys_resource"
    run memlock $without sh -c "$locked" - /t/bin/pwru-record -w /out/memlock.pcapng --filter-func ip_rcv -- true
    run memlock-check $without sh -c "$locked" - /t/bin/pwru-record --check
    run memlock-raised sh -c "$locked" - /t/bin/pwru-record -w /out/memlock-raised.pcapng --filter-func ip_rcv -- \
        $ping_server -c 1 10.99.0.2
}

# ---- what the recorder learns from is missing ----
narrow='ip_rcv|kfree_skb.*|sk_skb_reason_drop|kfree_skbmem'
scene() { record "$@" -- sh -c 'sh scene.sh ping; sh scene.sh drop'; }
kptr() {
    echo 2 > /proc/sys/kernel/kptr_restrict
    scene kptr-2
    record kptr-2-kprobe --backend kprobe -- true
    run kptr-2-check /t/bin/pwru-record --check
    run kptr-2-syslog setpriv --bounding-set -syslog --inh-caps -syslog /t/bin/pwru-record -w /out/kptr-2-syslog.pcapng \
        -- sh -c 'sh scene.sh ping; sh scene.sh drop'
    echo 1 > /proc/sys/kernel/kptr_restrict
    scene kptr-1 --filter-func "$narrow"
    run kptr-1-syslog setpriv --bounding-set -syslog --inh-caps -syslog /t/bin/pwru-record -w /out/kptr-1-syslog.pcapng \
        --backend kprobe-multi -- true
    echo 0 > /proc/sys/kernel/kptr_restrict
}

# Last: nothing is traced after it.
tracefs() {
    umount $T
    umount /sys/kernel/debug
    ls $T > /out/tracefs.ls
    for backend in kprobe-multi kprobe; do
        scene tracefs-$backend --backend $backend --filter-func "$narrow"
    done
    run tracefs-check /t/bin/pwru-record --check
}

echo 1 > /sys/kernel/rcu_expedited
sh scene.sh up
sh scene.sh ping > /dev/null
for part in $PARTS; do
    read -r from _ < /proc/uptime
    $part
    read -r to _ < /proc/uptime
    echo "$part: $from $to" >> /out/times
done

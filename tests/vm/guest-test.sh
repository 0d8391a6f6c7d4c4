#!/bin/sh
# guest-test.sh, run in a guest by tests/vm/guest.sh: records the scene twice, both times beside the kernel's own function tracer on
# all functions recorded. The first time tells which functions are called at all; the second time these also have kprobe events
# of the kernel, which print the argument registers and so tell whose packet each call is about. Everything is left in
# /out; tests/vm/witness.py compares it on the host.
#
# BACKEND and FILTER come from ./settings.
set -eu
. ./settings
T=/sys/kernel/tracing
record() { /t/bin/pwru-record --backend "$BACKEND" --filter-func "$FILTER" "$@"; }

# What the judge needs to make up its own mind about which functions take an skb.
bpftool btf dump file /sys/kernel/btf/vmlinux format raw > /out/btf.raw
cp $T/available_filter_functions /out/
cat /proc/kallsyms > /out/kallsyms
record --list-functions > /out/list.txt
rc=0
/t/bin/pwru-record --check > /out/check.txt 2>&1 || rc=$?
echo "exit $rc" >> /out/check.txt

# How much the verifier has to look at.
told=
case $(uname -r) in 5.*) ;; *) told='kernel tells, ' ;; esac
for more in '' '--stack --skb --cb -s 192' '-filter-dst-port 80 -filter-src-ip 10.0.0.1 -filter-mark 3 --filter-ifname lo' \
    '--filter-tunnel tcp vlan 100 and tcp port 80 or host 10.0.0.1'; do
    # shellcheck disable=SC2086 # words
    echo "${told}options $more: $(/t/bin/pwru-record --backend "$BACKEND" --filter-func kfree_skbmem -v -w /tmp/verified.pcapng $more \
        -- true 2>&1 | grep 'attached by\|verified$' | tr '\n' ' ')" >> /out/verified
done
sh scene.sh up
sh scene.sh ping > /out/scene.log 2>&1 # neighbours and caches are warm

echo mono > $T/trace_clock
echo 16384 > $T/buffer_size_kb
echo 0 > $T/tracing_on

# By number, since by name the kernel compares each with each.
awk 'FNR == NR { if ($1 == "probe") want[$2] = 1; next } $1 in want { print FNR }' /out/list.txt $T/available_filter_functions |
    tr '\n' ' ' > /tmp/numbers
cat /tmp/numbers > $T/set_ftrace_filter
echo function > $T/current_tracer

traced="echo 1 > $T/tracing_on; sh scene.sh ping; sh scene.sh drop; echo 0 > $T/tracing_on"
record -w /out/first.pcapng -- sh -c "$traced" > /out/first.log 2>&1
grep -v '^#' $T/trace | sed 's/.*: *\([^ ]*\) <-.*/\1/' | sort -u > /out/functions
echo > $T/trace

while read -r f; do
    # A function that cannot be probed so is not judged this way; it is still in the function trace.
    echo "p:w/$f $f a0=%di:x64 a1=%si:x64 a2=%dx:x64 a3=%cx:x64 a4=%r8:x64 a5=%r9:x64" >> $T/kprobe_events || true
done < /out/functions 2>> /out/kprobe_events.log
echo 1 > $T/events/w/enable
wc -l < $T/kprobe_events > /out/kprobe_events.count

record -w /out/second.pcapng -- sh -c "$traced" > /out/second.log 2>&1
cat $T/trace > /out/trace
for cpu in $T/per_cpu/cpu*; do
    grep -H 'overrun\|dropped' "$cpu/stats"
done > /out/trace.stats
echo 0 > $T/events/w/enable
echo nop > $T/current_tracer
# The buffer of kernels before 5.8; there is no kprobe-multi program for it, since no kernel needs that.
[ "$BACKEND" != kprobe ] || record --buffer perf -w /out/perf.pcapng -- sh -c 'sh scene.sh ping; sh scene.sh drop' > /out/perf.log 2>&1
# Fields whose place in the struct differs by kernel, with values from elsewhere: two VLAN devices, one with the tag 0, and a mark.
for side in client server; do
    [ $side = client ] && n=1 || n=2
    ip -n pwru-$side link add link veth-$side name tag100 type vlan id 100 egress-qos-map 0:5
    ip -n pwru-$side link add link veth-$side name tag0 type vlan id 0
    ip -n pwru-$side addr add "10.60.0.$n/24" dev tag100
    ip -n pwru-$side addr add "10.61.0.$n/24" dev tag0
    ip -n pwru-$side link set tag100 up
    ip -n pwru-$side link set tag0 up
done
cat > /tmp/pings << 'SH'
for to in 10.60.0.2 10.61.0.2 10.99.0.2; do
    ip netns exec pwru-client ping -q -c 1 -W 2 -m 4660 $to
done
SH
sh /tmp/pings > /out/fields.warm
/t/bin/pwru-record --backend "$BACKEND" --filter-func 'dev_hard_start_xmit|ip_output|icmp_rcv' --skb --cb -w /out/fields.pcapng -- \
    sh /tmp/pings > /out/fields.log 2>&1
for side in client server; do
    ip -n pwru-$side link del tag100
    ip -n pwru-$side link del tag0
done
# The reasons of drops that modules have.
for btf in /sys/kernel/btf/*; do
    [ "$btf" = /sys/kernel/btf/vmlinux ] || ! grep -q _drop_reason "$btf" || bpftool btf dump -B /sys/kernel/btf/vmlinux file "$btf" format raw
done > /out/btf.modules
# Modules: functions of one that is there; and one that goes and comes while a recording runs.
/t/bin/pwru-record --backend "$BACKEND" --kmods veth,nosuchmodule --filter-func 'veth_xmit|ip_rcv|kfree_skbmem' -w /out/kmods.pcapng -- \
    sh scene.sh ping > /out/kmods.log 2>&1
/t/bin/pwru-record --backend "$BACKEND" --all-kmods --filter-func 'veth_xmit|nft_do_chain_inet|ip_rcv' -w /out/all-kmods.pcapng -- \
    sh scene.sh ping > /out/all-kmods.log 2>&1
# shellcheck disable=SC2016 # for the other sh
/t/bin/pwru-record --backend "$BACKEND" --filter-func kfree_skbmem -w /out/modules.pcapng -- \
    sh -c 'noted() { for i in $(busybox seq 100); do grep -q "dummy was $1" /out/modules.pcapng && return; busybox usleep 200000; done; }
        rmmod dummy; noted unloaded; insmod /modules/dummy.ko; noted loaded' > /out/modules.log 2>&1
# A kernel that has no BTF, and a file with it; of the scene only what is dropped.
cp /sys/kernel/btf/vmlinux /tmp/btf
mount -t tmpfs tmpfs /sys/kernel/btf
record -v --kernel-btf /tmp/btf --list-functions > /out/list-btf.txt 2> /out/list-btf.log
/t/bin/pwru-record --backend "$BACKEND" --kernel-btf /tmp/btf --filter-drop \
    --filter-func 'ip_output|ip_rcv|nf_hook_slow|.*kfree_skb.*|sk_skb_reason_drop' -w /out/drop.pcapng -- \
    sh -c 'sh scene.sh ping; sh scene.sh drop' > /out/drop.log 2>&1
umount /sys/kernel/btf
# Births are seen at the return of the function that allocates.
/t/bin/pwru-record --backend "$BACKEND" --filter-func '__alloc_skb|ip_output' -w /out/births.pcapng -- sh scene.sh ping > /out/births.log 2>&1
sh scene.sh tcp > /out/tcp.log 2>&1 || echo "exit $?" >> /out/tcp.log

# Without the list of traceable functions each is tried: one that is not fails a whole link of kprobe-multi, without a name.
if [ "$BACKEND" = kprobe-multi ]; then
    some='(u|ip|tcp|skb|net)[a-z]*_.*'
    /t/bin/pwru-record --backend kprobe-multi --filter-func "$some" --list-functions > /out/bisect.txt
    umount /sys/kernel/tracing
    umount /sys/kernel/debug
    /t/bin/pwru-record --backend kprobe-multi --filter-func "$some" -w /out/bisect.pcapng -- sh scene.sh ping > /out/bisect.log 2>&1
fi

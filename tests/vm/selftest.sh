#!/bin/bash
# selftest.sh [NAME...]: do kernel.sh, payload.sh and boot.sh keep their promises?
#
# One boot for each kernel, all of them by default: links, a dropped packet, the tools, the
# payload's programs, what comes out. Then, on the first of them: a guest that crashes, one that
# hangs, and lockdown. A kernel that cannot be had is skipped; 77 when that leaves none.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
(($#)) || set -- 6.1 6.12 5.10 7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() {	# WHAT COMMAND...
	local what=$1
	shift
	"$@" && return
	echo "FAIL $name: $what"
	failed=1
}

boot() {	# OUTDIR: boots $work/payload; sets rc and seconds
	local start=$EPOCHREALTIME
	"$here/boot.sh" "$name" "$work/payload" "$1" 2>"$work/log" && rc=0 || rc=$?
	seconds=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $start }")
}

mkdir "$work/payload"
"$here/payload.sh" "$work/payload" bash
head -c 3000000 /dev/urandom >"$work/payload/blob"
cat >"$work/payload/test.sh" <<'EOT'
set -e
exec 2>&1
set -x
ip netns add a
ip netns add b
ip -n a link add e0 type veth peer name e0 netns b
for n in a b; do
	ip -n $n link set lo up
	ip -n $n link set e0 up
done
ip -n a addr add 10.0.0.1/24 dev e0
ip -n b addr add 10.0.0.2/24 dev e0
ip netns exec a ping -c 2 -i 0.2 -W 5 10.0.0.2
ip netns exec b nft -f - <<'EOR'
table inet t {
	chain input {
		type filter hook input priority 0;
		icmp type echo-request counter drop
	}
	chain out {
		type nat hook postrouting priority 100;
		ct state new masquerade
	}
	chain refuse {
		tcp dport 7 reject with tcp reset
	}
}
EOR
! ip netns exec a ping -c 2 -i 0.2 -W 1 10.0.0.2
ip netns exec b nft list ruleset | grep -F 'counter packets 2 '
ip netns exec b tc qdisc add dev e0 root netem delay 1ms
ip netns exec b tc qdisc add dev e0 clsact
ip netns exec b tc filter add dev e0 ingress matchall action mirred egress redirect dev lo
ip netns exec b iptables -A OUTPUT -p icmp -m conntrack --ctstate NEW -j DROP
for type in dummy bridge ipip 'vxlan id 1 dstport 0' wireguard; do
	ip -n a link add t0 type $type
	ip -n a link del t0
done
ethtool -k lo >/dev/null

test "$(hostname)" = "guest-$(cat name)"
test "$(ulimit -n)" = 65536
test "$(ulimit -l)" = unlimited
for m in /proc /sys /sys/kernel/debug /sys/kernel/tracing /sys/fs/bpf /tmp /run; do
	grep -q " $m " /proc/mounts
done
bash -c 'echo "$BASH_VERSION"' >/out/bash
cp blob /out/
mkdir -p /out/deep/empty
# Must not hold up the end, nor write while /out is read.
while :; do echo x; done >/out/growing &
exit 7
EOT

tested=()
for name; do
	start=$EPOCHREALTIME
	"$here/kernel.sh" "$name" >"$work/dir" 2>"$work/log" && rc=0 || rc=$?
	if ((rc == 77)); then
		echo "skip $name: $(<"$work/log")"
		continue
	fi
	check "kernel.sh exits $rc: $(<"$work/log")" [ "$rc" -eq 0 ]
	kernel_seconds=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $start }")
	tested+=("$name")
	echo "$name" >"$work/payload/name"

	out=$work/out-$name
	boot "$out"
	check "exit status $rc, not 7" [ "$rc" -eq 7 ]
	check "no retry" [ ! -e "$out/console-first.log" ]
	check "the blob arrives intact" cmp "$work/payload/blob" "$out/blob"
	check "an empty directory arrives" [ -d "$out/deep/empty" ]
	check "bash runs with its libraries" [ "$(cat "$out/bash")" = "$BASH_VERSION" ]
	check "all modules load" [ ! "$(grep insmod: "$out/console.log")" ]
	((!failed)) || { cat "$work/log"; tail -n 40 "$out/console.log"; exit 1; }
	echo "ok   $name: kernel.sh $kernel_seconds s, boot.sh $seconds s," \
		"$(grep -o 'running test.sh, .*' "$out/console.log")"
done
((${#tested[@]})) || exit 77
name=${tested[0]}

echo 'echo c >/proc/sysrq-trigger' >"$work/payload/test.sh"
boot "$work/crash"
check "a crash exits $rc, not 99" [ "$rc" -eq 99 ]
check "a crash is retried" grep -q 'trying once more' "$work/log"
check "the crash is in the log" grep -q 'Kernel panic' "$work/crash/console.log"
echo "ok   $name: crashed twice, $seconds s"

echo 'sleep 1000' >"$work/payload/test.sh"
VM_LIMIT=15 boot "$work/hang"
check "a hang exits $rc, not 99" [ "$rc" -eq 99 ]
check "a test that hangs is not retried" [ ! -e "$work/hang/console-first.log" ]
echo "ok   $name: hung and killed, $seconds s"

echo 'head -c 3000000 /dev/zero >/out/f' >"$work/payload/test.sh"
VM_DISK=1M boot "$work/full"
check "an /out too big for the disk exits $rc, not 99" [ "$rc" -eq 99 ]
check "and says why" grep -q 'could not be written' "$work/full/console.log"
echo "ok   $name: disk too small, $seconds s"

echo 'cat /sys/kernel/security/lockdown >/out/mode' >"$work/payload/test.sh"
APPEND=lockdown=integrity boot "$work/lockdown"
check "lockdown: exit status $rc" [ "$rc" -eq 0 ]
check "lockdown is on" grep -qF '[integrity]' "$work/lockdown/mode"
check "all modules load" [ ! "$(grep insmod: "$work/lockdown/console.log")" ]
echo "ok   $name: under lockdown, $seconds s"
exit $failed

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bench.sh: rates of reading and of writing text, as ratios against peers that read the same file in the same run. Prints a
# table; asserts nothing. Needs root to record the capture that is multiplied.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
copies=${1:-200}

./pwru-record -q -w "$dir/one.pcapng" -- ping -q -c 200 -i 0.002 127.0.0.1 >/dev/null
./pwru-report events --json "$dir/one.pcapng" | wc -l > "$dir/hits"
# Sections one after another: what mergecap's -a does to the bytes, without its rewriting.
for ((i = 0; i < copies; i++)); do cat "$dir/one.pcapng"; done > "$dir/many.pcapng"
hits=$(($(cat "$dir/hits") * copies))
echo "$hits hits, $(stat -c %s "$dir/many.pcapng") bytes"

# seconds COMMAND...: the best of three
seconds() {
    local best=999999999 i start end
    for i in 1 2 3; do
        start=$(date +%s%N)
        "$@" >/dev/null 2>&1 || test $? = 3
        end=$(date +%s%N)
        ((end - start >= best * 1000)) || best=$(((end - start) / 1000))
    done
    awk -v us="$best" 'BEGIN { printf "%.3f", us / 1000000 }'
}

tcpdump=$(seconds tcpdump -nr "$dir/many.pcapng")
row() {
    local name=$1 s
    shift
    s=$(seconds "$@")
    awk -v n="$name" -v s="$s" -v h="$hits" -v t="$tcpdump" \
        'BEGIN { printf "%-28s %8.3f s %10.0f hits/s %8.2f x tcpdump -r\n", n, s, h / s, t / s }'
}
row "tcpdump -nr" tcpdump -nr "$dir/many.pcapng"
row "capinfos -c" capinfos -c "$dir/many.pcapng"
row "tshark -r" tshark -r "$dir/many.pcapng"
row "pwru-report info" ./pwru-report info "$dir/many.pcapng"
row "pwru-report events" ./pwru-report events "$dir/many.pcapng"
row "pwru-report paths" ./pwru-report "$dir/many.pcapng"
row "pwru-report events --json" ./pwru-report events --json "$dir/many.pcapng"

# What recording costs user space, in CPU time a hit that came out of the kernel's buffers: the same flood each time, three rounds,
# the least. Its peer is the recorder that just writes.
hit_cost() {
    local best=999999 i us
    for i in 1 2 3; do
        rm -f "$dir/ready"
        ./pwru-record --with-ssh -w "$dir/cost.pcapng" --ready-file "$dir/ready" "$@" 2>"$dir/said" &
        pid=$!
        until [[ -e $dir/ready ]]; do sleep 0.05; done
        # Set-up is not what is measured.
        set_up=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
        ping -q -f -c 20000 127.0.0.1 >/dev/null
        sleep 0.3
        us=$(awk -v before="$set_up" -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15 - before) / hz * 1e6 }' "/proc/$pid/stat")
        kill -INT "$pid"
        wait "$pid"
        us=$(./pwru-report info --json "$dir"/cost*.pcapng 2>/dev/null |
            jq -r --argjson us "$us" '.captures[0].counters | $us / (.recorded + .held)')
        best=$(awk -v a="$best" -v b="$us" 'BEGIN { printf "%.3f", a < b ? a : b }')
        rm -f "$dir"/cost*.pcapng
    done
    echo "$best"
}
plain=$(hit_cost)
cost_row() {
    local name=$1 c
    shift
    c=$(hit_cost "$@")
    awk -v n="$name" -v c="$c" -v p="$plain" 'BEGIN { printf "%-36s %8.3f us CPU a hit %8.2f x pwru-record\n", n, c, c / p }'
}
awk -v p="$plain" 'BEGIN { printf "%-36s %8.3f us CPU a hit\n", "pwru-record", p }'
cost_row "pwru-record --comment none" --comment none
cost_row "pwru-record --filter-drop" --filter-drop
cost_row "pwru-record --rotate-size 16M" --rotate-size 16M
cost_row "pwru-record --flight-recorder 64M" --flight-recorder 64M

# From a packet's sending to its line. The limit is what there is to compare it with.
read -r median p99 most < <(python3 tests/bench/latency.py ./pwru)
printf '%-36s %8s ms median %8s ms 99th percentile %8s ms most, of 100 ms\n' "pwru, until a line is shown" "$median" "$p99" "$most"

tests/bench/srcline.sh

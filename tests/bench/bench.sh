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

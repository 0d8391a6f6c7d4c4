#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# srcline.sh: 1,000 random addresses of Debian's vmlinux (tests/vm/debug.sh) in the source: cold, without a cache, and warm, with the
# compile units cached by other addresses of theirs; as ratios against llvm-symbolizer, which reads the same file in turn. The least
# of five each. Asserts nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C
make --no-print-directory build/srcline/lines >/dev/null
debug=$(tests/vm/debug.sh 6.1) || {
    echo "source lines: not measured, there is no vmlinux with debug information"
    exit 0
}
vmlinux=$debug/boot/vmlinux-$(cat "$debug/release")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -m 700 "$dir/cache"

read -r start size < <(readelf -SW "$vmlinux" | sed -nE 's/.* \.text +PROGBITS +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) .*/\1 \2/p')
# SEED
addresses() {
    awk -v seed="$1" -v size="$((0x$size))" 'BEGIN { srand(seed); for (i = 0; i < 1000; i++) print int(rand() * size) }' |
        while read -r at; do printf '%#x\n' "$((0x$start + at))"; done
}
addresses 8 >"$dir/addresses"
sed 's/.$/0/' "$dir/addresses" | build/srcline/lines "$vmlinux" "$dir/cache/pwru" >/dev/null 2>&1

# us COMMAND...: of a process
us() {
    local before=$EPOCHREALTIME
    "$@" <"$dir/addresses" >/dev/null 2>"$dir/said"
    echo $((${EPOCHREALTIME/./} - ${before/./}))
}
cold=999999999 warm=$cold llvm=$cold alone=$cold
for _ in 1 2 3 4 5; do
    t=$(us llvm-symbolizer --obj="$vmlinux"); ((t >= llvm)) || llvm=$t
    t=$(us build/srcline/lines "$vmlinux"); ((t >= cold)) || cold=$t
    t=$(us build/srcline/lines "$vmlinux" "$dir/cache/pwru"); ((t >= warm)) || warm=$t
    t=$(sed 's/ us.*//' "$dir/said"); ((t >= alone)) || alone=$t
done
row() {
    awk -v n="$1" -v us="$2" -v l="$llvm" 'BEGIN { printf "%-36s %8.1f ms %8.2f x llvm-symbolizer\n", n, us / 1000, l / us }'
}
echo "1,000 addresses of $(($(stat -Lc %s "$vmlinux") / 1000000)) MB"
row llvm-symbolizer "$llvm"
row "source lines, cold" "$cold"
row "source lines, warm" "$warm"
row "... without starting and printing" "$alone"

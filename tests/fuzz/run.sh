#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh SECONDS [TARGET...]: builds the fuzz targets and runs each for SECONDS with libFuzzer, then with AFL++ where that
# is installed. What is found stays in build/fuzz/found/TARGET; logs are build/fuzz/*.log. ENGINES=libfuzzer or afl runs
# only that one. Exit 1 when a crash, a hang or too much memory was found.
# shellcheck disable=SC2317 # the engines are called by their names
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
seconds=${1:?seconds}
shift
targets=("$@")
((${#targets[@]})) || targets=(reader event snapshot report scrub expr linecache debuginfo)
engines=${ENGINES:-libfuzzer afl}
san='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
declare -A max_len=([reader]=8192 [event]=4096 [snapshot]=8192 [report]=12288 [scrub]=12288 [expr]=512 [linecache]=4096 [debuginfo]=20480)
declare -A corpus=([scrub]=report) # of those that have none of their own
found=0


libfuzzer() {
    make -s -j"$(nproc)" B=build/fuzz/libfuzzer CC=clang CFLAGS='-O1 -g -DPCAPNG_WINDOW=4096' SAN="$san -fsanitize=fuzzer-no-link" \
        FUZZ_ENGINE=-fsanitize=fuzzer FUZZ_MAIN=tests/fuzz/mutate.c fuzz-programs || exit 1
    local t out
    for t in "${targets[@]}"; do
        out=build/fuzz/found/$t
        mkdir -p "$out" "build/fuzz/corpus/$t"
        nice -n 19 "build/fuzz/libfuzzer/fuzz/$t" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
            -max_len="${max_len[$t]}" -close_fd_mask=2 -print_final_stats=1 -artifact_prefix="$out/" \
            "build/fuzz/corpus/$t" "tests/fuzz/corpus/${corpus[$t]:-$t}" >"build/fuzz/libfuzzer-$t.log" 2>&1 || found=1
        grep -E '^(stat::number_of_executed_units|SUMMARY)' "build/fuzz/libfuzzer-$t.log" | sed "s/^/libfuzzer $t: /"
    done
}

afl() {
    command -v afl-clang-fast >/dev/null || { echo "afl: not installed, skipped"; return; }
    AFL_QUIET=1 make -s -j"$(nproc)" B=build/fuzz/afl CC=afl-clang-fast CFLAGS='-O1 -g -DPCAPNG_WINDOW=4096' SAN="$san" \
        FUZZ_ENGINE=-fsanitize=fuzzer FUZZ_MAIN= fuzz-programs || exit 1
    local t out n
    for t in "${targets[@]}"; do
        out=build/fuzz/afl-out/$t
        rm -rf "$out"
        mkdir -p "$out"
        AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 \
            nice -n 19 afl-fuzz -i "tests/fuzz/corpus/${corpus[$t]:-$t}" -o "$out" -V "$seconds" -m none -t 10000 \
            -- "build/fuzz/afl/fuzz/$t" >"build/fuzz/afl-$t.log" 2>&1
        sed -nE "s/^execs_done +: /afl $t: executions /p" "$out/default/fuzzer_stats"
        n=$(find "$out/default/crashes" "$out/default/hangs" -name 'id*' | wc -l)
        ((n == 0)) || { echo "afl $t: $n crashes or hangs in $out"; found=1; }
    done
}

for engine in $engines; do "$engine"; done
exit $found

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# coverage.sh [PERCENT]: the lines of the fuzzed modules that the corpus alone reaches. Exit 1 when a group is below PERCENT
# (90). It builds into build/coverage with gcc's --coverage and asks gcov.
set -euo pipefail
cd "$(dirname "$0")/../.."
least=${1:-90}
make -s -j"$(nproc)" B=build/coverage CFLAGS='-O0 -g --coverage -DPCAPNG_WINDOW=4096' LDFLAGS=--coverage fuzz-programs >/dev/null
find build/coverage -name '*.gcda' -delete
for target in reader event snapshot report expr linecache debuginfo; do
    "build/coverage/fuzz/$target" "tests/fuzz/corpus/$target" >/dev/null 2>build/coverage/log || { tail -n 3 build/coverage/log; exit 1; }
done
build/coverage/fuzz/scrub tests/fuzz/corpus/report >/dev/null 2>build/coverage/log || { tail -n 3 build/coverage/log; exit 1; }

# group NAME FILE...: a line a file, then the group's own
rc=0
group() {
    local name=$1 file covered lines percent all=0 hit=0
    shift
    for file; do
        read -r percent lines < <(gcov -n -o "build/coverage/obj/$(dirname "$file")" "$file" 2>/dev/null |
            sed -nE "\|^File '$file'|{n;s/^Lines executed:([0-9.]+)% of ([0-9]+)/\1 \2/p}")
        covered=$(awk -v p="$percent" -v n="$lines" 'BEGIN { printf "%d", p * n / 100 + 0.5 }')
        all=$((all + lines)) hit=$((hit + covered))
        printf '    %-28s %4d of %4d lines\n' "$file" "$covered" "$lines"
    done
    percent=$((hit * 1000 / all))
    printf '%s: %d.%d %% (%d of %d lines)\n' "$name" $((percent / 10)) $((percent % 10)) "$hit" "$all"
    ((percent >= least * 10)) || { echo "$name: below $least %"; rc=1; }
}

group "block reader" common/pcapng_reader.c common/pcapng_section.c common/pcapng_window.c common/input.c common/input_gzip.c \
    common/input_zstd.c
group "event codec" common/event_codec.c
group "snapshot codec" common/snapshot_codec.c
# Not what only a command line, a file of a certain kind or a live pipe reaches.
mapfile -t report < <(printf '%s\n' report/*.c report/*/*.c | grep -vxF -e report/main.c -e report/options.c -e report/filter/match.c -e report/write/outfile.c -e report/spool.c -e report/scrub/scrub_key.c \
    -e report/pager.c -e report/confine.c -e report/live.c -e report/progress.c -e report/terminal.c \
    -e report/symbol/fetch.c)
group "source lines" report/symbol/{debugfile,debugfile_elf,linetable,linetable_builder,linecache,cachefile,srcline,srcline_dwarf}.c \
    report/symbol/{srcline_map,srcline_unit,srcpath}.c
group "whole report" "${report[@]}"
exit $rc

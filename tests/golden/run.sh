#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Golden cases: the capture of each (a real recording that lies there as capture.pcapng, or one or more files that cases.c
# builds byte by byte) goes through every view, and what comes out, on both outputs and as exit status, has to be expected.txt
# and expected.json. run.sh --update [CASE...] writes them anew: read the difference before you believe it.
cd "$(dirname "$0")/../.." || exit 1
export TZ=UTC LC_ALL=C.UTF-8 NO_COLOR=1
unset COLUMNS
report=${REPORT:-$PWD/pwru-report}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
rc=0

${CC:-gcc} -std=gnu11 -I. -o "$dir/cases" tests/golden/*.c tests/support/capture_builder.c || exit 1

# The JSON of info, a key a line. Of the long lists of real recordings the first two and the last; the suite format judges all.
spread='
import json, sys
def short(v):
    if isinstance(v, dict):
        return {k: short(w) for k, w in v.items()}
    if isinstance(v, list) and len(v) > 20:
        v = [*v[:2], f"and {len(v) - 3} more", v[-1]]
    return list(map(short, v)) if isinstance(v, list) else v
print(json.dumps(short(json.load(sys.stdin)), indent=1, ensure_ascii=False))'

# views OPTION...: all views of ./capture*.pcapng.
views() {
    local view rc
    for view in paths "paths --all -filter-src-ip 10.0.1.1" "events -output-meta -output-tuple -output-relative-timestamp -output-caller" info; do
        [[ -z $* || $view != *all* ]] || continue
        echo "\$ pwru-report $view${*:+ $*}"
        # shellcheck disable=SC2086
        if [[ $view == info && $* == --json ]]; then
            "$report" info --json --no-lines capture*.pcapng 2>err | python3 -c "$spread"
            rc=${PIPESTATUS[0]}
            cat err
        else
            "$report" $view --no-lines "$@" capture*.pcapng 2>&1
            rc=$?
        fi
        echo "exit $rc"
    done
}

# blocks [--json]: of ./capture*.pcapng how many of each kind, the first three and the last.
blocks() {
    local rc
    "$report" blocks "$@" capture*.pcapng >all 2>err
    rc=$?
    sed -E 's/^ +[0-9]+  ([A-Za-z ]+[a-z])  .*/\1/; s/^.*"block":"([^"]*)".*/\1/' all | sort | uniq -c
    head -n 3 all
    tail -n 1 all
    cat err
    return "$rc"
}

# more CASE: the views that its file "views" asks for, each line what stands behind pwru-report, perhaps after TZ=ZONE.
more() {
    local -a words
    local zone
    [[ -e $1/views ]] || return 0
    while read -ra words; do
        zone=$TZ
        echo "\$ pwru-report ${words[*]}"
        if [[ ${words[0]} == TZ=* ]]; then
            zone=${words[0]#TZ=}
            words=("${words[@]:1}")
        fi
        if [[ ${words[0]} == blocks ]]; then
            blocks "${words[@]:1}"
        else
            TZ=$zone "$report" "${words[@]}" --no-lines capture*.pcapng 2>&1
        fi
        echo "exit $?"
    done <"$1/views"
}

# counts: the views that count, in every format; of functions and edges the first.
counts() {
    local view format
    for view in drops "functions --top 12" "latency --top 12" "latency --from ip_rcv_core --to skb_consume_udp --top 3" \
        "latency --from __ip_local_out --to ip_rcv"; do
        for format in "" --json --csv; do
            echo "\$ pwru-report $view${format:+ $format}"
            # shellcheck disable=SC2086
            "$report" $view --no-lines $format capture*.pcapng 2>&1
            echo "exit $?"
        done
    done
}

# build NAME: the files of a case, into $dir.
build() {
    local file=0 rc
    rm -f "$dir"/capture*.pcapng
    if [[ -e tests/golden/$1/capture.pcapng ]]; then
        cp "tests/golden/$1/capture.pcapng" "$dir"
        return
    fi
    while "$dir/cases" "$1" "$file" > "$dir/file"; rc=$?; ((rc == 0)); do
        mv "$dir/file" "$dir/capture$( ((file == 0)) || echo "-$file").pcapng"
        file=$((file + 1))
    done
    ((rc == 1 && file > 0))
}

# --build DIR: all of them, each into a directory of its own, for another suite.
if [[ ${1:-} == --build ]]; then
    for name in tests/golden/*/; do
        name=$(basename "$name")
        build "$name" && mkdir -p "$2/$name" && cp "$dir"/capture*.pcapng "$2/$name" || exit 1
    done
    exit 0
fi

update=
if [[ ${1:-} == --update ]]; then
    update=yes
    shift
fi
# A terminal of 40 columns gets the lines as they are: wrapping is its own affair.
narrow() {
    local command="'$report' events --color never --output-meta --output-tuple '$1'"
    diff <("$report" events --output-meta --output-tuple "$1") \
        <(env PWRU_PAGER=cat script -qec "stty cols 40; $command" /dev/null </dev/null | tr -d '\r')
}
if ((!$#)); then
    if narrow tests/golden/kernel-6.12/capture.pcapng; then
        echo "ok golden: a narrow terminal cuts nothing"
    else
        echo "not ok golden: a narrow terminal cuts nothing: differs from what a pipe gets"
        rc=1
    fi
fi

(($#)) || mapfile -t all < <(cd tests/golden && printf "%s\n" */)
(($#)) || set -- "${all[@]}"
for name; do
    name=${name%/}
    case=tests/golden/$name
    build "$name" || { echo "not ok golden: $name: cannot build it"; rc=1; continue; }
    compgen -G "$case/expected.*" >/dev/null || { echo "not ok golden: $name: nothing is expected"; rc=1; }
    [[ ! -e $case/views || -e $case/expected.txt ]] || { echo "not ok golden: $name: its views are not expected"; rc=1; }
    for kind in txt json counts; do
        [[ -e $case/expected.$kind ]] || continue # one may be of many packets, and be for the views that count only
        if [[ $kind == counts ]]; then
            (cd "$dir" && counts) > "$dir/got"
        elif [[ $kind == json ]]; then
            (cd "$dir" && views --json) > "$dir/got"
        else
            (cd "$dir" && views && more "$OLDPWD/$case") > "$dir/got"
        fi
        [[ ! $update ]] || cp "$dir/got" "$case/expected.$kind"
        if why=$(diff -u "$case/expected.$kind" "$dir/got"); then
            echo "ok golden: $name: $kind"
        else
            echo "$why"
            echo "not ok golden: $name: $kind: differs from expected.$kind"
            rc=1
        fi
    done
done
exit $rc

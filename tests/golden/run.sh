#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# budget: 60 s
# Golden cases: the capture of each (built by cases.c, byte by byte; not recorded) goes through every view, and what comes
# out, on both outputs and as exit status, has to be expected.txt and expected.json. run.sh --update writes them anew: read the
# difference before you believe it.
cd "$(dirname "$0")/../.." || exit 1
export TZ=UTC LC_ALL=C.UTF-8 NO_COLOR=1
report=${REPORT:-$PWD/pwru-report}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
rc=0

${CC:-gcc} -std=gnu11 -I. -o "$dir/cases" tests/golden/cases.c tests/support/capture_builder.c || exit 1

# views OPTION...: all views of ./capture.pcapng.
views() {
    local view
    for view in paths "paths --all -filter-src-ip 10.0.1.1" "events -output-meta -output-tuple -output-relative-timestamp -output-caller" info; do
        [[ -z $* || $view != *all* ]] || continue
        echo "\$ pwru-report $view${*:+ $*}"
        # shellcheck disable=SC2086
        "$report" $view "$@" capture.pcapng 2>&1
        echo "exit $?"
    done
}

for case in tests/golden/*/; do
    name=$(basename "$case")
    "$dir/cases" "$name" > "$dir/capture.pcapng" || { echo "not ok golden: $name: cannot build it"; rc=1; continue; }
    for kind in txt json; do
        if [[ $kind == json ]]; then
            (cd "$dir" && views --json) > "$dir/got"
        else
            (cd "$dir" && views) > "$dir/got"
        fi
        [[ ${1:-} != --update ]] || cp "$dir/got" "$case/expected.$kind"
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

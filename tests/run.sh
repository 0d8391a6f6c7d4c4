#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh SUITE...: runs suites one after another and counts. The last line is "N passed, N failed, N skipped".
#
# A suite is an executable tests/suites/NAME that prints a line for each test:
#     ok NAME            not ok NAME: why            skip NAME: why
# Everything else it prints is shown as it comes. It states its time budget at its head, "# budget: 120 s", which is
# enforced, and may say "# skips: allowed (why)"; without that a skip is a failure when CI=true. A suite that fails without
# having said which test, or that tests nothing, counts as one failure.
set -u
cd "$(dirname "$0")/.." || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0
declare -a bad=()

for suite; do
    file=tests/suites/$suite
    budget=$(sed -nE 's/^# budget: ([0-9]+) s.*/\1/p' "$file" | head -n 1)
    if [[ ! -x $file || -z $budget ]]; then
        echo "not ok $suite: no such suite, or it states no budget"
        failed=$((failed + 1))
        bad+=("$suite")
        continue
    fi
    echo "=== $suite (budget $budget s)"
    start=$SECONDS
    timeout --kill-after=10 "$budget" "$file" 2>&1 | tee "$log"
    rc=${PIPESTATUS[0]}
    o=$(grep -c '^ok ' "$log") n=$(grep -c '^not ok ' "$log") s=$(grep -c '^skip ' "$log")
    why=
    [[ $rc != 124 && $rc != 137 ]] || why="over its budget of $budget s"
    [[ $rc == 0 || $n -gt 0 || $why ]] || why="exit status $rc"
    ((o + n + s > 0)) || why=${why:-tested nothing}
    if [[ $why ]]; then
        echo "not ok $suite: $why"
        n=$((n + 1))
    fi
    if [[ ${CI:-} == true && $s -gt 0 ]] && ! grep -q '^# skips: allowed' "$file"; then
        echo "not ok $suite: $s skipped, which CI does not allow"
        n=$((n + 1))
    fi
    passed=$((passed + o)) failed=$((failed + n)) skipped=$((skipped + s))
    ((n == 0)) || bad+=("$suite")
    echo "=== $suite: $o passed, $n failed, $s skipped, $((SECONDS - start)) s"
done
((${#bad[@]} == 0)) || echo "failed in: ${bad[*]}"
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))

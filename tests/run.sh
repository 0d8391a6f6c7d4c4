#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh SUITE...: runs suites and counts. The last line is "N passed, N failed, N skipped".
#
# A suite is an executable tests/suites/NAME that prints a line for each test:
#     ok NAME            not ok NAME: why            skip NAME: why
# Everything else it prints is shown as it comes. It states its time budget at its head, "# budget: 120 s", which is
# enforced, and may say "# skips: allowed (why)"; without that a skip is a failure when CI=true. A suite that fails without
# having said which test, or that tests nothing, counts as one failure.
#
# Guests change nothing of this machine, so the suites guest-* run one after another beside the others, and two at once when
# those have ended; what they print is shown when they have. SERIAL=1: one at a time.
set -u
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d)
beside=()
trap 'for p in ${beside[@]+"${beside[@]}"}; do pkill -P "$p"; kill "$p"; done 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run SUITE: prints everything; the counts in $work/SUITE.counts
run() {
    local suite=$1 file=tests/suites/$1 log=$work/$1.raw budget start rc o n s why
    budget=$(sed -nE 's/^# budget: ([0-9]+) s.*/\1/p' "$file" 2>/dev/null | head -n 1)
    if [[ ! -x $file || -z $budget ]]; then
        echo "not ok $suite: no such suite, or it states no budget"
        echo 0 1 0 > "$work/$suite.counts"
        return
    fi
    echo "=== $suite (budget $budget s)"
    start=$SECONDS
    # Debian's login shells name a server; no test is to ask it.
    DEBUGINFOD_URLS='' timeout --kill-after=10 "$budget" "$file" 2>&1 | tee "$log"
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
    echo "=== $suite: $o passed, $n failed, $s skipped, $((SECONDS - start)) s"
    echo "$o $n $s" > "$work/$suite.counts"
}

guests=() others=()
for suite; do
    if [[ $suite == guest-* && ! ${SERIAL:-} ]]; then guests+=("$suite"); else others+=("$suite"); fi
done

# lane: the guests that nobody has taken yet
lane() {
    local suite
    for suite in "${guests[@]}"; do
        mkdir "$work/$suite.taken" 2>/dev/null || continue
        run "$suite" > "$work/$suite.log"
    done
}
open_lane() {
    ((${#guests[@]})) || return 0
    lane < /dev/null &
    beside+=($!)
}
none_runs() {
    local p
    for p in "${beside[@]}"; do ! kill -0 "$p" 2>/dev/null || return 1; done
}
open_lane

shown=0
show_guests() {
    while ((shown < ${#guests[@]})) && [[ -e $work/${guests[shown]}.counts ]]; do
        cat "$work/${guests[shown]}.log"
        shown=$((shown + 1))
    done
}

for suite in "${others[@]}"; do
    run "$suite"
    show_guests
done
open_lane
while ((shown < ${#guests[@]})); do
    if none_runs && [[ ! -e $work/${guests[shown]}.counts ]]; then
        echo "not ok ${guests[shown]}: it did not come to its end"
        echo 0 1 0 > "$work/${guests[shown]}.counts"
        touch "$work/${guests[shown]}.log"
    fi
    show_guests
    sleep 0.5
done
beside=()

passed=0 failed=0 skipped=0
bad=()
for suite; do
    read -r o n s < "$work/$suite.counts"
    passed=$((passed + o)) failed=$((failed + n)) skipped=$((skipped + s))
    ((n == 0)) || bad+=("$suite")
done
((${#bad[@]} == 0)) || echo "failed in: ${bad[*]}"
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))

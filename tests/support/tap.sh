# shellcheck shell=bash
# tap.sh: sourced by the suites. One line a test on standard output, as tests/run.sh reads them.
#
#   check NAME COMMAND...      ok if COMMAND succeeds; its output is shown only when it does not
#   refute NAME COMMAND...     ok if COMMAND fails
#   skip NAME WHY
# Suites end with: finish
set -u
tap_failed=0

ok() { echo "ok $1"; }
not_ok() {
    echo "not ok $1: ${2//$'\n'/ | }"
    tap_failed=1
}
skip() { echo "skip $1: $2"; }

check() {
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "${out:-$* failed}"; fi
}

refute() {
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then not_ok "$name" "succeeded: $* ${out}"; else ok "$name"; fi
}

finish() { exit "$tap_failed"; }

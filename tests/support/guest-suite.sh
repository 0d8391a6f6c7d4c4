# shellcheck shell=bash
# guest-suite.sh KERNEL BACKEND FILTER, sourced by the guest suites: boot, record, judge.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/support/tap.sh
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
tests/vm/guest.sh "$1" "$2" "$3" "$out" 2>"$out/boot.err"
rc=$?
cat "$out/boot.err" >&2
if ((rc == 77)); then
    skip "guest $1" "$(tail -n 1 "$out/boot.err")"
    finish
fi
if ((rc)); then
    not_ok "guest $1: the test ran to its end" "exit $rc: $(tail -n 5 "$out"/*.log)"
    finish
fi
python3 tests/vm/witness.py "$out" "$2" "$3" || tap_failed=1
finish

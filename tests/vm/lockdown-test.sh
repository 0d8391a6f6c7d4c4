#!/bin/sh
# lockdown-test.sh, run in a guest booted with lockdown=integrity: everything works there. Then the same kernel goes on to
# confidentiality, where only tracepoints without probe reads are left.
set -eu
level() {
    cat /sys/kernel/security/lockdown > "/out/$1.lockdown"
    rc=0
    /t/bin/pwru-record --check > "/out/$1.check" 2>&1 || rc=$?
    echo "exit $rc" >> "/out/$1.check"
    record "$1" "$2"
    record "$1-filter" "$2 --filter-src-ip 10.99.0.1"
}
# record NAME OPTIONS
record() {
    rc=0
    # shellcheck disable=SC2086 # words
    /t/bin/pwru-record $2 -w "/out/$1.pcapng" -- sh -c 'sh scene.sh ping; sh scene.sh drop' > "/out/$1.log" 2>&1 || rc=$?
    echo "$rc" > "/out/$1.rc"
}
sh scene.sh up
sh scene.sh ping > /dev/null
level integrity "--filter-func ip_rcv|kfree_skbmem|sk_skb_reason_drop"
record integrity-kprobe "--backend kprobe --filter-func ip_rcv|sk_skb_reason_drop"
echo confidentiality > /sys/kernel/security/lockdown
level confidentiality ""
record confidentiality-kprobe "--backend kprobe"

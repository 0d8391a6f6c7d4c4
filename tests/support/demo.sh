#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# demo.sh: what `make demo` shows. Records real packets, one of them dropped by a firewall rule, and prints their paths. Where the
# running kernel has no kprobes it does so with tracepoints here, and then with kprobes in a Debian kernel under qemu.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=build/demo
scene=tests/support/scene.sh

die() { echo "demo: $*" >&2; exit 1; }
say() { printf '\n== %s\n' "$*"; }

[[ $(id -u) == 0 ]] || die "recording needs root: run it with sudo"
# The scene and what is recorded are root's, also under sudo; and nobody wants a pager here, or a kernel's debug information
# from a server.
unset SUDO_UID SUDO_GID SUDO_USER DEBUGINFOD_URLS
export PWRU_PAGER=cat
mkdir -p "$dir"
trap '$scene down' EXIT

# Hits that the kernel skipped inside of other probes make a capture incomplete (exit status 3), which is no failure of the demo.
report() { ./pwru-report "$@" || [[ $? == 3 ]]; }

show() {
    local file=$1
    report "$file" > "$dir/paths.txt"
    say "The ping, request and reply (pwru-report -filter-proto icmp $file)"
    report -filter-proto icmp "$file"
    echo "(A ping that works shows a drop, too: when ping's own socket has its copy of the reply, the kernel finds nobody else for it.)"
    say "The connection that was dropped (pwru-report -filter-dst-port 81 $file)"
    report -filter-dst-port 81 "$file"
    say "All of it: $(tail -n 1 "$dir/paths.txt")"
}

say "Two network namespaces, a veth pair, an nft rule that drops TCP port 81; recording with what this kernel allows"
$scene up
./pwru-record -w "$dir/host.pcapng" -- $scene all 2>&1 | tee "$dir/host.log"
[[ ${PIPESTATUS[0]} == 0 ]] || die "recording failed"
file=$dir/host.pcapng
show "$file"

if grep -q 'attached by \(raw_tp\|tp_btf\)' "$dir/host.log"; then
    say "This kernel has no kprobes, so only tracepoints were seen. The same in a Debian 6.12 kernel under qemu, every function"
    pay=$(mktemp -d)
    trap '$scene down; rm -rf "$pay"' EXIT
    tests/vm/payload.sh "$pay" ./pwru-record
    cp $scene "$pay/"
    printf 'set -e\nsh scene.sh up\n/t/bin/pwru-record -w /out/demo.pcapng -- sh scene.sh all 2>&1\n' > "$pay/test.sh"
    rc=0
    tests/vm/boot.sh 6.12 "$pay" "$dir/guest" || rc=$?
    [[ $rc != 77 ]] || die "that kernel could not be fetched (no network?); the recording above stands: $file"
    [[ $rc == 0 ]] || die "the guest failed with $rc: see $dir/guest/console.log"
    file=$dir/guest/demo.pcapng
    show "$file"
fi

cat <<E

The capture is $file. What to try next:
  ./pwru-report $file                          every packet's path
  ./pwru-report info $file                     what the file holds, and whether it is complete
  ./pwru-report events -output-meta -output-tuple $file
  wireshark $file                              the interface column is the path
  sudo ./pwru -output-tuple -- ping -c1 127.0.0.1              packets while they pass
  sudo ./pwru-record -w my.pcapng -- ping -c1 127.0.0.1
E

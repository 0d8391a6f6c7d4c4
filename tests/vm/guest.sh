#!/bin/bash
# guest.sh KERNEL BACKEND FILTER OUTDIR: boots KERNEL, runs guest-test.sh there. Exit status of boot.sh: 77 is "cannot be had".
set -euo pipefail
here=$(dirname "$(realpath "$0")")
top=$here/../..
pay=$(mktemp -d)
trap 'rm -rf "$pay"' EXIT
PATH=$PATH:/usr/sbin "$here/payload.sh" "$pay" "$top/pwru-record" "$top/pwru-report" bpftool
cp "$here/guest-test.sh" "$pay/test.sh"
cp "$top/tests/support/scene.sh" "$pay/"
printf 'BACKEND=%q\nFILTER=%q\n' "$2" "$3" > "$pay/settings"
VM_LIMIT=${VM_LIMIT:-700} "$here/boot.sh" "$1" "$pay" "$4"

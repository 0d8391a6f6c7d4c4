#!/bin/bash
# symbols.sh KERNEL BACKEND OUTDIR: boots KERNEL, records symbols-test.sh there: OUTDIR/symbols.pcapng, and kallsyms. Exit status of
# boot.sh: 77 is "cannot be had".
set -euo pipefail
here=$(dirname "$(realpath "$0")")
top=$here/../..
pay=$(mktemp -d)
trap 'rm -rf "$pay"' EXIT
PATH=$PATH:/usr/sbin "$here/payload.sh" "$pay" "$top/pwru-record" bpftool
clang -target bpf -O2 -g -I"/usr/include/$(gcc -print-multiarch)" -c -o "$pay/symbols.bpf.o" "$here/symbols.bpf.c"
gcc -O2 -static -o "$pay/bin/symbols-attach" "$here/symbols-attach.c"
cp "$here/symbols-test.sh" "$top/tests/support/scene.sh" "$pay/"
echo ". ./symbols-test.sh" > "$pay/test.sh"
printf 'BACKEND=%q\n' "$2" > "$pay/settings"
"$here/boot.sh" "$1" "$pay" "$3" cls_bpf sch_ingress

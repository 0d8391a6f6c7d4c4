#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# made-up-vmlinux.sh DIR [BUILD-ID]: DIR/vmlinux, as large as a real kernel's code, with that build-id or one that no kernel has; at
# half of its addresses a function is inlined.
set -euo pipefail
cd "$1"
{
    printf 'static inline __attribute__((always_inline)) void inlined(void)\n{\n\tasm volatile(".skip 0x4000, 0x90");\n}\n'
    for i in {1..640}; do
        printf 'void part_%d(void)\n{\n\tasm volatile(".skip 0x4000, 0x90");\n\tinlined();\n}\n' "$i"
    done
} >made-up.c
gcc -O1 -g -no-pie -Wl,--build-id="${2:-sha1}" -Wl,--defsym=_text=part_1 -e part_1 -nostdlib -o vmlinux made-up.c
rm made-up.c

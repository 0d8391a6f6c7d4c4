# shellcheck shell=bash
# vmlinux.sh: sourced by suites that need debug information of a kernel, and not that of a real one.
#
#   made_up_vmlinux OUT SOURCE BUILD-ID    a program with as much code as a kernel, _text at its beginning; each 32 KiB of it
#                                          is a function of SOURCE, a name in OUT's directory, half of it inlined; BUILD-ID: "sha1" or 0x…

made_up_vmlinux() {
    local i dir
    dir=$(dirname "$1")
    {
        printf '# 1 "%s"\n' "$2"
        printf 'static inline __attribute__((always_inline)) void inlined(void)\n{\n\tasm volatile(".skip 0x4000, 0x90");\n}\n'
        for i in {1..640}; do
            printf 'void part_%d(void)\n{\n\tasm volatile(".skip 0x4000, 0x90");\n\tinlined();\n}\n' "$i"
        done
    } >"$dir/$2.i"
    (cd "$dir" && gcc -O1 -g -no-pie -Wl,--build-id="$3" -Wl,--defsym=_text=part_1 -e part_1 -nostdlib -o "$1" "$2.i")
}

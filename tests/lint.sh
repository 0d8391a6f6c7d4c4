#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# lint.sh: the boundaries between the rooms, the format of the code, the scripts. Prints each break; exit 1 if there is one.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0

# rule WHAT PATTERN FILE...: no line of FILEs matches PATTERN
rule() {
    local what=$1 pattern=$2 hits
    shift 2
    (($#)) || { echo "lint: $what: no files to look at"; bad=1; return; }
    if hits=$(grep -nP "$pattern" "$@" /dev/null); then
        printf 'lint: %s\n%s\n' "$what" "$hits"
        bad=1
    fi
}

# but FILE...: of the files on standard input, those not named
but() { grep -vxF "$(printf '%s\n' "$@")"; }

list() { git ls-files --cached --others --exclude-standard -- "$@" | while read -r f; do [[ -e $f ]] && echo "$f"; done; }
mapfile -t common < <(list 'common/*.[ch]')
mapfile -t record < <(list 'record/*.[ch]')
mapfile -t report < <(list 'report/*.[ch]')
mapfile -t bpf < <(list 'bpf/*.[ch]')
mapfile -t code < <(list 'common/*.[ch]' 'record/*.[ch]' 'report/*.[ch]' 'bpf/*.[ch]' 'tests/*.[ch]')
mapfile -t scripts < <(list 'tests/*.sh' 'tests/suites/*' '.ci/run')

rule "common includes nothing of record, report, bpf" '#include "(record|report|bpf|tests)/' "${common[@]}"
rule "record does not include report" '#include "(report|tests)/' "${record[@]}"
rule "report does not include record or bpf" '#include "(record|bpf|tests)/' "${report[@]}"
# The report's own rooms: each includes itself, those named here, the options, and what confines.
while read -r room above; do
    mapfile -t files < <(list "report/$room/*.[ch]")
    rule "report/$room includes only ${above:-itself}" "#include \"report/(?!($room|${above// /|})/|(options|confine)\.h)" "${files[@]}"
done <<'EOF'
read
path read
symbol read
scrub read
filter read path symbol
render read path symbol filter
EOF
rule "bpf includes only itself" '#include "(common|record|report)/' "${bpf[@]}"
mapfile -t no_libbpf < <(printf '%s\n' "${common[@]}" "${report[@]}" | but report/render/skb_dump.c)
rule "libbpf only in record, and where the report prints a struct sk_buff" '#include <bpf/' "${no_libbpf[@]}"
mapfile -t no_zlib < <(printf '%s\n' "${common[@]}" "${record[@]}" "${report[@]}" | but common/snapshot_codec.c common/input_gzip.c record/kconfig.c)
rule "zlib only in the snapshot codec, for compressed captures and /proc/config.gz" '#include <zlib' "${no_zlib[@]}"
mapfile -t no_nettle < <(printf '%s\n' "${common[@]}" "${record[@]}" "${report[@]}" | but report/scrub/scrub_key.c)
rule "nettle only in the key of scrubbing" '#include <(nettle|openssl|gcrypt)' "${no_nettle[@]}"
mapfile -t no_libdw < <(printf '%s\n' "${common[@]}" "${record[@]}" "${report[@]}" |
    but report/symbol/srcline_dwarf.c report/symbol/srcline_unit.c report/symbol/srcline_unit.h report/symbol/debugfile_elf.c)
rule "libdw only in srcline and debugfile" '#include <(elfutils|dwarf)' "${no_libdw[@]}"
mapfile -t no_dlopen < <(printf '%s\n' "${common[@]}" "${record[@]}" "${report[@]}" | but report/symbol/fetch.c)
rule "libdebuginfod only where debug information is fetched" 'dlopen|debuginfod_' "${no_dlopen[@]}"
mapfile -t no_seccomp < <(printf '%s\n' "${common[@]}" "${record[@]}" "${report[@]}" | but record/confine.c report/confine.c)
rule "libseccomp only where a program is confined" '#include <seccomp' "${no_seccomp[@]}"
mapfile -t no_pcap < <(printf '%s\n' "${common[@]}" "${record[@]}" "${report[@]}" | but record/pcap_filter.c report/filter/pcap_match.c)
rule "libpcap only in the two filters" '#include <pcap' "${no_pcap[@]}"
mapfile -t no_live < <(printf '%s\n' "${report[@]}")
rule "the report never asks the live machine" '"/(proc|sys)/|uname\(|gethostname\(|if_indextoname' "${no_live[@]}"
mapfile -t pcapng < <(list 'common/pcapng*.[ch]')
rule "pcapng files know no events" '#include "common/(event|snapshot)' "${pcapng[@]}"
rule "event_codec knows no files" '#include "common/pcapng' common/event_codec.c common/event_codec.h
mapfile -t rest < <(list | grep -v '^tests/lint.sh$')
rule "no paths of a build machine, no registries" '(^|[^A-Za-z0-9_.])/(work|farm)/|deb\.debian\.org|registry\.npmjs' "${rest[@]}"

for f in "${code[@]}"; do
    (($(wc -l < "$f") <= 500)) || { echo "lint: $f is over 500 lines: is there a second noun in it?"; bad=1; }
done
clang-format --dry-run -Werror "${code[@]}" || bad=1
shellcheck -x -P SCRIPTDIR -e SC1091,SC2231 "${scripts[@]}" || bad=1
(($(wc -l < Makefile) <= 250)) || { echo "lint: Makefile is over 250 lines"; bad=1; }
((bad == 0)) && echo "lint: clean"
exit $bad

#!/bin/sh
# shellcheck disable=SC2086,SC3045 # options are words; dash has ulimit -l
# caps-test.sh, run in a guest by tests/suites/guest-caps: records as nobody with the capabilities of ./runs, and without each of
# them. A line of ./runs: NAME PARANOID OPTIONS; CAP...   with options and capabilities separated by blanks. Judged on the host:
# /out/results has NAME|WHAT|EXIT STATUS|LINES ON STDERR|THE FIRST, and each run that works leaves its capture and the
# recorder's /proc/PID/status.
set -eu
chmod 755 /t /t/bin /t/lib
mkdir -m 777 /tmp/o
echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range # nobody pings
echo "$(cat /proc/sys/kernel/unprivileged_bpf_disabled) $(cat /proc/sys/kernel/kptr_restrict)" > /out/settings

# The command: by the time it runs, privileges are gone.
cat > /t/bin/traffic <<'E2'
#!/bin/sh
cat /proc/$PPID/status > /tmp/o/status
ping -q -c 3 -i 0.5 127.0.0.1 > /dev/null
E2
chmod 755 /t/bin/traffic

# caps CAP_BPF CAP_PERFMON: as setpriv wants them, "-all,+bpf,+perfmon"
caps() {
    list=-all
    for c; do list=$list,+$(echo "${c#CAP_}" | tr '[:upper:]' '[:lower:]'); done
    echo "$list"
}

# record NAME WHAT PREFIX... -- OPTIONS...
record() {
    name=$1 what=$2
    shift 2
    rc=0
    rm -f /tmp/o/*
    "$@" -q -w /tmp/o/x.pcapng -- traffic < /dev/null > /dev/null 2> /tmp/err || rc=$?
    echo "$name|$what|$rc|$(wc -l < /tmp/err)|$(head -n 1 /tmp/err)" >> /out/results
    if [ $rc = 0 ]; then
        cp /tmp/o/status "/out/$name.status" || true
        stat -c '%A %u' /tmp/o/x.pcapng > "/out/$name.owner"
        cp /tmp/o/x.pcapng "/out/$name.pcapng"
    fi
}

as_nobody() {
    set_=$(caps $1)
    shift
    setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps "$set_" --ambient-caps "$set_" --bounding-set "$set_" "$@"
}

while read -r name paranoid rest; do
    options=${rest%;*} all=${rest#*;}
    echo "$paranoid" > /proc/sys/kernel/perf_event_paranoid
    case $name in
    *-locked-memory) ulimit -l 64 ;;
    esac
    echo "caps-test: $name" > /dev/console
    case $name in
    # As root, as sudo would call it.
    root-*) record "$name" works env SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody pwru-record $options; continue ;;
    # One set, that is too small.
    *-lacks) record "$name" "$all" as_nobody "$all" pwru-record $options; continue ;;
    esac
    record "$name" works as_nobody "$all" pwru-record $options
    for without in $all; do
        some=
        for c in $all; do [ "$c" = "$without" ] || some="$some $c"; done
        record "$name" "$without" as_nobody "$some" pwru-record $options
    done
done < runs

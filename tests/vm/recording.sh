# shellcheck shell=sh
# recording.sh, sourced in a guest by fields-test.sh and filters-test.sh: recordings, and what else both do with them.

# record NAME OPTION... [-- COMMAND...]: NAME.pcapng, what it said, its exit status
record() {
    name=$1
    shift
    rc=0
    /t/bin/pwru-record --backend kprobe-multi -w "/out/$name.pcapng" "$@" > "/out/$name.log" 2>&1 < /dev/null || rc=$?
    echo "$rc" > "/out/$name.rc"
}

# timed PART: a function; when it ran, in the file times
timed() {
    read -r before _ < /proc/uptime
    "$1"
    read -r after _ < /proc/uptime
    echo "$1: $before to $after" >> /out/times
}

inode() { stat -L -c %i "/run/netns/$1"; }

# shellcheck shell=bash
# witness.sh: sourced by suites. The kernel's own trace of the tracepoints that pwru-record attaches to, as a witness that
# shares no code with it: an instance of tracefs, with the real skb addresses and the clock of the capture.
#
#   witness_start              mount tracefs (private to the suite: see private_namespaces), enable the events
#   witness_stop FILE          save the trace
#   witness_remove             at exit; does nothing when nothing was started
#   private_namespaces "$0" "$@"    run this script in a mount namespace of its own, with a /run/netns of its own: what
#                              it leaves there vanishes with it, and other users of the same names are not disturbed

witness_events=(skb/kfree_skb skb/consume_skb skb/skb_copy_datagram_iovec net/net_dev_queue net/net_dev_start_xmit
    net/netif_rx net/netif_rx_entry net/netif_receive_skb)
witness_dir=

private_namespaces() {
    if [[ ${PWRU_PRIVATE:-} != "$$" ]]; then
        PWRU_PRIVATE=$$ exec unshare --mount --propagation private "$@"
    fi
    unset PWRU_PRIVATE
    mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns
}

# Says why not and returns 1 where this kernel traces nothing.
witness_start() {
    local event
    if [[ ! -d /sys/kernel/tracing/events ]]; then
        mount -t tracefs tracefs /sys/kernel/tracing || return 1
    fi
    witness_dir=/sys/kernel/tracing/instances/pwru-$$
    mkdir -p "$witness_dir" || return 1
    echo mono >"$witness_dir/trace_clock" || return 1
    echo 0 >"$witness_dir/options/hash-ptr" || return 1
    echo 8192 >"$witness_dir/buffer_size_kb" || return 1
    for event in "${witness_events[@]}"; do
        echo 1 >"$witness_dir/events/$event/enable" || return 1
    done
}

witness_stop() {
    echo 0 >"$witness_dir/tracing_on"
    cat "$witness_dir/trace" >"$1"
    witness_remove
}

witness_remove() {
    [[ -z $witness_dir ]] || rmdir "$witness_dir"
    witness_dir=
}

# shellcheck shell=bash
# lineage-suite.sh KERNEL BACKEND NARROW WHAT..., sourced by the suites guest-lineage-*: boots KERNEL once for each WHAT, the scenes
# or the long ones (a flood, and a minute of random traffic), and judges what was recorded. NARROW is yes where attaching to all
# functions takes too long.
#
#   PARTS="gso fragments" tests/suites/guest-lineage-6.12     only these, in one guest (see the end of lineage-test.sh)
#   KEEP=DIR SEED=N LASTS=SECONDS FLOOD=PACKETS               keep what the guests left; the random traffic; the flood
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/support/tap.sh
kernel=$1 backend=$2 narrow=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pay=$work/payload
funcs='__dev_queue_xmit|dev_hard_start_xmit|__dev_forward_skb|skb_scrub_packet|ip_output|ip_rcv|ip_rcv_core|ip_local_deliver|ip_forward|ip_defrag|ip_do_fragment'
funcs+='|udp_rcv|udp_queue_rcv_one_skb|tcp_v4_rcv|icmp_rcv|packet_rcv|br_flood|netif_rx_internal|napi_gro_receive|gro_receive_skb'
funcs+='|nf_hook_slow|kfree_skb_reason|sk_skb_reason_drop|kfree_skb_list_reason|consume_skb|skb_consume_udp|__kfree_skb'
funcs+='|skb_release_head_state' # sees each that is freed, also what the others above never saw
funcs+='|__build_skb_around' # a birth that is chosen begins a life

PATH=$PATH:/usr/sbin tests/vm/payload.sh "$pay" ./pwru-record bpftool || exit 1
clang -target bpf -O2 -g -I"/usr/include/$(gcc -print-multiarch)" -c -o "$pay/lineage-xdp.o" tests/vm/lineage-xdp.c || exit 1
for tool in fields-send lineage-net; do
    gcc -O2 -D_GNU_SOURCE -static -pthread -o "$pay/bin/$tool" "tests/vm/$tool.c" || exit 1
done
python3 tests/vm/lineage-frames.py "$pay" || exit 1
cp tests/vm/lineage-test.sh tests/support/scene.sh "$pay/"
echo ". ./lineage-test.sh" > "$pay/test.sh"
: "${SEED:=$RANDOM}"
echo "# random traffic: SEED=$SEED"

# guest NAME PART...: judges what it left too
guest() {
    local name=$1 rc
    shift
    printf '%s=%q\n' BACKEND "$backend" FUNCS "$funcs" NARROW "$narrow" PARTS "$*" SEED "$SEED" LASTS "${LASTS:-60}" \
        FLOOD "${FLOOD:-100000}" > "$pay/settings"
    # With softirqs in threads no packet is handled inside of a probe, where neither witness nor recorder would see it.
    APPEND=threadirqs VM_MEM=2G VM_LIMIT=800 tests/vm/boot.sh "$kernel" "$pay" "$work/$name" nft_numgen sch_netem act_mirred cls_matchall vxlan \
        2> "$work/$name.err"
    rc=$?
    if ((rc == 77)); then
        skip "guest $kernel" "$(tail -n 1 "$work/$name.err")"
        finish
    fi
    [[ -z ${KEEP:-} ]] || { mkdir -p "$KEEP" && cp -a "$work/$name" "$KEEP/"; }
    if ! grep -qsx 'all parts are done' "$work/$name/times"; then
        not_ok "guest $kernel, $name: ran to its end" "exit $rc: $(<"$work/$name.err")"
        return
    fi
    ok "guest $kernel, $name: ran to its end"
    FLOOD=${FLOOD:-100000} python3 tests/vm/lineage-judge.py "$work/$name" || tap_failed=1
}

if [[ ${PARTS:-} ]]; then
    # shellcheck disable=SC2086
    guest chosen $PARTS
else
    for what; do
        case $what in
        scenes) guest scenes reuse bridge tap gso fragments nat vxlan multicast retransmit loopback mirred xdp track ;;
        long) guest long flood random ;;
        esac
    done
fi
finish

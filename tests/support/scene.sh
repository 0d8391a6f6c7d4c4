#!/bin/sh
# scene.sh up|ping|tcp|drop|all|down: two network namespaces, a veth pair between them, an nft rule in one of
# them. The scene that the demo and the tests record. Runs in dash, also in a guest.
#
#   pwru-client 10.99.0.1 --veth-- 10.99.0.2 pwru-server      nft in pwru-server: tcp dport 81 drop
set -eu
export PATH="$PATH:/sbin:/usr/sbin"

client() { ip netns exec pwru-client "$@"; }
server() { ip netns exec pwru-server "$@"; }

down() {
    for ns in pwru-client pwru-server; do
        [ ! -e "/run/netns/$ns" ] || ip netns del "$ns"
    done
}

up() {
    down
    ip netns add pwru-client
    ip netns add pwru-server
    # Neighbour discovery and router solicitations are noise here.
    for side in client server; do
        for which in all default; do
            ip netns exec "pwru-$side" sh -c "echo 1 > /proc/sys/net/ipv6/conf/$which/disable_ipv6"
        done
    done
    ip -n pwru-client link add veth-client type veth peer name veth-server netns pwru-server
    ip -n pwru-client addr add 10.99.0.1/24 dev veth-client
    ip -n pwru-server addr add 10.99.0.2/24 dev veth-server
    for side in client server; do
        ip -n "pwru-$side" link set lo up
        ip -n "pwru-$side" link set "veth-$side" up
    done
    # ARP would stand in the middle of the first packet's path.
    mac() { ip -n "pwru-$1" link show "veth-$1" | awk '/link\/ether/ { print $2 }'; }
    ip -n pwru-client neigh replace 10.99.0.2 lladdr "$(mac server)" dev veth-client
    ip -n pwru-server neigh replace 10.99.0.1 lladdr "$(mac client)" dev veth-server
    server nft -f - <<'NFT'
table inet pwru {
    chain input {
        type filter hook input priority 0; policy accept;
        tcp dport 81 counter drop
    }
}
NFT
}

ping_once() { client ping -c 1 -W 2 10.99.0.2; }

# A connection that is accepted and closed again; the server says hello.
tcp() {
    server busybox nc -l -p 80 -e /bin/echo hello </dev/null &
    i=0
    while [ $i -lt 50 ] && ! server sh -c "busybox netstat -ltn" | grep -q ':80 '; do
        busybox usleep 20000
        i=$((i + 1))
    done
    client busybox nc -w 2 10.99.0.2 80 </dev/null
    wait
}

# The same to the port that the rule drops. It fails, which is what it is for.
drop() {
    if client busybox nc -w 1 10.99.0.2 81 </dev/null; then
        echo "scene: the connection to port 81 was not dropped" >&2
        return 1
    fi
}

case "${1:-}" in
    up) up ;;
    ping) ping_once ;;
    tcp) tcp ;;
    drop) drop ;;
    all) ping_once && tcp && drop ;;
    down) down ;;
    *) echo "usage: scene.sh up|ping|tcp|drop|all|down" >&2; exit 2 ;;
esac

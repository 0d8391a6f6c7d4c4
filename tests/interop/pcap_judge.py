#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""pcap_judge.py REPORT FILE: what -f selects, against tcpdump on the same file.

tcpdump writes what it selects with its times, which tell the hits apart; what else stands in the file (notes) has times that
no hit has. One line a failure; exit 1.
"""
import json
import struct
import subprocess
import sys

import expr_judge

EXPRESSIONS = (
    "ip", "ip6", "arp", "not ip", "icmp", "icmp6", "tcp", "udp", "sctp", "icmp or icmp6", "ip and not icmp",
    "icmp[icmptype] == icmp-echo", "icmp[0] == 0", "icmp[0] != 8", "ip proto 6", "ip proto \\icmp", "ip6 proto 58",
    "host 10.99.0.1", "src host 10.99.0.1", "dst host 10.99.0.1", "net 10.0.0.0/8", "src net 10.99.0.0/24",
    "dst net 192.0.2.0/24", "host 10.99.0.2 and tcp", "port 80", "src port 80", "dst port 80", "portrange 1-1023",
    "not port 80 and tcp", "tcp[tcpflags] & tcp-syn != 0", "tcp[tcpflags] == tcp-syn", "tcp[13] & 4 != 0", "udp port 53",
    "ip[8] == 64", "ip[8] < 64", "ip[2:2] > 60", "ip[6] & 0x40 != 0", "ip multicast", "ether multicast", "ether broadcast",
    "ether src 00:00:00:00:00:00", "not ether src 00:00:00:00:00:00", "ether[0] & 1 == 0", "ether proto 0x0800",
    "ether proto 0x88b5", "less 60", "greater 60", "greater 98", "len == 98", "len > 14 and len < 98", "vlan", "ether[12:2] = 0x800",
    "ip and ip[12:4] == 0x0a630001", "(ip or ip6) and not (tcp or udp)",
)


def packets(path):
    """The times of a pcap file, ns since 1970."""
    with open(path, "rb") as f:
        data = f.read()
    if struct.unpack_from("<I", data)[0] != 0xA1B23C4D:
        raise RuntimeError("not a pcap file with nanoseconds")
    at, times = 24, []
    while at < len(data):
        seconds, ns, caplen, _ = struct.unpack_from("<IIII", data, at)
        times.append(seconds * 10**9 + ns)
        at += 16 + caplen
    return times


def selected(path, expression):
    out = subprocess.run(["tcpdump", "-r", path, "--time-stamp-precision=nano", "-w", "selected.pcap", expression],
                         capture_output=True, check=False, text=True)
    if out.returncode:
        raise RuntimeError(f"tcpdump: {out.stderr}")
    return packets("selected.pcap")


def main():
    report, path = sys.argv[1:]

    def events(*args):
        return [expr_judge.ns_of(json.loads(line)["time"]) for line in
                expr_judge.run(report, "events", "--all", "--json", "-q", "--only-events", *args, path)]

    hits, bad, some = events(), 0, 0
    known = set(hits)
    if len(known) != len(hits):
        print("two hits have one time")
        return 1
    if not known <= set(selected(path, "")):
        print("tcpdump does not have all hits")
        return 1
    for expression in EXPRESSIONS:
        want = sorted(when for when in selected(path, expression) if when in known)
        got = events("-f", expression)
        some += 0 < len(want) < len(hits)
        if got != want:
            print(f"{expression}: tcpdump selects {len(want)} hits, the report {len(got)}")
            bad += 1
    print(f"{len(EXPRESSIONS)} expressions, {some} of which select some hits and not others; {bad} differences")
    return bad > 0 or some < 10


if __name__ == "__main__":
    sys.exit(main())

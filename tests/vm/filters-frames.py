#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""filters-frames.py DIR: what the guest of guest-filters sends and with which filters it records that.

Writes DIR/frames.txt (a frame a line, fields-send frames) and DIR/matrix.txt ("NAME OPTIONS…" a line). Truth is by
construction: FRAMES says of each frame what is in it, MATRIX says of each filter which of these it lets through. A frame is
known again by its number: IPv4 identification 0x7000 + n, IPv6 flow label 0x70000 + n.
"""
import socket
import struct
import sys

CLIENT, SERVER = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
A4, B4, A6, B6 = "10.99.0.1", "10.99.0.2", "fd99::1", "fd99::2"
TCP, UDP, ICMP, ICMP6, SCTP, GRE = 6, 17, 1, 58, 132, 47


def checksum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF


def udp(sport, dport):
    return struct.pack(">HHHH", sport, dport, 24, 0) + b"pwru-filter-test"


def tcp(sport, dport):
    return struct.pack(">HHIIBBHHH", sport, dport, 1, 0, 5 << 4, 2, 1024, 0, 0)


def sctp(sport, dport):
    return struct.pack(">HHII", sport, dport, 1, 0) + b"\0" * 4


# What would be taken for ports 1000 and 2000 by a parser that does not look at the protocol or at the fragment offset.
GARBAGE = struct.pack(">HH", 1000, 2000) + b"\0" * 20


def ipv4(n, proto, payload, src=A4, dst=B4, fragment=0, options=b""):
    h = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload), 0x7000 + n, fragment, 64,
                    proto, 0, socket.inet_aton(src), socket.inet_aton(dst)) + options
    return h[:10] + struct.pack(">H", checksum(h)) + h[12:] + payload


def ipv6(n, first, payload, src=A6, dst=B6):
    return struct.pack(">IHBB", 6 << 28 | 0x70000 + n, len(payload), first, 64) + socket.inet_pton(socket.AF_INET6, src) + \
        socket.inet_pton(socket.AF_INET6, dst) + payload


def padded(following, units=0):
    """Hop-by-hop or destination options: one PadN that fills the header."""
    return bytes([following, units, 1, 4 + 8 * units]) + b"\0" * (4 + 8 * units)


def routing(following):
    return bytes([following, 0, 253, 0]) + b"\0" * 4  # an experimental type, no segments left


def fragment(following, offset, more):
    return struct.pack(">BBHI", following, 0, offset << 3 | more, 77)


def auth(following):
    return bytes([following, 4]) + b"\0" * 22


def tags(*ids):
    out = b""
    for i, vid in enumerate(ids):
        out += struct.pack(">HH", 0x88A8 if i == 0 and len(ids) > 1 else 0x8100, vid)
    return out


FRAMES = []


class Frame:
    def __init__(self, name, family, proto, src, dst, sport, dport, data, vlans=()):
        self.n, self.name, self.family, self.proto, self.src, self.dst = len(FRAMES), name, family, proto, src, dst
        self.sport, self.dport, self.vlans = sport, dport, vlans
        self.data = SERVER + CLIENT + tags(*vlans) + struct.pack(">H", {4: 0x0800, 6: 0x86DD}[family]) + data
        FRAMES.append(self)


def v4(name, proto, payload, sport=None, dport=None, src=A4, dst=B4, vlans=(), **more):
    Frame(name, 4, proto, src, dst, sport, dport, ipv4(len(FRAMES), proto, payload, src, dst, **more), vlans)


def v6(name, proto, first, payload, sport=None, dport=None, src=A6, dst=B6, vlans=()):
    Frame(name, 6, proto, src, dst, sport, dport, ipv6(len(FRAMES), first, payload, src, dst), vlans)


v4("udp", UDP, udp(1000, 2000), 1000, 2000)
v4("udp, ports swapped", UDP, udp(2000, 1000), 2000, 1000)
v4("udp, addresses swapped", UDP, udp(1000, 2000), 1000, 2000, src=B4, dst=A4)
v4("tcp", TCP, tcp(1000, 2000), 1000, 2000)
v4("tcp, ports swapped", TCP, tcp(2000, 1000), 2000, 1000)
v4("sctp", SCTP, sctp(1000, 2000), 1000, 2000)
v4("udp behind IP options", UDP, udp(1000, 2000), 1000, 2000, options=b"\x01" * 8)
v4("first fragment", UDP, udp(1000, 2000), 1000, 2000, fragment=0x2000)
v4("middle fragment with garbage", UDP, GARBAGE, fragment=0x2003)
v4("last fragment with garbage", UDP, GARBAGE, fragment=0x0100)
v4("source port 0", UDP, udp(0, 2000), 0, 2000)
v4("destination port 0", UDP, udp(1000, 0), 1000, 0)
v4("icmp with garbage", ICMP, GARBAGE)
v4("gre with garbage", GRE, GARBAGE)
v4("protocol 254 with garbage", 254, GARBAGE)
v4("protocol 0 with garbage", 0, GARBAGE)
v4("one tag", UDP, udp(1000, 2000), 1000, 2000, vlans=(100,))
v4("one tag, ports swapped", UDP, udp(2000, 1000), 2000, 1000, vlans=(100,))
v4("two tags", UDP, udp(1000, 2000), 1000, 2000, vlans=(200, 100))
v4("two tags, later fragment", UDP, GARBAGE, vlans=(200, 100), fragment=0x0100)
v6("udp", UDP, UDP, udp(1000, 2000), 1000, 2000)
v6("udp, ports swapped", UDP, UDP, udp(2000, 1000), 2000, 1000)
v6("udp, addresses swapped", UDP, UDP, udp(1000, 2000), 1000, 2000, src=B6, dst=A6)
v6("hop-by-hop", UDP, 0, padded(UDP) + udp(1000, 2000), 1000, 2000)
v6("hop-by-hop of 24 bytes", UDP, 0, padded(UDP, 2) + udp(1000, 2000), 1000, 2000)
v6("destination options", UDP, 60, padded(UDP) + udp(1000, 2000), 1000, 2000)
v6("routing", UDP, 43, routing(UDP) + udp(1000, 2000), 1000, 2000)
v6("authentication", UDP, 51, auth(UDP) + udp(1000, 2000), 1000, 2000)
v6("hop-by-hop, destination, routing, first fragment, authentication", UDP, 0,
   padded(60) + padded(43) + routing(44) + fragment(51, 0, 1) + auth(UDP) + udp(1000, 2000), 1000, 2000)
v6("first fragment", UDP, 44, fragment(UDP, 0, 1) + udp(1000, 2000), 1000, 2000)
v6("atomic fragment", UDP, 44, fragment(UDP, 0, 0) + udp(1000, 2000), 1000, 2000)
v6("middle fragment with garbage", UDP, 44, fragment(UDP, 3, 1) + GARBAGE)
v6("last fragment with garbage behind hop-by-hop", UDP, 0, padded(44) + fragment(UDP, 4, 0) + GARBAGE)
v6("tcp behind destination options", TCP, 60, padded(TCP) + tcp(1000, 2000), 1000, 2000)
v6("icmp6 with garbage", ICMP6, ICMP6, GARBAGE)
v6("icmp6 behind hop-by-hop", ICMP6, 0, padded(ICMP6) + b"\x80\0\0\0\0\1\0\1")
v6("no next header", 59, 59, GARBAGE)
v6("one tag, hop-by-hop", UDP, 0, padded(UDP) + udp(1000, 2000), 1000, 2000, vlans=(100,))
v6("two tags", UDP, UDP, udp(1000, 2000), 1000, 2000, vlans=(200, 100))

ARP = b"\xff" * 6 + CLIENT + struct.pack(">HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + CLIENT + socket.inet_aton(A4) + b"\0" * 6 + \
    socket.inet_aton(B4)


def has(**want):
    """A predicate on a Frame, or on a hit's packet() in the form of a dict."""
    def test(f):
        get = f.get if isinstance(f, dict) else lambda key: getattr(f, key)
        return all(get(key) == value for key, value in want.items())
    return test


# name, options, which packets
MATRIX = [
    ("src-ip-4", "--filter-src-ip 10.99.0.1", has(src=A4)),
    ("dst-ip-4", "-filter-dst-ip 10.99.0.2", has(dst=B4)),
    ("src-ip-6", "--filter-src-ip fd99::1", has(src=A6)),
    ("dst-ip-6", "--filter-dst-ip fd99:0:0::2", has(dst=B6)),
    ("src-port", "--filter-src-port 1000", has(sport=1000)),
    ("dst-port", "--filter-dst-port 2000", has(dport=2000)),
    ("src-port-0", "--filter-src-port 0", has(sport=0)),
    ("dst-port-0", "--filter-dst-port 0", has(dport=0)),
    ("proto-udp", "--filter-proto udp", has(proto=UDP)),
    ("proto-tcp", "-filter-proto tcp", has(proto=TCP)),
    ("proto-icmp", "--filter-proto icmp", has(proto=ICMP)),
    ("proto-icmp6", "--filter-proto icmp6", has(proto=ICMP6)),
    ("proto-47", "--filter-proto 47", has(proto=GRE)),
    ("proto-0", "--filter-proto 0", has(proto=0)),
    ("both-ports", "--filter-src-port 1000 --filter-dst-port 2000", has(sport=1000, dport=2000)),
    ("both-addresses-6", "--filter-src-ip fd99::1 --filter-dst-ip fd99::2", has(src=A6, dst=B6)),
    ("all-four", "--filter-src-ip 10.99.0.1 --filter-dst-ip 10.99.0.2 --filter-src-port 1000 --filter-dst-port 2000 "
     "--filter-proto udp", has(src=A4, dst=B4, sport=1000, dport=2000, proto=UDP)),
]

# Judged hit by hit by tcpdump on the same bytes, with an Ethernet header where there is one, else as bare IP.
EXPRESSIONS = [
    ("udp", "udp"), ("udp-port", "udp port 1000"), ("tcp-syn", "'tcp[tcpflags] & tcp-syn != 0'"), ("src-port", "src port 1000"),
    ("arp", "arp"), ("ether", "ether src 02:00:00:00:00:01"), ("vlan", "vlan 100 and udp"),
    ("host-or", "'(host 10.99.0.2 and icmp) or (ip6 host fd99::2 and ip6[6] == 0)'"), ("length", "less 60"),
    ("not", "not ip6 and not port 2000"),
]


def main():
    with open(sys.argv[1] + "/frames.txt", "w", encoding="ascii") as f:
        for data in [frame.data for frame in FRAMES] + [ARP]:
            f.write(data.hex() + "\n")
    with open(sys.argv[1] + "/matrix.txt", "w", encoding="ascii") as f:
        for name, options, _ in MATRIX:
            f.write(f"{name} {options}\n")
        for name, expression in EXPRESSIONS:
            f.write(f"pcap-{name} {expression}\n")


if __name__ == "__main__":
    main()

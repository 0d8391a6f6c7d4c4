#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""fields-frames.py DIR: frames that the guest of guest-fields sends.

DIR/frames.txt: one that is dropped for each of REASONS. DIR/pages.txt: one whose headers go into a page.
"""
import importlib.util
import os
import socket
import struct
import sys

spec = importlib.util.spec_from_file_location("frames", os.path.join(os.path.dirname(os.path.abspath(__file__)), "filters-frames.py"))
frames = importlib.util.module_from_spec(spec)
spec.loader.exec_module(frames)

FIRST = 0x100  # added to 0x7000 in the IPv4 identification, to 0x70000 in the flow label
ETHER4 = frames.SERVER + frames.CLIENT + b"\x08\0"
ETHER6 = frames.SERVER + frames.CLIENT + b"\x86\xdd"


def ip(n, proto, payload, **more):
    return frames.ipv4(FIRST + n, proto, payload, **more)


def tcp_bad():
    return struct.pack(">HHIIBBHHH", 1000, 82, 1, 0, 5 << 4, 2, 1024, 0xBAD, 0)


def udp_bad():
    return struct.pack(">HHHH", 1000, 7, 12, 0xBAD) + b"bad!"


def change(data, at, byte):
    return data[:at] + bytes([byte]) + data[at + 1:]


def header_sum(data):
    h = data[:10] + b"\0\0" + data[12:20]
    return data[:10] + struct.pack(">H", frames.checksum(h)) + data[12:]


# The kernel's name of the reason, the frame. Its place is its number.
REASONS = [
    ("TCP_CSUM", ETHER4 + ip(0, 6, tcp_bad())),
    ("UDP_CSUM", ETHER4 + ip(1, 17, udp_bad())),
    ("NO_SOCKET", ETHER4 + ip(2, 17, frames.udp(1000, 7))),
    ("IP_CSUM", ETHER4 + change(ip(3, 17, frames.udp(1000, 7)), 10, 0x55)),
    ("IP_NOPROTO", ETHER4 + ip(4, 254, b"\0" * 20)),
    ("OTHERHOST", b"\2\0\0\0\0\x77" + ETHER4[6:] + ip(5, 17, frames.udp(1000, 7))),
    ("PKT_TOO_SMALL", ETHER4 + header_sum(change(ip(6, 17, frames.udp(1000, 7)), 2, 9))),
    ("ICMP_CSUM", ETHER4 + ip(7, 1, b"\x08\0\x0b\xad" + b"\0" * 8)),
    ("ICMP_CSUM", ETHER6 + frames.ipv6(FIRST + 8, 58, b"\x80\0\x0b\xad" + b"\0" * 8)),
    ("UDP_CSUM", ETHER6 + frames.ipv6(FIRST + 9, 17, udp_bad())),
]

PAGE_MARK = 0x7BBB
PAGE = bytes.fromhex("ffffffffffff") + frames.CLIENT + b"\x08\0" + header_sum(
    frames.ipv4(0, 17, struct.pack(">HHHH", 1000, 2000, 72, 0) + bytes(range(64)), dst="10.98.0.2")[:4] +
    struct.pack(">H", PAGE_MARK) + frames.ipv4(0, 17, struct.pack(">HHHH", 1000, 2000, 72, 0) + bytes(range(64)), dst="10.98.0.2")[6:])


def main():
    with open(sys.argv[1] + "/frames.txt", "w", encoding="ascii") as f:
        for _, data in REASONS:
            f.write(data.hex() + "\n")
    with open(sys.argv[1] + "/pages.txt", "w", encoding="ascii") as f:
        f.write(PAGE.hex() + "\n")


assert socket.inet_ntoa(PAGE[26:30]) == "10.99.0.1"
if __name__ == "__main__":
    main()

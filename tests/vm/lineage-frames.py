#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""lineage-frames.py DIR: frames that no tool of the guest sends, for lineage-test.sh. A frame a line, fields-send frames.

DIR/frags-ORDER.txt: a UDP datagram in three fragments, in the order they are to arrive in; lineage-judge.py knows them again
by the IP identification, which is the destination port. DIR/flood.txt: a frame to an address that no bridge has learned.
"""
import socket
import struct
import sys

CLIENT, SERVER, NOBODY = (bytes.fromhex("0200000000" + last) for last in ("01", "02", "99"))
SIZES = (1480, 1480, 800)
# Port and identification, and which of the three arrive when.
ORDERS = {"in-order": (5101, (0, 1, 2)), "first-last": (5102, (2, 1, 0)), "middle-last": (5103, (0, 2, 1)), "missing": (5104, (0, 2))}


def checksum(data):
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF


def frame(mac, src, dst, number, payload, fragment=0):
    h = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, fragment, 64, 17, 0, socket.inet_aton(src),
                    socket.inet_aton(dst))
    h = h[:10] + struct.pack(">H", checksum(h)) + h[12:]
    return (mac + CLIENT + b"\x08\0" + h + payload).hex()


def udp(dport, size):
    return struct.pack(">HHHH", 5100, dport, size, 0) + b"\0" * (size - 8)


def fragments(port):
    data, at = udp(port, sum(SIZES)), 0
    for size in SIZES:
        more = 0x2000 if at + size < len(data) else 0
        yield frame(SERVER, "10.99.0.1", "10.99.0.2", port, data[at:at + size], more | at // 8)
        at += size


def main():
    for name, (port, order) in ORDERS.items():
        made = list(fragments(port))
        with open(f"{sys.argv[1]}/frags-{name}.txt", "w", encoding="ascii") as f:
            f.writelines(made[i] + "\n" for i in order)
    with open(f"{sys.argv[1]}/flood.txt", "w", encoding="ascii") as f:
        f.write(frame(NOBODY, "10.96.0.1", "10.96.0.9", 5200, udp(5200, 100)) + "\n")


if __name__ == "__main__":
    main()

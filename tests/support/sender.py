#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""sender.py NAMESPACE PORT RATE SECONDS LOG: UDP from 10.99.0.1 port PORT to 10.99.0.2, RATE packets a second.

Packet n (1 first) has the mark n while it is in NAMESPACE. LOG gets for each packet n and CLOCK_MONOTONIC before and after
it was sent, as three u64; it is written at the end, which SIGTERM brings too. "began" is printed after the first packet.
"""
import ctypes
import os
import signal
import socket
import struct
import sys
import time

SO_MARK = 36
CLONE_NEWNET = 0x40000000


def enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open("/run/netns/" + namespace, os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns " + namespace)
    os.close(fd)


def main():
    namespace, port, rate, seconds, log = sys.argv[1], *map(float, sys.argv[2:5]), sys.argv[5]
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    enter(namespace)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("10.99.0.1", int(port)))
    sent, n, start = [], 0, time.monotonic()
    while not ended and n < rate * seconds:
        n += 1
        s.setsockopt(socket.SOL_SOCKET, SO_MARK, n)
        before = time.monotonic_ns()
        s.sendto(b"%d" % n, ("10.99.0.2", 9))
        sent.append((n, before, time.monotonic_ns()))
        if n == 1:
            print("began", flush=True)
        late = start + n / rate - time.monotonic()
        if late > 0:
            time.sleep(late)
    with open(log, "wb") as f:
        for one in sent:
            f.write(struct.pack("<3Q", *one))


main()

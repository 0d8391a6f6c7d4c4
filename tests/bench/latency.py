#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""latency.py PWRU [OPTION...]: how long after a packet was sent its line is there, on standard output; needs root.

Sends a datagram to a closed port of this machine every 50 ms, 100 of them, and prints the median, the 99th percentile and the
most, in ms.
"""
import os
import select
import socket
import subprocess
import sys
import time

PORT = 40001
run = subprocess.Popen(
    sys.argv[1:] + ["-q", "--with-ssh", "-filter-dst-ip", "127.0.0.1", "-filter-dst-port", str(PORT), "-filter-proto", "udp"],
    stdout=subprocess.PIPE,
)
out = run.stdout.fileno()
os.read(out, 65536)  # the header
time.sleep(0.5)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
took = []
for _ in range(100):
    sent = time.monotonic()
    s.sendto(b"x", ("127.0.0.1", PORT))
    seen = b""
    while b"net_dev_queue" not in seen and b"dev_queue_xmit" not in seen:
        if not select.select([out], [], [], 5)[0]:
            sys.exit("nothing was shown")
        seen += os.read(out, 65536)
    took.append((time.monotonic() - sent) * 1000)
    time.sleep(0.05)
    while select.select([out], [], [], 0)[0]:
        os.read(out, 65536)
run.terminate()
run.wait()
took.sort()
print(f"{took[50]:.1f} {took[98]:.1f} {took[99]:.1f}")

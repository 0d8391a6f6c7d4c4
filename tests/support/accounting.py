#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""accounting.py: what the suite accounting asks of a capture and of the kernel. It shares no code with the recorder or the report: captures
are read by tests/interop/pwru_reader.py.

count FILE              {"recorded", "no_id", "dropcounts", "last": {cpu: {"seq", "lost", "there"}}, "counters", "lost_cpus", "funcs", "noted_ns"}
unread PID ADDRESS CPU N   runs the tracepoint programs of process PID N times on that CPU for an skb at ADDRESS, where nothing is
send PORT CPU N         N datagrams to 127.0.0.1:PORT from a process bound to CPU
"""
import collections
import ctypes
import json
import os
import re
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
import pwru_reader  # noqa: E402


class Frames(pwru_reader.Reader):
    """Also keeps what the EPBs' own options say."""

    def __init__(self, data):
        self.drops = collections.Counter()
        super().__init__(data)

    def event(self, capture, p):
        super().event(capture, p)
        self.drops[self.hits[-1]["cpu"]] += struct.unpack("<Q", self.frame[2].get(4, bytes(8)))[0]


def count(path):
    with open(path, "rb") as f:
        reader = Frames(f.read())
    capture, = reader.captures.values()
    last, there, lost_cpus = {}, collections.Counter(), {}
    for hit in capture.hits:
        there[hit["cpu"]] += 1
        if hit["seq"] > last.get(hit["cpu"], {"seq": 0})["seq"]:
            last[hit["cpu"]] = hit
    for kind, _, body in capture.notes:
        if kind == 2:
            lost_cpus = {m[1].decode(): [int(m[2]), int(m[3])]
                         for m in re.finditer(rb"^lost_cpu(\d+)=(\d+) (\d+)$", body, re.M)}
    print(json.dumps({
        "recorded": len(capture.hits),
        "no_id": sum(hit["no_id"] for hit in capture.hits),
        "dropcounts": reader.drops,
        "highest": {cpu: max(h["lost"] for h in capture.hits if h["cpu"] == cpu) for cpu in there},
        "last": {cpu: {"seq": hit["seq"], "lost": hit["lost"], "there": there[cpu]} for cpu, hit in last.items()},
        "counters": reader.summary()["captures"][0]["counters"],
        "lost_cpus": lost_cpus,
        "funcs": collections.Counter(capture.functions[hit["address"]]["func"] for hit in capture.hits),
        "noted_ns": [ktime for kind, ktime, _ in capture.notes if kind in (1, 2)],
    }))


# ---- bpf(2) ----

BPF = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
TEST_RUN, FD_BY_ID = 10, 13
ON_CPU = 1
libc = ctypes.CDLL(None, use_errno=True)


def bpf(cmd, attr):
    buf = ctypes.create_string_buffer(attr, 128)
    got = libc.syscall(BPF, cmd, buf, 128)
    if got < 0:
        raise OSError(ctypes.get_errno(), f"bpf({cmd})")
    return got, buf.raw


def programs_of(pid):
    """Descriptors of the tracepoint programs that a process has open, found by their ids."""
    ids = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            text = open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii").read()
        except FileNotFoundError:
            continue
        kind, number = re.search(r"^prog_type:\t(\d+)$", text, re.M), re.search(r"^prog_id:\t(\d+)$", text, re.M)
        if kind and number and int(kind[1]) == 17 and "link_type" not in text:
            ids.add(int(number[1]))
    return [bpf(FD_BY_ID, struct.pack("<I", number))[0] for number in sorted(ids)]


def unread(pid, address, cpu, n):
    """A raw tracepoint's context is its arguments; whichever is the skb, it is this."""
    context = (ctypes.c_uint64 * 12)(*[address] * 12)
    programs = programs_of(pid)
    done = 0
    for i in range(n):
        # prog_fd, retval, sizes in and out, data in and out, repeat, duration, ctx sizes, ctx in and out, flags, cpu
        attr = struct.pack("<IIIIQQIIIIQQII", programs[i % len(programs)], 0, 0, 0, 0, 0, 0, 0, 96, 0,
                           ctypes.addressof(context), 0, ON_CPU, cpu)
        bpf(TEST_RUN, attr)
        done += 1
    print(done)


def send(port, cpu, n):
    os.sched_setaffinity(0, {cpu})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for _ in range(n):
            s.sendto(b"x", ("127.0.0.1", port))


def main(argv):
    what, args = argv[1], argv[2:]
    if what == "count":
        count(*args)
    else:
        {"unread": unread, "send": send}[what](*(int(a, 0) for a in args))


if __name__ == "__main__":
    main(sys.argv)

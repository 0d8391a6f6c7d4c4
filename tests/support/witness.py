#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""witness.py TRACE EVENTS: is what the kernel traced what pwru-report tells?

TRACE is the text of an instance of tracefs (witness.sh), EVENTS the output of "pwru-report events --json" of a recording
without filters that ran inside that trace. Between the first and the last hit each event of the tracepoints in TRACE
must stand in EVENTS and the other way round, with the same CPU, skb address, location and drop reason, at the same time.
"""
import collections
import json
import re
import sys

EVENTS = {"kfree_skb", "consume_skb", "skb_copy_datagram_iovec", "net_dev_queue", "net_dev_start_xmit", "netif_rx",
          "netif_rx_entry", "netif_receive_skb"}
LINE = re.compile(r"^.*-\d+ +\[(\d+)\] \S+ +(\d+)\.(\d{6}): (\w+): (.*)$")
# A hit that is not found is forgiven this near to the ends: the two programs see it one after the other.
EDGE_US = 100
# And this far may the two of one hit lie apart, on a machine that is busy.
APART_US = 100000


def traced(path):
    """(key, µs) of each event."""
    for line in open(path, encoding="utf-8"):
        if line.startswith("#"):
            entries = re.search(r"entries-in-buffer/entries-written: (\d+)/(\d+)", line)
            if entries and entries[1] != entries[2]:
                sys.exit("the witness's buffer was too small")
            continue
        m = LINE.match(line)
        if not m or m[4] not in EVENTS:
            sys.exit("not understood: " + line)
        skb = int(re.search(r"skbaddr=(?:0x)?([0-9a-f]+)", m[5])[1], 16)
        location = re.search(r"location=([^ /]+)/", m[5])
        reason = re.search(r"reason: (\S+)", m[5])
        key = (m[4], int(m[1]), skb, location and location[1], reason and reason[1])
        yield key, int(m[2]) * 1000000 + int(m[3])


def reported(path):
    for line in open(path, encoding="utf-8"):
        e = json.loads(line)
        if e["func"] not in EVENTS:
            continue
        location = e["caller_func"] and f"{e['caller_func']}+{e['caller_offset']:#x}"
        yield (e["func"], e["cpu"], int(e["skb"], 16), location, e["reason"]), e["ktime"] // 1000


def main(trace, events):
    ours = collections.defaultdict(list)
    theirs = collections.defaultdict(list)
    for key, when in reported(events):
        ours[key].append(when)
    if not ours:
        sys.exit("no events")
    first = min(min(t) for t in ours.values())
    last = max(max(t) for t in ours.values())
    for key, when in traced(trace):
        if first - EDGE_US <= when <= last + EDGE_US:
            theirs[key].append(when)
    bad, same = [], 0
    for key in sorted({*ours, *theirs}, key=str):
        a, b = sorted(ours[key]), sorted(theirs[key])
        # What only one of them saw at the very ends is cut from the longer list.
        while len(b) > len(a) and b[0] < first + EDGE_US:
            b.pop(0)
        while len(b) > len(a) and b[-1] > last - EDGE_US:
            b.pop()
        if len(a) != len(b):
            bad.append(f"{key}: reported {a}, traced {b}")
        elif any(abs(x - y) > APART_US for x, y in zip(a, b)):
            bad.append(f"{key}: at {a}, but traced at {b}")
        else:
            same += len(a)
    if bad:
        sys.exit("\n".join(bad[:20]))
    drops = sum(len(t) for key, t in ours.items() if key[4] == "NETFILTER_DROP")
    if not drops:
        sys.exit("no NETFILTER_DROP among what was compared")
    print(f"{same} hits are the same, {drops} of them NETFILTER_DROP")


if __name__ == "__main__":
    main(*sys.argv[1:])

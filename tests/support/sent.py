#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""sent.py LOG CAPTURE lossless|lossy [FROM TO]: a capture of net_dev_queue alone against what sender.py sent, packet by packet.

Each packet sent is recorded once or counted as lost, nothing else is there, the hits are in the order of time, and the hits'
own sequence numbers and the report's gaps say the same. lossy: something must have been lost. FROM TO (CLOCK_MONOTONIC, ns,
when the recorder or its reader stood still): hits from before and after must be there.
"""
import json
import os
import struct
import subprocess
import sys

REPORT = os.environ.get("PWRU_REPORT", "./pwru-report")


def read_log(path):
    with open(path, "rb") as f:
        return list(struct.iter_unpack("<3Q", f.read()))


def report(*args, status=(0,)):
    done = subprocess.run([REPORT, *args], capture_output=True, text=True)
    assert done.returncode in status, f"report {args} exits {done.returncode}: {done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(log, capture, lossy, still):
    sent = {n: (before, after) for n, before, after in read_log(log)}
    status = (3,) if lossy else (0,)
    hits = report("events", "--json", capture, status=status)
    info = report("info", "--json", capture, status=status)[0]
    told = info["captures"][0]
    assert sent, "nothing was sent"
    assert all(h["func"] == "net_dev_queue" for h in hits), "other functions"
    marks = [h["mark"] for h in hits]
    assert len(marks) == len(set(marks)), "a packet twice"
    assert set(marks) <= set(sent), f"never sent: {sorted(set(marks) - set(sent))[:5]}"
    for h in hits:
        before, after = sent[h["mark"]]
        assert before <= h["ktime"] <= after, f"packet {h['mark']} at {h['ktime']}, sent from {before} to {after}"
    assert [h["ktime"] for h in hits] == sorted(h["ktime"] for h in hits), "not in the order of time"
    lost = len(sent) - len(hits)
    # Three accounts: the counters at the close, the gaps between the hits' numbers, the sender.
    assert told["closed"] and told["counters"]["recorded"] == len(hits), told
    assert told["counters"]["lost_ring"] == lost and told["lost"] == lost, f"{lost} are missing, the capture says {told['lost']}"
    assert all(told["counters"][k] == 0 for k in ("lost_read", "lost_map", "recursion", "evicted")), told["counters"]
    numbers = {}
    for h in hits:
        numbers.setdefault(h["cpu"], []).append(h["seq"])
    inside = sum(max(s) - len(s) for s in numbers.values())
    # What was lost after the last hit of a CPU stands between no numbers.
    assert inside <= sum(g["lost"] for g in told["gaps"]) == lost, (told["gaps"], inside, lost)
    if not lossy:
        assert not lost and info["complete"], "not complete"
        return f"{len(hits)} packets"
    assert lost and not info["complete"], "nothing was lost: this tested nothing"
    text = subprocess.run([REPORT, capture], capture_output=True, text=True).stdout.splitlines()[-1]
    assert f"INCOMPLETE: {lost} hit" in text, text
    if still:
        stop, go = still
        assert any(h["ktime"] < stop for h in hits), "nothing from before"
        assert any(h["ktime"] > go for h in hits), "nothing from after"
    return f"{len(hits)} recorded, {lost} lost"


if __name__ == "__main__":
    try:
        print(judge(sys.argv[1], sys.argv[2], sys.argv[3] == "lossy", list(map(int, sys.argv[4:6]))))
    except AssertionError as e:
        sys.exit(str(e)[:1000])

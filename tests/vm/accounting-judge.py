#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""accounting-judge.py DIR BACKEND REPORT: is every hit of accounting-test.sh accounted for?

The kernel's kprobe events, one on each function that the recorder attached to, count calls, and those they missed themselves
because another kprobe ran on that CPU. Recorded + lost + no packet + skipped must be the calls, exactly. The capture is read by
tests/interop/pwru_reader.py and options.py alone; what pwru-report says of it is compared then.
"""
import collections
import json
import os
import re
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
import pwru_reader  # noqa: E402

LOSSES = ("lost_ring", "lost_read")
NO_PACKET = ("null_arg", "err_arg", "not_skb")
RETURNS = "return_"
NOT_COUNTABLE = "nested misses not countable on this kernel"


def say(name, good, why=""):
    print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)
    return good


def profile(path):
    """{event: (hits, misses)}."""
    lines = (line.split() for line in open(path, encoding="ascii"))
    return {name: (int(hits), int(misses)) for name, hits, misses in lines}


def calls(where, name):
    """Of each event: calls counted, calls missed, between the two readings."""
    before, after = (profile(os.path.join(where, f"{name}.{when}")) for when in ("before", "after"))
    return {event: (after[event][0] - before[event][0], after[event][1] - before[event][1]) for event in after}


def entered(counted):
    """How often the functions were called, of what calls() tells. What a witness missed, it missed alone; returns are counted where
    the functions are entered."""
    return sum(sum(counted.get(event.removeprefix(RETURNS), both)) for event, both in counted.items())


class Run:
    def __init__(self, where, name, backend, report):
        self.name, self.backend = name, backend
        path = os.path.join(where, name + ".pcapng")
        with open(path, "rb") as f:
            self.reader = pwru_reader.Reader(f.read())
        self.capture, = self.reader.captures.values()
        self.told = self.reader.summary()["captures"][0]
        self.n = self.told["counters"]
        self.calls = calls(where, name)
        self.log = open(os.path.join(where, name + ".log"), encoding="utf-8").read()
        self.rc = open(os.path.join(where, name + ".rc"), encoding="ascii").read().strip()
        done = subprocess.run([report, "info", "--json", path], capture_output=True, check=False)
        self.status, self.info = done.returncode, json.loads(done.stdout)
        self.text = subprocess.run([report, "info", path], capture_output=True, check=False).stdout.decode()
        self.lost = self.n["lost_ring"] + self.n["lost_read"]
        self.nested = self.n["recursion"] + self.n["nmissed"]

    def say(self, name, good, why=""):
        return say(f"{self.name}: {name}", good, why)

    def equal(self, name, ours, theirs):
        return self.say(f"{name} ({theirs})", ours == theirs, f"{ours}, and the witness {theirs}")

    def judge(self):
        self.say("the recorder ends in order", self.rc == "0" and self.told["end"] == "SIGTERM", f"{self.rc} {self.log}")
        attached = sorted((RETURNS if f["skb_arg"] == 255 else "") + f["func"] for f in self.told["functions"])
        self.equal("a witness on each function attached", attached, sorted(self.calls)) if attached != sorted(self.calls) else \
            self.say(f"a witness on each function attached ({len(attached)})", True)
        self.total()
        self.each()
        self.sequence()
        self.seconds()
        self.report()

    def total(self):
        hits = sum(hit for hit, _ in self.calls.values())
        missed = sum(miss for _, miss in self.calls.values())
        recorded = len(self.capture.hits)
        self.say("the counters' recorded are the hits in the file", recorded == self.n["recorded"], f"{recorded}, {self.n}")
        ours = recorded + self.lost + sum(self.n[key] for key in NO_PACKET)
        if self.backend == "kprobe-multi":
            self.equal("recorded + lost + no packet + nested = calls", ours + self.nested, entered(self.calls))
        else:
            # Both hang on one probe, so that the kernel skips both.
            self.equal("recorded + lost + no packet = calls", ours, hits)
            if self.told["nested_countable"]:
                self.equal("nested = missed calls", self.nested, missed)
        print(f"# {self.name}: recorded {recorded}, lost {self.lost}, nested {self.nested}, calls {hits}, missed by the witness {missed}")

    def each(self):
        """Function by function, where nothing is lost."""
        if self.lost or self.nested or any(miss for _, miss in self.calls.values()):
            return
        recorded = collections.Counter(
            (RETURNS if hit["return"] else "") + self.capture.functions[hit["address"]]["func"] for hit in self.capture.hits)
        apart = {event: (recorded[event], hit) for event, (hit, _) in self.calls.items() if recorded[event] != hit}
        spare = sum(self.n[key] for key in NO_PACKET)
        self.say("of each function all calls", sum(hit - ours for ours, hit in apart.values()) == spare and
                 all(ours <= hit for ours, hit in apart.values()), apart)

    def sequence(self):
        """On each CPU: the last number is what was recorded and lost, and the counts of the hits lead up to the total."""
        last = {}
        for hit in self.capture.hits:
            if hit["seq"] > last.get(hit["cpu"], {"seq": 0})["seq"]:
                last[hit["cpu"]] = hit
        lost = {}
        for kind, _, body in self.capture.notes:
            if kind == 2:
                lost = {int(m[1]): int(m[2]) + int(m[3]) for m in re.finditer(rb"^lost_cpu(\d+)=(\d+) (\d+)$", body, re.M)}
        self.say("the losses of the CPUs are those of all", sum(lost.values()) == self.lost, f"{lost}, {self.lost}")
        there = collections.Counter(hit["cpu"] for hit in self.capture.hits)
        bad = [f"cpu {cpu}: last {hit['seq']}, lost {hit['lost']}, {there[cpu]} recorded" for cpu, hit in last.items()
               if hit["seq"] != there[cpu] + hit["lost"] or hit["lost"] > lost.get(cpu, 0)]
        self.say("the last number of each CPU is what it recorded and lost", not bad, bad)
        drops = self.dropcounts()
        bad = {cpu: (drops[cpu], hit["lost"]) for cpu, hit in last.items() if drops[cpu] != hit["lost"]}
        self.say("the dropcounts add up to each CPU's losses before its last hit", not bad, bad)

    def dropcounts(self):
        drops = collections.Counter()

        class Frames(pwru_reader.Reader):
            def event(self, capture, p):
                drops[struct.unpack_from("<H", p, 108)[0]] += struct.unpack("<Q", self.frame[2].get(4, bytes(8)))[0]
        with open(self.info["files"][0]["name"], "rb") as f:
            Frames(f.read())
        return drops

    def seconds(self):
        counted = [ktime for kind, ktime, _ in self.capture.notes if kind in (1, 2)]
        apart = [b - a for a, b in zip(counted, counted[1:])]
        # Of what happens within a second; a guest may stand still for a while.
        self.say("counters each second", len(counted) >= 2 and all(500e6 < gap for gap in apart[:-1]) and
                 sum(gap < 3e9 for gap in apart) >= len(apart) / 2, apart)

    def report(self):
        """pwru-report against all of this."""
        c = self.info["captures"][0]
        gaps = c["gaps"]
        complete = not self.lost and not self.nested
        self.say("the report's exit status", self.status == (0 if complete else 3), f"{self.status}, lost {self.lost}, nested {self.nested}")
        self.say("the report lists each gap: together what was lost",
                 sum(g["lost"] for g in gaps) == self.lost == c["lost"] and
                 sum(g["lost_read"] for g in gaps) == self.n["lost_read"] and not any(g["removed"] for g in gaps), gaps[:5])
        self.say("each gap has its CPU, window and cause in the text too",
                 len(re.findall(r"^ +cpu \d+: \d+ lost \((?:buffer full|skb unreadable)\)(?:, \d+ lost \(skb unreadable\))? "
                                r"(?:between \S+ and|before) \S+$", self.text, re.M)) == len(gaps), self.text[:2000])
        self.say("'complete' or not", bool(re.search(r"^complete +yes", self.text, re.M)) == complete, self.text)
        countable = self.told["nested_countable"]
        self.say("nested misses are counted" if countable else "nested misses: the words, in info, in the file and on stderr",
                 (NOT_COUNTABLE in self.text) == (NOT_COUNTABLE in self.log) == (not countable) and
                 c["nested_countable"] == countable, f"{countable}: {self.text} {self.log}")


def main(where, backend, report):
    runs = sorted(f.removesuffix(".rc") for f in os.listdir(where) if f.endswith(".rc"))
    say("there are recordings", len(runs) >= 2, str(runs))
    nested = missed = 0
    for name in runs:
        run = Run(where, name, backend, report)
        run.judge()
        nested += run.nested
        missed += sum(miss for _, miss in run.calls.values())
        if name.endswith("-tiny"):
            run.say("the flood was too much", run.n["lost_ring"] > 1000 and len(run.capture.hits) > 100, run.n)
        else:
            run.say("nothing was lost", run.lost == 0, run.n)
    if backend == "kprobe-multi" or run.told["nested_countable"]:
        say("some hits were nested", nested > 0, f"{nested}, the witness missed {missed}")


if __name__ == "__main__":
    main(*sys.argv[1:])

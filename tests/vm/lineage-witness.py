#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""lineage-witness.py OUTDIR NAME...: the births, ends, children and merges that the kernel's own kprobe events tell of between two
marks, against the packets of the capture that was made meanwhile. No code of ours is in the kernel's trace.

The rule: at each address the lives of the trace and the packets of the capture are the same number, in the same order, and
overlap. A life is from the return of the function that allocated it to the release of its memory. One born before the first
mark is open to the left (its first event is no birth), one that ends after the second mark to the right; a packet that was
there all the time has no birth and no end in the trace, and stands alone at its address.
"""
import collections
import importlib.util
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 0.3  # s, between a probe of the trace and one of the recorder: an emulated CPU may stand still between them
LINE = re.compile(r".*-(\d+)\s+\[(\d+)\]\s+\S+\s+([\d.]+): (\w+): (.*)")
BIRTHS = ("__alloc_skb", "slab_build_skb", "__build_skb_around", "__copy_skb_header", "skb_copy_header")
KINDS = {"skb_clone": "clone", "__skb_clone": "clone", "skb_morph": "clone", "skb_copy_header": "copy", "skb_segment": "segment"}


def load(name):
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), os.path.join(HERE, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Interval:
    def __init__(self, skb, birth):
        self.skb, self.birth, self.end, self.released, self.edges = skb, birth, None, None, []

    def __repr__(self):
        return f"{self.skb:#x} from {self.birth} to {self.end}"


class Trace:
    """What the kernel told: lives by address, edges and merges between them."""

    def __init__(self, path):
        self.lives, self.problems, self.merges = collections.defaultdict(list), [], []
        self.start = self.stop = None
        self.births = self.ends = self.edges = 0
        coming, offers = {}, {}
        with open(path, encoding="utf-8", errors="replace") as f:
            for line in f:
                m = LINE.match(line)
                if m:
                    self.take(m[2], float(m[3]), m[4], m[5], coming, offers)
        if self.start is None or self.stop is None:
            self.problems.append("no marks in the trace")

    def take(self, cpu, time, event, rest, coming, offers):
        if event == "tracing_mark_write":
            if rest == "START":
                self.start = time
            else:
                self.stop = time
            return
        if self.start is None or self.stop is not None:
            return
        values = dict(re.findall(r"(\w+)=(\S+)", rest))
        kind, _, what = event.partition("_")
        if kind == "taken":  # skb_gro_receive() returns 0 for success, skb_try_coalesce() true
            to, of = offers.pop((cpu, what), (None, None))
            if of and (int(values["said"], 16) == 0) == (what == "gro"):
                self.merges.append((time, to, of))
            return
        skb, of = int(values["skb"], 16), int(values.get("of", "0"), 16)
        if kind == "birth":
            if skb:
                self.born(skb, time).edges += coming.pop(skb, [])
        elif kind == "end":
            if not values.get("by", "").startswith("skb_morph"):
                self.ended(skb, time, False)
        elif kind == "memory":
            self.ended(skb, time, True)
        elif kind == "morph":
            self.ended(skb, time, True)
            self.born(skb, time)
        elif kind == "edge":
            self.edges += 1
            by = re.sub(r"\+.*", "", values.get("by", ""))
            edge = (time, {"fragment": "fragment", "split": "segment"}.get(what) or KINDS.get(by), self.now(of, time))
            if by in ("skb_clone", "__skb_clone") and not self.alive(skb):
                coming.setdefault(skb, []).append(edge)  # of what skb_clone() is about to return
            else:
                self.now(skb, time).edges.append(edge)
        elif kind == "offer":
            offers[cpu, what] = self.now(skb, time), self.now(of, time)

    def alive(self, skb):
        return bool(self.lives[skb]) and self.lives[skb][-1].end is None and self.lives[skb][-1].released is None

    def now(self, skb, time):
        """The life at an address; one from before the first mark when none is known yet."""
        if not self.lives[skb]:
            self.lives[skb].append(Interval(skb, None))
        elif not self.alive(skb):
            self.problems.append(f"{skb:#x} is used at {time} after its end")
        return self.lives[skb][-1]

    def born(self, skb, time):
        if self.alive(skb):
            self.problems.append(f"{skb:#x} is born at {time}, but was alive")
        elif self.lives[skb] and self.lives[skb][-1].end is None:
            self.lives[skb][-1].end = self.lives[skb][-1].released  # in bulk: the trace shows only its release
        self.births += 1
        self.lives[skb].append(Interval(skb, time))
        return self.lives[skb][-1]

    def ended(self, skb, time, memory):
        if not self.lives[skb]:
            self.lives[skb].append(Interval(skb, None))
        life = self.lives[skb][-1]
        if life.end is not None:
            self.problems.append(f"{skb:#x} ends at {time}, and ended before")
        elif life.released is None:
            self.ends += 1
        life.released = life.released or time
        if memory:
            life.end = time


def counted(path):
    with open(path, encoding="ascii") as f:
        return sum(int(line.split()[2]) for line in f)


class Comparison:
    def __init__(self, out, name, raw, paths):
        at = os.path.join(out, name)
        self.name, self.raw, self.trace = name, raw, Trace(at + ".trace")
        self.paths = {int(p["packet"], 16): p for p in paths}
        self.missed = counted(at + ".misses.after") - counted(at + ".misses.before")
        self.allowed = self.missed + raw.counters["recursion"]
        self.of = {}  # id of an Interval -> Life
        with open(at + ".trace.stats", encoding="ascii") as f:
            if lost := [line for line in f if not line.endswith(": 0\n")]:
                self.trace.problems.append(f"the kernel's trace is not whole: {lost}")

    def during(self):
        """The packets between the marks, by address."""
        start, stop = self.trace.start * 1e9, self.trace.stop * 1e9
        found = {}
        for skb, lives in self.raw.by_address().items():
            lives = [life for life in lives if life.last >= start and life.first <= stop]
            if lives:
                found[skb] = lives
        return found

    @staticmethod
    def made(life):
        """The last of the hits in which it is made: the kernel's trace tells of a birth at the allocator's return."""
        time = life.first
        for hit in life.hits:
            if hit["func"] not in BIRTHS:
                break
            time = hit["ktime"]
        return time

    def lives(self):
        """Problems with the one-to-one correspondence, and how many packets began and ended."""
        ours, problems, began, ended = self.during(), [], 0, 0
        for skb in set(self.trace.lives) | set(ours):
            theirs, mine = self.trace.lives.get(skb, []), ours.get(skb, [])
            began += sum(not i or life.first >= self.trace.start * 1e9 for i, life in enumerate(mine)) if theirs and theirs[0].birth else \
                max(len(mine) - 1, 0)
            ended += sum(self.raw.over(life) and life.last <= self.trace.stop * 1e9 for life in mine)
            if not theirs and len(mine) == 1 and not self.raw.over(mine[0]) and mine[0].hits[0]["func"] not in BIRTHS:
                continue
            if len(theirs) != len(mine):
                problems.append(f"{skb:#x}: {len(theirs)} lives, {len(mine)} packets")
                continue
            for interval, life in zip(theirs, mine):
                self.of[id(interval)] = life
                begin, end = self.made(life) / 1e9, life.last / 1e9
                birth, over = interval.birth or begin, interval.end or interval.released or end
                if begin < birth - TOLERANCE or end > over + TOLERANCE or end < birth - TOLERANCE or begin > over + TOLERANCE:
                    problems.append(f"{interval} is {life} from {begin} to {end}")
                if bool(interval.released or interval.end) != self.raw.over(life):
                    problems.append(f"{interval} is {life}, last hit {life.hits[-1]['func']}")
        return problems, began, ended

    def edges(self):
        problems, seen = [], 0
        for intervals in self.trace.lives.values():
            for interval in intervals:
                for time, kind, of in interval.edges[:1]:  # later ones: it goes on as a fragment, and stays whose child it is
                    child, parent = self.of.get(id(interval)), self.of.get(id(of))
                    if not child or not parent:
                        continue  # said already
                    if parent.first > time * 1e9:  # the functions recorded saw nothing of it yet
                        if child.parents:
                            problems.append(f"at {time} {child} is made of {parent}, not seen yet; it has {child.parents}")
                        continue
                    seen += 1
                    got = [(e.other, self.raw_kind(e)) for e in child.parents]
                    # Of a list of fragments each is copied from the one before; all are the first one's.
                    of = {parent.packet} | {e.other for e in parent.parents if kind == self.raw_kind(e) == "fragment"}
                    if not any(other in of and kind in (None, k) for other, k in got):
                        problems.append(f"at {time} {child} is made a {kind} of {parent}; it has {[(hex(o), k) for o, k in got]}")
        mine = sum(bool([e for e in life.parents if not e.inferred and self.raw_kind(e) != "frame" and
                         self.trace.start <= e.hit["ktime"] / 1e9 <= self.trace.stop]) for life in self.raw.lives.values())
        return problems, seen, mine

    @staticmethod
    def raw_kind(edge):
        return {1: "clone", 2: "copy", 3: "segment", 4: "fragment", 5: "frame"}[edge.kind]

    def merged(self):
        """Each merge that the kernel's functions said they did is in the report, and no other by these functions."""
        problems, theirs = [], set()
        # What is reassembled takes in its queue, by whichever function.
        whole = {p["number"] for packet, p in self.paths.items() for life in [self.raw.lives.get(packet)]
                 if life and any(e.kind == 8 for e in life.edges)}
        for time, to, of in self.trace.merges:
            a, b = self.of.get(id(to)), self.of.get(id(of))
            if not a or not b:
                continue
            theirs.add(b.packet)
            p, q = self.paths.get(b.packet), self.paths.get(a.packet)
            if not p or not q or p["merged_into"] != q["number"]:
                problems.append(f"at {time} {b} became part of {a}; the report says {p and (p['outcome'], p['merged_into'])}, not {q and q['number']}")
        for packet, p in self.paths.items():
            if p["merged_into"] and p["merged_into"] not in whole and packet not in theirs:
                problems.append(f"#{p['number']} is said to have merged into #{p['merged_into']}; the kernel's trace says no such thing")
        return problems, len(theirs)

    def verdicts(self):
        """(name, problem)"""
        t = self.trace
        slack = f", of which {self.allowed} may be missing" if self.allowed else ""
        yield f"{self.name}: the kernel's trace agrees with itself{slack}", t.problems if len(t.problems) > 2 * self.allowed else None
        problems, began, ended = self.lives()
        yield f"{self.name}: {t.births} births and {t.ends} ends in the kernel's trace are those of the packets{slack}", \
            problems + [f"{began} began, {ended} ended"] if len(problems) > 2 * self.allowed or \
            abs(began - t.births) > self.allowed or abs(ended - t.ends) > self.allowed or not t.births else None
        problems, seen, mine = self.edges()
        if mine < seen - self.allowed or mine > t.edges + self.allowed:
            problems.append(f"{seen} of {t.edges} in the trace, {mine} in the capture")
        yield f"{self.name}: {t.edges} children made in the kernel's trace have their parents in the capture{slack}", \
            problems if len(problems) > 2 * self.allowed else None
        problems, count = self.merged()
        yield f"{self.name}: {count} merges in the kernel's trace are those of the report{slack}", \
            problems if len(problems) > 2 * self.allowed else None


def main():
    import json
    import subprocess
    invariants, failed = load("lineage-invariants"), False
    out = sys.argv[1]
    for name in sys.argv[2:]:
        file = os.path.join(out, name + ".pcapng")
        run = subprocess.run([os.environ.get("REPORT", "./pwru-report"), "--json", "--all", file], capture_output=True, text=True, check=False)
        paths = [json.loads(line) for line in run.stdout.splitlines()]
        for what, problem in Comparison(out, name, invariants.Raw(file), paths).verdicts():
            failed |= bool(problem)
            print(f"not ok {what}: {len(problem)}: {str(problem[:3])[:700]}" if problem else f"ok {what}")
    sys.exit(failed)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""views_judge.py REPORT FILE...: are the numbers of the views drops, functions and latency those of the paths?

What they print as JSON of the files is computed anew here from `paths --json`, with its own definitions, for several filters; and
their CSV has to be the same as their JSON. Prints each that is not; exit 1 then.
"""
import collections
import csv
import datetime
import fractions
import io
import itertools
import json
import random
import subprocess
import sys

report, files = sys.argv[1], sys.argv[2:]
wrong = 0
judged = collections.Counter()


def complain(what, want, got):
    global wrong
    wrong += 1
    print(f"{what}: paths say {want}, the view says {got}")


def run(*args):
    done = subprocess.run([report, *args, *files], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"{args}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def lines(*args):
    return [json.loads(line) for line in run(*args, "--json").splitlines()]


def nanoseconds(text):
    whole, part = text.rstrip("Z").split(".")
    second = datetime.datetime.fromisoformat(whole + "+00:00")
    return int(second.timestamp()) * 10**9 + int(part)


def equal(what, want, got):
    judged[what.split()[0]] += 1
    if want != got:
        complain(what, want, got)


class Packet:
    """A line of paths: with all its hops, and those that are shown."""

    def __init__(self, whole, shown):
        self.whole, self.hops, self.all = whole, shown["hops"], whole["hops"]
        self.key = (whole["capture"], whole["packet"])
        self.clock = nanoseconds(whole["time"]) - self.all[0]["ktime"] if self.all else 0
        parent = whole["parent"]
        self.parent = (whole["capture"], parent["packet"]) if parent else None

    def when(self, hop):
        return self.clock + hop["ktime"]


def packets(options):
    whole, shown = lines("paths", "--all", *options), lines("paths", *options)
    assert [p["packet"] for p in whole] == [p["packet"] for p in shown]
    return [Packet(w, w if "--all" in options else s) for w, s in zip(whole, shown)]


# ---- drops ----

def verdict(packet, hops):
    """The index in hops of the hit that dropped it: the last of that function, called from there."""
    found = [i for i, h in enumerate(hops)
             if h["func"] == packet.whole["by"] and h["caller"] == packet.whole["culprit"]]
    return found[-1] if found else None


def flow(packet):
    header = packet.whole["header"]
    if header is None:
        return (None,) * 6
    t = packet.whole["tuples"][header]
    return tuple(t[k] for k in ("src", "dst", "sport", "dport", "l4", "icmp_type"))


def judge_drops(all_packets, options):
    places = {}
    for p in all_packets:
        if p.whole["outcome"] != "dropped":
            continue
        w = p.whole
        hop = p.all[verdict(p, p.all)]
        at = verdict(p, p.hops)
        before = [h["func"] for h in (p.hops[:at] if at is not None else p.hops[:-1])][-5:]
        key = (w["capture"], w["reason"], w["by"], w["culprit"])
        places.setdefault(key, []).append((p.when(hop), before, flow(p)))
    got = lines("drops", *options)
    equal("drops: places", sorted(map(str, places)), sorted(str((g["capture"], g["reason"], g["by"], g["culprit"])) for g in got))
    for g in got:
        want = places.get((g["capture"], g["reason"], g["by"], g["culprit"]), [])
        if not want:
            continue
        name = f"drops {g['reason']} {g['by']}"
        equal(name + " packets", len(want), g["packets"])
        equal(name + " first, last", [min(want)[0], max(want)[0]], [nanoseconds(g["first"]), nanoseconds(g["last"])])
        # Which packet is the first to end is not told by paths: one of them.
        came = [f["func"] for f in g["before"]]
        equal(name + " before", True, came in [b for _, b, _ in want])
        equal(name + " before_packets", sum(b == came for _, b, _ in want), g["before_packets"])
        flows = collections.defaultdict(list)
        for when, _, f in want:
            flows[f].append(when)
        mine = sorted([str(f), len(t), min(t), max(t)] for f, t in flows.items())
        said = sorted([str(tuple(f[k] for k in ("src", "dst", "sport", "dport", "l4", "icmp_type"))), f["packets"],
                       nanoseconds(f["first"]), nanoseconds(f["last"])] for f in g["flows"])
        equal(name + " flows", mine, said)
        equal(name + " order of flows", sorted(((-f["packets"], f["first"]) for f in g["flows"])),
              [(-f["packets"], f["first"]) for f in g["flows"]])
        equal(name + " says something", True, len(g["usually"]) > 20 and len(g["look"]) > 3)
    equal("drops: order", sorted((-g["packets"], g["first"]) for g in got), [(-g["packets"], g["first"]) for g in got])
    rows = list(csv.DictReader(io.StringIO(run("drops", "--csv", *options))))
    flat = [(g, f) for g in got for f in g["flows"]]
    equal("drops: CSV rows", len(flat), len(rows))
    for (g, f), row in zip(flat, rows):
        same_cells("drops CSV", {**{k: g[k] for k in ("capture", "host", "reason", "reason_number", "by", "culprit", "culprit_func",
                                                       "culprit_offset", "culprit_module")}, **f}, row)
    return got


def cell(v):
    if v is None:
        return ""
    if isinstance(v, bool):
        return str(v).lower()
    return str(v)


def same_cells(what, obj, row):
    for key, value in obj.items():
        if key in row and cell(value) != row[key].lstrip("'"):
            complain(f"{what} {key}", cell(value), row[key])
    judged[what] += 1


# ---- functions ----

def judge_functions(all_packets, options):
    rows = collections.defaultdict(lambda: {"hits": 0, "packets": set(), "drops": 0, "times": []})
    for n, p in enumerate(all_packets):
        for h in p.hops:
            r = rows[p.whole["capture"], h["func"], h["module"]]
            r["hits"] += 1
            r["packets"].add(n)
            r["times"].append(p.when(h))
        if p.whole["outcome"] == "dropped":
            at = verdict(p, p.hops)
            if at is None:
                at = len(p.hops) if p.hops else None
            if at is not None:
                h = p.hops[at - 1 if at else 0]
                rows[p.whole["capture"], h["func"], h["module"]]["drops"] += 1
    got = lines("functions", *options)
    want = sorted([*k, r["hits"], len(r["packets"]), r["drops"], min(r["times"]), max(r["times"])] for k, r in rows.items())
    equal("functions", want, sorted([g["capture"], g["func"], g["module"], g["hits"], g["packets"], g["drops"],
                                     nanoseconds(g["first"]), nanoseconds(g["last"])] for g in got))
    equal("functions: order", sorted((-g["hits"], g["first"]) for g in got), [(-g["hits"], g["first"]) for g in got])
    table = list(csv.DictReader(io.StringIO(run("functions", "--csv", *options))))
    equal("functions: CSV rows", len(got), len(table))
    for g, row in zip(got, table):
        same_cells("functions CSV", g, row)
    equal("functions --top", got[:3], lines("functions", "--top", "3", *options))


# ---- latency ----

def percentile(times, percent):
    """The smallest that at least so many percent are not longer than."""
    times = sorted(times)
    need = fractions.Fraction(percent, 100) * len(times)
    return next(t for i, t in enumerate(times, 1) if i >= need)


def judge_times(name, times, got):
    equal(name + " count", len(times), got["count"])
    if not times:
        return
    equal(name + " total", sum(times), got["total_ns"])
    equal(name + " min, max", [min(times), max(times)], [got["min_ns"], got["max_ns"]])
    for percent in (50, 90, 99):
        want, said = percentile(times, percent), got[f"p{percent}_ns"]
        judged["percentiles"] += 1
        if abs(said - want) * 100 > (0 if got["exact"] else want):
            complain(f"{name} p{percent}", want, said)


def judge_edges(all_packets, options):
    edges = collections.defaultdict(list)
    for p in all_packets:
        for a, b in itertools.pairwise(p.hops):
            edges[p.whole["capture"], a["func"], a["module"], b["func"], b["module"]].append(max(0, b["ktime"] - a["ktime"]))
    got = lines("latency", *options)
    equal("latency: edges", sorted(edges), sorted((g["capture"], g["from"], g["from_module"], g["to"], g["to_module"]) for g in got))
    for g in got:
        judge_times(f"latency {g['from']} > {g['to']}",
                    edges[g["capture"], g["from"], g["from_module"], g["to"], g["to_module"]], g)
    equal("latency: order", sorted(-g["total_ns"] for g in got), [-g["total_ns"] for g in got])
    table = list(csv.DictReader(io.StringIO(run("latency", "--csv", *options))))
    equal("latency: CSV rows", len(got), len(table))
    for g, row in zip(got, table):
        same_cells("latency CSV", g, row)
    if got:
        f = got[0]["from"]
        equal("latency --from alone", [g for g in got if g["from"] == f], lines("latency", "--from", f, *options))
        equal("latency --to alone", [g for g in got if g["to"] == f], lines("latency", "--to", f, *options))


def descent(p, children, since):
    for c in children.get(p.key, []):
        if c.all and c.all[0]["ktime"] >= since:
            yield c
            yield from descent(c, children, 0)


def judge_pair(all_packets, children, f, g, options):
    times, hits = [], 0
    for p in all_packets:
        first = next((i for i, h in enumerate(p.all) if h["func"] == f), None)
        if first is None:
            continue
        hits += 1
        start = p.all[first]["ktime"]
        own = next((h["ktime"] for h in p.all[first + 1:] if h["func"] == g), None)
        if own is None:
            below = [h["ktime"] for c in descent(p, children, start) for h in c.all if h["func"] == g]
            own = min(below) if below else None
        if own is not None:
            times.append((own - start, p.whole["number"]))
    got, = lines("latency", "--from", f, "--to", g, *options)
    name = f"latency --from {f} --to {g}"
    equal(name + " packets", hits, got["packets"])
    judge_times(name, [t for t, _ in times], got)
    slowest = sorted(times, key=lambda t: -t[0])[:10]
    equal(name + " slowest", [t for t, _ in slowest], [s["duration_ns"] for s in got["slowest"]])
    equal(name + " slowest are of these", True, all((s["duration_ns"], s["number"]) in times for s in got["slowest"]))
    equal(name + " histogram", len(times), sum(b["count"] for b in got["histogram"]))
    for b in got["histogram"]:
        equal(name + " histogram", sum(b["from_ns"] <= t < b["below_ns"] for t, _ in times), b["count"])


def judge_pairs(all_packets, options):
    children = collections.defaultdict(list)
    known = {p.key for p in all_packets}
    for p in all_packets:
        if p.parent in known:
            children[p.parent].append(p)
    names = sorted({h["func"] for p in all_packets for h in p.all})
    chance = random.Random(7)
    pairs = [chance.sample(names, 2) for _ in range(12)] if len(names) > 1 else []
    # And some that there must be.
    long = max(all_packets, key=lambda p: len(p.all), default=None)
    if long and len(long.all) > 2:
        pairs += [(long.all[i]["func"], long.all[j]["func"]) for i, j in ((0, 1), (0, len(long.all) - 1), (1, 2))]
    pairs += [(p.all[0]["func"], c[0].all[-1]["func"]) for p in all_packets if p.all and (c := children.get(p.key)) and c[0].all]
    for f, g in dict.fromkeys(map(tuple, pairs)):
        judge_pair(all_packets, children, f, g, options)


for options in ([], ["--all"], ["--filter-proto", "tcp"], ["--filter-dst-port", "81"]):
    these = packets(options)
    judge_drops(these, options)
    judge_functions(these, options)
    judge_edges(these, options)
    judge_pairs(these, options)
print(f"{sum(judged.values())} compared, {wrong} wrong")
sys.exit(wrong > 0)

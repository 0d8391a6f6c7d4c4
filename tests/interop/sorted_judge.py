#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""sorted_judge.py REPORT FILE: --sort, --top, --group and follow --flow, worked out anew from `paths --json`. A line a test."""
import json
import subprocess
import sys
from collections import defaultdict
from math import ceil

failed = False


def lines(report, *arguments):
    done = subprocess.run([report, *arguments], stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 3):
        raise ValueError(f"exit status {done.returncode} of {arguments}")
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def say(name, got, want):
    global failed
    same = got == want
    failed |= not same
    print(f"ok {name}" if same else f"not ok {name}: {str(got)[:300]} and not {str(want)[:300]}")


def nanoseconds(text):
    whole, part = text.rstrip("Z").split(".")
    hours, minutes, seconds = (int(n) for n in whole.split("T")[1].split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 10**9 + int(part)


def families_of(paths):
    found = defaultdict(list)
    for path in paths:
        found[path["capture"], path["family"]].append(path)
    return list(found.values())


def key_of(order, family):
    start = min(nanoseconds(p["time"]) for p in family)
    value = {"start": 0,
             "duration": max(nanoseconds(p["time"]) + p["duration_ns"] for p in family) - start,
             "hops": sum(len(p["hops"]) for p in family),
             "drops": sum(p["outcome"] == "dropped" for p in family)}[order]
    return (-value, start, family[0]["capture"], family[0]["number"])


def tree(family):
    """The family as nested tuples, and its members a parent before its children, in that order."""
    members = []

    def visit(path):
        members.append(path)
        children = tuple(visit(p) for p in family if p["parent"] and p["parent"]["number"] == path["number"])
        return ((path["parent"] or {}).get("kind"), path["outcome"], path["reason"], path["culprit_func"], path["culprit_module"],
                path["culprit"] if path["culprit_func"] is None else None, path["merged_by"],
                tuple((h["func"], h["module"], h["return"]) for h in path["hops"]), children)

    numbers = {p["number"] for p in family}
    shape = tuple(visit(p) for p in family if not p["parent"] or p["parent"]["number"] not in numbers)
    return shape, members


def percentile(samples, share):
    return sorted(samples)[max(ceil(len(samples) * share / 100), 1) - 1]


def groups_of(families):
    found = defaultdict(list)
    for family in families:
        shape, members = tree(family)
        found[shape].append(members)
    out = []
    for alike in found.values():
        edges = [[] for path in alike[0] for _ in path["hops"][1:]]
        for members in alike:
            for edge, delay in zip(edges, (h["delay_ns"] for path in members for h in path["hops"][1:])):
                edge.append(delay)
        starts = [min(nanoseconds(p["time"]) for p in members) for members in alike]
        out.append((-len(alike), min(starts), max(starts), sum(p["hits"] for members in alike for p in members),
                    [percentile(e, 50) for e in edges], [percentile(e, 99) for e in edges]))
    return sorted(out)


def group_of(line):
    hops = [h for path in line["paths"] for h in path["hops"] if h["p50_ns"] is not None]
    return (-line["count"], nanoseconds(line["first"]), nanoseconds(line["last"]), line["hits"],
            [h["p50_ns"] for h in hops], [h["p99_ns"] for h in hops])


def flow_of(paths, ends):
    found = []
    for path in paths:
        for t in path["tuples"]:
            way = [(t["src"], t["sport"]), (t["dst"], t["dport"])]
            if t["l4"] in ("tcp", "udp") and way in (ends, ends[::-1]):
                found.append((nanoseconds(path["time"]), path["number"], "->" if way == ends else "<-"))
                break
    return sorted(found)


def main(report, file):
    paths = lines(report, "paths", "--json", file)
    families = families_of(paths)
    for order in ("start", "duration", "hops", "drops"):
        want = [p["number"] for family in sorted(families, key=lambda f: key_of(order, f)) for p in family]
        say(f"--sort {order}", [p["number"] for p in lines(report, "paths", "--json", "--sort", order, file)], want)
        want = [p["number"] for family in sorted(families, key=lambda f: key_of(order, f))[:3] for p in family]
        say(f"--sort {order} --top 3", [p["number"] for p in lines(report, "paths", "--json", "--sort", order, "--top", "3", file)], want)
    say("--group", sorted(map(group_of, lines(report, "paths", "--group", "--json", file))), groups_of(families))
    counts = [line["count"] for line in lines(report, "paths", "--group", "--json", file)]
    say("--group: by count", counts, sorted(counts, reverse=True))
    for t in {(t["src"], t["sport"], t["dst"], t["dport"]) for p in paths for t in p["tuples"] if t["sport"]}:
        got = lines(report, "follow", "--json", "--flow", f"{t[0]}:{t[1]},{t[2]}:{t[3]}", file)
        say(f"follow --flow {t[0]}:{t[1]},{t[2]}:{t[3]}", [(nanoseconds(p["time"]), p["number"], p["direction"]) for p in got],
            flow_of(paths, [t[:2], t[2:]]))
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

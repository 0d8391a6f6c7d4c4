# SPDX-License-Identifier: GPL-2.0-only
"""What "pwru-report --json --all" says of the packets of a capture, as trees: for lineage-judge.py."""
import json
import os
import re
import subprocess


class Path:
    def __init__(self, line, spaces):
        self.children, self.parent, self.survivor = [], None, None
        self.line, self.number, self.skb = line, line["number"], line["skb"]
        self.outcome, self.reason, self.hops, self.tuples = line["outcome"], line["reason"], line["hops"], line["tuples"]
        self.kind = line["parent"]["kind"] if line["parent"] else "root"
        self.places = []  # (namespace, interface), as the packet passed them
        space = ""
        for hop in self.hops:
            if hop["netns"] and spaces.get(hop["netns"], "?") != space:
                space = spaces.get(hop["netns"], "?")
            if hop["ifname"] and (not self.places or self.places[-1] != (space, hop["ifname"])):
                self.places.append((space, hop["ifname"]))
        self.space = space

    def __repr__(self):
        return f"#{self.number} {self.kind} {self.outcome}"

    def has(self, **want):
        return any(all(t.get(k) == v for k, v in want.items()) for t in self.tuples)

    @property
    def ends(self):
        """Where it begins and where it ends, as far as interfaces tell."""
        if not self.places:
            return ""
        first, last = ("/".join(place) for place in (self.places[0], self.places[-1]))
        return f"{first} > {last}"

    @property
    def result(self):
        return f"{self.outcome} {self.reason}" if self.outcome == "dropped" else self.outcome

    def shape(self):
        """The tree below it: what is of equal shape is the same but for order."""
        return (self.kind, self.result, self.ends, tuple(sorted(child.shape() for child in self.children)))

    def tree(self, indent=0):
        into = f" into #{self.survivor.number}" if self.survivor else ""
        lines = [f"{'  ' * indent}#{self.number} {self.kind} {self.result}{into} {self.ends}"]
        return "; ".join(lines + [child.tree(indent + 1) for child in self.children])

    def length(self, func):
        return next((hop["len"] for hop in self.hops if hop["func"] == func), None)

    def of_kind(self, kind):
        return [child for child in self.children if child.kind == kind]


class Capture:
    """The paths of a capture. problems: what does not fit together in the report itself."""

    def __init__(self, out, name):
        self.name, self.file, self.problems = name, os.path.join(out, name + ".pcapng"), []
        with open(os.path.join(out, "netns"), encoding="ascii") as f:
            spaces = {int(inode): space for inode, space in (line.split() for line in f)}
        run = subprocess.run([os.environ.get("REPORT", "./pwru-report"), "--json", "--all", self.file], capture_output=True, text=True,
                             check=False)
        if run.returncode:
            self.problems.append(f"pwru-report: exit {run.returncode}: {run.stderr[:300]}")
        self.lines = [json.loads(line) for line in run.stdout.splitlines()]
        self.paths = {line["number"]: Path(line, spaces) for line in self.lines}
        for path in self.paths.values():
            self.link(path)
        for path in self.paths.values():
            for number in path.line["merged"]:
                if self.paths[number].survivor is not path:
                    self.problems.append(f"#{path.number} says that #{number} merged into it, which that does not say")

    def link(self, path):
        line = path.line
        if line["parent"]:
            parent = self.paths.get(line["parent"]["number"])
            if not parent:
                self.problems.append(f"#{path.number}: no parent #{line['parent']['number']}")
            else:
                path.parent = parent
                parent.children.append(path)
                if parent.line["family"] != line["family"]:
                    self.problems.append(f"#{path.number} is of family {line['family']}, its parent of {parent.line['family']}")
        elif line["family"] != path.number:
            self.problems.append(f"#{path.number} has no parent and is of family {line['family']}")
        if (line["merged_into"] is not None) != (path.outcome == "merged"):
            self.problems.append(f"#{path.number} is {path.outcome} and merged into {line['merged_into']}")
        if line["merged_into"] is not None:
            path.survivor = self.paths.get(line["merged_into"])
            if not path.survivor or path.number not in path.survivor.line["merged"]:
                self.problems.append(f"#{path.number} merged into #{line['merged_into']}, which does not say so")

    def roots(self, *wants):
        """The roots of the families with a packet that has one of these tuples, first come first."""
        families = {p.line["family"] for p in self.paths.values() for want in wants if p.has(**want)}
        return [p for number, p in sorted(self.paths.items()) if p.line["family"] in families and not p.parent]

    def members(self, *wants):
        families = {p.line["family"] for p in self.roots(*wants)}
        return [p for _, p in sorted(self.paths.items()) if p.line["family"] in families]


def kernel_count(text, key, number):
    """The value of a key of /proc/net/snmp's Tcp lines, the number-th time they are printed."""
    rows = [line.split() for line in re.findall(r"^Tcp:.*", text, re.M)]
    return int(rows[2 * number + 1][rows[2 * number].index(key)])

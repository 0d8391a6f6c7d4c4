#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""e2e_judge.py REPORT OUTDIR DEBUG: the source lines that the report tells of OUTDIR/symbols.pcapng, which tests/vm/symbols.sh left,
against eu-addr2line on the same addresses. DEBUG is what tests/vm/debug.sh printed.

Where code begins is taken from the guest: kallsyms for the kernel, and a module's function is asked for by its name.
"""
import bisect
import json
import os
import re
import subprocess
import sys

from judge import ask_llvm, from_eu, same_file

failed = False


def verdict(name, problem):
    global failed
    failed |= bool(problem)
    print(f"not ok {name}: {str(problem)[:1500]}" if problem else f"ok {name}")


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


class Witness:
    def __init__(self, out, debug):
        release = open(f"{debug}/release", encoding="ascii").read().strip()
        self.vmlinux = f"{debug}/boot/vmlinux-{release}"
        self.modules = {file[:-3].replace("-", "_"): os.path.join(top, file)
                        for top, _, files in os.walk(f"{debug}/lib/modules/{release}") for file in files if file.endswith(".ko")}
        self.symbols = {}  # module -> sorted (address, name)
        with open(f"{out}/kallsyms", encoding="ascii") as lines:
            for address, kind, name, *module in map(str.split, lines):
                if kind in "tTwW":
                    self.symbols.setdefault(module[0].strip("[]") if module else "", []).append((int(address, 16), name))
        for of in self.symbols.values():
            of.sort()
        linked = next(int(line.split()[0], 16) for line in run("nm", self.vmlinux).splitlines() if line.endswith(" _text"))
        self.slide = linked - next(a for a, name in self.symbols[""] if name == "_text")

    def where(self, module, address):
        """As eu-addr2line takes it."""
        if not module:
            return f"{address + self.slide:#x}"
        start, name = self.symbols[module][bisect.bisect_right(self.symbols[module], (address, "~")) - 1]
        return f"{name}+{address - start:#x}"

    def ask(self, module, addresses):
        """address -> [(function, file, line)], the innermost first."""
        path = self.modules[module] if module else self.vmlinux
        asked = [self.where(module, a) for a in addresses]
        # With -a, each answer begins with its address.
        told = from_eu(run("eu-addr2line", "-a", "-f", "-i", "-e", path, *asked))
        assert len(told) == len(asked), f"{len(asked)} asked, {len(told)} answers"
        return dict(zip(addresses, told))

    def third(self, address):
        return ask_llvm("llvm-symbolizer", self.vmlinux, [address + self.slide])[0]


def chain(at, prefix):
    """What the report tells, in the witness's form. The function itself it calls by its symbol."""
    if at[f"{prefix}file"] is None:
        return []
    frames = [(None, at[f"{prefix}file"], at[f"{prefix}line"])]
    frames += [(f["func"], f["file"], f["line"]) for f in at[f"{prefix}inlined"]]
    return frames[::-1]


def as_text(frame):
    """A frame of a stack as the report shows it to people."""
    module = f" [{frame['module']}]" if frame["module"] else ""
    place = f" {frame['file']}:{frame['line']}" if frame["file"] else ""
    return f"{frame['func']}+{frame['offset']:#x}{module}{place}" + "".join(
        f" > {f['func']} {f['file']}:{f['line']}" for f in frame["inlined"] or ())


def same(ours, theirs):
    return len(ours) == len(theirs) and all(
        (a[0] is None or a[0] == b[0]) and same_file(a[1], b[1]) and a[2] == b[2] for a, b in zip(ours, theirs))


def main():
    report, out, debug = sys.argv[1:]
    witness, capture = Witness(out, debug), f"{out}/symbols.pcapng"

    def told(*words):
        return [json.loads(line) for line in run(report, *words, "--json", "--debug-dir", debug, capture).splitlines()]

    events, drops, groups, paths = told("events", "--all"), told("drops"), told("paths", "--group"), told("paths", "--all")
    flow = next(p for p in paths if p["reason"] == "NETFILTER_DROP")
    ends = told("follow", "--packet", str(flow["number"]))
    # view -> {(address, module): the chain}
    views = {
        "events: callers": [(e["caller"], e["caller_module"], chain(e, "caller_")) for e in events],
        "events: stacks": [(f["addr"], f["module"], chain(f, "")) for e in events for f in e["stack"] or ()],
        "paths: hops": [(h["caller"], h["caller_module"], chain(h, "caller_")) for p in paths for h in p["hops"]],
        "paths": [(p["culprit"], p["culprit_module"], chain(p, "culprit_")) for p in paths],
        "paths --group": [(p["culprit"], p["culprit_module"], chain(p, "culprit_")) for g in groups for p in g["paths"]],
        "drops": [(p["culprit"], p["culprit_module"], chain(p, "culprit_")) for p in drops],
        "follow": [(p["culprit"], p["culprit_module"], chain(p, "culprit_")) for p in ends if p["line"] == "end"],
    }
    wanted = {}
    for rows in views.values():
        for address, module, _ in rows:
            if address and module in ("", *witness.modules):
                wanted.setdefault(module, set()).add(int(address, 16) - 1)
    answers = {module: witness.ask(module, sorted(addresses)) for module, addresses in wanted.items()}
    verdict("kernel and modules", None if {"", "nf_tables", "cls_bpf"} <= set(answers) else set(answers))

    outvoted = set()
    for view, rows in views.items():
        wrong, inlined, known = [], 0, 0
        for address, module, ours in rows:
            if not address or module not in answers:
                if ours:
                    wrong.append((address, module, ours))
                continue
            at = int(address, 16) - 1
            theirs = answers[module][at]
            known += 1
            inlined += len(ours) > 1
            if not same(ours, theirs):
                if not module and same(ours, witness.third(at)):
                    outvoted.add(at)
                else:
                    wrong.append((address, module, ours, theirs))
        verdict(f"{view}: {known} lines, {inlined} with inlined calls, as eu-addr2line tells", wrong[:3] or
                (None if known and (inlined or view == "follow") else "none"))
    verdict(f"llvm-symbolizer had to decide of {len(outvoted)}", len(outvoted) * 20 > sum(map(len, answers.values())) and outvoted)
    lines = run(report, "events", "--all", "--output-stack", "--debug-dir", debug, capture).splitlines()[1:]
    verdict("--output-stack: the same as text", {line.strip() for line in lines if line.startswith("    ")} ^
            {as_text(f) for e in events for f in e["stack"]})
    place = f"{flow['culprit_file']}:{flow['culprit_line']}"
    verdict(f"the firewall's drop is at {place}", None if re.fullmatch(r"net/netfilter/\w+\.c:\d+", place) else flow)


main()
sys.exit(failed)

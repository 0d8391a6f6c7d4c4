#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""symbols-judge.py OUTDIR KASLR: what the report calls each address of OUTDIR/symbols.pcapng (functions, callers, frames, places of
drops), against what the guest's own kernel says in kallsyms. KASLR: yes or no, whether the kernel was to be put elsewhere at boot.

The report has the capture alone: this machine runs another kernel.
"""
import bisect
import collections
import json
import re
import subprocess
import sys

import judging
from judging import verdict

judging.open_directory(sys.argv[1])
CAPTURE = judging.path("symbols.pcapng")
LINKED = 0xffffffff81000000
# What stands at a function's address, or within it, and is no function.
NO_FUNCTION = re.compile(r"\$|\.|__SCT__|__SCK__|__pfx_|__cfi_")


def report(*words):
    return subprocess.run((judging.REPORT, *words, "--no-lines", CAPTURE), check=True, capture_output=True, text=True).stdout


class Kernel:
    """Text symbols: address -> {(name, module)}."""

    def __init__(self):
        self.at = collections.defaultdict(set)
        for line in judging.lines("kallsyms"):
            address, kind, name, *module = line.split()
            if kind in "tTwW":
                self.at[int(address, 16)].add((name, module[0].strip("[]") if module else ""))
        self.sorted = sorted(a for a, names in self.at.items() if not all(NO_FUNCTION.match(n) for n, _ in names))

    def names(self, address):
        """Where the symbol begins that the address is in, and what is called so there."""
        start = self.sorted[bisect.bisect_right(self.sorted, address) - 1]
        return start, self.at[start]

    def wrong(self, address, told):
        """told: name, offset, module; of a return address, which may stand just behind its function."""
        start, names = self.names(address - 1)
        name, offset, module = told
        real = {n for n, _ in names if not NO_FUNCTION.match(n) and ".cold" not in n}
        if (name, module) not in names or offset != address - start or (real and name not in real):
            return f"{address:#x} is {told}, in kallsyms {names}+{address - start:#x}"
        return None


def text(name, offset, module):
    return f"{name}+{offset:#x}" + (f" [{module}]" if module else "")


def main():
    kernel = Kernel()
    events = [json.loads(line) for line in report("events", "--all", "--json").splitlines()]
    base = min(a for a, names in kernel.at.items() if ("_text", "") in names)
    verdict(f"the kernel is {'elsewhere than' if sys.argv[2] == 'yes' else 'where'} it was linked",
            (base != LINKED) != (sys.argv[2] == "yes") and f"it is at {base:#x}")

    functions = {(int(e["func_address"], 16), e["func"], e["module"]) for e in events if not e["ordinal"]}
    verdict("functions", [f for f in functions if f[1:] not in kernel.at[f[0]]] or (None if len(functions) > 8 else f"only {functions}"))
    verdict("a function of a module", None if {"veth", "nf_tables"} <= {m for _, _, m in functions} else functions)

    callers = {(int(e["caller"], 16), e["caller_func"], e["caller_offset"], e["caller_module"]) for e in events if e["caller"]}
    verdict("callers", [w for a, *told in callers if (w := kernel.wrong(a, tuple(told)))][:5] or
            (None if len(callers) > 15 else f"only {callers}"))
    frames = {(int(f["addr"], 16), f["func"], f["offset"], f["module"]) for e in events for f in e["stack"] or ()}
    verdict("frames", [w for a, *told in frames if (w := kernel.wrong(a, tuple(told)))][:5] or
            (None if len(frames) > 60 else f"only {len(frames)}"))
    verdict("each stack begins in its function", [(e["func"], e["stack"][:1]) for e in events
                                                 if e["stack"] and not e["return"] and e["stack"][0]["func"] != e["func"]][:3])
    modules = {m for *_, m in frames | callers}
    verdict("frames and callers in modules", None if {"nf_tables", "cls_bpf"} <= modules else modules)
    named = {(n, m) for _, n, _, m in frames}
    verdict("a BPF program", None if any(m == "bpf" and re.fullmatch("bpf_prog_[0-9a-f]{16}_sends_copy", n) for n, m in named) else named)
    verdict("a BPF trampoline", None if any(m == "bpf" and re.fullmatch(r"bpf_trampoline_\d+", n) for n, m in named) else named)

    places = [json.loads(line) for line in report("drops", "--json").splitlines()]
    verdict("places of drops", [w for p in places if (w := kernel.wrong(int(p["culprit"], 16), (
        p["culprit_func"], p["culprit_offset"], p["culprit_module"])))] or (None if len(places) > 1 else f"only {len(places)}"))
    nft = [text(p["culprit_func"], p["culprit_offset"], p["culprit_module"]) for p in places if p["reason"] == "NETFILTER_DROP"]
    verdict("the firewall's is in nf_tables", None if len(nft) == 1 and re.fullmatch(r"nft_do_chain\+0x[0-9a-f]+ \[nf_tables\]", nft[0]) else nft)
    for view in "paths", "drops":
        verdict(f"{view}: the same as text", f"no {nft} there" if f"by {nft[0]}" not in report(view) else None)
    shown = {line.strip() for line in report("events", "--all", "--output-stack").splitlines()[1:] if line.startswith("    ")}
    verdict("--output-stack: the same as text", {text(*f[1:]) for f in frames} ^ (shown - {"-"}))
    hops = {(int(h["caller"], 16), h["caller_func"], h["caller_offset"], h["caller_module"])
            for p in map(json.loads, report("paths", "--all", "--json").splitlines()) for h in p["hops"] if h["caller"]}
    verdict("paths: callers of hops, the same", hops ^ callers)


judging.attempt(main)
sys.exit(judging.failed)

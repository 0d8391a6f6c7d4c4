#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""witness.py OUTDIR BACKEND FILTER: judges what guest-test.sh left, one line a test as tests/run.sh reads them.

The witnesses are the kernel's: its BTF as bpftool prints it, its function tracer, its kprobe events. What pwru-report says of the
capture made in the same run must agree with them, hit by hit.
"""
import json
import re
import subprocess
import sys

import judging
from judging import lines, path, verdict

BACKEND, FILTER = sys.argv[2:4]
fields = judging.load("fields-capture")
REGISTERS = 6


# ---- the kernel's BTF: which functions take an skb, in which register ----

def read_btf(name="btf.raw"):
    types, last = {}, None
    for line in lines(name):
        m = re.match(r"\[(\d+)\] (\w+) '(.*?)'(.*)", line)
        if m:
            attrs = dict(re.findall(r"(\w+)=(\S+)", m[4]))
            last = {"kind": m[2], "name": m[3], "params": [], "values": {}, **attrs}
            types[int(m[1])] = last
            continue
        m = re.match(r"\t'(.*?)' type_id=(\d+)$", line)
        if m and last["kind"] == "FUNC_PROTO":
            last["params"].append(int(m[2]))
        m = re.match(r"\t'(.*?)' val=(-?\d+)", line)
        if m:
            last["values"][int(m[2])] = m[1]
    return types


def strip(types, number):
    while number and types[number]["kind"] in ("CONST", "VOLATILE", "RESTRICT", "TYPEDEF", "TYPE_TAG"):
        number = int(types[number]["type_id"])
    return types.get(number)


def points_to_skb(types, number):
    t = strip(types, number)
    if not t or t["kind"] != "PTR":
        return False
    t = strip(types, int(t["type_id"]))
    return bool(t) and t["kind"] == "STRUCT" and t["name"] == "sk_buff"


def skb_functions(types):
    """name -> register of the first skb argument; of what skb_split() cuts off, its second"""
    found = {}
    for t in types.values():
        if t["kind"] != "FUNC":
            continue
        register = 0
        for p in types[int(t["type_id"])]["params"]:
            if register >= REGISTERS:
                break
            if points_to_skb(types, p):
                if t["name"] in found and t["name"] != "skb_split":
                    break
                found[t["name"]] = register
                if t["name"] != "skb_split":
                    break
            p = strip(types, p)
            size = int(p.get("size", 8)) if p else 8
            register += 0 if size > 16 else 2 if size > 8 else 1
    return found


# ---- the kernel's trace ----

FUNCTION = re.compile(r"\s*(.+)-(\d+)\s+\[(\d+)\]\s+\S+\s+([\d.]+): (\S+) <-(\S+)")
KPROBE = re.compile(r"\s*(.+)-(\d+)\s+\[(\d+)\]\s+\S+\s+([\d.]+): (\S+): \(\S+\) (a0=.*)")


def read_trace():
    functions, kprobes = [], []
    for line in lines("trace"):
        m = KPROBE.match(line)
        if m:
            regs = [int(v, 16) for v in re.findall(r"a\d=0x([0-9a-f]+)", m[6])]
            kprobes.append((int(m[3]), float(m[4]), m[5], regs))
            continue
        m = FUNCTION.match(line)
        if m:
            functions.append((int(m[3]), float(m[4]), m[5], m[6]))
    return functions, kprobes


def report(*args, capture="second.pcapng"):
    run = subprocess.run([judging.REPORT, *args, path(capture)], capture_output=True, text=True)
    if run.returncode:
        verdict("the report of the capture exits 0", f"{run.returncode}: {run.stderr.strip()}")
    return run.stdout


def bare(symbol):
    """ftrace prints callers with a suffix where the function has one; symbols of the capture have it too."""
    return symbol.split(" ")[0]


def is_pointer(v):
    return v >= 1 << 63 and v < (1 << 64) - 4096


def first_difference(a, b):
    for i, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return f"at {i}: {x} against {y}"
    return f"{len(a)} against {len(b)}: {(a[len(b):] or b[len(a):])[:5]}"


def judge_targets(positions):
    available = {line.split()[0] for line in lines("available_filter_functions") if "[" not in line}
    addresses = {}
    for line in lines("kallsyms"):
        f = line.split()
        if len(f) == 3 and f[1] in "tTwW":
            addresses.setdefault(f[2], []).append(f[0])
    wanted = re.compile(FILTER)
    # kmalloc_reserve() is given an skb that is not made yet (7.x).
    expected = sorted(n for f in positions if f in available and wanted.fullmatch(f) and f != "kmalloc_reserve"
                      for n in [f] * len(addresses.get(f, [])))
    rows = [line.split() for line in lines("list.txt")]
    listed = sorted(r[1] for r in rows if r and r[0] == "probe")
    verdict("the functions to probe are those that BTF, ftrace and kallsyms give",
            None if expected == listed and expected else first_difference(expected, listed))
    arguments = {r[1]: int(re.match(r"skb=arg(\d)", r[2])[1]) - 1 for r in rows if r and r[0] == "probe"}
    wrong = {f: a for f, a in arguments.items() if positions.get(f) != a}
    verdict("the skb is where BTF says", str(wrong) if wrong or not arguments else None)
    more = lifecycle(rows, available)
    log = " ".join(lines("second.log"))
    m = re.search(r"(\d+) of \d+ functions attached by (\S+)", log)
    verdict(f"all of them are attached by the backend asked for, and {len(more)} more to know packets by",
            None if more and m and int(m[1]) == len(expected) + len(more) and m[2] == BACKEND else f"{len(expected)}: {log[:300]}")
    known = set(expected) | set(more)
    missing = [f for f in ("__copy_skb_header", "kfree_skbmem", "__alloc_skb", "inet_frag_reasm_finish") if f not in known]
    verdict("births, clones, reassembly and frees are among them", str(missing) if missing else None)
    return set(expected)


def lifecycle(rows, available):
    """Functions attached whatever --filter-func says; of modules none."""
    return [r[1] for r in rows if r and r[0] == "lifecycle" and r[1] in available]


def judge_functions(functions, events, attached):
    """Each call that ftrace saw is one of our hits with the same caller, in the same order, or its argument was no packet."""
    trace = [f for f in functions if f[2] in attached]
    start, end = min(f[1] for f in trace), max(f[1] for f in trace)
    missing, problem, seen = [], None, 0
    for cpu in sorted({f[0] for f in trace}):
        theirs = [(f[2], f[3]) for f in trace if f[0] == cpu]
        ours = [(e["func"], bare(e["caller_func"] or "?")) for e in events
                if e["cpu"] == cpu and start - 2e-6 <= e["ktime"] / 1e9 <= end + 2e-6]
        seen += len(ours)
        it = iter(theirs)
        for e in ours:
            for t in it:
                if t == e:
                    break
                missing.append(t[0])
            else:
                problem = problem or f"cpu {cpu}: hit {e} is not in the function trace there"
                break
        missing += [t[0] for t in it]
    verdict("every hit stands in the function trace, in order, with its caller", problem or (None if seen > 100 else f"only {seen} hits"))
    return missing


def judge_kprobes(kprobes, events, positions, missing):
    """By pointer: the calls about packets are exactly our hits."""
    start, end = min(k[1] for k in kprobes), max(k[1] for k in kprobes)
    problem, no_packet, half_built = None, 0, 0
    judged = {k[2] for k in kprobes}
    for cpu in sorted({k[0] for k in kprobes}):
        theirs = [(k[2], k[3][positions[k[2]]]) for k in kprobes if k[0] == cpu]
        ours = [(e["func"], int(e["skb"], 16)) for e in events
                if e["cpu"] == cpu and e["func"] in judged and start - 2e-6 <= e["ktime"] / 1e9 <= end + 2e-6]
        i = 0
        for t in theirs:
            if i < len(ours) and ours[i] == t:
                i += 1
            elif is_pointer(t[1]):
                half_built += 1
            else:
                no_packet += 1
        if i < len(ours):
            problem = problem or f"cpu {cpu}: hit {ours[i]} is not among the kprobe events there"
    verdict("every hit stands in the kprobe events, in order, with its skb", problem)
    counters = counters_of_capture()
    verdict("calls without a hit had no packet as argument: NULL or an error",
            None if no_packet <= counters["null_arg"] + counters["err_arg"] else
            f"{no_packet} in the kernel's trace, {counters}")
    verdict("calls with a pointer but without a hit are counted as no skb",
            None if half_built <= counters["not_skb"] else f"{half_built} in the kernel's trace, {counters}")
    # A function that was not called in the first recording has no kprobe event; its calls are only bounded.
    of_judged = sum(f in judged for f in missing)
    verdict("the function trace has no other calls without a hit",
            None if of_judged == no_packet + half_built and
            len(missing) <= counters["null_arg"] + counters["err_arg"] + counters["not_skb"]
            else f"{of_judged} of {len(missing)} against {no_packet} + {half_built}, {counters}")


def counters_of_capture():
    info = json.loads(report("info", "--json"))
    return {k: info["captures"][0]["counters"].get(k, 0) for k in ("null_arg", "err_arg", "not_skb", "lost_ring", "lost_read", "lost_map")}


def judge_packet(name, p, kprobes, positions, ends):
    if not p:
        verdict(f"{name}: found in the capture", "no such path")
        return
    ours = [h["func"] for h in p["hops"]]
    first, last = p["hops"][0]["ktime"] / 1e9, p["hops"][-1]["ktime"] / 1e9
    skb = int(p["skb"], 16)
    # Its address is others' before and after. A CPU that stands still between the two probes of a call parts their times.
    for slack in (2e-5, 1e-3, 1e-2):
        theirs = [k[2] for k in sorted(kprobes, key=lambda k: k[1])
                  if k[3][positions[k[2]]] == skb and first - slack <= k[1] <= last + slack]
        if ours == theirs:
            break
    verdict(f"{name}: its {len(ours)} functions are those of the kernel's trace, in order",
            None if ours == theirs else first_difference(theirs, ours))
    at = 0
    for f in ours:
        if at < len(ends) and re.fullmatch(ends[at], f):
            at += 1
    verdict(f"{name}: passes {', '.join(ends)}", None if at == len(ends) else f"stops before {ends[at]}: {ours}")


def find_path(paths, **want):
    """The longest of that flow: a connection's queue keeps another skb of each packet, which goes nowhere."""
    found = [p for p in paths if any(all(t.get(k) == v for k, v in want.items()) for t in p.get("tuples", []))]
    return max(found, key=lambda p: len(p["hops"]), default=None)


def judge_packets(types, kprobes, positions, attached):
    paths = [json.loads(line) for line in report("paths", "--json").splitlines()]
    paths = [p for p in paths if "hops" in p]

    def only(*names):
        return [n for n in names if any(re.fullmatch(n, f) for f in attached)]

    judge_packet("ping request", find_path(paths, src="10.99.0.1", dst="10.99.0.2", l4="icmp", icmp_type=8), kprobes,
                 positions, only("ip_output", "__dev_queue_xmit", "ip_rcv", "ip_local_deliver", "icmp_rcv", "kfree_skbmem"))
    judge_packet("ping reply", find_path(paths, src="10.99.0.2", dst="10.99.0.1", l4="icmp", icmp_type=0), kprobes,
                 positions, only("ip_output", "__dev_queue_xmit", "ip_rcv", "ip_local_deliver", "icmp_rcv"))
    drop = find_path(paths, src="10.99.0.1", dst="10.99.0.2", l4="tcp", dport=81)
    judge_packet("dropped SYN", drop, kprobes, positions,
                 only("tcp_v4_send_check", "__ip_queue_xmit", "__dev_queue_xmit", "ip_rcv", "nf_hook_slow") +
                 [r"kfree_skb|kfree_skb_reason|sk_skb_reason_drop"] + only("kfree_skbmem"))
    reasons = next((t["values"] for t in types.values() if t["name"] == "skb_drop_reason"), {})
    want = "NETFILTER_DROP" if reasons else None
    if drop:
        verdict("dropped SYN: its outcome", None if drop["outcome"] == "dropped" and drop["reason"] == want and
                drop["hops"][0]["cpu"] >= 0 else f"{drop['outcome']} {drop['reason']}, expected {want}")
        by = drop["hops"][[h["func"] for h in drop["hops"]].index("nf_hook_slow"):]
        verdict("dropped SYN: ends in the namespace of the server", None if by[-1]["pid"] is not None and
                drop["culprit_func"] in ("nft_do_chain", "nf_hook_slow") else f"culprit {drop['culprit_func']}")


def judge_perf_buffer():
    """The same packets through the perf buffer: the same functions, as the trace was right about the ring's."""
    def functions(capture, **want):
        p = find_path([json.loads(line) for line in report("paths", "--json", capture=capture).splitlines()], **want)
        return [h["func"] for h in p["hops"]] if p else None

    for name, want in (("ping request", {"l4": "icmp", "icmp_type": 8}), ("dropped SYN", {"l4": "tcp", "dport": 81})):
        ring, perf = functions("second.pcapng", **want), functions("perf.pcapng", **want)
        verdict(f"perf buffer: {name} passes the same functions", None if ring and ring == perf else f"{ring} against {perf}")


def tshark(capture, *args):
    return subprocess.run(["tshark", "-r", path(capture), *args], capture_output=True, text=True).stdout.splitlines()


def judge_fields():
    """What each kernel has at another place, or in other bits."""
    found = fields.read(path("fields.pcapng"))
    found.hits = [h for h in found.hits if not h.lifecycle]  # of some the struct is not made yet
    size = {int(t["size"]) for t in read_btf().values() if t["kind"] == "STRUCT" and t["name"] == "sk_buff"}
    verdict("--skb: each hit has the whole struct", None if found.hits and {len(h.raw or b"") for h in found.hits} == size else
            f"{({len(h.raw or b'') for h in found.hits})} of {size}")
    # On the interface below; above it the tag is not there yet.
    for what, dst, tag in (("priority and id", "10.60.0.2", 5 << 13 | 100), ("0 is a tag", "10.61.0.2", 0), ("none is none", "10.99.0.2", None)):
        some = [h for h in found.hits for p in [fields.packet(h)] if p and p.get("dst") == dst and p.get("proto") == 1]
        for func, ifname, want in (("dev_hard_start_xmit", "veth-client", tag), ("ip_output", None, None), ("icmp_rcv", None, None)):
            got = [h.vlan if h.vlan_valid else None for h in some if h.func == func and ifname in (None, h.ifname)]
            verdict(f"VLAN tag: {what}, at {func}", None if got and set(got) == {want} else f"{got}, expected {want}")
        got = {(h.func, h.mark) for h in some if h.func in ("ip_output", "icmp_rcv")}
        verdict(f"mark: ping's own to {dst}, until the other namespace", None if got == {("ip_output", 4660), ("icmp_rcv", 0)} else str(got))
    kept = [h for h in found.hits if h.cb]
    verdict("--cb: 48 bytes, and they stand in the raw struct", None if kept and all(len(h.cb) == 48 and h.cb in h.raw for h in kept) else
            f"{len(kept)} of {len(found.hits)}")


def reasons_in(types):
    """Numbers of the enums of drop reasons; masks and bounds are none."""
    return {number & 0xffffffff for t in types.values() if t["kind"] in ("ENUM", "ENUM64") and t["name"].endswith("_drop_reason")
            for number, name in t["values"].items() if not re.search("SUBSYS_MASK|REASON_MAX|_SHIFT", name)}


def judge_reasons(types):
    """The kernel's own, and those of modules that are loaded: from 6.12 on Open vSwitch has some, which carry its number."""
    found = fields.read(path("fields.pcapng"))
    told = found.reasons() if 5 in found.snapshot else {}
    kernel, modules = reasons_in(types), reasons_in(read_btf("btf.modules")) - reasons_in(types)
    verdict(f"drop reasons: the capture names the kernel's {len(kernel)}, and {len(modules)} of modules",
            None if set(told) == kernel | modules else f"{set(told) ^ (kernel | modules)}")
    if BACKEND == "kprobe-multi":
        verdict("drop reasons: among them Open vSwitch's", None if "OVS_DROP_LAST_ACTION" in told.values() else str(told))


def judge_modules():
    """Wireshark's reader tells what stands in the captures."""
    notes = tshark("modules.pcapng", "-Y", 'frame.interface_name == "pwru-other"', "-T", "fields", "-e", "frame.comment")
    verdict("a module that went and came is noted on pwru-other", None if len(notes) == 2 and
            "dummy was unloaded" in notes[0] and "dummy was loaded" in notes[1] else str(notes))
    log = " ".join(lines("kmods.log"))
    verdict("a module that is not loaded is said", None if "module nosuchmodule: not loaded" in log else log[:300])
    if "module veth: no BTF" in log:
        verdict("a module without BTF is said, and the kernel's functions are recorded",
                None if tshark("kmods.pcapng", "-Y", 'frame.interface_name == "ip_rcv"') else "no ip_rcv")
        return
    sent = tshark("kmods.pcapng", "-Y", 'frame.interface_name == "veth_xmit" && icmp.type == 8')
    verdict("--kmods: the driver's function is recorded", None if len(sent) == 1 else str(sent))


def judge_all_modules():
    """ftrace lists each function with its module."""
    lacking = re.findall(r"module (\S+): no BTF", " ".join(lines("all-kmods.log")))
    if "veth" in lacking:
        verdict("--all-kmods: modules without BTF are said, and the kernel's functions are recorded",
                None if tshark("all-kmods.pcapng", "-Y", 'frame.interface_name == "ip_rcv"') else "no ip_rcv")
        return
    verdict("--all-kmods: no module is said to have no BTF", str(lacking) if lacking else None)
    listed = [re.match(r"(veth_xmit|nft_do_chain_inet) \[(\w+)\]", line) for line in lines("available_filter_functions")]
    expected = {m.groups() for m in listed if m}
    capture = json.loads(report("info", "--json", capture="all-kmods.pcapng"))["captures"][0]
    attached = {(f["func"], f["module"]) for f in capture["functions"] if f["module"]}
    verdict(f"--all-kmods: {len(expected)} functions are attached, named with their modules",
            None if attached == expected and ("veth_xmit", "veth") in expected else f"{attached}, expected {expected}")
    events = [json.loads(line) for line in report("events", "--json", capture="all-kmods.pcapng").splitlines()]
    hit = {(e["func"], e["module"]) for e in events if e["icmp_type"] == 8 and e["module"]}
    verdict("--all-kmods: the ping request passes each of them", None if hit == expected else f"{hit}, expected {expected}")
    sent = tshark("all-kmods.pcapng", "-Y", 'frame.interface_name == "veth_xmit" && icmp.type == 8')
    verdict("--all-kmods: the driver's function is recorded once for it", None if len(sent) == 1 else str(sent))


def judge_filter_drop(types):
    """What is left of the scene. The SYN's functions are those of the second recording, which the kernel's trace was right about."""
    def paths_of(capture):
        return [p for p in map(json.loads, report("paths", "--json", capture=capture).splitlines()) if "hops" in p]

    paths, chosen = paths_of("drop.pcapng"), re.compile("ip_output|ip_rcv|nf_hook_slow|.*kfree_skb.*|sk_skb_reason_drop")
    kept = [f"{p['outcome']} {p['tuples']}" for p in paths if p["outcome"] != "dropped" or
            any(t["icmp_type"] == 8 for t in p["tuples"])]
    verdict("--filter-drop: only packets that were dropped", str(kept[:3]) if kept or not paths else None)
    named = any(t["name"] == "skb_drop_reason" for t in types.values())
    syn, whole = (find_path(p, src="10.99.0.1", l4="tcp", dport=81) for p in (paths, paths_of("second.pcapng")))
    told, want = ([h["func"] for h in p["hops"] if chosen.fullmatch(h["func"])] if p else [] for p in (syn, whole))
    verdict("--filter-drop: the dropped SYN with its reason and all its functions",
            None if syn and told == want and "ip_rcv" in told and syn["reason"] == ("NETFILTER_DROP" if named else None)
            else f"{syn and syn['reason']}: {told}, expected {want}")
    info = json.loads(report("info", "--json", capture="drop.pcapng"))
    counters = info["captures"][0]["counters"]
    verdict("--filter-drop: what was held back is counted, and nothing lost", None if info["complete"] and
            counters["held"] > 0 and not any(v for k, v in counters.items() if k.startswith("lost")) else str(counters))


def judge_kernel_btf():
    """Where the kernel has none: from a copy of it the same functions. That packets are read rightly by it, --filter-drop shows."""
    verdict("--kernel-btf: the same functions", None if lines("list-btf.txt") == lines("list.txt") else
            first_difference(lines("list.txt"), lines("list-btf.txt")))
    told = re.search(r"(\d+) of (\d+) functions have no symbol", " ".join(lines("list-btf.log")))
    verdict("--kernel-btf: nearly all functions of it have a symbol", None if told and int(told[1]) * 100 < int(told[2]) else
            str(lines("list-btf.log")))


def judge_births():
    """Who is sent was allocated before: its first hit is at the allocator's return."""
    lives = {}
    for line in report("events", "--all", "--json", capture="births.pcapng").splitlines():
        e = json.loads(line)
        lives.setdefault(e["packet"], []).append(e)
    sent = [hits for hits in lives.values() if any(h["func"] == "ip_output" for h in hits)]
    wrong = [[h["func"] for h in hits[:3]] for hits in sent
             if not (hits[0]["func"] == "__alloc_skb" and hits[0]["return"] and hits[0]["begin"] and hits[0]["lifecycle"])]
    verdict("a packet's first hit is the return of __alloc_skb where births are chosen",
            None if len(sent) >= 2 and not wrong else f"{len(sent)} sent, {wrong[:3]}")


def judge_check():
    """--check, held against what this run has shown the kernel can do."""
    rows = [re.match(r"(ok|no|\?) +(\S.*?)  +(.*)", line) for line in lines("check.txt")]
    said = {m[2]: (m[1], m[3]) for m in rows if m}
    release = lines("check.txt")[0]
    want = {"BTF": "ok", "backend kprobe": "ok", "backend tracepoint": "ok", "tracefs": "ok", "clones, merges, ends": "ok",
            "backend kprobe-multi": "ok" if BACKEND == "kprobe-multi" else "no", "CAP_BPF": "ok", "lockdown": "ok"}
    wrong = {k: said.get(k) for k, v in want.items() if said.get(k, "?")[0] != v}
    verdict("--check tells what works here, and what does not with its cure", f"{wrong}: {release}" if wrong or
            not all(m[1] for m in said.values()) else None)
    verdict("--check: this kernel is fit, exit 0", None if lines("check.txt")[-2:] == ["this kernel is fit for recording", "exit 0"]
            else str(lines("check.txt")[-3:]))


def judge_verifier():
    """With each option that adds code: how much the verifier looked at, where the kernel tells (from 5.16)."""
    for line in lines("verified"):
        name, log = line.split(": ", 1)
        m = re.search(r"(\d+) instructions verified", log)
        told = "kernel tells" in line
        print(f"# {name}: {m[1] if m else '?'} instructions verified")
        verdict(f"verifier, {name}: below a quarter of its limit, in the ring",
                None if m and int(m[1]) < 250000 and (int(m[1]) > 1000 or not told) and "perf buffer" not in log else log[:300])


def judge_bisection(positions):
    """Without tracefs: all that ftrace can attach to are attached, and what it cannot is counted as failed."""
    available = {line.split()[0] for line in lines("available_filter_functions") if "[" not in line}
    symbols = [f[2] for f in (line.split() for line in lines("kallsyms")) if len(f) == 3 and f[1] in "tTwW"]
    wanted = [n for n in symbols if n in positions and re.fullmatch("(u|ip|tcp|skb|net)[a-z]*_.*", n)]
    good = sum(n in available for n in wanted)
    more = len(lifecycle([line.split() for line in lines("bisect.txt")], available))
    probed = json.loads(report("info", "--json", capture="bisect.pcapng"))["captures"][0]["probe_lines"]
    tried = {status: [x["func"] for x in probed if x["status"] == status] for status in ("attached", "failed")}
    bad = [n for n in wanted if n not in available]
    wrong = [n for n in tried["failed"] if n in available] + [n for n in bad if n not in tried["failed"]]
    verdict(f"kprobe-multi: {len(bad)} untraceable functions are found among {len(wanted)}, the others attached",
            None if bad and not wrong and len(tried["attached"]) == good + more
            else f"{wrong}; {len(tried['attached'])} attached, expected {good} + {more}")


def main():
    types = read_btf()
    positions = skb_functions(types)
    attached = judge_targets(positions)
    functions, kprobes = read_trace()
    overrun = [line for line in lines("trace.stats") if not line.endswith(": 0")]
    verdict("the kernel's trace is whole", str(overrun) if overrun or not functions or not kprobes else None)
    kprobes = [k for k in kprobes if k[2] in attached]
    events = [json.loads(line) for line in report("events", "--json").splitlines()]
    missing = judge_functions(functions, events, attached)
    judge_kprobes(kprobes, events, positions, missing)
    judge_packets(types, kprobes, positions, attached)
    if BACKEND == "kprobe":
        judge_perf_buffer()
    judge_fields()
    judge_reasons(types)
    judge_modules()
    judge_all_modules()
    judge_filter_drop(types)
    judge_kernel_btf()
    judge_births()
    judge_check()
    judge_verifier()
    if BACKEND == "kprobe-multi":
        judge_bisection(positions)
    lost = {k: v for k, v in counters_of_capture().items() if k.startswith("lost") and v}
    verdict("nothing is lost", str(lost) if lost else None)
    verdict("a TCP connection works beside it", None if "hello" in lines("tcp.log") else str(lines("tcp.log")))


judging.open_directory(sys.argv[1])
main()
sys.exit(judging.failed)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""fields-judge.py OUTDIR: judges what fields-test.sh left, one line a test as tests/run.sh reads them.

The witnesses: kprobe events of the same run that read the struct by the kernel's own BTF arguments; the tracepoint
skb:kfree_skb; kprobe stack traces; ip, tc and nft; and what the frames were made of. Needs bpftool.
"""
import bisect
import json
import os
import re
import struct
import subprocess
import sys

import judging
from judging import attempt, load, path, text, verdict

capture, frames = load("fields-capture"), load("fields-frames")
packet = capture.packet


def read(name):
    if text(name + ".rc").strip() != "0":
        raise RuntimeError(f"recording {name}: {text(name + '.log')}")
    return capture.read(path(name + ".pcapng"))


class Symbols:
    def __init__(self, lines):
        rows = sorted((int(f[0], 16), f[2]) for f in map(str.split, lines) if f[1] in "tTwW" and int(f[0], 16))
        self.addresses, self.names = [r[0] for r in rows], [r[1] for r in rows]

    def all(self, address):
        """Every name of the symbol that the address is in: aliases have the same one."""
        i = bisect.bisect_right(self.addresses, address) - 1
        if i < 0:
            return {"?"}
        start = self.addresses[i]
        return {self.names[k] for k in range(bisect.bisect_left(self.addresses, start), i + 1)}


# ---- the kernel's trace ----

LINE = re.compile(r"\s*(.+)-(\d+)\s+\[(\d+)\]\s+\S+\s+(\d+)\.(\d{6}): (\S+): (.*)")


class Seen:
    """A line of a kprobe event."""

    def __init__(self, m):
        self.comm, self.tid, self.cpu, self.func = m[1], int(m[2]), int(m[3]), m[6]
        self.us = int(m[4]) * 1000000 + int(m[5])
        self.values = dict(re.findall(r"(\w+)=(\"[^\"]*\"|\S+)", m[7]))
        self.stack = []

    def number(self, key):
        v = self.values[key]
        return None if "fault" in v else int(v, 0)


def trace(name):
    """Events of probes, events of kfree_skb."""
    probes, frees, last = [], [], None
    for line in text(name + ".trace").splitlines():
        m = LINE.match(line)
        if not m:
            s = re.match(r" => (\S+)", line)
            if s and last:
                last.stack.append(s[1].split("+")[0])
            continue
        if m[7].startswith("<stack trace>"):
            continue
        seen = Seen(m)
        if m[6] == "kfree_skb":
            frees.append((seen, m[7]))
            last = None
        elif "skb=" in m[7]:
            probes.append(seen)
            last = seen
    return probes, frees


APART = 300000  # µs that the two witnesses of one hit may lie apart: an emulated CPU may stand still between them


def pair(probes, hits):
    """Each line of the trace with its hit: same function, CPU and skb, in order. Also what is left over."""
    start, end = min(p.us for p in probes), max(p.us for p in probes)
    functions = {p.func for p in probes}
    ours, theirs, pairs, alone, over = {}, {}, [], [], []
    for h in hits:
        if h.func in functions:
            ours.setdefault((h.func, h.cpu, h.skb), []).append(h)
    for p in probes:
        theirs.setdefault((p.func, p.cpu, p.number("skb")), []).append(p)
    for k in ours.keys() | theirs.keys():
        ps, hs = theirs.get(k, []), ours.get(k, [])
        if len(ps) != len(hs):
            hs = [h for h in hs if start <= h.ktime // 1000 <= end]
        pairs += [x for x in zip(ps, hs) if abs(x[0].us - x[1].ktime // 1000) < APART]
        alone += ps[len(hs):]
        over += hs[len(ps):]
    return pairs, alone, over


def to_host(v):
    return (v & 0xFF) << 8 | v >> 8


def judge_witness(c):
    probes, frees = trace("main")
    lost = [line for line in text("main.trace.stats").splitlines() if not line.endswith(": 0")]
    verdict("the kernel's trace is whole", lost)
    pairs, alone, over = pair(probes, c.hits)
    functions = {p.func for p, _ in pairs}
    verdict(f"every hit of {len(functions)} functions stands in the kernel's trace, and the other way round",
            None if len(functions) >= 12 and len(pairs) > 100 and not alone and not over else
            f"{len(pairs)} pairs of {functions}; alone {[(p.func, p.values.get('skb')) for p in alone[:4]]} {len(alone)}; over {over[:4]} {len(over)}")
    for field, mine, least in (("len", "len", 20), ("data_len", "data_len", 2), ("mark", "mark", 3), ("hash", "hash", 3),
                               ("queue_mapping", "queue", 2), ("vlan_tci", "vlan", 2), ("protocol", "protocol", 3),
                               ("mac_header", "mac_header", 2), ("network_header", "network_header", 2),
                               ("transport_header", "transport_header", 3), ("head", "head", 5)):
        values, wrong = set(), []
        for p, h in pairs:
            want = p.number(field)
            want = to_host(want) if field == "protocol" else want
            if field == "mark" and h.no_l3:
                want = 0  # TCP keeps something else in its place until there are headers
            values.add(want)
            if want != getattr(h, mine):
                wrong.append((p.func, want, getattr(h, mine)))
        verdict(f"{mine}: equals what the kernel's own probe reads at the same hits, {len(values)} values",
                wrong[:4] or (None if len(values) >= least else f"only {values}"))
    wrong = [(p.func, p.values["ra"], hex(h.caller)) for p, h in pairs if p.number("ra") != h.caller]
    verdict("caller: equals the return address on the stack", wrong[:4])
    wrong = [(p.func, p.tid, p.comm, h.tid, h.comm) for p, h in pairs if (p.tid, p.values["comm"].strip('"')) != (h.tid, h.comm)]
    verdict("comm and tid: equal the kernel's of the same hits", wrong[:4] or (None if len({h.comm for _, h in pairs}) > 3 else "few"))
    wrong = []
    for p, h in pairs:
        real = p.number("ifindex") and p.number("netns") and p.number("ifindex") < 1 << 24 and p.number("netns") >= 0xEFFFFFF0
        want = (p.number("ifindex"), p.number("netns"), p.values["ifname"].strip('"')) if real else (0, h.netns, "")
        if want != (h.ifindex, h.netns, h.ifname):
            wrong.append((p.func, want, (h.ifindex, h.netns, h.ifname)))
    verdict("ifindex, netns and ifname: equal the kernel's device of the same hits", wrong[:4])
    return frees


def judge_drops(c, frees):
    symbols = Symbols(text("kallsyms").splitlines())
    reasons = c.reasons()
    ours = [h for h in c.hits if h.reason_valid]
    wrong = []
    for seen, rest in frees:
        skb = int(re.search(r"skbaddr=(?:0x)?([0-9a-f]+)", rest)[1], 16)
        reason, location = re.search(r"reason: (\S+)", rest)[1], re.search(r"location=([^+ ]+)", rest)[1]
        mine = [h for h in ours if h.skb == skb and h.cpu == seen.cpu and abs(h.ktime // 1000 - seen.us) < APART]
        # Of a list freed in one go the function is given the first only; the others are seen when they are taken apart.
        if not mine and location == "skb_release_data" and any(h.func == "kfree_skb_list_reason" and h.cpu == seen.cpu and
                                                               abs(h.ktime // 1000 - seen.us) < APART for h in ours):
            continue
        if not any(reasons.get(h.reason) == reason and location in symbols.all(h.caller) for h in mine):
            wrong.append((reason, location, [(reasons.get(h.reason), symbols.all(h.caller)) for h in mine]))
    verdict(f"drop reason and place: those of the kernel's tracepoint, {len(frees)} drops", wrong[:4] or (None if len(frees) > 10 else "few"))
    for n, (reason, data) in enumerate(frames.REASONS):
        found = {reasons.get(h.reason) for h in ours for p in [packet(h)] if p and p.get("family") and
                 p["id"] == (0x7000 if p["family"] == 4 else 0x70000) + frames.FIRST + n}
        verdict(f"drop reason {reason}, IPv{4 if data[12] == 8 else 6}: the frame made for it", None if found == {reason} else found)
    found = {reasons.get(h.reason) for h in ours for p in [packet(h)] if p and p.get("dport") == 7002}
    verdict("drop reason NETFILTER_DROP: the port that nft drops", None if found == {"NETFILTER_DROP"} else found)
    wrong = [h for h in c.hits if h.reason and not h.reason_valid]
    verdict("no reason where there is none", wrong[:3])


# ---- single fields by the scene ----

def to(c, dport, **where):
    return [h for h in c.hits for p in [packet(h)] if p and p.get("dport") == dport and
            all(getattr(h, k) == v for k, v in where.items())]


def only(name, some, get, want):
    values = {get(h) for h in some}
    verdict(name, None if values == {want} else f"{values} of {len(some)} hits, expected {want}")


def judge_scene(c):
    links = {side: {link["ifname"]: link for link in json.loads(text("link-" + side))} for side in ("client", "server")}
    for side in ("client", "server"):
        inode = int(text("netns-" + side))
        wrong, seen = [], set()
        for h in c.hits:
            if h.ifname in links[side]:
                seen.add(h.ifname)
                if (h.netns, h.ifindex) != (inode, links[side][h.ifname]["ifindex"]) and h.ifname not in ("lo", "tag100", "tag0"):
                    wrong.append((h, h.netns, h.ifindex))
        verdict(f"netns and ifindex in the {side}'s namespace: as ip and stat say", wrong[:3] or (None if len(seen) > 3 else seen))

    threads = dict(zip(range(7000, 7010), re.findall(r"pid (\d+) tid (\d+)", text("main.log"))))
    pid, tid = map(int, threads[7000])
    some = [h for h in to(c, 7000) if h.ifname == "veth-client"]
    only("comm: a thread's own name", some, lambda h: h.comm, "the-thread")
    only("pid and tid: the process's and the thread's", some, lambda h: (h.pid, h.tid), (pid, tid))
    verdict("pid and tid: they differ in that thread", None if pid != tid else "the scene has one number for both")
    some = [h for h in to(c, 7001) if h.ifname == "veth-client"]
    only("pid and tid: the same in a process without threads", some, lambda h: (h.pid, h.tid, h.comm), (int(threads[7001][0]),) * 2 + ("fields-send",))

    only("mark: SO_MARK's", to(c, 7001, func="dev_hard_start_xmit"), lambda h: h.mark, 0x1234)
    only("mark: all bits", to(c, 7005, func="dev_hard_start_xmit"), lambda h: h.mark, 0xFFFFFFFF)
    only("mark: 0 beyond the namespace's border", to(c, 7001, func="ip_rcv"), lambda h: h.mark, 0)
    only("mark: 0 where none is set", to(c, 7002), lambda h: h.mark, 0)

    counters = dict(re.findall(r"udp dport (\d+) counter packets 1 bytes (\d+)", text("nft.counters")))
    for port in (7001, 7002):
        only(f"len: the bytes that nft counts, port {port}", to(c, port, func="nf_hook_slow", ifname="veth-server"), lambda h: h.len,
             int(counters.get(str(port), -1)))

    only("mtu: the route's, locked to 1300", to(c, 7006, func="ip_output"), lambda h: h.mtu, 1300)
    only("mtu: the interface's, 1400", to(c, 7009, func="ip_output"), lambda h: h.mtu, links["client"]["queues"]["mtu"])
    only("mtu: the interface's where there is no route", to(c, 7009, func="ip_rcv"), lambda h: h.mtu, 1500)
    only("mtu: 1500", to(c, 7001, func="ip_output"), lambda h: h.mtu, links["client"]["veth-client"]["mtu"])

    stats = re.search(r"Sent \d+ bytes (\d+) pkt", text("tc.filter"))
    verdict("queue: tc's rule was used", None if stats and int(stats[1]) else text("tc.filter"))
    only("queue: the one that tc's skbedit chose", to(c, 7009, func="dev_hard_start_xmit"), lambda h: h.queue, 3)
    only("queue: 0 on an interface with one queue", to(c, 7001, func="dev_hard_start_xmit"), lambda h: h.queue, 0)

    only("VLAN tag: priority and id", to(c, 7007, func="dev_hard_start_xmit", ifname="veth-client"), lambda h: (h.vlan_valid, h.vlan), (True, 5 << 13 | 100))
    only("VLAN tag: not before it is set", to(c, 7007, func="ip_output"), lambda h: h.vlan_valid, False)
    only("VLAN tag: 0 is a tag", to(c, 7008, func="dev_hard_start_xmit", ifname="veth-client"), lambda h: (h.vlan_valid, h.vlan), (True, 0))
    only("VLAN tag: none is none", to(c, 7001, func="dev_hard_start_xmit", ifname="veth-client"), lambda h: h.vlan_valid, False)
    only("protocol: IPv4", to(c, 7001), lambda h: h.protocol, 0x800)
    only("protocol: IPv6", to(c, 7005), lambda h: h.protocol, 0x86DD)

    flow = [h for h in to(c, 83, func="__dev_queue_xmit") if h.ifname == "veth-client"]
    verdict("hash: one value, not 0, for all packets of a connection", None if len(flow) > 4 and len({h.hash for h in flow}) == 1 and
            flow[0].hash else {h.hash for h in flow})
    data = [h for h in flow if h.data_len]
    wrong = []
    for h in data:
        p = packet(h)
        headers = p["l4"] + (h.data[p["l4"] + 12] >> 4) * 4
        if h.data_len != h.len - headers:
            wrong.append((h.len, h.data_len, p))
    verdict("data_len: what sendfile sends lies in pages, all of it but the headers", wrong[:2] or (None if data and sum(h.data_len for h in data) >= 20000
            else f"{len(data)} hits"))
    verdict("data_len: a large datagram is in parts", None if any(h.data_len for h in to(c, 7003)) or any(h.data_len for h in to(c, 7004)) else "never")
    only("data_len: 0 in a small one", to(c, 7001), lambda h: h.data_len, 0)


def judge_packets(c):
    first = {(p["flags"], p["sport"] == 82) for h in c.hits for p in [packet(h)] if p and 82 in (p["sport"], p["dport"]) and "flags" in p}
    verdict("TCP flags: SYN to the closed port, RST and ACK back", None if first >= {(0x02, False), (0x14, True)} else first)
    flags = {p["flags"] for h in to(c, 83) for p in [packet(h)]}
    verdict("TCP flags: a connection's SYN, ACK, PSH and FIN", None if {0x02, 0x10} <= flags and any(f & 1 for f in flags) and
            any(f & 8 for f in flags) else flags)
    ids = {p["id"] for h in c.hits for p in [packet(h)] if p and p.get("family") == 4}
    want = {0x7000 + frames.FIRST + n for n, (_, data) in enumerate(frames.REASONS) if data[12] == 8}
    verdict("IP identification: those of the frames", None if want <= ids else want - ids)
    syn = [h for h in c.hits if h.no_l3 and h.tuple and h.tuple["dport"] == 82]
    only("tuple: from the socket before the headers are there", syn,
         lambda h: (h.tuple["family"], h.tuple["proto"], h.tuple["src"], h.tuple["dst"], h.no_l3), (4, 6, "10.99.0.1", "10.99.0.2", True))

    only("Ethernet header: the interfaces' addresses, not made up", to(c, 7001, func="dev_hard_start_xmit", ifname="veth-client"),
         lambda h: (h.data[:12].hex(), h.synth_l2), ("020000000002020000000001", False))
    only("Ethernet header: zero and flagged where there is none yet", to(c, 7001, func="ip_output"),
         lambda h: (h.data[:14].hex(), h.synth_l2), ("0" * 24 + "0800", True))
    only("Ethernet header: zero and flagged, IPv6", [h for h in to(c, 7005) if h.func in ("ip6_output", "ip6_finish_output2")],
         lambda h: (h.data[:14].hex(), h.synth_l2), ("0" * 24 + "86dd", True))
    wrong = [h for h in c.hits if h.no_l3 and (h.data != b"\0" * 12 + b"\x88\xb5" or not h.synth_l2)]
    verdict("no network header: 14 made-up bytes, flagged", wrong[:3] or (None if any(h.no_l3 for h in c.hits) else "none"))
    wrong = [h for h in c.hits if not h.synth_l2 and h.data[:12] == b"\0" * 12 and h.ifname != "lo"]
    verdict("Ethernet header: none with zero addresses that is not flagged", wrong[:3])


def judge_report(c):
    run = subprocess.run([judging.REPORT, "events", "--all", "--json", path("main.pcapng")], capture_output=True, text=True, check=False)
    theirs = {(e["cpu"], e["seq"]): e for e in map(json.loads, run.stdout.splitlines())}
    wrong = []
    for h in c.hits:
        e = theirs.get((h.cpu, h.seq))
        p = packet(h) or {}
        p = p if p.get("family") else h.tuple or {}
        want = {"func": h.func, "skb": hex(h.skb), "packet": hex(h.packet), "pid": h.pid, "tid": h.tid, "comm": h.comm, "netns": h.netns,
                "ifindex": h.ifindex, "ifname": h.ifname, "mark": h.mark, "len": h.len, "mtu": h.mtu, "proto": h.protocol, "ktime": h.ktime,
                "caller": hex(h.caller) if h.caller else None, "src": p.get("src"), "dst": p.get("dst"), "tcp_flags": p.get("flags"),
                "begin": h.begin, "end": h.end, "matched": h.matched}
        different = {k: (e and e[k], v) for k, v in want.items() if not e or e[k] != v}
        if different:
            wrong.append((h, different))
    verdict(f"pwru-report says of {len(c.hits)} hits what a reader written from FORMAT.md alone finds",
            wrong[:2] or (None if len(theirs) == len(c.hits) > 500 else f"{len(theirs)} of {len(c.hits)}"))


# ---- --skb and --cb ----

def members(types, number, base, out):
    for name, kind, offset in types[number]["members"]:
        if name == "(anon)":
            members(types, kind, base + offset, out)
        else:
            out[name] = base + offset


def layout(c):
    """Size and byte offsets of struct sk_buff by the capture's own BTF, as bpftool reads it."""
    with open(path("skb.btf"), "wb") as f:
        f.write(c.snapshot[9])
    run = subprocess.run(["/usr/sbin/bpftool" if os.path.exists("/usr/sbin/bpftool") else "bpftool", "btf", "dump", "file", path("skb.btf"),
                          "format", "raw"], capture_output=True, text=True, check=False)
    types, last, skb = {}, None, None
    for line in run.stdout.splitlines():
        m = re.match(r"\[(\d+)\] (\w+) '(.*?)'(?: size=(\d+))?", line)
        if m:
            last = types[int(m[1])] = {"members": [], "size": int(m[4] or 0)}
            if m[2] == "STRUCT" and m[3] == "sk_buff":
                skb = int(m[1])
        m = re.match(r"\t'(.*?)' type_id=(\d+) bits_offset=(\d+)", line)
        if m and int(m[3]) % 8 == 0:
            last["members"].append((m[1], int(m[2]), int(m[3]) // 8))
    out = {}
    if skb:
        members(types, skb, 0, out)
    verdict("--skb: bpftool reads the capture's BTF of struct sk_buff", None if skb and run.returncode == 0 else run.stderr or "no sk_buff")
    return (types[skb]["size"] if skb else 0), out


def judge_raw(c):
    size, at = layout(c)
    made = [h for h in c.hits if h.raw is None]  # their memory holds nothing of theirs yet
    some = {"__build_skb_around", "__copy_skb_header", "skb_copy_header"}
    verdict("--skb: missing only where an skb is just being made", [h for h in made if h.func not in some][:3] or (None if made else "never"))
    c.hits = [h for h in c.hits if h.raw is not None]
    sizes = {len(h.raw or b"") for h in c.hits}
    verdict(f"--skb: each other hit has all {size} bytes", None if sizes == {size} else sizes)
    for field, mine, code in (("len", "len", "I"), ("data_len", "data_len", "I"), ("mark", "mark", "I"), ("hash", "hash", "I"),
                              ("queue_mapping", "queue", "H"), ("protocol", "protocol", "H"), ("vlan_tci", "vlan", "H"), ("head", "head", "Q"),
                              ("network_header", "network_header", "H"), ("transport_header", "transport_header", "H")):
        if field not in at:
            verdict(f"--skb: {field} in the raw bytes", "the capture's BTF does not have it")
            continue
        got = [(struct.unpack_from("<" + code, h.raw, at[field])[0], h) for h in c.hits]
        if field == "mark":  # TCP keeps something else in its place until there are headers
            got = [(v, h) for v, h in got if not h.no_l3]
        wrong = [(v, getattr(h, mine)) for v, h in got if (to_host(v) if field == "protocol" else v) != getattr(h, mine)]
        verdict(f"--skb: {field} in the raw bytes at BTF's place is the event's", wrong[:3])
    wrong = [h for h in c.hits if (h.cb or b"\0" * 48) != h.raw[at["cb"]:at["cb"] + 48]]
    verdict("--cb: the 48 bytes at BTF's place in the raw struct; absent only where all are 0", wrong[:3] or (None if any(h.cb for h in c.hits) else "none"))
    some = [(h, packet(h)) for h in c.hits if h.func in ("tcp_v4_do_rcv", "tcp_rcv_established", "tcp_rcv_state_process")]
    wrong = []
    for h, p in some:
        seq, end = struct.unpack_from("<II", h.cb)
        payload = struct.unpack_from(">H", h.data, p["l3"] + 2)[0] - (p["l4"] - p["l3"]) - (h.data[p["l4"] + 12] >> 4) * 4
        if (seq, end) != (p["seq"], p["seq"] + payload + (p["flags"] & 1) + (p["flags"] >> 1 & 1)):
            wrong.append((seq, end, p))
    verdict("--cb: TCP's sequence numbers of the packet", wrong[:2] or (None if len(some) > 3 else f"{len(some)} hits"))


# ---- stacks ----

def judge_stacks():
    symbols = Symbols(text("kallsyms").splitlines())
    lengths = {}
    for name in ("stack", "stack=1", "stack=32"):
        c = read(name)
        c.hits = [h for h in c.hits if not getattr(h, "return")]  # of a function that is not on the stack any more
        lengths[name] = {len(h.stack) for h in c.hits}
        wrong = [(h.func, [symbols.all(a) for a in h.stack[:2]]) for h in c.hits if not h.stack or h.func not in symbols.all(h.stack[0])]
        verdict(f"--{name}: the first frame is the function itself", wrong[:3] or (None if len(c.hits) > 50 else "few hits"))
        wrong = [(h.func, hex(h.caller), [symbols.all(a) for a in h.stack[:3]]) for h in c.hits if len(h.stack) > 1 and h.stack[1] != h.caller]
        verdict(f"--{name}: the second frame is the caller", wrong[:3])
        wrong = [(h.func, hex(a)) for h in c.hits for a in h.stack if a < 1 << 63]
        verdict(f"--{name}: all frames are the kernel's", wrong[:3])
        probes, _ = trace(name)
        pairs, alone, _ = pair(probes, c.hits)
        wrong = []
        for p, h in pairs:
            theirs, mine = p.stack[p.stack.index("icmp_rcv"):] if "icmp_rcv" in p.stack else ["icmp_rcv"] + p.stack, [symbols.all(a) for a in h.stack]
            n = min(len(theirs), len(mine))
            if n < min(len(mine), 4) or any(t.rstrip(">").split(".")[0] not in {x.split(".")[0] for x in m} for t, m in zip(theirs[:n], mine[:n])):
                wrong.append((theirs, mine))
        verdict(f"--{name}: equals the kernel's own stack of the same hits, {len(pairs)} of them", wrong[:1] or (None if pairs and not alone else
                f"{len(pairs)} {len(alone)}"))
    verdict("--stack: 16 frames at most", None if max(lengths["stack"]) == 16 else lengths)
    verdict("--stack=1: one frame", None if lengths["stack=1"] == {1} else lengths)
    verdict("--stack=32: more than 16 and at most 32", None if 16 < max(lengths["stack=32"]) <= 32 else lengths)
    c = read("no-extras")
    wrong = [h for h in c.hits if h.stack or h.raw or h.cb]
    verdict("without the options: no stack, no struct, no control block", wrong[:3] or (None if 9 not in c.snapshot else "BTF is there"))


# ---- the rest ----

def judge_rename():
    c = read("renamed")
    size = {}
    for h in c.hits:
        p = packet(h)
        if p and p.get("proto") == 1 and "l4" in p and h.ifname in ("queues", "newname"):
            size.setdefault(h.ifname, set()).add(h.origlen - p["l4"] - 8)
    verdict("ifname: the old name before, the new one from then on", None if size == {"queues": {60}, "newname": {70}} else size)
    index = {h.ifindex for h in c.hits if h.ifname in ("queues", "newname")}
    verdict("ifindex: the same under both names", None if len(index) == 1 else index)


def of_page(h):
    p = packet(h)
    return bool(p) and p.get("id") == frames.PAGE_MARK


def judge_pages():
    for name, linear in (("pages", 14), ("pages-some", 34)):
        c = read(name)
        some = [h for h in c.hits if h.ifname == "page0" and h.protocol == 0x800]
        paged = [h for h in some if h.data_len]
        verdict(f"packet in a page behind {linear} bytes: the scene has it", None if paged and any(
            h.func == "dev_gro_receive" for h in paged) else f"{[(h.func, h.len, h.data_len) for h in some[:5]]}")
        wrong = [(h.func, h.len, h.data_len, h.data.hex(), h.no_l3) for h in paged if not of_page(h) or
                 h.data[packet(h)["l3"]:] != frames.PAGE[14:]]
        verdict(f"packet in a page behind {linear} bytes: its bytes are those that were sent", wrong[:2] or (None if paged else "none"))
    for name, what in (("pages-filter", "--filter-dst-port"), ("pages-pcap", "pcap-filter")):
        c = read(name)
        ports = {(packet(h) or {}).get("dport") for h in c.hits}
        verdict(f"packet in a page: {what} finds it, at the latest when its headers are pulled up", None if 2000 in ports else ports)


judging.open_directory(sys.argv[1])
main = attempt(read, "main")
if main:
    free_events = attempt(judge_witness, main)
    attempt(judge_drops, main, free_events or [])
    for each in (judge_scene, judge_packets, judge_report, judge_raw):
        attempt(each, main)
for each in (judge_stacks, judge_rename, judge_pages):
    attempt(each)
judging.tell_times()
sys.exit(judging.failed)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""filters-judge.py OUTDIR...: judges what filters-test.sh left in each guest, one line a test as tests/run.sh reads them.

Three kinds of truth: what filters-frames.py put into each frame; tcpdump's verdict on the bytes of each hit; and what the
scene's commands say of themselves (a packet's destination port tells its mark, its process, its interface). With --no-track
a filter lets a hit through or not by itself, so a recording with a filter must equal the part of the recording of the same
scene without it that the filter is about: hits too many and hits missing both show.
"""
import os
import re
import subprocess
import sys
import tempfile

import judging
from judging import attempt, load, path, text, verdict

capture, frames = load("fields-capture"), load("filters-frames")
packet = capture.packet


def hits(name):
    if text(name + ".rc").strip() != "0":
        verdict(f"recording {name}: exit 0", text(name + ".log"))
        return []
    return capture.read(path(name + ".pcapng")).hits


def refused(name, what, says):
    """Wrong use: exit 2, one line that tells why, no file."""
    said = text(f"refused-{name}.log").strip().splitlines()
    rc = text(f"refused-{name}.rc").strip()
    verdict(f"refused: {what}", None if rc == "2" and len(said) == 1 and re.search(says, said[0]) and
            not os.path.exists(path(f"refused-{name}.pcapng")) else f"exit {rc}: {said}")


def compare(name, want, got, least=1):
    """Two collections of keys, as sets."""
    want, got = set(want), set(got)
    problem = None
    if want != got:
        problem = f"let through {sorted(got - want, key=str)[:4]}, kept out {sorted(want - got, key=str)[:4]}; {len(got)} of {len(want)}"
    elif len(want) < least:
        problem = f"the scene has only {len(want)} of these"
    verdict(name, problem)


# ---- the matrix of frames ----

def number_of(p):
    """Which of FRAMES a hit's bytes are; None for other packets."""
    if p and p.get("family"):
        n = p["id"] - (0x7000 if p["family"] == 4 else 0x70000)
        if 0 <= n < len(frames.FRAMES) and frames.FRAMES[n].family == p["family"]:
            return n
    return None


def key(h):
    n = number_of(packet(h))
    return h.func, h.ifname, "?" if n is None else f"{n} {frames.FRAMES[n].name}"


def judge_matrix():
    everything = [h for h in hits("frames-all") if number_of(packet(h)) is not None]
    seen = {number_of(packet(h)) for h in everything}
    compare("frames: all arrive", range(len(frames.FRAMES)), seen)
    verdict("frames: the reader here sees in each hit what was put in",
            next((f"{h}: {p} {vars(f)}" for h in everything for p in [packet(h)] for f in [frames.FRAMES[number_of(p)]]
                  if (p["src"], p["dst"], p["proto"], p["sport"], p["dport"]) != (f.src, f.dst, f.proto, f.sport, f.dport)), None))
    for name, options, want in frames.MATRIX:
        got = hits("frames-" + name)
        compare(f"{options}: these frames and no others",
                {key(h) for h in everything if want(frames.FRAMES[number_of(packet(h))])}, {key(h) for h in got}, 4)
    got = {}
    for h in hits("frames-tracked"):
        got.setdefault(h.packet, []).append(h)
    want = {n for n, f in enumerate(frames.FRAMES) if f.sport == 1000}
    compare("tracking: a port filter does not take in later fragments and swapped ports", want,
            {number_of(packet(h)) for life in got.values() for h in life if packet(h) and packet(h).get("family")})


# ---- pcap-filter expressions: tcpdump on the same bytes ----

def tcpdump(some, expression, linktype, cut):
    """The indexes of those hits that tcpdump lets through."""
    with tempfile.NamedTemporaryFile() as f:
        f.write(b"\xd4\xc3\xb2\xa1\2\0\4\0" + b"\0" * 8 + (262144).to_bytes(4, "little") + linktype.to_bytes(4, "little"))
        for i, h in some:
            data, length = h.data[cut:], h.origlen - cut
            if "vlan" in expression and h.vlan_valid and not cut:  # the tag beside the packet, where it belongs
                data, length = data[:12] + b"\x81\0" + h.vlan.to_bytes(2, "big") + data[12:], length + 4
            f.write(b"".join(v.to_bytes(4, "little") for v in (i, 0, len(data), length)) + data)
        f.flush()
        run = subprocess.run(["tcpdump", "-tt", "-n", "-r", f.name, expression], capture_output=True, text=True, check=False)
    if re.search("rejects all packets|supported only on|no VLAN support", run.stderr):  # it cannot apply to bare IP
        return set()
    if run.returncode:
        raise RuntimeError(run.stderr)
    return {int(m) for m in re.findall(r"^(\d+)\.0{6} ", run.stdout, re.M)}


def by_tcpdump(everything, expression):
    numbered = [(i, h) for i, h in enumerate(everything) if not h.no_l3 and not h.unreadable]
    l2 = tcpdump([x for x in numbered if not x[1].synth_l2], expression, 1, 0)
    l3 = tcpdump([x for x in numbered if x[1].synth_l2], expression, 101, 14)
    return [everything[i] for i in l2 | l3]


def judge_expressions():
    everything = hits("frames-all")
    for name, expression in frames.EXPRESSIONS:
        expression = expression.strip("'")
        compare(f"pcap-filter {expression}: tcpdump's verdict on each hit",
                {key(h) for h in by_tcpdump(everything, expression)}, {key(h) for h in hits("frames-pcap-" + name)}, 4)
    arps = hits("frames-pcap-arp")
    verdict("pcap-filter arp: never without an Ethernet header",
            next((str(h) for h in arps if h.synth_l2 or h.protocol != 0x806), None) or (None if arps else "no hits"))


# ---- packets from sockets ----

def lives(some):
    found = {}
    for h in some:
        found.setdefault(h.packet, []).append(h)
    return list(found.values())


def parentless(some):
    """Lives that are no children of others: a child is followed wherever it is made."""
    return [life for life in lives(some) if not any(h.child for h in life)]


def judge_early(name, what, **want):
    """The first hit of the packet is before its headers exist."""
    first = [life[0] for life in lives(hits(name)) if life[0].begin]
    early = [h for h in first if h.tuple and h.no_l3]
    verdict(f"{what}: matched before its headers are built, by its socket",
            None if early and all({k: h.tuple[k] for k in want} == want for h in early) else
            f"{len(early)} of {len(first)}: {[h.tuple for h in first]} {first}")


def judge_sockets():
    judge_early("syn", "TCP SYN", family=4, proto=6, src="10.99.0.1", dst="10.99.0.2", dport=82)
    judge_early("syn-6", "TCP SYN over IPv6", family=6, proto=6, src="fd99::1", dst="fd99::2", dport=82)
    judge_early("udp-connected", "connected UDP", family=4, proto=17, sport=1000, dport=2000)
    judge_early("syn-mapped", "IPv6 socket to a v4-mapped address", family=4, proto=17, src="10.99.0.1", dst="10.99.0.2", dport=2000)
    for name, what in (("syn-swapped", "source port"), ("syn-swapped-ip", "destination address")):
        got = hits(name)
        wrong = [h for h in got for t in [packet(h) or h.tuple] if t and (t["sport"], t["dst"]) != (82, "10.99.0.1")]
        verdict(f"swapped {what}: the SYN is left out, the answer is in", f"{wrong[:3]}" if wrong else None if got else "no hits")
    some = hits("udp-unconnected")
    verdict("unconnected UDP: matched when its headers are there", None if some and any(
        p and p.get("dport") == 2000 for p in map(packet, some)) else f"{some[:3]}")
    for name, what in (("-0", "--filter-dst-port 0"), ("-any", "--filter-dst-ip 0.0.0.0"), ("-src", "--filter-src-ip 0.0.0.0")):
        wrong = [h for h in hits("udp-unconnected" + name)]
        verdict(f"{what}: an unconnected socket's unset address or port is not 0", f"{[(h, h.tuple) for h in wrong[:2]]}" if wrong else None)
    tuples = [(h, h.tuple) for h in hits("tcp-all") if h.tuple]
    wrong = [x for x in tuples if x[1]["proto"] not in (6, 17, 1, 58)]
    verdict("sockets of half-open connections: their protocol is TCP", f"{wrong[:3]}" if wrong or not tuples else None)
    wrong = hits("tcp-proto-0")
    verdict("--filter-proto 0: no packet of a TCP connection", f"{[(h, h.tuple) for h in wrong[:3]]}" if wrong else None)


# ---- marks ----

MARKS = {3000: 0, 3001: 0x12, 3002: 0x1012, 3003: 0xFFFFFFFF, 3004: 1, 3005: 0x12}


def marked(some):
    """func, interface, port of the packets of the scene."""
    return {(h.func, h.ifname, p["dport"], h.mark) for h in some for p in [packet(h)] if p and p.get("dport") in MARKS}


def judge_marks():
    everything = marked(hits("marks-all"))
    sent = {x for x in everything if x[0] == "__dev_queue_xmit"}
    compare("marks: what SO_MARK set is the mark in the sender's hits",
            {(x[2], MARKS[x[2]]) for x in sent}, {(x[2], x[3]) for x in sent}, 6)
    for name, test in (("0", lambda m: m == 0), ("12", lambda m: m == 0x12), ("18", lambda m: m == 0x12),
                       ("12-ff", lambda m: m & 0xFF == 0x12), ("0-f0", lambda m: m & 0xF0 == 0), ("0-0", lambda m: True),
                       ("all-ones", lambda m: m == 0xFFFFFFFF)):
        got = hits("marks-" + name)
        compare(f"--filter-mark {name.replace('-', '/') if name[0].isdigit() else '0xffffffff'}: these hits and no others",
                {x for x in everything if test(x[3])}, marked(got))
        wrong = [h for h in got if not test(h.mark)]
        verdict(f"--filter-mark {name}: no hit of any packet has another mark", str(wrong[:3]) if wrong else None)
    got = hits("marks-tracked")
    ports = {packet(h)["dport"] for h in got if packet(h) and packet(h).get("dport")}
    verdict("--filter-mark with tracking: the packet stays when its mark goes at the namespace's border",
            None if ports == {3001, 3005} and {h.mark for h in got} >= {0, 0x12} else f"{ports} {({h.mark for h in got})}")
    refused("mark-outside", "a mark with bits outside its mask", "mask")
    refused("mark-too-large", "a mark of 33 bits", "filter-mark")
    refused("mark-empty-mask", "an empty mask", "filter-mark")
    refused("mark-no-value", "a mask without a mark", "filter-mark")
    refused("mark-word", "a mark that is no number", "filter-mark")


def judge_pid():
    got, pid = hits("pid"), int(re.search(r"pid (\d+)", text("pid-1"))[1])
    first = {life[0].pid for life in lives(got)}
    ports = {packet(h)["dport"] for h in got if packet(h) and packet(h).get("dport")}
    verdict("--filter-pid: packets whose first hit is in that process, and no others",
            None if first == {pid} and 4001 in ports and 4002 not in ports else f"{first} not {pid}; ports {ports}")
    refused("pid-0", "process 0", "filter-pid")
    refused("pid-word", "a process that is no number", "filter-pid")


# ---- namespaces and interfaces ----

def place(some):
    return {(h.func, h.netns, h.ifname) for h in some if not h.func.startswith(("__skb_", "skb_", "sk_", "sock_"))}


def judge_namespaces():
    everything = hits("netns-all")
    spaces = {h.netns for h in everything if h.ifname == "veth-server"}
    verdict("namespaces: the scene has both", None if len(spaces) == 1 and len({h.netns for h in everything}) >= 2 else str(spaces))
    want = place(h for h in everything if h.netns in spaces)
    for name in ("path", "name", "inode", "proc"):
        got = hits("netns-" + name)
        wrong = [h for h in got if h.netns not in spaces]
        verdict(f"--filter-netns as {name}: no hit of another namespace", str(wrong[:3]) if wrong else None)
        compare(f"--filter-netns as {name}: all hits of this one", want, place(got), 20)
    verdict("--filter-netns of a third namespace: nothing", str(hits("netns-other")[:3]) if hits("netns-other") else None)
    got = hits("netns-tracked")
    verdict("--filter-netns with tracking: each packet begins there and is followed out of it",
            None if parentless(got) and all(life[0].netns in spaces for life in parentless(got)) and any(
                h.ifname == "veth-client" for h in got) else str(got[:3]))
    refused("netns-missing", "a namespace that is not there", "nowhere")
    refused("netns-inode-word", "an inode that is no number", "inode")
    refused("netns-inode-0", "inode 0", "inode")
    refused("netns-file", "a file that is no namespace", "passwd")
    refused("netns-other-kind", "a namespace of another kind", "mnt")


def sizes(some):
    """Payload sizes of the echo requests."""
    return {h.origlen - p["l4"] - 8 for h in some for p in [packet(h)] if p and p.get("proto") == 1}


def judge_interfaces():
    everything, got = hits("ifname-all"), hits("ifname")
    compare("--filter-ifname: all hits of that interface and no others", place(h for h in everything if h.ifname == "veth-server"),
            place(got), 20)
    got = hits("ifname-tracked")
    verdict("--filter-ifname with tracking: the first hit is there, later ones may be elsewhere",
            None if parentless(got) and all(life[0].ifname == "veth-server" for life in parentless(got)) and any(
                h.ifname == "veth-client" for h in got) else str(got[:3]))
    verdict("--filter-ifname: the beginning of a name is not the name", str(hits("ifname-prefix")[:3]) if hits("ifname-prefix") else None)
    both, client, server = (hits("same-" + x) for x in ("both", "client", "server"))
    spaces = [{h.netns for h in x} for x in (both, client, server)]
    verdict("the same name in two namespaces: --filter-netns tells them apart",
            None if {h.ifname for h in both + client + server} == {"same0"} and len(spaces[0]) == 2 and len(spaces[1]) == 1 and
            len(spaces[2]) == 1 and spaces[1] | spaces[2] == spaces[0] and spaces[1] != spaces[2] else str(spaces))
    got = hits("ifname-late")
    verdict("--filter-ifname: an interface that appears while recording",
            None if any((packet(h) or {}).get("proto") == 1 for h in got) and {h.ifname for h in got} == {"late0"} else str(got[:3]))
    for name, was, size in (("renamed", "after0", 70), ("before", "late0", 70)):
        got = hits("ifname-" + name)
        verdict(f"--filter-ifname: an interface renamed to {was} while recording matches from then on",
                None if {h.ifname for h in got} == {was} and sizes(got) == {size} else
                f"{({h.ifname for h in got})} {sizes(got)}")
    refused("ifname-long", "an interface name of 16 characters", "filter-ifname")
    refused("ifname-empty", "an interface without a name", "filter-ifname")


# ---- VLAN devices ----

def echo(h):
    p = packet(h)
    return (h.func, h.ifname, p["src"], p["dst"], tuple(p["vlans"])) if p and p.get("proto") == 1 else None


def beside(h):
    e = echo(h)
    return e and (*e, h.vlan if h.vlan_valid else None)


def judge_vlans():
    everything = hits("vlans-all")
    shapes = {(len((packet(h) or {}).get("vlans", ())), h.vlan_valid) for h in everything if echo(h)}
    verdict("VLAN: the scene has tags in the packet, beside it, and both", None if shapes >= {(0, False), (0, True), (1, True)} else str(shapes))
    for name, dst in (("one", "10.60.0.2"), ("two", "10.61.0.2")):
        got = hits("vlans-" + name)
        compare(f"VLAN, {name} tag{'s' * (name == 'two')}: addresses and protocol are found in every hit that shows them",
                {echo(h) for h in everything if echo(h) and echo(h)[3] == dst}, {echo(h) for h in got}, 20)
    for name, expression in (("pcap", "vlan 200"), ("icmp", "icmp"), ("tag", "vlan 100 and icmp"), ("both", "vlan 100 and vlan 200"),
                             ("none", "icmp and not vlan"), ("third", "vlan 300")):
        compare(f"VLAN, pcap-filter {expression}: tcpdump's verdict on each hit",
                {beside(h) for h in by_tcpdump(everything, expression)} - {None}, {beside(h) for h in hits("vlans-" + name)} - {None},
                0 if name == "third" else 4)


# ---- tunnels ----

KINDS = ("vxlan", "geneve", "gretap", "gre", "ipip", "sit", "ip6tnl", "ip6gre")


def outer(h):
    """Which tunnel's outer packet this is; None if it is none."""
    p = packet(h)
    if not p or "l4" not in p or (p["src"], p["dst"]) not in (("10.99.0.1", "10.99.0.2"), ("fd99::1", "fd99::2")):
        return None
    at = p["l4"]
    if p["proto"] == 17:
        return {4789: "vxlan", 6081: "geneve"}.get(p["dport"])
    if p["proto"] == 47:
        bridged = h.data[at + 2:at + 4] == b"\x65\x58"
        return "gretap" if bridged else "gre" if p["family"] == 4 else "ip6gre"
    return {(4, 4): "ipip", (4, 41): "sit", (6, 4): "ip6tnl"}.get((p["family"], p["proto"]))


def inner_dst(h, kind):
    """The address inside is 10.50.K.2 or 10.51.K.2; it stands in the bytes of an outer packet behind its header."""
    k = KINDS.index(kind) + 1
    tail = h.data[packet(h)["l4"]:]
    for net in (50, 51):
        six = bytes([0xFD, net // 10 << 4 | net % 10, 0, k]) + b"\0" * 11 + b"\2"
        if bytes([10, net, k, 1, 10, net, k, 2]) in tail or six in tail:
            return net
    return None


def judge_tunnels():
    everything = hits("tunnels-all")
    tunneled = {(h.func, h.ifname, outer(h)): set() for h in everything if outer(h)}
    for h in everything:
        if outer(h):
            tunneled[h.func, h.ifname, outer(h)].add(inner_dst(h, outer(h)))
    inner, plain, tracked = hits("tunnels-inner"), hits("tunnels-outer"), hits("tunnels-tracked")
    for kind in KINDS:
        want = {k for k, nets in tunneled.items() if k[2] == kind and 50 in nets}
        got = [h for h in inner if outer(h) == kind]
        compare(f"--filter-tunnel, {kind}: every hit of the outer packet with that inside",
                want, {(h.func, h.ifname, kind) for h in got if inner_dst(h, kind) == 50}, 5)
        wrong = [h for h in got if inner_dst(h, kind) != 50]
        verdict(f"--filter-tunnel, {kind}: nothing with another address inside", str(wrong[:3]) if wrong else None)
        wrong = [h for h in plain if outer(h) == kind]
        verdict(f"pcap-filter, {kind}: the same expression does not look into the tunnel", str(wrong[:3]) if wrong else None)
        k = KINDS.index(kind) + 1
        after = [h for h in tracked for p in [packet(h)] if p and p.get("dst") in (f"10.50.{k}.2", f"fd50:{k}::2")]
        verdict(f"--filter-tunnel, {kind}: with tracking the packet is followed out of the tunnel", None if after else "it is not")
    wrong = [h for h in inner if not outer(h)]
    verdict("--filter-tunnel: packets that are in no tunnel do not match", str(wrong[:3]) if wrong else None)

    def address(h):
        p = packet(h)
        return (h.func, h.ifname, p["dst"]) if p and p.get("dst") else None

    compare("pcap-filter icmp on devices without Ethernet headers: tcpdump's verdict on each hit",
            {address(h) for h in by_tcpdump(everything, "icmp")} - {None},
            {address(h) for h in hits("tunnels-icmp")} - {None}, 20)
    compare("--filter-proto icmp on devices without Ethernet headers",
            {address(h) for h in everything if (packet(h) or {}).get("proto") == 1},
            {address(h) for h in hits("tunnels-proto")} - {None}, 20)


# ---- the rest ----

def judge_together():
    got = hits("together-right")
    verdict("all filters together: the one packet", None if {h.func for h in got} == {"dev_hard_start_xmit", "__dev_queue_xmit"} and
            {packet(h)["dport"] for h in got} == {3001} else str(got[:3]))
    for name in ("netns", "ifname", "mark", "port", "proto", "ip", "pcap", "tunnel", "pid"):
        got = hits("together-" + name)
        verdict(f"all filters together, {name} wrong: nothing", str(got[:3]) if got else None)
    verdict("all filters together, one function less: its hit less", None if {h.func for h in hits("together-func")} == {"__dev_queue_xmit"}
            else str(hits("together-func")[:3]))
    for name, what, says in (("versions", "addresses of two IP versions", "versions"), ("address", "half an address", "src-ip"),
                             ("port", "port 65536", "dst-port"), ("proto", "protocol 256", "proto"),
                             ("pcap", "a wrong expression", "nonsense"), ("tunnel", "a wrong expression for tunnels", "nonsense")):
        refused(name, what, says)


def listed(name):
    return {line.split()[1] for line in text(name).splitlines() if line.startswith("probe ")}


def judge_functions():
    everything = listed("list-all")
    several = {f for f in everything if re.fullmatch("ip_(rcv|output)|icmp_.*", f) and not re.fullmatch("icmp_(push|r).*", f)}
    without = {f for f in everything if not re.fullmatch(".*skb.*|ip_.*", f)}
    compare("--filter-func, several and one with !: what --list-functions lists", several, listed("list-several"), 3)
    compare("--filter-func, only with !: all the others", without, listed("list-not"), 500)
    for name, want in (("several", several), ("not", without)):
        c = capture.read(path(f"func-{name}.pcapng"))
        compare(f"--filter-func, {name}: what the capture says is attached", want, {f for f in c.functions.values() if f != "pwru-other"} - c.lifecycle)
        wrong = [h for h in c.hits if (h.func in want) == h.lifecycle or (h.func in c.lifecycle) != h.lifecycle]
        verdict(f"--filter-func, {name}: hits of no other function", str(wrong[:3]) if wrong or not c.hits else None)
    verdict("--filter-func with a part of a name: matches nothing, exit 1, one line", None if text("func-part.rc").strip() == "1" and
            len(text("func-part.log").strip().splitlines()) == 1 else text("func-part.log"))
    for name in ("func-regex", "func-not-regex"):
        said, rc = text(f"refused-{name}.log").strip().splitlines(), text(f"refused-{name}.rc").strip()
        verdict(f"--filter-func with a bad regex ({name}): exit 1 or 2, one line with the reason",
                None if rc in "12" and len(said) == 1 and "filter-func" in said[0] else f"exit {rc}: {said}")


def judge_tracking():
    got = hits("nat-tracked")
    ports = [{packet(h)["dport"] for h in life if packet(h) and packet(h).get("dport")} for life in lives(got)]
    verdict("tracking: a packet that NAT gives another port stays, under one number", None if {90, 82} in ports else str(ports))
    got = hits("nat-no-track")
    ports = {packet(h)["dport"] for h in got if packet(h)}
    verdict("--no-track: its hits before NAT, none after", None if ports == {90} else str(ports))
    ports = {packet(h)["dport"] for h in hits("nat-after") if packet(h)}
    verdict("--no-track: by its new port its hits after NAT, none before", None if ports == {82} else str(ports))
    verdict("the NAT rule was used, by nftables' own count", None if re.search("counter packets [1-9]", text("nat.counters")) else text("nat.counters"))


def piece(h):
    p = packet(h)
    return (h.func, h.ifname, p["proto"], p["fragment"], p["sport"], p["family"]) if p and p.get("family") else None


def judge_fragments():
    everything = [h for h in hits("big-all") if piece(h)]
    later = {(p["family"], p["proto"]) for h in everything for p in [packet(h)] if p["fragment"]}
    verdict("fragments: the scene has later ones of ICMP and UDP", None if later >= {(4, 1), (4, 17), (6, 17)} else str(later))
    for name, want, what in (
            ("icmp", lambda p: p["proto"] == 1, "--filter-proto icmp: all fragments of a large ping"),
            ("port", lambda p: p["dport"] == 2000, "--filter-dst-port: the first fragment, not the later ones"),):
        compare(what, {piece(h) for h in everything if want(packet(h))}, {piece(h) for h in hits("big-" + name)} - {None}, 10)
    compare("pcap-filter icmp-echo: the first fragment, not the later ones",
            {piece(h) for h in by_tcpdump(everything, "icmp[icmptype] == icmp-echo")}, {piece(h) for h in hits("big-pcap")} - {None}, 10)


PARTS = (("frames", (judge_matrix, judge_expressions)), ("sockets", (judge_sockets,)), ("mark_filters", (judge_marks,)),
         ("pids", (judge_pid,)), ("namespaces", (judge_namespaces,)), ("interfaces", (judge_interfaces,)),
         ("vlans", (judge_vlans,)), ("tunnels", (judge_tunnels,)), ("together", (judge_together,)),
         ("functions", (judge_functions,)), ("tracking", (judge_tracking,)), ("fragments", (judge_fragments,)))
for directory in sys.argv[1:]:
    judging.open_directory(directory)
    done = text("times") if os.path.exists(path("times")) else ""
    for part, judges in PARTS:
        if f"{part}:" not in done:
            continue
        for judge in judges:
            attempt(judge, name=f"{part}: {judge.__name__}")
    print("# " + done.replace("\n", "; "))
sys.exit(judging.failed)

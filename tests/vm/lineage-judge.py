#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""lineage-judge.py OUTDIR: judges what lineage-test.sh left there, one line a test as tests/run.sh reads them.

Of each scene the exact trees, which the scene dictates: how many packets, whose child each is, what became of it, where it
began and ended. Of each capture the rules of lineage-invariants.py. Of each without a filter what lineage-witness.py finds in
the kernel's own trace.
"""
import collections
import os
import re
import sys

import judging
from judging import attempt, load, path, text, verdict

FLOOD = int(os.environ.get("FLOOD", "100000"))
MSS, HEADERS = 1448, 66  # with timestamps; Ethernet, IP and TCP

invariants, witness, tree, frames = (load("lineage-" + name) for name in ("invariants", "witness", "tree", "frames"))


def shown(roots):
    return " | ".join(root.tree() for root in roots) or "nothing"


def node(kind, result, ends, *children):
    return kind, result, ends, tuple(sorted(children))


def exact(name, roots, *want):
    """These trees, in any order, and no others; and nothing of them merged."""
    got = [root.shape() for root in roots]
    verdict(name, None if sorted(got) == sorted(want) else f"{shown(roots)}; expected {want}")


ACROSS = "pwru-client/veth-client > pwru-server/veth-server"


# ---- one packet, or one with its clones ----

def judge_reuse(c):
    roots = c.roots({"dport": 5001})
    verdict("reuse: eight packets, each dropped by the rule, none related to another",
            None if len(roots) == 8 and not any(r.children or r.line["merged"] for r in roots) and
            {r.result for r in roots} == {"dropped NETFILTER_DROP"} else shown(roots))
    addresses = collections.Counter(r.skb for r in roots)
    verdict("reuse: some of them were at one address", None if max(addresses.values(), default=0) > 1 else str(addresses))
    first = [[(hop["func"], hop["return"]) for hop in r.hops[:3]] for r in roots]
    verdict("reuse: each begins in its allocation", None if all(r.line["begun"] for r in roots) and all(
        ("__alloc_skb", True) in hops for hops in first) else str(first))


def judge_bridge(c):
    roots = c.roots({"dport": 5200})
    family = [roots[0], *roots[0].children] if len(roots) == 1 else []
    verdict("bridge: one packet and two clones of it", None if [p.kind for p in family] == ["root", "clone", "clone"] and not any(
        p.children for p in family[1:]) else shown(roots))
    verdict("bridge: the packet begins where it is sent, its clones in the bridge", None if family and family[0].places[0] == (
        "pwru-client", "bc0") and all(p.places[0] == ("pwru-bridge", "bp0") for p in family[1:]) else shown(roots))
    verdict("bridge: one ends at each of the three ports, as not for this host", None if sorted(p.places[-1] for p in family) == [
        ("pwru-server", f"bs{i}") for i in (1, 2, 3)] and {p.result for p in family} == {"dropped OTHERHOST"} else shown(roots))


def judge_tap(c):
    exact("tap: a packet and a clone for each of two packet sockets, where they listen; all are read", c.roots({"dport": 5010}),
          node("root", "consumed", ACROSS,
               node("clone", "consumed", "pwru-client/veth-client > pwru-client/veth-client"),
               node("clone", "consumed", "pwru-server/veth-server > pwru-server/veth-server")))


def judge_nat(c):
    roots = c.roots({"sport": 5000, "dport": 90})
    exact("nat: one packet, from the client to the server", roots, node("root", "consumed", "pwru-client/cr > pwru-server/sr"))
    path = roots[0] if roots else None
    verdict("nat: its addresses and ports change on the way, by both rules", None if path and path.has(
        src="10.97.1.1", dst="10.97.1.254", sport=5000, dport=90) and path.has(src="10.97.2.254", dst="10.97.2.2", dport=82) and
        ("pwru-router", "rs") in path.places else str(path and (path.tuples, path.places)))
    verdict("nat: by nftables' own count", None if len(re.findall("counter packets 1 ", text("nat.counters"))) == 2 else text("nat.counters"))


def judge_vxlan(c):
    roots = c.roots({"sport": 5000, "dport": 5040})
    exact("vxlan: one packet, from tunnel to tunnel", roots, node("root", "consumed", "pwru-client/vxlan1 > pwru-server/vxlan1"))
    path = roots[0] if roots else None
    outside = [place for place in path.places if place[1].startswith("veth")] if path else []
    verdict("vxlan: in between it is in the tunnel", None if path and path.has(dst="10.99.0.2", dport=4789) and outside == [
        ("pwru-client", "veth-client"), ("pwru-server", "veth-server")] else str(path and (path.tuples, path.places)))


def judge_multicast(c, name="multicast", port=5050):
    clone = node("clone", "consumed", "pwru-server/veth-server > pwru-server/veth-server")
    exact(f"{name}: a packet and two clones for three sockets", c.roots({"dst": "239.1.1.1", "dport": port}),
          node("root", "consumed", ACROSS, clone, clone))


def judge_loopback(c):
    exact("loopback: one packet, out of lo and into it", c.roots({"dst": "127.0.0.1", "dport": 5070}),
          node("root", "consumed", "pwru-client/lo > pwru-client/lo"))


def judge_mirred(c):
    exact("mirred: the packet arrives, a clone of it goes to the other device", c.roots({"dport": 5080}),
          node("root", "consumed", ACROSS, node("clone", "consumed", "pwru-client/veth-client > pwru-client/mir0")))


def judge_xdp(c):
    server, client = ("pwru-{0}/veth-{0} > pwru-{0}/veth-{0}".format(side) for side in ("server", "client"))
    roots = c.roots({"icmp_type": 8})
    exact("xdp: each request is copied for the program; what it sends back is a new packet, not for the client", roots, *[
        node("root", "consumed", ACROSS, node("copy", "consumed", server, node("frame", "dropped OTHERHOST", client)))] * 2)
    wrong = [p for p in c.paths.values() if p.line["parent"] and p.line["parent"]["inferred"] != (p.kind == "frame")]
    verdict("xdp: the edges of frames are inferred, and no others", shown(wrong) if wrong else None)
    numbers = {p.line["parent"]["number"] for p in c.paths.values() if p.kind == "frame"}
    verdict("xdp: no two of them are of one packet", None if len(numbers) == 2 else str(numbers))


# ---- TCP ----

class Connection:
    """What the packets of one side of a connection have to look like: what is queued is cloned to be sent, the clone may be cut.
    queue: the queued ones are there too, and not only what is sent."""

    def __init__(self, roots, port, cut, queue):
        self.problems, self.cut, self.queues, self.clones, self.sizes, self.wire = [], cut, 0, 0, [], []
        for root in roots:
            if not queue:
                self.sent(root)
            elif root.has(dport=port) and root.of_kind("clone"):
                self.queue(root)
            elif root.children:
                self.problems.append(f"children of what is not queued: {root.tree()}")

    def queue(self, path):
        """Split by TCP, each part is queued too."""
        clones, parts = path.of_kind("clone"), path.of_kind("segment")
        self.queues += 1
        self.clones += len(clones)
        if not clones or len(clones) + len(parts) != len(path.children):
            self.problems.append(f"not sent: {path.tree()}")
        for clone in clones:
            self.sent(clone)
        for part in parts:
            self.queue(part)

    def sent(self, path):
        size = (path.length("__dev_queue_xmit") or 0) - HEADERS
        if size <= 0 or any((t["tcp_flags"] or 0) & 2 for t in path.tuples):
            return  # FIN, ACK, SYN, which has more options
        self.sizes.append(size)
        parts = -(-size // MSS) if self.cut and size > MSS else 0
        if len(path.of_kind("segment")) != parts or len(path.children) != parts or any(p.children for p in path.children):
            self.problems.append(f"{size} bytes are not cut into {parts}: {path.tree()}")
        self.wire += path.children or [path]


def judge_tcp(c, name, port, bytes_sent, cut, queue=True):
    members = c.members({"dport": port, "l4": "tcp"}, {"sport": port, "l4": "tcp"})
    again = resent(name.split(",")[0])
    one = Connection([p for p in members if not p.parent and p.has(dport=port)], port, cut, queue)
    what = f"{one.queues} queued packets, each sent as a clone" if queue else "what is sent"
    verdict(f"{name}: {what}, {'cut into segments of the MSS' if cut else 'never cut'}", one.problems[:3])
    if queue:
        verdict(f"{name}: a clone for each time it is sent, {again} of them again", None if one.clones == one.queues + again else
                f"{one.clones} clones of {one.queues}")
    verdict(f"{name}: {bytes_sent} bytes are sent", None if sum(one.sizes) == bytes_sent or (again and sum(one.sizes) > bytes_sent) else one.sizes)
    if not cut:
        verdict(f"{name}: at least one is larger than the MSS", None if max(one.sizes, default=0) > MSS else str(one.sizes))
    odd = [p.tree() for p in one.wire if p.ends != ACROSS]
    verdict(f"{name}: they arrive in {len(one.wire)} packets", odd or (None if one.wire else "none"))
    odd = [p for p in members if p.result not in ("consumed", "merged")]
    verdict(f"{name}: all {len(members)} packets of the connection end, none dropped", shown(odd) if odd or not members else None)
    merged = [p for p in members if p.survivor]
    gro = [p for p in merged if p.line["merged_by"] == "skb_gro_receive"]
    if cut:
        verdict(f"{name}: GRO puts {len(gro)} segments into others at the receiver, TCP {len(merged) - len(gro)} more", None if gro and all(
            p in one.wire and p.survivor in one.wire for p in gro) else [p.tree() for p in gro or members][:4])
    else:
        verdict(f"{name}: nothing for GRO to do", shown(gro) if gro else None)


def resent(name):
    """What the kernel counted as sent again in a scene."""
    said = text(name + ".act")
    return tree.kernel_count(said, "RetransSegs", 1) - tree.kernel_count(said, "RetransSegs", 0)


def judge_gso(c):
    judge_tcp(c, "gso", 5020, 2 * 14480, True)


def judge_tso(c):
    judge_tcp(c, "tso", 5020, 2 * 14480, False)


def judge_retransmit(c):
    again = resent("retransmit")
    queued = [r for r in c.roots({"dport": 5060}) if any(clone.length("__dev_queue_xmit") == 500 + HEADERS for clone in r.children)]
    clones = queued[0].children if len(queued) == 1 else []
    verdict(f"retransmit: sent again {again} times by the kernel's count, a clone each time", None if again > 0 and len(clones) == 1 + again
            and {p.kind for p in clones} == {"clone"} and not any(p.children for p in clones) else shown(queued))
    verdict("retransmit: the first is dropped by the rule at the server, the next arrives and is read", None if len(clones) > 1 and
            clones[0].result == "dropped NETFILTER_DROP" and clones[0].ends == clones[1].ends == ACROSS and clones[1].outcome == "consumed"
            else shown(queued))


# ---- fragments ----

def reassembled(name, head, last, others, result="consumed"):
    """The head and the one that came last, which the kernel morphs into a clone of the head; its own clone takes its place."""
    whole, rest = (path.of_kind("clone") for path in (head, last))
    good = len(whole) == len(rest) == 1 and whole[0].skb == last.skb and head.outcome == "consumed" and whole[0].result == result
    verdict(f"{name}: the last one becomes a clone of the head, in its place", None if good else shown([head, last]))
    if not good:
        return None
    merged = [last, *rest, *others]
    verdict(f"{name}: it, its own clone and the other {len(others)} are merged into that", None if all(
        p.survivor is whole[0] for p in merged) and sorted(whole[0].line["merged"]) == sorted(p.number for p in merged) else shown(merged))
    return whole[0]


def judge_frags(c):
    for name, (port, order) in frames.ORDERS.items():
        name = f"frags {name}"
        roots = c.roots({"ip_id": port, "src": "10.99.0.1", "l4": "udp"})
        verdict(f"{name}: {len(order)} fragments arrive", None if len(roots) == len(order) and all(r.ends == ACROSS for r in roots) else shown(roots))
        if len(roots) != len(order):
            continue
        by_offset = dict(zip(order, roots))
        if name.endswith("missing"):
            reason = "FRAG_REASM_TIMEOUT" if "FRAG_REASM_TIMEOUT" in reasons(c) else "NOT_SPECIFIED"
            exact(f"{name}: both are dropped when the time is over", roots, *[node("root", f"dropped {reason}", ACROSS)] * 2)
        elif order[-1] == 0:
            verdict(f"{name}: the head came last and takes in the others", None if by_offset[0].outcome == "consumed" and not any(
                r.children for r in roots) and all(r.survivor is by_offset[0] for r in roots[:-1]) else shown(roots))
        else:
            reassembled(name, by_offset[0], roots[-1], [r for r in roots[:-1] if r is not by_offset[0]])
            odd = [r.tree() for r in roots if len(r.children) != (r is by_offset[0] or r is roots[-1])]
            verdict(f"{name}: no other children", odd)


def reasons(c):
    raw = invariants.Raw(c.file)
    return set(raw.capture.snapshot.reasons.values())


def judge_bigping(c):
    for name, kind, there, back in (("request", 8, "client", "server"), ("reply", 0, "server", "client")):
        name = f"bigping, {name}"
        ends = f"pwru-{there}/veth-{there} > pwru-{back}/veth-{back}"
        roots = c.roots({"icmp_type": kind, "src": f"10.99.0.{1 + (there == 'server')}"})
        cut = roots[0].of_kind("fragment") if len(roots) == 1 else []
        verdict(f"{name}: the packet and six fragments of it arrive", None if len(cut) == 6 and roots[0].ends == ends and all(
            p.ends == ends for p in cut) else shown(roots))
        if len(cut) != 6:
            continue
        # The fragments leave one after the other: the one seen last at the receiver's interface came last.
        last = max(cut, key=lambda p: next(hop["ktime"] for hop in p.hops if hop["ifname"] == f"veth-{back}"))
        whole = reassembled(name, roots[0], last, [p for p in cut if p is not last], "dropped NO_SOCKET" if kind == 0 else "consumed")
        odd = [p.tree() for p in cut if p is not last and p.children] + [r.tree() for r in roots if len(r.children) != 7]
        verdict(f"{name}: no other children of the fragments", odd)
        if whole:
            verdict(f"{name}: of the whole packet {'a clone for the raw socket' if kind == 0 else 'none'}", None if [
                (p.kind, p.outcome) for p in whole.children] == [("clone", "consumed")] * (kind == 0) else whole.tree())


# ---- more packets than the table holds ----

def judge_flood(raw):
    sent = int(re.search(r"Sent \d+ bytes (\d+) pkt", text("flood.qdisc"))[1])
    count, known = raw.counters, []
    flood = [h for h in raw.hits if h["tuple"].get("dport") == 5090 and h["tuple"].get("l4") == "udp"]
    for func, where in (("__dev_queue_xmit", "sent"), ("ip_rcv", "received")):
        seen = [h for h in flood if h["func"] == func]
        numbers = collections.Counter(h["packet"] for h in seen)
        without = numbers.pop(0, 0)
        verdict(f"flood: each of {sent} packets is seen once where it is {where}, {without} without a number",
                None if len(seen) == sent and sent >= FLOOD else f"{len(seen)} of {sent}")
        twice = [hex(packet) for packet, n in numbers.items() if n > 1]
        verdict("flood: no two of them have one number", f"{len(twice)}: {twice[:5]}" if twice else None)
        known.append(numbers)
    verdict(f"flood: the table was at its limit: {count['evicted']} evicted", None if count["evicted"] > sent // 2 else str(dict(count)))
    both = len(known[0].keys() & known[1].keys())
    verdict(f"flood: {both} are received under the number they were sent with; not those evicted", None if both <= sent - count["evicted"] else
            str(dict(count)))
    verdict("flood: hits recorded are those in the file", None if count["recorded"] == len(raw.hits) else f"{count['recorded']} {len(raw.hits)}")


# ---- a filter, and what descends from what it matched ----

FOLLOWED = ({"dport": 5300}, {"src": "10.97.2.254", "dport": 82}, {"dport": 4789})


def judge_track(c, raw, name="track"):
    roots = c.roots(*FOLLOWED)
    others = [p for p in c.paths.values() if p.line["family"] not in {r.number for r in roots}]
    verdict(f"{name}: nothing of other flows is recorded", f"{len(others)}: {shown(others[:4])}" if others else None)
    wrong = [p for p in c.paths.values() if p.has(dport=5002) or p.has(sport=5300)]
    verdict(f"{name}: no packet at an address that a matched one had", shown(wrong[:4]) if wrong else None)
    # With few functions the first that shows what a packet is sees the clone, after what it was made of.
    judge_tcp(c, f"{name}, TCP", 5300, 14480, True, name == "track_all")
    judge_multicast(c, f"{name}, multicast", 5300)
    exact(f"{name}: through the tunnel and out of it", c.roots({"sport": 5001, "dport": 5300}),
          node("root", "consumed", "pwru-client/vxlan1 > pwru-server/vxlan1"))
    nat = c.roots({"sport": 5002, "dport": 5300})
    exact(f"{name}: through NAT", nat, node("root", "consumed", "pwru-client/cr > pwru-server/sr"))
    verdict(f"{name}: seen with the new port", None if nat and nat[0].has(dport=82) else shown(nat))
    big = c.roots({"sport": 5000, "dport": 5300})
    cut = big[0].of_kind("fragment") if len(big) == 1 else []
    verdict(f"{name}: the fragments of a packet that matched, to the end", None if len(cut) == 5 and all(p.ends == ACROSS for p in cut) and
            not [p for p in cut if p.outcome not in ("merged", "consumed")] else shown(big))
    verdict(f"{name}: something was kept out", None if raw.counters["filtered"] > 1000 else str(dict(raw.counters)))


def judge_no_track(raw):
    wrong = [h["func"] for h in raw.hits if not h["matched"]]
    verdict("no_track: each hit matched by itself", f"{len(wrong)}: {wrong[:5]}" if wrong or not raw.hits else None)
    ports = {h["tuple"].get("dport") for h in raw.hits}
    verdict("no_track: nothing after NAT, nothing in the tunnel", None if 5300 in ports and not ports & {82, 4789, 5002} else str(ports))


def judge_random(c, raw):
    said = text("random.client").split("\n")[0]
    kinds = collections.Counter(p.kind for p in c.paths.values())
    outcomes = collections.Counter(p.outcome for p in c.paths.values())
    print(f"# random: {said}; {dict(kinds)}; {dict(outcomes)}; {dict(raw.counters)}")
    verdict("random: children of each kind that the traffic has, drops and merges", None if all(kinds[k] > 9 for k in (
        "root", "clone", "segment", "fragment")) and outcomes["dropped"] > 9 and outcomes["merged"] > 9 else f"{kinds} {outcomes}")
    waiting = [p for p in c.paths.values() if p.outcome in ("alive", "no-end") and p.hops[-1]["func"] == "inet_frag_queue_insert"]
    verdict("random: no fragment waits longer than it may", f"{len(waiting)}: {shown(waiting[:3])}" if waiting else None)


JUDGES = {"reuse": judge_reuse, "bridge": judge_bridge, "tap": judge_tap, "gso": judge_gso, "tso": judge_tso, "frags": judge_frags,
          "bigping": judge_bigping, "nat": judge_nat, "vxlan": judge_vxlan, "multicast": judge_multicast, "retransmit": judge_retransmit,
          "loopback": judge_loopback, "mirred": judge_mirred, "xdp": judge_xdp}
FILTERED = ("track", "track_all", "no_track")


def judge_capture(name):
    rc, said = text(name + ".rc").strip(), text(name + ".log")
    act, told = text(name + ".act.rc").strip(), text(name + ".act")
    if rc != "0" or act != "0":
        return verdict(f"{name}: recorded, exit 0", f"exit {rc}: {said[-400:]}; scene {act}: {told[-400:]}")
    raw = invariants.Raw(path(name + ".pcapng"))
    judging.failed |= invariants.judge(raw, name)
    if name == "flood":
        return judge_flood(raw)
    c = tree.Capture(judging.directory, name)
    if c.problems:
        verdict(f"{name}: the report agrees with itself", f"{len(c.problems)}: {c.problems[:3]}")
    if name in JUDGES:
        JUDGES[name](c)
    elif name.startswith("track"):
        judge_track(c, raw, name)
    elif name == "no_track":
        judge_no_track(raw)
    elif name == "random":
        judge_random(c, raw)
    if name not in FILTERED:  # there the recorder leaves out what it could know
        for what, problem in witness.Comparison(judging.directory, name, raw, c.lines).verdicts():
            verdict(what, problem and f"{len(problem)}: {problem[:3]}")
    return None


def main():
    judging.open_directory(sys.argv[1])
    names = re.findall(r"^(\w+) is recorded", text("times"), re.M)
    if not names:
        verdict("something was recorded", "nothing was")
    for name in names:
        attempt(judge_capture, name, name=f"{name}: can be judged")
    judging.tell_times()
    sys.exit(judging.failed)


if __name__ == "__main__":
    main()

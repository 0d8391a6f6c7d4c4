#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""lineage-invariants.py CAPTURE...: what must hold of the raw events of any capture, one line a test as tests/run.sh reads them.

Every hit belongs to one packet, or says that the recorder's table was full; a packet begins once and ends once, with nothing
after; it stays at one address, where no other packet is meanwhile; a child does not precede its parent. The events come through
the reader that was written from FORMAT.md, tests/interop/pwru_reader.py, and not from the report.
"""
import collections
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
import pwru_reader  # noqa: E402

CHILD = {1: "clone", 2: "copy", 3: "segment", 4: "fragment", 5: "frame"}
MERGE, QUEUE, REASSEMBLE = 6, 7, 8
FREE, DYING, RELEASE = 1, 2, 4  # roles of a function
Edge = collections.namedtuple("Edge", "other kind inferred hit")


class Life:
    """A packet: its hits in order of time."""

    def __init__(self, packet):
        self.packet, self.hits, self.edges = packet, [], []

    def __repr__(self):
        return f"packet {self.packet:#x} at {self.skb:#x}"

    @property
    def skb(self):
        return self.hits[0]["skb"]

    @property
    def first(self):
        return self.hits[0]["ktime"]

    @property
    def last(self):
        return self.hits[-1]["ktime"]

    @property
    def parents(self):
        return [e for e in self.edges if e.kind in CHILD]


def when(hit):
    return hit["ktime"], hit["cpu"], hit["seq"]


class Raw:
    """The events of a file with one capture, and what its notes count."""

    def __init__(self, path):
        with open(path, "rb") as f:
            reader = pwru_reader.Reader(f.read())
        assert len(reader.captures) == 1, f"{len(reader.captures)} captures"
        self.capture = next(iter(reader.captures.values()))
        self.damaged, self.hits, self.lives = reader.damaged, sorted(reader.hits, key=when), {}
        for hit in self.hits:
            hit["func"] = self.function(hit)["func"]
            if hit["packet"]:
                life = self.lives.setdefault(hit["packet"], Life(hit["packet"]))
                life.hits.append(hit)
                if 5 in hit["more"]:
                    life.edges.append(Edge(*struct.unpack_from("<QBB", hit["more"][5]), hit))
        self.counters = collections.Counter()
        for kind, _, body in self.capture.notes:
            if kind in (1, 2):
                self.counters.update({k: int(v) - self.counters[k] for k, v in pwru_reader.pairs(body).items() if v.isdigit()})

    def function(self, hit):
        return self.capture.functions.get(hit["address"], {"func": f"{hit['address']:#x}", "roles": 0})

    def caller(self, hit):
        """The function that a hit's function was called by."""
        found = self.capture.snapshot.symbols.find(hit["caller"]) if hit["caller"] else None
        return found[0] if found else None

    @staticmethod
    def ended_before(life, hit):
        return life.hits[-1]["end"] and when(life.hits[-1]) < when(hit)

    def over(self, life):
        """Has it ended? Where the kernel frees in bulk, the taking apart is the last that is seen."""
        return life.hits[-1]["end"] or bool(self.function(life.hits[-1])["roles"] & (FREE | DYING | RELEASE))

    def lost(self):
        return {k: v for k, v in self.counters.items() if k.startswith("lost") and k != "lost_map" and v}

    def by_address(self):
        places = collections.defaultdict(list)
        for life in self.lives.values():
            places[life.skb].append(life)
        for lives in places.values():
            lives.sort(key=lambda life: when(life.hits[0]))
        return places


# Each gives what breaks the rule.

def stale(raw):
    """Every end is attached to, so no address is given out anew while something was thought to live there."""
    return [f"{raw.counters['stale']} lives"] if raw.counters["stale"] else []


def unassigned(raw):
    return [f"{h['func']} at {h['skb']:#x}" for h in raw.hits if bool(h["packet"]) == h["no_id"]]


def miscounted(raw):
    without = sum(h["no_id"] for h in raw.hits)
    return [] if without == raw.counters["lost_map"] else [f"{without} hits without a number, lost_map={raw.counters['lost_map']}"]


def begins(raw):
    for life in raw.lives.values():
        at = [i for i, h in enumerate(life.hits) if h["begin"]]
        if at != [0]:
            yield f"{life}: begins at {at} of {[h['func'] for h in life.hits][:12]}"


def ends(raw):
    for life in raw.lives.values():
        at = [i for i, h in enumerate(life.hits) if h["end"]]
        if at not in ([], [len(life.hits) - 1]):
            yield f"{life}: ends at {at} of {[h['func'] for h in life.hits][-12:]}"


def moved(raw):
    for life in raw.lives.values():
        if len({h["skb"] for h in life.hits}) != 1:
            yield f"{life}: also at {sorted(hex(h['skb']) for h in life.hits)}"


def overlapping(raw):
    for lives in raw.by_address().values():
        for a, b in zip(lives, lives[1:]):
            if when(a.hits[-1]) >= when(b.hits[0]):
                yield f"{a} ({a.first} to {a.last}) and {b} ({b.first} to {b.last})"


def many_parents(raw):
    for life in raw.lives.values():
        if len({(e.other, e.kind) for e in life.parents}) > 1:
            yield f"{life}: {[(hex(e.other), CHILD[e.kind]) for e in life.parents]}"


def from_list(raw, parent, family):
    """Fragments of one packet. Of a list of them (ip_fraglist_next()) each takes its header from the one before, and the first, which was
    the whole, may have been sent and freed by then; but not both."""
    before = parent
    for e, life in sorted(family, key=lambda pair: when(pair[0].hit)):
        if all(raw.ended_before(other, e.hit) for other in (parent, before)):
            yield f"{life}: fragment of {parent}, which had ended, and so had {before}"
        before = life


def framed(raw, life, e, parent):
    """The packet ends and its buffer goes on as a frame; only the buffer says that this is it."""
    heads = [h["head"] for h in life.hits if h["head"]]
    gave = [h for h in parent.hits if h["func"] == "consume_skb" and raw.caller(h) == "veth_xdp_rcv_skb"]
    if not e.inferred or len(gave) != 1 or when(gave[0]) > when(e.hit) or not heads or heads[0] != gave[0]["head"]:
        return f"{life}: made of a frame that {parent} was, with head {heads[:1]} of {[h['head'] for h in gave]}"
    return None


def orphans(raw):
    """A child whose parent has no hit before it, or has ended."""
    made = collections.defaultdict(list)
    for life in raw.lives.values():
        for e in life.parents:
            parent = raw.lives.get(e.other)
            if not parent or parent is life:
                yield f"{life}: {CHILD[e.kind]} of {e.other:#x}, which is not there"
            elif when(parent.hits[0]) > when(life.hits[0]) and e.hit is life.hits[0]:
                yield f"{life}: begins before {parent}, of which it is a {CHILD[e.kind]}"
            elif CHILD[e.kind] == "fragment":
                made[parent.packet].append((e, life))
            elif CHILD[e.kind] == "frame":
                if problem := framed(raw, life, e, parent):
                    yield problem
            elif raw.ended_before(parent, e.hit):
                yield f"{life}: {CHILD[e.kind]} of {parent}, which had ended"
    for packet, family in made.items():
        yield from from_list(raw, raw.lives[packet], family)


def unmergeable(raw):
    """What is offered to become part of another is there, and the other is no other than it."""
    for life in raw.lives.values():
        for e in life.edges:
            other = raw.lives.get(e.other)
            if e.kind == MERGE and (not other or other is life or when(other.hits[0]) > when(e.hit) or
                                    raw.ended_before(other, e.hit)):
                yield f"{life}: offered {e.other:#x}, which is not there then"
            elif e.kind not in CHILD and e.kind not in (MERGE, QUEUE, REASSEMBLE):
                yield f"{life}: an edge of kind {e.kind}"


RULES = (("no event is without a packet", unassigned), ("events without a number are those counted as such", miscounted),
         ("no packet begins twice, or not with its first hit", begins), ("no packet ends twice, or has hits after its end", ends),
         ("a packet stays at its address", moved), ("no two packets are at one address at a time", overlapping),
         ("no packet has two parents", many_parents), ("no life's end was missed", stale), ("no child is without its parent, or before it", orphans),
         ("what is offered to merge is there", unmergeable))


def judge(raw, name):
    """Prints the verdicts; True when something is wrong."""
    failed = bool(raw.lost() or raw.damaged or not raw.hits)
    if failed:
        print(f"not ok {name}: all was recorded: lost {raw.lost()}, {len(raw.damaged)} damaged of {len(raw.hits)}")
    for what, rule in RULES:
        if broken := list(rule(raw)):
            failed = True
            print(f"not ok {name}: {what}: {len(broken)} times: {str(broken[:3])[:600]}")
    if not failed:
        print(f"ok {name}: {len(raw.hits)} events of {len(raw.lives)} packets keep {len(RULES)} rules")
    return failed


def main():
    failed = False
    for path in sys.argv[1:]:
        failed |= judge(Raw(path), os.path.basename(path))
    sys.exit(failed)


if __name__ == "__main__":
    main()

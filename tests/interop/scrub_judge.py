#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges what pwru-report -w wrote against what it was made of. Reads both by common/FORMAT.md alone, through options.py.

kept ORIGINAL… EXTRACT        each hit is one of the originals', its options byte for byte; families are whole or not there
leaks ORIGINAL SCRUBBED [HEX…]  nothing of the original that could tell on anybody; HEX: bytes that must not be there either
prefixes ORIGINAL SCRUBBED    IP addresses are others, prefixes kept, one to one; MAC addresses are others
same ORIGINAL SCRUBBED        lines of paths --json are the same but for names, addresses and numbers, which are one to one
"""
import ipaddress
import itertools
import json
import re
import struct
import sys
import zlib

from options import EPB, EVENT, IDB, INFO, META, FUNC, NOTE, SHB, blocks, options, options_of, payloads, tlvs

LINKED = 0xFFFFFFFF81000000
HOST, SYMBOLS, MODULES, KERNEL, REASONS, INTERFACES, NETNS, PROBES, BTF = range(1, 10)
FIXED = struct.Struct("<IHH7QIIIIIIIIIHHIIHHHH16s16s")
FIELDS = ("flags fixed protocol func skb head ktime caller packet seq lost reason netns ifindex mark pid tid len mtu cpu vlan "
          "data_len hash queue mac network transport comm ifname").split()


def fail(*what):
    sys.exit(" ".join(map(str, what)))


class Hit:
    def __init__(self, body, order, payload):
        self.options = sorted(options(options_of(EPB, body, order), order))
        caplen, self.origlen = struct.unpack_from(order + "II", body, 12)
        self.frame = body[20:20 + caplen]
        self.tag = payload[4:8]
        for name, value in zip(FIELDS, FIXED.unpack_from(payload, 8)):
            setattr(self, name, value)
        self.tlvs = dict(tlvs(payload[self.fixed:]))
        stack = self.tlvs.get(2, b"")
        self.stack = struct.unpack(f"<{len(stack) // 8}Q", stack)
        self.parent, self.edge = struct.unpack_from("<QB", self.tlvs[5]) if 5 in self.tlvs else (0, 0)
        self.key = self.cpu, self.seq


class File:
    def __init__(self, name):
        with open(name, "rb") as f:
            self.data = f.read()
        self.hits, self.notes, self.funcs, self.metas, self.infos = [], [], [], {}, []
        self.comments = []
        for _, kind, body, order in blocks(self.data):
            for code, value in options(options_of(kind, body, order), order):
                if code == 1 and kind != SHB:
                    self.comments.append(value)
            for p in payloads(kind, body, order):
                if p[3] == EVENT and kind == EPB:
                    self.hits.append(Hit(body, order, p))
                elif p[3] == NOTE:
                    self.notes.append((struct.unpack_from("<H", p, 8)[0], p[24:]))
                elif p[3] == FUNC:
                    self.funcs.append((struct.unpack_from("<QBBHI", p, 8), dict(tlvs(p[24:]))))
                elif p[3] == META:
                    self.metas.setdefault(p[4:8], {})[struct.unpack_from("<I", p, 8)[0]] = p[20:]
                elif p[3] == INFO:
                    self.infos.append(p)
        self.snapshots = [zlib.decompress(b"".join(m[i] for i in sorted(m))) for m in self.metas.values()]

    def record(self, wanted):
        out = b""
        for raw in self.snapshots:
            at = 0
            while at < len(raw):
                kind, size = struct.unpack_from("<II", raw, at)
                if kind == wanted:
                    out += raw[at + 8:at + 8 + size]
                at += 8 + size
        return out

    def value(self, kind, key):
        m = re.search(rb"(?m)^" + key + rb"=(.*)$", self.record(kind))
        return m[1] if m else b""


# ---- -w ----

def kept(*names):
    originals, extract = [File(n) for n in names[:-1]], File(names[-1])
    whole = {(h.tag, *h.key, h.ktime, h.func): h for f in originals for h in f.hits}
    if not extract.hits:
        fail("no hits")
    for h in extract.hits:
        was = whole.get((h.tag, *h.key, h.ktime, h.func))
        if not was or was.options != h.options or was.frame != h.frame or was.origlen != h.origlen:
            fail("not as it was:", h.key)
    # Descent, transitively: no family has one member here and another not.
    root = {}

    def find(x):
        while root.setdefault(x, x) != x:
            x = root[x]
        return x

    for h in whole.values():
        if 1 <= h.edge <= 5:
            root[find((h.tag, h.packet))] = find((h.tag, h.parent))
    here = {(h.tag, *h.key, h.ktime, h.func) for h in extract.hits}
    families = {}
    for key, h in whole.items():
        if h.packet:
            families.setdefault(find((h.tag, h.packet)), set()).add(key in here)
    if any(len(both) == 2 for both in families.values()):
        fail("half a family")
    print(len(here), "of", len(whole), "hits,", sum(True in both for both in families.values()), "of", len(families), "families")


# ---- --scrub ----

def layers(frame):
    """(mac addresses, ip addresses, bytes behind the layer 4 header)."""
    macs, ips, payload = set(), set(), b""
    if len(frame) < 14:
        return macs, ips, payload
    macs = {frame[:6], frame[6:12]}
    kind, at = struct.unpack_from(">H", frame, 12)[0], 14
    while kind in (0x8100, 0x88A8) and len(frame) >= at + 4:
        kind, at = struct.unpack_from(">H", frame, at + 2)[0], at + 4
    if kind == 0x0806 and len(frame) >= at + 28:
        macs |= {frame[at + 8:at + 14], frame[at + 18:at + 24]}
        ips = {frame[at + 14:at + 18], frame[at + 24:at + 28]}
    proto = None
    if kind == 0x0800 and len(frame) >= at + 20:
        ips = {frame[at + 12:at + 16], frame[at + 16:at + 20]}
        proto = frame[at + 9] if not struct.unpack_from(">H", frame, at + 6)[0] & 0x1FFF else None
        at += (frame[at] & 15) * 4
    elif kind == 0x86DD and len(frame) >= at + 40:
        ips = {frame[at + 8:at + 24], frame[at + 24:at + 40]}
        proto, at = frame[at + 6], at + 40
    size = {6: (frame[at + 12] >> 4) * 4 if proto == 6 and len(frame) > at + 12 else 20, 17: 8, 1: 8, 58: 8}.get(proto)
    if size:
        payload = frame[at + size:]
    return macs, ips, payload


def addresses(hits):
    macs, ips, data = set(), set(), set()
    for h in hits:
        m, i, p = layers(h.frame)
        macs |= m
        ips |= i
        data |= {p} if len(p) >= 8 else set()
        if 1 in h.tlvs:
            size = {4: 4, 6: 16}.get(h.tlvs[1][0], 0)
            ips |= {h.tlvs[1][8:8 + size], h.tlvs[1][24:24 + size]}
    return macs, {i for i in ips if i}, data


def special(raw):
    """Addresses that are everybody's."""
    ip = ipaddress.ip_address(raw)
    return (ip.is_unspecified or ip in (ipaddress.ip_address(a) for a in ("127.0.0.1", "::1", "255.255.255.255")) or
            raw[:3] == b"\xe0\0\0" or (raw[0] == 0xFF and not any(raw[2:15])))


def forms(raw):
    """As bytes, and as text."""
    ip = ipaddress.ip_address(raw)
    return {raw, str(ip).encode(), ip.exploded.encode(), raw.hex().encode()}


def pointers(f):
    for h in f.hits:
        yield from (h.func, h.skb, h.head, h.caller, *h.stack)
        if h.edge in (7, 8):
            yield h.parent
    yield from (func[0][0] for func in f.funcs)
    for line in f.record(MODULES).splitlines():
        if re.match(rb"\S+ [0-9a-f]{8,16} ", line):
            yield int(line.split()[1], 16)
    yield int(f.value(KERNEL, b"text") or b"0", 16)


def leaks(original, scrubbed, *more):
    a, b = File(original), File(scrubbed)
    bytes_ = b.data + b"".join(b.snapshots)
    macs, ips, data = addresses(a.hits)
    secret = {bytes.fromhex(x) for x in more}
    secret |= set(itertools.chain.from_iterable(forms(ip) for ip in ips if not special(ip)))
    secret |= {m for m in macs if any(m) and not m[0] & 1}
    secret |= {m.hex(":").encode() for m in macs if any(m) and not m[0] & 1}
    secret |= data
    # Where the kernel lies where it was linked to there is nothing to hide.
    linked = {LINKED} if int(a.value(KERNEL, b"text") or b"0", 16) != LINKED else range(LINKED, LINKED + 0x3E000000)
    for p in {p for p in pointers(a) if p >> 40 and p not in linked}:
        secret |= {struct.pack("<Q", p), struct.pack(">Q", p), b"%x" % p}
    for h in a.hits:
        for tlv in (3, 4):
            raw = h.tlvs.get(tlv, b"")
            secret |= {raw[i:i + 8] for i in range(0, len(raw) - 7, 8) if len(set(raw[i:i + 8])) >= 5}
        secret.add(h.comm)
    names = {a.value(HOST, key) for key in (b"hostname", b"command", b"filters", b"boot_id", b"version")}
    names |= {h.ifname.rstrip(b"\0") for h in a.hits}
    names |= {line.split(b" ", 2)[-1] for line in a.record(INTERFACES).splitlines()}
    names |= {line.split(b" ", 1)[-1] for line in a.record(NETNS).splitlines()}
    secret |= {n for n in names if len(n) >= 4}
    found = [s for s in secret if s in bytes_]
    if found:
        fail("leaked:", found[:5])
    if len(secret) < 20:
        fail("only", len(secret), "secrets to look for")
    for h in b.hits:
        if any(h.comm) or h.hash or 3 in h.tlvs or 4 in h.tlvs or layers(h.frame)[2]:
            fail("a hit has more than it may:", h.key)
    if {i[8:24] for i in a.infos} & {i[8:24] for i in b.infos} or {h.tag for h in a.hits} & {h.tag for h in b.hits}:
        fail("the uuid is the same")
    if b.record(BTF) or b.record(NETNS) or b.comments:
        fail("BTF, NETNS or comments")
    print(len(secret), "secrets, none in", len(bytes_), "bytes")


def common(a, b):
    x = int.from_bytes(a, "big") ^ int.from_bytes(b, "big")
    return len(a) * 8 - x.bit_length()


def pairs(a, b):
    """{old: new} of IP and of MAC addresses, and whether it is a mapping at all."""
    theirs = {h.key: h for h in b.hits}
    ips, macs = {}, {}
    for h in a.hits:
        other = theirs[h.key]
        spots = [(h.frame[:6], other.frame[:6], macs), (h.frame[6:12], other.frame[6:12], macs)]
        if h.frame[12:14] == b"\x08\0" and len(h.frame) >= 34:
            spots += [(h.frame[i:i + 4], other.frame[i:i + 4], ips) for i in (26, 30)]
        elif h.frame[12:14] == b"\x86\xdd" and len(h.frame) >= 54:
            spots += [(h.frame[i:i + 16], other.frame[i:i + 16], ips) for i in (22, 38)]
        if 1 in h.tlvs:
            size = 4 if h.tlvs[1][0] == 4 else 16
            spots += [(h.tlvs[1][i:i + size], other.tlvs[1][i:i + size], ips) for i in (8, 24)]
        for old, new, table in spots:
            if table.setdefault(old, new) != new:
                fail("one address became two:", old.hex())
    return ips, macs


def kind_of(raw):
    ip = ipaddress.ip_address(raw)
    return ip.is_unspecified, ip.is_loopback, ip.is_link_local, ip.is_multicast, raw == b"\xff" * 4


def prefixes(original, scrubbed):
    ips, macs = pairs(File(original), File(scrubbed))
    compared = 0
    for (a, a_now), (b, b_now) in itertools.combinations(ips.items(), 2):
        if len(a) == len(b):
            compared += 1
            if common(a, b) != common(a_now, b_now):
                fail("prefix:", a.hex(), b.hex(), "now", a_now.hex(), b_now.hex())
    for old, new in ips.items():
        if kind_of(old) != kind_of(new) or special(old) != (old == new):
            fail("not of its kind, or the same:", old.hex(), new.hex())
    for old, new in macs.items():
        if (old[0] ^ new[0]) & 1 or (any(old) and not old[0] & 1 and (old == new or not new[0] & 2)):
            fail("mac:", old.hex(), new.hex())
    if not compared:
        fail("no two addresses to compare")
    print(compared, "pairs of addresses,", len(macs), "MAC addresses")


class Renamed:
    """One to one, of each kind; None, "" and 0 stay."""

    def __init__(self):
        self.to, self.back = {}, {}

    def same(self, kind, a, b):
        if not a or not b:
            return not a and not b
        return self.to.setdefault((kind, a), b) == b and self.back.setdefault((kind, b), a) == a


KINDS = {"skb": "skb", "head": "skb", "capture": "capture", "culprit": "code", "caller": "code", "func_address": "code",
         "src": "ip", "dst": "ip", "pid": "pid", "tid": "pid", "netns": "netns"}
GONE = {"host", "comm", "hash", "cb", "raw_skb"}


def alike(r, a, b, key=""):
    if isinstance(a, dict):
        if list(a) != list(b):
            return False
        for k in a:
            if k == "ifname":
                good = r.same("ifname", a[k] and (a["netns"], a[k]), b[k] and (b["netns"], b[k]))
            elif k in GONE:
                good = not b[k]
            elif k in KINDS and not isinstance(a[k], (dict, list)):
                good = r.same(KINDS[k], a[k], b[k])
            else:
                good = alike(r, a[k], b[k], k)
            if not good:
                print(k, a[k], "became", b[k], file=sys.stderr)
                return False
        return True
    if isinstance(a, list):
        return len(a) == len(b) and all(alike(r, x, y, key) for x, y in zip(a, b))
    return a == b


def same(original, scrubbed):
    r = Renamed()
    with open(original) as a, open(scrubbed) as b:
        a, b = a.readlines(), b.readlines()
    if len(a) != len(b) or not a:
        fail(len(a), "lines became", len(b))
    for x, y in zip(a, b):
        if not alike(r, json.loads(x), json.loads(y)):
            fail("another path:", x[:300], y[:300])
    print(len(a), "lines alike")


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in ("kept", "leaks", "prefixes", "same"):
        sys.exit(__doc__)
    globals()[sys.argv[1]](*sys.argv[2:])

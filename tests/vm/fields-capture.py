# SPDX-License-Identifier: GPL-2.0-only
"""A reader of capture files written from common/FORMAT.md alone, for tests: it shares nothing with pwru-report.

read(path) gives a Capture: hits, functions, the snapshot's records. packet(hit) takes a hit's packet bytes apart.
"""
import socket
import struct
import zlib

SHB, IDB, ISB, EPB = 0x0A0D0D0A, 1, 5, 6
FLAGS = ("end", "begin", "matched", "reason_valid", "synth_l2", "no_l3", "unreadable", "inferred", "no_id", "vlan_valid",
         "lifecycle", "tx", "rx", "return")
# FORMAT.md, EVENT: offset, struct code, name
FIXED = ((14, "H", "protocol"), (16, "Q", "address"), (24, "Q", "skb"), (32, "Q", "head"), (40, "Q", "ktime"),
         (48, "Q", "caller"), (56, "Q", "packet"), (64, "Q", "seq"), (72, "I", "lost"), (76, "I", "reason"),
         (80, "I", "netns"), (84, "I", "ifindex"), (88, "I", "mark"), (92, "I", "pid"), (96, "I", "tid"), (100, "I", "len"),
         (104, "I", "mtu"), (108, "H", "cpu"), (110, "H", "vlan"), (112, "I", "data_len"), (116, "I", "hash"),
         (120, "H", "queue"), (122, "H", "mac_header"), (124, "H", "network_header"), (126, "H", "transport_header"))
PORTS = {6, 17, 132}
EXTENSIONS = {0, 43, 44, 51, 60, 135}


class Hit:
    """One EVENT; its fields by FORMAT.md's names, its flags as booleans, and func, data, origlen."""

    def __repr__(self):
        return f"<{self.func} packet={self.packet} if={self.ifname}>"


class Capture:
    def __init__(self):
        self.hits, self.functions, self.snapshot, self.notes = [], {}, {}, []
        self.lifecycle = set()  # functions attached to know packets by

    def symbols(self):
        """SYMBOLS: [(address, name)], sorted."""
        data, at, address, out = self.snapshot[2], 0, 0, []

        def varint():
            nonlocal at
            value = shift = 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value

        while at < len(data):
            address += varint()
            at += 1
            varint()
            end = data.index(b"\0", at)
            out.append((address, data[at:end].decode()))
            at = end + 1
        return out

    def reasons(self):
        return {int(line.split()[0]): line.split()[1] for line in self.snapshot[5].decode().splitlines()}


def text(raw):
    return raw.split(b"\0")[0].decode("utf-8", "surrogateescape")


def tlvs(data, at):
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        yield kind, data[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def tuple_of(v):
    family, proto, sport, dport = struct.unpack_from("<BBHH", v)
    kind, size = (socket.AF_INET, 4) if family == 4 else (socket.AF_INET6, 16)
    return {"family": family, "proto": proto, "sport": sport, "dport": dport,
            "src": socket.inet_ntop(kind, v[8:8 + size]), "dst": socket.inet_ntop(kind, v[24:24 + size])}


def event(payload, functions, data, origlen, interface):
    h = Hit()
    flags, fixed = struct.unpack_from("<IH", payload, 8)
    for bit, name in enumerate(FLAGS):
        setattr(h, name, bool(flags >> bit & 1))
    for offset, code, name in FIXED:
        setattr(h, name, struct.unpack_from("<" + code, payload, offset)[0])
    h.comm, h.ifname = text(payload[128:144]), text(payload[144:160])
    h.tuple = h.raw = h.cb = None
    h.child = False
    h.stack = []
    for kind, v in tlvs(payload, fixed):
        if kind == 1:
            h.tuple = tuple_of(v)
        elif kind == 2:
            h.stack = list(struct.unpack(f"<{len(v) // 8}Q", v))
        elif kind == 3:
            h.raw = v
        elif kind == 4:
            h.cb = v
        elif kind == 5:
            h.child = v[8] <= 5
    h.func, h.data, h.origlen, h.interface = functions.get(h.address, "?"), data, origlen, interface
    return h


def options(block, at):
    while at + 4 <= len(block):
        code, length = struct.unpack_from("<HH", block, at)
        if code == 0:
            return
        yield code, block[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def ours(block, at):
    for code, value in options(block, at):
        if code == 2989 and value[4:6] == b"PW":
            yield value[7], value[4:]


def read(path):
    c, pieces, interface = Capture(), {}, -1
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        block = data[at + 8:at + length - 4]
        at += length
        if kind == IDB:
            interface += 1
            for what, p in ours(block, 8):
                if what == 2:
                    pieces[struct.unpack_from("<I", p, 8)[0]] = p[20:]
                elif what == 3:
                    address, flags = struct.unpack_from("<Q4xI", p, 8)
                    c.functions.setdefault(address, text(dict(tlvs(p, 24)).get(1, b"")))
                    if flags & 2:
                        c.lifecycle.add(c.functions[address])
        elif kind == EPB:
            which, _, _, caplen, origlen = struct.unpack_from("<5I", block)
            for what, p in ours(block, 20 + (caplen + 3) // 4 * 4):
                if what == 4:
                    c.hits.append(event(p, c.functions, block[20:20 + caplen], origlen, which))
                elif what == 5:
                    c.notes.append(p[24:].decode())
    raw, at = zlib.decompress(b"".join(pieces[i] for i in sorted(pieces))), 0
    while at < len(raw):
        kind, length = struct.unpack_from("<II", raw, at)
        c.snapshot[kind] = raw[at + 8:at + 8 + length]
        at += 8 + length
    return c


def ports(out, data, at):
    if out["proto"] in PORTS and at + 4 <= len(data):
        out["sport"], out["dport"] = struct.unpack_from(">HH", data, at)
    if out["proto"] == 6 and at + 14 <= len(data):
        out["seq"], out["flags"] = struct.unpack_from(">I", data, at + 4)[0], data[at + 13]
    out["l4"] = at


def packet(h):
    """The addresses and ports in a hit's packet bytes; None when there are none. VLAN tags are passed over."""
    if h.no_l3 or len(h.data) < 14:
        return None
    return dissect(h.data)


def dissect(data, at=12):
    out = {"vlans": [], "sport": None, "dport": None, "fragment": False}
    kind = struct.unpack_from(">H", data, at)[0]
    at += 2
    while kind in (0x8100, 0x88A8) and at + 4 <= len(data):
        out["vlans"].append(struct.unpack_from(">H", data, at)[0] & 0xFFF)
        kind = struct.unpack_from(">H", data, at + 2)[0]
        at += 4
    out["ethertype"], out["l3"] = kind, at
    if kind == 0x0800 and len(data) >= at + 20 and data[at] >> 4 == 4:
        out.update(family=4, proto=data[at + 9], id=struct.unpack_from(">H", data, at + 4)[0],
                   src=socket.inet_ntop(socket.AF_INET, data[at + 12:at + 16]),
                   dst=socket.inet_ntop(socket.AF_INET, data[at + 16:at + 20]))
        out["fragment"] = bool(struct.unpack_from(">H", data, at + 6)[0] & 0x1FFF)
        if not out["fragment"]:
            ports(out, data, at + (data[at] & 15) * 4)
        return out
    if kind == 0x86DD and len(data) >= at + 40 and data[at] >> 4 == 6:
        out.update(family=6, proto=data[at + 6], id=struct.unpack_from(">I", data, at)[0] & 0xFFFFF,
                   src=socket.inet_ntop(socket.AF_INET6, data[at + 8:at + 24]),
                   dst=socket.inet_ntop(socket.AF_INET6, data[at + 24:at + 40]))
        at += 40
        while out["proto"] in EXTENSIONS and at + 8 <= len(data):
            was, out["proto"] = out["proto"], data[at]
            if was == 44:
                out["fragment"] |= bool(struct.unpack_from(">H", data, at + 2)[0] & 0xFFF8)
                at += 8
            else:
                at += (data[at + 1] + 2) * 4 if was == 51 else (data[at + 1] + 1) * 8
            if out["fragment"]:
                return out
        ports(out, data, at)
        return out
    return None

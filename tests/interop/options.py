#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""options.py dump|packets|rules FILE: an independent reading of a capture, from common/FORMAT.md and the pcapng draft alone.

dump     every 2989 option of ours, a line each: block type, hex of the payload. What a rewriting tool must not change
packets  the same of the EPBs only, without the order of the blocks that hold none
rules    are the rules that the writer keeps kept? Prints what is not; exit 1 then
"""
import collections
import re
import struct
import sys

SHB, IDB, EPB, ISB = 0x0A0D0D0A, 1, 6, 5
NAMES = {SHB: "SHB", IDB: "IDB", EPB: "EPB", ISB: "ISB"}
INFO, META, FUNC, EVENT, NOTE = 1, 2, 3, 4, 5
OPT_END, OPT_COMMENT, OPT_CUSTOM = 0, 1, 2989


class Bad(Exception):
    pass


def blocks(data):
    """(offset, type, body, byte order) of each block."""
    order, at = "<", 0
    while at < len(data):
        if len(data) - at < 12:
            raise Bad(f"{at}: {len(data) - at} bytes are no block")
        if data[at:at + 4] == b"\n\r\r\n":
            order = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}[data[at + 8:at + 12]]
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or size % 4 or at + size > len(data):
            raise Bad(f"{at}: block length {size}")
        if struct.unpack_from(order + "I", data, at + size - 4)[0] != size:
            raise Bad(f"{at}: the length at the end is another")
        yield at, kind, data[at + 8:at + size - 4], order
        at += size


def options(body, order):
    at = 0
    while at < len(body):
        if len(body) - at < 4:
            raise Bad("half an option")
        code, size = struct.unpack_from(order + "HH", body, at)
        if code == OPT_END:
            if size or at + 4 != len(body):
                raise Bad("something behind opt_endofopt")
            return
        if at + 4 + size > len(body):
            raise Bad(f"option {code} of {size} bytes does not fit")
        yield code, body[at + 4:at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


def options_of(kind, body, order):
    """The bytes of the options of a block."""
    if kind == SHB:
        return body[16:]
    if kind == IDB:
        return body[8:]
    if kind == ISB:
        return body[12:]
    if kind == EPB:
        caplen = struct.unpack_from(order + "I", body, 12)[0]
        return body[20 + (caplen + 3) // 4 * 4:]
    return b""


def payloads(kind, body, order):
    for code, value in options(options_of(kind, body, order), order):
        if code == OPT_CUSTOM and value[4:6] == b"PW":
            yield value[4:]


def tlvs(data):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        if at + 4 + size > len(data):
            raise Bad(f"TLV {kind} of {size} bytes does not fit")
        yield kind, data[at + 4:at + 4 + size]
        at += 4 + (size + 3) // 4 * 4
    if at != len(data):
        raise Bad("the last TLV is not padded")


def dump(data, only):
    for _, kind, body, order in blocks(data):
        for payload in payloads(kind, body, order):
            if only in (None, kind):
                print(NAMES.get(kind, kind), payload.hex())


class Rules:
    def __init__(self):
        self.bad = []
        self.epbs = self.notes = self.isbs = 0
        self.idbs = []  # {"name", "func": address or None}
        self.tag = self.uuid = None
        self.extract = self.scrubbed = 0
        self.meta = {}
        self.seen_epb = self.closed = False
        self.number = self.before = 0  # of the file; hits recorded before it
        self.part = {}  # what was counted before the file
        self.lost = collections.Counter()  # of each CPU
        self.on = collections.Counter()  # EPBs of each interface

    def need(self, at, true, what):
        if not true:
            self.bad.append(f"{at}: {what}")

    def common(self, at, kind, body, order):
        self.need(at, kind in NAMES, f"block type {kind:#x}")
        self.need(at, len(body) + 12 <= 262144, f"a block of {len(body) + 12} bytes")
        self.need(at, order == "<", "a big-endian section")
        for code, value in options(options_of(kind, body, order), order):
            self.need(at, code < 0x8000, f"option code {code:#x}")
            self.need(at, len(value) <= 65535, f"an option of {len(value)} bytes")
            self.need(at, code != OPT_CUSTOM or value[:4] == struct.pack("<I", 32473), "a PEN that is not 32473")
        for p in payloads(kind, body, order):
            self.need(at, p[2] == 1, f"payload version {p[2]}")
            self.need(at, {INFO: SHB, META: IDB, FUNC: IDB, EVENT: EPB, NOTE: EPB}.get(p[3]) == kind,
                      f"payload kind {p[3]} in a block of type {kind}")
            if p[3] == INFO:
                self.uuid, self.tag = p[8:24], p[8:12]
                self.extract, self.scrubbed = p[28] & 1, p[28] & 2
                self.number = struct.unpack_from("<I", p, 24)[0]
            self.need(at, p[4:8] == self.tag, "another capture's tag")

    def shb(self, at, body):
        self.need(at, at == 0, "a second SHB")
        codes = [code for code, _ in options(body[16:], "<")]
        self.need(at, codes == [2, 3, 4, 1, OPT_CUSTOM], f"options of the SHB: {codes}")
        self.need(at, self.uuid and self.uuid[6] >> 4 == 4 and self.uuid[8] >> 6 == 2, "no uuid of version 4")

    def idb(self, at, body):
        link, _, snaplen = struct.unpack_from("<HHI", body)
        by_code = dict(options(body[8:], "<"))
        name = by_code.get(2, b"").decode()
        self.need(at, not self.seen_epb, "an IDB behind an EPB")
        self.need(at, link == 1 and snaplen == 0, f"link type {link}, snaplen {snaplen}")
        self.need(at, by_code.get(9) == b"\x09", "if_tsresol is not 9")
        self.need(at, 14 not in by_code, "an if_tsoffset")
        self.need(at, name, "no if_name")
        func = None
        for p in payloads(IDB, body, "<"):
            if p[3] == META:
                index, pieces, _ = struct.unpack_from("<III", p, 8)
                self.need(at, name.startswith("pwru-meta-"), "META on " + name)
                self.need(at, len(p) <= 20 + 65000, f"a piece of {len(p) - 20} bytes")
                self.need(at, index < pieces and index not in self.meta, f"piece {index} of {pieces}")
                self.meta[index] = p[20:]
                self.pieces = pieces
            elif p[3] == FUNC:
                func = struct.unpack_from("<Q", p, 8)[0]
                names = dict(tlvs(p[24:]))
                self.need(at, names.get(1, b"").decode() == name, "FUNC's name is not the interface's")
                self.need(at, 1 <= p[16] <= 4, f"attached in the way {p[16]}")
                self.need(at, (func == 0) == (name == "pwru-other"), "address 0")
                self.need(at, not any(i["func"] == func for i in self.idbs), f"address {func:#x} twice")
        self.need(at, (func is None) == name.startswith("pwru-meta-"), f"{name}: FUNC missing or too many")
        self.idbs.append({"name": name, "func": func})

    def epb(self, at, body):
        self.seen_epb = True
        interface, high, low, caplen, length = struct.unpack_from("<IIIII", body)
        self.need(at, 0 < caplen <= length, f"captured length {caplen} of {length}")
        self.need(at, interface < len(self.idbs), "an interface that is not there")
        self.on[interface] += 1
        self.need(at, not self.closed, "an EPB behind the CLOSE note")
        data = body[20:20 + caplen]
        codes = [code for code, _ in options(options_of(EPB, body, "<"), "<")]
        by_code = dict(options(options_of(EPB, body, "<"), "<"))
        self.need(at, set(codes) <= {1, 2, 4, 5, OPT_CUSTOM}, f"options of an EPB: {codes}")
        lines = [value for code, value in options(options_of(EPB, body, "<"), "<") if code == OPT_COMMENT and value[:3] == b"at="]
        self.need(at, len(lines) < 2 and len(codes) - len(lines) == len(set(codes)) - (bool(lines) and codes.count(OPT_COMMENT) == 1),
                  "an option twice")
        mine = list(payloads(EPB, body, "<"))
        self.need(at, len(mine) == 1, f"{len(mine)} payloads")
        for p in mine:
            if p[3] == NOTE:
                self.note(at, interface, data, p)
            else:
                self.event(at, interface, high << 32 | low, data, by_code, p)

    def note(self, at, interface, data, p):
        self.notes += 1
        first = self.notes == 1 and not self.epbs
        kind, zero, size = struct.unpack_from("<HHI", p, 8)
        text = p[24:24 + size].decode()
        self.need(at, self.idbs[interface]["name"] == "pwru-meta-0", "a NOTE that is not on pwru-meta-0")
        self.need(at, data == bytes(12) + b"\x88\xb5", "the bytes of a NOTE")
        self.need(at, zero == 0 and len(p) == 24 + size, "length of a NOTE")
        self.need(at, all("=" in line for line in text.splitlines()) and text.endswith("\n"), "lines of a NOTE")
        self.need(at, not first or (kind == 7) == (self.number > 0), f"note {kind} begins file number {self.number}")
        self.need(at, first or kind != 7, "a PART that is not the first")
        if kind == 7:
            self.part = dict(line.split("=", 1) for line in text.splitlines())
            self.before = int(self.part["recorded"])
            self.lost.update({int(key[3:]): int(value.split()[1]) for key, value in self.part.items() if re.fullmatch(r"cpu\d+", key)})
        if kind == 2:
            self.closed = True
            self.counters = dict(line.split("=", 1) for line in text.splitlines())
            self.need(at, "end" in self.counters, "CLOSE without an end")

    def event(self, at, interface, when, data, by_code, p):
        self.epbs += 1
        flags, fixed, ethertype, func, skb = struct.unpack_from("<IHHQQ", p, 8)
        packet = struct.unpack_from("<Q", p, 56)[0]
        self.need(at, fixed == 160 and len(p) >= 160, f"a fixed part of {fixed}")
        self.need(at, self.idbs[interface]["func"] == func, "the interface is not the function's")
        self.need(at, by_code.get(5) == struct.pack("<Q", packet), "epb_packetid is not the packet")
        self.need(at, packet != 0 or flags & 1 << 8, "no packet and no NO_ID")
        # Kernel addresses, with 4 or 5 levels of pages.
        self.need(at, self.scrubbed or skb >> 56 == 0xFF, f"skb {skb:#x}")
        lost, cpu = struct.unpack_from("<I", p, 72)[0], struct.unpack_from("<H", p, 108)[0]
        grown = max(0, lost - self.lost[cpu])
        self.need(at, by_code.get(4, bytes(8)) == struct.pack("<Q", grown) and (grown or 4 not in by_code),
                  f"epb_dropcount is not {grown}")
        self.lost[cpu] += grown
        self.need(at, (2 in by_code) == bool(flags & 3 << 11), "epb_flags without a direction, or the other way")
        self.need(at, not flags & 1 << 5 or data == bytes(12) + b"\x88\xb5", "NO_L3, but not the 14 bytes")
        self.need(at, not flags & 1 << 4 or data[:12] == bytes(12), "SYNTH_L2, but addresses")
        self.need(at, flags & 1 << 5 or not flags & 1 << 4 or data[12:14] == struct.pack(">H", ethertype),
                  "the ethertype is not the protocol")
        self.need(at, when > 1_600_000_000_000_000_000, f"time {when} is no wall clock in ns")
        for kind, value in tlvs(p[fixed:]):
            self.need(at, 1 <= kind <= 6 and (kind != 1 or len(value) == 40), f"TLV {kind} of {len(value)} bytes")

    def isb(self, at, body):
        self.isbs += 1
        self.need(at, self.closed, "an ISB before the CLOSE note")
        interface = struct.unpack_from("<I", body)[0]
        told = {code: struct.unpack("<Q", value)[0] for code, value in options(body[12:], "<")}
        if not self.closed or interface or self.extract:
            self.need(at, told == {4: self.on[interface]}, f"{told} in the ISB of {interface}, which has {self.on[interface]}")
            return
        n = {key: int(value) - int(self.part.get(key, 0)) for key, value in self.counters.items() if value.isdigit()}
        lost = n["lost_ring"] + n["lost_read"] + n["lost_hold"]
        totals = {4: n["recorded"] + n["held"] + lost, 5: lost, 6: n["recorded"] + lost, 7: n["recursion"] + n["nmissed"]}
        self.need(at, told == totals, f"{told} in the ISB of the totals, which are {totals}")

    def end(self):
        need = self.need
        need("end", self.idbs and self.idbs[0]["name"] == "pwru-meta-0", "the first IDB is not pwru-meta-0")
        need("end", self.idbs and self.idbs[-1]["name"] == "pwru-other", "the last IDB is not pwru-other")
        need("end", self.closed, "no CLOSE note")
        need("end", self.isbs == len(self.idbs), f"{self.isbs} ISBs, {len(self.idbs)} IDBs")
        need("end", sorted(self.meta) == list(range(len(self.meta))) and len(self.meta) == self.pieces, "pieces missing")
        if self.closed:
            need("end", int(self.counters["recorded"]) == self.before + self.epbs,
                 f"recorded {self.counters['recorded']}, before it {self.before}, EPBs {self.epbs}")
        need("end", self.epbs > 0, "no hits")


def rules(data):
    r = Rules()
    second = None
    for number, (at, kind, body, order) in enumerate(blocks(data)):
        second = kind if number == 1 else second
        r.common(at, kind, body, order)
        {SHB: r.shb, IDB: r.idb, EPB: r.epb, ISB: r.isb}.get(kind, lambda *_: None)(at, body)
    r.need("begin", second == IDB, "a block between the SHB and the first IDB")
    r.end()
    if r.bad:
        sys.exit("\n".join(r.bad[:20]))
    print(f"{r.epbs} hits, {r.notes} notes, {len(r.idbs)} interfaces: all rules kept")


def main(argv):
    if len(argv) != 3 or argv[1] not in ("dump", "packets", "rules"):
        sys.exit(__doc__)
    with open(argv[2], "rb") as f:
        data = f.read()
    try:
        if argv[1] == "rules":
            rules(data)
        else:
            dump(data, EPB if argv[1] == "packets" else None)
    except Bad as bad:
        sys.exit(f"{argv[2]}: {bad}")


if __name__ == "__main__":
    main(sys.argv)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""pwru_reader.py [--info] [--keys KEY,…] FILE: reads captures, written from common/FORMAT.md and the pcapng draft alone.

It shares nothing with the report. Prints what "pwru-report events --all --json FILE" prints, or of "info --json" what can be
told from the bytes without rebuilding paths. --keys: these keys, in this order, of all that the bytes of a hit hold.
"""
import collections
import datetime
import functools
import json
import struct
import sys
import uuid
import zlib

from pwru_packet import tuple_of
from pwru_snapshot import BTF, Snapshot, number, pairs, snapshot_of, text

SHB, IDB, SPB, EPB = 0x0A0D0D0A, 1, 3, 6
OPT_END, OPT_CUSTOM = 0, 2989
IF_NAME, IF_TSRESOL, IF_TSOFFSET = 2, 9, 14
INFO, META, FUNC, EVENT, NOTE = 1, 2, 3, 4, 5

FLAGS = ("end", "begin", "matched", "reason_valid", "synth_l2", "no_l3", "unreadable", "inferred", "no_id", "vlan_valid",
         "lifecycle", "tx", "rx", "return")
COUNTERS = ("recorded", "lost_ring", "lost_read", "lost_map", "lost_hold", "held", "null_arg", "err_arg", "not_skb",
            "filtered", "recursion", "nmissed", "stale", "evicted")
HOST_KEYS = ("hostname", "release", "version", "machine", "boot_id", "command", "filters", "backend", "buffer", "cpus",
             "realtime", "monotonic", "boottime", "netns")
# What the notes that info --json shows tell, and which of it are numbers.
NOTES = {3: ("netns", ("inode", "name")), 4: ("interface", ("netns", "ifindex", "name")), 5: ("module", ("name", "state")),
         6: ("clock", ("realtime", "monotonic", "boottime"))}
NUMBERS = ("inode", "netns", "ifindex")
# Of source lines the capture knows nothing.
LINE = ("file", "line", "inlined", "verified")
LINE_OF_CALLER = tuple(f"caller_{key}" for key in LINE)
# The keys of the report's line, in its order.
KEYS = ("time", "ktime", "number", "capture", "host", "packet", "skb", "func", "module", "cpu", "seq", "pid", "tid",
        "comm", "netns", "ifindex", "ifname", "mark", "len", "data_len", "mtu", "proto", "src", "dst", "sport", "dport",
        "l4", "tcp_flags", "icmp_type", "icmp_id", "icmp_seq", "ip_id", "vlan", "hash", "queue", "head", "mac_header",
        "network_header", "transport_header", "lost", "synth_l2", "no_l3", "unreadable", "stack", "cb", "raw_skb",
        "parent", "reason", "caller", "caller_func", "caller_offset", "caller_module", *LINE_OF_CALLER,
        "begin", "end", "matched", "inferred", "lifecycle")
# What the bytes hold besides. A report that shows one of these is held to it.
MORE = ("reason_code", "no_id", "tx", "rx", "return", "func_address", "attach", "skb_arg", "roles", "ordinal",
        "parent_kind", "parent_inferred", "src_mac", "dst_mac", "flags")
PARENTS = {1: "clone", 2: "copy", 3: "segment", 4: "fragment", 5: "frame", 6: "merge", 7: "queue", 8: "reassemble"}


class Bad(Exception):
    pass


class Damaged(Exception):
    """One of our records; the rest of the file is not touched by it."""


# ---- pcapng ----


def blocks(data):
    """(offset, type, body, byte order) of each block."""
    order, at = "<", 0
    while at < len(data):
        if len(data) - at < 12:
            raise Bad(f"{at}: {len(data) - at} bytes are no block")
        if data[at:at + 4] == b"\n\r\r\n":
            try:
                order = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}[data[at + 8:at + 12]]
            except KeyError:
                raise Bad(f"{at}: no byte-order magic") from None
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or size % 4 or at + size > len(data):
            raise Bad(f"{at}: block length {size}")
        if struct.unpack_from(order + "I", data, at + size - 4)[0] != size:
            raise Bad(f"{at}: the length at the end is another")
        yield at, kind, data[at + 8:at + size - 4], order
        at += size


def options(body, at, order):
    """(code, value) of the options that begin at offset at of a block's body."""
    while at < len(body):
        if len(body) - at < 4:
            raise Bad("half an option")
        code, size = struct.unpack_from(order + "HH", body, at)
        if code == OPT_END:
            return
        if at + 4 + size > len(body):
            raise Bad(f"option {code} of {size} bytes does not fit")
        yield code, body[at + 4:at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


def custom(found):
    """(kind, tag, payload) of our options among those found."""
    for code, value in found:
        payload = value[4:]
        if code == OPT_CUSTOM and len(payload) >= 8 and payload[:2] == b"PW" and payload[2] == 1:
            yield payload[3], struct.unpack_from("<I", payload, 4)[0], payload


def tlvs(data):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        if at + 4 + size > len(data):
            raise Damaged(f"TLV {kind} of {size} bytes does not fit")
        yield kind, data[at + 4:at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


# ---- the capture ----


def moment(ns):
    """Nanoseconds since 1970 as text, without rounding."""
    seconds = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=ns // 10**9)
    return f"{seconds.isoformat()}.{ns % 10**9:09}Z"


def name_of(raw):
    return text(raw.split(b"\0", 1)[0])


class Capture:
    """What one recording, told by its tag, has in the file."""

    def __init__(self, tag):
        self.tag, self.uuid, self.part, self.says = tag, None, None, set()
        self.pieces, self.functions, self.hits, self.notes = {}, {}, [], []

    def wall(self, hit):
        """The wall clock: it runs ahead of the monotonic one by the same all the time."""
        return hit["ktime"] + self.hits[0]["when"] - self.hits[0]["ktime"]

    @functools.cached_property
    def snapshot(self):
        """An empty one where it is not whole."""
        if len(self.says) != 1:
            return Snapshot(b"")
        count, size = next(iter(self.says))
        whole = sorted(self.pieces) == list(range(count))
        return snapshot_of(b"".join(self.pieces[i] for i in sorted(self.pieces)) if whole else b"", size)


class Reader:
    def __init__(self, data):
        self.captures, self.hits, self.damaged, self.bytes = {}, [], [], len(data)
        interfaces = []
        for at, kind, body, order in blocks(data):
            try:
                if kind == SHB:
                    interfaces = []
                    found = options(body, 16, order)
                elif kind == IDB:
                    found = list(options(body, 8, order))
                    interfaces.append(self.resolution(dict(found), order))
                elif kind == EPB:
                    number, high, low, caplen = struct.unpack_from(order + "IIII", body)
                    found = list(options(body, 20 + (caplen + 3) // 4 * 4, order))
                    units, offset = interfaces[number]
                    when = (high << 32 | low) * 10**9 // units + offset * 10**9
                    self.frame = when, body[20:20 + caplen], dict(found)
                else:
                    continue
                for what, tag, payload in custom(found):
                    try:
                        self.take(what, tag, payload, kind)
                    except (Damaged, struct.error):
                        self.damaged.append(at)
            except (struct.error, IndexError) as error:
                raise Bad(f"{at}: {error}") from error

    @staticmethod
    def resolution(found, order):
        resol = found.get(IF_TSRESOL, b"\6")[0]
        units = 2 ** (resol & 0x7F) if resol & 0x80 else 10 ** resol
        return units, struct.unpack(order + "q", found.get(IF_TSOFFSET, bytes(8)))[0]

    def take(self, what, tag, payload, block):
        if {INFO: SHB, META: IDB, FUNC: IDB, EVENT: EPB, NOTE: EPB}.get(what) != block:
            return
        if what == INFO and payload[4:8] != payload[8:12]:
            raise Damaged("the tag is not the uuid's")
        capture = self.captures.setdefault(tag, Capture(tag))
        {INFO: self.info_, META: self.meta, FUNC: self.func, EVENT: self.event, NOTE: self.note}[what](capture, payload)

    @staticmethod
    def info_(capture, p):
        capture.uuid = str(uuid.UUID(bytes=p[8:24]))
        capture.part = struct.unpack_from("<I", p, 24)[0]

    @staticmethod
    def meta(capture, p):
        index, count, size = struct.unpack_from("<III", p, 8)
        if count > 16384 or size > 256 << 20 or index >= count:
            raise Damaged(f"piece {index} of {count}, {size} bytes")
        capture.says.add((count, size))
        capture.pieces[index] = p[20:]

    @staticmethod
    def func(capture, p):
        address, attach, arg, roles, flags = struct.unpack_from("<QBBHI", p, 8)
        names = dict(tlvs(p[24:]))
        capture.functions.setdefault(address, {"func": text(names.get(1, b"")), "module": text(names.get(2, b"")),
                                      "attach": attach, "skb_arg": arg, "roles": roles, "ordinal": bool(flags & 1),
                                                "lifecycle": bool(flags & 2)})

    def note(self, capture, p):
        kind, _, size, ktime = struct.unpack_from("<HHIQ", p, 8)
        if 24 + size > len(p):
            raise Damaged(f"a body of {size} bytes")
        capture.notes.append((kind, ktime, p[24:24 + size]))

    def event(self, capture, p):
        when, frame, _ = self.frame
        flags, fixed = struct.unpack_from("<IH", p, 8)
        if not 160 <= fixed <= len(p):
            raise Damaged(f"a fixed part of {fixed} bytes")
        hit = {key: bool(flags & 1 << bit) for bit, key in enumerate(FLAGS)}
        (hit["proto"], hit["address"], hit["skb"], hit["head"], hit["ktime"], hit["caller"], hit["packet"], hit["seq"],
         hit["lost"], hit["reason_code"], hit["netns"], hit["ifindex"], hit["mark"], hit["pid"], hit["tid"], hit["len"],
         hit["mtu"], hit["cpu"], hit["vlan"], hit["data_len"], hit["hash"], hit["queue"], hit["mac_header"],
         hit["network_header"], hit["transport_header"], comm, ifname) = struct.unpack_from("<H7Q9I2H2I4H16s16s", p, 14)
        more = dict(tlvs(p[fixed:]))
        for kind, least in {1: 40, 4: 48, 5: 10, 6: 4}.items():
            if len(more.get(kind, bytes(least))) < least:
                raise Damaged(f"TLV {kind} of {len(more[kind])} bytes")
        if len(more.get(2, b"")) % 8:
            raise Damaged("half an address in the stack")
        hit.update(when=when, capture=capture, comm=name_of(comm), ifname=name_of(ifname),
                   tuple=tuple_of(frame, hit, more.get(1)), frame=frame, more=more)
        capture.hits.append(hit)
        self.hits.append(hit)

    # ---- as the report tells it ----

    def events(self, everything=False):
        """All that is known of each hit, in the order of time."""
        for hit in sorted(self.hits, key=lambda hit: (hit["capture"].wall(hit), hit["cpu"], hit["seq"])):
            capture = hit["capture"]
            if hit["lifecycle"] and not everything:
                continue
            line = dict.fromkeys(KEYS + MORE)
            line.update((k, v) for k, v in hit.items() if k in line)
            line.update((k, v) for k, v in hit["tuple"].items())
            line.update(number=hit["packet"] or None, time=moment(capture.wall(hit)),
                        capture=f"{capture.tag:#x}", packet=f"{hit['packet']:#x}",
                        skb=f"{hit['skb']:#x}", head=f"{hit['head']:#x}", func_address=f"{hit['address']:#x}",
                        host=capture.snapshot.host.get("hostname", ""), caller=None, reason=None)
            line.update(self.function(capture, hit["address"]))
            if hit["reason_valid"]:
                line["reason"] = capture.snapshot.reasons.get(hit["reason_code"], f"{hit['reason_code']:#x}")
            else:
                line["reason_code"] = None
            if hit["caller"]:
                place = self.place(capture, hit["caller"])
                line.update(caller=place["addr"], caller_func=place["func"], caller_offset=place["offset"],
                            caller_module=place["module"])
            self.rest(line, hit)
            yield line

    @staticmethod
    def place(capture, address):
        symbols = capture.snapshot.symbols
        func, module, offset = symbols and symbols.find(address) or (None, None, None)
        return {"addr": f"{address:#x}", "func": func, "offset": offset, "module": module, **dict.fromkeys(LINE)}

    @staticmethod
    def function(capture, address):
        if address and address in capture.functions:
            return capture.functions[address]
        symbols = capture.snapshot.symbols
        func, module = symbols and symbols.at(address) or (f"{address:#x}", "")
        return {"func": func, "module": module}

    def rest(self, line, hit):
        more = hit["more"]
        if not hit["vlan_valid"]:
            line["vlan"] = None
        frame = hit["frame"]
        if len(frame) >= 14 and not hit["synth_l2"] and not hit["unreadable"]:
            line.update(dst_mac=frame[:6].hex(":"), src_mac=frame[6:12].hex(":"))
        if line["tcp_flags"] is not None:
            line["flags"] = "".join(c for bit, c in enumerate("FSRP.UEW") if line["tcp_flags"] >> bit & 1) or "none"
        if more.get(2):
            line["stack"] = [self.place(hit["capture"], address) for address, in struct.iter_unpack("<Q", more[2])]
        line["raw_skb"] = more[3].hex() if more.get(3) else None
        line["cb"] = more[4][:48].hex() if 4 in more else None
        if 5 in more:
            packet, kind, inferred = struct.unpack_from("<QBB", more[5])
            line.update(parent=f"{packet:#x}", parent_kind=PARENTS.get(kind), parent_inferred=bool(inferred))

    def summary(self):
        """Of info --json, what needs no paths."""
        captures = [self.summary_of(c) for c in self.captures.values()]
        first = next(iter(self.captures.values()), Capture(0))
        file = {"part": first.part, "bytes": self.bytes, "hits": len(self.hits), **self.span(self.hits),
                "captures": [{"tag": c["tag"], "host": c["hostname"]} for c in captures]}
        file.pop("duration_ns")
        for capture in captures:
            capture.pop("last")
        return {"bytes": self.bytes, "captures": captures, "files": [file]}

    @staticmethod
    def span(hits):
        when = sorted(hit["capture"].wall(hit) for hit in hits)
        if not when:
            return dict.fromkeys(("first", "last", "duration_ns"))
        return {"first": moment(when[0]), "last": moment(when[-1]), "duration_ns": when[-1] - when[0]}

    def summary_of(self, c):
        snapshot, host = c.snapshot, c.snapshot.host
        told = {"uuid": c.uuid, "tag": f"{c.tag:#x}"}
        told.update((key, host.get(key, "")) for key in HOST_KEYS)
        told.update((key, snapshot.kernel.get(key, "")) for key in ("build_id", "text"))
        told.update(self.span(c.hits), hits=len(c.hits), unidentified=sum(not h["packet"] for h in c.hits),
                    inferred=sum(h["inferred"] for h in c.hits))
        status = [probe["status"] for probe in snapshot.probes]
        told["probes"] = {key: status.count(key) for key in ("attached", "failed", "skipped")}
        told.update(self.noted(c))
        btf = snapshot.records.get(BTF, b"")
        told.update(namespaces=snapshot.netns, interfaces=snapshot.interfaces, modules=snapshot.modules,
                    symbols=len(snapshot.symbols.addresses) if snapshot.symbols else 0, btf_bytes=len(btf),
                    btf_crc32=f"{zlib.crc32(btf):#x}" if btf else None, probe_lines=snapshot.probes, debug_files=None)
        hits = collections.Counter(hit["address"] for hit in c.hits)
        told["functions"] = [{"address": f"{address:#x}", **function, "hits": hits[address]}
                             for address, function in c.functions.items() if address]
        return told

    @staticmethod
    def noted(c):
        """What the notes tell. As the report does: 256 of what happened, those of up to 4096 bytes."""
        told = {"counters": dict.fromkeys(COUNTERS, 0), "closed": False, "closed_at": None, "end": "", "notes": [],
                "notes_left_out": 0, "nested_countable": None}
        before = dict.fromkeys(COUNTERS, 0)
        for kind, ktime, body in c.notes:
            values, time = pairs(body), moment(c.wall({"ktime": ktime})) if c.hits else None
            if kind == 7 and not told["closed"]:  # of one file: what was counted before it
                before = {key: number(values.get(key, "")) or 0 for key in COUNTERS}
            if kind in (1, 2):
                counted = {key: number(values[key]) for key in COUNTERS if key in values}
                told["counters"].update((key, max(value - before[key], 0)) for key, value in counted.items() if value is not None)
                if "nested" in values:
                    told["nested_countable"] = values["nested"] == "counted"
            if kind == 2:
                told.update(closed=True, closed_at=time, end=values.get("end", told["end"]))
            if kind in NOTES and (len(body) > 4096 or len(told["notes"]) == 256):
                told["notes_left_out"] += 1
            elif kind in NOTES:
                name, keys = NOTES[kind]
                shown = {key: number(values[key]) if key in NUMBERS else values[key] for key in keys if key in values}
                told["notes"].append({"type": name, "ktime": ktime, "time": time, **dict.fromkeys(keys), **shown})
        return told


def dumps(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def main(argv):
    argv, keys, info = argv[1:], KEYS, False
    while argv and argv[0].startswith("--"):
        if argv[0] == "--info":
            info = True
        elif argv[0] == "--keys" and len(argv) > 1:
            keys = argv.pop(1).split(",")
        else:
            sys.exit(__doc__)
        argv.pop(0)
    if len(argv) != 1:
        sys.exit(__doc__)
    with open(argv[0], "rb") as f:
        data = f.read()
    try:
        reader = Reader(data)
        if info:
            print(dumps(reader.summary()))
            return
        for line in reader.events(everything=True):
            print(dumps({key: line[key] for key in keys}))
    except Bad as bad:
        sys.exit(f"{argv[0]}: {bad}")


if __name__ == "__main__":
    main(sys.argv)

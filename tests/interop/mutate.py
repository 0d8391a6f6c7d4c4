#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""mutate.py big-endian|little-endian|swap FILE OUT: a capture written anew.
mutate.py same REPORT FILE: do the two readers tell the same of it? Exit 1 if not.
mutate.py fields REPORT FILE: each field of common/FORMAT.md, changed in the bytes, against two readers.

big-endian   each header and option in the other byte order, the payloads as they are; little-endian: back
swap         each hit says an interface id that is not its function's
fields       prints "ok NAME" or "not ok NAME: why" for each: the report and pwru_reader.py tell the same of the changed
             file, and what they tell differs from before in that field and in nothing else
"""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

import pwru_reader

SHB, NRB, IDB, ISB, EPB = 0x0A0D0D0A, 4, 1, 5, 6
OPT_CUSTOM = 2989
INFO, META, FUNC, EVENT, NOTE = 1, 2, 3, 4, 5
# What stands before the options of a block (but for an EPB's packet), as struct tells it, and options that hold numbers.
FIXED = {SHB: "IHHq", IDB: "HHI", ISB: "III", EPB: "IIIII"}
NUMBERS = {SHB: {}, IDB: {14: "q"}, ISB: {2: "II", 3: "II", 4: "Q", 5: "Q", 6: "Q", 7: "Q", 8: "Q"},
           EPB: {2: "I", 4: "Q", 5: "Q"}}


class Block:
    """A block apart: kind, head (its numbers), data (an EPB's packet), options [(code, value)], numbers of ours last."""

    def __init__(self, kind, body, order):
        self.kind, self.order = kind, order
        self.head = list(struct.unpack_from(order + FIXED[kind], body))
        at = struct.calcsize(order + FIXED[kind])
        self.data = b""
        if kind == EPB:
            self.data = body[at:at + self.head[3]]
            at += (len(self.data) + 3) // 4 * 4
        self.options = []
        while at + 4 <= len(body):
            code, size = struct.unpack_from(order + "HH", body, at)
            if code == 0:
                break
            self.options.append([code, bytearray(body[at + 4:at + 4 + size])])
            at += 4 + (size + 3) // 4 * 4

    def bytes(self, order="<"):
        if self.kind == EPB:
            self.head[3] = len(self.data)
        out = struct.pack(order + FIXED[self.kind], *self.head) + self.data + bytes(-len(self.data) % 4)
        for code, value in self.options:
            if order != self.order and code == OPT_CUSTOM:
                value = value[3::-1] + value[4:]
            elif order != self.order and code in NUMBERS[self.kind]:
                fmt = NUMBERS[self.kind][code]
                value = struct.pack(order + fmt, *struct.unpack(self.order + fmt, value))
            out += struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)
        if self.options:
            out += bytes(4)
        size = struct.pack(order + "I", len(out) + 12)
        return struct.pack(order + "I", self.kind) + size + out + size

    def payloads(self, kind):
        """The options of ours of that kind: bytearrays that can be changed. The first 4 bytes of each are the PEN."""
        return [value for code, value in self.options if code == OPT_CUSTOM and value[4:6] == b"PW" and value[7] == kind]


class File:
    def __init__(self, data):
        self.blocks, order, at = [], "<", 0
        while at < len(data):
            if data[at:at + 4] == b"\n\r\r\n":
                order = "<" if data[at + 8] == 0x4D else ">"
            kind, size = struct.unpack_from(order + "II", data, at)
            self.blocks.append(Block(kind, data[at + 8:at + size - 4], order))
            at += size

    def bytes(self, order="<"):
        return b"".join(block.bytes(order) for block in self.blocks)

    def of(self, kind):
        """The payloads of a kind, in the order of the file."""
        return [p for block in self.blocks for p in block.payloads(kind)]

    def holders(self, kind):
        return [block for block in self.blocks if block.payloads(kind)]

    # The snapshot: records {type: value}, taken apart and put together.

    def snapshot(self):
        pieces = sorted((struct.unpack_from("<I", p, 12)[0], bytes(p[24:])) for p in self.of(META))
        raw, records, at = zlib.decompress(b"".join(piece for _, piece in pieces)), {}, 0
        while at < len(raw):
            kind, size = struct.unpack_from("<II", raw, at)
            records[kind] = raw[at + 8:at + 8 + size]
            at += 8 + size
        return records

    def set_snapshot(self, records):
        """As the recorder does it: pieces of 65,000 bytes, four to a block."""
        raw = b"".join(struct.pack("<II", kind, len(value)) + value for kind, value in records.items())
        whole, holders = zlib.compress(raw), self.holders(META)
        head = bytes(holders[0].payloads(META)[0][:12])
        pieces = [whole[at:at + 65000] for at in range(0, len(whole), 65000)]
        for block in holders:
            block.options = [o for o in block.options if not any(o[1] is p for p in block.payloads(META))]
        for i, piece in enumerate(pieces):
            value = head + struct.pack("<III", i, len(pieces), len(raw)) + piece
            holders[min(i // 4, len(holders) - 1)].options.append([OPT_CUSTOM, bytearray(value)])


def swap(file):
    """Each hit gets the interface of another function; the meta interfaces are left out."""
    functions = [i for i, block in enumerate(b for b in file.blocks if b.kind == IDB) if block.payloads(FUNC)]
    for block in file.holders(EVENT):
        block.head[0] = functions[(functions.index(block.head[0]) + 1) % len(functions)]


# ---- each field, against two readers ----


def flat(value, path=""):
    """{path: leaf} of what was JSON; lists stay whole but for those of objects."""
    if isinstance(value, dict):
        return {k: v for key, inner in value.items() for k, v in flat(inner, f"{path}.{key}").items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {k: v for i, inner in enumerate(value) for k, v in flat(inner, f"{path}.{i}").items()}
    return {path: value}


class Judge:
    def __init__(self, report, raw, scratch):
        self.report, self.raw, self.scratch, self.bad, self.waiting = report, raw, scratch, False, {}
        self.keys = None
        self.theirs, self.ours = self.events(raw)
        self.keys = list(self.theirs[0])
        self.base_info = self.info(raw)[1]
        self.say("the report shows no key that the reader does not know",
                 [k for k in self.keys if k not in pwru_reader.KEYS + pwru_reader.MORE])
        self.say("the report shows all keys that it did", [k for k in pwru_reader.KEYS if k not in self.keys])

    def say(self, name, why):
        self.bad |= bool(why)
        print(f"not ok {name}: {why}" if why else f"ok {name}", flush=True)

    def run(self, data, *view):
        path = os.path.join(self.scratch, "mutated.pcapng")
        with open(path, "wb") as f:
            f.write(data)
        # Exit status 3: the capture is damaged, which some changes are.
        done = subprocess.run([self.report, *view, "--json", "-q", path], capture_output=True, check=False)
        if done.returncode not in (0, 3):
            raise RuntimeError(f"exit status {done.returncode}: {done.stderr.decode()}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def events(self, data):
        """What the report prints, and all that the reader knows."""
        return self.run(data, "events"), list(pwru_reader.Reader(data).events())

    def info(self, data):
        theirs, = self.run(data, "info")
        return flat(theirs), flat(pwru_reader.Reader(data).summary())

    def differ(self, theirs, ours):
        if len(theirs) != len(ours):
            return f"the report prints {len(theirs)} hits, the reader {len(ours)}"
        for i, (t, o) in enumerate(zip(theirs, ours)):
            for key, value in t.items():
                if o[key] != value:
                    return f"hit {i}: {key} is {value!r} to the report, {o[key]!r} to the reader"
        return None

    def event(self, name, change, keys, values=None, also=(), lines=None):
        """keys: what changes. values: {key: value} there is now in one hit. also: what may change with it."""
        file = File(self.raw)
        change(file)
        theirs, ours = self.events(file.bytes())
        why = self.differ(theirs, ours)
        lines = len(self.ours) if lines is None else len(self.ours) + lines
        changed = {k for a, b in zip(self.ours, ours) for k in b if a[k] != b[k]}
        if not why and len(ours) != lines:
            why = f"{len(ours)} hits, and should be {lines}"
        if not why and len(ours) == len(self.ours) and changed - set(also) != set(keys) - set(also):
            why = f"changed {sorted(changed)}"
        if not why and values and not any(all(o[k] == v for k, v in values.items()) for o in ours):
            why = f"no hit has {values}"
        hidden = [k for k in keys if k not in self.keys]
        if hidden and not why:
            self.waiting.update(dict.fromkeys(hidden))
            return
        self.say(f"{name}: changed in both", why)

    def in_info(self, name, change, keys, values=None):
        """keys: ends of the paths in info --json that change."""
        file = File(self.raw)
        change(file)
        theirs, ours = self.info(file.bytes())
        shared = [k for k in ours if k in theirs]
        why = next((f"{k} is {theirs[k]!r} to the report, {ours[k]!r} to the reader" for k in shared
                    if theirs[k] != ours[k]), None)
        changed = [k for k in {**self.base_info, **ours} if self.base_info.get(k) != ours.get(k) and not k.endswith("bytes")]
        ends = [k for k in keys if any(c.endswith("." + k) or f".{k}." in c for c in changed)]
        if not why and (ends != list(keys) or not all(any(c.endswith("." + k) or f".{k}." in c for k in keys)
                                                      for c in changed)):
            why = f"changed {changed}"
        for key, value in (values or {}).items():
            if not why and not any(k.endswith("." + key) and v == value for k, v in ours.items()):
                why = f"{key} is not {value!r}"
        hidden = [k for k in changed if k not in theirs and k in ours]
        if hidden and not why:
            self.waiting.update({"info: " + re.sub(r"\.\d+", "[]", k).lstrip("."): None for k in hidden})
            return
        self.say(f"{name}: changed in both", why)


# EVENT: offset, type, name, the key, what else hangs on it. Values have a different byte at each place.
HEX = {8: 0xFFFF8182838485F6, 4: 0x81828384, 2: 0x8182}
EVENT_FIELDS = (
    (14, "H", "protocol", "proto"), (24, "Q", "skb", "skb"), (32, "Q", "head", "head"), (48, "Q", "caller", "caller"),
    (56, "Q", "packet", "packet"), (64, "Q", "sequence number", "seq"), (72, "I", "lost", "lost"),
    (80, "I", "network namespace", "netns"), (84, "I", "interface index", "ifindex"), (88, "I", "mark", "mark"),
    (92, "I", "process id", "pid"), (96, "I", "thread id", "tid"), (100, "I", "len", "len"), (104, "I", "MTU", "mtu"),
    (108, "H", "CPU", "cpu"), (112, "I", "data_len", "data_len"), (116, "I", "hash", "hash"),
    (120, "H", "queue_mapping", "queue"), (122, "H", "mac_header", "mac_header"),
    (124, "H", "network_header", "network_header"), (126, "H", "transport_header", "transport_header"))
TUPLE_KEYS = ("src", "dst", "sport", "dport", "l4", "tcp_flags", "icmp_type", "icmp_id", "icmp_seq", "ip_id")
CALLER_KEYS = ("caller", "caller_func", "caller_offset", "caller_module")


class Fields:
    def __init__(self, judge):
        self.judge = judge
        file = File(judge.raw)
        events = file.of(EVENT)
        # A hit in the middle of a life, with a packet of TCP, without a reason; not the first, whose clock all go by.
        self.hit = next(i for i, p in enumerate(events) if i and self.get(p, "I", 8) & 0x3FF & ~0x84 == 0
                        and len(judge.ours) > i and file.holders(EVENT)[i].data[23] == 6)
        self.address = self.get(events[self.hit], "Q", 16)
        self.symbols = next(iter(pwru_reader.Reader(judge.raw).captures.values())).snapshot.symbols
        self.reasons = next(iter(pwru_reader.Reader(judge.raw).captures.values())).snapshot.reasons

    @staticmethod
    def get(payload, kind, at):
        return struct.unpack_from("<" + kind, payload, 4 + at)[0]

    def set(self, at, kind, *values):
        return lambda file: struct.pack_into("<" + kind, file.of(EVENT)[self.hit], 4 + at, *values)

    def flag(self, bit):
        return lambda file: self.set(8, "I", self.get(file.of(EVENT)[self.hit], "I", 8) ^ 1 << bit)(file)

    def tlv(self, kind, value):
        """The TLV in place of that which may be there."""
        def change(file):
            p = file.of(EVENT)[self.hit]
            rest = [(k, v) for k, v in pwru_reader.tlvs(bytes(p[164:])) if k != kind] + [(kind, value)]
            p[164:] = b"".join(struct.pack("<HH", k, len(v)) + v + bytes(-len(v) % 4) for k, v in rest)
        return change

    @staticmethod
    def both(*changes):
        return lambda file: [change(file) for change in changes]

    def event(self):
        event, set_ = self.judge.event, self.set
        for at, kind, name, key in EVENT_FIELDS:
            size = struct.calcsize(kind)
            # A small packet, CPU, sequence number may be another hit's.
            is_ = self.get(File(self.judge.raw).of(EVENT)[self.hit], kind, at)
            small = () if key in ("packet", "cpu", "seq") else (2 if is_ == 1 else 1,)
            for value in (HEX[size], (1 << 8 * size) - 1, *small):
                also = {"packet": ["number"], "caller": CALLER_KEYS, "CPU": ["time"]}.get(name, [])
                shown = f"{value:#x}" if key in ("skb", "head", "caller", "packet") else value
                event(f"EVENT {at} {name} = {value:#x}", set_(at, kind, value), [key], {key: shown}, also)
        event("EVENT 16 function", set_(16, "Q", 0x1234), ["func", "func_address", "attach", "skb_arg", "roles", "ordinal"]
              if "attach" in self.judge.keys else ["func"], {"func": "0x1234"},
              ("func_address", "attach", "skb_arg", "roles", "ordinal", "module"))
        event("EVENT 40 monotonic", set_(40, "Q", 0xFFFF81828384), ["ktime", "time"], {"ktime": 0xFFFF81828384},
              pwru_reader.KEYS + pwru_reader.MORE)
        event("EVENT 56 packet 0", set_(56, "Q", 0), ["packet", "number"], {"packet": "0x0", "number": None})
        if self.symbols:
            start = next(a for a, b in zip(self.symbols.addresses, self.symbols.addresses[1:]) if b - a > 64)
            name, module = self.symbols.at(start)
            event("EVENT 48 caller, a symbol", set_(48, "Q", start + 9), CALLER_KEYS,
                  {"caller_func": name, "caller_offset": 9, "caller_module": module}, CALLER_KEYS)
            event("TLV STACK", self.tlv(2, struct.pack("<QQ", start + 9, start + 17)), ["stack"], {"stack": [
                {"addr": f"{start + at:#x}", "func": name, "offset": at, "module": module} for at in (9, 17)]})
        # Kernels before 5.17 have no drop reasons.
        number, reason = next(((n, r) for n, r in self.reasons.items() if n > 2), (4, "0x4"))
        event("EVENT 76 drop reason", self.both(set_(76, "I", number), self.flag(3)), ["reason", "reason_code"]
              if "reason_code" in self.judge.keys else ["reason"], {"reason": reason}, ["reason_code"])
        event("EVENT 76 drop reason without a name", self.both(set_(76, "I", 0x81828384), self.flag(3)), ["reason"],
              {"reason": "0x81828384"}, ["reason_code"])
        event("EVENT 110 VLAN", self.both(set_(110, "H", 0x8182), self.flag(9)), ["vlan"], {"vlan": 0x8182})
        for raw, comm in ((b"\x01\"\\\n\x7f", "\x01\"\\\n\x7f"), ("é\u202e😀".encode(), "é\u202e😀"),
                          (b"a\xff\xe2\x82b", "a\ufffd\ufffd\ufffdb"), (b"0123456789abcdef", "0123456789abcdef"),
                          (b"a\0b", "a")):
            event(f"EVENT 128 comm {raw!r}", set_(128, "16s", raw), ["comm"], {"comm": comm})
            event(f"EVENT 144 interface name {raw!r}", set_(144, "16s", raw), ["ifname"], {"ifname": comm})
        event("EVENT 12 a longer fixed part", self.longer, [])
        for at, name in ((0, "magic"), (2, "version"), (3, "kind")):
            event(f"EVENT {at} another {name}: no hit", set_(at, "B", 0x77), [], lines=-1)
        for fixed in (152, 0xFFFF):
            event(f"EVENT 12 a fixed part of {fixed}: damaged, no hit", set_(12, "H", fixed), [], lines=-1)
        event("EVENT 4 tag", set_(4, "I", 0x81828384), ["capture", "host", "func"], {"capture": "0x81828384", "host": ""},
              pwru_reader.KEYS + pwru_reader.MORE)

    @staticmethod
    def padded(value):
        return value + bytes(-len(value) % 4)

    def longer(self, file):
        p = file.of(EVENT)[self.hit]
        struct.pack_into("<H", p, 16, 168)
        p[164:164] = b"\xee" * 8

    def flags(self):
        event = self.judge.event
        for bit, key, also in ((0, "end", ["number"]), (1, "begin", []), (2, "matched", []), (3, "reason", ["reason_code"]),
                               (4, "synth_l2", []), (5, "no_l3", TUPLE_KEYS), (6, "unreadable", TUPLE_KEYS),
                               (7, "inferred", []), (8, "no_id", []), (9, "vlan", []), (11, "tx", []), (12, "rx", []),
                               (13, "return", [])):
            event(f"EVENT flag {bit} {key}", self.flag(bit), [key], None, also)
        event("EVENT flag 10 lifecycle: hidden", self.flag(10), [], lines=-1)

    def tlvs(self):
        event, tlv = self.judge.event, self.tlv
        no_l3 = self.flag(5)
        for family, proto, ports, shown in (
                (4, 6, (0x8182, 0x1234), {"src": "1.2.3.4", "dst": "17.18.19.20", "l4": "tcp", "sport": 0x8182,
                                          "dport": 0x1234}),
                (6, 17, (1, 0), {"src": "102:304:506:708:90a:b0c:d0e:f10", "dst": "1112:1314:1516:1718:191a:1b1c:1d1e:1f20",
                                 "l4": "udp", "sport": 1, "dport": 0}),
                (4, 1, (0, 0), {"src": "1.2.3.4", "l4": "icmp", "sport": None, "dport": None})):
            value = struct.pack("<BBHHH", family, proto, *ports, 0) + bytes(range(1, 33))
            event(f"TLV TUPLE family {family} protocol {proto}", self.both(no_l3, tlv(1, value)), ["no_l3", "src"],
                  shown, TUPLE_KEYS)
            event(f"TLV TUPLE family {family}: not where the packet has headers", tlv(1, value), [])
        event("TLV TUPLE family 7: none", self.both(no_l3, tlv(1, bytes([7]) + bytes(39))), ["no_l3", "src"],
              {"src": None}, TUPLE_KEYS)
        event("TLV SKB", tlv(3, bytes(range(200))), ["raw_skb"], {"raw_skb": bytes(range(200)).hex()})
        event("TLV CB", tlv(4, bytes(range(9, 57))), ["cb"], {"cb": bytes(range(9, 57)).hex()})
        for kind, name in pwru_reader.PARENTS.items():
            for inferred in (0, 1):
                parent = struct.pack("<QBB", 0xFFFF818283848586, kind, inferred)
                shown = {"parent": "0xffff818283848586"}
                event(f"TLV PARENT kind {name}, inferred {inferred}", tlv(5, parent),
                      ["parent", "parent_kind", "parent_inferred"], {**shown, "parent_kind": name,
                                                                     "parent_inferred": bool(inferred)})
        event("TLV PARENT", tlv(5, parent), ["parent"], shown, ["parent_kind", "parent_inferred"])
        event("TLV unknown: no matter", tlv(77, b"abc"), [])
        for kind, size in ((1, 39), (2, 9), (4, 47), (5, 9)):
            event(f"TLV {kind} too short: damaged, no hit", tlv(kind, bytes(size)), [], lines=-1)

    # FUNC

    def func(self):
        info, event = self.judge.in_info, self.judge.event

        def set_(at, kind, value):
            def change(file):
                for p in file.of(FUNC):
                    if self.get(p, "Q", 8) == self.address:
                        struct.pack_into("<" + kind, p, 4 + at, value)
            return change

        def named(which, value):
            def change(file):
                for p in file.of(FUNC):
                    if self.get(p, "Q", 8) == self.address:
                        rest = [(k, v) for k, v in pwru_reader.tlvs(bytes(p[28:])) if k != which] + [(which, value)]
                        p[28:] = b"".join(struct.pack("<HH", k, len(v)) + self.padded(v) for k, v in rest)
            return change

        also = ("module", "func_address", "attach", "skb_arg", "roles", "ordinal")
        event("FUNC TLV NAME", named(1, b"na\"me"), ["func"], {"func": "na\"me"})
        event("FUNC TLV MODULE", named(2, b"mod"), ["module"], {"module": "mod"})
        # The hits keep their address: none knows it then, unless by the symbols.
        func = [] if self.symbols and self.symbols.at(self.address) else ["func"]
        event("FUNC 8 address", set_(8, "Q", 0x1234), func, None, also)
        event("FUNC 4 tag", set_(4, "I", 0x1234), func, None, also)
        event("FUNC 3 kind: not there", set_(3, "B", 0x77), func, None, also)
        info("FUNC 16 attached", set_(16, "B", 99), ["attach"])
        info("FUNC 17 argument", set_(17, "B", 99), ["skb_arg"])
        for bit in range(9):
            info(f"FUNC 18 role {bit}", lambda file, bit=bit: [struct.pack_into("<H", p, 22, self.get(p, "H", 18) ^ 1 << bit)
                                                               for p in file.of(FUNC)], ["roles"])
        info("FUNC 20 flag 0", lambda file: [struct.pack_into("<I", p, 24, self.get(p, "I", 20) ^ 1)
                                             for p in file.of(FUNC)], ["ordinal"])

    # INFO, NOTE

    def info(self):
        info = self.judge.in_info

        def set_(at, kind, value):
            return lambda file: struct.pack_into("<" + kind, file.of(INFO)[0], 4 + at, value)

        for at in range(12, 24):
            info(f"INFO {at} uuid", set_(at, "B", self.get(File(self.judge.raw).of(INFO)[0], "B", at) ^ 0x99), ["uuid"])
        info("INFO 24 file number", set_(24, "I", 0x81828384), ["part"], {"part": 0x81828384})
        info("INFO 4 tag that is not the uuid's: damaged", set_(4, "I", 5), ["uuid", "part"], {"uuid": None})
        info("INFO 28 no matter", set_(28, "I", 5), [])

    def notes(self):
        info = self.judge.in_info

        def body(kind, change):
            def changed(file):
                for p in file.of(NOTE):
                    if self.get(p, "H", 8) == kind:
                        p[28:] = change(p[28:].decode()).encode()
                        struct.pack_into("<I", p, 16, len(p) - 28)
            return changed

        for value, key in enumerate(pwru_reader.COUNTERS, 0x1_0000_0001):
            info(f"NOTE CLOSE {key}", body(2, lambda t, k=key, v=value: re.sub(rf"^{k}=.*\n", "", t, flags=re.M) +
                                           f"{k}={v}\n"), [key], {key: value})
        info("NOTE CLOSE end", body(2, lambda t: re.sub(r"^end=.*", "end=wh\"y", t, flags=re.M)), ["end"], {"end": "wh\"y"})
        info("NOTE a key unknown", body(2, lambda t: t + "what=9\n"), [])

        def unclosed(file):
            for p in file.of(NOTE):
                if self.get(p, "H", 8) == 2:
                    struct.pack_into("<H", p, 12, 77)
                else:
                    struct.pack_into("<H", p, 12, 1)
                    p[28:] = b"".join(b"%s=5\n" % k.encode() for k in pwru_reader.COUNTERS)
                    struct.pack_into("<I", p, 16, len(p) - 28)

        file, counted = File(self.judge.raw), any(self.get(p, "H", 8) == 1 for p in File(self.judge.raw).of(NOTE))
        info("NOTE 8 type: the counters of COUNTERS where there is no CLOSE", unclosed,
             ["closed", "end"] + (["counters", "notes"] if counted or len(file.of(NOTE)) > 1 else ["counters"]))

    # The snapshot

    def lines(self, kind, pattern, new):
        def change(file):
            records = file.snapshot()
            records[kind] = re.sub(pattern, new, records[kind].decode(), count=1, flags=re.M).encode()
            file.set_snapshot(records)
        return change

    def snapshot(self):
        info, event = self.judge.in_info, self.judge.event
        for key in ("hostname", "release", "machine", "command", "filters", "backend", "buffer", "cpus", "version", "boot_id",
                    "realtime", "monotonic", "boottime", "netns"):
            info(f"HOST {key}", self.lines(1, rf"^{key}=.*", f"{key}=4711=\\\\x"), [key] + ["host"] * (key == "hostname"),
                 {key: "4711=\\x"})
        event("HOST hostname", self.lines(1, "^hostname=.*", "hostname=elsewhere"), ["host"], {"host": "elsewhere"})
        info("KERNEL build_id", self.lines(4, "^build_id=.*", "build_id=4711"), ["build_id"])
        info("KERNEL text", self.lines(4, "^text=.*", "text=4711"), ["text"])
        info("MODULES", self.lines(3, "^([^ ]+) [0-9a-f]+", "\\1 4711"), ["modules"])
        info("INTERFACES", self.lines(6, "^([0-9]+) ([0-9]+) .*", "\\1 \\2 elsewhere"), ["interfaces"])
        info("NETNS", lambda file: file.set_snapshot({**file.snapshot(), 7: b"4711 elsewhere\n"}), ["namespaces"])
        info("PROBES", self.lines(8, "^attached", "failed"), ["attached", "failed", "probe_lines"])
        number = next((n for n in self.reasons if n > 2), None)
        if number:
            other = self.lines(5, f"^{number} .*", f"{number} OTHER")
            event("REASONS", self.both(self.set(76, "I", number), self.flag(3), other), ["reason"], {"reason": "OTHER"},
                  ["reason_code"])
        if self.symbols:
            start = self.symbols.addresses[100]
            caller = self.set(48, "Q", start + 1)

            def renamed(file):
                records = file.snapshot()
                # One symbol, of module 1, instead of all: address, type, module, name.
                records[2] = bytes([start >> 7 * i & 0x7F | 0x80 for i in range(9)]) + bytes([start >> 63]) + b"T\x01only\0"
                records[3] = b"modone 0 0 -\n"
                file.set_snapshot(records)
            event("SYMBOLS", self.both(caller, renamed), CALLER_KEYS,
                  {"caller_func": "only", "caller_offset": 1, "caller_module": "modone"}, ("stack", *CALLER_KEYS))
        lost = {"host", "caller_func", "caller_offset", "caller_module", "reason", "stack"}
        base = [k for k in lost if any(h[k] is not None for h in self.judge.ours)]
        for name, at, kind, value in (("index", 8, "I", 999), ("number", 12, "I", 999), ("length", 16, "I", 5),
                                      ("tag", 4, "I", 5), ("a byte", 1000, "B", 0)):
            event(f"META {name}: no snapshot", lambda f, a=at, k=kind, v=value: struct.pack_into(
                "<" + k, f.of(META)[0], 4 + a, v ^ self.get(f.of(META)[0], k, a) if k == "B" else v), base, None, lost)

        def turned(file):
            for block in file.holders(META):
                block.options.reverse()
        event("META: the order of the file is no matter", turned, [])


def fields(report, raw, just_same):
    with tempfile.TemporaryDirectory() as scratch:
        judge = Judge(report, raw, scratch)
        judge.say("the same hits, in the same order", judge.differ(judge.theirs, judge.ours))
        judge.say("more than 20 hits", None if len(judge.ours) > 20 else len(judge.ours))
        judge.in_info("info --json", lambda _: None, [])
        if just_same:
            return judge.bad
        every = Fields(judge)
        for part in (every.event, every.flags, every.tlvs, every.func, every.info, every.notes, every.snapshot):
            part()
    if judge.waiting:
        print("# read by the reader alone, the report's JSON has no key for it:", *judge.waiting, sep="\n#   ")
    return judge.bad


def main(argv):
    if len(argv) != 4 or argv[1] not in ("big-endian", "little-endian", "swap", "fields", "same"):
        sys.exit(__doc__)
    if argv[1] in ("fields", "same"):
        with open(argv[3], "rb") as f:
            sys.exit(fields(argv[2], f.read(), argv[1] == "same"))
    with open(argv[2], "rb") as f:
        file = File(f.read())
    if argv[1] == "swap":
        swap(file)
    with open(argv[3], "wb") as f:
        f.write(file.bytes(">" if argv[1] == "big-endian" else "<"))


if __name__ == "__main__":
    main(sys.argv)

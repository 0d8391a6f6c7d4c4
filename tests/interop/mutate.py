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
import re
import struct
import sys
import tempfile

import pwru_reader
from pwru_blocks import EPB, EVENT, FUNC, IDB, INFO, META, NOTE, Block, File
from pwru_judge import Judge

def swap(file):
    """Each hit gets the interface of another function; the meta interfaces are left out."""
    functions = [i for i, block in enumerate(b for b in file.blocks if b.kind == IDB) if block.payloads(FUNC)]
    for block in file.holders(EVENT):
        block.head[0] = functions[(functions.index(block.head[0]) + 1) % len(functions)]


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
TUPLE_KEYS = ("src", "dst", "sport", "dport", "l4", "tcp_flags", "flags", "icmp_type", "icmp_id", "icmp_seq",
              "ip_id")
MAC_KEYS = ("src_mac", "dst_mac")
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
        self.close = next(self.get(p, "Q", 16) for p in file.of(NOTE) if self.get(p, "H", 8) == 2)
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
            small = () if key in ("packet", "cpu") else (2 if is_ == 1 else 1,)
            for value in (HEX[size], (1 << 8 * size) - 1, *small):
                also = {"packet": ["number"], "caller": CALLER_KEYS, "CPU": ["time"]}.get(name, [])
                shown = f"{value:#x}" if key in ("skb", "head", "caller", "packet") else value
                event(f"EVENT {at} {name} = {value:#x}", set_(at, kind, value), [key], {key: shown}, also)
        event("EVENT 16 function", set_(16, "Q", 0x1234), ["func", "func_address", "attach", "skb_arg", "roles", "ordinal"],
              {"func": "0x1234"},
              ("func_address", "attach", "skb_arg", "roles", "ordinal", "module"))
        event("EVENT 40 monotonic", set_(40, "Q", 0xFFFF81828384), ["ktime", "time"], {"ktime": 0xFFFF81828384},
              pwru_reader.KEYS + pwru_reader.MORE, ordered=False)
        event("EVENT 56 packet 0", set_(56, "Q", 0), ["packet", "number"], {"packet": "0x0", "number": None})
        no_line = dict.fromkeys(pwru_reader.LINE)
        if self.symbols:
            start = next(a for a, b in zip(self.symbols.addresses, self.symbols.addresses[1:]) if b - a > 64)
            name, module = self.symbols.at(start)
            event("EVENT 48 caller, a symbol", set_(48, "Q", start + 9), CALLER_KEYS,
                  {"caller_func": name, "caller_offset": 9, "caller_module": module}, CALLER_KEYS)
            event("TLV STACK", self.tlv(2, struct.pack("<QQ", start + 9, start + 17)), ["stack"], {"stack": [
                {"addr": f"{start + at:#x}", "func": name, "offset": at, "module": module, **no_line} for at in (9, 17)]})
        event("TLV STACK, no symbol", self.tlv(2, struct.pack("<QQ", 5, 0)), ["stack"], {"stack": [
            {"addr": addr, "func": None, "offset": None, "module": None, **no_line} for addr in ("0x5", "0x0")]})
        # Kernels before 5.17 have no drop reasons.
        number, reason = next(((n, r) for n, r in self.reasons.items() if n > 2), (4, "0x4"))
        event("EVENT 76 drop reason", self.both(set_(76, "I", number), self.flag(3)), ["reason", "reason_code"],
              {"reason": reason}, ["reason_code"])
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
        for bit, key, also in ((0, "end", []), (1, "begin", []), (2, "matched", []), (3, "reason", ["reason_code"]),
                               (4, "synth_l2", MAC_KEYS), (5, "no_l3", TUPLE_KEYS),
                               (6, "unreadable", TUPLE_KEYS + MAC_KEYS),
                               (7, "inferred", []), (8, "no_id", []), (9, "vlan", []), (11, "tx", []), (12, "rx", []),
                               (13, "return", [])):
            event(f"EVENT flag {bit} {key}", self.flag(bit), [key], None, also)
        event("EVENT flag 10 lifecycle: hidden", self.flag(10), [], lines=-1)

    def tlvs(self):
        event, tlv = self.judge.event, self.tlv
        no_l3 = self.flag(5)
        for family, proto, ports, shown in (
                (4, 6, (0x8182, 0x1234), {"src": "1.2.3.4", "dst": "17.18.19.20", "l4": "tcp", "sport": 0x8182,
                                          "dport": 0x1234, "ip_id": None}),
                (6, 17, (1, 0), {"src": "102:304:506:708:90a:b0c:d0e:f10", "dst": "1112:1314:1516:1718:191a:1b1c:1d1e:1f20",
                                 "l4": "udp", "sport": 1, "dport": 0}),
                (4, 1, (0, 0), {"src": "1.2.3.4", "l4": "icmp", "sport": None, "dport": None})):
            value = struct.pack("<BBHHH", family, proto, *ports, 0) + bytes(range(1, 33))
            event(f"TLV TUPLE family {family} protocol {proto}", self.both(no_l3, tlv(1, value)), ["no_l3", "src"],
                  shown, TUPLE_KEYS)
            event(f"TLV TUPLE family {family}: not where the packet has headers", tlv(1, value), [])
        for src, dst, shown in ((b"\xff\xff\1\2\3\4", b"\xff\xff\5\6\7\x08", ("1.2.3.4", "5.6.7.8")),
                                (b"\xff\xff\1\2\3\4", b"", ("1.2.3.4", "0.0.0.0")), (b"", b"", ("::", "::")),
                                (b"\xff\xff\1\2\3\4", b"\1", ("::ffff:1.2.3.4", "::1"))):
            value = struct.pack("<BBHHH", 6, 6, 1, 2, 0) + src.rjust(16, b"\0") + dst.rjust(16, b"\0")
            event(f"TLV TUPLE family 6 of {shown[0]}, {shown[1]}", self.both(no_l3, tlv(1, value)), ["no_l3", "src"],
                  {"src": shown[0], "dst": shown[1], "ip_id": None}, TUPLE_KEYS)
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
        event("TLV PARENT of an unknown kind", tlv(5, struct.pack("<QBB", 5, 99, 0)), ["parent", "parent_inferred"],
              {"parent": "0x5", "parent_kind": None, "parent_inferred": False})
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
        info("FUNC TLV NAME, in info", named(1, b"na\"me"), ["func"], {"func": "na\"me"})
        info("FUNC TLV MODULE, in info", named(2, b"mod"), ["module"], {"module": "mod"})
        info("FUNC 8 address, in info", set_(8, "Q", 0x1234), ["address", "functions"], {"address": "0x1234"})
        info("FUNC 8 address 0: no function", set_(8, "Q", 0), ["functions"])
        info("FUNC 16 attached", set_(16, "B", 99), ["attach"], {"attach": 99})
        info("FUNC 17 argument", set_(17, "B", 99), ["skb_arg"], {"skb_arg": 99})
        for bit in range(11):
            info(f"FUNC 18 role {bit}", set_(18, "H", self.of_func("H", 18) ^ 1 << bit), ["roles"])
        info("FUNC 20 flag 0", set_(20, "I", self.of_func("I", 20) ^ 1), ["ordinal"])
        info("FUNC 20 flag 1", set_(20, "I", self.of_func("I", 20) ^ 2), ["lifecycle"])
        info("FUNC 20 other flags: no matter", set_(20, "I", self.of_func("I", 20) ^ 0xFFFFFFFC), [])

        def twice(file):
            block = next(b for b in file.holders(FUNC) if self.get(b.payloads(FUNC)[0], "Q", 8) == self.address)
            again = Block(IDB, block.bytes()[8:-4], "<")
            again.payloads(FUNC)[0][20] = 99
            file.blocks.insert(1 + max(i for i, b in enumerate(file.blocks) if b.kind == IDB), again)
        info("FUNC of the same address again: the first counts", twice, [])

    def of_func(self, kind, at):
        return next(self.get(p, kind, at) for p in File(self.judge.raw).of(FUNC) if self.get(p, "Q", 8) == self.address)

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

        def set_(kind, at, type_, value):
            def changed(file):
                for p in file.of(NOTE):
                    if self.get(p, "H", 8) == kind:
                        struct.pack_into("<" + type_, p, 4 + at, value)
            return changed

        def body(kind, change):
            def changed(file):
                for p in file.of(NOTE):
                    if self.get(p, "H", 8) == kind:
                        p[28:] = change(p[28:].decode()).encode()
                        struct.pack_into("<I", p, 16, len(p) - 28)
            return changed

        def value(key, to):
            return lambda t: re.sub(rf"^{key}=.*", f"{key}={to}", t, flags=re.M)

        for n, key in enumerate(pwru_reader.COUNTERS, 0x1_0000_0001):
            info(f"NOTE CLOSE {key}", body(2, lambda t, k=key, v=n: re.sub(rf"^{k}=.*\n", "", t, flags=re.M) + f"{k}={v}\n"),
                 [key], {key: n})
        key = pwru_reader.COUNTERS[0]
        info("NOTE CLOSE, a counter that is none: not there", body(2, value(key, "1x")), [key], {key: 0})
        info("NOTE CLOSE end", body(2, value("end", "wh\"y")), ["end"], {"end": "wh\"y"})
        info("NOTE 16 CLOCK_MONOTONIC of CLOSE", set_(2, 16, "Q", self.close + 10**9), ["closed_at"])
        info("NOTE a key unknown", body(2, lambda t: t + "what=9\n"), [])
        info("NOTE a key again: the first counts", body(2, lambda t: t + "end=else\n"), [])
        info("NOTE 10 no matter", set_(2, 10, "H", 0xFFFF), [])
        info("NOTE 12 length of the body", set_(2, 12, "I", 0), ["end", "counters", "nested_countable"])
        info("NOTE 12 a body that is not there: damaged", set_(2, 12, "I", 9999), ["closed", "closed_at", "end", "counters", "nested_countable"])
        for kind, (name, keys) in pwru_reader.NOTES.items():
            upper = name.upper()
            info(f"NOTE {upper} 16 CLOCK_MONOTONIC", set_(kind, 16, "Q", self.close + 10**9), ["ktime", "time"],
                 {"ktime": self.close + 10**9})
            for key in keys:
                new = 4711 if key in pwru_reader.NUMBERS else "el se=1"
                info(f"NOTE {upper} {key}", body(kind, value(key, new)), [key], {key: new})
                info(f"NOTE {upper} without {key}", body(kind, lambda t, k=key: re.sub(rf"^{k}=.*\n", "", t, flags=re.M)),
                     [key], {key: None})
                if key in pwru_reader.NUMBERS:
                    info(f"NOTE {upper} {key}, no number", body(kind, value(key, "1.5")), [key], {key: None})
            info(f"NOTE {upper} 8 type", set_(kind, 8, "H", 77), ["notes"])
            info(f"NOTE {upper} 4 tag", set_(kind, 4, "I", 5), ["captures"])
            info(f"NOTE {upper} 3 kind: not there", set_(kind, 3, "B", 77), ["notes"])
        info("NOTE CLOCK of 4097 bytes: counted", body(6, lambda t: t.ljust(4096, "x") + "\n"), ["notes", "notes_left_out"],
             {"notes_left_out": 1})
        info("NOTE CLOCK of 4096 bytes", body(6, lambda t: t.ljust(4095, "x") + "\n"), [])
        more = [note(5, self.close, b"name=m%d\nstate=loaded\n" % i) for i in range(300)]
        kept = len([p for p in File(self.judge.raw).of(NOTE) if self.get(p, "H", 8) in pwru_reader.NOTES])
        info("NOTEs, 300 more: 256 are shown, the rest counted", lambda file: file.blocks.extend(n(file) for n in more),
             ["notes", "notes_left_out"], {"notes_left_out": 300 + kept - 256})

        def unclosed(file):
            for p in file.of(NOTE):
                if self.get(p, "H", 8) == 2:
                    struct.pack_into("<H", p, 12, 77)
                else:
                    struct.pack_into("<H", p, 12, 1)
                    p[28:] = b"".join(b"%s=5\n" % k.encode() for k in pwru_reader.COUNTERS)
                    struct.pack_into("<I", p, 16, len(p) - 28)

        info("NOTE 8 type: the counters of COUNTERS where there is no CLOSE", unclosed,
             ["closed", "closed_at", "end", "counters", "notes", "nested_countable"])

    # The snapshot

    def lines(self, kind, pattern, new):
        def change(file):
            records = file.snapshot()
            records[kind] = re.sub(pattern, new, records[kind].decode(), count=1, flags=re.M).encode()
            file.set_snapshot(records)
        return change

    def field(self, kind, i, last, new):
        """The i-th word of a record's first line; the last goes to the line's end."""
        skip = "[^ \n]* " * i
        return self.lines(kind, f"\\A({skip})" + ("[^\n]*" if i == last else "[^ \n]*"), f"\\g<1>{new}")

    @staticmethod
    def append(file, kind, value):
        file.set_snapshot({**file.snapshot(), kind: file.snapshot()[kind] + value})

    def symbol_fields(self):
        """SYMBOLS with a few symbols instead of all, around a caller one byte into the first."""
        event, start = self.judge.event, self.symbols.addresses[100]

        def symbol(delta, letter, module, name):
            raw = b"".join(bytes([delta >> 7 * i & 0x7F | 0x80]) for i in range(9)) + bytes([delta >> 63])
            return raw + letter + bytes([module]) + name + b"\0"

        def case(name, symbols, func, offset=1, module="", at=1, cut=0):
            raw = b"".join(symbol(*one) for one in symbols)
            change = self.both(self.set(48, "Q", start + at), lambda file: file.set_snapshot(
                {**file.snapshot(), 2: raw[:len(raw) - cut], 3: b"modone 0 0 -\nbpf 0 0 -\n"}))
            shown = {"caller": f"{start + at:#x}", "caller_func": func, "caller_offset": func and offset,
                     "caller_module": func and module}
            event(f"SYMBOLS {name}", change, CALLER_KEYS, shown, ("func", "module", "stack", *CALLER_KEYS))

        def one(letter, name, module=0, delta=0):
            return delta, letter, module, name

        case("one", [one(b"T", b"only", 0, start)], "only")
        case("address", [one(b"T", b"only", 0, start - 8)], "only", 9)
        case("module", [one(b"T", b"only", 1, start)], "only", 1, "modone")
        case("a module that is not there", [one(b"T", b"only", 3, start)], "only")
        case("at one address, the first", [one(b"T", b"one", 0, start), one(b"T", b"two")], "one")
        for first, second, named in (((b"t", b"one"), (b"T", b"two"), "two"), ((b"t", b"one"), (b"W", b"two"), "two"),
                                     ((b"T", b"__one"), (b"t", b"two"), "two"), ((b"T", b"one.0"), (b"T", b"__two"), "__two"),
                                     ((b"T", b"a.cold"), (b"T", b"b.0"), "b.0"), ((b"T", b"$x"), (b"t", b".cold"), None),
                                     ((b"T", b"__pfx_one"), (b"t", b"__two.cold"), "__two.cold"),
                                     ((b"T", b"__cfi_one"), (b"t", b"two"), "two")):
            case(f"at one address, {first} and {second}", [one(*first, 0, start), one(*second)], named)
        case("16384 bytes into a program of bpf", [one(b"T", b"only", 2, start)], "only", 16385, "bpf", 16385)
        case("16385 bytes into a program of bpf", [one(b"T", b"only", 2, start)], None, at=16386)
        case("1 MiB behind", [one(b"T", b"only", 0, start)], "only", (1 << 20) + 1, at=(1 << 20) + 1)
        case("1 MiB and a byte behind", [one(b"T", b"only", 0, start)], None, at=(1 << 20) + 2)
        case("beyond 64 bits: damaged", [one(b"T", b"only", 0, start), one(b"T", b"more", 0, (1 << 64) - 1)], None)
        case("cut: damaged", [one(b"T", b"only", 0, start), one(b"T", b"more", 0, 64)], None, cut=1)

    def snapshot(self):
        info, event = self.judge.in_info, self.judge.event
        for key in ("hostname", "release", "machine", "command", "filters", "backend", "buffer", "cpus", "version", "boot_id",
                    "realtime", "monotonic", "boottime", "netns"):
            info(f"HOST {key}", self.lines(1, rf"^{key}=.*", f"{key}=4711=\\\\x"), [key] + ["host"] * (key == "hostname"),
                 {key: "4711=\\x"})
        event("HOST hostname", self.lines(1, "^hostname=.*", "hostname=elsewhere"), ["host"], {"host": "elsewhere"})
        info("HOST a key again: the first counts", lambda f: self.append(f, 1, b"hostname=else\n"), [])
        info("HOST without hostname", self.lines(1, "^hostname=.*\n", ""), ["hostname", "host"], {"hostname": ""})
        long = "x" * 3000
        info("HOST command of 3000 bytes", self.lines(1, "^command=.*", f"command={long}"), ["command"], {"command": long})
        for key in ("build_id", "text"):
            info(f"KERNEL {key}", self.lines(4, f"^{key}=.*", f"{key}=4711"), [key], {key: "4711"})
        for i, (key, new, shown) in enumerate((("name", "el", "el"), ("address", "4711", "0x4711"), ("size", "4711", 4711),
                                               ("build_id", "el se", "el se"))):
            info(f"MODULES {key}", self.field(3, i, 3, new), [key], {key: shown})
        for i, (key, new) in enumerate((("netns", "4711"), ("ifindex", "4711"), ("name", "el se"))):
            info(f"INTERFACES {key}", self.field(6, i, 2, new), [key], {key: int(new) if i < 2 else new})
        for i, (key, new) in enumerate((("inode", "4711"), ("name", "el se"))):
            info(f"NETNS {key}", self.field(7, i, 1, new), [key], {key: new if i else 4711})
        told = [line.split(b" ")[0].decode() for line in File(self.judge.raw).snapshot()[8].splitlines()]
        other = "failed" if told[0] != "failed" else "skipped"
        info("PROBES status", self.field(8, 0, 3, other), [told[0], other, "status"], {"status": other})
        for i, key in ((1, "func"), (2, "module")):
            info(f"PROBES {key}", self.field(8, i, 3, "else"), [key], {key: "else"})
        info("PROBES detail", self.lines(8, r"\A([^ \n]* [^ \n]* [^ \n]*).*", r"\1 el se"), ["detail"], {"detail": "el se"})
        info("PROBES module -: the kernel", self.field(8, 2, 3, "-"), [])
        has = sorted({"attached", "failed", "skipped"} & set(told))
        for kind, name, keys in ((3, "MODULES", ["modules"]), (6, "INTERFACES", ["interfaces"]), (7, "NETNS", ["namespaces"]),
                                 (8, "PROBES", ["probe_lines", *has])):
            info(f"{name} not there", lambda f, k=kind: f.set_snapshot({t: v for t, v in f.snapshot().items() if t != k}),
                 keys)
        for kind, line in ((3, b"a 0x5 5 -\nb 5 5x -\nc 5\n\n"), (6, b"5 x\n5 4294967296 x\nx 5 x\n\n"), (7, b"5\n\nx y\n")):
            info(f"a record of type {kind}, lines that do not fit: left out", lambda f, k=kind, v=line: self.append(f, k, v), [])
        info("BTF a byte", lambda f: f.set_snapshot({**f.snapshot(), 9: b"BTF tesT"}), ["btf_crc32"])
        info("BTF length", lambda f: f.set_snapshot({**f.snapshot(), 9: b"BTF test+"}), ["btf_bytes", "btf_crc32"],
             {"btf_bytes": 9})
        info("BTF not there", lambda f: f.set_snapshot({k: v for k, v in f.snapshot().items() if k != 9}),
             ["btf_bytes", "btf_crc32"], {"btf_bytes": 0, "btf_crc32": None})
        info("a record of an unknown type: no matter", lambda f: f.set_snapshot({**f.snapshot(), 99: b"what"}), [])
        number = next((n for n in self.reasons if n > 2), None)
        if number:
            for what, to, shown in (("name", f"{number} OTHER", "OTHER"), ("number", "4711 OTHER", f"{number:#x}")):
                other = self.lines(5, f"^{number} .*", to)
                event(f"REASONS {what}", self.both(self.set(76, "I", number), self.flag(3), other), ["reason"],
                      {"reason": shown}, ["reason_code"])
        if self.symbols:
            self.symbol_fields()
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


def note(kind, ktime, body):
    """A NOTE in a block of its own, for the capture of the file."""
    def block(file):
        new = Block(EPB, file.holders(NOTE)[0].bytes()[8:-4], "<")
        p = new.payloads(NOTE)[0]
        p[12:] = struct.pack("<HHIQ", kind, 0, len(body), ktime) + body
        return new
    return block


def rich(raw):
    """With what a recording does not always have: notes of each type, each record of the snapshot."""
    file = File(raw)
    when = next(Fields.get(p, "Q", 16) for p in file.of(NOTE) if Fields.get(p, "H", 8) == 2)
    for kind, (_, keys) in pwru_reader.NOTES.items():
        body = "".join(f"{key}={i + 1}\n" for i, key in enumerate(keys)).encode()
        file.blocks.append(note(kind, when - kind, body)(file))
    # Each type once, so that what a test changes is one note; and the counters by CLOSE alone.
    seen = {}
    for block in file.blocks:
        for p in block.payloads(NOTE):
            seen.setdefault(Fields.get(p, "H", 8), []).append(block)
    drop = seen.pop(1, []) + [b for kind, all_ in seen.items() if kind in pwru_reader.NOTES for b in all_[:-1]]
    file.blocks = [b for b in file.blocks if not any(b is d for d in drop)]
    file.set_snapshot({7: b"4026531840 one\n", **file.snapshot(), 9: b"BTF test"})
    return file.bytes()


def fields(report, raw, just_same):
    with tempfile.TemporaryDirectory() as scratch:
        judge = Judge(report, raw if just_same else rich(raw), scratch)
        judge.say("the same hits, in the same order", judge.differ(judge.theirs, judge.ours))
        judge.say("more than 20 hits", None if len(judge.ours) > 20 else len(judge.ours))
        judge.in_info("info --json", lambda _: None, [])
        if just_same:
            return judge.bad
        every = Fields(judge)
        for part in (every.event, every.flags, every.tlvs, every.func, every.info, every.notes, every.snapshot):
            part()
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

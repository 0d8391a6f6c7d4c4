# SPDX-License-Identifier: GPL-2.0-only
"""A capture taken apart to be changed and put together again: mutate.py's. Shares nothing with pwru_reader.py."""
import struct
import zlib

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

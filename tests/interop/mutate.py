#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""mutate.py big-endian|little-endian|swap FILE OUT: a capture written anew.

big-endian   each header and option in the other byte order, the payloads as they are; little-endian: back
swap         each hit says an interface id that is not its function's
"""
import struct
import sys
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

    def payload(self, kind):
        """The option of ours of that kind, or None; a bytearray that can be changed. Its first 4 bytes are the PEN."""
        for code, value in self.options:
            if code == OPT_CUSTOM and value[4:6] == b"PW" and value[7] == kind:
                return value
        return None


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
        return [p for p in (block.payload(kind) for block in self.blocks) if p is not None]

    def holders(self, kind):
        return [block for block in self.blocks if block.payload(kind) is not None]

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
        """Into as many pieces as there were; smaller ones."""
        raw = b"".join(struct.pack("<II", kind, len(value)) + value for kind, value in records.items())
        whole, metas = zlib.compress(raw, 1), self.of(META)
        width = -(-len(whole) // len(metas))
        for i, p in enumerate(sorted(metas, key=lambda p: struct.unpack_from("<I", p, 12)[0])):
            p[12:] = struct.pack("<III", i, len(metas), len(raw)) + whole[i * width:(i + 1) * width]


def swap(file):
    """Each hit gets the interface of another function; the meta interfaces are left out."""
    functions = [i for i, block in enumerate(b for b in file.blocks if b.kind == IDB) if block.payload(FUNC)]
    for block in file.holders(EVENT):
        block.head[0] = functions[(functions.index(block.head[0]) + 1) % len(functions)]


def main(argv):
    if len(argv) != 4 or argv[1] not in ("big-endian", "little-endian", "swap"):
        sys.exit(__doc__)
    with open(argv[2], "rb") as f:
        file = File(f.read())
    if argv[1] == "swap":
        swap(file)
    with open(argv[3], "wb") as f:
        f.write(file.bytes(">" if argv[1] == "big-endian" else "<"))


if __name__ == "__main__":
    main(sys.argv)

# SPDX-License-Identifier: GPL-2.0-only
"""The snapshot of a capture, and the text in it and in notes: pwru_reader.py's."""
import bisect
import functools
import re
import struct
import zlib

HOST, SYMBOLS, MODULES, KERNEL, REASONS, INTERFACES, NETNS, PROBES, BTF = range(1, 10)


def text(raw):
    """UTF-8; each byte that is none is told as U+FFFD."""
    return "".join("\ufffd" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in raw.decode("utf-8", "surrogateescape"))


def lines(raw):
    return raw.split(b"\n")[:-1] if raw.endswith(b"\n") else raw.split(b"\n") if raw else []


def pairs(raw):
    """Of several lines of one key the first counts."""
    both = [line.split(b"=", 1) for line in lines(raw) if b"=" in line]
    return {text(key): text(value) for key, value in reversed(both)}


def number(raw, limit=1 << 64):
    """None: no decimal number below the limit."""
    return int(raw) if re.fullmatch(r"[0-9]+", raw) and int(raw) < limit else None


def fields(raw, *keys):
    """Lines as objects; those that do not fit are left out. A key is a name, or (name, how to read it)."""
    for line in lines(raw):
        words = [text(word) for word in line.split(b" ", len(keys) - 1)]
        found = [(key, word) if isinstance(key, str) else (key[0], key[1](word)) for key, word in zip(keys, words)]
        if len(found) == len(keys) and all(value is not None for _, value in found):
            yield dict(found)


def small(raw):
    return number(raw, 1 << 32)


def hexadecimal(raw):
    return f"{int(raw, 16):#x}" if re.fullmatch(r"[0-9a-f]{1,16}", raw) else None


class Symbols:
    # What a compiler or the kernel makes of a name.
    PREFIXES = ("__SCT__", "__SCK__", "__pfx_", "__cfi_", "__kstrtab", "__ksymtab")

    def __init__(self, raw, modules):
        self.addresses, self.names, best = [], [], 0
        for address, letter, module, name in self.walk(raw):
            if not name or name[:1] in (b"$", b"."):
                continue
            rank = 20 * sum(name.startswith(prefix.encode()) for prefix in self.PREFIXES)
            rank += 10 if b".cold" in name else 4 if b"." in name else 0
            rank += 2 * name.startswith(b"__") + (letter not in b"TW")
            if self.addresses and self.addresses[-1] == address:
                if rank >= best:
                    continue
                self.addresses.pop()
                self.names.pop()
            best = rank
            self.addresses.append(address)
            self.names.append((text(name), modules[module - 1] if 0 < module <= len(modules) else ""))

    @staticmethod
    def walk(raw):
        """(address, type letter, module, name) of each."""
        at = address = 0

        def varint():
            nonlocal at
            value = shift = 0
            while True:
                byte = raw[at]
                at += 1
                value |= (byte & 0x7F) << shift
                shift += 7
                if not byte & 0x80:
                    return value

        while at < len(raw):
            address += varint()
            letter = raw[at:at + 1]
            at += 1
            module = varint()
            end = raw.index(0, at)
            if address >> 64:
                raise ValueError("addresses beyond 64 bits")
            yield address, letter, module, raw[at:end]
            at = end + 1

    def at(self, address):
        """(name, module) of the symbol that begins there."""
        i = bisect.bisect_left(self.addresses, address)
        return self.names[i] if i < len(self.addresses) and self.addresses[i] == address else None

    def find(self, address):
        """(name, module, offset) for a return address: of the symbol that holds the byte before it."""
        i = bisect.bisect_right(self.addresses, address - 1) - 1
        if i < 0 or address - 1 - self.addresses[i] > (16384 if self.names[i][1] == "bpf" else 1 << 20):
            return None
        return (*self.names[i], address - self.addresses[i])


@functools.lru_cache(maxsize=4)
def symbols_of(raw, modules):
    """None where they are damaged."""
    try:
        return Symbols(raw, modules)
    except (IndexError, ValueError):
        return None


class Snapshot:
    def __init__(self, raw):
        self.records, at = {}, 0
        while at + 8 <= len(raw):
            kind, size = struct.unpack_from("<II", raw, at)
            self.records[kind] = raw[at + 8:at + 8 + size]
            at += 8 + size
        get = self.records.get
        self.host = pairs(get(HOST, b""))
        self.kernel = pairs(get(KERNEL, b""))
        self.modules = list(fields(get(MODULES, b""), "name", ("address", hexadecimal), ("size", number), "build_id"))
        self.module_names = tuple(text(line.split(b" ")[0]) for line in lines(get(MODULES, b"")))
        self.reasons = {line["number"]: line["name"] for line in fields(get(REASONS, b""), ("number", small), "name")}
        self.interfaces = list(fields(get(INTERFACES, b""), ("netns", small), ("ifindex", small), "name"))
        self.netns = list(fields(get(NETNS, b""), ("inode", small), "name"))
        self.probes = []
        for line in lines(get(PROBES, b"")):
            words = [text(word) for word in line.split(b" ", 3)]
            words[2:3] = ["" if word == "-" else word for word in words[2:3]]
            self.probes.append(dict(zip(("status", "func", "module", "detail"), words + [""] * 3)))

    @functools.cached_property
    def symbols(self):
        return symbols_of(self.records[SYMBOLS], self.module_names) if self.records.get(SYMBOLS) else None


@functools.lru_cache(maxsize=4)
def snapshot_of(compressed, size):
    try:
        raw = zlib.decompressobj().decompress(compressed, size + 1)
    except zlib.error:
        raw = b""
    return Snapshot(raw if len(raw) == size else b"")

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""hostile.py NAME: writes a capture that is made to cost memory or time to standard output. From FORMAT.md and the pcapng draft."""
import struct
import sys
import zlib

PEN = 32473
TAG = b"\xaa\xbb\xcc\xdd"
UUID = TAG + b"0123456789ab"
MIB = 1 << 20


def pad(data):
    return data + b"\0" * (-len(data) % 4)


def block(kind, body):
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def option(code, value):
    return struct.pack("<HH", code, len(value)) + pad(value)


def ours(kind, body, tag=TAG):
    return option(2989, struct.pack("<I", PEN) + b"PW\1" + bytes([kind]) + tag + body)


def shb(options=b""):
    return block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options)


def idb(options=b""):
    return block(1, struct.pack("<HHI", 1, 0, 0) + options)


def epb(interface, ns, data=b"\0" * 12 + b"\x88\xb5", options=b""):
    head = struct.pack("<IIIII", interface, ns >> 32, ns & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + pad(data) + options)


def func(addr, name):
    return idb(option(2, name) + option(9, b"\x09") + ours(3, struct.pack("<QBBHIHH", addr, 1, 0, 0, 0, 1, len(name)) + pad(name)))


def event(packet=1, ktime=1, seq=1, cpu=0, addr=0x1000, flags=0x24, tag=TAG, **ids):
    fixed = struct.pack("<IHH", flags, 160, 0x0800)
    fixed += struct.pack("<QQQQQQQ", addr, ids.get("skb", 1), 0, ktime, 0, packet, seq)
    fixed += struct.pack("<IIIIIIII", 0, 0, ids.get("netns", 1), ids.get("ifindex", 1), 0, 1, 1, 64)
    fixed += struct.pack("<IHHIIHHHH", 1500, cpu, 0, 0, 0, 0, 0, 0, 0)
    return ours(4, fixed + ids.get("comm", b"x").ljust(16, b"\0") + ids.get("ifname", b"eth0").ljust(16, b"\0"), tag)


def hit(clock=1700000000 * 10**9, interface=1, **fields):
    return epb(interface, clock + fields.get("ktime", 1), options=event(**fields))


def meta(raw_len, stream, tag=TAG):
    pieces = [stream[i : i + 65000] for i in range(0, len(stream), 65000)]
    out = b""
    for i in range(0, len(pieces), 4):
        out += idb(
            b"".join(ours(2, struct.pack("<III", k, len(pieces), raw_len) + pieces[k], tag) for k in range(i, min(i + 4, len(pieces))))
        )
    return out


def head():
    return shb(ours(1, UUID + b"\0" * 8)) + idb() + func(0x1000, b"ip_rcv")


def zeros(size):
    """A zlib stream of so many zeros, without having them."""
    z = zlib.compressobj(9)
    return b"".join(z.compress(bytes(MIB)) for _ in range(size // MIB)) + z.compress(bytes(size % MIB)) + z.flush()


def interfaces(n):
    yield shb() + idb() * n + epb(n - 1, 1)


def sections(n):
    yield from (shb() + idb() + epb(0, 1) for _ in range(n))


def pwru_interfaces(n):
    yield head()
    yield from (func(0x2000 + i, b"f%d" % i) for i in range(n))
    yield hit()


def pwru_sections(n):
    yield from (head() + hit(seq=i + 1, packet=i + 1, ktime=i) for i in range(n))


def backwards(n, cpus=1, packets=1):
    """Each hit is before the one that stands before it."""
    yield head()
    yield from (hit(ktime=(n - i) * 1000, seq=n - i, cpu=i % cpus, packet=1 + i % packets) for i in range(n))


def absurd_ids(n):
    """Each number is as large as it can be, and no two are the same."""
    yield head()
    for i in range(n):
        big = (1 << 64) - 1 - i
        yield hit(packet=big, seq=big, addr=big, skb=big, netns=big & 0xFFFFFFFF, ifindex=big & 0xFFFFFFFF, ktime=i)


def absurd_cpus(n):
    yield head()
    yield from (hit(cpu=i & 0xFFFF, packet=i + 1, ktime=i) for i in range(n))


def absurd_captures(n):
    yield head()
    yield from (hit(tag=struct.pack("<I", i), packet=1, ktime=i) for i in range(n))


def many_hits(n):
    """A capture of an ordinary kind: packets of ten hits, on four CPUs."""
    yield head()
    for i in range(n):
        flags = 0x24 | 2 * (i % 10 == 0) | (i % 10 == 9)
        yield hit(ktime=i * 1000, seq=1 + i // 4, cpu=i % 4, packet=1 + i // 10, flags=flags)


def many_notes(n):
    yield head() + hit()
    for i in range(n):
        body = b"name=m%d\nstate=loaded\n" % i
        yield epb(0, i, options=ours(5, struct.pack("<HHIQ", 5, 0, len(body), i) + body))


def absurd_times(n):
    yield head()
    yield from (hit(clock=0, ktime=((1 << 63) - 1 - i) if i % 2 else i, seq=i + 1, packet=i + 1) for i in range(n))


def absurd_names(n):
    yield head()
    yield from (hit(comm=b"%d" % i, ifname=b"i%d" % i, seq=i + 1, packet=i + 1, ktime=i) for i in range(n))


def interface_nowhere():
    yield head() + hit() + epb(0xFFFFFFFF, 1)


def meta_more_than_stated():
    yield shb(ours(1, UUID + b"\0" * 8)) + meta(1000, zeros(200 * MIB)) + func(0x1000, b"ip_rcv") + hit()


def meta_bomb():
    """Within all lengths, but a thousand times its compressed one."""
    yield shb(ours(1, UUID + b"\0" * 8)) + meta(200 * MIB, zeros(200 * MIB)) + func(0x1000, b"ip_rcv") + hit()


def meta_over_limit():
    yield shb(ours(1, UUID + b"\0" * 8)) + meta(256 * MIB + 1, zeros(256 * MIB + 1)) + func(0x1000, b"ip_rcv") + hit()


def length_over_limit():
    yield head() + hit() + struct.pack("<II", 6, 256 * MIB + 4) + bytes(MIB)


def length_not_there():
    yield head() + hit() + struct.pack("<II", 6, 256 * MIB) + bytes(4 * MIB)


def large_block(mib):
    yield head() + hit()
    length = struct.pack("<I", mib * MIB)
    yield struct.pack("<I", 0x80001234) + length
    for _ in range(mib - 1):
        yield bytes(MIB)
    yield bytes(MIB - 12) + length + hit(seq=2)


def many_packets(n):
    yield head()
    packet = epb(0, 1, bytes(200))
    for _ in range(n // 1000):
        yield packet * 1000


def option_flood(n):
    yield head()
    yield epb(0, 1, options=option(1, b"") * n)


CASES = {
    "interfaces": lambda: interfaces(100000),
    "sections": lambda: sections(1000000),
    "pwru-interfaces": lambda: pwru_interfaces(100000),
    "pwru-sections": lambda: pwru_sections(50000),
    "backwards": lambda: backwards(100000),
    "backwards-cpus": lambda: backwards(100000, 64, 1000),
    "absurd-ids": lambda: absurd_ids(50000),
    "absurd-cpus": lambda: absurd_cpus(65536),
    "absurd-captures": lambda: absurd_captures(5000),
    "many-hits": lambda: many_hits(500000),
    "many-notes": lambda: many_notes(500000),
    "absurd-times": lambda: absurd_times(50000),
    "absurd-names": lambda: absurd_names(50000),
    "interface-nowhere": interface_nowhere,
    "meta-more-than-stated": meta_more_than_stated,
    "meta-bomb": meta_bomb,
    "meta-over-limit": meta_over_limit,
    "length-over-limit": length_over_limit,
    "length-not-there": length_not_there,
    "large-block": lambda: large_block(100),
    "many-packets": lambda: many_packets(1000000),
    "option-flood": lambda: option_flood(1000000),
}

for part in CASES[sys.argv[1]]():
    sys.stdout.buffer.write(part)

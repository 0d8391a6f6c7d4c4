#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""scrub_scene.py capture|seed|hostile|send: what the suite scrub works on.

capture  a capture on standard output in which every field has a secret, and packets of every kind, from common/FORMAT.md
seed     the same with less of each kind, for the fuzzers
hostile  the same with terminal escapes, C1 controls, bidi controls and broken UTF-8 in every string
send     sends UDP with a marker to itself, over IPv4 and IPv6, as a process with a name of its own
"""
import random
import socket
import struct
import sys
import zlib

MARKER = b"marker-of-the-payload"
TEXT, SKB = 0xFFFFFFFFAB200000, 0xFFFF9E01AABBCC00
TAG = b"\x9a\xbc\xde\xf1"
HOSTILE = "\x1b[31mred\x1b]0;t\x07\r\x7f\u009b1m\u202eabc\u2066\u061c".encode() + b"\xff\xc3\x9b2J=cmd"


def pad(data):
    return data + b"\0" * (-len(data) % 4)


def block(kind, body):
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def option(code, value):
    return struct.pack("<HH", code, len(value)) + pad(value)


def ours(kind, body):
    return option(2989, struct.pack("<I", 32473) + b"PW\1" + bytes([kind]) + TAG + body)


def tlv(kind, value):
    return struct.pack("<HH", kind, len(value)) + pad(value)


def idb(name, payload):
    return block(1, struct.pack("<HHI", 1, 0, 0) + option(2, name) + option(3, name) + option(9, b"\x09") + payload)


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


# ---- packets ----

def ether(kind, data, tags=b""):
    return b"\x52\x54\x00\xab\xcd\xef" + b"\x52\x54\x00\x12\x34\x56" + tags + struct.pack(">H", kind) + data


def ip4(src, dst, proto, data, options=b"", fragment=0):
    words = 5 + len(options) // 4
    return struct.pack(">BBHHHBBH", 0x40 | words, 0, words * 4 + len(data), 777, fragment, 64, proto, 0xABCD) + src + dst + options + data


def ip6(src, dst, proto, data):
    return struct.pack(">IHBB", 0x600ABCDE, len(data), proto, 64) + src + dst + data


TCP = struct.pack(">HHIIBBHHH", 4711, 443, 0x11223344, 0x55667788, 0xA0, 0x18, 512, 0xBEEF, 0)
TCP += bytes.fromhex("0101080a9988776655443322 04020000 2202abcd"[:40].replace(" ", ""))
UDP = struct.pack(">HHHH", 5353, 53, 8 + len(MARKER), 0xBEEF) + MARKER
ECHO = struct.pack(">BBHHH", 8, 0, 0xBEEF, 12, 34) + MARKER
REDIRECT = struct.pack(">BBH", 5, 1, 0xBEEF) + bytes([10, 20, 30, 40]) + MARKER


def frames(pairs):
    r = random.Random(1)

    def v4():
        return bytes([r.choice((10, 10, 10, 172, 192, 100, 8, 223))]) + r.choice((b"\x01\x02", r.randbytes(2))) + r.randbytes(1)

    def v6():
        return r.choice((b"\x20\x01\x0d\xb8", b"\xfd\x12\x34\x56", b"\xfe\x80\0\0")) + r.choice((bytes(4), b"\0\1\0\2")) + r.randbytes(8)

    for _ in range(pairs):
        yield ether(0x0800, ip4(v4(), v4(), 6, TCP + MARKER))
        yield ether(0x86DD, ip6(v6(), v6(), 17, UDP))
    fixed = [bytes(x) for x in ((0, 0, 0, 0), (127, 0, 0, 1), (127, 0, 0, 53), (169, 254, 9, 9), (224, 0, 0, 251), (239, 1, 2, 3), (255,) * 4)]
    for address in fixed:
        yield ether(0x0800, ip4(v4(), address, 17, UDP))
    for address in (bytes(16), bytes(15) + b"\1", b"\xff\2" + bytes(13) + b"\1", b"\xff\2" + bytes(9) + b"\1\xff\x12\x34\x56"):
        yield ether(0x86DD, ip6(v6(), address, 17, UDP))
    yield ether(0x0800, ip4(v4(), v4(), 1, ECHO))
    yield ether(0x0800, ip4(v4(), v4(), 1, REDIRECT))
    yield ether(0x0800, ip4(v4(), v4(), 17, UDP, b"\x07\x07\x04" + v4() + b"\0"))
    yield ether(0x0800, ip4(v4(), v4(), 17, MARKER, b"", 100))
    yield ether(0x0800, ip4(v4(), v4(), 17, struct.pack(">HHHH", 4000, 4789, 79, 0) + bytes(8) + ether(0x0800, ip4(v4(), v4(), 17, UDP))))
    yield ether(0x0800, ip4(v4(), v4(), 47, bytes(4) + ip4(v4(), v4(), 17, UDP)))
    yield ether(0x0800, ip4(v4(), v4(), 17, UDP), b"\x81\x00\x00\x2a")
    yield ether(0x86DD, ip6(v6(), v6(), 43, b"\x11\x02\x00\x01" + bytes(4) + v6() + UDP))
    yield ether(0x86DD, ip6(v6(), v6(), 0, b"\x3a\x00\x05\x02\0\0\1\0" + struct.pack(">BBHI", 135, 0, 0xBEEF, 0) + v6() + MARKER))
    yield ether(0x0806, b"\0\1\x08\0\x06\x04\0\1" + b"\x52\x54\0\x77\x88\x99" + v4() + bytes(6) + v4())
    yield ether(0x88CC, MARKER)
    for n in (14, 20, 33, 34, 38, 46, 50):  # cut anywhere
        yield ether(0x0800, ip4(v4(), v4(), 6, TCP))[:n]


# ---- the file ----

def capture(word, pairs=60):
    """word(text): text as it stands in the file. pairs: of packets with addresses by chance."""
    functions = [(TEXT + 0x1000 * i, word(name), word(module)) for i, (name, module) in
                 enumerate([("ip_rcv", ""), ("kfree_skb_reason", ""), ("secret_hook", "secretmod")], 1)]
    functions[2] = (0xFFFFFFFFC0ABC100,) + functions[2][1:]
    symbols, at = b"", 0
    for address, name, module in [(TEXT, b"_text", b"")] + functions:
        symbols += varint(address - at) + b"T" + varint(1 if module else 0) + name + b"\0"
        at = address
    host = {b"release": word("6.1.0-22-amd64"), b"machine": b"x86_64", b"hostname": word("secret-host"), b"boot_id": word("boot-secret"),
            b"command": word("pwru-record secret command"), b"filters": word("host 10.1.2.3"), b"version": word("#1 builder@secret"),
            b"backend": word("kprobe-multi"), b"buffer": word("ring"), b"cpus": b"2", b"netns": b"4026531840"}
    records = {
        1: b"".join(k + b"=" + v + b"\n" for k, v in host.items()), 2: symbols,
        3: word("secretmod") + b" ffffffffc0abc000 16384 0123abcd\n" + word("othersecret") + b" ffffffffc0bbb000 4096 -\n",
        4: b"build_id=00112233\ntext=%x\n" % TEXT, 5: b"2 SKB_DROP_REASON_" + word("NOT_SPECIFIED") + b"\n",
        6: b"4026531840 2 " + word("secret0") + b"\n4026531999 3 " + word("unused0") + b"\n", 7: b"4026531840 " + word("secretns") + b"\n",
        8: b"attached ip_rcv -\nfailed hidden_func othersecret no\nskipped f - " + word("why") + b"\n", 9: b"\x9f\xeb\1\0BTFBTFBTF"}
    raw = b"".join(struct.pack("<II", k, len(v)) + v for k, v in records.items())
    yield block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + option(2, word("x86_64")) + option(4, word("pwru-record 0.1")) +
                ours(1, TAG + b"0123456789ab" + bytes(8)))
    yield idb(b"pwru-meta-0", ours(2, struct.pack("<III", 0, 1, len(raw)) + zlib.compress(raw)))
    for address, name, module in functions:
        yield idb(name, ours(3, struct.pack("<QBBHI", address, 1, 0, 8 if b"kfree" in name else 0, 0) + tlv(1, name) + (tlv(2, module) if module else b"")))
    yield idb(b"pwru-other", ours(3, struct.pack("<QBBHI", 0, 1, 0, 0, 0) + tlv(1, b"pwru-other")))
    n = 0
    for packet, frame in enumerate(frames(pairs), 1):
        for step, (address, _, _) in enumerate(functions[i] for i in ((0, 2, 1) if pairs > 1 else (0,))):
            n += 1
            yield event(word, n, packet, step, address, frame)
    for kind, body in ((3, b"inode=4026531840\nname=" + word("latesecret") + b"\n"),
                       (4, b"netns=4026531840\nifindex=2\nname=" + word("laterif0") + b"\n"),
                       (5, b"name=" + word("othersecret") + b"\nstate=" + word("loaded") + b"\n"),
                       (2, b"recorded=%d\nend=" % n + word("SIGINT") + b"\nsecret=1\n")):
        yield packet_block(0, 10**9, bytes(12) + b"\x88\xb5", option(1, word("comment of a note")) +
                           ours(5, struct.pack("<HHIQ", kind, 0, len(body), 10**9) + body))


def packet_block(interface, ktime, data, options):
    when = 1_700_000_000 * 10**9 + ktime
    return block(6, struct.pack("<IIIII", interface, when >> 32, when & 0xFFFFFFFF, len(data), len(data) + 100) + pad(data) + options)


def event(word, n, packet, step, address, frame):
    flags = 4 | (2 if step == 0 else 0) | (9 if step == 2 else 0)
    skb = SKB + 0x100 * packet
    ktime = 1000 * n
    fixed = struct.pack("<IHH", flags, 160, 0x0800)
    fixed += struct.pack("<7Q", address, skb, skb ^ 0x5550000, ktime, TEXT + 0x1055, packet, n)
    fixed += struct.pack("<IIIIIIIII", 0, 2, 4026531840, 2, 9, 31337, 31338, 100, 1500)
    fixed += struct.pack("<HHIIHHHH", 0, 0, 0, 0xCAFEBABE, 0, 65535, 0, 65535) + word("secretcomm")[:16].ljust(16, b"\0") + word("secret0")[:16].ljust(16, b"\0")
    fixed += tlv(1, struct.pack("<BBHHH", 6, 17, 5, 6, 0) + bytes(10) + b"\xff\xff\x0a\x01\x02\x63" + bytes(10) + b"\xff\xff\x0a\x01\x03\x63")
    fixed += tlv(2, struct.pack("<QQQ", TEXT + 0x1055, 0xFFFFFFFFC0ABC123, 0xFFFFFFFFD1234567)) + tlv(3, bytes(range(1, 200))) + tlv(4, bytes(range(100, 148)))
    if step == 1:
        fixed += tlv(5, struct.pack("<QBB", 0xFFFF9E0177777740, 7, 0) + b"\0\0")
    return packet_block(1 + (0, 2, 1)[step], ktime, frame, option(1, word("comment") + b" 10.1.2.3 secretcomm") + option(5, struct.pack("<Q", packet)) + ours(4, fixed))


def send():
    with open("/proc/self/comm", "w", encoding="ascii") as f:
        f.write("secretcomm")
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.bind((address, 0))
            for _ in range(5):
                s.sendto(MARKER * 3, s.getsockname())
                s.recv(4096)


if __name__ == "__main__":
    if sys.argv[1:] == ["send"]:
        send()
    else:
        for part in capture({"capture": str.encode, "seed": str.encode, "hostile": lambda text: text.encode() and HOSTILE + text.encode()}[sys.argv[1]],
                            1 if sys.argv[1] == "seed" else 60):
            sys.stdout.buffer.write(part)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""interleave.py FILE DIR SEED: many copies of a capture's packets at once, on four CPUs, the file written in several ways.

DIR/sorted.pcapng has the hits in order of time; DIR/rounds-N.pcapng as a recorder would write them that drains one buffer a
CPU, in rounds, in any order and never at the same moment; DIR/late.pcapng with one CPU's hits behind all others, further than
a reader can wait for them.
"""
import random
import re
import struct
import sys

from pwru_blocks import EPB, EVENT, NOTE, OPT_CUSTOM, Block, File

CPUS, COPIES, ROUND_NS, FILES = 4, 12, 40_000_000, 6
PARENT, TO_QUEUE = 5, (7, 8)


def get(payload, kind, at):
    return struct.unpack_from("<" + kind, payload, 4 + at)[0]


def put(payload, kind, at, value):
    struct.pack_into("<" + kind, payload, 4 + at, value)


def set_time(block, ktime, clock):
    when = ktime + clock
    block.head[1], block.head[2] = when >> 32, when & 0xFFFFFFFF


def tlvs(payload):
    """(offset of the value, type) of each, from the payload's first byte."""
    at = get(payload, "H", 12)
    while at + 8 <= len(payload):
        kind, size = get(payload, "H", at), get(payload, "H", at + 2)
        yield at + 4, kind
        at += 4 + (size + 3) // 4 * 4


def copy_of(block, n, shift, clock):
    """The block's hit in the nth copy: other packets, other addresses, later."""
    new = Block(EPB, block.bytes()[8:-4], "<")
    payload = new.payloads(EVENT)[0]
    for at in (24, 32):
        put(payload, "Q", at, get(payload, "Q", at) + (n << 40))
    packet = get(payload, "Q", 56)
    put(payload, "Q", 56, packet and packet + n * 100_000)
    put(payload, "Q", 40, get(payload, "Q", 40) + shift)
    put(payload, "I", 72, 0)
    set_time(new, get(payload, "Q", 40), clock)
    for option in new.options:
        if option[0] == 5:
            option[1] = bytearray(struct.pack("<Q", packet and packet + n * 100_000))
    for at, kind in tlvs(payload):
        if kind == PARENT:
            more = n << 40 if payload[4 + at + 8] in TO_QUEUE else n * 100_000
            put(payload, "Q", at, get(payload, "Q", at) + more)
    return new


def clock_of(block):
    return (block.head[1] << 32 | block.head[2]) - get(block.payloads(EVENT)[0], "Q", 40)


def ktime(block):
    return get(block.payloads(EVENT)[0], "Q", 40)


def cpu(block):
    return get(block.payloads(EVENT)[0], "H", 108)


def spread(hits, rng):
    """Packets move between the CPUs now and then; each CPU counts its own."""
    where, numbers = {}, [0] * CPUS
    for block in hits:
        payload = block.payloads(EVENT)[0]
        packet = get(payload, "Q", 56)
        if packet not in where or rng.random() < 0.1:
            where[packet] = rng.randrange(CPUS)
        numbers[where[packet]] += 1
        put(payload, "H", 108, where[packet])
        put(payload, "Q", 64, numbers[where[packet]])


def closing(notes, count, last, clock):
    """The CLOSE note, which counts what there is now."""
    block = next(b for b in notes if get(b.payloads(NOTE)[0], "H", 8) == 2)
    payload = block.payloads(NOTE)[0]
    body = re.sub(rb"recorded=\d+", b"recorded=%d" % count, bytes(payload[28:28 + get(payload, "I", 12)]))
    new = payload[:28] + body
    put(new, "I", 12, len(body))
    put(new, "Q", 16, last)
    block.options = [[code, new if value is payload else value] for code, value in block.options if code == OPT_CUSTOM]
    set_time(block, last, clock)
    return block


def in_rounds(hits, rng):
    queues = [[b for b in hits if cpu(b) == i] for i in range(CPUS)]
    at, out = ktime(hits[0]), []
    while any(queues):
        at += rng.randrange(1, ROUND_NS)
        for i in rng.sample(range(CPUS), CPUS):
            drained = at + rng.randrange(ROUND_NS // 10)
            n = sum(1 for b in queues[i] if ktime(b) <= drained)
            out += queues[i][:n]
            queues[i] = queues[i][n:]
    return out


def main(path, to, seed):
    rng = random.Random(seed)
    with open(path, "rb") as file:
        old = File(file.read())
    hits, notes = old.holders(EVENT), old.holders(NOTE)
    head = [b for b in old.blocks if b.kind != EPB]
    clock, span = clock_of(hits[0]), max(map(ktime, hits)) - min(map(ktime, hits))
    shifts = sorted(rng.randrange(span + COPIES) for _ in range(COPIES))
    hits = sorted((copy_of(b, n, shift, clock) for n, shift in enumerate(shifts) for b in hits), key=ktime)
    spread(hits, rng)
    hits.sort(key=lambda b: (ktime(b), cpu(b), get(b.payloads(EVENT)[0], "Q", 64)))
    end = closing(notes, len(hits), ktime(hits[-1]) + 1, clock)
    ways = {"sorted": hits, "late": [b for b in hits if cpu(b)] + [b for b in hits if not cpu(b)]}
    ways.update((f"rounds-{n}", in_rounds(hits, rng)) for n in range(FILES))
    for name, order in ways.items():
        with open(f"{to}/{name}.pcapng", "wb") as file:
            file.write(b"".join(b.bytes() for b in [*head, *order, end]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

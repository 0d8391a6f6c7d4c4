#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""rotated.py row|part FILE...: what the files of one recording must have in common, by common/FORMAT.md, read by pwru_reader.py.

row      the files, in order, are all of a recording: each begins where the one before ended, no hit is missing but those
         told as lost, none is there twice, and the last CLOSE has counted them all
part     each file by itself: from where it says that it begins no hit is missing but those told as lost

Prints a line of JSON for each file: number, hits, lost (between its hits), bytes (of its hits), from, to (ns).
"""
import json
import sys

import options
import pwru_reader

COUNTERS, CLOSE, PART = 1, 2, 7


def fail(name, what):
    sys.exit(f"{name}: {what}")


def base_of(body):
    """{cpu: (number, lost)} and the hits recorded before, of a PART note."""
    cpus, recorded = {}, 0
    for line in body.decode().splitlines():
        key, value = line.split("=", 1)
        if key.startswith("cpu"):
            cpus[int(key[3:])] = tuple(map(int, value.split()[:2]))
        elif key == "recorded":
            recorded = int(value)
    return cpus, recorded


def bytes_of_hits(data):
    return sum(len(body) + 12 for _, kind, body, order in options.blocks(data)
               if any(p[3] == options.EVENT for p in options.payloads(kind, body, order)))


def closing(name, capture):
    closes = [pwru_reader.pairs(body) for kind, _, body in capture.notes if kind == CLOSE]
    if len(closes) != 1:
        fail(name, f"{len(closes)} CLOSE notes")
    return closes[0]


def follow(name, capture, base):
    """From base on, what each CPU has come to; {cpu: (number, lost)}."""
    at = dict(base)
    for hit in capture.hits:
        number, lost = at.get(hit["cpu"], (0, 0))
        if hit["seq"] - hit["lost"] != number - lost + 1 or hit["lost"] < lost:
            fail(name, f"cpu {hit['cpu']}: {hit['seq']} with {hit['lost']} lost after {number} with {lost}")
        at[hit["cpu"]] = hit["seq"], hit["lost"]
    return at


def look(name, follows):
    """One file; follows: what the one before it came to, None if that is not there."""
    with open(name, "rb") as f:
        data = f.read()
    reader = pwru_reader.Reader(data)
    if len(reader.captures) != 1 or reader.damaged:
        fail(name, "not one capture, or damaged")
    capture, = reader.captures.values()
    parts = [body for kind, _, body in capture.notes if kind == PART]
    if len(parts) != (capture.part > 0) or parts and capture.notes[0][0] != PART:
        fail(name, f"number {capture.part} and {len(parts)} PART notes")
    base, recorded = base_of(parts[0]) if parts else ({}, 0)
    if follows and (base, recorded, capture.tag) != follows:
        fail(name, f"begins at {base}, {recorded}; the one before it ended at {follows}")
    close = closing(name, capture)
    if int(close["recorded"]) != recorded + len(capture.hits):
        fail(name, f"recorded {close['recorded']}, before it {recorded}, in it {len(capture.hits)}")
    if "more" in close and int(close["more"]) != capture.part:
        fail(name, f"more={close['more']} in number {capture.part}")
    at = follow(name, capture, base)
    times = sorted(capture.wall(hit) for hit in capture.hits) or [None]
    print(json.dumps({"number": capture.part, "hits": len(capture.hits), "end": close["end"], "goes_on": "more" in close,
                      "lost": sum(at[cpu][1] - base.get(cpu, (0, 0))[1] for cpu in at),
                      "lost_in_all": int(close["lost_ring"]) + int(close["lost_read"]),
                      "bytes": bytes_of_hits(data), "from": times[0], "to": times[-1]}))
    return capture.part, "more" in close, close["end"], (at, int(close["recorded"]), capture.tag)


def main(argv):
    if len(argv) < 3 or argv[1] not in ("row", "part"):
        sys.exit(__doc__)
    follows = None
    for number, name in enumerate(argv[2:]):
        part, more, end, ended = look(name, follows)
        if argv[1] == "row":
            if part != number:
                fail(name, f"number {part}, but it is the file {number}")
            # When the memory was written and nothing came any more, that was the last file.
            last = number + 3 == len(argv)
            if more == last and not (last and end in ("trigger", "SIGUSR1")):
                fail(name, "goes on in another file, or not")
            follows = ended


if __name__ == "__main__":
    main(sys.argv)

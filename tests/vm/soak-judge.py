#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""soak-judge.py DIR SIZE FILES: what soak-test.sh left: one line a test as tests/run.sh reads them.

The kernel's kprobe events, one on each function that the recorder attached to, count calls, and those they missed themselves.
All that the recorder counted must be the calls, exactly. The files are read by tests/interop/pwru_reader.py and rotated.py, which
share no code with the programs: the last FILES are kept, each no larger than SIZE, each begins where the one before ended, and
what the numbers of each CPU come to is what was recorded and lost. Memory and descriptors are what /proc said of the recorder.
LASTS in the environment: how long the traffic was to last, in seconds.
"""
import collections
import contextlib
import glob
import io
import os
import re
import statistics
import sys

import judging
from judging import attempt, lines, path, text, verdict

accounting = judging.load("accounting-judge")  # finds tests/interop too
import pwru_reader  # noqa: E402
import rotated  # noqa: E402

LASTS = int(os.environ.get("LASTS", "60"))
WARM = 10  # seconds, for what is allocated once
SPREAD = 2048  # KiB between the least and the most
GROWTH = 256  # KiB between the first quarter of the time and the last
Sample = collections.namedtuple("Sample", "time rss anon fds files")


def end():
    rc, log = text("rc").strip(), text("log")
    verdict("the recorder ends in order", None if rc == "0" else f"{rc}: {log}")
    print("# " + "; ".join(re.findall(r"^.* hits of .* packets .*$", log, re.M) + lines("times")))


# ---- the files ----


def kept(size, files):
    """Of each file that is there: (number, goes on, why it ended, what it came to); [] when one is wrong."""
    names = sorted(glob.glob(path("x_*")))
    numbers = [int(re.search(r"x_(\d{5})_\d{14}\.pcapng$", name)[1]) for name in names]
    ended, said = [], io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            for name in names:
                ended.append(rotated.look(name, ended[-1][3] if ended else None))
        wrong = None
    except SystemExit as e:
        wrong = e.code
    verdict(f"each file kept begins where the one before ended, no hit missing ({len(names)})", wrong)
    print("# " + " ".join(said.getvalue().splitlines()))
    if wrong:
        return [], []
    first = ended[0][0]
    verdict(f"exactly the last {files} are kept, of {first + files}", None if
            [e[0] for e in ended] == list(range(first, first + files)) and numbers == [e[0] + 1 for e in ended] and
            [e[1:3] for e in ended] == [(True, "rotated")] * (files - 1) + [(False, "SIGINT")] else
            f"{names}: {[e[:3] for e in ended]}")
    verdict("and as many went before", None if first >= files else f"the first one kept is number {first}")
    large = {name: os.path.getsize(name) for name in names if os.path.getsize(name) > size}
    verdict(f"none is larger than {size}", large)
    return names, ended


# ---- the counts ----


def close_of(reader):
    capture, = reader.captures.values()
    return capture, rotated.closing("the last file", capture)


def functions_of(capture):
    return sorted((accounting.RETURNS if f["skb_arg"] == 255 else "") + f["func"] for address, f in capture.functions.items() if address)


def counts(names, ended):
    with open(names[-1], "rb") as f:
        capture, close = close_of(pwru_reader.Reader(f.read()))
    n = {key: int(close.get(key, 0)) for key in pwru_reader.COUNTERS}
    calls = accounting.calls(judging.directory, "soak")
    attached = functions_of(capture)
    verdict(f"a witness on each function attached ({len(attached)})", None if attached == sorted(calls) else f"{attached}, {sorted(calls)}")
    quiet, after = (accounting.profile(path("soak." + when)) for when in ("quiet", "after"))
    verdict("nothing happens between the traffic and the end of the recording", {e: (quiet[e], after[e]) for e in after if quiet[e] != after[e]})

    lost, nested = (sum(n[key] for key in keys) for keys in (accounting.LOSSES, ("recursion", "nmissed")))
    nothing = sum(n[key] for key in accounting.NO_PACKET)
    ours, theirs = n["recorded"] + lost + nested + nothing, accounting.entered(calls)
    missed = sum(miss for _, miss in calls.values())
    print(f"# recorded {n['recorded']}, lost {lost}, nested {nested}, no packet {nothing}; missed by the witness {missed}")
    verdict(f"recorded + lost + nested + no packet = calls ({theirs})", None if ours == theirs else f"{ours}; {n}, {calls}")
    verdict("nothing is held back or filtered", None if not n["filtered"] + n["held"] + n["lost_hold"] else n)
    sequence(ended[-1][3][0], close, n["recorded"], lost)
    verdict("it is a soak", None if n["recorded"] > 200 * LASTS else f"{n['recorded']} hits in {LASTS} s")
    mixed(names, calls)


def sequence(at, close, recorded, lost):
    """From the numbers that the kernel's side gave to the hits, also to those in the files that are gone."""
    told = {int(key[8:]): sum(map(int, value.split())) for key, value in close.items() if key.startswith("lost_cpu")}
    verdict("the numbers of all CPUs come to what was recorded", None if sum(number - gone for number, gone in at.values()) == recorded else
            f"{at}, recorded {recorded}")
    verdict("the losses of the CPUs are those of all", None if sum(told.values()) == lost and
            all(gone <= told.get(cpu, 0) for cpu, (_, gone) in at.items()) else f"{told}, {at}, lost {lost}")


def mixed(names, calls):
    silent = [event for event in ("ip_rcv", "ip_output", "ip_do_fragment", "ip_defrag", "icmp_rcv", "udp_rcv", "tcp_v4_rcv", "nf_hook_slow",
                                  "sk_skb_reason_drop") if calls.get(event, (0, 0))[0] < LASTS]
    verdict("sent, taken, fragments, ICMP, UDP, TCP and drops, each once a second or more", silent)
    to = set()
    for name in names:
        with open(name, "rb") as f:
            to |= {hit["tuple"].get("dst") for hit in pwru_reader.Reader(f.read()).hits}
    missing = {"10.99.0.1", "10.99.0.2", "239.1.1.1", "10.99.0.255"} - to
    verdict("the last of it is unicast both ways, multicast and broadcast", missing)


# ---- memory and descriptors ----


def samples():
    return [Sample(float(line.split()[0]), *map(int, line.split()[1:])) for line in lines("samples")]


def flat(name, values):
    quarter = len(values) // 4
    spread = max(values) - min(values)
    growth = statistics.median(values[-quarter:]) - statistics.median(values[:quarter])
    shown = f"{min(values)} to {max(values)} KiB; from the first quarter to the last {growth:+g}"
    print(f"# {name} after {WARM} s: {shown}")
    verdict(f"{name} is flat: {SPREAD} KiB between the least and the most, {GROWTH} from the first quarter to the last, or less", None if
            spread <= SPREAD and growth <= GROWTH else shown)


def memory(taken):
    lasted = taken[-1].time - taken[0].time
    verdict("it was looked at all the time", None if len(taken) > lasted / 3 and lasted > LASTS and
            all(b.time - a.time < 20 for a, b in zip(taken, taken[1:])) else f"{len(taken)} times in {lasted} s")
    # What is there when it is quiet again is not what the traffic takes.
    warm = [s for s in taken if WARM < s.time - taken[0].time < LASTS]
    flat("RssAnon", [s.anon for s in warm])
    flat("VmRSS", [s.rss for s in warm])


def open_files(name):
    """What is open, apart from the captures, and how many of these."""
    what = [re.sub(r"^\d+ ", "", line) for line in lines(name)]
    captures = [target for target in what if target.startswith("/out/x_")]
    return collections.Counter(target for target in what if target not in captures), captures


def descriptors(taken, files):
    begin, most, last = taken[0].fds, max(s.fds for s in taken), taken[-1].fds
    # One file is on its way to the disk, once there is a second one.
    rotating = next(i for i, s in enumerate(taken) if s.files > taken[0].files)
    usual = collections.Counter(s.fds for s in taken[rotating + 1:]).most_common(1)[0][0]
    print(f"# descriptors: {begin} at the beginning, {most} at most, {usual} usually, {last} at the end")
    verdict("never more than one descriptor more than at the beginning", None if most <= begin + 1 else f"{most}, and {begin} at the beginning")
    verdict("as many at the end as since the second file", None if last == usual == begin + 1 else f"{last}, {usual}, {begin}")
    before, after = open_files("fds.before"), open_files("fds.after")
    verdict("they are the same at the end, and at most two captures", None if before[0] == after[0] and len(before[1]) == 1 and
            1 <= len(after[1]) <= 2 else f"{before}, {after}")
    verdict(f"never more than {files} files, and the one that is begun", None if max(s.files for s in taken) <= files + 1 else
            max(s.files for s in taken))


def main(argv):
    if len(argv) != 4:
        sys.exit(__doc__)
    judging.open_directory(argv[1])
    size, files = int(argv[2]), int(argv[3])
    attempt(end)
    names, ended = attempt(kept, size, files) or ([], [])
    if names:
        attempt(counts, names, ended)
    taken = attempt(samples)
    if taken:
        attempt(memory, taken)
        attempt(descriptors, taken, files)
    else:
        verdict("there are samples", "none")
    sys.exit(judging.failed)


if __name__ == "__main__":
    main(sys.argv)

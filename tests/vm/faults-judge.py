#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""faults-judge.py DIR...: judges what faults-test.sh left in each guest's DIR, one line a test as tests/run.sh reads them."""
import json
import os
import re
import subprocess
import sys

REPORT = os.environ.get("PWRU_REPORT", "./pwru-report")
failed = False


def verdict(name, problem):
    global failed
    failed |= bool(problem)
    print(f"not ok {name}: {str(problem)[:600]}" if problem else f"ok {name}")


class Recording:
    def __init__(self, where, name):
        self.path, self.name = os.path.join(where, name), name
        self.log, self.rc = self.text(".log"), self.text(".rc").strip()

    def text(self, ending):
        try:
            with open(self.path + ending, errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def lines(self):
        return [line for line in self.log.splitlines() if line.startswith("pwru-record: ")]

    def report(self, *args):
        done = subprocess.run([REPORT, *args, "--json", self.path + ".pcapng"], capture_output=True, text=True)
        assert done.returncode in (0, 3), f"{self.name}: report exits {done.returncode}: {done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    def hits(self):
        return self.report("events")

    def told(self):
        return self.report("info")[0]["captures"][0]

    def sent(self):
        return sum(int(n) for n in re.findall(r"(\d+) packets transmitted", self.text(".sent")))


def done(r):
    assert r.rc == "0", f"{r.name}: exit {r.rc}: {r.log[-300:]}"


def refused(r, cure):
    """One line with the cure, and exit 1."""
    assert r.rc == "1", f"exit {r.rc}: {r.log}"
    assert len(r.lines()) == 1 and re.search(cure, r.log), r.log


def counted(r, lossy=False):
    """Each request that ping sent is there once or counted as lost, in order of time."""
    done(r)
    hits, told = r.hits(), r.told()
    keys = [(h["icmp_id"], h["icmp_seq"]) for h in hits]
    assert len(keys) == len(set(keys)), "a packet twice"
    assert all(h["func"] == "ip_rcv" and h["icmp_type"] == 8 for h in hits), "others"
    assert [h["ktime"] for h in hits] == sorted(h["ktime"] for h in hits), "not in order of time"
    n, c = r.sent(), told["counters"]
    lost = c["lost_ring"] + c["recursion"]
    assert told["closed"] and n and len(hits) + lost == n, f"{n} sent, {len(hits)} recorded, {lost} lost"
    assert bool(lost) == lossy, f"{lost} lost"
    return hits


def dropped(r, func=None):
    done(r)
    hits = [h for h in r.hits() if h["reason"] == "NETFILTER_DROP"]
    assert hits and (not func or any(h["func"] == func for h in hits)), f"no drop: {r.log}"
    return hits


def unmixed(r):
    """No path has hits of two packets."""
    seen = {}
    for h in r.hits():
        if h["icmp_seq"] is not None:
            seen.setdefault(h["number"], set()).add((h["icmp_type"], h["icmp_id"], h["icmp_seq"]))
    mixed = {n: s for n, s in seen.items() if len(s) > 1}
    assert seen and not mixed, f"{len(mixed)} of {len(seen)} packets are several: {list(mixed.items())[:2]}"


# ---- a part each ----

def stopping(get):
    yield "SIGSTOP 5 s under load, kprobe-multi: losses are counted exactly, the rest is there", lambda: counted(get("stopped"), True)


def clock(get):
    r = get("clock")

    def steps():
        counted(r)
        up0, wall, up1 = map(float, r.text(".times").split())
        assert 6 <= up1 - up0 < 600, f"--duration 6 took {up1 - up0} s"
        notes = [n for n in r.told()["notes"] if n["type"] == "clock"]
        assert len(notes) == 1, r.told()["notes"]
        start = int(r.told()["realtime"]) - int(r.told()["monotonic"])
        step = (int(notes[0]["realtime"]) - int(notes[0]["monotonic"]) - start) / 1e9
        assert -3605 < step < -3595, f"a step of {step} s"
        hits = r.hits()
        assert all(h["ktime"] + start >= wall * 1e9 - 2e9 for h in hits)
        assert len({h["time"][:13] for h in hits}) <= 2, "the hits' times went back"
    yield "the clock set back an hour: nothing is lost, times go on, the step is noted, --duration holds", steps


def module(get):
    for backend in ("kprobe-multi", "kprobe"):
        r = get("module-" + backend)

        def goes(r=r):
            done(r)
            assert sum(h["func"] == "dummy_xmit" for h in r.hits()) >= 5, "no hits of the module"
            told = r.told()
            assert told["closed"] and told["lost"] == 0, told["counters"]
            n = r.sent()
            after = [h for h in r.hits() if h["func"] == "ip_rcv" and h["icmp_type"] == 8]
            assert n and len(after) == n, f"{n} sent after it, {len(after)} hits"
            gone = any(x["type"] == "module" and x.get("name") == "dummy" for x in told["notes"])
            unloaded = r.text(".rmmod.rc").strip() == "0"
            assert gone == unloaded, f"unloaded {unloaded}, noted {gone}"
        yield f"a module unloaded while its functions are probed, {backend}: what it did is there, recording goes on", goes
    yield "a module that came again can be probed again", lambda: (
        done(get("module-again")), [h for h in get("module-again").hits() if h["func"] == "dummy_xmit"][4])


def cpu(get):
    for buffer in ("ring", "perf"):
        r, late = get("cpu-" + buffer), get("cpu-late-" + buffer)

        # The kernel gives a CPU that comes again no perf buffer: what it hits then is lost, and counted.
        def goes(r=r, lossy=buffer == "perf"):
            hits = counted(r, lossy)
            assert r.text(".online").strip() == "0", "the CPU was not offline"
            assert sum(h["cpu"] == 1 for h in hits) >= 20, "nothing of the CPU"

        def comes(r=late):
            done(r)
            hits, told, n = r.hits(), r.told(), r.sent()
            assert len(hits) >= 20 and len(hits) + told["counters"]["lost_ring"] == n, f"{n} sent, {len(hits)}, {told['counters']}"
        yield f"a CPU goes offline and comes again, {buffer}: " + \
            ("nothing is lost" if buffer == "ring" else "losses are counted exactly"), goes
        yield f"a CPU that was offline at the start comes, {buffer}: its hits are there or counted", comes


def two(get):
    def same():
        a, b = get("two-kprobe"), get("two-kprobe-multi")
        done(a), done(b)
        ids = [[(h["icmp_id"], h["icmp_seq"], h["skb"]) for h in r.hits()] for r in (a, b)]
        assert len(ids[0]) == 100 and ids[0] == ids[1], [len(i) for i in ids]
    yield "two recorders at once, kprobe and kprobe-multi: the same hits", same


def files(get):
    def few():
        r = get("files")
        done(r)
        assert len(re.findall(r"functions could not be attached: only 64 open files are allowed \(ulimit -n\)", r.log)) == 1, r.log
        assert r.told()["probes"]["failed"] > 0 and r.told()["probes"]["attached"] > 5 and r.told()["closed"], r.told()["probes"]
    yield "64 file descriptors, kprobe: what there is room for records, one line says so", few
    yield "no CAP_SYS_RESOURCE: records", lambda: (done(get("no-resource")), get("no-resource").hits()[0])


def memory(get):
    yield "BPF memory refused by the cgroup: one line with the cure", lambda: refused(
        get("memory-tracked"), r"no memory for \d+ MiB of buffers and a table of 8000000 packets \(a smaller --ring-size")
    yield "BPF memory: with smaller buffers it records", lambda: (done(get("memory-enough")), get("memory-enough").hits()[0])


def memlock(get):
    yield "BPF memory refused by RLIMIT_MEMLOCK: one line with the cure", lambda: refused(
        get("memlock"), r"only 64 KiB may be locked \(ulimit -l unlimited, or CAP_SYS_RESOURCE\)")
    yield "BPF memory: CAP_SYS_RESOURCE raises the limit", lambda: (done(get("memlock-raised")), get("memlock-raised").hits()[0])


def kptr(get):
    def tracepoints(r):
        dropped(r, "kfree_skb")
        assert re.search(r"no kprobes here .*kptr_restrict.*only tracepoints", r.log), r.log

    def check():
        r = get("kptr-2-check")
        assert re.search(r"^no  kernel.kptr_restrict .*sysctl kernel.kptr_restrict=1", r.log, re.M), r.log
        assert re.search(r"^no  addresses of functions", r.log, re.M), r.log
    yield "kptr_restrict = 2: tracepoints record, one line says why", lambda: tracepoints(get("kptr-2"))
    yield "kptr_restrict = 2, no CAP_SYSLOG: the same", lambda: tracepoints(get("kptr-2-syslog"))
    yield "kptr_restrict = 2: kprobes are refused, with the cure", lambda: refused(get("kptr-2-kprobe"), "sysctl kernel.kptr_restrict=1")
    yield "kptr_restrict = 2: --check names it and the cure", check
    yield "kptr_restrict = 1: kprobes record", lambda: dropped(get("kptr-1"), "sk_skb_reason_drop")
    yield "kptr_restrict = 1, no CAP_SYSLOG: refused, with the cure", lambda: refused(get("kptr-1-syslog"), "CAP_SYSLOG")


def refusing(get):
    with open(get("refuse-third").path) as f:
        third = set(f.read().split())
    for backend in ("kprobe-multi", "kprobe"):
        r = get("refuse-third-" + backend)

        def others(r=r):
            done(r)
            told = r.told()
            bad = {p["func"] for p in told["probe_lines"] if p["status"] == "failed"}
            good = {p["func"] for p in told["probe_lines"] if p["status"] == "attached"}
            assert third and third <= bad and len(good) > len(third), (third - bad, len(good))
            assert re.search(r"\d+ of \d+ functions attached by ", r.log), r.log
            usual = {h["func"] for h in get("refuse-none").hits()}
            now = {h["func"] for h in r.hits()}
            assert usual & third and usual - third <= now and not now & third, (usual - third - now, now & third)
        yield f"a third of the functions refuses, {backend}: all others record, the capture names those", others
        yield f"a third of the functions refuses, {backend}: no packets are merged", lambda r=r: unmixed(r)
    # Nothing would end: all packets in the same memory would be one.
    yield "all that free packets refuse, kprobe: refused, one line says why", lambda: refused(
        get("refuse-lifecycle-kprobe"), "no function that frees packets can be attached to")
    yield "all that free packets refuse, kprobe-multi: refused in one line", lambda: refused(
        get("refuse-lifecycle-kprobe-multi"), "cannot attach anything: kprobe-multi: ")


def tracefs(get):
    for backend in ("kprobe-multi", "kprobe"):
        yield f"tracefs missing, {backend}: records", lambda backend=backend: dropped(get("tracefs-" + backend), "sk_skb_reason_drop")

    def check():
        r = get("tracefs-check")
        assert re.search(r"^no  tracefs .*mount -t tracefs", r.log, re.M) and r.rc == "0", r.log
    yield "tracefs missing: --check names it and the cure", check


def main():
    for where in sys.argv[1:]:
        with open(where + ".parts") as f:
            parts = f.read().split()
        for part in parts:
            for name, test in globals()[part](lambda name: Recording(where, name)):
                try:
                    test()
                    verdict(name, None)
                except (AssertionError, OSError, KeyError, IndexError, TypeError, ValueError) as e:
                    verdict(name, f"{type(e).__name__}: {e}")
    sys.exit(failed)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kills.py RECORDER DIR COUNT: kills the recorder (SIGKILL) COUNT times at random moments while sender.py sends.

Prints a line for each test as tests/run.sh reads them, and the seed; SEED in the environment gives another one.
"""
import os
import random
import signal
import subprocess
import sys
import threading
import time

import sent

RECORDER, DIR, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
WORKERS = 4
EARLY, LATE = 1.0, 2.2  # s at most: after the start of the recorder, after it records
FUNCTIONS = "net_dev_queue|net_dev_start_xmit|netif_receive_skb"
SECOND = 1_000_000_000
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000_000))


class Kill:
    def __init__(self, i, dice):
        self.file, self.ready_file, self.early = f"{DIR}/{i}.pcapng", f"{DIR}/{i}.ready", i % 4 == 0
        self.after = dice.uniform(0, EARLY if self.early else LATE)
        self.ready, self.size, self.hits = None, -1, []

    def run(self):
        """The program's own life, and what the report makes of what is left."""
        # Before others: the second is the recorder's, not that of a machine too busy to run it.
        p = subprocess.Popen(["nice", "-n", "-10", RECORDER, "-q", "--backend", "tracepoint", "--with-ssh", "--filter-func", FUNCTIONS,
                              "-filter-src-port", "7000", "--ready-file", self.ready_file, "-w", self.file],
                             stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 30
        while not self.early and not os.path.exists(self.ready_file) and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(self.after)
        self.running = p.poll() is None
        self.at = time.monotonic_ns()
        p.send_signal(signal.SIGKILL)
        self.said = p.communicate()[1]
        if os.path.exists(self.ready_file):
            # File times are those of the last tick.
            self.ready = os.stat(self.ready_file).st_mtime_ns - (time.time_ns() - time.monotonic_ns()) + SECOND // 50
        if os.path.exists(self.file):
            self.size = os.stat(self.file).st_size
            done = subprocess.run([sent.REPORT, "events", "--json", self.file], capture_output=True, text=True)
            self.status, self.err = done.returncode, done.stderr
            self.hits = [sent.json.loads(line) for line in done.stdout.splitlines()]
            os.unlink(self.file)

    def reads(self):
        if self.size < 0:
            return self.ready and "recording, and no file"
        lines = self.err.count("\n")
        if self.size == 0:
            return (self.ready or (self.status, lines) != (1, 1)) and f"no byte: exit {self.status}, {self.err}"
        if not self.ready and not self.hits:  # somewhere in the head
            return (self.status not in (1, 3) or lines > 1) and f"cut head: exit {self.status}, {self.err}"
        return (self.status != 3 or lines > 1) and f"{self.size} bytes: exit {self.status}, {self.err}"

    def missing(self, log):
        """The packets sent while it recorded that are not in the file, as ages in seconds when it was killed."""
        begins = [h["ktime"] for h in self.hits[:1]] + ([self.ready] if self.ready else [])
        if not begins:
            return []
        marks = {h["mark"] for h in self.hits if h["func"] == "net_dev_queue"}
        return [(self.at - after) / SECOND for n, before, after in log
                if before > min(begins) and after < self.at and n not in marks]

    def tell(self, log):
        """For whoever has to find out."""
        ages, marks = self.missing(log), sorted(h["mark"] for h in self.hits if h["func"] == "net_dev_queue")
        since = (self.at - self.ready) / SECOND if self.ready else None
        last = (self.at - max((h["ktime"] for h in self.hits), default=self.at)) / SECOND
        lost = max((h["lost"] for h in self.hits), default=0)
        return (f"{len(ages)} packets are missing, sent {max(ages):.3f} to {min(ages):.3f} s before; it had recorded for {since} s, "
                f"the last hit is {last:.3f} s old; {len(marks)} packets from {marks[:1]} to {marks[-1:]}, {lost} hits lost, "
                f"{self.size} bytes, {self.err}")


def worker(kills):
    for k in kills:
        k.run()


def verdict(name, problem):
    print(f"not ok {name}: seed {SEED}: {str(problem)[:600]}" if problem else f"ok {name}", flush=True)


def first(problems):
    return next((p for p in problems if p), None)


def main():
    print(f"kills.py: SEED={SEED}")
    dice = random.Random(SEED)
    kills = [Kill(i, dice) for i in range(COUNT)]
    log = DIR + "/sent"
    sender = subprocess.Popen([sys.executable, os.path.dirname(sent.__file__) + "/sender.py", "pwru-client", "7000", "200", "1000",
                               log], stdout=subprocess.PIPE, text=True)
    sender.stdout.readline()
    threads = [threading.Thread(target=worker, args=(kills[i::WORKERS],)) for i in range(WORKERS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    sender.terminate()
    sender.wait()
    log = sent.read_log(log)

    recorded = [k for k in kills if k.hits]
    old = [k for k in kills if k.ready and k.at - k.ready > SECOND * 6 // 5]
    ages = [age for k in kills for age in k.missing(log)]
    worst = max(kills, key=lambda k: max(k.missing(log), default=0))
    print(f"kills.py: {COUNT} kills, {len(recorded)} with hits, {sum(not k.ready for k in kills)} before it recorded, "
          f"{sum(len(k.hits) for k in kills)} hits; the oldest packet missing was sent {max(ages, default=0):.3f} s before a kill")
    verdict(f"SIGKILL at {COUNT} random moments: it ran until then", first(not k.running and k.said for k in kills))
    verdict(f"SIGKILL at {COUNT} random moments: each file reads", first(k.reads() for k in kills))
    verdict("SIGKILL: some before it recorded, many after more than a second of it",
            len(old) < COUNT / 5 or all(k.ready for k in kills))
    verdict("SIGKILL: hits are in each file older than a second", first(not k.hits and f"{k.size} bytes" for k in old))
    verdict("SIGKILL: at most the last second is gone", max(ages, default=0) > 1 and worst.tell(log))


main()

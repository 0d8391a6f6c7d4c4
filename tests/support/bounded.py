#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""bounded.py RSS_KIB SECONDS COMMAND...: runs it and exits as it does; 99 when it took more memory or time.

Both limits are enforced: the time by a kill, the memory by an address space of four times that and 256 MiB (libraries
and what is mapped but not used are in it). "rss=… s=…" goes to the file that $BOUNDED names."""
import os
import resource
import signal
import sys
import time

kib, seconds = int(sys.argv[1]), float(sys.argv[2])
start = time.monotonic()
pid = os.fork()
if pid == 0:
    room = kib * 4096 + (256 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    os.execvp(sys.argv[3], sys.argv[3:])


def too_late(*_):
    os.kill(pid, signal.SIGKILL)


signal.signal(signal.SIGALRM, too_late)
signal.setitimer(signal.ITIMER_REAL, seconds)
_, status, usage = os.wait4(pid, 0)
took = time.monotonic() - start
note = f"rss={usage.ru_maxrss} KiB of {kib}, {took:.1f} s of {seconds:g}"
if "BOUNDED" in os.environ:
    with open(os.environ["BOUNDED"], "w", encoding="utf-8") as f:
        print(note, file=f)
if os.WIFSIGNALED(status) or usage.ru_maxrss > kib or took > seconds:
    print(f"{note}; status {status:#x}", file=sys.stderr)
    sys.exit(99)
sys.exit(os.WEXITSTATUS(status))

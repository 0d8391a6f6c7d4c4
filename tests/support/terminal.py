#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""terminal.py [OPTION...] COMMAND [ARGUMENT...]: runs COMMAND on a terminal of its own, as its session's leader's child.

    --type REGEX KEYS   when what it wrote so far matches, KEYS are typed (\\x03 is Ctrl-C); may be repeated, in order
    --hang-up REGEX     then the terminal is closed
    --stdout FILE       standard output goes to FILE, not to the terminal
    --columns N         the terminal's width (default 80)
    --ignore-hup        as under nohup(1)
    --limit SECONDS     then all of its session is killed, and the exit status is 124 (default 100)

What it wrote to the terminal comes out on standard output; the exit status is the command's, 128 and the signal's number of a
signal. After a hang-up the exit status is 0 when the command has ended by itself within the limit.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

actions, stdout, columns, ignore, limit = [], None, 80, False, 100.0
args = sys.argv[1:]
while args and args[0].startswith("--"):
    option = args.pop(0)
    if option == "--type":
        actions.append((re.compile(args.pop(0).encode()), args.pop(0).encode().decode("unicode_escape").encode()))
    elif option == "--hang-up":
        actions.append((re.compile(args.pop(0).encode()), None))
    elif option == "--stdout":
        stdout = args.pop(0)
    elif option == "--columns":
        columns = int(args.pop(0))
    elif option == "--ignore-hup":
        ignore = True
    elif option == "--limit":
        limit = float(args.pop(0))
    else:
        sys.exit(f"terminal.py: {option}?")

go = os.pipe()
pid, master = pty.fork()
if not pid:
    os.read(go[0], 1)  # the size is set
    if ignore:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if stdout:
        os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
    os.execvp(args[0], args)
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
os.write(go[1], b"g")

seen = b""
at = 0  # what an action has matched is not looked at again
end = time.monotonic() + limit
status = None
hung_up = False
while status is None:
    if time.monotonic() > end:
        os.kill(-pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        sys.stdout.buffer.write(seen)
        sys.exit(124)
    if not hung_up and select.select([master], [], [], 0.05)[0]:
        try:
            more = os.read(master, 65536)
        except OSError:  # its last user has left
            more = b""
        seen += more
        if not more:
            status = os.waitpid(pid, 0)[1]
            break
    if hung_up:
        time.sleep(0.05)
    if actions and (m := actions[0][0].search(seen, at)):
        at, keys = m.end(), actions.pop(0)[1]
        if keys is None:
            os.close(master)
            hung_up = True
        else:
            os.write(master, keys)
    got, s = os.waitpid(pid, os.WNOHANG)
    if got:
        status = s
        while not hung_up and select.select([master], [], [], 0.1)[0]:
            try:
                seen += os.read(master, 65536)
            except OSError:
                break
sys.stdout.buffer.write(seen)
sys.stdout.flush()
if hung_up:
    sys.exit(0)
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))

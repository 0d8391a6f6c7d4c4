#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""fetch.py REPORT DIR BUILD-ID: the suite fetch's tests, each a line. DIR/capture needs DIR/good, which is of BUILD-ID, of a server
on the loopback that answers as slowly, or with what, a test likes."""
import fcntl, glob, http.server, json, os, pty, signal, subprocess, sys, threading, time

report, tmp, build_id = sys.argv[1:4]
capture = f"{tmp}/capture"
WAIT = 60  # seconds, for what comes at once on an idle machine


def check(name, ok, why=""):
    print(f"ok {name}" if ok else f"not ok {name}: {why}", flush=True)


def until(condition):
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.02)
    return None


class Server:
    """Answers for BUILD-ID with a file, the first half at once and the other when it is let go; others are not found."""

    def __init__(self):
        self.asked, self.go, self.file, self.stalls = threading.Event(), threading.Event(), "good", True
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if build_id not in self.path:
                    self.send_error(404)
                    return
                with open(f"{tmp}/{outer.file}", "rb") as f:
                    body = f.read()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body[:len(body) // 2])
                    self.wfile.flush()
                    outer.asked.set()
                    if outer.stalls:
                        outer.go.wait()
                    self.wfile.write(body[len(body) // 2:])
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def reset(self, file="good", stalls=True):
        self.asked.clear()
        self.go.clear()
        self.file, self.stalls = file, stalls


server = Server()
turn = 0


def environment(**more):
    """Nothing of it is kept from the run before."""
    global turn
    turn += 1
    os.makedirs(f"{tmp}/run.{turn}/fetched")
    return {**os.environ, "HOME": f"{tmp}/nowhere", "XDG_CACHE_HOME": f"{tmp}/run.{turn}", "DEBUGINFOD_TIMEOUT": "120",
            "DEBUGINFOD_CACHE_PATH": f"{tmp}/run.{turn}/fetched", "DEBUGINFOD_URLS": server.url, **more}


def fetched():
    return [f for f in glob.glob(f"{tmp}/run.{turn}/fetched/*/*") if os.path.getsize(f)]


def start(env, *arguments):
    out, err = open(f"{tmp}/out", "wb"), open(f"{tmp}/err", "wb")
    return subprocess.Popen((report, "paths", *arguments, capture), env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                            start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def said(name):
    with open(f"{tmp}/{name}", encoding="utf-8") as f:
        return f.read()


def status(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def session(sid):
    """Who lives in it: [pid]."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
                words = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        if words[3] == str(sid) and words[0] not in "ZX":
            found.append(int(pid))
    return found


def children(pid):
    return [p for p in session(pid) if p != pid]


NONE = "0" * 16


def confined(name, pid):
    s = status(pid)
    check(f"{name}: a filter, no new privileges, no capabilities", (s["Seccomp"], s["NoNewPrivs"], s["CapEff"], s["CapPrm"]) ==
          ("2", "1", NONE, NONE), f"Seccomp {s['Seccomp']}, NoNewPrivs {s['NoNewPrivs']}, CapEff {s['CapEff']}")


def opening(env, names):
    """The report at the moment when it opens the capture: nobody gets it open while we have a lease on it."""
    opened = threading.Event()
    old = signal.signal(signal.SIGIO, lambda *_: opened.set())
    f = open(capture, "r+b")
    fcntl.fcntl(f, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    p = start(env)
    try:
        check(f"{names}: the report opens the capture", until(opened.is_set), said("err"))
        confined(f"{names}, before it has the capture open", p.pid)
        return p, children(p.pid)
    finally:
        fcntl.fcntl(f, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        f.close()
        signal.signal(signal.SIGIO, old)


# Who is there, and what they may.
server.reset()
p, helpers = opening(environment(), "with a server")
check("a helper was started before that", len(helpers) == 1, helpers)
check("which asks the server", until(server.asked.is_set), said("err"))
for helper in helpers:
    confined("the helper, while it fetches", helper)
    fds = sorted(os.readlink(f"/proc/{helper}/fd/{fd}") for fd in os.listdir(f"/proc/{helper}/fd"))
    check("the helper does not have the capture open", capture not in fds, fds)
confined("the report, while it waits", p.pid)
server.go.set()
check("with what the server has: exit status", p.wait(WAIT) == 0, said("err"))
check("lines of what the server has", said("out").count("made-up.c:") >= 4 and "unverified" not in said("out"), said("out")[:200])
check("nothing is said on what is no terminal", said("err") == "", said("err"))
check("no helper is left", until(lambda: not session(p.pid)))
check("the file is kept by libdebuginfod", len(fetched()) == 1, fetched())

p, helpers = opening(environment(DEBUGINFOD_URLS=""), "without a server")
check("no helper is started", helpers == [], helpers)
p.wait(WAIT)
check("and no line is known", "made-up.c" not in said("out"))

# How it ends, in the middle of a file.
for name, number, want in (("Ctrl-C", signal.SIGINT, -signal.SIGINT), ("SIGTERM", signal.SIGTERM, -signal.SIGTERM)):
    server.reset()
    p = start(environment())
    check(f"{name}: while it fetches", until(server.asked.is_set) and until(lambda: len(children(p.pid)) == 1))
    os.killpg(p.pid, number)
    check(f"{name}: the report ends by it", p.wait(WAIT) == want, p.returncode)
    check(f"{name}: no process is left", until(lambda: not session(p.pid)), session(p.pid))
    check(f"{name}: nor a part of a file", fetched() == [], fetched())
    server.go.set()
server.reset()
p = start(environment())
until(server.asked.is_set)
p.kill()
p.wait(WAIT)
check("SIGKILL of the report: no process is left", until(lambda: not session(p.pid)), session(p.pid))
check("SIGKILL of the report: nor a part of a file", fetched() == [], fetched())
server.go.set()
server.reset()
p = start(environment())
until(server.asked.is_set)
for helper in children(p.pid):
    os.kill(helper, signal.SIGKILL)
check("SIGKILL of the helper: the report goes on without", p.wait(WAIT) == 0 and "made-up.c" not in said("out"), p.returncode)
server.go.set()

# It is the last to be asked.
by_id = f"{tmp}/below/.build-id/{build_id[:2]}"
os.makedirs(by_id)
os.link(f"{tmp}/good", f"{by_id}/{build_id[2:]}.debug")


def objects(env, *arguments):
    text = subprocess.run((report, "info", "--symbols", "--json", *arguments, capture), env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=WAIT, check=False).stdout
    return json.loads(text)["captures"][0]["debug_files"]


server.reset("good", False)
kernel = objects(environment())[0]
check("info --symbols: from the server, verified", (kernel["place"], kernel["verified"]) == ("server", True) and server.asked.is_set(),
      kernel)
server.reset("good", False)
kernel = objects(environment(), "--debug-dir", f"{tmp}/below")[0]
check("what --debug-dir has is not fetched", kernel["place"] == "debug-dir" and not server.asked.is_set(), kernel)
os.unlink(f"{tmp}/made-up")
os.link(f"{tmp}/other", f"{tmp}/made-up")
kernel = objects(environment(), "--vmlinux", f"{tmp}/made-up", "--debug-dir", f"{tmp}/below", "--allow-mismatch")[0]
check("what is right comes before a --vmlinux that is not", (kernel["place"], kernel["verified"]) == ("debug-dir", True), kernel)
kernel = objects(environment(), "--vmlinux", f"{tmp}/good", "--debug-dir", f"{tmp}/below")[0]
check("and after one that is", (kernel["place"], kernel["verified"]) == ("vmlinux", True), kernel)

# What a server may answer.
server.reset("other", False)
p = start(environment())
check("a file of another build", p.wait(WAIT) == 0 and "other.c" not in said("out"), said("err"))
check("is refused, with both", said("err").count("build-id 00112233445566778899aabbccddeeff00112233, but the capture has " + build_id +
                                               ": not used\n") == 1, said("err"))
server.reset("other", False)
p = start(environment(), "--allow-mismatch")
p.wait(WAIT)
lines = [line for line in said("out").splitlines() if "other.c:" in line]
check("or taken, and each line unverified", len(lines) >= 4 and all("(unverified)" in line for line in lines), lines[:2])
def unverified(value):
    """How many files of lines it tells; that each is marked."""
    if isinstance(value, list):
        return sum(map(unverified, value))
    if not isinstance(value, dict):
        return 0
    count = sum(map(unverified, value.values()))
    for key, v in value.items():
        if key.endswith("file") and v and key[:-4] + "verified" in value:
            if value[key[:-4] + "verified"] is not False:
                raise ValueError(f"{key}: {value}")
            count += 1
    return count


for view in "paths", "events", "drops":
    server.reset("other", False)
    text = subprocess.run((report, view, "--json", "--all", "--output-stack", "--allow-mismatch", capture), env=environment(),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=WAIT, check=False).stdout
    try:
        count = sum(unverified(json.loads(line)) for line in text.splitlines())
        check(f"{view} --json: each file has verified: false", count >= 1, count)
    except ValueError as e:
        check(f"{view} --json: each file has verified: false", False, e)
for name, content in (("nothing", b""), ("what is no ELF file", b"<html>" * 1000)):
    with open(f"{tmp}/answer", "wb") as f:
        f.write(content)
    server.reset("answer", False)
    p = start(environment())
    check(f"{name}: as without", p.wait(WAIT) == 0 and "made-up.c" not in said("out") and said("err").count("\n") <= 1, said("err"))

# On a terminal: what it does, and no trace of that when it is done; with a pager Ctrl-C ends the fetching alone.
def on_terminal(arguments, env, act):
    pid, fd = pty.fork()
    if not pid:
        os.execve(report, (report, "paths", *arguments, capture), env)
    shown = b""
    def read():
        nonlocal shown
        try:
            shown += os.read(fd, 65536)
        except OSError:
            return True
        return False
    reader = threading.Thread(target=lambda: until(read))
    reader.start()
    act(fd, lambda text: until(lambda: text in shown))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    left = until(lambda: not session(pid))
    reader.join(WAIT)
    os.close(fd)
    return code, shown.decode(errors="replace"), left


def let_go(_fd, shows):
    check("on a terminal: how far it is", shows(b"\rfetching debug information: "), "not shown")
    server.go.set()


server.reset()
code, text, left = on_terminal(("--no-pager",), environment(), let_go)
check("on a terminal: done", code == 0 and "made-up.c:" in text and "\r\033[K" in text, (code, text[:300]))


def interrupt(fd, shows):
    check("on a terminal: it fetches", shows(b"fetching debug information"), "not shown")
    os.write(fd, b"\003")


server.reset()
code, text, left = on_terminal(("--no-pager",), environment(), interrupt)
check("on a terminal: Ctrl-C ends it", code == -signal.SIGINT and left, (code, text[-200:]))
check("on a terminal: nothing is erased then", not text.rstrip().endswith("\033[K"), text[-200:])
server.go.set()
server.reset()
code, text, left = on_terminal((), environment(PAGER=f"{tmp}/pager"), interrupt)
check("with a pager: Ctrl-C ends the fetching, not the report", code == 0 and "complete" in text and "made-up.c" not in text and left,
      (code, text[-200:]))
check("with a pager: nor is a part of a file left", fetched() == [], fetched())
server.go.set()

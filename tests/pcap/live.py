#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""live.py RECORDER EXPRESSIONS DIRECTORY: recorders against tcpdump, on the same packets at the same time.

Needs the namespaces of tests/support/scene.sh. Each line of EXPRESSIONS gets a recorder of its own, a batch of them runs
while mixed traffic passes veth-client, tcpdump records all of that, and afterwards picks from its own file what the
expression is true of. What left must be what was recorded at net_dev_queue, what came what was recorded at
netif_receive_skb. Prints a line a test. The file of the first batch stays as DIRECTORY/all.pcap.

Recordings are read by a pcapng reader of its own: blocks, interface names, comments.
"""
import collections
import os
import re
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "interop"))
import traffic  # noqa: E402

BATCH = 34
SIDES = {"pwru-client": ("veth-client", "10.99.0.1", 1), "pwru-server": ("veth-server", "10.99.0.2", 2)}
FUNCTIONS = {"net_dev_queue": "sent", "netif_receive_skb": "received"}
MARKER = b"the-last-packet!"
KEY = 60  # bytes that tell packets apart; what follows a TCP header may not be in an skb's linear part


def run(*command, check=True):
    return subprocess.run(command, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def inside(namespace, *command, check=True):
    return run("ip", "netns", "exec", namespace, *command, check=check)


def mac_of(namespace):
    interface = SIDES[namespace][0]
    said = subprocess.run(["ip", "-n", namespace, "link", "show", interface], check=True, capture_output=True, text=True)
    return bytes.fromhex(re.search(r"link/ether ([0-9a-f:]+)", said.stdout)[1].replace(":", ""))


def ipv6_up():
    for namespace, (interface, _, n) in SIDES.items():
        inside(namespace, "sh", "-c", f"for i in lo {interface}; do echo 0 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done")
        run("ip", "-n", namespace, "addr", "add", f"fd99::{n}/64", "dev", interface, "nodad")
    for namespace, other in (("pwru-client", "pwru-server"), ("pwru-server", "pwru-client")):
        run("ip", "-n", namespace, "neigh", "replace", f"fd99::{SIDES[other][2]}", "dev", SIDES[namespace][0],
            "lladdr", mac_of(other).hex(":"))


# ---- traffic ----

def udp_packet(n, options=b""):
    """An IPv4 packet; its checksum is for nobody to look at, but distinguishes it."""
    head = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, 28 + len(options), n, 0, 64, 17, n)
    return head + bytes([10, 99, 0, 1, 10, 99, 0, 2]) + options + struct.pack("!HHHH", 7001, 7002 + n, 8, 0)


def frames(source, destination, n):
    """What no socket of this kernel would send, complete but for the addresses in front."""
    tag = struct.pack("!HH", 0x8100, 100)
    second = struct.pack("!HH", 0x8100, 200)
    ip = struct.pack("!H", 0x0800)
    arp = struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 2) + source + bytes([10, 99, 0, n]) + destination + bytes(
        [10, 99, 0, 3 - n])
    yield destination, arp
    yield b"\xff" * 6, arp
    yield destination, tag + ip + udp_packet(n)
    yield destination, tag + second + ip + udp_packet(10 + n)
    yield destination, struct.pack("!HH", 0x88A8, 300) + ip + udp_packet(20 + n)
    yield destination, struct.pack("!HI", 0x8847, 100 << 12 | 0x140) + udp_packet(30 + n)
    yield destination, ip + udp_packet(40 + n, b"\x01" * 8)


def send_frames(namespace, other):
    interface, _, n = SIDES[namespace]
    traffic.enter(namespace)
    source = mac_of(namespace)
    for destination, rest in frames(source, mac_of(other), n):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(struct.unpack("!H", rest[:2])[0]))
        s.bind((interface, 0))
        s.send(destination + source + rest)
        s.close()


def send_everything(scene):
    for size in ("56", "57", "100", "1000", "3000"):
        inside("pwru-client", "ping", "-n", "-c", "1", "-W", "2", "-s", size, "10.99.0.2")
        inside("pwru-server", "ping", "-n", "-c", "1", "-W", "2", "-s", size, "10.99.0.1")
    inside("pwru-client", "ping", "-n", "-6", "-c", "1", "-W", "2", "-s", "3000", "fd99::2")
    inside("pwru-client", "ping", "-n", "-c", "1", "-W", "2", "-t", "1", "-Q", "0x10", "10.99.0.2")
    inside("pwru-client", "ping", "-n", "-c", "1", "-W", "1", "-b", "10.99.0.255", check=False)
    inside("pwru-client", "ping", "-n", "-c", "1", "-W", "1", "-I", "veth-client", "224.0.0.1", check=False)
    inside("pwru-client", "bash", "-c", "echo datagram >/dev/udp/10.99.0.2/9999")
    run("sh", scene, "tcp")
    run("sh", scene, "drop")
    run(sys.executable, os.path.join(HERE, "..", "interop", "traffic.py"), "flows")
    run(sys.executable, os.path.abspath(__file__), "frames")


# ---- reading ----

def read_pcap(path):
    """Of each packet: its time in ns, its bytes."""
    with open(path, "rb") as f:
        data = f.read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = 24
    while at < len(data):
        seconds, fraction, caplen = struct.unpack_from(order + "III", data, at)
        yield seconds * 10**9 + fraction * 1000, data[at + 16:at + 16 + caplen]
        at += 16 + caplen


def read_options(data, at, end):
    while at + 4 <= end:
        code, length = struct.unpack_from("<HH", data, at)
        if code == 0:
            return
        yield code, data[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def read_pcapng(path):
    """Of each packet: its time in ns, its interface's name, its comment, its bytes."""
    with open(path, "rb") as f:
        data = f.read()
    at, interfaces = 0, []
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        end = at + length - 4
        if kind == 1:
            options = dict(read_options(data, at + 16, end))
            interfaces.append((options.get(2, b"").decode(), 10**(9 - options.get(9, b"\x06")[0])))
        elif kind == 6:
            interface, high, low, caplen = struct.unpack_from("<IIII", data, at + 8)
            name, unit = interfaces[interface]
            options = dict(read_options(data, at + 28 + (caplen + 3) // 4 * 4, end))
            yield (high << 32 | low) * unit, name, options.get(1, b"").decode(), data[at + 28:at + 28 + caplen]
        at += length


def what_was_recorded(path, inode, during):
    there = {"sent": collections.Counter(), "received": collections.Counter()}
    for when, name, comment, frame in read_pcapng(path):
        if name not in FUNCTIONS or f" netns={inode} " not in comment or " if=veth-client " not in comment:
            continue
        # The copy of one's own multicast has an empty MAC header; packet sockets are not shown it.
        if during[0] < when < during[1] and frame[:12] != bytes(12):
            there[FUNCTIONS[name]][frame[:KEY]] += 1
    return there


def what_tcpdump_says(path, mac, during):
    there = {"sent": collections.Counter(), "received": collections.Counter()}
    for when, frame in read_pcap(path):
        if during[0] < when < during[1]:
            there["sent" if frame[6:12] == mac else "received"][frame[:KEY]] += 1
    return there


# ---- running ----

def wait_for(what, condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"live.py: no {what}")
        time.sleep(0.02)


def record(recorder, expressions, directory, scene):
    everything = os.path.join(directory, "now.pcap")
    said = open(os.path.join(directory, "tcpdump.err"), "w+")
    tcpdump = subprocess.Popen(["ip", "netns", "exec", "pwru-client", "tcpdump", "-i", "veth-client", "--immediate-mode", "-U", "-n", "-B", "8192",
                                "-Z", "root", "-w", everything], stderr=said)
    running = []
    for i, expression in enumerate(expressions):
        f = os.path.join(directory, str(i))
        err = open(f + ".err", "w")
        running.append(subprocess.Popen([
            recorder, "-q", "--no-track", "--backend", "tracepoint", "--with-ssh", "--ring-size", "2M", "-s", "192",
            "--filter-func", "net_dev_queue|netif_receive_skb", "--ready-file", f + ".ready", "-w", f + ".pcapng",
            *expression.split()], stderr=err))
        err.close()
    wait_for("tcpdump", lambda: "listening" in open(said.name).read())
    for i, p in enumerate(running):
        wait_for("recorder", lambda: os.path.exists(os.path.join(directory, f"{i}.ready")) or p.poll() is not None)
    time.sleep(0.1)
    begin = time.time_ns()
    send_everything(scene)
    # A ping from each CPU comes back when all that waited there before it has been received.
    for cpu in sorted(os.sched_getaffinity(0)):
        inside("pwru-client", "taskset", "-c", str(cpu), "ping", "-n", "-c", "1", "-W", "10", "10.99.0.2")
    end = time.time_ns()
    inside("pwru-client", "ping", "-n", "-c", "1", "-W", "10", "-p", MARKER.hex(), "10.99.0.2")
    wait_for("last packet in tcpdump's file", lambda: open(everything, "rb").read().count(MARKER * 2) >= 2)
    for p in [*running, tcpdump]:
        p.send_signal(2)
    status = [p.wait() for p in running]
    tcpdump.wait()
    if not re.search(r"^0 packets dropped by kernel", open(said.name).read(), re.M):
        sys.exit("live.py: tcpdump lost packets")
    return everything, status, (begin, end)


def judge(expression, everything, directory, i, status, mac, inode, during):
    f = os.path.join(directory, str(i))
    if status:
        return f"exit {status}: " + open(f + ".err").read().strip().replace("\n", " | ")
    run("tcpdump", "-r", everything, "-Z", "root", "-w", f + ".pcap", expression)
    theirs, ours = what_tcpdump_says(f + ".pcap", mac, during), what_was_recorded(f + ".pcapng", inode, during)
    picked, of = (sum(sum(c.values()) for c in x.values()) for x in (theirs, what_tcpdump_says(everything, mac, during)))
    if not 0 < picked < of:
        return f"tells nothing: tcpdump picks {picked} of {of}"
    for way in theirs:
        for side, more in (("missing", theirs[way] - ours[way]), ("not asked for", ours[way] - theirs[way])):
            if more:
                return f"{side}, {way}: {sum(more.values())} of {sum(theirs[way].values())}: {next(iter(more)).hex()}"
    return None


def main(recorder, expressions, directory):
    scene = os.path.join(HERE, "..", "support", "scene.sh")
    ipv6_up()
    mac, inode = mac_of("pwru-client"), os.stat("/run/netns/pwru-client").st_ino
    with open(expressions) as f:
        all_of_them = f.read().splitlines()
    for start in range(0, len(all_of_them), BATCH):
        batch = all_of_them[start:start + BATCH]
        everything, status, during = record(recorder, batch, directory, scene)
        for i, expression in enumerate(batch):
            why = judge(expression, everything, directory, i, status[i], mac, inode, during)
            print(f"not ok live: {expression}: {why}" if why else f"ok live: {expression}", flush=True)
            if os.path.exists(os.path.join(directory, f"{i}.ready")):
                os.unlink(os.path.join(directory, f"{i}.ready"))
        if start == 0:
            os.rename(everything, os.path.join(directory, "all.pcap"))


if __name__ == "__main__":
    if sys.argv[1:] == ["frames"]:
        send_frames("pwru-client", "pwru-server")
        send_frames("pwru-server", "pwru-client")
    else:
        main(*sys.argv[1:])

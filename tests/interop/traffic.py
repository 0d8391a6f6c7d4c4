#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""traffic.py flows | tcp PORT...: known packets between the two namespaces of tests/support/scene.sh.

One process with sockets in both namespaces, so that nothing has to be waited for but the packets themselves. It
sends everything it promises or fails; what it sends is printed, one packet a line, as JSON:
{"src", "dst", "sport", "dport", "l4", "mark", "lo"}.

flows: UDP in both directions with swapped ports, TCP, ICMP echo and protocol 253, over IPv4 and IPv6; and on the
client's loopback, which keeps the mark where the way between namespaces clears it, UDP with mark 0 and mark 7.
tcp PORT...: a TCP connection from each PORT of the client to port 80 of the server, with data.
"""
import ctypes
import json
import os
import socket
import struct
import sys

SO_MARK = 36
CLONE_NEWNET = 0x40000000
HOSTS = {4: ("10.99.0.1", "10.99.0.2", "127.0.0.1"), 6: ("fd99::1", "fd99::2", "::1")}
libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    fd = os.open("/run/netns/" + namespace, os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns " + namespace)
    os.close(fd)


def open_socket(version, kind, proto, address=None, port=0):
    s = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, kind, proto)
    s.settimeout(5)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if address:
        s.bind((address, port))
    return s


def told(src, dst, sport, dport, l4, mark=0, lo=False):
    print(json.dumps({"src": src, "dst": dst, "sport": sport, "dport": dport, "l4": l4, "mark": mark, "lo": lo}))


def received(s, text):
    got = s.recv(2048)
    if got[-len(text):] != text:
        raise RuntimeError(f"got {got!r} in place of {text!r}")


def send_udp(a, b, mark=0, lo=False):
    if mark:
        a.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
    text = f"{a.getsockname()} {b.getsockname()} {mark}".encode()
    a.sendto(text, b.getsockname())
    received(b, text)
    told(a.getsockname()[0], b.getsockname()[0], a.getsockname()[1], b.getsockname()[1], "udp", mark, lo)


def udp(version):
    client, server, loopback = HOSTS[version]
    enter("pwru-client")
    c = {p: open_socket(version, socket.SOCK_DGRAM, 0, client, p) for p in (5001, 5002)}
    lo = [open_socket(version, socket.SOCK_DGRAM, 0, loopback, p) for p in (7001, 7002, 7003, 7004)]
    enter("pwru-server")
    s = {p: open_socket(version, socket.SOCK_DGRAM, 0, server, p) for p in (5001, 5002)}
    for a, b in ((c, s), (s, c)):
        send_udp(a[5001], b[5002])
        send_udp(a[5002], b[5001])
    send_udp(lo[0], lo[1], lo=True)
    send_udp(lo[2], lo[3], mark=7, lo=True)
    for x in [*c.values(), *s.values(), *lo]:
        x.close()


def tcp(version, sport, dport):
    client, server, _ = HOSTS[version]
    enter("pwru-server")
    listener = open_socket(version, socket.SOCK_STREAM, 0, server, dport)
    listener.listen(1)
    enter("pwru-client")
    c = open_socket(version, socket.SOCK_STREAM, 0, client, sport)
    c.connect((server, dport))
    s = listener.accept()[0]
    s.settimeout(5)
    c.sendall(b"question")
    received(s, b"question")
    s.sendall(b"answer")
    received(c, b"answer")
    # The client says goodbye first: TIME-WAIT stays on its side.
    c.close()
    if s.recv(10):
        raise RuntimeError("no end of the connection")
    s.close()
    listener.close()
    told(client, server, sport, dport, "tcp")
    told(server, client, dport, sport, "tcp")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo(version):
    client, server, _ = HOSTS[version]
    enter("pwru-client")
    proto = socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6
    s = open_socket(version, socket.SOCK_RAW, proto, client)
    request, reply = (8, 0) if version == 4 else (128, 129)
    body = struct.pack("!HH", 4711, version) + b"echo echo"[:8]
    s.sendto(struct.pack("!BBH", request, 0, checksum(bytes([request, 0, 0, 0]) + body)) + body, (server, 0))
    while True:
        got = s.recv(2048)[20 if version == 4 else 0:]
        if got[0] == reply and got[4:] == body:
            break
    s.close()
    told(client, server, None, None, "icmp" if version == 4 else "icmp6")
    told(server, client, None, None, "icmp" if version == 4 else "icmp6")


def numbered(version):
    client, server, _ = HOSTS[version]
    enter("pwru-server")
    s = open_socket(version, socket.SOCK_RAW, 253, server)
    enter("pwru-client")
    c = open_socket(version, socket.SOCK_RAW, 253, client)
    c.sendto(b"protocol 253", (server, 0))
    received(s, b"protocol 253")
    c.close()
    s.close()
    told(client, server, None, None, "253")


def main(argv):
    if argv[1:] == ["flows"]:
        for version in (4, 6):
            udp(version)
            tcp(version, 6001, 6002)
            echo(version)
            numbered(version)
    elif len(argv) > 2 and argv[1] == "tcp":
        for port in argv[2:]:
            tcp(4, int(port), 80)
    else:
        sys.exit("usage: traffic.py flows | tcp PORT...")


if __name__ == "__main__":
    main(sys.argv)

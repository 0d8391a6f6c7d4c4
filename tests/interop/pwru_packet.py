# SPDX-License-Identifier: GPL-2.0-only
"""What the bytes of a packet, or its socket, say of it: pwru_reader.py's."""
import ipaddress
import socket
import struct

L4 = {1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 33: "dccp", 41: "ip6", 47: "gre", 50: "esp", 51: "ah",
      58: "icmp6", 103: "pim", 112: "vrrp", 132: "sctp", 136: "udplite"}
PORTS = (6, 17, 33, 132, 136)


def layer4(tuple_, proto, data):
    tuple_["l4"] = L4.get(proto, str(proto))
    if proto in PORTS and len(data) >= 4:
        tuple_["sport"], tuple_["dport"] = struct.unpack_from(">HH", data)
        if proto == 6 and len(data) >= 14:
            tuple_["tcp_flags"] = data[13]
    elif proto in (1, 58) and len(data) >= 1:
        tuple_["icmp_type"] = data[0]
        if data[0] in ((8, 0) if proto == 1 else (128, 129)) and len(data) >= 8:
            tuple_["icmp_id"], tuple_["icmp_seq"] = struct.unpack_from(">HH", data, 4)


def ipv4(tuple_, data):
    if len(data) < 20 or data[0] >> 4 != 4:
        return
    tuple_["ip_id"] = struct.unpack_from(">H", data, 4)[0]
    tuple_["src"], tuple_["dst"] = (str(ipaddress.IPv4Address(data[i:i + 4])) for i in (12, 16))
    fragment = struct.unpack_from(">H", data, 6)[0] & 0x1FFF
    layer4(tuple_, data[9], b"" if fragment else data[(data[0] & 15) * 4:])


def ipv6(tuple_, data):
    if len(data) < 40 or data[0] >> 4 != 6:
        return
    tuple_["src"], tuple_["dst"] = (socket.inet_ntop(socket.AF_INET6, data[i:i + 16]) for i in (8, 24))
    proto, data = data[6], data[40:]
    while proto in (0, 43, 44, 51, 60, 135) and len(data) >= 8:
        size = 8 if proto == 44 else (data[1] + 2) * 4 if proto == 51 else (data[1] + 1) * 8
        first = proto != 44 or not struct.unpack_from(">H", data, 2)[0] & 0xFFF8
        proto, data = data[0], data[size:]
        if not first:
            data = b""
            break
    layer4(tuple_, proto, data)


def unmap(tuple_):
    """IPv4 addresses inside those of IPv6; the other one may be unset."""
    both = {key: ipaddress.IPv6Address(tuple_[key]) for key in ("src", "dst")}
    mapped = {key: address.ipv4_mapped for key, address in both.items()}
    if any(mapped.values()) and all(mapped[key] or not int(both[key]) for key in both):
        tuple_.update((key, str(mapped[key] or "0.0.0.0")) for key in both)


def tuple_of(frame, flags, from_socket):
    tuple_ = {}
    if not flags["no_l3"] and not flags["unreadable"] and len(frame) >= 14:
        ethertype, at = struct.unpack_from(">H", frame, 12)[0], 14
        while ethertype in (0x8100, 0x88A8, 0x9100) and len(frame) >= at + 4:
            ethertype, at = struct.unpack_from(">H", frame, at + 2)[0], at + 4
        {0x0800: ipv4, 0x86DD: ipv6}.get(ethertype, lambda *_: None)(tuple_, frame[at:])
    if not tuple_ and from_socket is not None and len(from_socket) >= 40:
        family, proto, sport, dport = struct.unpack_from("<BBHH", from_socket)
        if family in (4, 6):
            width, kind = (4, socket.AF_INET) if family == 4 else (16, socket.AF_INET6)
            tuple_ = {key: socket.inet_ntop(kind, from_socket[at:at + width]) for key, at in (("src", 8), ("dst", 24))}
            tuple_["l4"] = L4.get(proto, str(proto))
            if family == 6:
                unmap(tuple_)
            if sport or dport:
                tuple_.update(sport=sport, dport=dport)
    return tuple_

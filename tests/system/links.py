# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
links.py - packets of many kinds over two links from a to b and back, what they are on the wire, and which arrive.

Datagrams go from socket to socket, whole or in fragments. SYNs, other TCP segments and echoes go as raw packets, between
addresses of nobody, so that no stack answers. Connections are what a tap at b sees of them. Each packet but those of
connections has a number, by which its arrival is known.
"""
import collections
import contextlib
import dataclasses
import itertools
import socket
import struct

from conftest import HANGS, wait_until
from hiding import ICMP, ICMPV6, SO_RCVBUFFORCE, TCP, UDP, checksum

MAGIC = b"nctl"
PACKET_OUTGOING = 4
ETHERNET, UDP_HEADER, TCP_HEADER, MTU = 14, 8, 20, 1500
IP_HEADER = {4: 20, 6: 40}
ARP = bytes.fromhex("ffffffffffff" "020000000009" "0806" "0001080006040003") + bytes(20)
PROTOS = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMPV6: "icmpv6"}
NUMBERS = {name: number for number, name in PROTOS.items()}
MACS = {"out": bytes.fromhex("020000000002020000000001"), "in": bytes.fromhex("020000000001020000000002")}
SERVER = 80  # of connections


@dataclasses.dataclass
class Packet:
    """One packet, or a datagram that the sender's stack cuts: pieces are the lengths of what is on the wire."""
    way: str  # "out" of a, or "in"
    dev: str
    proto: str
    src: str = ""
    dst: str = ""
    sport: int = 0
    dport: int = 0
    pieces: tuple = ()
    output: int = 0  # length at OUTPUT, 0: it does not go there
    number: int = 0
    refused: bool = False  # the sender was told


def inet(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def fragments(family, size):
    """Lengths of the IP packets that a datagram of that many bytes leaves in."""
    head = IP_HEADER[family]
    data = size + UDP_HEADER
    if head + data <= MTU:
        return (head + data,)
    head += 8 if family == 6 else 0
    room = (MTU - head) // 8 * 8
    return tuple(head + min(room, data - at) for at in range(0, data, room))


def ip(proto, src, dst, data):
    src, dst = inet(src), inet(dst)
    if len(src) == 16:
        return struct.pack("!IHBB", 6 << 28, len(data), NUMBERS[proto], 64) + src + dst + data
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(data), 1, 0, 64, NUMBERS[proto])
    return head + struct.pack("!H", checksum(head + src + dst)) + src + dst + data


def transport_of(frame):
    """(protocol, IP packet, what follows its header), or None of what is neither a plain TCP nor ICMP packet."""
    kind = frame[12:14]
    if kind == b"\x08\x00" and not int.from_bytes(frame[20:22], "big") & 0x3fff:
        packet = frame[14:14 + int.from_bytes(frame[16:18], "big")]
        return PROTOS.get(packet[9]), packet, packet[20:]
    if kind == b"\x86\xdd":
        packet = frame[14:54 + int.from_bytes(frame[18:20], "big")]
        return PROTOS.get(packet[6]), packet, packet[40:]
    return None, b"", b""


class Links:
    devices = ("eth0", "eth1")
    ports = (9, 53, 5000)

    def __init__(self, pair):
        self.pair = pair
        pair.join("eth1", "10.1.0.", "2001:db8:1::", gso=False)
        nets = {"eth0": {4: "10.0.0.", 6: "2001:db8::"}, "eth1": {4: "10.1.0.", 6: "2001:db8:1::"}}
        self.own = {(dev, family): [net + "1"] for dev in nets for family, net in nets[dev].items()}
        self.peers = {(dev, family): [net + "2", net + "5"] for dev in nets for family, net in nets[dev].items()}
        self.nobody = {(dev, family): (net + "88", net + "77") for dev in nets for family, net in nets[dev].items()}
        self.addresses = sorted(a for some in (*self.own.values(), *self.peers.values(), *self.nobody.values())
                                for a in some)
        self.prefixes = [n + ("0/24" if "." in n else "/64") for dev in nets for n in nets[dev].values()]
        self.numbers = itertools.count(1)
        self.arrived = collections.Counter()
        self.stack = contextlib.ExitStack()
        self.settings()
        self.open()

    def settings(self):
        """Nothing is sent by itself later: no complaint of a datagram half arrived, no SYN-ACK again."""
        for net in (self.pair.a, self.pair.b):
            net.sh("sh", "-c", "cd /proc/sys/net; for f in ipv4/ipfrag_time ipv6/ip6frag_time; do echo 3600 >$f; done;"
                   " echo 0 >ipv4/tcp_synack_retries; echo 1 >ipv4/tcp_no_metrics_save")
        for dev, family in self.nobody:
            for net, address in zip((self.pair.b, self.pair.a), self.nobody[dev, family]):
                peer = self.pair.b if net is self.pair.a else self.pair.a
                net.ip("neigh", "replace", address, "lladdr", peer.mac, "dev", dev, "nud", "permanent")

    def open(self):
        keep = self.stack.enter_context
        self.sockets = {}
        for net, some in ((self.pair.a, self.own), (self.pair.b, self.peers)):
            for (_, family), addresses in some.items():
                for address, port in itertools.product(addresses, self.ports):
                    s = keep(net.socket(socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_DGRAM))
                    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
                    s.bind((address, port))
                    s.setblocking(False)
                    self.sockets[address, port] = s
        self.raw = {family: keep(self.pair.a.socket(kind, socket.SOCK_RAW, socket.IPPROTO_RAW))
                    for family, kind in ((4, socket.AF_INET), (6, socket.AF_INET6))}
        self.frames, self.taps = {}, {}
        for dev, (way, net) in itertools.product(self.devices, (("out", self.pair.a), ("in", self.pair.b))):
            self.frames[way, dev] = keep(net.packet_socket(dev))
            # What is sent one way arrives at the other's tap.
            tap = keep((self.pair.b if way == "out" else self.pair.a).socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
            tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
            tap.bind((dev, 3))
            tap.setblocking(False)
            self.taps[way, dev] = tap

    def close(self):
        self.stack.close()

    # ---- sending ----

    def datagram(self, way, dev, family, ends, ports, size):
        """ends: the number of b's address, 0 or 1."""
        own, peer = self.own[dev, family][0], self.peers[dev, family][ends]
        src, dst = (own, peer) if way == "out" else (peer, own)
        p = Packet(way, dev, "udp", src, dst, *ports, fragments(family, size), number=next(self.numbers))
        p.output = IP_HEADER[family] + UDP_HEADER + size if way == "out" else 0
        try:
            self.sockets[src, p.sport].sendto(MAGIC + struct.pack("!I", p.number) + bytes(size - 8), (dst, p.dport))
        except PermissionError:
            p.refused = True
        return p

    def packet(self, way, dev, family, proto, head, ports, size):
        """A raw packet between two of nobody: head is its transport header."""
        src, dst = self.nobody[dev, family][::1 if way == "out" else -1]
        number = next(self.numbers)
        whole = ip(proto, src, dst, head + MAGIC + struct.pack("!I", number) + bytes(size))
        p = Packet(way, dev, proto, src, dst, *ports, (len(whole),), number=number)
        if way == "in":
            self.frames["in", dev].send(MACS["in"] + (b"\x08\0" if family == 4 else b"\x86\xdd") + whole)
            return p
        p.output = len(whole)
        try:
            self.raw[family].sendto(whole, (dst, 0))
        except PermissionError:
            p.refused = True
        return p

    def segment(self, way, dev, family, ports, flags, size):
        head = struct.pack("!HHIIBBHHH", *ports, 1, 1, 5 << 4, flags, 1024, 0, 0)
        return self.packet(way, dev, family, "tcp", head, ports, size)

    def echo(self, way, dev, family, number, reply, size):
        kind = {4: (8, 0), 6: (128, 129)}[family][reply]
        return self.packet(way, dev, family, "icmp" if family == 4 else "icmpv6",
                           struct.pack("!BBHHH", kind, 0, 0, number, 1), (number, kind << 8), size)

    def arp(self, way, dev):
        number = next(self.numbers)
        frame = ARP + MAGIC + struct.pack("!I", number)
        with contextlib.suppress(OSError):  # ENOBUFS: TC says that it was dropped
            self.frames[way, dev].send(frame)
        return Packet(way, dev, "arp", pieces=(len(frame) - ETHERNET,), number=number)

    # ---- what arrives ----

    def receive(self):
        """Count what has arrived since, and forget what is seen of connections."""
        for s in self.sockets.values():
            with contextlib.suppress(BlockingIOError):
                while data := s.recv(65536):
                    self.arrived[struct.unpack("!I", data[4:8])[0]] += 1
        for way, dev in self.taps:
            for frame, kind in self.tapped(way, dev):
                at = frame.find(MAGIC)
                proto, _, _ = transport_of(frame)
                if at >= 0 and kind != PACKET_OUTGOING and (proto in ("tcp", "icmp", "icmpv6") or frame[12:14] == b"\x08\x06"):
                    self.arrived[struct.unpack("!I", frame[at + 4:at + 8])[0]] += 1

    def tapped(self, way, dev):
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, where = self.taps[way, dev].recvfrom(65536)
                yield frame, where[2]

    # ---- connections ----

    def connect(self, way, dev, family, size):
        """
        A connection that carries that many bytes there and back, from its first packet to its last: those packets, and
        that nothing was refused. They are those that b's tap has seen, going either way.
        """
        self.receive()
        nets = {"out": (self.pair.a, self.pair.b), "in": (self.pair.b, self.pair.a)}[way]
        own, peer = self.own[dev, family][0], self.peers[dev, family][0]
        kind = socket.AF_INET if family == 4 else socket.AF_INET6
        with nets[1].socket(kind, socket.SOCK_STREAM) as server, nets[0].socket(kind, socket.SOCK_STREAM) as client:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((peer if way == "out" else own, SERVER))
            server.listen(1)
            client.settimeout(HANGS)
            client.connect(server.getsockname()[:2])
            with server.accept()[0] as there:
                for s, t in ((client, there), (there, client)):
                    s.sendall(bytes(size))
                    t.recv(size, socket.MSG_WAITALL)
                client.shutdown(socket.SHUT_WR)
                there.recv(1)
        assert wait_until(lambda: self.pair.a.tcp_is_over() and self.pair.b.tcp_is_over())
        return self.connection(dev)

    def like_a_connection(self, dev, family):
        """Packets of all lengths that one may have, from and to any port of the client's."""
        own, peer = self.own[dev, family][0], self.peers[dev, family][0]
        for length in (*range(40, 120), *range(120, MTU, 20), MTU):
            for server, client, way in ((peer, own, "out"), (own, peer, "in")):
                yield Packet(way, dev, "tcp", client, server, 40000, SERVER, (length,))
                yield Packet("in" if way == "out" else "out", dev, "tcp", server, client, SERVER, 40000, (length,))

    def connection(self, dev):
        """The packets that the tap has seen, with neither MAGIC nor number."""
        for frame, kind in self.tapped("out", dev):
            proto, packet, data = transport_of(frame)
            if proto != "tcp":
                continue
            way = "in" if kind == PACKET_OUTGOING else "out"
            width = 4 if packet[0] >> 4 == 4 else 16
            src, dst = (socket.inet_ntop(socket.AF_INET if width == 4 else socket.AF_INET6, packet[at:at + width])
                        for at in ((12, 16) if width == 4 else (8, 24)))
            yield Packet(way, dev, "tcp", src, dst, *struct.unpack("!HH", data[:4]), (len(packet),),
                         len(packet) if way == "out" else 0)

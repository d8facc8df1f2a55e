# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""hiding.py - packets that hide what they are from whoever reads only so far, sent, and which of them arrive.

A form is one datagram, connection request or echo request from a to b, written in a certain way. Each is sent with a
number of its own, by which its arrival is known: the source port, or the identifier of an echo.
"""
import collections
import contextlib
import errno
import itertools
import socket
import struct

from conftest import HANGS, one_cpu

SOL_PACKET, PACKET_IGNORE_OUTGOING, SO_RCVBUFFORCE = 263, 23, 33  # not in Python's module

PORT = 2222
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60
LONG = 0x100 | DESTINATION  # of 16 bytes; the others are of 8
BODY = 40  # bytes of a transport header and what follows
MAC = bytes.fromhex("020000000002" "020000000001")
ADDRESSES = {4: [socket.inet_pton(socket.AF_INET, f"10.0.0.{n}") for n in (1, 2)],
             6: [socket.inet_pton(socket.AF_INET6, f"2001:db8::{n}") for n in (1, 2)]}
NEIGHBOUR = "10.0.0.5"  # b's other address: what is sent there last is answered last
TPID = {"q": b"\x81\x00\x00\x00", "ad": b"\x88\xa8\x00\x00"}  # priority tags, which Linux takes off

# What of a packet cannot be read: nothing, its transport header, its protocol as well, or all but MAC addresses.
NOTHING, TRANSPORT, PROTOCOL, ALL = "nothing", "transport", "protocol", "all"

# tags: those before the IP header; packets(number): that header and what follows, of each frame.
Form = collections.namedtuple("Form", "name family proto hides tags packets")

serial = itertools.count(1)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return 0xffff - (total % 0xffff or 0xffff) or 0xffff


def transport(family, proto, number, port=PORT):
    """A SYN, a datagram or an echo request."""
    pseudo = b"".join(ADDRESSES[family]) + struct.pack("!HH", BODY, proto) if proto != ICMP else b""
    head, at = {TCP: (struct.pack("!HHIIBBHHH", number, port, number, 0, 5 << 4, 2, 1024, 0, 0), 16),
                UDP: (struct.pack("!HHHH", number, port, BODY, 0), 6)}.get(
                    proto, (struct.pack("!BBHHH", 8 if proto == ICMP else 128, 0, 0, number, 1), 2))
    data = head.ljust(BODY, b"x")
    return data[:at] + struct.pack("!H", checksum(pseudo + data)) + data[at + 2:]


def ip4(proto, data, number, offset=0, more=False, options=b""):
    head = struct.pack("!BBHHHBB", 0x45 + len(options) // 4, 0, 20 + len(options) + len(data), number,
                       more << 13 | offset // 8, 64, proto)
    after = b"".join(ADDRESSES[4]) + options
    return head + struct.pack("!H", checksum(head + after)) + after + data


def extensions(kinds, last, number=0, offset=0, more=False):
    """Extension headers of those kinds, followed by protocol "last"; the other values are of fragment headers."""
    rest = {FRAGMENT: b"\0" + struct.pack("!HI", offset | more, number), ROUTING: bytes(7),
            LONG: b"\1\x1e\x0c" + bytes(12)}  # an option to be skipped: Linux takes no such padding
    return b"".join(bytes([follows & 0xff]) + rest.get(kind, b"\0\1\4\0\0\0\0")
                    for kind, follows in zip(kinds, (*kinds[1:], last)))


def ip6(kinds, proto, data, *fragment):
    data = extensions(kinds, proto, *fragment) + data
    return struct.pack("!IHBB", 6 << 28, len(data), (*kinds, proto)[0], 64) + b"".join(ADDRESSES[6]) + data


def cut(data, *ends):
    """[(offset, bytes, whether more follow)] of the pieces that end there."""
    return [(at, data[at:end], end < len(data)) for at, end in zip((0, *ends), (*ends, len(data)))]


def pieces4(proto, ends, order=list, options=b""):
    def packets(number):
        parts = cut(transport(4, proto, number), *ends)
        return order([ip4(proto, data, number, at, more, options) for at, data, more in parts])
    return packets


def pieces6(proto, ends, before=(), after=(), order=list):
    """
    The datagram in pieces, with extension headers before the fragment header, in each, and after it. The pieces end at
    these bytes of the transport header; those below 0 before it, so that later pieces have the rest of the headers.
    """
    def packets(number):
        chain = extensions(after, proto)
        parts = cut(chain + transport(6, proto, number), *[len(chain) + end for end in ends])
        return order([ip6((*before, FRAGMENT), (*after, proto)[0], data, number, at, more) for at, data, more in parts])
    return packets


def behind(proto, kinds):
    return lambda number: [ip6(kinds, proto, transport(6, proto, number), number)]


def plain(family, proto):
    if family == 6:
        return behind(proto, ())
    return lambda number: [ip4(proto, transport(4, proto, number), number)]


def backwards(packets):
    return packets[::-1]


def first_twice(packets):
    return [packets[0], *packets]


def innocent_again(proto, end):
    """The first fragment once more with the port of another service: Linux keeps what came first."""
    def packets(number):
        parts = cut(transport(4, proto, number), end)
        other = cut(transport(4, proto, number, 80), end)
        return [ip4(proto, data, number, at, more) for at, data, more in (parts[0], other[0], parts[1])]
    return packets


def overlapping(proto, end, by):
    """The second fragment begins within the first and says something else there (RFC 3128)."""
    def packets(number):
        data, other = transport(4, proto, number), transport(4, proto, number, 80)
        return [ip4(proto, other[:end], number, 0, True), ip4(proto, data[by:], number, by)]
    return packets


NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMPV6: "icmp"}
PROTOS = {4: (TCP, UDP, ICMP), 6: (TCP, UDP, ICMPV6)}
MANY = (DESTINATION,) * 17
CHAINS = {"16 headers": (DESTINATION,) * 16, "17 headers": MANY, "18 headers": (DESTINATION,) * 18,
          "30 headers": (DESTINATION,) * 30, "150 headers": (DESTINATION,) * 150,
          "hop-by-hop, 16 headers": (HOP_BY_HOP,) + (DESTINATION,) * 16, "17 routing headers": (ROUTING,) * 17,
          "30 headers of all kinds": (HOP_BY_HOP, *(ROUTING, LONG) * 8, FRAGMENT, *(DESTINATION, ROUTING) * 6)}
CUT_WITHIN = LONG, DESTINATION
MANY_TAGS = ("q",) * 10
TAGS = {"8 tags": ("q",) * 8, "9 tags": ("q",) * 9, "10 tags": MANY_TAGS, "12 tags of both kinds": ("ad", "q") * 6,
        "60 tags": ("q",) * 60, "300 tags": ("q",) * 300}


def forms_of_all():
    for family, protos in PROTOS.items():
        for proto in protos:
            yield "plain", family, proto, NOTHING, (), plain(family, proto)
            for name, tags in TAGS.items():
                yield name, family, proto, ALL if len(tags) > 8 else NOTHING, tags, plain(family, proto)
    for proto in PROTOS[6]:
        for name, kinds in CHAINS.items():
            yield name, 6, proto, PROTOCOL if len(kinds) > 16 else NOTHING, (), behind(proto, kinds)


def forms_of_fragments():
    for order in (list, backwards):
        way = ", backwards" if order is backwards else ""
        for proto in PROTOS[4]:
            yield f"cut at 24{way}", 4, proto, NOTHING, (), pieces4(proto, (24,), order)
            yield f"10 tags, cut at 24{way}", 4, proto, ALL, MANY_TAGS, pieces4(proto, (24,), order)
        for ends in ((8,), (16,), (8, 16)):
            yield f"cut at {ends}{way}", 4, TCP, TRANSPORT, (), pieces4(TCP, ends, order)
        yield f"10 tags, cut at 16{way}", 4, TCP, ALL, MANY_TAGS, pieces4(TCP, (16,), order)
        yield f"options, cut at 16{way}", 4, TCP, TRANSPORT, (), pieces4(TCP, (16,), order, b"\x94\4\0\0")
        for proto in PROTOS[6]:
            yield f"cut at 24{way}", 6, proto, NOTHING, (), pieces6(proto, (24,), order=order)
            yield f"17 headers, cut at 24{way}", 6, proto, PROTOCOL, (), pieces6(proto, (24,), MANY, order=order)
            yield f"cut at 24 behind 17 headers{way}", 6, proto, PROTOCOL, (), pieces6(proto, (24,), (), MANY, order)
            yield f"cut between 4 headers{way}", 6, proto, PROTOCOL, (), pieces6(proto, (-16,), (), MANY[:4], order)
            yield f"cut within a header{way}", 6, proto, PROTOCOL, (), pieces6(proto, (-16,), (), CUT_WITHIN, order)


def forms_of_lies():
    yield "first twice, cut at 16", 4, TCP, TRANSPORT, (), pieces4(TCP, (16,), first_twice)
    yield "first again, for another port", 4, TCP, TRANSPORT, (), innocent_again(TCP, 16)
    yield "overlapping at 8", 4, TCP, TRANSPORT, (), overlapping(TCP, 24, 8)
    yield "overlapping at 16", 4, TCP, NOTHING, (), overlapping(TCP, 24, 16)
    yield "cut at 16", 6, TCP, TRANSPORT, (), pieces6(TCP, (16,))
    for proto in PROTOS[6]:
        yield "two fragment headers", 6, proto, NOTHING, (), behind(proto, (FRAGMENT, FRAGMENT))
        yield "hop-by-hop twice", 6, proto, NOTHING, (), behind(proto, (HOP_BY_HOP, HOP_BY_HOP))


FORMS = [Form(f"{NAMES[f[2]]}{f[1]}, {f[0]}", *f[1:])
         for f in (*forms_of_all(), *forms_of_fragments(), *forms_of_lies())]


@contextlib.contextmanager
def drops_told():
    """TC and OUTPUT let the sender know of a drop, each in its way."""
    try:
        yield
    except OSError as told:
        if told.errno not in (errno.ENOBUFS, errno.EPERM):
            raise


class Frames:
    """From a, frame by frame: seen at its TC egress, and by b."""

    def __init__(self, net):
        self.socket = net.packet_socket()

    def send(self, form, packet):
        ethertype = b"\x86\xdd" if form.family == 6 else b"\x08\x00"
        with drops_told():
            self.socket.send(MAC + b"".join(TPID[t] for t in form.tags) + ethertype + packet)


class Packets:
    """From a, as IP packets by raw sockets: seen at its OUTPUT as well."""

    def __init__(self, net):
        self.sockets = {family: net.socket(kind, socket.SOCK_RAW, socket.IPPROTO_RAW)
                        for family, kind in ((4, socket.AF_INET), (6, socket.AF_INET6))}

    def send(self, form, packet):
        with drops_told():
            self.sockets[form.family].sendto(packet, ("2001:db8::2" if form.family == 6 else "10.0.0.2", 0))


class Peer:
    """b's sockets, and what a sees of its answers."""

    def __init__(self, pair):
        self.datagrams = pair.b.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.datagrams.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.datagrams.bind(("::", PORT))
        self.datagrams.setblocking(False)
        self.server = pair.b.socket(socket.AF_INET6, socket.SOCK_STREAM)
        self.server.bind(("::", PORT))
        self.server.listen(4096)
        self.echo = pair.a.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.answers = pair.a.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self.answers.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.answers.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.answers.bind((pair.a.dev, 3))
        self.answers.settimeout(HANGS)

    def answered(self):
        """Numbers of the answers until what was sent last is answered: it went the same way, frame after frame."""
        last = next(serial) & 0x7fff
        self.echo.sendto(struct.pack("!BBHHH", 8, 0, checksum(struct.pack("!BBHHH", 8, 0, 0, last, 2)), last, 2),
                         (NEIGHBOUR, 0))
        while True:
            data, where = self.answers.recvfrom(2000)
            if where[1] not in (0x800, 0x86dd):
                continue
            proto, body = (data[6], data[40:]) if data[0] >> 4 == 6 else (data[9], data[20:])
            if proto == TCP and body[13] & 0x12 == 0x12:
                yield struct.unpack("!HH", body[:4])[1]
            elif proto in (ICMP, ICMPV6) and body[0] in (0, 129):
                number, sequence = struct.unpack("!HH", body[4:8])
                if sequence == 1:
                    yield number
                elif number == last:
                    return

    def arrived(self):
        """Numbers of all that has arrived."""
        numbers = set(self.answered())
        with contextlib.suppress(BlockingIOError):
            while True:
                numbers.add(self.datagrams.recvfrom(100)[1][1])
        return numbers


def arrive(sender, peer, forms):
    """Names of the forms of which the datagram reaches its socket, or is answered."""
    numbers = {0x8000 | next(serial) & 0x7fff: form for form in forms}
    with one_cpu():
        for number, form in numbers.items():
            for packet in form.packets(number):
                sender.send(form, packet)
        got = peer.arrived()
    return {form.name for number, form in numbers.items() if number in got}

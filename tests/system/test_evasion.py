# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_evasion.py - 16 ways to write the same datagram, really sent: none passes the rule, none is dropped that
the rule does not mean. Every form is first seen to arrive without the rule, or it would prove nothing."""
import contextlib
import errno
import itertools
import socket

import pytest
from scapy.layers.inet import IP, UDP, IPOption_Router_Alert
from scapy.layers.inet6 import (IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, PadN)
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Raw

RULE = "drop proto udp dport 53"
BAD, GOOD = 53, 54
serial = itertools.count(1)


def udp(port):
    return UDP(sport=4000, dport=port)


def v4(**fields):
    return IP(src="10.0.0.1", dst="10.0.0.2", id=next(serial), **fields)


def v6(**fields):
    return IPv6(src="2001:db8::1", dst="2001:db8::2", **fields)


def options(count, header=IPv6ExtHdrDestOpt):
    chain = header(options=[PadN(optdata=b"\0" * 4)])
    for _ in range(count - 1):
        chain = chain / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
    return chain


def pieces4(port, body, size, order=lambda x: x):
    whole = v4() / udp(port) / Raw(body)
    data = bytes(whole)[20:]
    offsets = range(0, len(data), size)
    return [IP(src=whole.src, dst=whole.dst, id=whole.id, proto=17, frag=o // 8,
               flags="MF" if o + size < len(data) else 0) / Raw(data[o:o + size]) for o in order(offsets)]


def pieces6(port, body, size):
    data = bytes(v6() / udp(port) / Raw(body))[40:]
    ident = next(serial)
    return [v6() / IPv6ExtHdrFragment(id=ident, nh=17, offset=o // 8, m=int(o + size < len(data))) /
            Raw(data[o:o + size]) for o in range(0, len(data), size)]


def tags(count):
    chain = Dot1Q(vlan=0)
    for _ in range(count - 1):
        chain = chain / Dot1Q(vlan=0)
    return chain


# name: (what precedes the network layer or None, bytes after it, the packets of one datagram)
FORMS = {
    "plain IPv4": (None, 0, lambda p, b: [v4() / udp(p) / Raw(b)]),
    "plain IPv6": (None, 0, lambda p, b: [v6() / udp(p) / Raw(b)]),
    "trailing padding": (None, 30, lambda p, b: [v4() / udp(p) / Raw(b)]),
    "fragments of 24": (None, 0, lambda p, b: pieces4(p, b, 24)),
    "fragments of 8": (None, 0, lambda p, b: pieces4(p, b, 8)),
    "fragments reversed": (None, 0, lambda p, b: pieces4(p, b, 24, reversed)),
    "IPv4 options": (None, 0, lambda p, b: [v4(options=[IPOption_Router_Alert()]) / udp(p) / Raw(b)]),
    "priority tag": (tags(1), 0, lambda p, b: [v4() / udp(p) / Raw(b)]),
    "two tags": (tags(2), 0, lambda p, b: [v4() / udp(p) / Raw(b)]),
    "three tags": (tags(3), 0, lambda p, b: [v4() / udp(p) / Raw(b)]),
    "hop-by-hop": (None, 0, lambda p, b: [v6() / options(1, IPv6ExtHdrHopByHop) / udp(p) / Raw(b)]),
    "destination options": (None, 0, lambda p, b: [v6() / options(1) / udp(p) / Raw(b)]),
    "3 x destination options": (None, 0, lambda p, b: [v6() / options(3) / udp(p) / Raw(b)]),
    "9 x destination options": (None, 0, lambda p, b: [v6() / options(9) / udp(p) / Raw(b)]),
    "atomic fragment": (None, 0, lambda p, b: pieces6(p, b, 4096)),
    "IPv6 fragments": (None, 0, lambda p, b: pieces6(p, b, 24)),
}


@contextlib.contextmanager
def dropped_tells(error):
    """TC and OUTPUT let the sender know of a drop, each in its way."""
    try:
        yield
    except OSError as told:
        if told.errno != error:
            raise


def send_frames(net, name, port, body):
    """As a frame by AF_PACKET: not seen at OUTPUT, seen at TC egress."""
    tag, padding, make = FORMS[name]
    with net.packet_socket() as s:
        for packet in make(port, body):
            ether = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
            with dropped_tells(errno.ENOBUFS):
                s.send(bytes(ether / tag / packet if tag else ether / packet) + bytes(padding))


def send_raw(net, name, port, body):
    """As an IP packet by a raw socket: through OUTPUT, which tells the sender of a drop."""
    for packet in FORMS[name][2](port, body):
        family, address = (socket.AF_INET6, "2001:db8::2") if packet.version == 6 else (socket.AF_INET, "10.0.0.2")
        with net.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as s, dropped_tells(errno.EPERM):
            s.sendto(bytes(packet), (address, 0))


class Listener:
    """Sockets of both families at both ports."""

    def __init__(self, net):
        self.sockets = {}
        for family, port in itertools.product((socket.AF_INET, socket.AF_INET6), (BAD, GOOD)):
            s = self.sockets[family, port] = net.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind(("", port))
            s.settimeout(60 if port == GOOD else 0)

    def wait(self, body):
        """Has the datagram arrived at the innocent port? Frames keep their order on a veth pair."""
        family = socket.AF_INET6 if body.startswith(b"6") else socket.AF_INET
        with contextlib.suppress(TimeoutError):
            while True:
                if self.sockets[family, GOOD].recv(2000) == body:
                    return True
        return False

    def drain(self):
        """Bodies that reached the port the rule means."""
        got = []
        for (_, port), s in self.sockets.items():
            if port == BAD:
                with contextlib.suppress(BlockingIOError):
                    while True:
                        got.append(s.recv(2000))
        return got


def round_of(send, net, listener, names):
    """Each form: innocent, meant, innocent again. (forms that evaded, innocent ones that were lost)"""
    evaded, lost = [], []
    for name in names:
        family = "6" if FORMS[name][2](BAD, b"")[0].version == 6 else "4"
        body = {part: f"{family} {name} {part}".encode().ljust(72, b".") for part in ("before", "meant", "after")}
        send(net, name, GOOD, body["before"])
        send(net, name, BAD, body["meant"])
        send(net, name, GOOD, body["after"])
        lost += [f"{name}: {part}" for part in ("before", "after") if not listener.wait(body[part])]
        evaded += [name for got in listener.drain() if got == body["meant"]]
    return evaded, lost


def hold(pair, attached, hook, send, names):
    listener = Listener(pair.b)
    attached.ok("attach", "eth0", "--hooks", hook)
    assert round_of(send, pair.a, listener, names) == (list(names), []), "a form that does not arrive proves nothing"
    attached.ok("rule", "add", *RULE.split())
    assert round_of(send, pair.a, listener, names) == ([], [])
    dropped = attached.totals(hook, "drop").packets
    assert dropped >= len(names)
    attached.ok("rule", "flush")
    assert round_of(send, pair.a, listener, names) == (list(names), [])
    assert attached.totals(hook, "drop").packets == dropped


def test_forms_are_sixteen():
    assert len(FORMS) == 16


def test_xdp(pair):
    hold(pair, pair.b, "xdp", send_frames, list(FORMS))


def test_tc(pair):
    hold(pair, pair.a, "tc", send_frames, list(FORMS))


def test_output(pair):
    hold(pair, pair.a, "nf", send_raw, [n for n, (tag, padding, _) in FORMS.items() if not tag and not padding])


@pytest.mark.parametrize("hook", ["tc", "nf"])
def test_control(pair, hook):
    """Without netctl: the forms themselves arrive, by both ways of sending."""
    listener = Listener(pair.b)
    send = send_raw if hook == "nf" else send_frames
    names = [n for n, (tag, padding, _) in FORMS.items() if hook == "tc" or not tag and not padding]
    assert round_of(send, pair.a, listener, names) == (names, [])

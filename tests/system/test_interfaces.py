# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_interfaces.py - many interfaces: each its own counters, or what has none is said."""
import socket

import pytest

from attaching import state_pins
from conftest import one_cpu

MANY = 100
HOOKS = ("xdp", "tc", "nf")


def names(of="v"):
    return [f"{of}{i}" for i in range(MANY)]


def packets(i):
    return 1 + i % 7


@pytest.fixture
def crowd(pair):
    """Namespace a with v0, v1 and so on beside eth0, whose peers w0, w1 and so on are in b."""
    lines = []
    for net in (pair.a, pair.b):
        net.sh("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6")
    for v, w in zip(names(), names("w")):
        lines += [f"link add {v} type veth peer name {w} netns {pair.b.name}", f"link set {v} arp off up"]
    lines += [f"addr add 10.1.{i}.1/24 dev v{i}" for i in range(MANY)]
    pair.a.sh("ip", "-batch", "-", input="\n".join(lines))
    pair.b.sh("ip", "-batch", "-", input="\n".join(f"link set {w} arp off up" for w in names("w")))
    return pair


def be_busy(pair):
    """Each of them sends and receives as many as packets() says."""
    for i in range(MANY):
        with pair.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for _ in range(packets(i)):
                s.sendto(bytes(100), (f"10.1.{i}.2", 9))
        with pair.b.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind((f"w{i}", 0))
            for _ in range(packets(i)):
                raw.send(bytes(12) + b"\x88\xb5" + bytes(46))


def rows(net, hook):
    return {t["iface"]: t["packets"] for t in net.json("stats", "totals", "-j")["totals"] if t["hook"] == hook}


def test_each_its_row(crowd):
    """More than 63 busy and more than 85 attached: exact, at each hook."""
    net = crowd.a
    assert "(other)" not in net.ok("attach", *names())
    assert len(net.json("status", "-j")["attached"]) == MANY * len(HOOKS)
    be_busy(crowd)
    for hook in HOOKS:
        assert rows(net, hook) == {f"v{i}": packets(i) for i in range(MANY)}, hook
    assert "(other)" not in net.ok("status")
    net.ok("detach", *names()[:50])
    assert len(net.json("status", "-j")["attached"]) == (MANY - 50) * len(HOOKS)
    net.ok("detach", "--all")
    assert state_pins() == []


def test_beyond_what_was_made_room_for(pair, request):
    """Attached when there were two interfaces: what found no counters later is counted together, and said."""
    net = pair.a
    net.ok("attach", "eth0")
    crowd = request.getfixturevalue("crowd")
    done = net.netctl("attach", *names())
    assert done.code == 0 and "101 interfaces are attached, and a hook counts at most 63 apart" in done.err, done
    with one_cpu():  # each CPU has counters of its own
        be_busy(crowd)
    tables = {t["hook"]: t for t in net.json("status", "-j")["tables"]}
    for hook in HOOKS:
        found = rows(net, hook)
        other = found.pop("(other)")
        assert 0 < len(found) <= 63 and other > 0
        assert all(packets(int(name[1:])) == n for name, n in found.items())
        assert sum(found.values()) + other == sum(map(packets, range(MANY)))
        assert tables[hook]["other_packets"] == other
        assert f"{hook}: {other} packets" in net.ok("status")

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_limit_once.py - a packet that several interfaces see, as they stand on each other, is charged to a limit once."""
import socket

import pytest

from attaching import put_behind_bridge
from conftest import wait_until

BURST, SENT = 20, 30


@pytest.fixture
def bridged(pair):
    """b's addresses are on br0, and eth0 is its port."""
    put_behind_bridge(pair.b, pair.a)
    return pair


def limit(net, *before):
    """A limit of a new bucket, behind such rules."""
    net.ok("rule", "flush")
    for rule in before:
        net.ok("rule", "add", rule)
    net.ok("rule", "add", f"limit 1/h burst {BURST} proto udp dport 9")


def passed(sender, receiver):
    """How many of SENT datagrams arrive."""
    with receiver.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", 9))
        s.setblocking(False)
        sender.send(receiver.ip4, SENT)
        sender.send(receiver.ip4, 1, port=10)  # comes after them
        count = 0
        while True:
            try:
                s.recv(200)
                count += 1
            except BlockingIOError:
                return count


def charges(net, hook):
    """{interface: what it charges} at a hook."""
    return {r["iface"]: r["charges"] for r in net.json("status", "-j")["attached"] if r["hook"] == hook}


def ways(pair):
    """Both directions of b: (hook, sender, receiver)."""
    return ("xdp", pair.a, pair.b), ("tc", pair.b, pair.a)


@pytest.mark.parametrize("mode", ["auto", "generic"])
def test_bridge_and_port(bridged, mode):
    net = bridged.b
    for ifaces in (["eth0"], ["br0"], ["eth0", "br0"], ["br0", "eth0"]):
        said = net.ok("attach", *ifaces, "--hooks", "xdp,tc", "--mode", mode)
        assert "limits:" not in said
        for hook, sender, receiver in ways(bridged):
            limit(net)
            assert passed(sender, receiver) == BURST, (ifaces, hook)
            assert charges(net, hook) == {i: "none" if i == "br0" and len(ifaces) == 2 else "all" for i in ifaces}
        assert "limits: br0" not in net.ok("status")
        net.ok("detach", "--all")


def test_generic_from_below(bridged):
    """The kernel refuses XDP at a port when the bridge has it."""
    net = bridged.b
    net.ok("attach", "br0", "--hooks", "xdp", "--mode", "generic")
    refused = net.netctl("attach", "eth0", "--hooks", "xdp", "--mode", "generic")
    assert refused.code == 1 and "eth0: xdp: an interface that stands on it has an XDP program" in refused.err
    assert charges(net, "xdp") == {"br0": "all"}


def test_one_after_the_other(bridged):
    """Who charges follows what is attached."""
    net = bridged.b
    for words, expected in ((("attach", "br0"), {"br0": "all"}), (("attach", "eth0"), {"br0": "none", "eth0": "all"}),
                            (("detach", "eth0"), {"br0": "all"}), (("attach", "eth0"), {"br0": "none", "eth0": "all"}),
                            (("detach", "br0"), {"eth0": "all"})):
        net.ok(*words, *(("--hooks", "xdp,tc") if words[0] == "attach" else ()))
        for hook, sender, receiver in ways(bridged):
            limit(net)
            assert passed(sender, receiver) == BURST, (words, hook)
            assert charges(net, hook) == expected


def test_some_ports(bridged):
    """With a port that is not attached the bridge charges all: that some are charged twice is said."""
    net = bridged.b
    net.ip("link", "add", "more", "type", "veth", "peer", "name", "other")
    net.ip("link", "set", "more", "master", "br0")
    said = net.ok("attach", "eth0", "br0", "--hooks", "xdp,tc")
    line = "limits: br0: {}: what the interfaces below it have charged is charged twice, as more is not attached\n"
    for hook, sender, receiver in ways(bridged):
        assert line.format(hook) in said and line.format(hook) in net.ok("status")
        assert charges(net, hook)["br0"] == "twice"
        limit(net)
        assert passed(sender, receiver) == BURST // 2
    assert "limits:" not in net.ok("attach", "more", "--hooks", "xdp,tc")
    for hook, sender, receiver in ways(bridged):
        limit(net)
        assert passed(sender, receiver) == BURST and charges(net, hook)["br0"] == "none"
    net.ok("detach", "more")
    assert charges(net, "xdp")["br0"] == "twice"
    net.ip("link", "set", "more", "nomaster")
    assert "charged twice, as they changed: 'netctl attach br0' again" in net.ok("status")
    assert charges(net, "tc")["br0"] == "late"
    assert "already attached" in net.ok("attach", "br0", "--hooks", "xdp,tc")
    assert charges(net, "tc") == charges(net, "xdp") == {"eth0": "all", "br0": "none"}


def test_a_port_that_came_later(bridged, write):
    net = bridged.b
    net.ok("attach", "eth0", "br0", "--hooks", "xdp,tc")
    net.ip("link", "add", "more", "type", "veth", "peer", "name", "other")
    net.ip("link", "set", "more", "master", "br0")
    assert "limits: warning: br0: tc: what comes by more is not limited" in net.ok("status")
    assert charges(net, "xdp")["br0"] == "less"
    net.ok("apply", write("policy pass\n"))
    assert charges(net, "xdp")["br0"] == "twice"
    net.ip("link", "del", "br0")
    assert "limits:" not in net.ok("status")
    net.ok("attach", "more", "--hooks", "xdp,tc")


RULES = [
    # what precedes the limit, what passes of what comes in, and of what goes out
    (["drop src 192.0.2.1", "audit in eth0"], BURST, BURST),
    (["pass in lo", "pass out lo"], BURST, BURST),  # no interface of the stack
    (["pass in eth0 dport 7"], BURST // 2, BURST),
    (["pass out br0 dport 7", "pass in more"], BURST, BURST // 2),
    (["drop vlan 7"], BURST // 2, BURST // 2),
]


@pytest.mark.parametrize("before,received,sent", RULES, ids=[r[0][0] for r in RULES])
def test_rules_before(bridged, before, received, sent):
    """Where interfaces may differ over a rule before it, a limit is charged at each: less passes, never more."""
    net = bridged.b
    net.ip("link", "add", "more", "type", "veth", "peer", "name", "other")
    net.ok("attach", "eth0", "br0", "--hooks", "xdp,tc")
    limit(net, *before)
    assert passed(bridged.a, net) == received
    limit(net, *before)
    assert passed(net, bridged.a) == sent
    said = [line for line in net.ok("status").splitlines() if "charged by each interface" in line]
    assert [line.split(": ")[2] for line in said] == ["xdp"] * (received < BURST) + ["tc"] * (sent < BURST)


def test_rules_meet_a_new_stack(bridged):
    """Limits behind rules about interfaces are compiled anew, when these come to stand on each other."""
    net = bridged.b
    net.ip("link", "set", "eth0", "nomaster")
    net.ok("attach", "eth0", "--hooks", "xdp,tc")
    limit(net, "pass in eth0 dport 7")
    net.ip("link", "set", "eth0", "master", "br0")
    net.ok("attach", "br0", "--hooks", "xdp,tc")
    assert wait_until(lambda: "state forwarding" in net.ip("-d", "link", "show", "eth0").out)
    assert passed(bridged.a, net) == BURST // 2


def test_loopback(pair):
    """What leaves by it arrives by it: other hooks, each with the rate."""
    net = pair.a
    net.ok("attach", "lo")
    limit(net)
    with net.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 9))
        s.settimeout(60)
        assert net.send("127.0.0.1", SENT) == SENT - BURST  # refused to the sender
        assert sum(len(s.recv(200)) > 0 for _ in range(BURST)) == BURST
    dropped = {d["hook"]: d["packets"] for d in net.json("stats", "drops", "-j")["drops"] if d["reason"] == "limit"}
    assert dropped == {"nf": SENT - BURST}
    assert net.totals("tc", "drop").packets == net.totals("xdp", "drop").packets == 0

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_set_counters.py - what the elements of sets count, to the packet."""
from conftest import Count
from rules import add, counters, make_set, receive


def element_counts(net, name):
    return {e["element"]: Count(e["packets"], e["bytes"]) for e in net.json("set", "list", name, "-j")["elements"]}


def test_elements_count(pair, write):
    """To the packet, at all hooks together, over every kind of change that leaves the element."""
    pair.a.ok("attach", "eth0")
    make_set(pair.a, "bad", "counters", "10.0.0.5", "10.0.0.2/31", "2001:db8::5")
    add(pair.a, "drop hook nf dst @bad")
    add(pair.a, "drop hook xdp src @bad")
    assert pair.a.send("10.0.0.5", 5) == 5 and pair.a.send("10.0.0.2", 3) == 3 and pair.a.send("2001:db8::5", 2) == 2
    receive(pair, 4, "10.0.0.5")
    counts = element_counts(pair.a, "bad")
    assert {e: c.packets for e, c in counts.items()} == {"10.0.0.2/31": 3, "10.0.0.5": 9, "2001:db8::5": 2}
    assert counts["10.0.0.2/31"] == Count(3, 3 * 128)
    assert sum(c.packets for c in counters(pair.a).values()) == 14
    assert "10.0.0.5 packets 9 bytes " in pair.a.ok("set", "list", "bad")
    pair.a.ok("set", "add", "bad", "10.9.0.0/16")
    pair.a.ok("set", "del", "bad", "10.9.0.0/17")
    assert pair.a.netctl("set", "load", "bad", "-", input="10.0.0.5\n10.0.0.2/31 # network\n2001:db8::5\n10.1.1.1\n") == (
        0, "loaded 4\n", "")
    pair.a.ok("apply", write(pair.a.ok("save").replace("10.1.1.1", "10.2.2.2")))
    assert {e: c.packets for e, c in element_counts(pair.a, "bad").items()} == {
        "10.0.0.2/31": 3, "10.0.0.5": 9, "10.2.2.2": 0, "2001:db8::5": 2}
    assert pair.a.send("10.0.0.5", 1) == 1
    assert element_counts(pair.a, "bad")["10.0.0.5"].packets == 10


def test_services_count(net):
    make_set(net, "svc", "services", "counters", "10.0.0.5:53/udp")
    add(net, "drop hook nf dst @svc")
    for port, count in ((80, 2), (53, 4), (54, 1)):
        net.send("10.0.0.5", count, port)
    assert element_counts(net, "svc")["10.0.0.5:53/udp"].packets == 4


def test_more_counters_at_one_port_than_can_be(net, write):
    def text(count):
        names = [f"s{i}" for i in range(count)]
        return "".join(f"set {n} ports counters {{ 80 }}\n" for n in names) + "drop dport @" + ",@".join(names) + "\n"

    net.ok("apply", write(text(64)))
    net.send("10.0.0.5", 1, 80)
    assert element_counts(net, "s63")["80"].packets == 1
    refused = net.netctl("apply", write(text(65)))
    assert refused.code == 1 and "or 64 with counters, are at one address or port" in refused.err


def test_ports_count(pair):
    """Wherever a rule looks for the set, matched or not; a packet from and to an element once."""
    pair.a.ok("attach", "eth0")
    make_set(pair.a, "web", "ports", "counters", "80", "8000-8080", "9000")
    add(pair.a, "pass dst 10.0.0.5 port @web")
    add(pair.a, "drop hook nf not dport @web dst 10.0.0.2")
    for port, count in ((80, 3), (8000, 2), (8080, 1), (81, 4)):
        assert pair.a.send("10.0.0.2", count, port) == (4 if port == 81 else 0)
    receive(pair, 2, "10.0.0.5", 9000, 9000)
    counts = element_counts(pair.a, "web")
    assert {e: c.packets for e, c in counts.items()} == {"80": 6, "8000-8080": 6, "9000": 2}
    assert counts["80"] == Count(3 + 3, 3 * 128 + 3 * 142)
    pair.a.ok("set", "add", "web", "443")
    pair.a.ok("set", "del", "web", "8080")
    assert pair.a.send("10.0.0.2", 1, 443) == 0
    assert {e: c.packets for e, c in element_counts(pair.a, "web").items()} == {
        "80": 6, "443": 2, "8000-8079": 6, "9000": 2}

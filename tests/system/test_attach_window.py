# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_attach_window.py - traffic while an attach goes live: each packet from the first on is counted and judged."""
import contextlib

import pytest

from conftest import wait_until
from numbered import FIRST_PORT, SLOWLY, numbered


def counted(net, hook, address):
    """How often each number was counted."""
    return {f["dport"] - FIRST_PORT: f["packets"] for f in net.flows(hook=hook, dst=address, proto="udp")}


def check_all_from_the_first(net, hook, address, sent):
    """From the first number that the hook has counted on, each was counted, and once."""
    wait_until(lambda: sent - 1 in counted(net, hook, address))
    seen = counted(net, hook, address)
    assert 0 < len(seen) < sent, "the attach came before the traffic, or after it"
    assert seen == {n: 1 for n in range(min(seen), sent)}, (hook, address)


def check_traffic(pair, out, into, hooks=("xdp", "tc", "nf")):
    """Own packets and others', of both families."""
    for hook in hooks:
        for address in (pair.a.ip4, pair.a.ip6) if hook == "xdp" else (pair.b.ip4, pair.b.ip6):
            check_all_from_the_first(pair.a, hook, address, into if hook == "xdp" else out)
    assert pair.a.json("status", "-j")["faults"] == []


@contextlib.contextmanager
def both_ways(pair):
    with numbered(pair.a, pair.b.ip4, pair.b.ip6) as out, numbered(pair.b, pair.a.ip4, pair.a.ip6) as into:
        yield out, into


@pytest.mark.parametrize("words", [(), ("--mode", "generic"), ("--hooks", "nf"), ("--hooks", "xdp,nf")], ids=" ".join)
def test_first_attach(pair, words):
    with both_ways(pair) as (out, into):
        done = pair.a.inject(SLOWLY, "attach", "eth0", *words)
    assert done.code == 0, done
    hooks = words[1].split(",") if "--hooks" in words else ("xdp", "tc", "nf")
    check_traffic(pair, out.sent, into.sent, hooks)


def test_tc_ingress(pair):
    """Where a device has no native XDP, of what the host sends to itself."""
    with numbered(pair.a, "127.0.0.1", "::1") as numbers:
        done = pair.a.inject(SLOWLY, "attach", "lo")
    assert "by TC ingress" in done.out, done
    for hook in ("xdp", "tc", "nf"):
        for address in ("127.0.0.1", "::1"):
            check_all_from_the_first(pair.a, hook, address, numbers.sent)


def test_several_interfaces(pair):
    pair.a.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    with both_ways(pair) as (out, into):
        done = pair.a.inject(SLOWLY, "attach", "one", "eth0", "two")
    assert done.code == 0, done
    check_traffic(pair, out.sent, into.sent)


def test_more_hooks_where_some_count_already(pair):
    """The gate is open then: each hook counts from the moment it is there."""
    pair.a.ok("attach", "eth0", "--hooks", "xdp")
    with both_ways(pair) as (out, _):
        done = pair.a.inject(SLOWLY, "attach", "eth0")
    assert done.code == 0, done
    check_traffic(pair, out.sent, None, ("tc", "nf"))


def test_an_interface_leaves_the_others_alone(pair):
    """All that was attached before goes on counting while another interface comes and goes."""
    pair.a.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    pair.a.ok("attach", "eth0")
    for words, address in ((("attach", "one"), pair.b.ip4), (("detach", "one"), pair.b.ip6)):
        with numbered(pair.a, address) as numbers:
            done = pair.a.inject(SLOWLY, *words)
        assert done.code == 0, done
        for hook in ("tc", "nf"):
            assert counted(pair.a, hook, address) == {n: 1 for n in range(numbers.sent)}, (words, hook)
    assert pair.a.json("status", "-j")["faults"] == []


def test_rules_that_name_the_interface(pair):
    """An interface that takes a former one's name: rules mean the new one before its first packet."""
    net = pair.a
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "eth0", "one")
    net.ok("rule", "add", "drop out one hook tc proto udp")
    net.ip("link", "del", "one")
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.sh("sh", "-c", "ip link set one up; ip link set two up; ip addr add 10.9.0.1/24 dev one;"
           " ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:09 dev one")
    with numbered(net, "10.9.0.2"):
        done = net.inject(SLOWLY, "attach", "one", "--hooks", "xdp,tc")
    assert done.code == 0 and "former" not in done.err, done
    flows = net.flows(hook="tc", dst="10.9.0.2")
    assert flows and {f["verdict"] for f in flows} == {"drop"}

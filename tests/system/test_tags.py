# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_tags.py - VLAN tags that the device took off a frame before XDP, as most do."""
import os
import socket

import pytest

from attaching import ids_of_state, names_at, rows, wait_for
from conftest import ROOT, sh

PUSH = os.path.join(ROOT, "build/tests/bpf/push_tag.bpf.o")


@pytest.fixture
def tagged(pair, tmp_path):
    """What leaves a has VLAN 5, beside its bytes; b takes it as its device does."""
    pin = f"/sys/fs/bpf/push_{os.getpid()}"
    sh("bpftool", "prog", "load", PUSH, pin, "type", "tc")
    pair.a.sh("bpftool", "net", "attach", "tcx_egress", "pinned", pin, "dev", "eth0")
    os.unlink(pin)
    return pair


def send(pair, count=5):
    pair.a.send(pair.b.ip4, count)
    wait_for(lambda: sum(f["packets"] for f in flows(pair.b)) >= count, "frames with tags")


def flows(net):
    return [f for f in net.flows(hook="xdp") if f["dport"] == 9]


@pytest.mark.parametrize("mode", ["native", "tc"])
def test_is_seen(tagged, mode):
    net = tagged.b
    net.ok("attach", "eth0", "--mode", mode)
    net.ok("rule", "add", "audit vlan 0 proto udp")
    result = net.netctl("rule", "add", "drop vlan 5 proto udp")
    assert result.code == 0 and "VLAN" not in result.err
    send(tagged)
    assert [(f["vlan"], f["verdict"], f["packets"], f["bytes"]) for f in flows(net)] == [(5, "drop", 5, 5 * (142 + 4))]
    assert [r["packets"] for r in net.json("rule", "list", "-s", "-j")["rules"]] == [0, 5]


def test_goes_to_the_stack_as_it_came(tagged):
    """The note between two programs of ours is gone: a VLAN device above would take the frame."""
    net = tagged.b
    net.ok("attach", "eth0", "--hooks", "xdp", "--mode", "native")
    with net.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as raw:
        raw.bind((net.dev, 3))
        raw.settimeout(60)
        tagged.a.send(net.ip4, 1)
        frame = raw.recv(2000)
        while frame[12:14] != b"\x08\x00" or frame[23] != 17:
            frame = raw.recv(2000)
    assert len(frame) == 142
    wait_for(lambda: flows(net), "a flow")
    assert [(f["vlan"], f["bytes"]) for f in flows(net)] == [(5, 146)]


def test_is_not_seen_and_said(tagged):
    net = tagged.b
    out = net.ok("attach", "eth0", "--mode", "generic")
    assert "VLAN tags that the device takes off are not seen" in out
    note = "the rule sees no VLAN tag that the device takes off before XDP: eth0; 'netctl attach IFACE --mode tc' sees them"
    assert note in net.netctl("rule", "add", "drop vlan 5 proto udp").err
    assert note not in net.netctl("rule", "add", "drop vlan 5 hook tc").err
    assert note not in net.netctl("rule", "add", "drop vlan 5 in lo").err
    send(tagged)
    assert {f["vlan"] for f in flows(net)} == {0}
    net.ok("attach", "eth0", "--mode", "tc")
    assert note not in net.netctl("rule", "add", "drop vlan 6").err
    tagged.a.send(net.ip4, 5)
    wait_for(lambda: 5 in {f["vlan"] for f in flows(net)}, "a tag")


def test_one_program_behind_all(pair):
    """Each device has a front of its own, which is small; the program behind is loaded once, and stays in its place."""
    net = pair.b
    net.ip("link", "add", "eth1", "type", "veth", "peer", "name", "eth2")
    net.ok("attach", "eth0", "eth1", "eth2", "--hooks", "xdp")
    assert {r["mode"] for r in rows(net)} == {"native"}
    assert [names_at(net, dev)["xdp"] for dev in ("eth0", "eth1", "eth2")] == [["netctl_front"]] * 3
    assert len([1 for kind, _ in ids_of_state() if kind == "prog"]) == 4
    net.ok("detach", "eth1")
    net.ok("attach", "eth1", "--hooks", "xdp")
    pair.a.send(net.ip4, 5)
    wait_for(lambda: net.totals("xdp").packets >= 5, "frames")
    assert net.json("status", "-j")["faults"] == []

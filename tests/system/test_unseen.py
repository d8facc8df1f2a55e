# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_unseen.py - frames sent around TC egress: status compares the device's counters with what was seen."""
import pytest

from attaching import put_behind_bridge
from conftest import HANGS, one_cpu, wait_until
from packets import send_tcp, sink

SOL_PACKET, PACKET_QDISC_BYPASS = 263, 20
BYPASSED = 1000


def unseen(net, dev="eth0"):
    """(frames, why not known) of "status -j"."""
    rows = [r for r in net.json("status", "-j")["attached"] if r["iface"] == dev and r["hook"] == "tc"]
    assert len(rows) == 1
    return rows[0]["unseen"], rows[0]["unseen_why"]


def send_frames(net, count, bypass):
    """Frames that are not IP, below TC egress or through it."""
    with net.packet_socket() as raw, one_cpu():
        raw.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, int(bypass))
        for _ in range(count):
            raw.send(bytes(12) + b"\x88\xb5" + bytes(46))


def super_packets(net, peer, port):
    """TCP with more packets on the wire than frames."""
    before = net.totals("tc").packets
    thread, got = sink(peer, port)
    send_tcp(net, peer.ip4, port, 5000000)
    thread.join(HANGS)
    assert wait_until(lambda: net.tcp_is_over() and peer.tcp_is_over())
    assert sum(got) == 5000000 and net.totals("tc").packets - before > 3000


def settles(net, frames):
    """The device may count a frame when its peer takes it."""
    assert wait_until(lambda: unseen(net) == (frames, None)), unseen(net)


@pytest.mark.parametrize("peer", [False, True], ids=["alone", "xdp-at-the-peer"])
def test_bypass_beside_super_packets(pair, peer):
    net = pair.a
    send_frames(net, 10, True)  # before anything is attached
    if peer:  # and no super-packet comes to the device as such
        pair.b.ok("attach", "eth0", "--hooks", "xdp")
    net.ok("attach", "eth0")
    settles(net, 0)
    super_packets(net, pair.b, 7001)
    send_frames(net, 50, False)
    settles(net, 0)
    assert "around TC egress" not in net.ok("status")
    send_frames(net, BYPASSED, True)
    settles(net, BYPASSED)
    super_packets(net, pair.b, 7002)
    settles(net, BYPASSED)
    assert f"eth0: {BYPASSED} frames were sent around TC egress" in net.ok("status")
    # What only attaches again, changes rules, or drops, does not begin anew.
    net.ok("attach", "eth0")
    net.ok("rule", "add", "drop", "proto", "udp")
    assert net.send(pair.b.ip4, 20) == 20
    settles(net, BYPASSED)


def test_cut_before_the_device(pair):
    """Offloads that are partly off: some super-packets count as one frame, others as their segments."""
    net = pair.a
    net.offload("eth0", tso=False)
    net.ok("attach", "eth0")
    settles(net, 0)
    super_packets(net, pair.b, 7003)
    frames, why = unseen(net)
    assert frames is None and why.startswith("it is not known how the device counts super-packets; at most ")
    assert f"eth0: unseen is not known: {why}" in net.ok("status")
    net.offload("eth0", tso=True)
    assert unseen(net)[1].startswith("its offloads have changed: 'netctl attach' again begins anew; at most ")
    assert "is counted from now on" in net.netctl("attach", "eth0").err
    super_packets(net, pair.b, 7004)
    send_frames(net, 4, True)
    settles(net, 4)


def test_lost_in_the_queue(pair):
    """What the qdisc drops after TC egress has seen it, and what waits there, was not unseen."""
    net = pair.a
    net.sh("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "800kbit", "burst", "2000", "limit", "5000")
    net.ok("attach", "eth0")
    assert net.send(pair.b.ip4, 500, size=500) == 0
    assert unseen(net) == (0, None)
    assert "dropped 0," not in net.sh("tc", "-s", "qdisc", "show", "dev", "eth0").out
    send_frames(net, 7, True)
    settles(net, 7)


def test_nothing_to_compare(pair):
    net = pair.a
    net.ok("attach", "eth0", "--hooks", "xdp,nf")
    assert all("unseen" not in r for r in net.json("status", "-j")["attached"])
    send_frames(net, 3, True)
    net.ok("attach", "eth0")
    settles(net, 0)


def test_bridge(pair):
    """A bridge's own counters; what is sent around its TC egress meets that of its port."""
    net = pair.b
    put_behind_bridge(net, pair.a)
    net.ok("attach", "br0", "eth0")
    super_packets(net, pair.a, 7005)
    for dev in ("br0", "eth0"):
        assert wait_until(lambda dev=dev: unseen(net, dev) == (0, None)), unseen(net, dev)
    send_frames(net, 5, True)
    assert wait_until(lambda: unseen(net, "br0") == (5, None)), unseen(net, "br0")
    assert unseen(net) == (0, None)

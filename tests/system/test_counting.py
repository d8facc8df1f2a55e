# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_counting.py - what was sent is what was counted, to the packet and to the byte, on real traffic."""
import json
import os
import socket
import threading

import pytest

from conftest import HANGS, TOOLS, Count, one_cpu, wait_until
from packets import at_rest, check_sums, send_tcp, settle, sink

MEGABYTES = 20
UDP4_FRAME = 14 + 20 + 8


def test_ten_flows(pair):
    """10 UDP flows of 1,000 packets: 10,000 at each hook, 1,000 a flow, and the bytes of each."""
    pair.a.ok("attach", "eth0")
    pair.b.ok("attach", "eth0", "--hooks", "xdp")
    listener = pair.b.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("", 7000))
    for i in range(10):
        with pair.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, one_cpu():
            s.bind(("10.0.0.1", 6000 + i))
            for _ in range(1000):
                s.sendto(bytes(100 + i), ("10.0.0.2", 7000))
    frames = sum(1000 * (UDP4_FRAME + 100 + i) for i in range(10))
    assert pair.a.tx_dropped() == 0
    settle(pair.b, "xdp", 10000)
    assert pair.a.totals("nf") == Count(10000, frames - 10000 * 14)
    assert pair.a.totals("tc") == Count(10000, frames)
    assert pair.b.totals("xdp") == Count(10000, frames)
    for net, hook in ((pair.a, "nf"), (pair.a, "tc"), (pair.b, "xdp")):
        flows = {f["sport"]: f["packets"] for f in net.flows(hook=hook, proto="udp", dport=7000)}
        assert flows == {6000 + i: 1000 for i in range(10)}, hook


@pytest.mark.parametrize("gso", [True, False], ids=["gso", "no-gso"])
@pytest.mark.parametrize("address", ["10.0.0.2", "2001:db8::2"], ids=["ipv4", "ipv6"])
def test_tcp_is_wire_true(make_pair, gso, address):
    """20 MB of TCP: TC egress counts segments and bytes as the peer's XDP meets them on the wire."""
    pair = make_pair(gso=gso)
    pair.a.ok("attach", "eth0")
    pair.b.ok("attach", "eth0", "--hooks", "xdp")
    for attempt in range(5):  # where the device itself lost a segment, its length is not known
        before = pair.a.totals("tc"), pair.b.totals("xdp"), pair.a.totals("nf"), pair.a.tx_dropped()
        thread, got = sink(pair.b, 7001 + attempt)
        send_tcp(pair.a, address, 7001 + attempt, MEGABYTES * 1000000)
        thread.join(HANGS)
        assert sum(got) == MEGABYTES * 1000000
        at_rest(pair)
        after = pair.a.totals("tc"), pair.b.totals("xdp"), pair.a.totals("nf"), pair.a.tx_dropped()
        tc, xdp, nf = (Count(a[0] - b[0], a[1] - b[1]) for a, b in zip(after[:3], before[:3]))
        lost = after[3] - before[3]
        assert tc.packets - lost == xdp.packets
        assert nf == Count(tc.packets, tc.bytes - 14 * tc.packets)
        assert tc.packets >= MEGABYTES * 1000000 / 1460
        if not lost:
            assert tc == xdp
            return
    pytest.fail("the device lost packets in every attempt")


def flood(net, *words, timeout=HANGS):
    """Send with build/tests/tools/udp_flood; what the kernel took."""
    done = json.loads(net.sh(f"{TOOLS}/udp_flood", *words, timeout=timeout).out)
    assert done["failed"] == 0
    return done


def add_flood_routes(pair):
    pair.a.ip("route", "add", "default", "via", "10.0.0.2")
    pair.a.ip("route", "add", "default", "via", "2001:db8::2", "dev", "eth0")


def steady_flow(net, hook, address):
    rows = net.flows(hook=hook, proto="udp", sport=7000, dst=address, dport=9)
    assert len(rows) == 1
    return rows[0]["packets"]


def check_evicted(net, hook):
    """Flows have left the table, and nothing of them is lost."""
    check_sums(net)
    assert sum(t["closed_packets"] for t in net.json("stats", "totals", "-j")["totals"] if t["hook"] == hook) > 0


@pytest.mark.parametrize("family", [4, 6])
def test_eviction_loses_nothing(pair, family):
    """500,000 flows of one packet through 16,384 entries, and one flow that goes on between them."""
    add_flood_routes(pair)
    pair.a.ok("attach", "eth0", "--flows", "16384")
    pair.b.ok("attach", "eth0", "--hooks", "xdp", "--flows", "16384")
    done = flood(pair.a, *(("-6",) if family == 6 else ()), "-s", "50", "500000")
    sent = done["sent"] + done["steady"]
    assert done["sent"] == 500000 and done["steady"] == 10000
    arrived = sent - pair.a.tx_dropped()
    settle(pair.b, "xdp", arrived)
    address = "2001:db8:fffe::1" if family == 6 else "198.51.100.1"
    for net, hook, packets in ((pair.a, "nf", sent), (pair.a, "tc", sent), (pair.b, "xdp", arrived)):
        frame = 58 + UDP4_FRAME + (20 if family == 6 else 0) - (14 if hook == "nf" else 0)
        assert net.totals(hook) == Count(packets, packets * frame), hook
        check_evicted(net, hook)
        if packets == sent:
            assert steady_flow(net, hook, address) == done["steady"], hook


def region_sum(net, hook, key):
    return {t["hook"]: t for t in net.json("stats", "totals", "-j")["meta"]["tables"]}[hook][key]


@pytest.mark.parametrize("family", [4, 6])
def test_dropped_flood_pushes_little_out(pair, family):
    """3,000 flows, then 500,000 the rules drop, in 2,048 entries a CPU: all counted, few of the first gone."""
    add_flood_routes(pair)
    six = ("-6",) if family == 6 else ()
    pair.b.ok("attach", "eth0", "--hooks", "xdp", "--flows", 4096)
    first = flood(pair.a, *six, "-c", 0, "3000")["sent"]
    pair.b.ok("rule", "add", "drop", "proto", "udp")
    lost = pair.a.tx_dropped()
    before = region_sum(pair.b, "xdp", "evicted")
    assert 500 < before < 3000
    done = flood(pair.a, *six, "-c", 0, "-s", "50", "500000")
    arrived = done["sent"] + done["steady"] - (pair.a.tx_dropped() - lost)
    wait_until(lambda: pair.b.totals("xdp", "drop").packets >= arrived)
    drops = [r for r in pair.b.json("stats", "rules", "-j")["rules"] if r["id"] == 1]
    assert pair.b.totals("xdp", "drop").packets == arrived
    assert [r["packets"] for r in drops] == [arrived]
    check_evicted(pair.b, "xdp")
    evicted = region_sum(pair.b, "xdp", "evicted") - before
    unlisted = region_sum(pair.b, "xdp", "overflow_packets")
    assert evicted < arrived / 4 and unlisted > arrived / 2, (evicted, unlisted, arrived)
    assert f"{unlisted} packets" in pair.b.ok("status")
    assert first == 3000


@pytest.mark.parametrize("each", [1, 4])
def test_many_senders_on_one_cpu(pair, each):
    """8 threads send 2,000,000 packets on one CPU while TCP answers in softirq there: nothing lost or doubled."""
    add_flood_routes(pair)
    pair.a.ok("attach", "eth0", "--flows", "16384")
    pair.b.ok("attach", "eth0", "--hooks", "xdp", "--flows", "16384")
    stop = threading.Event()
    thread, got = sink(pair.a, 7100)
    source = pair.b.socket(socket.AF_INET, socket.SOCK_STREAM)
    source.connect(("10.0.0.1", 7100))

    def push():
        while not stop.is_set():
            source.sendall(bytes(1 << 16))
        source.close()

    pusher = threading.Thread(target=push)
    os.sched_setaffinity(0, {0})  # threads made from here on share the flood's CPU, and so its softirqs
    try:
        pusher.start()
        done = flood(pair.a, "-t", "8", "-c", "0", "-n", each, "-s", "20", "2000000")
    finally:
        stop.set()
        os.sched_setaffinity(0, set(range(os.cpu_count())))
    pusher.join(HANGS)
    thread.join(HANGS)
    at_rest(pair)
    assert done["sent"] == 2000000
    udp = done["sent"] + done["steady"]
    tcp = pair.a.snmp("Tcp")
    tcp = tcp["OutSegs"] + tcp["RetransSegs"]
    assert tcp > 100 and sum(got) > 0
    for hook in "nf", "tc":
        assert pair.a.totals(hook).packets == udp + tcp, hook
        assert steady_flow(pair.a, hook, "198.51.100.1") == done["steady"], hook
        check_evicted(pair.a, hook)
    nf, tc = pair.a.totals("nf"), pair.a.totals("tc")
    assert nf == Count(tc.packets, tc.bytes - 14 * tc.packets)
    assert pair.b.totals("xdp").packets == tc.packets - pair.a.tx_dropped()

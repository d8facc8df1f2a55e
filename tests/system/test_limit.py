# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_limit.py - rate limits on real traffic.

Where the time that sending takes must not matter, the rate is one packet an hour: what passes is the burst, to the
packet. Real rates are held against a bucket reckoned from when packets were sent.
"""
import json
import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from conftest import HANGS, one_cpu
from limiting import limited, rule
from packets import check_sums, frame, send, send_tcp, settle, sink

UDP_SEGMENT = 103
SLOW = "1/h"


@pytest.fixture
def xdp(pair):
    pair.b.ok("attach", "eth0", "--hooks", "xdp")
    return pair


# ---- the burst, to the packet ----

@pytest.mark.parametrize("hook", ["xdp", "tc", "nf"])
@pytest.mark.parametrize("family", [4, 6])
def test_burst_at_every_hook(pair, hook, family):
    net = pair.b if hook == "xdp" else pair.a
    net.ok("attach", "eth0", "--hooks", hook)
    net.ok("rule", "add", f"limit {SLOW} burst 7 proto udp dport 9")
    address = pair.b.ip4 if family == 4 else pair.b.ip6
    refused = pair.a.send(address, 20, size=10)  # what OUTPUT drops, the sender is told of
    settle(net, hook, 20)
    assert rule(net) == (7, 13)
    assert refused == (13 if hook == "nf" else 0)
    assert (net.totals(hook, "pass").packets, net.totals(hook, "drop").packets) == (7, 13)
    assert limited(net, hook) == 13
    check_sums(net)
    flows = net.flows(hook=hook, proto="udp", dport=9)
    assert [(f["packets"], f["rule"], f["verdict"]) for f in flows] == [(7, 1, "pass"), (13, 1, "drop")]
    assert "limit#1" in net.ok("stats", "--raw") and "limit#1" in net.ok("stats")


def test_reason_is_of_the_last_drop(pair):
    """What dropped a flow before, a rule or the policy, is not why a limit drops it now; nor is a limit that is gone."""
    def why():
        settle(pair.a, "tc", sent)
        rows = [f for f in pair.a.flows(hook="tc", proto="udp", dport=9) if f["verdict"] == "drop"]
        return [(f["packets"], f["reason"], f["rule"]) for f in rows]

    pair.a.ok("attach", "eth0", "--hooks", "tc")
    with pair.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, one_cpu():
        sent = 0
        for number, text, dropped, reason in ((1, "drop", 5, "rule"), (2, f"limit {SLOW} burst 2", 8, "limit"),
                                              (3, "drop", 13, "rule"), (4, f"limit {SLOW} burst 5", 13, None),
                                              (5, f"limit {SLOW} burst 1", 17, "limit")):
            pair.a.ok("rule", "add", f"{text} proto udp dport 9")
            for _ in range(5):
                s.sendto(b"x", (pair.b.ip4, 9))
            sent += 5
            if reason:  # of an entry that passes it is not known when it last dropped
                assert why() == [(dropped, reason, number)]
            pair.a.ok("rule", "flush")


def test_each_hook_has_a_rate_of_its_own(pair):
    """What this host sends is not charged twice, at OUTPUT and at TC."""
    pair.a.ok("attach", "eth0", "--hooks", "tc,nf")
    pair.a.ok("rule", "add", f"limit {SLOW} burst 7 proto udp dport 9")
    with pair.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for _ in range(7):
            s.sendto(b"x", (pair.b.ip4, 9))
        with pytest.raises(PermissionError):
            s.sendto(b"x", (pair.b.ip4, 9))
    assert pair.a.totals("nf", "pass").packets == 7 and pair.a.totals("tc", "pass").packets == 7
    assert rule(pair.a) == (14, 1)


def test_first_match(xdp):
    """A limit decides: what passes it meets no later rule, what an earlier one decides is not charged."""
    xdp.b.ok("rule", "add", "pass src 10.0.0.9")
    xdp.b.ok("rule", "add", f"limit {SLOW} burst 5 dport 9")
    xdp.b.ok("rule", "add", "drop dport 9")
    send(xdp, *[frame(xdp, "10.0.0.9", "10.0.0.2")] * 10, *[frame(xdp, "10.0.0.1", "10.0.0.2")] * 10)
    settle(xdp.b, "xdp", 20)
    assert rule(xdp.b, 2) == (5, 5)
    assert [r["packets"] for r in xdp.b.json("rule", "list", "-j")["rules"]] == [10, 10, 0]


def test_audits_beside_a_limit(xdp):
    """With two audit rules a packet is judged twice, and charged once."""
    xdp.b.ok("rule", "add", "audit dport 9")
    xdp.b.ok("rule", "add", "audit src 10.0.0.1")
    xdp.b.ok("rule", "add", f"limit {SLOW} burst 5 dport 9")
    send(xdp, *[frame(xdp, "10.0.0.1", "10.0.0.2")] * 10)
    settle(xdp.b, "xdp", 10)
    assert rule(xdp.b, 3) == (5, 5)
    assert [r["packets"] for r in xdp.b.json("rule", "list", "-j")["rules"]] == [10, 10, 10]
    check_sums(xdp.b)


KEYS = [
    # key, what is sent three times each, how many of these share a bucket
    ("src", [("10.0.0.1", "10.0.0.2"), ("10.0.0.3", "10.0.0.2"), ("10.0.1.1", "10.0.0.2")], 3),
    ("src", [("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "10.0.0.5")], 1),
    ("dst", [("10.0.0.1", "10.0.0.2"), ("10.0.0.3", "10.0.0.2"), ("10.0.0.1", "10.0.0.5")], 2),
    ("src/24", [("10.0.0.1", "10.0.0.2"), ("10.0.0.3", "10.0.0.2"), ("10.0.1.1", "10.0.0.2")], 2),
    ("dst/30", [("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "10.0.0.3"), ("10.0.0.1", "10.0.0.5")], 2),
    ("flow", [("10.0.0.1", "10.0.0.2", 1), ("10.0.0.1", "10.0.0.2", 2), ("10.0.0.1", "10.0.0.5", 1)], 3),
    ("src", [("2001:db8::1", "2001:db8::2"), ("2001:db8::3", "2001:db8::2")], 2),
    ("src/24", [("2001:db8::1", "2001:db8::2"), ("2001:db8::3", "2001:db8::2"), ("2001:db8:0:1::", "2001:db8::2")], 2),
    ("src/24/56", [("2001:db8::1", "2001:db8::2"), ("2001:db8:0:ff::1", "2001:db8::2"),
                   ("2001:db8:0:100::1", "2001:db8::2")], 2),
    ("dst/64", [("2001:db8::1", "2001:db8::2"), ("2001:db8::1", "2001:db8::5"), ("10.0.0.1", "10.0.0.2"),
                ("10.0.0.1", "10.0.0.3")], 3),
    ("flow", [("2001:db8::1", "2001:db8::2", 1), ("2001:db8::1", "2001:db8::2", 2)], 2),
]


@pytest.mark.parametrize("key,packets,buckets", KEYS, ids=[f"{k[0]}-{i}" for i, k in enumerate(KEYS)])
def test_per_key(xdp, key, packets, buckets):
    xdp.b.ok("rule", "add", f"limit {SLOW} burst 4 per {key} dport 9")
    for _ in range(5):
        send(xdp, *[frame(xdp, *p) for p in packets])
    settle(xdp.b, "xdp", 5 * len(packets))
    passed, dropped = rule(xdp.b)
    assert (passed, dropped) == (4 * buckets, 5 * len(packets) - 4 * buckets)
    check_sums(xdp.b)
    status = xdp.b.json("status", "-j")["buckets"]
    assert (status["used"], status["capacity"], status["full_packets"]) == (buckets, 65536, 0)
    assert f"limits: {buckets} of 65536 buckets in use" in xdp.b.ok("status")


def test_bytes(xdp):
    """A burst in bytes: frames as the hook counts them; a smaller one still fits where a larger does not."""
    xdp.b.ok("rule", "add", "limit 1bit burst 1000 dport 9")
    large, small = frame(xdp, "10.0.0.1", "10.0.0.2", size=358), frame(xdp, "10.0.0.1", "10.0.0.2", size=58)
    assert (len(large), len(small)) == (400, 100)
    send(xdp, large, large, large, small, small, small)
    settle(xdp.b, "xdp", 6)
    assert rule(xdp.b) == (4, 2)
    listed = xdp.b.json("rule", "list", "-j")["rules"][0]
    assert (listed["bytes"], listed["dropped_bytes"]) == (1500, 500)
    check_sums(xdp.b)


@pytest.mark.parametrize("hook", ["tc", "nf"])
def test_super_packets(pair, hook):
    """A super-packet costs its wire packets at once; larger than the burst, it needs all of that."""
    pair.a.ok("attach", "eth0", "--hooks", hook)
    pair.a.ok("rule", "add", f"limit {SLOW} burst 15 dport 9")
    pair.a.ok("rule", "add", f"limit {SLOW} burst 15 dport 10")

    def send_segments(port, count):
        with pair.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 100)
            try:
                s.sendto(bytes(100 * count), (pair.b.ip4, port))
            except PermissionError:
                assert hook == "nf"

    for count in (10, 10, 5, 2):
        send_segments(9, count)
    assert rule(pair.a, 1) == (15, 12)
    for count in (20, 1):
        send_segments(10, count)
    assert rule(pair.a, 2) == (20, 1)
    assert pair.a.totals(hook, "pass").packets == 35 and pair.a.totals(hook, "drop").packets == 13
    check_sums(pair.a)


def test_tcp_goes_on(pair):
    """A limit far below a super-packet slows a connection down, and does not end it."""
    pair.a.ok("attach", "eth0", "--hooks", "tc")
    pair.a.ok("rule", "add", "limit 4mbit burst 3000 proto tcp dport 7000")
    thread, got = sink(pair.b, 7000)
    send_tcp(pair.a, pair.b.ip4, 7000, 40000)
    thread.join(HANGS)
    assert sum(got) == 40000
    assert rule(pair.a)[1] > 0


# ---- other rules change ----

def test_buckets_outlive_other_changes(xdp):
    one = frame(xdp, "10.0.0.1", "10.0.0.2")
    xdp.b.ok("rule", "add", f"limit {SLOW} burst 9 per src dport 9")
    send(xdp, *[one] * 3)
    settle(xdp.b, "xdp", 3)
    xdp.b.ok("rule", "insert", "first", "pass src 192.0.2.1")
    send(xdp, *[one] * 3)
    xdp.b.ok("rule", "add", "limit 5pps dst 192.0.2.2")
    xdp.b.ok("rule", "move", "1", "last")
    xdp.b.ok("rule", "disable", "1")
    xdp.b.ok("rule", "enable", "1")
    saved = xdp.b.ok("save")
    xdp.b.sh("sh", "-c", f"cat >/tmp/limit.{os.getpid()} <<'X'\n{saved}drop src 192.0.2.9\nX")
    assert "1 added, 0 removed, 0 changed, 0 moved, 3 unchanged" in xdp.b.ok("apply", f"/tmp/limit.{os.getpid()}")
    os.unlink(f"/tmp/limit.{os.getpid()}")
    send(xdp, *[one] * 6)
    settle(xdp.b, "xdp", 12)
    assert rule(xdp.b) == (9, 3)
    # Another rate is another rule: it counts anew, with buckets of its own.
    xdp.b.ok("rule", "replace", "1", f"limit {SLOW} burst 2 per src dport 9")
    send(xdp, *[one] * 3)
    settle(xdp.b, "xdp", 15)
    assert rule(xdp.b) == (2, 1)
    check_sums(xdp.b)


def test_limits_come_and_go_under_traffic(xdp):
    """Whatever the rules, each packet is counted once, under one verdict."""
    stop, sent = threading.Event(), [0]
    frames = [frame(xdp, f"10.0.{i}.1", "10.0.0.2", sport=6000 + i) for i in range(50)]

    def flood():
        with xdp.a.packet_socket() as raw:
            while not stop.is_set():
                for f in frames:
                    raw.send(f)
                sent[0] += len(frames)

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        for i in range(15):
            number = xdp.b.ok("rule", "insert", "first", f"limit {1000 * (i + 1)}pps per src/{16 + i % 16} dport 9").strip()
            xdp.b.ok("rule", "insert", "first", "audit dport 9")
            if i % 2:
                xdp.b.ok("rule", "del", number)
    finally:
        stop.set()
        thread.join()
    settle(xdp.b, "xdp", sent[0] - xdp.a.tx_dropped())
    check_sums(xdp.b)
    assert limited(xdp.b, "xdp") > 0
    counted = sum(r["packets"] for r in xdp.b.json("stats", "rules", "-j")["rules"]
                  if not r["text"].startswith("audit"))
    assert 0 < counted <= sent[0]


# ---- the table of buckets ----

def test_full_table(pair):
    pair.b.ok("attach", "eth0", "--hooks", "xdp", "--buckets", "64")
    pair.b.ok("rule", "add", f"limit {SLOW} burst 3 per src dport 9")
    pair.b.ok("rule", "add", f"limit {SLOW} burst 3 dport 10")
    send(pair, *[frame(pair, f"10.1.{i // 250}.{i % 250}", "10.0.0.2") for i in range(2000)] * 3)
    send(pair, *[frame(pair, "10.0.0.1", "10.0.0.2", dport=10)] * 5)
    send(pair, *[frame(pair, f"10.2.{i // 250}.{i % 250}", "10.0.0.2") for i in range(2000)])
    send(pair, *[frame(pair, "10.0.0.1", "10.0.0.2", dport=10)] * 5)
    settle(pair.b, "xdp", 8010)
    buckets = pair.b.json("status", "-j")["buckets"]
    assert buckets["capacity"] == 64 and buckets["used"] == 64
    passed, _ = rule(pair.b)
    assert 63 * 3 <= passed <= 64 * 3
    assert buckets["full_packets"] >= 7000
    # A rule without "per" found a bucket to share, and keeps it: never more than that.
    assert sum(rule(pair.b, 2)) == 10 and rule(pair.b, 2)[0] <= 3
    assert "limits: warning:" in pair.b.ok("status") and "--buckets of attach makes more" in pair.b.ok("status")
    assert "buckets full " in pair.b.ok("stats")
    assert pair.b.json("stats", "-j")["meta"]["buckets"]["full_packets"] == buckets["full_packets"]


def test_buckets_option(pair):
    for wrong in ("0", "-1", "x", "99999999"):
        assert pair.a.netctl("attach", "eth0", "--buckets", wrong).code == 2
    pair.a.ok("attach", "eth0", "--hooks", "tc", "--buckets", "1000")
    assert pair.a.json("status", "-j")["buckets"]["capacity"] == 1024
    assert "limits:" not in pair.a.ok("status")
    other = pair.a.netctl("attach", "eth0", "--hooks", "nf", "--buckets", "2048")
    assert other.code == 1 and "the limits here have 1024 buckets, not 2048" in other.err
    pair.a.ok("attach", "eth0", "--hooks", "nf", "--buckets", "1024")
    pair.a.ok("attach", "eth0", "--hooks", "xdp")


# ---- rates, by the clock ----

# Sends datagrams as fast as it can from one CPU, in batches, from a time on; prints when each batch was sent. So it is
# known what a bucket must let pass, however often the sender was stopped: but for a batch each time.
SENDER = """
import json, os, socket, sys, time
cpu, address, port, size, begin, seconds, least = sys.argv[1:]
os.sched_setaffinity(0, {int(cpu)})
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
to, data, end, times = (address, int(port)), bytes(int(size)), float(begin) + float(seconds), []
while time.monotonic() < float(begin):
    time.sleep(0.001)
while len(times) < int(least) or times[-1] < end:
    for _ in range(5):
        try:
            s.sendto(data, to)
        except OSError:
            pass
    times.append(time.monotonic())
print(json.dumps(times))
"""
BATCH = 5
LEAST = 5000  # batches of each, also where that takes longer


def flood(pair, cpus, port, size, seconds=2.0):
    """One sender a CPU; when each of them sent its batches."""
    begin = time.monotonic() + 0.5
    senders = [pair.a.popen(sys.executable, "-c", SENDER, cpu, pair.b.ip4, port, size, begin, seconds, LEAST,
                            stdout=subprocess.PIPE, text=True) for cpu in cpus]
    return [json.loads(s.communicate(timeout=HANGS)[0]) for s in senders]


def assert_rate(passed, times, cost, rate, burst):
    """What passed is what a bucket lets pass of packets sent then, within 5 %; their cost each, a rate a second."""
    left, expected, before = burst, 0, min(t[0] for t in times)
    for now in sorted(t for sender in times for t in sender):
        left = min(burst, left + rate * (now - before))
        fits = min(left // cost, BATCH)
        left, expected, before = left - fits * cost, expected + fits, now
    assert abs(passed - expected) <= 0.05 * expected, (passed, expected)
    return passed / expected


@pytest.mark.parametrize("hook", ["xdp", "tc", "nf"])
def test_packets_a_second(pair, hook):
    net = pair.b if hook == "xdp" else pair.a
    net.ok("attach", "eth0", "--hooks", hook)
    net.ok("rule", "add", "limit 1000pps burst 500 per dst proto udp dport 9")
    times = flood(pair, [0], 9, 50)
    sent = BATCH * len(times[0])
    settle(net, hook, sent)
    passed, dropped = rule(net)
    assert passed + dropped == sent and dropped > passed
    assert_rate(passed, times, 1, 1000, 500)
    check_sums(net)


def test_bits_a_second(xdp):
    xdp.b.ok("rule", "add", "limit 8mbit burst 500000 proto udp dport 9")
    times = flood(xdp, [0], 9, 958)
    sent = BATCH * len(times[0])
    settle(xdp.b, "xdp", sent)
    listed = xdp.b.json("rule", "list", "-j")["rules"][0]
    assert listed["bytes"] == 1000 * sent
    assert_rate(rule(xdp.b)[0], times, 1000, 1000000, 500000)
    check_sums(xdp.b)


@pytest.mark.skipif(os.cpu_count() < 2, reason="needs two CPUs")
@pytest.mark.parametrize("per", ["", "per src"])
def test_two_cpus_share_a_rate(pair, per):
    """OUTPUT runs on the sender's CPU: both take from one bucket, and within 5 % of its rate."""
    pair.a.ok("attach", "eth0", "--hooks", "nf")
    pair.a.ok("rule", "add", f"limit 20000pps burst 10000 {per} proto udp dport 9")
    times = flood(pair, [0, 1], 9, 50)
    sent = [BATCH * len(t) for t in times]
    passed, dropped = rule(pair.a)
    assert passed + dropped == sum(sent)
    print(f"sent {sent}, passed {passed}, of what may {assert_rate(passed, times, 1, 20000, 10000):.4f}")
    check_sums(pair.a)

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_stacks.py - interfaces that stand on each other: a packet that several of them see is counted once."""
import os
import socket

import pytest

UDP4 = 14 + 20 + 8


def rows(net, *words, **match):
    found = net.json("stats", "-j", *words)["conversations"]
    return [r for r in found if all(r.get(k) == v for k, v in match.items())]


def counts(row):
    return {k: row[k] for k in ("tx_packets", "tx_bytes", "rx_packets", "rx_bytes")}


def wide(net, *words):
    return net.ok("stats", *words, env=dict(os.environ, COLUMNS="120")).splitlines()


class Ends:
    """A socket in each namespace of a pair: a's port 6000, b's 7000."""

    def __init__(self, pair):
        self.pair, self.a, self.b = pair, pair.a, pair.b
        self.sockets = [net.socket(socket.AF_INET, socket.SOCK_DGRAM) for net in (pair.a, pair.b)]
        for s, end in zip(self.sockets, (("10.0.0.1", 6000), ("10.0.0.2", 7000))):
            s.bind(end)

    def ask(self, count, size=100):
        for _ in range(count):
            self.sockets[0].sendto(bytes(size), ("10.0.0.2", 7000))

    def answer(self, count, size=50):
        for _ in range(count):
            self.sockets[1].sendto(bytes(size), ("10.0.0.1", 6000))

    def close(self):
        for s in self.sockets:
            s.close()


@pytest.fixture
def bridged(pair):
    """In a, eth0 and eth1 are ports of br0, and that has the address."""
    net = pair.a
    pair.join("eth1", "10.0.1.", "2001:db8:1::")
    net.ip("link", "add", "br0", "address", net.mac, "type", "bridge", "mcast_snooping", "0")
    net.ip("link", "set", "br0", "arp", "off", "addrgenmode", "none")
    for port in ("eth0", "eth1"):
        net.ip("addr", "flush", "dev", port)
        net.ip("link", "set", port, "master", "br0")
    net.ip("link", "set", "br0", "up")
    net.ip("addr", "add", "10.0.0.1/24", "dev", "br0")
    net.ip("neigh", "replace", "10.0.0.2", "lladdr", pair.b.mac, "dev", "br0", "nud", "permanent")
    # A port that has not heard of an address would send to both.
    net.sh("bridge", "fdb", "replace", pair.b.mac, "dev", "eth0", "master", "static")
    ends = Ends(pair)
    yield ends
    ends.close()


def test_bridge_and_port(bridged):
    net = bridged.a
    said = "stats: br0 stands on eth0: a packet they both see counts once"
    assert said in net.ok("attach", "br0", "eth0") and said in net.ok("status")
    bridged.ask(5)
    bridged.answer(3)
    all_counts = {"tx_packets": 5, "tx_bytes": 5 * (UDP4 + 100), "rx_packets": 3, "rx_bytes": 3 * (UDP4 + 50)}
    row, = rows(net, proto="udp")
    assert counts(row) == all_counts
    assert (row["iface"], row["path"], row["tx_hook"], row["carrier"]) == ("eth0", ["eth0", "br0"], "tc", None)
    for name in ("br0", "eth0"):
        row, = rows(net, "-i", name, proto="udp")
        assert counts(row) == all_counts and row["path"] == [name]
    lines = wide(net, "-4", "-n")
    assert len(lines) == 3 and lines[1].split()[-1] == "eth0/br0" and lines[2].startswith("1 flow tx ")
    # Totals have a row for each interface.
    assert net.totals("tc") == (10, 10 * (UDP4 + 100))


def test_drops_of_either(bridged):
    """Each packet is dropped once, by the bridge or by its port."""
    net = bridged.a
    net.ok("attach", "br0", "eth0", "--hooks", "xdp")
    net.ok("rule", "add", "drop in eth0 len 50-99")
    net.ok("rule", "add", "drop in br0 len 100-149")
    bridged.answer(3, size=50)
    bridged.answer(4, size=100)
    bridged.answer(2, size=200)
    row, = rows(net, proto="udp")
    assert (row["passed_packets"], row["passed_bytes"]) == (2, 2 * (UDP4 + 200))
    assert (row["dropped_packets"], row["dropped_bytes"]) == (7, 3 * (UDP4 + 50) + 4 * (UDP4 + 100))
    assert (row["verdict"], row["reason"], row["rx_packets"]) == ("mixed", "rule", 9)


def test_port_that_is_not_attached(bridged):
    """What comes by it is counted at the bridge, in the same row."""
    net, b = bridged.a, bridged.b
    net.ok("attach", "br0", "eth0")
    bridged.answer(4)
    b.ip("route", "add", "10.0.0.1/32", "dev", "eth1")
    b.ip("neigh", "replace", "10.0.0.1", "lladdr", net.mac, "dev", "eth1", "nud", "permanent")
    bridged.answer(3)
    row, = rows(net, proto="udp")
    assert (row["rx_packets"], row["rx_bytes"]) == (7, 7 * (UDP4 + 50))
    assert row["path"] == ["eth0", "br0"]
    assert "stats: br0 stands on eth0, br0 on eth1: a packet" in net.ok("attach", "eth1")
    bridged.answer(2)
    row, = rows(net, proto="udp")
    assert (row["rx_packets"], row["rx_bytes"]) == (9, 9 * (UDP4 + 50))
    assert row["path"] == ["eth0", "eth1", "br0"]


def test_loopback(pair):
    """What leaves arrives there: one row for both directions, also of an address that talks to itself."""
    net = pair.a
    for hooks in (("xdp", "tc", "nf"), ("nf",), ("xdp",)):
        net.ok("attach", "lo", "--hooks", ",".join(hooks))
        with net.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.2", 7000))
            net.send("127.0.0.2", 5, source="127.0.0.1", sport=9000, port=7000)
            for _ in range(3):
                s.sendto(bytes(50), ("127.0.0.1", 9000))
        net.sh("ping", "-q", "-c", "2", "-i", "0.05", "127.0.0.1")
        for words in ((), ("-i", "lo")):
            row, = rows(net, *words, proto="udp")
            assert (row["local_port"], row["tx_packets"], row["rx_packets"]) == (9000, 5, 3), hooks
            assert sum(r["packets"] for r in rows(net, *words, local="127.0.0.1", proto="icmp")
                       if r["icmp"] == "echo-request") == 4
        net.ok("detach", "--all")


def test_passed_and_dropped(pair):
    """Requests pass and replies are dropped: one row of both."""
    net = pair.a
    net.ok("attach", "eth0")
    rule = int(net.ok("rule", "add", "drop hook xdp proto icmp"))
    net.sh("ping", "-q", "-c", "3", "-i", "0.05", "-W", "0.1", "10.0.0.2", check_code=False)
    row, = rows(net, proto="icmp")
    size = row["packets"] and row["bytes"] // row["packets"]
    assert (row["verdict"], row["reason"], row["rule"], row["packets"]) == ("mixed", "rule", rule, 6)
    assert (row["passed_packets"], row["passed_bytes"]) == (3, 3 * size)
    assert (row["dropped_packets"], row["dropped_bytes"]) == (3, 3 * size)
    assert any(f"drop#{rule} -3p" in line for line in net.ok("stats", env=dict(os.environ, COLUMNS="80")).splitlines())
    assert f" 3 drop#{rule} " in wide(net)[1]
    net.send("10.0.0.5", 2)
    net.ok("rule", "add", "drop dst 10.0.0.5 proto udp")
    net.send("10.0.0.5", 2, port=10)
    assert [(r["verdict"], r["reason"], r["dropped_packets"]) for r in rows(net, peer="10.0.0.5", peer_port=10)] == [
        ("drop", "rule", 2)]
    assert [(r["verdict"], r["reason"]) for r in rows(net, peer="10.0.0.5", peer_port=9)] == [("pass", None)]

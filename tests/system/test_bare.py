# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_bare.py - a device without Ethernet header: its packets are read from the IP header on, whatever they hold."""
import fcntl
import ipaddress
import os
import random
import struct

import pytest

from attaching import rows, wait_for

NO_HEADER, WITH_INFO = 0x1001, 0x0001  # IFF_TUN, with and without IFF_NO_PI
TUNSETIFF, TUNSETLINK = 0x400454CA, 0x400454CD


@pytest.fixture
def tun(pair):
    """Opens tun0 of namespace b; what is written there comes in by it."""
    net, files = pair.b, []

    def make(flags=NO_HEADER):
        with net.enter():
            files.append(os.open("/dev/net/tun", os.O_RDWR))
            fcntl.ioctl(files[-1], TUNSETIFF, struct.pack("16sH", b"tun0", flags))
        net.ip("addr", "add", "10.88.0.1/24", "dev", "tun0")
        net.ip("link", "set", "tun0", "up")
        return files[-1]

    yield make
    for f in files:
        os.close(f)


def udp4(src, dst, size=40):
    udp = struct.pack("!HHHH", 5000, 53, 8 + size, 0) + bytes(size)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
    return head + ipaddress.ip_address(src).packed + ipaddress.ip_address(dst).packed + udp


def udp6(src, dst, size=40):
    udp = struct.pack("!HHHH", 5000, 53, 8 + size, 0) + bytes(size)
    return struct.pack("!IHBB", 6 << 28, len(udp), 17, 64) + ipaddress.ip_address(src).packed + \
        ipaddress.ip_address(dst).packed + udp


def at_tun(net):
    return [f for f in net.flows(hook="xdp") if f["iface"] == "tun0"]


def received(net):
    """Packets of tun0 at ingress, all reasons."""
    return sum(t["packets"] for t in net.json("stats", "totals", "-j")["totals"]
               if t["hook"] == "xdp" and t["iface"] == "tun0")


def reasons_of(net):
    return {r["reason"]: r["packets"] for r in net.json("stats", "drops", "-a", "-j")["drops"] if r["packets"]}


@pytest.mark.parametrize("mode", ["auto", "generic"])
def test_rules_and_rows(pair, tun, mode):
    net, f = pair.b, tun()
    out = net.ok("attach", "tun0", "--mode", mode)
    assert ("by TC ingress (no Ethernet header)" in out) == (mode == "auto"), out
    net.ok("rule", "add", "drop src 10.88.0.9 proto udp dport 53 in tun0")
    net.ok("rule", "add", "drop src 2001:db8::/32")
    for _ in range(5):
        os.write(f, udp4("10.88.0.9", "10.88.0.1"))
        os.write(f, udp6("2001:db8::9", "2001:db8::1"))
        os.write(f, udp4("10.88.0.8", "10.88.0.1"))
    wait_for(lambda: received(net) >= 15, "packets of tun0")
    assert {(r["src"], r["proto"], r["sport"], r["packets"], r["bytes"], r["verdict"])
            for r in at_tun(net)} == {("10.88.0.9", "udp", 5000, 5, 5 * 68, "drop"),
                                      ("2001:db8::9", "udp", 5000, 5, 5 * 88, "drop"),
                                      ("10.88.0.8", "udp", 5000, 5, 5 * 68, "pass")}


def test_what_it_sends(pair, tun):
    net, f = pair.b, tun()
    net.ok("attach", "tun0")
    net.ok("rule", "add", "drop out tun0 dst 10.88.0.5 dport 9 hook tc")
    for address in ("10.88.0.5", "10.88.0.6"):
        net.send(address, 5)
    flows = {r["dst"]: r for r in net.flows(hook="tc") if r["iface"] == "tun0" and r["proto"] == "udp"}
    assert (flows["10.88.0.5"]["verdict"], flows["10.88.0.6"]["verdict"]) == ("drop", "pass")
    assert flows["10.88.0.6"]["bytes"] == 5 * 128
    assert [r["proto"] for r in net.json("stats", "-j")["conversations"] if r["peer"] == "10.88.0.6"] == ["udp"]


def test_ethernet_addresses(pair, tun):
    """Such a rule judges nothing here, whether it is negated or not, and the command says so."""
    net, f = pair.b, tun()
    net.ok("attach", "tun0", "--hooks", "xdp")
    result = net.netctl("rule", "add", "drop not ether src 02:00:00:00:00:01")
    assert "the rule judges nothing: no interface that is attached has an Ethernet header" in result.err
    net.ok("attach", "eth0", "--hooks", "tc")
    for rule in ("drop ether dst 00:00:00:00:00:00", "drop vlan 5"):
        assert "note: the rule judges nothing at tun0: no Ethernet header\n" in net.netctl("rule", "add", rule).err
    for rule in ("drop vlan 0 in eth0", "drop in eth0", "drop in lo"):
        assert "the rule judges nothing: no interface that it names is attached at xdp" in net.netctl("rule", "add", rule).err
    os.write(f, udp4("10.88.0.8", "10.88.0.1"))
    wait_for(lambda: received(net) == 1, "a packet of tun0")
    assert [r["verdict"] for r in at_tun(net)] == ["pass"]


def random_packet(chance):
    """Bytes that say they are IPv4 or IPv6, some of them rightly."""
    n = chance.choice([1, 19, 20, 39, 40, 60, 100])
    data = bytearray(chance.randbytes(n))
    six = chance.random() < 0.5
    data[0] = (0x60 if six else 0x40) | data[0] & 15
    if chance.random() < 0.5 and n >= 60:  # lengths that hold
        data[0] = 0x60 if six else 0x45
        data[4:6] = struct.pack("!H", n - 40) if six else bytes(data[4:6])
        if not six:
            data[2:4] = struct.pack("!H", n)
        data[6 if six else 9] = chance.choice([1, 6, 17, 58, 0, 44, 60, 253])
    return bytes(data)


def addresses(data):
    """(source, destination) as they stand there, or None."""
    if data[0] >> 4 == 4 and len(data) >= 20:
        return tuple(str(ipaddress.IPv4Address(data[i:i + 4])) for i in (12, 16))
    if data[0] >> 4 == 6 and len(data) >= 40:
        return tuple(str(ipaddress.IPv6Address(data[i:i + 16])) for i in (8, 24))
    return None


@pytest.mark.parametrize("mode", ["auto", "generic"])
@pytest.mark.parametrize("count", [4000, pytest.param(100000, marks=pytest.mark.long)])
def test_nobody_forges_a_row(pair, tun, mode, count):
    """Each flow shows the addresses that were sent; what shows none is counted under a reason."""
    net, f, chance = pair.b, tun(), random.Random(13)
    net.ok("attach", "tun0", "--hooks", "xdp", "--mode", mode, "--flows", 4 * count)
    sent, taken = set(), 0
    for _ in range(count):
        data = random_packet(chance)
        taken += os.write(f, data) > 0
        sent.add(addresses(data))
    wait_for(lambda: received(net) >= taken, "packets of tun0")
    shown = [(r["src"], r["dst"]) for r in at_tun(net) if r["src"] not in ("0.0.0.0", "::")]
    assert received(net) == taken == count
    assert len(shown) > count / 4 and set(shown) <= sent
    reasons = reasons_of(net)
    assert {"ok", "bad-ip", "bad-length", "short-ip"} <= set(reasons) and sum(reasons.values()) == count
    assert sum(r["packets"] for r in at_tun(net)) == count


def test_priority_tags_hide_nothing(pair, tun):
    """Linux takes them off a packet of any device, as many as there are."""
    net, f = pair.b, tun(WITH_INFO)
    net.ok("attach", "tun0", "--hooks", "xdp")
    net.ok("rule", "add", "drop src 10.88.0.9")
    for first in (0x8100, 0x88a8):
        for tags in range(1, 13):
            os.write(f, struct.pack("!HH", 0, first) + struct.pack("!HH", 0, 0x8100) * (tags - 1) +
                     struct.pack("!HH", 0, 0x0800) + udp4("10.88.0.9", "10.88.0.1"))
    wait_for(lambda: received(net) == 24, "packets of tun0")
    # One is metadata, eight are read.
    assert reasons_of(net) == {"rule": 18, "many-tags-drop": 6}


def test_link_type_is_asked(pair, tun):
    """It may change: what is attached is misread then, said by status; what netctl cannot read is refused by name."""
    net, f = pair.b, tun()
    net.ok("attach", "tun0")
    net.ip("link", "set", "tun0", "down")
    fcntl.ioctl(f, TUNSETLINK, 1)
    assert [r["state"] for r in rows(net, iface="tun0")] == ["misread", "misread", "attached"]
    assert "tun0: packets at tc are misread: its link type has changed" in net.ok("status")
    result = net.netctl("attach", "tun0")
    assert result.code == 1 and "tun0: its link type is ether now, and was another when it was attached" in result.err
    net.ok("detach", "tun0")
    net.ok("attach", "tun0")
    assert {r["state"] for r in rows(net, iface="tun0")} == {"attached"}
    net.ok("detach", "tun0")
    fcntl.ioctl(f, TUNSETLINK, 280)
    result = net.netctl("attach", "eth0", "tun0")
    assert result.code == 1 and "tun0: its link type is can, which netctl cannot read" in result.err
    assert net.netctl("status").code == 3
    net.ok("attach", "tun0", "--hooks", "nf")
    fcntl.ioctl(f, TUNSETLINK, 4711)
    assert "its link type is 4711" in net.netctl("attach", "tun0").err


def test_what_is_no_ip(pair, tun):
    """What the sender says it is counts, as to Linux: IPv4 bytes under another protocol are not read as IPv4."""
    net, f = pair.b, tun(WITH_INFO)
    net.ok("attach", "tun0", "--hooks", "xdp")
    net.ok("rule", "add", "drop src 10.88.0.9")
    for protocol in (0x0800, 0x86dd, 0x8847):
        os.write(f, struct.pack("!HH", 0, protocol) + udp4("10.88.0.9", "10.88.0.1"))
    wait_for(lambda: received(net) == 3, "packets of tun0")
    assert reasons_of(net) == {"rule": 1, "bad-ip": 1, "not-ip": 1}

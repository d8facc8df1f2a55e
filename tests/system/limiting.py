# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""limiting.py - what tests of limits and timed rules share: frames of any source, what a limit passed, sums."""
import ipaddress
import struct
import time

from conftest import one_cpu, wait_until


def rule(net, number=1):
    """(passed, dropped) of a limit, as rule list and stats rules tell it; both are the same."""
    listed = [r for r in net.json("rule", "list", "-j")["rules"] if r["id"] == number][0]
    counted = [r for r in net.json("stats", "rules", "-j")["rules"] if r["id"] == number][0]
    for key in ("packets", "bytes", "dropped_packets", "dropped_bytes"):
        assert listed[key] == counted[key], key
    return listed["packets"] - listed["dropped_packets"], listed["dropped_packets"]


def check_sums(net):
    """Of every hook, interface and verdict: live and closed are the total; of drops, reasons are."""
    totals = net.json("stats", "totals", "-j")["totals"]
    drops = net.json("stats", "drops", "-a", "-j")["drops"]
    for t in totals:
        assert t["live_packets"] + t["closed_packets"] == t["packets"], t
        assert t["live_bytes"] + t["closed_bytes"] == t["bytes"], t
        assert t["packets"] == sum(d["packets"] for d in drops
                                   if (d["hook"], d["iface"], d["verdict"]) == (t["hook"], t["iface"], t["verdict"]))


def limited(net, hook):
    """Packets dropped for the reason "limit" at a hook."""
    return sum(d["packets"] for d in net.json("stats", "drops", "-j")["drops"]
               if (d["hook"], d["reason"]) == (hook, "limit"))


def frame(pair, src, dst, sport=5000, dport=9, size=10):
    """A UDP frame from a to b, of either family."""
    src, dst = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    mac = bytes.fromhex((pair.b.mac + pair.a.mac).replace(":", ""))
    udp = struct.pack("!HHHH", sport, dport, 8 + size, 0) + bytes(size)
    if src.version == 4:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        return mac + b"\x08\x00" + head + src.packed + dst.packed + udp
    head = struct.pack("!IHBB", 6 << 28, len(udp), 17, 64)
    return mac + b"\x86\xdd" + head + src.packed + dst.packed + udp


def send(pair, *frames):
    with pair.a.packet_socket() as raw, one_cpu():
        for f in frames:
            raw.send(f)


class Life:
    """
    That of a rule or element "for SECONDS", made in a "with" of it. What a test sees of it while it lasts() is how it
    must be; later, on a machine that stood still meanwhile, it may be gone.
    """

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        self.sure = time.monotonic() + self.seconds
        return self

    def __exit__(self, *_):
        self.over = time.monotonic() + self.seconds + 1  # whole seconds are compared

    def lasts(self):
        return time.monotonic() < self.sure

    def ends(self):
        time.sleep(max(0, self.over + 0.1 - time.monotonic()))


def settle(net, hook, packets):
    """All of them have arrived."""
    wait_until(lambda: net.totals(hook).packets >= packets)
    assert net.totals(hook).packets == packets

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
test_attach_flood.py - attach --rules with a large set under numbered packets, in both directions.

The file drops the odd numbers, by their ports. A thousand ports for the even ones tell them apart in the flows, and
the receivers tell which arrived, so what the device or a socket lost on the way is known, and nothing depends on speed.
"""
import collections
import time

import pytest

from attaching import wait_for
from numbered import FIRST_PORT, PORTS, Traffic, no_complaints

RULES = "drop src @large proto udp dport 11000-11999 hook xdp\ndrop dst @large proto udp dport 11000-11999 hook {}\n"


def large_set(elements):
    """Of that many, no two side by side, both ends of the traffic among them."""
    hosts = (f"{20 + (i >> 24)}.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}" for i in range(0, 37 * (elements - 2), 37))
    return "set large {\n10.0.0.1,\n10.0.0.2,\n" + ",\n".join(hosts) + "\n}\n"


def attach_under_flood(pair, path, rate, tmp_path):
    """(what came in, what went out), each a Stream."""
    streams = Traffic(pair.b, pair.a, rate, tmp_path), Traffic(pair.a, pair.b, rate, tmp_path)
    time.sleep(0.2)
    out = pair.a.ok("attach", "eth0", "--rules", path)
    time.sleep(0.5)
    assert out.splitlines()[1].startswith("flow tables") and "2 added" in out
    return [stream.end() for stream in streams]


def first_counted(net, hook, address, numbers):
    """The first of these, which are all even or all odd: it and all after it were counted once, as each port says."""
    ports = FIRST_PORT + (PORTS if numbers[0] % 2 else 0)
    counted = {f["dport"] - ports: f["packets"] for f in net.flows(hook=hook, dst=address, proto="udp")
               if 0 <= f["dport"] - ports < PORTS}
    total = sum(counted.values())
    assert 0 < total < len(numbers), "the attach came before the traffic, or after it"
    assert counted == collections.Counter(n // 2 % PORTS for n in numbers[-total:])
    return numbers[-total]


def check_in(net, stream):
    """At XDP: each number that the device did not lose is counted once, and none passes after the first drop."""
    assert max(stream.arrived) == 1
    arrived = [n for n, times in enumerate(stream.arrived) if times]
    first = first_counted(net, "xdp", net.ip4, [n for n in arrived if not n % 2])
    leaked = [n for n in arrived if n % 2 and n > first]
    assert leaked == [], f"counting began with {first}, and then came {leaked[:9]}"
    dropped = net.totals("xdp", "drop").packets
    assert dropped > 0 and stream.sent == len(arrived) + dropped + stream.device_lost
    return dropped


def check_out(net, stream, hook):
    """At OUTPUT and TC, where the file drops at one of them."""
    address = "10.0.0.2"
    taken = [n for n, ok in enumerate(stream.taken) if ok]
    refused = [n for n, ok in enumerate(stream.taken) if not ok]
    even, odd = [n for n in taken if not n % 2], [n for n in taken if n % 2]
    first = {h: first_counted(net, h, address, even) for h in ("nf", "tc")}
    assert first["nf"] - first["tc"] in (0, 2)  # the gate opens between any two
    after = [n for n in odd if n > first["nf"]]
    dropped = net.totals(hook, "drop").packets
    if hook == "nf":
        assert after == [] and refused and dropped == len(refused)
    else:
        assert refused == [] and len(after) <= dropped <= len(after) + 1
        assert abs(first_counted(net, "nf", address, odd) - first["nf"]) == 1
        assert not any(stream.arrived[n] for n in after)
    lost = sum(not stream.arrived[n] for n in taken) - (dropped if hook == "tc" else 0)
    assert max(stream.arrived) == 1 and lost == stream.device_lost
    return dropped


def check_round(pair, path, hook, rate, tmp_path):
    """One attach. Where a receiver had no room, which is not known number by number, once more at half the rate."""
    while True:
        into, out = attach_under_flood(pair, path, rate, tmp_path)
        if not into.socket_lost and not out.socket_lost:
            break
        pair.a.ok("detach", "--all")
        rate /= 2
    wait_for(lambda: pair.a.json("stats", "totals", "-j")["meta"]["exact"], "at rest")
    dropped = check_in(pair.a, into), check_out(pair.a, out, hook)
    assert pair.a.json("status", "-j")["faults"] == []
    pair.a.ok("detach", "--all")
    print(f"in:  {into.rate}/s, {into.sent} sent, {into.device_lost} lost by the device, {dropped[0]} dropped at xdp\n"
          f"out: {out.rate}/s, {out.sent} sent, {out.device_lost} lost by the device, {dropped[1]} dropped at {hook}")


@pytest.mark.parametrize("rounds,rate,elements", [
    (2, 10000, 20000),
    pytest.param(20, 50000, 1000000, marks=pytest.mark.long),
])
def test_attach_under_flood(pair, write, tmp_path, rounds, rate, elements):
    elements = large_set(elements)
    files = {hook: write(elements + RULES.format(hook), hook) for hook in ("nf", "tc")}
    no_complaints(pair)
    for i in range(rounds):
        hook = ("nf", "tc")[i % 2]
        check_round(pair, files[hook], hook, rate, tmp_path)

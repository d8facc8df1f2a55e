# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
test_conservation.py - while rules change under traffic, sent is passed and dropped, and received is what passed: per flow,
per conversation, and in total.

Senders know which number OUTPUT refused, receivers which arrived, and a number's port which flow it is of.
"""
import collections
import time

import pytest

from conftest import wait_until
from ledger import size_of
from numbered import FIRST_PORT, Traffic, no_complaints
from packets import check_sums
from swaps import Swaps

RATE = 10000  # each way
DATA = 4


def port_of(number, ports):
    return FIRST_PORT + number % 2 * ports + number // 2 % ports


def by_port(numbers, ports):
    return collections.Counter(port_of(n, ports) for n in numbers)


def counted(net, hook, address, verdict):
    """{port: packets} of datagrams to that address, of which all have the same length."""
    rows = net.flows(hook=hook, proto="udp", dst=address, verdict=verdict)
    size = {r["bytes"] / r["packets"] for r in rows}
    head = (0 if hook == "nf" else 14) + (40 if ":" in address else 20) + 8 + DATA
    assert size in (set(), {head}) and len(rows) == len({r["dport"] for r in rows})
    return collections.Counter({r["dport"]: r["packets"] for r in rows})


def conversations(net, end, address, ports):
    """[{port: packets}, {port: packets}]: passed and dropped of those of which that end has the address."""
    port = f"{end}_port"
    rows = [r for r in net.json("stats", "-t", "0", "-j")["conversations"] if r["proto"] == "udp" and r[end] == address
            and FIRST_PORT <= r[port] < FIRST_PORT + 2 * ports]
    for r in rows:
        kinds = {kind for kind in ("pass", "drop") if r["passed_packets" if kind == "pass" else "dropped_packets"]}
        assert r["verdict"] == (kinds.pop() if len(kinds) == 1 else "mixed")
        assert (r["packets"], r["bytes"]) == tuple(map(sum, zip(size_of(r, "passed_"), size_of(r, "dropped_"))))
    return [collections.Counter({r[port]: r[f"{kind}_packets"] for r in rows if r[f"{kind}_packets"]})
            for kind in ("passed", "dropped")]


def check_out(net, stream, address, ports):
    """Sent is refused at OUTPUT, dropped at TC, or arrived."""
    sent = by_port(range(stream.sent), ports)
    taken = by_port((n for n, ok in enumerate(stream.taken) if ok), ports)
    arrived = by_port((n for n, times in enumerate(stream.arrived) if times), ports)
    assert counted(net, "nf", address, "pass") == taken
    assert counted(net, "nf", address, "drop") == sent - taken
    assert counted(net, "tc", address, "pass") == arrived
    assert counted(net, "tc", address, "drop") == taken - arrived
    assert conversations(net, "peer", address, ports) == [arrived, sent - arrived]
    return {"nf": sent - taken, "tc": taken - arrived}


def check_in(net, stream, address, ports):
    sent = by_port(range(stream.sent), ports)
    arrived = by_port((n for n, times in enumerate(stream.arrived) if times), ports)
    assert counted(net, "xdp", address, "pass") == arrived
    assert counted(net, "xdp", address, "drop") == sent - arrived
    assert conversations(net, "local", address, ports) == [arrived, sent - arrived]
    return {"xdp": sent - arrived}


def swap_under_traffic(pair, tmp_path, family, ports, swaps_due, rate):
    """(what went out, what came in), and the swaps."""
    pair.a.ok("attach", "eth0")
    streams = [Traffic(*ends, rate, tmp_path, family, ports) for ends in ((pair.a, pair.b), (pair.b, pair.a))]
    try:
        with Swaps(pair.a, ports).going_on() as swaps:
            assert wait_until(lambda: swaps.count >= swaps_due, 600)
    finally:
        streams = [stream.end() for stream in streams]
    return *streams, swaps


@pytest.mark.parametrize("swaps_due,ports", [(60, 12), pytest.param(1500, 1000, marks=pytest.mark.long)])
@pytest.mark.parametrize("family", [4, 6])
def test_conservation(pair, tmp_path, family, swaps_due, ports):
    net, rate = pair.a, RATE
    no_complaints(pair)
    while True:  # where the devices or a receiver had no room, which is not known number by number, at half the rate
        out, into, swaps = swap_under_traffic(pair, tmp_path, family, ports, swaps_due, rate)
        if not any((out.device_lost, out.socket_lost, into.device_lost, into.socket_lost)):
            break
        net.ok("detach", "--all")
        rate /= 2
    time.sleep(0.1)
    check_sums(net)
    assert max(out.arrived + into.arrived) == 1
    there, here = (pair.b.ip6, net.ip6) if family == 6 else (pair.b.ip4, net.ip4)
    dropped = check_out(net, out, there, ports) | check_in(net, into, here, ports)
    rules = {r["id"]: r["packets"] for r in net.json("stats", "rules", "-j")["rules"]}
    for hook, number in swaps.ids.items():
        drops = dropped[hook].total()
        assert rules[number] == net.totals(hook, "drop").packets == drops > 0, hook
        assert len(dropped[hook]) == ports  # half of the flows, and not all of these all the time
    assert out.sent + into.sent > sum(d.total() for d in dropped.values())
    print(f"{swaps.count} swaps, {swaps.rate:.0f} a second; {out.sent} out at {out.rate}/s, {into.sent} in at {into.rate}/s;"
          f" dropped: {[(hook, d.total()) for hook, d in dropped.items()]}")

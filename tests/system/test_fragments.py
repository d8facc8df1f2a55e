# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_fragments.py - the fragments of a datagram are judged as the datagram is, and count in its flow.

Under "policy drop" a datagram whose port is passed arrives, whatever it is cut into and in whatever order that comes;
without its first fragment, or of another port, none does, and a flood of fragments changes nothing.
"""
import contextlib
import glob
import json
import os
import shutil
import socket
import time

import pytest

from attaching import load_foreign, put_behind_bridge, rows
from conftest import BPFFS, TOOLS, one_cpu, sh, wait_until
from hiding import NOTHING, PORT, UDP, Form, Frames, Peer, pieces4, pieces6
from rules import counters

PASSED = f"policy drop\npass proto udp dport {PORT}\n"
# No address of the flood is among these; what of it has port 9 must be dropped, and nobody can tell.
OF_THESE = f"""policy drop
pass src 10.0.0.1-10.0.0.2,2001:db8::1-2001:db8::2 proto udp dport {PORT}
drop proto udp dport 9
"""
SOON = "-q", 20  # when none is to arrive, or not all
FLOOD_FITS = 1000  # later fragments that Linux has room for beside all others
COUNTS = [300, pytest.param(10000, marks=pytest.mark.long)]
FLOODS = [(300, 20000), pytest.param(10000, 1000000, marks=pytest.mark.long)]

# Where fragments are judged, in namespace b: (received by b, the hooks that see them, ways of sending and orders).
RAW = [("frames", order) for order in ("straight", "backwards", "mixed")]
PLACES = {"xdp": (True, ["xdp"], RAW), "tc-ingress": (True, ["xdp"], RAW),
          "tc-and-nf": (False, ["nf", "tc"], [("packets", order) for _, order in RAW]),
          "own": (False, ["tc"], [("own", "straight")])}
SENT_RAW = [name for name in PLACES if name != "own"]  # Linux loses no fragment, and sends no flood


def be_patient(pair):
    """Linux gives up no datagram because many others of the sender have come between its fragments."""
    for net in (pair.a, pair.b):
        net.sh("sh", "-c", "echo 0 >/proc/sys/net/ipv4/ipfrag_max_dist")


class Place:
    """Two namespaces, netctl in b; datagrams numbered so that none is taken for another."""

    def __init__(self, make_pair, name, rules=""):
        self.pair, self.received, self.hooks, self.ways = make_pair(), *PLACES[name]
        self.net, self.next = self.pair.b, 1
        be_patient(self.pair)
        if name == "tc-ingress":
            put_behind_bridge(self.net, self.pair.a)
        if rules:
            self.net.ok("attach", self.net.dev)
            assert (rows(self.net, hook="xdp")[0]["mode"] == "tcx-ingress") == (name == "tc-ingress")
            self.net.ok("apply", "-", input=rules)

    def send(self, family, count, way, order, *options):
        """Of that many datagrams, as build/tests/tools/fragments tells: {"whole": those that arrived, "early": ...}."""
        a, b = (self.pair.a, self.pair.b) if self.received else (self.pair.b, self.pair.a)
        source, destination = (a.ip6, b.ip6) if family == 6 else (a.ip4, b.ip4)
        first, self.next = self.next, self.next + count
        words = "-w", way, "-o", order, "-n", first, *options, a.path, b.path, b.mac, source, destination, count
        with one_cpu():
            done = json.loads(sh(f"{TOOLS}/fragments", *words).out)
        assert done.pop("wrong") == 0
        return done

    def rows(self, hook, family):
        """(source port, destination port, packets) of flows."""
        to = self.pair.b if self.received else self.pair.a
        return [(f["sport"], f["dport"], f["packets"])
                for f in self.net.flows(hook=hook, dst=to.ip6 if family == 6 else to.ip4)]

    def reasons(self):
        """Packets by hook and reason."""
        return {(d["hook"], d["reason"]): d["packets"] for d in self.net.json("stats", "drops", "-a", "-j")["drops"]}

    def check(self, **packets):
        """That many packets have these reasons: check(fragment_early=5). What OUTPUT drops does not come to TC."""
        found = self.reasons()
        must = {(hook, reason.replace("_", "-")): packets[reason] for hook in self.hooks for reason in packets
                if hook == self.hooks[0] or reason == "fragment_early"}
        assert {key: found.get(key, 0) for key in must} == must


def each(place):
    """(family, way, order) of all that is sent in a place."""
    return [(family, way, order) for family in (4, 6) for way, order in place.ways]


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("count", COUNTS)
def test_of_a_port_that_is_passed(make_pair, name, count):
    """All arrive. Where the first fragment comes first, all count in the row of their flow, which has the ports."""
    place, early = Place(make_pair, name, PASSED), 0
    for family, way, order in each(place):
        done = place.send(family, count, way, order)
        assert (done["whole"], done["refused"]) == (count, 0), (family, way, order)
        assert (done["early"] > 0) == (order != "straight")
        early += done["early"]
        place.check(fragment_early=early, fragment_early_drop=0, policy=0)
        if order == "straight":
            for hook in place.hooks:
                assert place.rows(hook, family) == [(4000, PORT, done["fragments"])], (family, hook)
    if name == "own":  # OUTPUT has them before they are cut
        assert place.rows("nf", 4) + place.rows("nf", 6) == [(4000, PORT, count)] * 2


@pytest.mark.parametrize("name", SENT_RAW)
@pytest.mark.parametrize("count", COUNTS)
def test_without_their_first(make_pair, name, count):
    alone, place, early = Place(make_pair, name), Place(make_pair, name, PASSED), 0
    for family, way, order in each(place):
        done = place.send(family, count, way, order, "-l", *SOON)
        early += done["early"]
        assert done["whole"] == alone.send(family, count, way, order, "-l", *SOON)["whole"] == 0
    place.check(fragment_early=early, fragment_early_drop=0)


def fragment_table():
    """(sets of eight, bytes) of the map where first fragments are remembered."""
    path, = glob.glob(f"{BPFFS}/netctl/*/state/fragments")
    shown = json.loads(sh("bpftool", "-j", "map", "show", "pinned", path).out)
    return shown["max_entries"], shown["bytes_memlock"]


@pytest.mark.parametrize("name", SENT_RAW)
@pytest.mark.parametrize("count, flood", FLOODS)
def test_flood_that_no_rule_passes(make_pair, name, count, flood):
    """None of it has an address and a port that are passed: it is dropped, and takes no place of others."""
    place = Place(make_pair, name, OF_THESE)
    before = fragment_table()
    for family in (4, 6):
        done = place.send(family, count, *place.ways[0], "-f", flood)
        assert (done["whole"], done["flood"]) == (count, flood)
    place.check(fragment_early=0, fragment_early_drop=2 * flood)
    assert fragment_table() == before and before[1] <= 1 << 20


@contextlib.contextmanager
def another_xdp_program(net):
    """One that does nothing. For any, a veth device moves packets to memory of which they take more."""
    pins = f"{BPFFS}/foreign"
    load_foreign(pins)
    try:
        net.sh("bpftool", "net", "attach", "xdp", "pinned", f"{pins}/foreign_xdp", "dev", "eth0")
        yield
    finally:
        shutil.rmtree(pins)


@pytest.mark.parametrize("name", SENT_RAW)
@pytest.mark.parametrize("count, flood", [(300, FLOOD_FITS), *FLOODS])
def test_flood_that_a_rule_may_pass(make_pair, name, count, flood):
    """It reaches Linux, whose memory of fragments it fills: no fewer datagrams arrive than without netctl."""
    alone, judged = Place(make_pair, name), Place(make_pair, name, PASSED)
    with another_xdp_program(alone.net) if name == "xdp" else contextlib.nullcontext():
        for family in (4, 6):
            options = family, count, *alone.ways[0], "-f", flood, *SOON
            without, done = alone.send(*options)["whole"], judged.send(*options)["whole"]
            assert done >= without > 0
            assert flood > FLOOD_FITS or done == count
    judged.check(fragment_early=2 * flood)


def arrives(sender, receiver, address, port, size, wait):
    """Whether a datagram of that size comes from one namespace to the other within so many seconds."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with receiver.socket(family, socket.SOCK_DGRAM) as there, sender.socket(family, socket.SOCK_DGRAM) as here:
        there.bind((address, port))
        with contextlib.suppress(PermissionError):
            here.sendto(bytes(size), (address, port))
        there.settimeout(wait)
        with contextlib.suppress(TimeoutError):
            return len(there.recv(9000)) == size
    return False


def four(pair, port, size, wait=30):
    """In and out of b, by IPv4 and IPv6."""
    return [arrives(*ends, getattr(ends[1], family), port, size, wait)
            for family in ("ip4", "ip6") for ends in ((pair.a, pair.b), (pair.b, pair.a))]


def reassembled(net):
    """Fragments that the IP stack was given."""
    six = net.sh("cat", "/proc/net/snmp6").out.split()
    return net.snmp("Ip")["ReasmReqds"] + int(six[six.index("Ip6ReasmReqds") + 1])


def test_policy_drop(pair):
    pair.b.ok("attach", "eth0")
    assert four(pair, PORT, 3000) == [True] * 4
    pair.b.ok("apply", "-", input=PASSED)
    for port, passes in ((PORT, True), (3333, False)):
        before = reassembled(pair.b)
        for size in (100, 3000):
            assert four(pair, port, size, 30 if passes else 0.1) == [passes] * 4, (port, size)
        assert reassembled(pair.b) - before == (6 if passes else 0)  # those that came in, three each


@pytest.mark.parametrize("name", PLACES)
def test_first_dropped(make_pair, name):
    """By its port: the later ones are dropped with it, and count where it does. Linux itself sends none after it."""
    place, sent = Place(make_pair, name, f"drop hook {PLACES[name][1][0]} proto udp dport {PORT}\n"), 0
    for family in (4, 6):
        done = place.send(family, 50, *place.ways[0], *SOON)
        sent += 50 if name == "own" else done["fragments"]
        assert (done["whole"], counters(place.net)[1].packets) == (0, sent)
    place.check(fragment_early=0, rule=sent)
    for family, way, order in each(place):
        assert place.send(family, 50, way, order, *SOON)["whole"] == 0


@pytest.mark.parametrize("name", PLACES)
def test_frag_is_of_later_ones(make_pair, name):
    """Passed by "frag" alone, no datagram arrives: it opens no first fragment."""
    place, later = Place(make_pair, name, "policy drop\npass hook nf\npass frag\npass proto udp dport 80\n"), 0
    for family, way, order in each(place):
        done = place.send(family, 20, way, order, *SOON)
        assert done["whole"] == 0
        later += 0 if name == "own" else done["fragments"] - 20  # Linux sends none after one that is dropped
    assert counters(place.net)[2].packets == place.net.totals(place.hooks[-1], "pass").packets == later
    place.net.ok("rule", "add", "pass", "proto", "udp", "dport", PORT)
    for family, way, order in each(place):
        assert place.send(family, 20, way, order)["whole"] == 20


def in_two(proto, family, number):
    """A datagram of hiding.py cut in two: its first fragment, and the later one."""
    return (pieces4 if family == 4 else pieces6)(proto, (24,))(number)


@pytest.fixture
def judged(pair):
    """b passes port 2222 by its rules; (the pair, a's frames, b's sockets)"""
    be_patient(pair)
    pair.b.ok("attach", "eth0", "--hooks", "xdp")
    pair.b.ok("apply", "-", input=PASSED + "pass dst 10.0.0.5\n")
    return pair, Frames(pair.a), Peer(pair)


def early(net):
    found = [d["packets"] for d in net.json("stats", "drops", "-a", "-j")["drops"] if d["reason"] == "fragment-early"]
    return sum(found)


def send(frames, family, packets):
    form = Form("", family, UDP, NOTHING, (), None)
    for packet in packets:
        frames.send(form, packet)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="has one CPU only")
def test_first_is_known_on_all_cpus(judged):
    """First fragments come by one CPU, and the later ones by another."""
    pair, frames, peer = judged
    cpus = os.sched_getaffinity(0)
    numbers = {4: range(1, 101), 6: range(101, 201)}
    try:
        for part, cpu in enumerate(sorted(cpus)[:2]):
            os.sched_setaffinity(0, {cpu})
            for family in numbers:
                send(frames, family, [in_two(UDP, family, number)[part] for number in numbers[family]])
            wait_until(lambda: pair.b.totals("xdp").packets >= 200 * (part + 1))
    finally:
        os.sched_setaffinity(0, cpus)
    assert peer.arrived() == {*numbers[4], *numbers[6]}
    assert early(pair.b) == 0


def test_oldest_goes_first(judged):
    """Of more first fragments than there is room for, the last are known."""
    pair, frames, _ = judged
    room, _ = fragment_table()
    firsts, last = 3 * 8 * room, 500
    with one_cpu():
        for number in range(firsts):
            send(frames, 6, [in_two(UDP, 6, number)[0]])
        before = pair.b.totals("xdp").packets
        assert before == firsts
        send(frames, 6, [in_two(UDP, 6, number)[1] for number in range(firsts - last, firsts)])
        assert (pair.b.totals("xdp").packets - before, early(pair.b)) == (last, 0)
        send(frames, 6, [in_two(UDP, 6, number)[1] for number in range(last)])
        assert early(pair.b) > last * 0.9  # sets are not equally full


@pytest.mark.long
def test_first_is_known_for_30_seconds(judged):
    pair, frames, peer = judged
    firsts, laters = zip(*(in_two(UDP, 4, number) for number in (1, 2)))
    send(frames, 4, firsts)
    time.sleep(25)
    send(frames, 4, laters[:1])
    assert (peer.arrived(), early(pair.b)) == ({1}, 0)
    time.sleep(7)
    send(frames, 4, laters[1:])
    assert (peer.arrived(), early(pair.b)) == (set(), 1)

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_overlay.py - rules added to a long list in force, in place: at once, in their place, killed or not."""
import contextlib
import itertools
import random
import signal
import socket
import subprocess
import threading
import time

import pytest

from conftest import NETCTL
from rules import add, counters, generation, ids, texts

RULES = 10000
MEASURED = 7  # adds


def long_list(count):
    chance = random.Random(count)
    for i in range(count):
        source = f"{chance.randrange(11, 224)}.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}"
        yield f"drop proto udp src {source} dport {chance.randrange(65536)}" if i % 2 else f"drop src {source}"


def apply(net, lines):
    net.ok("apply", "-", input="".join(f"{line}\n" for line in lines))


@pytest.fixture
def net(pair):
    """Namespace a under a long list of rules about others, with one about port 9 in its middle."""
    pair.a.ok("attach", "eth0")
    rules = list(long_list(RULES))
    rules[RULES // 2] = "pass hook nf proto udp dst 10.0.0.2 dport 9"
    apply(pair.a, rules)
    return pair.a


@contextlib.contextmanager
def one_flow(net, address, port):
    """known(): whether a datagram of one and the same flow leaves."""
    with net.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as s:
        def known():
            for _ in range(2):  # the first may find an ICMP error of the one before it
                try:
                    s.sendto(bytes(100), (address, port))
                    return True
                except ConnectionRefusedError:
                    pass
                except PermissionError:
                    return False
            return True
        yield known


def test_an_added_rule_acts_at_once_and_in_its_place(net):
    with one_flow(net, "10.0.0.5", 7777) as known:
        assert known()
        before = generation(net)
        added = add(net, "drop dst 10.0.0.5")
        assert not known(), "the flow's cached verdict is not of these rules"
        assert generation(net) == before + 2, "in place"
    assert net.send("10.0.0.5", 2, port=7777) == 2
    net.ok("rule", "insert", "first", "pass", "dst", "10.0.0.5", "proto", "udp", "dport", "7777")
    assert net.send("10.0.0.5", 3, port=7777) == 0
    assert net.send("10.0.0.5", 3, port=7778) == 3
    assert counters(net)[added].packets == 6
    net.ok("rule", "insert", "drop", "dst", "10.0.0.2", "after", str(RULES // 2 + 1))
    assert net.send("10.0.0.2", 3, port=9) == 0, "the rule before it decides"
    assert net.send("10.0.0.2", 3, port=10) == 3
    net.ok("rule", "insert", "drop", "dst", "10.0.0.2", "before", str(RULES // 2 + 1))
    assert net.send("10.0.0.2", 3, port=9) == 3
    # What is no addition takes the edits in.
    net.ok("rule", "del", str(added))
    assert net.send("10.0.0.5", 3, port=7778) == 0
    assert net.send("10.0.0.2", 3, port=9) == 3
    assert len(ids(net)) == RULES + 3


def worst(net):
    rules = net.json("status", "-j")["rules"]
    return [rules[key] for key in ("in_place", "set_steps", "worst_nodes", "longest_list")]


def test_the_worst_case_has_what_was_added(net):
    """What check says of a file is what status says of the same rules, until some are added in place."""
    checked = net.json("check", "-j", "-", input=net.ok("save"))["check"][0]
    steps, nodes, boxes = (checked[key] for key in ("set_steps", "worst_nodes", "longest_list"))
    assert nodes and boxes and worst(net) == [0, steps, nodes, boxes]
    for i in range(3):
        add(net, f"drop dst 10.0.1.{i}")
        # A fragment asks for what it matches, and for what it might that passes, and that drops.
        assert worst(net) == [1 + i, steps, nodes, boxes + 3 * (1 + i)]
    assert "3 additions made in place" in net.ok("status")


def test_fifty_rules_under_traffic(net):
    """More than fit in place at once: the list is compiled anew in between."""
    chance = random.Random(50)
    listed, order, stop, sent = texts(net), ids(net), threading.Event(), itertools.count()

    def traffic():
        while not stop.is_set():
            assert net.send("10.0.0.2", 1, port=9) == 0
            next(sent)

    thread = threading.Thread(target=traffic)
    thread.start()
    try:
        for i in range(50):
            rule, beside = f"drop dst 10.3.0.{i}", chance.choice(order)
            where = chance.choice([("first",), ("before", beside), ("after", beside), ()])
            words = rule.split() + [str(w) for w in where]
            new = int(net.ok("rule", *(["insert"] if where else ["add"]), *words))
            at = {(): len(order), ("first",): 0}.get(where)
            if at is None:
                at = order.index(beside) + (where[0] == "after")
            order.insert(at, new)
            listed.insert(at, rule)
    finally:
        stop.set()
        thread.join()
    assert texts(net) == listed
    assert ids(net) == order
    counts = counters(net)
    assert counts[RULES // 2 + 1].packets == next(sent)
    assert sum(c.packets for c in counts.values()) == counts[RULES // 2 + 1].packets
    saved = net.ok("save")
    assert "0 added, 0 removed" in net.ok("apply", "-", input=saved)


def test_killed_anywhere(net):
    """The list is the one before or the one after, and the next command goes on from there."""
    chance = random.Random(9)
    listed, finished = texts(net), 0
    for i in range(60):
        rule = f"drop dst 10.4.0.{i}"
        child = net.popen(NETCTL, "rule", "add", *rule.split(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.random() * 0.012)
        child.send_signal(signal.SIGKILL)
        child.wait()
        if i % 4 == 3:  # its look at the list counts as well
            add(net, f"drop dst 10.5.0.{i}")
        now = texts(net)
        expected = listed + ([rule] if rule in now else [])
        if i % 4 == 3:
            expected.append(f"drop dst 10.5.0.{i}")
        assert now == expected
        finished += rule in now
        listed = now
    print(f"{finished} of 60 had come to their end")
    assert len(set(ids(net))) == len(listed)
    assert sorted(net.sh("sh", "-c", "ls /sys/fs/bpf/netctl/*/state | grep -c next || true").out.split()) == ["0"]


def test_added_in_place_when_no_slot_is_fresh(net):
    """Counters given back by 3 * 90,000 rules: the next adds are in place, each with a counter of its own."""
    for side in range(3):
        apply(net, [f"drop proto udp dst 10.{10 * side + i // 62500}.{i // 250 % 250}.{i % 250} dport {i % 60000 + 1}" for i in range(90000)])
    before = generation(net)
    added = [int(net.ok("rule", "add", "pass", "hook", "nf", "dst", f"10.0.0.{i}")) for i in (2, 5)]
    assert generation(net) == before + 2 * len(added), "in place"
    with one_flow(net, "10.0.0.5", 9) as known:
        assert known()
    assert net.send("10.0.0.2", 3) == 0
    counts = {r["id"]: r["packets"] for r in net.json("rule", "list", "-s", "-j")["rules"] if r["id"] in added}
    assert counts == {added[0]: 3, added[1]: 1}
    for i in range(40):
        net.ok("rule", "add", "drop", "dst", f"10.200.0.{i}")
    again = generation(net)
    net.ok("rule", "add", "drop", "dst", "10.201.0.1")
    assert generation(net) == again + 2, "the rebuild on the way has taken spare ones, too"
    rules = net.json("rule", "list", "-s", "-j")["rules"]
    assert len(rules) == 90000 + 2 + 41 and sum(r["packets"] for r in rules) == 4


@pytest.fixture
def sets(pair):
    """Namespace a under rules about a large set of others."""
    chance, net = random.Random(6), pair.a
    net.ok("attach", "eth0")
    hosts = {f"10.{chance.randrange(128, 256)}.{chance.randrange(256)}.{chance.randrange(256)}" for _ in range(20000)}
    apply(net, ["drop hook nf dst @bad", "set bad {", "10.0.0.20-10.0.0.22", *sorted(hosts), "}"])
    return net, 1 + len(hosts)


def elements(net):
    return net.ok("set", "list", "bad").split()


def test_hosts_added_to_a_large_set(sets):
    net, count = sets
    steps = worst(net)[1]
    assert steps and worst(net)[0] == 0
    for address in "10.0.0.5", "2001:db8::5", "10.0.0.29":  # the last one behind a range that is no prefix
        before = generation(net)
        with one_flow(net, address, 9) as known:
            assert known()
            assert net.ok("set", "add", "bad", address) == "added 1\n"
            assert not known(), "the flow's cached verdict is not of this set"
        assert generation(net) == before + 2, "in place"
        assert net.ok("set", "add", "bad", address) == "added 0, 1 was there already\n"
        assert address in elements(net)
    assert worst(net)[:2] == [3, steps + 32], "those are looked at for every address"
    assert net.send("10.0.0.2", 3) == 0
    for i in range(40):  # more than there is room for
        assert net.ok("set", "add", "bad", f"10.7.{i}.1", f"10.7.{i}.2") == "added 2\n"
    assert len(elements(net)) == count + 83
    assert net.send("10.0.0.5", 3) == 3 and net.send("2001:db8::5", 3) == 3
    net.ok("set", "add", "bad", "10.0.0.2")
    assert net.send("10.0.0.2", 3) == 3
    net.ok("set", "del", "bad", "10.0.0.5")
    assert net.send("10.0.0.5", 3) == 0 and net.send("10.0.0.2", 3) == 3
    assert net.ok("set", "add", "bad", "10.7.0.0/16") == "added 1, 80 merged into others\n"
    saved = net.ok("save")
    apply(net, saved.splitlines())
    assert len(elements(net)) == count + 4


def test_set_adds_killed_anywhere(sets):
    net, count = sets
    chance, expected = random.Random(10), set(elements(net))
    for i in range(60):
        child = net.popen(NETCTL, "set", "add", "bad", f"10.8.{i}.1", f"10.8.{i}.2", stdout=subprocess.DEVNULL)
        time.sleep(chance.random() * 0.012)
        child.send_signal(signal.SIGKILL)
        child.wait()
        now, two = set(elements(net)), {f"10.8.{i}.1", f"10.8.{i}.2"}
        assert now in (expected, expected | two), "both or none"
        expected = now
    assert count < len(expected)


def test_how_long_an_add_takes(net, capsys):
    """A report, not a limit."""
    took = []
    for i in range(MEASURED):
        begun = time.monotonic()
        add(net, f"drop dst 10.6.0.{i}")
        took.append(time.monotonic() - begun)
    with capsys.disabled():
        print(f"\nrule add to {RULES} rules: median {sorted(took)[MEASURED // 2] * 1000:.1f} ms, at most {max(took) * 1000:.1f} ms")

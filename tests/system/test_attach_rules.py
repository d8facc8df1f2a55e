# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_attach_rules.py - attach --rules: the file is in force from the first packet, as a whole, or nothing changes."""
import re

import pytest

from attaching import ALL, FEW_OR_MANY, NOTHING, changing, names_at, no_state, seen, state_pins, telling, wait_for
from numbered import SLOWLY, arriving, numbered
from rules import add, counters, ids, sets, texts

DROPS = "drop proto udp\n"


@pytest.fixture
def net(pair):
    return pair.a


@pytest.fixture
def two(net):
    """The namespace with a second interface, "two"."""
    net.ip("link", "add", "two", "type", "veth", "peer", "name", "three")
    return net


def suffix(numbers, sent):
    """They are the last ones that were sent, without a gap."""
    return numbers == list(range(sent - len(numbers), sent))


def check_first_packet(pair, write, *words):
    """Slowly, while datagrams come and go that the file drops: none passes after the first that was dropped."""
    path = write(DROPS)
    with arriving(pair.a) as arrived, numbered(pair.b, pair.a.ip4) as into, numbered(pair.a, pair.b.ip4) as out:
        done = pair.a.inject(SLOWLY, "attach", "eth0", *words, "--rules", path)
    assert done.code == 0, done
    dropped = pair.a.totals("xdp", "drop").packets
    if dropped:
        assert 0 < len(arrived) < into.sent and arrived == list(range(into.sent - dropped))
    assert pair.a.flows(proto="udp", verdict="pass") == []  # neighbour discovery is none of the file's
    assert pair.a.json("status", "-j")["faults"] == []
    return dropped, out


@pytest.mark.parametrize("words", [(), ("--mode", "generic"), ("--hooks", "xdp")], ids=" ".join)
def test_first_packet(pair, write, words):
    dropped, out = check_first_packet(pair, write, *words)
    assert dropped
    if words != ("--hooks", "xdp"):
        assert 0 < len(out.refused) < out.sent and suffix(out.refused, out.sent)
        assert pair.a.totals("nf", "drop").packets == len(out.refused)


def test_first_packet_at_tc(pair, write):
    with arriving(pair.b) as arrived:
        dropped, out = check_first_packet(pair, write, "--hooks", "tc")
    assert not dropped
    dropped = pair.a.totals("tc", "drop").packets
    assert 0 < dropped < out.sent and arrived == list(range(out.sent - dropped))


def test_first_packet_of_several_interfaces(pair, write):
    pair.a.ip("link", "add", "two", "type", "veth", "peer", "name", "three")
    dropped, _ = check_first_packet(pair, write, "two")
    assert dropped


def test_says_what_apply_says(net, write):
    path = write("policy pass\nset s { 10.0.0.7, 10.1.0.0/16 }\ndrop src @s\ndrop dst 10.0.0.9\n")
    out = net.ok("attach", "eth0", "--rules", path)
    assert out.startswith("eth0: xdp native") and out.endswith(
        "2 added, 0 removed, 0 changed, 0 moved, 0 unchanged\n"
        "sets: 1 added, 0 removed, 0 changed, 0 unchanged; elements: 2 added, 0 removed, 0 changed, 0 unchanged\n")
    assert texts(net) == ["drop src @s", "drop dst 10.0.0.9"] and sets(net)["s"]["elements"] == 2
    assert net.netctl("diff", path).code == 0


def test_standard_input(net):
    net.ok("attach", "eth0", "--rules", "-", input="policy drop\npass proto tcp\n")
    assert net.ok("policy") == "drop\n" and texts(net) == ["pass proto tcp"]


def test_lists_of_elements(net, write):
    write("10.0.0.7\n10.0.0.8 for 1h\n", "list")
    net.ok("attach", "eth0", "--rules", write('set s {\ninclude "list"\n}\ndrop src @s for 2h\n'))
    listed = net.ok("set", "list", "s").splitlines()
    assert re.fullmatch("10.0.0.8 for (59m..?s|1h)", listed[1]) and listed[0] == "10.0.0.7", listed
    assert re.fullmatch("drop src @s for (1h59m..?s|2h)", texts(net)[0])


def test_takes_the_place_of_rules_in_force(pair, two, write):
    """As apply does: what lives on keeps ids and counters."""
    two.ok("attach", "eth0")
    assert (add(two, "drop src 10.0.0.5"), add(two, "drop dst 10.0.0.9")) == (1, 2)
    pair.b.send(two.ip4, 5, source="10.0.0.5")
    wait_for(lambda: counters(two)[1].packets == 5, "counted")
    out = two.ok("attach", "two", "--rules", write("pass dst 10.0.0.8\ndrop src 10.0.0.5\n"))
    assert out.splitlines()[-1] == "1 added, 1 removed, 0 changed, 0 moved, 1 unchanged"
    assert ids(two) == [3, 1] and counters(two)[1].packets == 5
    assert names_at(two) == names_at(two, "two") == ALL
    out = two.ok("attach", "two", "--rules", "-", input="drop src 10.0.0.5\n")
    assert out == "two: xdp native, tc, nf: already attached\n0 added, 1 removed, 0 changed, 0 moved, 1 unchanged\n"
    assert ids(two) == [1] and counters(two)[1].packets == 5
    before = state_pins()
    assert "1 unchanged" in two.ok("attach", "two", "eth0", "--rules", "-", input="drop src 10.0.0.5\n")
    assert state_pins() == before


def test_rules_in_force_judge_until_then(pair, two, write):
    """Old and new rules drop the same: while they change places and an interface is added nothing passes."""
    two.ok("attach", "eth0")
    add(two, "drop proto udp dport 10000-65535")
    with arriving(two) as arrived, numbered(pair.b, two.ip4), numbered(two, pair.b.ip4) as out:
        done = two.inject(SLOWLY, "attach", "two", "--rules", write(DROPS))
    assert done.code == 0 and texts(two) == ["drop proto udp"]
    assert arrived == [] and len(out.refused) == out.sent > 0
    assert two.flows(proto="udp", verdict="pass") == []


FAULTS = [
    ("drop src 10.0.0.5\ndrop nonsense\n", 2, "/rules:2: "),
    ("drop in nowhere\n", 3, "/rules:1: no such interface: 'nowhere'"),
    ("drop src @missing\n", 3, "/rules:1: "),
]


@pytest.mark.parametrize("text,code,says", FAULTS, ids=[f[2] for f in FAULTS])
def test_fault_in_the_file(two, write, text, code, says):
    path = write(text)
    result = two.netctl("attach", "eth0", "--rules", path)
    assert (result.code, result.out) == (code, "") and says in result.err, result
    assert result.err.startswith("netctl: attach: ")
    assert names_at(two) == NOTHING and no_state()
    two.ok("attach", "eth0")
    add(two, "drop src 10.0.0.5")
    before = state_pins(), two.ok("save")
    result = two.netctl("attach", "two", "--rules", path)
    assert result.code == code and says in result.err, result
    assert (state_pins(), two.ok("save")) == before and names_at(two, "two") == NOTHING


def test_no_such_file(net):
    result = net.netctl("attach", "eth0", "--rules", "/nowhere")
    assert result.code == 1 and "/nowhere" in result.err and no_state(), result


def test_attach_that_fails(net, write):
    """The file is good, the attach is not: the rules of before judge on, and only they."""
    path = write(DROPS)
    assert net.netctl("attach", "eth0", "lo", "--mode", "native", "--rules", path).code == 1
    assert names_at(net) == NOTHING and no_state()
    net.ok("attach", "eth0")
    add(net, "drop src 10.0.0.5")
    before = state_pins(), net.ok("save")
    with numbered(net, "10.0.0.2") as out:
        result = net.inject(SLOWLY, "attach", "eth0", "lo", "--mode", "native", "--rules", path)
    assert result.code == 1 and out.refused == []
    assert (state_pins(), net.ok("save")) == before and net.json("status", "-j")["faults"] == []


# ---- killed, or refused by the kernel, on the way ----


@pytest.fixture
def large(write):
    """A file whose ruleset has parts, and more counters than a hook's own."""
    hosts = ",\n".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}" for i in range(1 << 16, (1 << 16) + 9000))
    return write("policy pass\nset s counters {\n" + hosts + "\n}\ndrop src @s\ndrop proto udp dport 7\n", "large")


def refused(net):
    """Which rules judge: the file's, on the wire."""
    return bool(net.send("10.0.0.2", 1, port=7))


def reset(net, start):
    net.netctl("detach", "--all")
    if start == "eth0":
        net.ok("attach", "eth0")
        net.ok("rule", "add", "drop dst 10.0.0.9")


def all_from_the_first_link(calls):
    """Numbers of bpf() calls: from the first link to behind the last update, which puts the rules in force."""
    first = min(n for n, call in enumerate(calls, 1) if "BPF_LINK_CREATE" in call)
    last = max(n for n, call in enumerate(calls, 1) if "BPF_MAP_UPDATE_ELEM" in call)
    return {1, first // 3, first * 2 // 3, *range(first, last + 2)}


@pytest.fixture(params=FEW_OR_MANY)
def interrupted(two, large, request):
    """
    interrupted(what, start): attach both interfaces with the file, with that happening at a call, again for each of
    many calls; yields the call, the Result, and what was seen before and is to be seen after.
    """
    def run(what, start):
        words = "attach", "eth0", "two", "--rules", large
        reset(two, start)
        before = seen(two)
        calls = two.calls("bpf", *words)
        few = changing if "KILL" in what else telling
        when = [("bpf", n) for n in sorted(all_from_the_first_link(calls) if request.param == "many" else few(calls))]
        after = seen(two)
        assert before != after and refused(two)
        for call, n in when + [("linkat", 3), ("renameat", 1), ("renameat2", 1), ("unlinkat", 5)]:
            reset(two, start)
            yield (call, n), two.inject(f"{call}:{what}:when={n}", *words), before, after
            two.ok("attach", "eth0", "two", "--rules", large)
            assert seen(two) == after and refused(two), (call, n)
        two.ok("detach", "--all")
        assert names_at(two) == NOTHING and no_state()
    return run


@pytest.mark.parametrize("start", ["nothing", "eth0"])
def test_killed(two, interrupted, start):
    for at, _, before, after in interrupted("signal=KILL", start):
        found = seen(two)
        assert found in (before, after), at
        # The next command that takes the lock: what is shown is then also what judges, and nothing else stands there.
        two.netctl("rule", "del", "99")
        assert seen(two) == found, at
        wait_for(lambda: names_at(two) == (NOTHING if found == "nothing" else ALL), at)
        assert refused(two) == (found == after), at
        if found != "nothing":
            assert two.json("status", "-j")["faults"] == [], at


@pytest.mark.parametrize("start", ["nothing", "eth0"])
def test_refused_by_the_kernel(two, interrupted, start):
    """Once, anywhere: failure and all as before, or success and everything."""
    for at, result, before, after in interrupted("error=ENOMEM", start):
        assert result.code == 0 or result.err.startswith("netctl: attach: "), (at, result)
        assert seen(two) == (before if result.code else after), (at, result)
        wait_for(lambda: names_at(two) == (NOTHING if seen(two) == "nothing" else ALL), at)
        assert refused(two) == (not result.code), (at, result)
        if seen(two) != "nothing":
            assert two.json("status", "-j")["faults"] == [], (at, result)

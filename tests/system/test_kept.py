# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_kept.py - rules applied while nothing is attached: kept, shown, changed, forgotten; and the next attach has them."""
import re

import pytest

from attaching import ALL, FEW_OR_MANY, NOTHING, names_at, no_state, seen, state_pins, wait_for
from numbered import SLOWLY, arriving, numbered
from rules import counters, ids, sets, texts

NOTE = "netctl: note: nothing is attached: rules are kept for the next 'netctl attach', and nothing is filtered yet\n"
FILE = "policy drop\nset s counters {\n10.0.0.7,\n10.1.0.0/16 for 1h\n}\ndrop src @s for 2h\npass proto tcp\n"
TIMELESS = FILE.replace(" for 1h", "").replace(" for 2h", "")


@pytest.fixture
def net(pair):
    return pair.a


def keep(net, text):
    """Applied where nothing is attached, or kept already."""
    result = net.netctl("apply", "-", input=text)
    assert (result.code, result.err) == (0, NOTE), result
    return result.out


# ---- what is kept ----


def test_apply_keeps(net, write):
    path = write(FILE)
    assert net.netctl("diff", path).out.count("\n") == 7 and no_state()  # all of it is new
    assert keep(net, FILE) == (
        "2 added, 0 removed, 0 changed, 0 moved, 0 unchanged\n"
        "sets: 1 added, 0 removed, 0 changed, 0 unchanged; elements: 2 added, 0 removed, 0 changed, 0 unchanged\n")
    assert names_at(net) == NOTHING
    assert net.netctl("diff", path) == (0, "", NOTE)
    assert net.ok("policy") == "drop\n" and texts(net)[1] == "pass proto tcp" and sets(net)["s"]["elements"] == 2
    assert counters(net) == {1: (0, 0), 2: (0, 0)}
    assert "10.0.0.7 packets 0 bytes 0" in net.ok("set", "list", "s")
    saved = net.netctl("save")
    assert saved.err == NOTE and keep(net, saved.out).startswith("0 added, 0 removed, 0 changed, 0 moved, 2 unchanged\n")


def test_status(net):
    assert net.netctl("status").code == 3
    keep(net, FILE)
    assert net.ok("status").startswith("nothing is attached, so nothing is counted or filtered\n"
                                       "rules: 2, policy drop, generation 1, kept for the next attach\n")
    status = net.json("status", "-j")
    assert (status["attached"], status["tables"], status["faults"]) == ([], [], [])
    assert status["rules"]["kept"] is True and status["rules"]["count"] == 2 and status["rules"]["policy"] == "drop"
    net.ok("attach", "eth0")
    assert net.json("status", "-j")["rules"]["kept"] is False


def test_changes(net):
    """By the commands that change rules in force."""
    keep(net, FILE)
    assert net.netctl("rule", "add", "drop dst 10.0.0.9") == (0, "3\n", NOTE)
    assert net.netctl("set", "add", "s", "10.0.0.8") == (0, "added 1\n", NOTE)
    assert net.netctl("rule", "del", "2") == (0, "", NOTE)
    for words in (["policy", "pass"], ["rule", "move", "3", "first"], ["rule", "disable", "1"], ["set", "create", "t"],
                  ["set", "del", "s", "10.0.0.7"], ["rule", "replace", "3", "drop dst 10.0.0.8"]):
        result = net.netctl(*words)
        assert result.code == 0 and result.err == NOTE, words
    assert ids(net) == [3, 1] and texts(net)[0] == "drop dst 10.0.0.8" and texts(net)[1].startswith("disabled drop src @s")
    net.ok("attach", "eth0")
    assert ids(net) == [3, 1] and net.ok("policy") == "pass\n" and set(sets(net)) == {"s", "t"}
    assert re.match(r"10\.0\.0\.8 packets 0 bytes 0\n10\.1\.0\.0/16 for (59m..?s|1h) packets", net.ok("set", "list", "s"))


def test_added_in_place(net):
    """To a long list and a large set, which are not compiled anew for it: the attach has it, too."""
    keep(net, "set s {\n" + ",\n".join(f"10.5.{i // 256}.{i % 256}" for i in range(20000)) + "\n}\npass dst @s\n" +
         "".join(f"drop dst 10.9.{i // 256}.{i % 256}\n" for i in range(2000)))
    assert net.netctl("rule", "add", "drop proto udp dport 7") == (0, "2002\n", NOTE)
    assert net.netctl("set", "add", "s", "10.6.0.1") == (0, "added 1\n", NOTE)
    assert net.json("status", "-j")["rules"]["in_place"] > 0
    net.ok("attach", "eth0")
    assert texts(net)[-1] == "drop proto udp dport 7" and len(texts(net)) == 2002 and sets(net)["s"]["elements"] == 20001
    assert net.send("10.0.0.2", 1, port=7) == 1


def test_detach_forgets(net):
    keep(net, FILE)
    result = net.netctl("detach", "eth0")
    assert result.code == 3 and "not attached to eth0" in result.err
    assert texts(net)
    assert net.netctl("detach", "--all") == (0, "the rules kept for the next attach are gone\n", "")
    assert no_state() and net.netctl("status").code == net.netctl("rule", "list").code == 3
    assert net.netctl("detach", "--all").code == 3
    net.ok("attach", "eth0")
    assert texts(net) == [] and net.ok("policy") == "pass\n"


def test_nothing_is_kept_of_what_was_attached(net):
    keep(net, FILE)
    net.ok("attach", "eth0")
    net.ok("detach", "eth0")
    assert no_state() and net.netctl("rule", "list").code == 3


def test_nothing_to_keep(net):
    """The list that a first attach begins with anyway."""
    assert keep(net, "# nothing\n") == "0 added, 0 removed, 0 changed, 0 moved, 0 unchanged\n"
    assert no_state()
    keep(net, "drop src 10.0.0.7\n")
    keep(net, "")
    assert texts(net) == [] and "rules: 0, policy pass" in net.ok("status")


def test_what_needs_an_attachment(net):
    keep(net, FILE)
    for words in (["stats"], ["stats", "totals"], ["stats", "rules", "-j"]):
        result = net.netctl(*words)
        assert result.code == 3 and "not attached" in result.err and not result.out, result


def test_each_namespace_has_its_own(pair):
    keep(pair.a, FILE)
    assert pair.b.netctl("rule", "list").code == 3


@pytest.mark.parametrize("text,code", [("drop nonsense\n", 2), ("drop in nowhere\n", 3), ("drop src @missing\n", 3)])
def test_fault_in_the_file(net, text, code):
    assert net.netctl("apply", "-", input=text).code == code and no_state()
    keep(net, TIMELESS)
    before = net.ok("save")
    assert net.netctl("apply", "-", input=text).code == code
    assert net.ok("save") == before


# ---- the next attach ----


def test_first_packet(pair):
    """The kept rules judge it, at all hooks."""
    keep(pair.a, "drop proto udp\n")
    with arriving(pair.a) as arrived, numbered(pair.b, pair.a.ip4) as into, numbered(pair.a, pair.b.ip4) as out:
        done = pair.a.inject(SLOWLY, "attach", "eth0")
    assert done.code == 0 and done.out.endswith("rules: 1, policy pass, as kept for this attach\n"), done
    dropped = pair.a.totals("xdp", "drop").packets
    assert 0 < dropped < into.sent and arrived == list(range(into.sent - dropped))
    assert 0 < len(out.refused) < out.sent and out.refused == list(range(out.refused[0], out.sent))
    assert pair.a.flows(proto="udp", verdict="pass") == [] and pair.a.json("status", "-j")["faults"] == []


def test_another_file_takes_their_place(net, write):
    """As it does with rules in force: what is in both keeps its id."""
    keep(net, "drop src 10.0.0.7\ndrop src 10.0.0.8\n")
    out = net.ok("attach", "eth0", "--rules", write("drop src 10.0.0.8\n"))
    assert out.endswith("0 added, 1 removed, 0 changed, 0 moved, 1 unchanged\n") and "as kept" not in out
    assert ids(net) == [2]


def test_times_go_on(net):
    keep(net, "drop src 10.0.0.7 for 1s\npass proto tcp for 1h\nset s { 10.0.0.7 for 1s, 10.0.0.8 }\n")
    wait_for(lambda: len(texts(net)) == 1, "expired")
    net.ok("attach", "eth0")
    assert len(texts(net)) == 1 and net.ok("set", "list", "s") == "10.0.0.8\n"


def test_attach_that_fails(net, write):
    keep(net, TIMELESS)
    before = state_pins(), net.ok("save")
    assert net.netctl("attach", "eth0", "lo", "--mode", "native").code == 1
    assert net.netctl("attach", "eth0", "--rules", write("nonsense\n")).code == 2
    assert (state_pins(), net.ok("save")) == before and names_at(net) == NOTHING


def test_interface_that_is_gone_by_then(net):
    """It is named, with the rule; so is one that was made anew in the meantime by its new index."""
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    keep(net, "drop hook tc out one\npass proto tcp\n")
    net.ip("link", "del", "one")
    result = net.netctl("attach", "eth0")
    assert result.code == 3 and "'one'" in result.err and "rule 1 of the list names it" in result.err, result
    assert texts(net)[0] == "drop hook tc out one" and names_at(net) == NOTHING
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "one")
    net.sh("sh", "-c", "ip link set one up; ip link set two up; ip addr add 10.9.0.1/24 dev one;"
           " ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:09 dev one")
    net.send("10.9.0.2", 3)
    assert {f["verdict"] for f in net.flows(hook="tc", dst="10.9.0.2")} == {"drop"}


# ---- killed, or refused by the kernel, on the way ----


@pytest.fixture
def large(write):
    """A file whose ruleset has parts, and more counters than a hook's own; the last element is what a sends from."""
    hosts = ",\n".join(f"9.{i >> 16}.{i >> 8 & 255}.{i & 255}" for i in range(1 << 16, (1 << 16) + 9000))
    return write("set s counters {\n" + hosts + ",\n10.0.0.1\n}\ndrop src @s proto udp dport 7\n", "large")


def test_counters_of_the_last_element(net, large):
    """The blocks they are in are made by the attach."""
    net.ok("apply", large)
    net.ok("attach", "eth0")
    assert net.send("10.0.0.2", 3, port=7) == 3
    assert net.ok("set", "list", "s").splitlines()[-1].startswith("10.0.0.1 packets 3 ")


STARTS = ["nothing", "kept"]


def reset(net, start):
    net.netctl("detach", "--all")
    if start == "kept":
        net.ok("apply", "-", input="drop dst 10.0.0.9\n")


@pytest.fixture(params=FEW_OR_MANY)
def interrupted(net, request):
    """
    interrupted(what, reset, words): the command with that happening at each of many calls, from where reset() leads to;
    yields the call, the Result, and what was seen before and is to be seen after.
    """
    points = 40 if request.param == "many" else 6

    def run(what, reset, words):
        reset()
        before = seen(net)
        calls = {call: len(net.calls(call, *words)) for call in ("bpf", "linkat", "renameat", "renameat2", "unlinkat")}
        after = seen(net)
        assert before != after
        for call, count in calls.items():
            for n in range(1, count + 1, max(count // points, 1)):
                reset()
                yield (call, n), net.inject(f"{call}:{what}:when={n}", *words), before, after
        net.ok("detach", "--all")
        assert names_at(net) == NOTHING and no_state()
    return run


@pytest.mark.parametrize("start", STARTS)
def test_killed_while_applying(net, interrupted, large, start):
    for at, _, before, after in interrupted("signal=KILL", lambda: reset(net, start), ["apply", large]):
        found = seen(net)
        assert found in (before, after), at
        net.ok("attach", "eth0")
        assert net.send("10.0.0.2", 1, port=7) == (found == after), at
        assert net.json("status", "-j")["faults"] == [], at


@pytest.mark.parametrize("start", STARTS)
def test_refused_while_applying(net, interrupted, large, start):
    for at, result, before, after in interrupted("error=ENOMEM", lambda: reset(net, start), ["apply", large]):
        assert result.code == 0 or "netctl: apply: " in result.err, (at, result)
        assert seen(net) == (before if result.code else after), (at, result)
        net.ok("attach", "eth0")
        assert net.send("10.0.0.2", 1, port=7) == (not result.code), at


@pytest.mark.parametrize("what", ["signal=KILL", "error=ENOMEM"])
def test_interrupted_while_attaching(net, interrupted, large, what):
    """What is shown is what judges, once a command has had the lock."""
    def kept():
        net.netctl("detach", "--all")
        net.ok("apply", large)

    for at, result, before, after in interrupted(what, kept, ["attach", "eth0"]):
        found = seen(net)
        assert found in (before, after) if "KILL" in what else found == (before if result.code else after), (at, result)
        net.netctl("rule", "del", "99")
        assert seen(net) == found, at
        wait_for(lambda: names_at(net) == (ALL if seen(net) == after else NOTHING), at)
        assert net.send("10.0.0.2", 1, port=7) == (found == after), at
        assert net.json("status", "-j")["faults"] == [], at

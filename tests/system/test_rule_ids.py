# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_rule_ids.py - rules moved, switched off and on, and deleted by ranges of ids; none of it loses a count."""
import pytest

from conftest import Count
from rules import add, counters, ids, texts


@pytest.fixture
def net(output):
    return output


def fill(net, count=6):
    for i in range(1, count + 1):
        add(net, f"drop dst 10.9.9.{i}")


@pytest.mark.parametrize("words,order", [
    ("3 first", [3, 1, 2, 4, 5]), ("3 last", [1, 2, 4, 5, 3]), ("1 last", [2, 3, 4, 5, 1]), ("5 first", [5, 1, 2, 3, 4]),
    ("2 before 5", [1, 3, 4, 2, 5]), ("2 after 5", [1, 3, 4, 5, 2]), ("5 before 2", [1, 5, 2, 3, 4]),
    ("5 after 2", [1, 2, 5, 3, 4]), ("2 after 1", [1, 2, 3, 4, 5]), ("2 before 3", [1, 2, 3, 4, 5]),
    ("2 before 2", [1, 2, 3, 4, 5]), ("2 after 2", [1, 2, 3, 4, 5])])
def test_move(net, words, order):
    fill(net, 5)
    before = net.json("rule", "list", "-j")["meta"]["generation"]
    net.ok("rule", "move", *words.split())
    assert ids(net) == order
    assert texts(net) == [f"drop dst 10.9.9.{i}" for i in order]
    after = net.json("rule", "list", "-j")["meta"]["generation"]
    assert (after == before) == (order == [1, 2, 3, 4, 5]), "what changes nothing swaps nothing"


def test_moved_rule_decides_first_and_keeps_its_count(net):
    keep = add(net, "drop hook nf dst 10.0.0.5")
    other = add(net, "pass hook nf dst 10.0.0.0/24")
    assert net.send("10.0.0.5", 4) == 4
    net.ok("rule", "move", other, "first")
    assert net.send("10.0.0.5", 4) == 0
    net.ok("rule", "move", keep, "before", other)
    assert net.send("10.0.0.5", 3) == 3
    assert counters(net) == {keep: Count(7, 7 * 128), other: Count(4, 4 * 128)}


def test_disabled_rule_judges_nothing_and_keeps_its_count(net):
    keep = add(net, "drop hook nf dst 10.0.0.5")
    assert net.send("10.0.0.5", 4) == 4
    net.ok("rule", "disable", keep)
    assert texts(net) == ["disabled drop hook nf dst 10.0.0.5"]
    assert [r["disabled"] for r in net.json("rule", "list", "-j")["rules"]] == [True]
    assert net.send("10.0.0.5", 4) == 0
    assert counters(net)[keep].packets == 4
    net.ok("rule", "enable", keep)
    assert texts(net) == ["drop hook nf dst 10.0.0.5"]
    assert net.send("10.0.0.5", 3) == 3
    assert counters(net)[keep].packets == 7


def test_disabled_rule_may_name_an_interface_that_is_gone(net):
    net.ip("link", "add", "veth7", "type", "veth", "peer", "name", "veth8")
    add(net, "drop out veth7")
    net.ok("rule", "disable", "1")
    net.ip("link", "del", "veth7")
    assert add(net, "drop dst 10.9.9.9") == 2
    result = net.netctl("rule", "enable", "1")
    assert result.code == 3 and "veth7" in result.err
    assert texts(net)[0] == "disabled drop out veth7"


def test_rules_of_an_interface_that_is_gone(net):
    """Every change is refused, and says why, until all of them go at once."""
    net.ip("link", "add", "veth7", "type", "veth", "peer", "name", "veth8")
    add(net, "drop out veth7")
    add(net, "drop in veth7")
    net.ip("link", "del", "veth7")
    gone = "netctl: {}: no such interface: 'veth7'\n        rule {} of the list names it: delete or disable all that do, at once\n"
    for words, rule in (("policy drop", 1), ("set create x", 1), ("rule add drop dst 10.9.9.9", 1), ("rule del 2", 1), ("rule disable 1", 2)):
        what = " ".join(words.split()[:2]).replace("policy drop", "policy")
        assert net.netctl(*words.split()) == (3, "", gone.format(what, rule)), words
    other = net.netctl("rule", "replace", "2", "drop", "in", "nosuch0")
    assert other.code == 3 and "'veth7'" in other.err
    net.ok("rule", "disable", "1-2")
    other = net.netctl("rule", "replace", "2", "drop", "in", "nosuch0")
    assert other.code == 3 and "'nosuch0'" in other.err and "of the list" not in other.err
    add(net, "drop dst 10.9.9.9")


def test_typed_back(net):
    assert add(net, "disabled drop dst 10.9.9.9 comment later") == 1
    assert net.netctl("rule", "del", *"drop dst 10.9.9.9 comment later".split()).code == 3
    net.ok("rule", "del", *texts(net)[0].replace('"', "").split())
    assert texts(net) == []


@pytest.mark.parametrize("words,left", [
    ("2-4", [1, 5, 6]), ("2-4,6", [1, 5]), ("1 3,5-6", [2, 4]), ("3-99", [1, 2]), ("4-4", [1, 2, 3, 5, 6]),
    ("1,1,1-2", [3, 4, 5, 6])])
def test_ranges(net, words, left):
    fill(net)
    net.ok("rule", "disable", *words.split())
    assert [r["id"] for r in net.json("rule", "list", "-j")["rules"] if not r["disabled"]] == left
    net.ok("rule", "enable", *words.split())
    assert "disabled" not in net.ok("rule", "list")
    net.ok("rule", "del", *words.split())
    assert ids(net) == left


@pytest.mark.parametrize("words,code", [
    ("del 3,99", 3), ("del 50-60", 3), ("disable 3-", 2), ("disable 5-3", 2), ("del 1,,2", 2), ("enable x", 2),
    ("disable", 2), ("move 3", 2), ("move 3 before", 2), ("move 3 before 99", 3), ("move 99 first", 3),
    ("move x first", 2), ("move 3 first 4", 2), ("disable 1 99", 3), ("disable 99999999999999999999", 3)])
def test_bad_ids_change_nothing(net, words, code):
    fill(net, 4)
    before = net.ok("rule", "list", "-j")
    result = net.netctl("rule", *words.split())
    assert result.code == code and result.err.startswith("netctl: "), result
    assert net.ok("rule", "list", "-j") == before

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_timed.py - rules with "for TIME" end by themselves, on real traffic; saved and applied, they keep their time."""
import time

import pytest

from limiting import Life
from packets import check_sums, frame, send, settle


@pytest.fixture
def xdp(pair):
    pair.b.ok("attach", "eth0", "--hooks", "xdp")
    return pair


def test_timed_rule_ends_by_itself(xdp):
    """In the middle of a flow, and without a command."""
    one = frame(xdp, "10.0.0.1", "10.0.0.2")
    with Life(2) as life:
        xdp.b.ok("rule", "add", "drop dport 9 for 2s")
    send(xdp, *[one] * 5)
    settle(xdp.b, "xdp", 5)
    listed, dropped = xdp.b.ok("rule", "list"), xdp.b.totals("xdp", "drop").packets
    if life.lasts():
        assert listed in ("drop dport 9 for 2s\n", "drop dport 9 for 1s\n") and dropped == 5
    generation = xdp.b.json("rule", "list", "-j")["meta"]["generation"]
    life.ends()
    send(xdp, *[one] * 5)
    settle(xdp.b, "xdp", 10)
    assert (xdp.b.totals("xdp", "pass").packets, xdp.b.totals("xdp", "drop").packets) == (10 - dropped, dropped)
    check_sums(xdp.b)
    # It is not listed, not saved, no rule of that id; the next change takes it out for good.
    assert xdp.b.ok("rule", "list") == "" and xdp.b.ok("save") == "policy pass\n"
    assert xdp.b.netctl("rule", "del", "1").code == 3
    assert xdp.b.json("rule", "list", "-j")["meta"]["generation"] == generation
    xdp.b.ok("rule", "add", "pass dport 10")
    assert xdp.b.ok("rule", "list") == "pass dport 10\n"


def test_timed_rule_hides_a_later_one_for_a_while(xdp):
    one = frame(xdp, "10.0.0.1", "10.0.0.2")
    xdp.b.ok("rule", "add", "drop src 10.0.0.0/8")
    with Life(2) as life:
        xdp.b.ok("rule", "insert", "first", "pass src 10.0.0.1 for 2s")
    send(xdp, one)
    settle(xdp.b, "xdp", 1)
    passed = xdp.b.totals("xdp", "pass").packets
    assert passed == 1 or not life.lasts()
    life.ends()
    send(xdp, *[one] * 3)
    settle(xdp.b, "xdp", 4)
    assert (xdp.b.totals("xdp", "pass").packets, xdp.b.totals("xdp", "drop").packets) == (passed, 4 - passed)


def test_timed_rules_and_files(xdp, tmp_path):
    """What is left is saved; a rule that is in force keeps its time; a change of it starts anew."""
    file = tmp_path / "rules"
    xdp.b.ok("rule", "add", "drop dst 10.9.9.9 for 1h comment \"an hour\"")
    xdp.b.ok("rule", "add", "limit 10pps dst 10.9.9.8 for 1d")
    saved = xdp.b.ok("save")
    assert "drop dst 10.9.9.9 for " in saved and "for 1h " not in saved.replace("for 1h comment", "for 59m comment")
    file.write_text(saved)
    time.sleep(1.1)
    assert xdp.b.ok("diff", file) == ""
    assert "2 unchanged" in xdp.b.ok("apply", file)
    left = [r["seconds_left"] for r in xdp.b.json("rule", "list", "-j")["rules"]]
    assert left[0] <= 3599 and left[1] <= 86399
    # Longer in the file: the same rule, which has its time already.
    file.write_text(saved.replace("10.9.9.9 for", "10.9.9.9 for 5h #"))
    assert [r["seconds_left"] for r in xdp.b.json("rule", "list", "-j")["rules"]][0] <= 3599
    # For ever: the same counter, another rule to the eye.
    file.write_text("drop dst 10.9.9.9 comment \"an hour\"\nlimit 10pps burst 5 dst 10.9.9.8 for 2h\n")
    diff = xdp.b.netctl("diff", file)
    assert diff.code == 1 and diff.out.count("\n") == 2, diff.out
    assert "0 added, 0 removed, 1 changed, 0 moved, 1 unchanged" in xdp.b.ok("apply", file)
    rules = xdp.b.json("rule", "list", "-j")["rules"]
    assert [r["id"] for r in rules] == [1, 2] and rules[0]["seconds_left"] is None
    assert 7200 < rules[1]["seconds_left"] <= 86399
    # Replacing it by itself renews it.
    xdp.b.ok("rule", "replace", "2", "limit 10pps dst 10.9.9.8 for 10m")
    assert 300 < xdp.b.json("rule", "list", "-j")["rules"][1]["seconds_left"] <= 600


def test_timed_limit_and_audit(xdp):
    one = frame(xdp, "10.0.0.1", "10.0.0.2")
    with Life(2) as life:
        xdp.b.ok("rule", "add", "audit dport 9 for 2s")
        xdp.b.ok("rule", "add", "limit 1/h burst 2 dport 9 for 2s")
    send(xdp, *[one] * 5)
    settle(xdp.b, "xdp", 5)
    dropped = xdp.b.totals("xdp", "drop").packets
    assert dropped == 3 or not life.lasts()
    life.ends()
    send(xdp, *[one] * 5)
    settle(xdp.b, "xdp", 10)
    assert (xdp.b.totals("xdp", "pass").packets, xdp.b.totals("xdp", "drop").packets) == (10 - dropped, dropped)
    check_sums(xdp.b)

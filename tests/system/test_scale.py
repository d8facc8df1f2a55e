# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_scale.py - thousands of rules in force: what decides, what is counted, what a swap leaves behind."""
import os

import pytest

from attaching import state_pins
from limiting import rule
from packets import check_sums, frame, send, settle

RULES = 9000  # counters beyond the first two blocks of 4096


def fill(net, path, rules):
    path.write_text("".join(f"{rule}\n" for rule in rules))
    assert net.ok("apply", path).startswith(f"{len(rules)} added, 0 removed")


def many(first, last):
    """Rules that match nothing here, between two that do."""
    middle = [f"drop src 10.{80 + i // 65536}.{i // 256 % 256}.{i % 256} proto udp dport {1 + i % 1000}"
              for i in range(RULES)]
    return [first, *middle, last]


def counts(net):
    rules = net.json("rule", "list", "-s", "-j")["rules"]
    return {r["id"]: r["packets"] for r in rules if r["packets"]}


def side_maps():
    names = [os.path.basename(p) for p in state_pins()]
    return sorted(n for n in names if n.startswith(("part_", "block_")))


def test_counts_and_swaps(pair, tmp_path):
    net, file = pair.b, tmp_path / "rules"
    net.ok("attach", "eth0")
    assert side_maps() == []
    fill(net, file, many("pass proto udp dport 5000", "drop proto udp dport 5000-6000"))
    maps = side_maps()
    assert maps[:2] == ["block_1", "block_2"] and len(maps) > 2
    pair.a.send(pair.b.ip4, 7, 5000)
    pair.a.send(pair.b.ip4, 9, 5001)
    assert counts(net) == {1: 7, RULES + 2: 9}
    assert net.totals("xdp", "drop").packets == 9

    added = int(net.ok("rule", "insert", "first", "drop", "proto", "udp", "dport", "5000"))
    assert side_maps() == maps  # it was added in place
    pair.a.send(pair.b.ip4, 3, 5000)
    assert counts(net) == {1: 7, RULES + 2: 9, added: 3}
    net.ok("rule", "move", added, "last")
    assert len(side_maps()) == len(maps) and side_maps() != maps  # a swap, to the other place of two

    net.ok("rule", "flush")
    assert side_maps() == ["block_1", "block_2"]
    pair.a.send(pair.b.ip4, 2, 5001)
    assert net.totals("xdp", "drop").packets == 14 - 2
    assert net.totals("xdp").packets == 21
    net.ok("detach", "--all")
    assert state_pins() == []


def test_ids_after_thousands(pair, tmp_path):
    """What is read back from the parts is what was put in."""
    net = pair.b
    net.ok("attach", "eth0")
    rules = many("audit proto udp dport 5000", "pass len 100-200")
    fill(net, tmp_path / "rules", rules)
    listed = net.json("rule", "list", "-j")["rules"]
    assert [r["id"] for r in listed] == list(range(1, RULES + 3))
    # Audit rules keep counters of their own at any size.
    for port in range(5001, 5011):
        net.ok("rule", "add", "audit", "proto", "udp", "dport", port)
    pair.a.send(pair.b.ip4, 4, 5005, size=1)
    assert counts(net) == {RULES + 3 + 4: 4}


# A limit counts in two slots: around the ends of the first two blocks of slots, the first of which keeps its last 256.
@pytest.mark.parametrize("rules", [3837, 3838, 3839, 7933, 7934, 7935])
def test_limit_where_a_block_begins(pair, tmp_path, rules):
    """Flows that left their table count where the rule counts, be it the first slot of a block."""
    net, sent = pair.b, 10000
    net.ok("attach", "eth0", "--hooks", "xdp", "--flows", "1024")
    fill(net, tmp_path / "rules", [f"pass dst 10.{99 + i // 65536}.{i // 256 % 256}.{i % 256} proto tcp"
                                   for i in range(rules)] + ["limit 1/h burst 9 proto udp dport 9"])
    send(pair, *[frame(pair, "10.0.0.1", "10.0.0.2", sport=1 + i) for i in range(sent)])
    settle(net, "xdp", sent)
    assert rule(net, rules + 1) == (9, sent - 9)
    assert net.totals("xdp", "drop").packets == sent - 9
    check_sums(net)

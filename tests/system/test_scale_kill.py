# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_scale_kill.py - thousands of rules replaced by commands that are killed on the way, or run side by side."""
import glob
import json
import random
import subprocess
import time

import pytest

from attaching import state_pins, wait_for
from conftest import BPFFS, HANGS, NETCTL, sh

RULES = 10000
CALLS = "bpf,renameat,renameat2,unlinkat"


def rules(side):
    """10,000 rules of a side; what they say of the port 5000 tells the sides apart."""
    last = "drop" if side else "pass"
    return "".join(f"drop src 10.{90 + side}.{i // 256}.{i % 256} proto udp dport {1 + i % 1000}\n"
                   for i in range(RULES - 1)) + f"{last} proto udp dport 5000\n"


@pytest.fixture
def net(pair):
    pair.b.ok("attach", "eth0")
    return pair.b


@pytest.fixture
def sides(net, tmp_path):
    """(path, what save says of it) of both."""
    made = []
    for side in (1, 0):
        path = tmp_path / f"side{side}"
        path.write_text(rules(side))
        net.ok("apply", path)
        made.insert(0, (path, net.ok("save")))
    return made


def pins():
    """The names of the ruleset's pins, blocks of counters aside."""
    names = [p.rsplit("/", 1)[-1] for p in state_pins()]
    return sorted(n for n in names if n.startswith(("blob", "part_")))


def parts_in_force():
    """How many different inner maps the map of parts holds."""
    path, = glob.glob(f"{BPFFS}/netctl/*/state/parts")
    dump = json.loads(sh("bpftool", "-j", "map", "dump", "pinned", path).out)
    values = [entry["value"] for entry in dump]
    return len({str(v) for v in values if not isinstance(v, dict) or "error" not in v})


def drops(pair):
    before = pair.b.totals("xdp", "drop").packets
    pair.a.send(pair.b.ip4, 1, 5000)
    return pair.b.totals("xdp", "drop").packets - before


def settled(pair, sides):
    """Old or new, in the list and on the wire; the next command, to the other side, leaves nothing behind. The side."""
    net, saved = pair.b, [s for _, s in sides]
    found = net.ok("save")
    assert found in saved, "neither ruleset"
    now = saved.index(found)
    assert drops(pair) == now
    other = 1 - now
    net.ok("apply", sides[other][0])
    assert net.ok("save") == saved[other] and drops(pair) == other
    blob, *parts = pins()
    assert blob == "blob" and len({p.split("_")[1] for p in parts}) == 1, parts  # of one place of two
    assert parts_in_force() == len(parts)
    return now


@pytest.mark.parametrize("before", [4, pytest.param(8, marks=pytest.mark.long)])
def test_killed_at_calls(pair, net, sides, before):
    """Killed by the n-th call of a kind that changes something: the last ones, about the swap, and some before."""
    calls = [call.split("(")[0] for call in net.calls(CALLS, "apply", sides[1][0])]
    now, seen = 1, set()
    for name in sorted(set(calls)):
        count = calls.count(name)
        last, spread = range(max(1, count - 3), count + 1), range(1, count + 1, 1 + count // before)
        for n in sorted({*last, *spread}):
            net.inject(f"{name}:signal=KILL:when={n}", "apply", sides[1 - now][0])
            found = settled(pair, sides)
            seen.add("new" if found != now else "old")
            now = 1 - found
    assert seen == {"new", "old"}  # kills before the swap, and behind it
    net.ok("detach", "--all")
    wait_for(lambda: state_pins() == [], state_pins())


@pytest.mark.long
def test_killed_at_times(pair, net, sides):
    chance = random.Random(7)
    begun = time.monotonic()
    net.ok("apply", sides[1][0])
    takes = time.monotonic() - begun
    now = 1
    for _ in range(30):
        command = net.popen(NETCTL, "apply", sides[1 - now][0], stdout=subprocess.DEVNULL)
        time.sleep(chance.random() * takes * 1.2)
        command.kill()
        command.wait()
        now = 1 - settled(pair, sides)
    net.ok("detach", "--all")
    assert state_pins() == []


def test_side_by_side(pair, net, sides):
    """Commands wait for each other: each does all of its own, and nothing of the others is lost."""
    added = [net.popen(NETCTL, "rule", "add", "drop", "proto", "tcp", "dport", 7000 + i,
                       stdout=subprocess.PIPE, text=True) for i in range(6)]
    listing = net.popen(NETCTL, "rule", "list", stdout=subprocess.DEVNULL)
    ids = [int(command.communicate(timeout=HANGS)[0]) for command in added]
    assert [c.returncode for c in added] == [0] * 6 and listing.wait(HANGS) == 0
    texts = {r["id"]: r["rule"] for r in net.json("rule", "list", "-j")["rules"]}
    assert len(texts) == RULES + 6
    assert [texts[n] for n in ids] == [f"drop proto tcp dport {7000 + i}" for i in range(6)]

    both = [net.popen(NETCTL, "apply", path, stdout=subprocess.DEVNULL) for path, _ in sides * 2]
    assert [c.wait(HANGS) for c in both] == [0] * 4
    settled(pair, sides)

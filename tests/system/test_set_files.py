# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_set_files.py - sets in files and from them: load, apply, save, diff, check, and lists as they are published."""
import glob
import ipaddress
import itertools
import json
import os
import random
import re
import socket
import subprocess
import threading
import time

import pytest

from attaching import state_pins
from conftest import HANGS, NETCTL, ROOT
from rules import add, diff, elements, generation, make_set, sets

LISTS = sorted(glob.glob(os.path.join(os.path.dirname(ROOT), "shared/data/lists/*.txt")))


LOADS = [
    ("10.0.0.1\n10.0.0.2\r\n\n  10.0.0.3\n", "loaded 3\n", ["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
    ("# a list\n; of two\n10.0.0.0/8 ; SBL1\n192.0.2.1\t7\n", "loaded 2\n", ["10.0.0.0/8", "192.0.2.1"]),
    ("\ufeff10.0.0.1,10.0.0.2\n10.0.0.1 # twice\n", "loaded 2, 1 was there already\n", ["10.0.0.1", "10.0.0.2"]),
    ("10.0.0.0/8\n10.1.1.1\n10.0.0.0/16\n", "loaded 1, 2 covered by 10.0.0.0/8\n", ["10.0.0.0/8"]),
    ("::1 AU\n1.1.1.1-1.1.1.3\n", "loaded 2\n", ["1.1.1.1-1.1.1.3", "::1"]),
    ("", "loaded 0\n", []),
    ("10.0.0.1", "loaded 1\n", ["10.0.0.1"]),
]


@pytest.fixture
def net(output):
    return output


def test_load(net, write):
    make_set(net, "bad", "10.9.9.9")
    for text, report, listed in LOADS:
        assert net.ok("set", "load", "bad", write(text, "list")) == report, text
        assert elements(net, "bad") == listed
    net.ok("set", "add", "bad", "10.0.0.0/24")
    assert net.netctl("set", "load", "--add", "bad", "-", input="10.0.0.7\n10.1.0.0/24\n") == (
        0, "added 1, 1 covered by 10.0.0.0/24\n", "")
    assert elements(net, "bad") == ["10.0.0.0/24", "10.1.0.0/24"]
    assert net.ok("set", "load", "for", "1h", "bad", write("10.0.0.1\n10.0.0.2 for 2h\n", "list")) == "loaded 2\n"
    left = [e["seconds_left"] for e in net.json("set", "list", "bad", "-j")["elements"]]
    assert left[0] in range(3500, 3601) and left[1] in range(7100, 7201)
    listed = net.ok("set", "list", "bad")
    net.ok("set", "create", "copy")
    net.ok("set", "load", "copy", "-", input=listed)
    assert len(elements(net, "copy")) == 2


def test_load_tells_every_bad_line_and_changes_nothing(net, write):
    make_set(net, "bad", "10.9.9.9")
    path, number = write("10.0.0.1\nnonsense\n10.0.0.2 10.0.0.3\n10.0.0.1/8\n", "list"), generation(net)
    result = net.netctl("set", "load", "bad", path)
    assert result.code == 2 and result.out == ""
    lines = result.err.splitlines()
    assert [line for line in lines if line.startswith("netctl")] == [
        f"netctl: set load: {path}:2: not an address or prefix: 'nonsense'",
        f"netctl: set load: {path}:3: a comma is missing before '10.0.0.3'",
        f"netctl: set load: {path}:4: '10.0.0.1/8' has bits beyond its prefix"]
    assert "        10.0.0.2 10.0.0.3" in lines and "                 ^^^^^^^^" in lines
    result = net.netctl("set", "load", "bad", write("x\n" * 25 + "10.0.0.1\n", "list"))
    assert result.code == 2 and result.err.count(": not an address") == 10
    assert result.err.endswith(f"and 15 more lines of '{path}' are wrong\n")
    assert elements(net, "bad") == ["10.9.9.9"] and generation(net) == number
    assert net.netctl("set", "load", "bad", "-", input="10.0.0.1\0\n").err == "netctl: set load: '-' holds a NUL byte: it is not text\n"


FILE = """
drop src @bad comment "sets may stand below"
set bad {
	10.0.0.1, 10.0.0.2   # two
	10.7.0.0/16 for 1h
	2001:db8::/32
}
define ports = 80, 8000-8080
set web ports { $ports, https }
pass dport @web
set dns services { 10.0.0.5:53/udp }
policy drop
"""

SAVED = """policy drop
set bad { 10.0.0.1, 10.0.0.2, 10.7.0.0/16 for TIME, 2001:db8::/32 }
set web ports { 80, 443, 8000-8080 }
set dns services { 10.0.0.5:53/udp }
drop src @bad comment "sets may stand below"
pass dport @web
"""


def saved(net):
    return re.sub(r"for \w+", "for TIME", net.ok("save"))


def test_apply_save_and_diff_are_at_one(net, write):
    make_set(net, "old", "10.0.0.1")
    path = write(FILE)
    result = net.netctl("diff", path)
    assert result.code == 1
    assert [line.split(None, 1) for line in result.out.splitlines()] == [["-", "policy pass"], ["+", "policy drop"],
        ["-", "set old"], ["+", "set bad"], ["+", "set bad 10.0.0.1"], ["+", "set bad 10.0.0.2"],
        ["+", "set bad 10.7.0.0/16 for 1h"], ["+", "set bad 2001:db8::/32"], ["+", "set web ports"],
        ["+", "set web 80"], ["+", "set web 443"], ["+", "set web 8000-8080"], ["+", "set dns services"],
        ["+", "set dns 10.0.0.5:53/udp"], ["+", 'drop src @bad comment "sets may stand below"'], ["+", "pass dport @web"]]
    assert net.ok("apply", path).splitlines() == [
        "2 added, 0 removed, 0 changed, 0 moved, 0 unchanged",
        "sets: 3 added, 1 removed, 0 changed, 0 unchanged; elements: 8 added, 1 removed, 0 changed, 0 unchanged"]
    assert saved(net) == SAVED
    again = write(net.ok("save"))
    time.sleep(1.1)
    assert diff(net, again) == [] and diff(net, path) == []
    number = generation(net)
    assert "3 unchanged" in net.ok("apply", again)
    assert generation(net) == number and saved(net) == SAVED


def test_diff_of_elements(net, write):
    make_set(net, "bad", "10.0.0.1", "10.0.0.2", "10.0.0.3")
    net.ok("set", "add", "bad", "10.0.0.4", "for", "1h")
    path = write("set bad { 10.0.0.1 for 1h, 10.0.0.2, 10.0.0.4 for 2h, 10.0.0.9 }")
    assert diff(net, path) == [["-", "set bad 10.0.0.1"], ["-", "set bad 10.0.0.3"], ["+", "set bad 10.0.0.1 for 1h"],
                               ["+", "set bad 10.0.0.9"]]
    net.ok("apply", path)
    assert diff(net, path) == []
    left = {e["element"]: e["seconds_left"] for e in net.json("set", "list", "bad", "-j")["elements"]}
    assert left["10.0.0.2"] is None and 3500 < left["10.0.0.1"] <= 3600 and 3500 < left["10.0.0.4"] <= 3600, "its time goes on"
    many = write("set bad {\n" + "".join(f"10.1.{i >> 8}.{i & 255}\n" for i in range(5000)) + "}\n")
    changes = diff(net, many)
    assert changes[-2:] == [["+", "set bad 10.1.0.9"], ["+", "set bad and 4990 more"]] and len(changes) == 4 + 11
    assert [c["rule"] for c in json.loads(net.netctl("diff", "-j", many).out)["changes"]][-1] == "set bad and 4990 more"
    assert diff(net, write("set bad counters { 10.0.0.1 for 1h, 10.0.0.2, 10.0.0.4 for 2h, 10.0.0.9 }")) == [
        ["-", "set bad"], ["+", "set bad counters"]]


def test_diff_compiles(net, write):
    for text, code, message in (("drop src @nosuch", 3, ":1: no set has the name 'nosuch'"),
                                ("drop not proto " + ",".join(map(str, range(256))), 2, "this rule can never match")):
        result = net.netctl("diff", write(text))
        assert result.code == code and message in result.err and result.out == ""


def test_check_tells_sets(net, write):
    path = write("set bad { 10.0.0.1, 10.0.0.1, 192.0.2.0/24, 192.0.2.2 }\nset web ports { 80 }")
    assert net.netctl("check", path).err == f"netctl: note: {path}:1: set bad: 1 listed twice, 1 within others\n"
    row = net.json("check", "-j", write(FILE))["check"][0]
    assert (row["sets"], row["elements"], row["rules"]) == (3, 8, 2)
    hosts = ", ".join(str(ipaddress.ip_address(0x10000000 + 1000 * i)) for i in range(210000))
    row = net.json("check", "-j", write(f"set bad {{ {hosts} }}\ndrop src @bad\n"))["check"][0]
    assert row["elements"] == row["set_ranges"] == 210000  # wherever they are kept


def test_file_includes_lists(net, write):
    write("# a list\n10.0.0.1 AU\n10.0.0.0/24 ; SBL\n", "list")
    net.ok("apply", write('set bad { include "list", 192.0.2.1 }\ndrop src @bad\n'))
    assert elements(net, "bad") == ["10.0.0.0/24", "192.0.2.1"]
    write("10.0.0.1\n\nnonsense\n", "list")
    result = net.netctl("apply", write('set bad { include "list" }'))
    assert result.code == 2 and "/list:3: not an address or prefix: 'nonsense'" in result.err


def test_load_is_atomic_under_traffic(net):
    """What is in every version of the list is never passed, what is in none never dropped."""
    make_set(net, "bad", "10.0.0.5")
    add(net, "drop hook nf dst @bad dport 9")
    stop, wrong, sent = threading.Event(), [], [0]

    def sender():
        with net.enter():
            while not stop.is_set():
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # a new flow each time
                for address, dropped in (("10.0.0.5", True), ("10.0.0.2", False)):
                    try:
                        s.sendto(b"x", (address, 9))
                        outcome = False
                    except PermissionError:
                        outcome = True
                    if outcome != dropped:
                        wrong.append(address)
                    sent[0] += 1
                s.close()
    thread = threading.Thread(target=sender)
    thread.start()
    try:
        for n in range(20):
            text = "".join(f"10.{n}.{i >> 8}.{i & 255}\n" for i in range(256, 2256)) + "10.0.0.5\n"
            net.ok("set", "load", "bad", "-", input=text)
    finally:
        stop.set()
        thread.join()
    assert not wrong and sent[0] > 200, (len(wrong), sent)


def test_a_load_is_killed(net, tmp_path):
    """Whenever that is: the old list or the new one, for packets and for readers, and the next load works."""
    paths, count = [tmp_path / "list0", tmp_path / "list1"], 50_000
    for side, path in enumerate(paths):
        path.write_text(f"10.0.0.{(5, 2)[side]}\n" + "".join(f"1{side}.7.{n >> 8}.{n & 255}\n" for n in range(count)))
    make_set(net, "bad")
    add(net, "drop hook nf dst @bad dport 9")
    begun = time.monotonic()
    net.ok("set", "load", "bad", paths[0])
    takes, chance, now, seen = time.monotonic() - begun, random.Random(3), 0, set()
    for i in itertools.count():
        if i >= 15 and len(seen) == 2:
            break
        command = net.popen(NETCTL, "set", "load", "bad", paths[1 - now], stdout=subprocess.DEVNULL)
        time.sleep(chance.random() * takes * 1.2)
        command.kill()
        command.wait()
        listed = elements(net, "bad")
        found = int("10.0.0.2" in listed)
        assert len(listed) == count + 1 and sum(e.startswith(f"1{found}.7.") for e in listed) >= count
        assert [net.send(a, 1) for a in ("10.0.0.5", "10.0.0.2")] == [1 - found, found]
        seen.add(found != now)
        takes *= 0.8 if found != now else 1.25  # however long it takes now: kills before the swap, and behind it
        now = found
    net.ok("set", "load", "bad", paths[1 - now])
    net.ok("detach", "--all")
    assert state_pins() == []


def test_adds_side_by_side(net):
    """Commands wait for each other, and none takes away what another has added."""
    make_set(net, "bad")
    adds = [net.popen(NETCTL, "set", "add", "bad", f"10.3.0.{n}", stdout=subprocess.DEVNULL) for n in range(1, 9)]
    assert [c.wait(HANGS) for c in adds] == [0] * 8
    assert elements(net, "bad") == [f"10.3.0.{n}" for n in range(1, 9)]


def test_a_million_hosts(net, tmp_path):
    path = tmp_path / "list"
    path.write_text("".join(f"{n >> 14 & 127 | 64}.{n >> 6 & 255}.{(n & 63) << 2 | 1}.{n * 7 & 255}\n" for n in range(1_000_000)))
    make_set(net, "bad")
    add(net, "drop hook nf dst @bad")
    report = net.ok("set", "load", "bad", path)
    assert report == "loaded 1000000\n"
    listed = elements(net, "bad")
    assert len(listed) == 1_000_000 and sorted(listed) == sorted(path.read_text().splitlines())
    assert net.ok("set", "add", "bad", "10.0.0.5") == "added 1\n"
    assert net.send("10.0.0.5", 2) == 2 and net.send("10.0.0.2", 2) == 0
    assert net.ok("set", "del", "bad", listed[77], "10.0.0.5") == "deleted 2\n"
    assert net.send("10.0.0.5", 2) == 0 and sets(net)["bad"]["elements"] == 999_999


def test_counters_are_used_again(net, tmp_path):
    """More elements than there are counters, one list after the other: each begins at nothing."""
    def load(second, last, count=100_000):
        path = tmp_path / "list"
        path.write_text("".join(f"10.{second + (n >> 16)}.{n >> 8 & 255}.{n & 255}\n" for n in range(count)) + last)
        return net.netctl("set", "load", "bad", path)
    make_set(net, "bad", "counters")
    add(net, "drop hook nf dst @bad")
    for second, last in ((10, "10.0.0.5"), (20, "10.0.0.2"), (30, "10.0.0.5")):
        assert load(second, last).out == "loaded 100001\n"
        assert net.send(last, 3) == 3
        counts = [e for e in net.json("set", "list", "bad", "-j")["elements"] if e["packets"]]
        assert [(e["element"], e["packets"]) for e in counts] == [(last, 3)]
    result = load(40, "10.0.0.5", 300_000)
    assert result.code == 1 and "262143 counters" in result.err and "a set without counters" in result.err
    assert sets(net)["bad"]["elements"] == 100_001


def number(address):
    """IPv6 ones above all of IPv4."""
    if ":" in address:
        return (1 << 64) + int.from_bytes(socket.inet_pton(socket.AF_INET6, address), "big")
    return int.from_bytes(socket.inet_pton(socket.AF_INET, address), "big")


def spans(words):
    """What the words cover together: (first, last), in order, neighbours joined."""
    found = []
    for word in words:
        if "/" in word:
            address, bits = word.split("/")
            found.append((number(address), number(address) + (1 << (128 if ":" in word else 32) - int(bits)) - 1))
        else:
            lo, _, hi = word.partition("-")
            found.append((number(lo), number(hi or lo)))
    joined = []
    for lo, hi in sorted(found):
        if joined and lo <= joined[-1][1] + 1:
            joined[-1][1] = max(joined[-1][1], hi)
        else:
            joined.append([lo, hi])
    return joined


@pytest.mark.skipif(not LISTS, reason="no lists at ../shared/data/lists")
@pytest.mark.parametrize("path", LISTS, ids=[os.path.basename(p) for p in LISTS])
def test_public_lists(net, path):
    """As they are; what is listed then is what the file says."""
    make_set(net, "bad")
    net.ok("set", "load", "bad", path)
    with open(path, encoding="utf-8") as f:
        words = [line.split()[0] for line in f if line.strip() and line[0] not in "#;"]
    assert spans(words) == spans(elements(net, "bad"))

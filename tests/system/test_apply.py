# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_apply.py - whole files: check, apply, diff and save, what they keep, and what they refuse."""
import os
import subprocess

import pytest

from conftest import NETCTL, Count
from rules import add, counters, diff, generation, ids, texts


@pytest.fixture
def net(output):
    return output


def test_apply_is_the_whole_list(net, write):
    add(net, "drop dst 10.9.9.9")
    out = net.ok("apply", write("policy drop\ndefine lan = 10.0.0.0/24, 2001:db8::/64\npass dst $lan\n"
                                "disabled pass proto udp comment \"for later\"\n"))
    assert out == "2 added, 1 removed, 0 changed, 0 moved, 0 unchanged\n"
    assert texts(net) == ["pass dst 10.0.0.0/24,2001:db8::/64", 'disabled pass proto udp comment "for later"']
    assert net.ok("policy") == "drop\n" and ids(net) == [2, 3]
    assert net.send("10.0.0.5", 2) == 0
    net.ok("apply", write(""))
    assert texts(net) == [] and net.ok("policy") == "pass\n"


def test_rules_that_stay_keep_ids_and_counts(net, write):
    for rule in ("drop hook nf dst 10.0.0.5", "pass vlan 1", "drop hook nf dst 2001:db8::5", "pass vlan 2"):
        add(net, rule)
    assert net.send("10.0.0.5", 4) == 4 and net.send("2001:db8::5", 3) == 3
    path = write("pass vlan 9\ndrop hook nf dst 2001:db8::5 comment \"new\"\npass vlan 2\ndrop dst 10.0.0.5/32 hook nf\n")
    assert diff(net, path) == [["+", "pass vlan 9"], ["-", "2 pass vlan 1"], ["-", "3 drop hook nf dst 2001:db8::5"],
                               ["+", '3 drop hook nf dst 2001:db8::5 comment "new"'], [">", "1 drop hook nf dst 10.0.0.5"]]
    assert net.ok("apply", path) == "1 added, 1 removed, 1 changed, 1 moved, 1 unchanged\n"
    assert ids(net) == [5, 3, 4, 1]
    assert counters(net)[1] == Count(4, 4 * 128) and counters(net)[3].packets == 3
    assert net.send("10.0.0.5", 2) == 2
    assert counters(net)[1].packets == 6
    assert diff(net, path) == []


def test_the_same_again_swaps_nothing(net, write):
    path = write("drop dst 10.9.9.9\ndrop dst 10.9.9.9\npolicy pass\n")
    assert net.ok("apply", path).startswith("2 added")
    before = generation(net)
    assert net.ok("apply", path) == "0 added, 0 removed, 0 changed, 0 moved, 2 unchanged\n"
    assert generation(net) == before and ids(net) == [1, 2]


def test_save_is_a_fixed_point(net, write):
    for rule in ("drop dst 10.0.0.5 comment two;words", "disabled audit proto tcp flags syn/syn+ack", "pass in eth0 not vlan 1-9",
                 "pass proto icmpv6", "drop icmp echo-request", "drop len 0-99,200 frag", "drop dst 10.0.0.5 comment two;words"):
        add(net, rule)
    net.ok("policy", "drop")
    saved = net.ok("save")
    assert saved.splitlines() == ["policy drop", *texts(net)]
    path = write(saved)
    assert diff(net, path) == []
    net.ok("rule", "flush")
    net.ok("policy", "pass")
    assert len(diff(net, path)) == 2 + 7
    net.ok("apply", path)
    assert net.ok("save") == saved and diff(net, path) == []


def test_standard_input(net):
    net.ok("apply", "-", input="drop dst 10.9.9.1; drop dst 10.9.9.2\n")
    assert texts(net) == ["drop dst 10.9.9.1", "drop dst 10.9.9.2"]
    code, out, err = net.netctl("diff", "-", input="drop dst 10.9.9.1")
    # Columns are as wide as the hidden headings with one libsmartcols, and as what is in them with the next.
    assert (code, out.split(), err) == (1, "- 2 drop dst 10.9.9.2".split(), "")
    assert net.netctl("diff", "-", input=net.ok("save")) == (0, "", "")
    code, _, err = net.netctl("apply", "-", input="pass vlan 1\ndrop dst 10.0.0.500\n")
    assert code == 2 and err.splitlines()[0] == "netctl: apply: <stdin>:2: not an address or prefix: '10.0.0.500'"


def test_closed_input_is_not_an_empty_file(net):
    add(net, "drop dst 10.9.9.1")
    for words in "apply -", "set load bad -":
        net.ok("set", "create", "bad") if "bad" in words else None
        result = net.sh("sh", "-c", f"exec {NETCTL} {words} <&-", check_code=False)
        assert result.code == 1 and result.err.endswith("'-' cannot be read\n"), result
    assert texts(net) == ["drop dst 10.9.9.1"]


def test_diff_as_json(net, write):
    add(net, "drop dst 10.9.9.9")
    result = net.netctl("diff", "-j", write("policy drop\npass vlan 1\n"))
    assert result.code == 1
    import json
    assert json.loads(result.out)["changes"] == [
        {"change": "remove", "id": None, "rule": "policy pass"}, {"change": "add", "id": None, "rule": "policy drop"},
        {"change": "add", "id": None, "rule": "pass vlan 1"}, {"change": "remove", "id": 1, "rule": "drop dst 10.9.9.9"}]


REFUSED = [
    ("drop dst 10.0.0.500\n", 2, ":1: not an address"),
    ("pass vlan 1\n\ndrop in nosuch0\n", 3, ":3: no such interface"),
    ("pass vlan 1\ndrop proto not-one\n", 2, ":2: not a protocol"),
    ("include \"/no/such/file\"\n", 2, "/no/such/file"),
    ("set a { 10.0.0.1,\n10.0.0.500 }\n", 2, ":2: not an address"),
    ("drop src @bad\nset bed { }", 3, ":1: no set has the name 'bad'"),
    ("drop src @bad\nset bed { }", 3, "did you mean 'bed'? a file holds the sets that its rules name"),
    ("drop src @bad\nset bad ports { 80 }", 2, ":1: set 'bad' holds ports: src cannot use it"),
    ("".join(f"audit vlan {n}\n" for n in range(300)), 1, "limit of this version"),
    ("drop not proto " + ",".join(str(n) for n in range(256)) + "\n", 2, ":1: this rule can never match"),
]


@pytest.mark.parametrize("text,code,named", REFUSED, ids=[r[2] for r in REFUSED])
def test_bad_files_change_nothing(net, write, text, code, named):
    add(net, "drop dst 10.9.9.9")
    before = net.ok("rule", "list", "-j")
    path = write(text)
    for command in "apply", "diff", "check":
        result = net.netctl(command, path)
        if command == "diff" and (code != 2 or "can never" in named or "cannot use" in named) or command == "check" and "nosuch0" in text:
            continue  # diff does not compile; for check an absent interface is a note
        assert result.code == code and named in result.err, result
        assert result.err.startswith(f"netctl: {command}: ") and len(result.err.splitlines()) <= 4
    assert net.ok("rule", "list", "-j") == before


def test_check_touches_nothing(net, write, netctl):
    path = write("drop dst 10.0.0.5\npass in nosuch0 not dst 10.0.0.0/8\ndisabled drop in nosuch1\n")
    before = net.ok("rule", "list", "-j")
    result = net.netctl("check", path)
    assert result.code == 0 and result.err == f"netctl: note: {path}:2: no interface 'nosuch0' here now\n"
    titles, row = (line.split() for line in result.out.splitlines())
    assert dict(zip(titles, row)) | {"USED": 0} == {
        "RULES": "3", "DISABLED": "1", "POLICY": "pass", "SETS": "0", "ELEMENTS": "0", "RANGES": "0", "STEPS": "0",
        "IPV4": "3", "IPV6": "0", "OTHER": "0", "NODES": "0", "LONGEST": "3", "USED": 0,
        "MEMORY": str(512 << 10)}
    assert net.ok("rule", "list", "-j") == before
    not_root = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
                               NETCTL, "check", "-"], input="drop dst 10.0.0.5", capture_output=True, text=True, check=False)
    assert not_root.returncode == 0, not_root


def test_include_of_others_files(net, write, tmp_path):
    inner = write("drop dst 10.9.9.9\n", "inner")
    outer = write("include \"inner\"\npass vlan 1\n")
    net.ok("apply", outer)
    assert texts(net) == ["drop dst 10.9.9.9", "pass vlan 1"]
    os.chmod(inner, 0o666)
    assert net.netctl("apply", outer).code == 2
    os.chmod(inner, 0o644)
    os.chown(inner, 65534, 65534)
    result = net.netctl("apply", outer)
    assert result.code == 2 and "another user" in result.err
    assert texts(net) == ["drop dst 10.9.9.9", "pass vlan 1"]


def test_apply_under_traffic_loses_no_count(net, write):
    keep = add(net, "drop hook nf dst 10.0.0.5")
    files = [write("drop hook nf dst 10.0.0.5\npass vlan 1\n", "a"), write("pass vlan 2\ndrop hook nf dst 10.0.0.5\n", "b")]
    refused = 0
    for i in range(14):
        refused += net.send("10.0.0.5", 40)
        net.ok("apply", files[i % 2])
    assert refused == 14 * 40 and counters(net)[keep].packets == refused


def test_not_attached(pair, write):
    """What apply and diff do then: test_kept.py."""
    assert pair.a.netctl("save").code == 3
    assert pair.a.netctl("check", write("drop dst 10.9.9.9\n")).code == 0


def test_usage(netctl):
    for words in (["apply"], ["apply", "-x"], ["apply", "a", "b"], ["check"], ["check", "-x", "a"], ["diff"], ["save", "x"]):
        assert netctl(*words).code == 2, words
    assert netctl("apply", "/no/such/file").code == 1

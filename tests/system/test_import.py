# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_import.py - files of other filters and what becomes of them: tests/import/NAME.{iptables,ip6tables,nft,ipset}, .rules, .err,
and those of public guides' forms in its folder guides."""
import glob
import json
import os
import re
import resource
import subprocess

import pytest

from conftest import HANGS, NETCTL, ROOT
from rules import texts

FOLDER = f"{ROOT}/tests/import"
KINDS = {"iptables": "iptables-save", "ip6tables": "ip6tables-save", "nft": "nft-json", "ipset": "ipset-save"}
FILES = sorted(os.path.relpath(f, FOLDER) for f in glob.glob(f"{FOLDER}/**", recursive=True)
               if f.rsplit(".", 1)[-1] in KINDS)


def run(kind, name, **kwargs):
    done = subprocess.run([NETCTL, "import", kind, name], cwd=FOLDER, capture_output=True, text=True, timeout=HANGS,
                          check=False, **kwargs)
    return done.returncode, done.stdout, done.stderr


def golden(name):
    stem = f"{FOLDER}/{os.path.splitext(name)[0]}"
    with open(stem + ".rules", encoding="utf-8") as rules, open(stem + ".err", encoding="utf-8") as err:
        return rules.read(), err.read()


def test_there_are_files():
    assert len(FILES) >= 4


@pytest.mark.parametrize("name", FILES)
def test_golden(name):
    out, err = golden(name)
    assert run(KINDS[name.rsplit(".", 1)[1]], name) == (1 if err else 0, out, err)
    # What cannot be translated keeps the file from being applied by mistake.
    checked = subprocess.run([NETCTL, "check", "-"], input=out, capture_output=True, text=True, check=False)
    assert checked.returncode == (2 if err else 0), checked
    without = "".join(line for line in out.splitlines(True) if not line.startswith("!"))
    # The sets that iptables names are ipset's.
    named = set(re.findall(r"^# set (\S+):", out, re.M))
    without = "".join(f"set {s} {{ }}\n" for s in sorted(named)) + without
    checked = subprocess.run([NETCTL, "check", "-"], input=without, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked


def test_every_report_has_its_mark():
    for name in FILES:
        out, err = golden(name)
        marks = [line for line in out.splitlines() if line.startswith("!")]
        if name.endswith(".nft"):  # has no lines
            assert len(marks) == err.count("netctl: import: ")
            continue
        marks = sorted(int(mark.split(":")[0].split()[-1]) for mark in marks)
        reports = sorted(int(line.split(":")[3]) for line in err.splitlines() if line.startswith("netctl: "))
        assert marks == reports


def test_shares_add_up():
    """tests/import_share: each rule is exact, refused or unreached, and what is refused is what is reported."""
    out = subprocess.run([f"{ROOT}/tests/import_share", NETCTL], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in out.splitlines()[1:]]
    assert len([row for row in rows if row[0].endswith(("tables", ".nft"))]) >= 30
    for *_, rules, exact, refused, unreached, share in rows:
        assert int(rules) == int(exact) + int(refused) + int(unreached)
        assert share == f"{100 * int(exact) / int(rules):.1f}%"


def test_imported_rules_judge(net):
    rules = ("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT DROP [0:0]\n:c - [0:0]\n"
             "-A OUTPUT -d 10.0.0.5/32 -p udp -m udp --dport 9 -j c\n-A c -p udp -m udp --dport 9 -j ACCEPT\nCOMMIT\n")
    code, out, err = run("iptables-save", "-", input=rules)
    assert code == 0 and err == ""
    done = subprocess.run(net.command(NETCTL, "apply", "-"), input=out, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    assert texts(net) == ["pass hook nf proto udp dst 10.0.0.5 dport 9", "drop hook nf ethertype ip"]
    assert net.send("10.0.0.5", 3, port=9) == 0 and net.send("10.0.0.5", 3, port=10) == 3
    assert net.send("10.0.0.2", 3, port=9) == 3 and net.send("2001:db8::5", 3) == 0


HOSTILE = ["", "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT \v\f -s\v1 -j DROP\nCOMMIT\n", "hello\n", "*filter\n:INPUT ACCEPT\nCOMMIT", "*filter\n" + ":x" * 5000 + "\nCOMMIT\n", "-A INPUT -j DROP\n",
           "*filter\n*filter\nCOMMIT\n", "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s \x1b[31m -j DROP\nCOMMIT\n",
           "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT !\nCOMMIT\n", "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s\nCOMMIT\n",
           "*filter\n:INPUT ACCEPT [0:0]\n-A\nCOMMIT\n", "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j\nCOMMIT\n",
           "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i \"a\\\"; drop vlan 1\" -j DROP\nCOMMIT\n",
           "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment \"a\nCOMMIT\n",
           "*filter\n:INPUT ACCEPT [0:0]\n" + "-A INPUT " + "-s 10.0.0.1 " * 3000 + "-j DROP\nCOMMIT\n"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files(text):
    code, out, err = run("iptables-save", "-", input=text)
    assert code in (0, 1, 2) and (code == 0) == (err == "")
    assert all(c == "\n" or " " <= c <= "~" for c in out + err)
    assert all(line.startswith(("#", "! line", "drop hook xdp", "pass hook xdp")) for line in out.splitlines())


def test_a_long_list_of_addresses():
    """Each RETURN leaves the rest to all others: as one list, or the drop behind a thousand would not be a rule."""
    lines = [f"-A known -m mac --mac-source 02:00:5e:00:{i >> 8:02x}:{i & 255:02x} -j RETURN" for i in range(1000)]
    text = "\n".join(["*filter", ":INPUT ACCEPT [0:0]", ":known - [0:0]", "-A INPUT -j known", *lines, "-A known -j DROP",
                      "COMMIT", ""])
    code, out, err = run("iptables-save", "-", input=text)
    assert code == 0 and err == "" and out.count("not ether src ") == 1 and out.count("02:00:5e:") == 1000
    checked = subprocess.run([NETCTL, "check", "-"], input=out, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked


def test_bombs_are_refused():
    """Each chain jumps twice to the next."""
    lines = ["*filter", ":INPUT ACCEPT [0:0]", *[f":c{i} - [0:0]" for i in range(25)], "-A INPUT -j c0"]
    for i in range(24):
        lines += [f"-A c{i} -s 10.0.0.0/8 -j c{i + 1}", f"-A c{i} -d 10.0.0.0/8 -j c{i + 1}"]
    code, _, err = run("iptables-save", "-", input="\n".join([*lines, "-A c24 -p tcp -j DROP", "COMMIT", ""]))
    assert code == 1 and "more than 65536 rules" in err


HOSTILE_JSON = ["", "{", "[]", "{}", '{"nftables": 3}', '{"nftables": []}', '{"nftables": [3, {"rule": 4}]}', "[" * 3000,
                '{"nftables": [{"chain": {"family": "ip", "table": "t", "name": "c", "hook": "input", "policy": 7}}]}',
                '{"nftables": [{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": []}}]}',
                *['{"nftables": [{"chain": {"family": "ip", "table": "t", "name": "c", "hook": "input", "type": "filter"}},'
                  '{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": %s}}]}' % expr for expr in (
                      "3", "[3]", "[{}]", '[{"match": 3}]', '[{"match": {"op": "==", "left": {}, "right": 3}}, {"drop": null}]',
                      '[{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": %s}},'
                      '{"drop": null}]' % '{"set": [{"prefix": {"addr": "1.2.3.4\\n", "len": -1}}]}',
                      '[{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "\u001b[31m"}},'
                      '{"drop": null}]', '[{"vmap": {}}]', '[{"vmap": {"key": {"meta": {"key": "iif"}}, "data": {"set": [1]}}}]',
                      '[{"match": {"op": "==", "left": {"&": [{"meta": {"key": "mark"}}, "x"]}, "right": 1}}, {"drop": null}]',
                      '[{"match": {"op": "<", "left": {"meta": {"key": "mark"}}, "right": -1}}, {"drop": null}]',
                      '[{"match": {"op": "==", "left": {"payload": {"protocol": "ether", "field": "saddr"}}, "right": "1:2:3:4:5:6:7"}},'
                      '{"drop": null}]',
                      '[{"match": {"op": "==", "left": {"payload": {"protocol": "ether", "field": "saddr"}}, "right":'
                      '{"range": ["ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"]}}}, {"drop": null}]',
                      '[{"match": {"op": "==", "left": {"payload": {"protocol": "ether", "field": "saddr"}}, "right":'
                      '{"prefix": {"addr": "02:00:00:00:00:00", "len": 49}}}}, {"drop": null}]',
                      '[{"mangle": {"key": {"payload": 3}}}]', '[{"xt": null}, {"mangle": 3}]',
                      '[{"jump": null}]', '[{"jump": {"target": "d"}}]', '[{"drop": null}, {"drop": null}]',
                      '[{"match": {"op": "==", "left": {"concat": []}, "right": "@x"}}]')]]


@pytest.mark.parametrize("text", HOSTILE_JSON, ids=range(len(HOSTILE_JSON)))
def test_hostile_json(text):
    code, out, err = run("nft-json", "-", input=text)
    assert code in (0, 1, 2) and (code == 0) == (err == "")
    assert all(c == "\n" or " " <= c <= "~" for c in out + err)
    assert all(line.startswith(("#", "! ip t c", "drop hook xdp", "pass hook xdp")) for line in out.splitlines())


def nft(*objects):
    return json.dumps({"nftables": list(objects)})


def base_chain(**more):
    return {"chain": {"family": "ip", "table": "t", "name": "c", "hook": "input", "type": "filter", "prio": 0,
                      "policy": "accept", **more}}


def test_nothing_is_left_of_a_rule_that_fails_midway():
    """Of a map, the elements in front of the one without a translation, and that one without its matches."""
    elements = [[address, {"drop": None}] for address in ("10.0.0.1", "10.0.0.2", "10.0.0.300", "10.0.0.4")]
    key = {"payload": {"protocol": "ip", "field": "saddr"}}
    rule = {"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 3,
                     "expr": [{"vmap": {"key": key, "data": {"set": elements}}}]}}
    code, out, err = run("nft-json", "-", input=nft(base_chain(), rule))
    assert code == 1 and "10.0.0.300" in err
    assert [line[0] for line in out.splitlines()] == ["#", "!"], out


def test_elements_that_are_none():
    elements = ["10.0.0.1", "asleep", {"range": ["10.0.0.9", "10.0.0.2"]}, {"prefix": {"addr": "10.0.0.0", "len": 33}}]
    match = {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@s"}
    code, out, err = run("nft-json", "-", input=nft(
        {"set": {"family": "ip", "table": "t", "name": "s", "type": "ipv4_addr", "elem": elements}}, base_chain(),
        {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"match": match}, {"drop": None}]}}))
    assert code == 1 and err.count("not an element netctl can hold") == 3
    assert out.count("!") == 3 and out.count("\n\t") == 1 and "\n\t10.0.0.1\n" in out


@pytest.mark.parametrize("device", ["a-device-with-a-long-name", "a b"])
def test_devices_that_cannot_be(device):
    chain = base_chain(family="netdev", hook="ingress", dev=device, policy="drop")
    code, out, err = run("nft-json", "-", input=nft(chain))
    assert code == 1 and "no interface can have" in err and out == "! netdev t c: policy drop\n"


@pytest.mark.parametrize("text", ["", "hello\n", "add x 1.2.3.4\n", "create\n", "create a\n", "create a hash:ip\nadd a\n",
                                  "create a hash:ip\nadd a }\n", "create a hash:ip\nadd a 1.2.3.4 timeout x;y\n",
                                  "create } hash:ip\n", "create a hash:ip\nadd a \"1\n", "create a hash:ip\nadd a \x1b[31m\n"])
def test_hostile_sets(text):
    code, out, err = run("ipset-save", "-", input=text)
    assert code in (0, 1, 2) and (code == 0) == (err == "")
    assert all(c in "\n\t" or " " <= c <= "~" for c in out + err)


@pytest.mark.parametrize("kind, text", [("ipset-save", "create a hash:ip\nadd a 10.0.0.1\n"),
                                        ("iptables-save", "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n")])
def test_a_line_too_long_for_memory(kind, text):
    """What is behind it would be missing."""
    code, _, err = run(kind, "-", input=text + "#" * (256 << 20),
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20)))
    assert code == 1 and "cannot be read" in err


def test_usage(netctl):
    for words in (["import"], ["import", "iptables-save"], ["import", "nftables", "x"], ["import", "-x", "y"]):
        assert netctl(*words).code == 2
    assert netctl("import", "iptables-save", "/no/such/file").code == 1
    for kind in KINDS.values():
        assert netctl("import", kind, "/tmp") == (1, "", "netctl: import: '/tmp' cannot be read\n")

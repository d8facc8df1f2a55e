# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_rules.py - the rule commands end to end: what they print, what they change, what then happens to packets."""
import contextlib
import os
import re
import signal
import socket
import subprocess

import pytest

from conftest import NETCTL, Count
from rules import add, counters, ids, texts

RULES = ["drop dst 10.0.0.5", "pass proto udp dport 53", "audit src 10.0.0.0/8", "drop dst 2001:db8::5"]


def test_add_prints_ids_and_list_prints_rules(net):
    assert [add(net, r) for r in RULES] == [1, 2, 3, 4]
    assert texts(net) == RULES
    assert ids(net) == [1, 2, 3, 4]


def test_list_can_be_typed_back(net):
    for rule in RULES:
        add(net, rule)
    listed = texts(net)
    net.ok("rule", "flush")
    assert texts(net) == []
    for rule in listed:
        net.ok("rule", "add", rule)  # one word that holds all, as a script would pass it
    assert texts(net) == listed


def test_insert(net):
    first, last = add(net, RULES[0]), add(net, RULES[1])
    net.ok("rule", "insert", *RULES[2].split(), "before", str(last))
    net.ok("rule", "insert", *RULES[3].split(), "first")
    assert texts(net) == [RULES[3], RULES[0], RULES[2], RULES[1]]
    net.ok("rule", "insert", "drop", "dst", "10.9.9.9", "after", str(first))
    assert texts(net)[2] == "drop dst 10.9.9.9"
    net.ok("rule", "insert", "last", "drop", "dst", "10.9.9.8")
    net.ok("rule", "insert", "drop", "dst", "10.9.9.7", "last")
    assert texts(net)[5:] == ["drop dst 10.9.9.8", "drop dst 10.9.9.7"]
    assert len(set(ids(net))) == 7


def test_replace_keeps_id_and_place(net):
    for rule in RULES[:3]:
        add(net, rule)
    net.ok("rule", "replace", "2", "drop", "dst", "10.7.7.7")
    assert texts(net) == [RULES[0], "drop dst 10.7.7.7", RULES[2]]
    assert ids(net) == [1, 2, 3]


def test_del_by_id_and_by_text(net):
    for rule in RULES:
        add(net, rule)
    net.ok("rule", "del", "2")
    net.ok("rule", "del", "drop", "dst", "10.0.0.5/32")
    assert texts(net) == RULES[2:]
    assert add(net, RULES[0]) == 5, "an id is never used twice"
    assert net.netctl("rule", "del", "2").code == 3
    assert net.netctl("rule", "del", *RULES[1].split()).code == 3


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_comments_and_names_beyond_ascii(net, locale):
    """In tables, which the library that prints them never ended where the locale is not UTF-8's."""
    net.ip("link", "add", "büro0", "type", "veth", "peer", "name", "eth9")
    net.ok("attach", "büro0", "--hooks", "tc")
    net.ok("rule", "add", "drop", "dst", "10.9.9.9", "comment", "Zürich 東京 €")
    net.ok("rule", "add", "drop", "dst", "10.9.9.9", "comment", "\udcff\udcc3")
    listed = ['drop dst 10.9.9.9 comment "Zürich 東京 €"', r'drop dst 10.9.9.9 comment "\xff\xc3"']
    for words in ["rule", "list"], ["rule", "list", "-s"], ["stats", "rules"]:
        out = net.sh("env", f"LC_ALL={locale}", NETCTL, *words).out
        assert all(text in out for text in listed), out
    assert "büro0 tc   attached" in net.sh("env", f"LC_ALL={locale}", NETCTL, "status").out


def test_policy(net):
    assert net.ok("policy").strip() == "pass"
    for kind in "arp", "ip", "ipv6":
        net.netctl("rule", "add", "pass", "ethertype", kind)
    net.ok("rule", "flush")
    net.ok("policy", "drop")
    assert net.ok("policy").strip() == "drop"
    assert net.send("10.0.0.2", 3) == 3
    add(net, "pass dst 10.0.0.2")
    assert net.send("10.0.0.2", 3) == 0
    assert net.send("10.0.0.5", 3) == 3
    net.ok("policy", "pass")
    assert net.send("10.0.0.5", 3) == 0


@pytest.mark.parametrize("address", ["10.0.0.5", "2001:db8::5"])
def test_drop_drops(pair, address):
    """Both directions: what is sent there at OUTPUT, what comes from there at XDP."""
    pair.a.ok("attach", "eth0")
    pair.a.sh("ping", "-c1", "-W20", address)
    assert add(pair.a, f"drop host {address}") == 1
    assert pair.a.send(address, 5) == 5
    listener = pair.a.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    listener.bind(("::", 4242))
    listener.settimeout(0.3)
    with pair.b.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((address, 0))
        s.sendto(b"x", (pair.a.ip6 if ":" in address else pair.a.ip4, 4242))
    with pytest.raises(TimeoutError):
        listener.recv(10)
    assert pair.a.totals("nf", "drop").packets == 5
    assert pair.a.totals("xdp", "drop").packets == 1
    assert pair.a.totals("tc", "drop") == Count(0, 0), "what OUTPUT dropped does not reach TC"
    pair.a.ok("rule", "del", "1")
    pair.a.sh("ping", "-c1", "-W20", address)


def test_first_match_decides(net):
    add(net, "pass proto udp dport 53")
    add(net, "drop dst 10.0.0.5")
    assert net.send("10.0.0.5", 2, port=53) == 0
    assert net.send("10.0.0.5", 2, port=54) == 2


def test_audit_counts_and_lets_pass(net):
    add(net, "audit hook nf dst 10.0.0.5")
    assert net.send("10.0.0.5", 7) == 0
    assert counters(net)[1] == Count(7, 7 * 128)
    assert net.totals(verdict="drop") == Count(0, 0)


def test_counters_survive_edits(net):
    keep = add(net, "drop hook nf dst 10.0.0.5")
    other = add(net, "drop dst 10.9.9.9")
    assert net.send("10.0.0.5", 10) == 10
    expected = Count(10, 10 * 128)
    edits = [("insert", "pass", "dst", "10.3.3.3", "first"), ("add", "audit", "vlan", "7"),
             ("replace", str(other), "drop", "dst", "10.8.8.8"), ("del", str(other)),
             ("insert", "drop", "proto", "tcp", "dport", "1", "before", str(keep))]
    for edit in edits:
        net.ok("rule", *edit)
        assert counters(net)[keep] == expected, edit
    net.ok("policy", "drop")
    net.ok("policy", "pass")
    assert net.send("10.0.0.5", 5) == 5
    assert counters(net)[keep] == Count(15, 15 * 128)


def test_counters_move_with_traffic_while_edited(net):
    """Edits under traffic lose no packet: what was refused is what the rule counts."""
    keep = add(net, "drop hook nf dst 10.0.0.5")
    refused = 0
    for i in range(15):
        refused += net.send("10.0.0.5", 50)
        net.ok("rule", "insert", "drop", "dst", f"10.4.4.{i}", "first")
    assert refused == 15 * 50
    assert counters(net)[keep].packets == refused


LONG = "x" * 10000

# (words, exit code, what the one message must name)
REFUSED = [
    ("attach nosuch0", 3, "nosuch0"),
    ("attach", 2, "attach"),
    ("attach eth0 --hooks xdp,foo", 2, "foo"),
    ("attach eth0 --flows many", 2, "many"),
    ("attach eth0 --mode fast", 2, "fast"),
    ("detach nosuch0", 3, "nosuch0"),
    ("detach", 2, "detach"),
    ("rule add drop dst 10.0.0.500", 2, "10.0.0.500"),
    ("rule add drop dst 10.0.0.1/33", 2, "33"),
    ("rule add drop dst 2001:db8::/129", 2, "129"),
    ("rule add drop dst 2001:db8:::1", 2, "2001:db8:::1"),
    ("rule add drop proto udp dport 70000", 2, "70000"),
    ("rule add drop proto tcp dport nosuchservice", 2, "nosuchservice"),
    ("rule add drop src 10.0.0.1 dst 2001:db8::1", 2, "2001:db8::1"),
    ("rule add drop src 10.0.0.9-10.0.0.1", 2, "10.0.0.9-10.0.0.1"),
    ("rule add drop frobnicate 1", 2, "frobnicate"),
    ("rule add frobnicate dst 10.0.0.1", 2, "frobnicate"),
    ("rule add drop dst", 2, "dst"),
    ("rule add drop vlan 5000", 2, "5000"),
    ("rule add drop hook foo", 2, "foo"),
    ("rule add", 2, "add"),
    ("rule", 2, "rule"),
    ("rule frob", 2, "frob"),
    ("rule del 99", 3, "99"),
    ("rule del 99", 3, "'netctl rule list -s' shows"),
    ("rule del drop dst 10.77.77.77", 3, "'drop dst 10.77.77.77'"),
    ("rule move x first", 2, "'x'"),
    ("rule replace x drop dst 10.0.0.1", 2, "'x'"),
    ("rule enable 1 x", 2, "'x'"),
    ("rule replace 99 drop dst 10.0.0.1", 3, "99"),
    ("rule insert drop dst 10.0.0.1 before 99", 3, "99"),
    ("rule add drop in nosuch0", 3, "nosuch0"),
    ("policy maybe", 2, "maybe"),
    ("stats --frob", 2, "frob"),
    ("stats frob", 2, "frob"),
    ("status --frob", 2, "frob"),
    ("frobnicate", 2, "frobnicate"),
    (f"rule add drop dst {LONG}", 2, "xxx"),
    (f"rule add {LONG}", 2, "xxx"),
    (f"attach {LONG}", 3, "xxx"),
    (f"{LONG}", 2, "xxx"),
]


@pytest.fixture(scope="module")
def module_pair():
    from conftest import Pair
    made = Pair()
    made.a.ok("attach", "eth0")
    made.a.ok("rule", "add", "drop", "dst", "10.0.0.5")
    yield made
    made.delete()


def state(net):
    return net.ok("rule", "list"), net.ok("policy"), net.json("status", "-j")


def stable(status):
    """Status without what time alone changes."""
    if isinstance(status, dict):
        return {k: stable(v) for k, v in status.items() if k in ("hook", "iface", "state", "mode", "hooks",
                                                                "attached", "rules", "generation", "since")}
    return [stable(s) for s in status] if isinstance(status, list) else status


@pytest.mark.parametrize("words,code,named", REFUSED, ids=[w[0][:40] for w in REFUSED])
def test_bad_input_is_refused_whole(module_pair, words, code, named):
    net = module_pair.a
    before = state(net)
    result = net.netctl(*words.split())
    assert result.code == code, result.err
    assert result.out == ""
    assert result.err.startswith("netctl: ") and named in result.err
    assert len(result.err) < 2000 and len(result.err.splitlines()) <= 12
    assert all(c == "\n" or " " <= c <= "~" for c in result.err)
    after = state(net)
    assert after[:2] == before[:2] and stable(after[2]) == stable(before[2])


def test_caret_points_at_the_word(module_pair):
    lines = module_pair.a.netctl("rule", "add", "drop", "dst", "10.0.0.500").err.splitlines()
    assert lines[1].index("10.0.0.500") == lines[2].index("^")
    assert lines[2].count("^") == len("10.0.0.500")


NAMES = ["\x1b[31mred", "a\x07b", "\x9b5m", "x\x7f", "a\nb"]


@pytest.mark.parametrize("name", NAMES, ids=[repr(n) for n in NAMES])
def test_escape_bytes_never_reach_the_terminal(module_pair, name):
    """As an interface that is there where the kernel allows the name, and as one that is not."""
    net = module_pair.a
    result = net.netctl("attach", name)
    assert result.code == 3
    assert all(c == "\n" or " " <= c <= "~" for c in result.err), result.err
    made = subprocess.run(net.command("ip", "link", "add", name, "type", "veth", "peer", "name", "peer0"),
                          capture_output=True, check=False)
    if made.returncode:
        return  # blanks and newlines are no interface names
    with contextlib.ExitStack() as stack:
        stack.callback(net.ip, "link", "del", name)
        stack.callback(net.netctl, "detach", name)
        net.ok("attach", name, "--hooks", "tc")
        net.ip("link", "set", name, "up")
        net.ok("rule", "insert", "drop", "out", name, "first")
        for words in (["status"], ["status", "-j"], ["stats", "totals"], ["stats", "totals", "-j"], ["rule", "list"],
                      ["rule", "list", "-j"], ["stats", "--raw"], ["stats", "--raw", "-j"]):
            out = net.ok(*words)
            assert all(c == "\n" or " " <= c <= "~" for c in out), words
        net.ok("rule", "del", "drop", "out", name)


def test_not_attached_is_exit_3(pair):
    for words in (["rule", "list"], ["rule", "add", "drop", "dst", "10.0.0.5"], ["stats"], ["detach", "eth0"], ["policy"]):
        result = pair.a.netctl(*words)
        assert result.code == 3 and result.err.startswith("netctl: "), (words, result)


def test_unknown_namespace_is_exit_3(netctl):
    result = netctl("status", netns="nosuchnetns")
    assert result.code == 3 and "nosuchnetns" in result.err


@pytest.mark.parametrize("words", ["attach eth0", "detach eth0", "status", "rule list", "rule add drop dst 10.0.0.5",
                                   "policy drop", "stats", "stats totals"])
def test_without_privilege_is_exit_4(module_pair, words):
    """The message names exactly what is missing, whether that is all of it or one capability."""
    needed = {"CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON"}
    for have in set(), {"CAP_BPF", "CAP_NET_ADMIN"}:
        sets = ",".join(["-all"] + [c.lower().replace("cap_", "+") for c in sorted(have)])
        result = module_pair.a.sh("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps={sets}",
                                  f"--ambient-caps={sets}", f"--bounding-set={sets}", NETCTL, *words.split(),
                                  check_code=False)
        assert result.code == 4 and result.out == "", result
        assert set(re.findall(r"CAP_\w+", result.err.split("missing:")[1])) == needed - have
        assert len(result.err.splitlines()) <= 3


def test_help(netctl):
    for words in ([], ["help"], ["--help"], ["-h"]):
        result = netctl(*words)
        assert result.code == 0 and result.err == ""
        lines = result.out.splitlines()
        assert len(lines) <= 24 and max(map(len, lines)) <= 80
    for command in "attach", "detach", "status", "rule", "set", "policy", "check", "diff", "apply", "save", "import", "stats", "help":
        assert f"\n  {command} " in netctl().out
        for words in (["help", command], [command, "--help"]):
            result = netctl(*words)
            assert result.code == 0 and result.out.startswith(f"Usage: netctl {command}")
            assert max(map(len, result.out.splitlines())) <= 110
    assert netctl("--version").out.startswith("netctl ")


def test_unknown_command_suggests(netctl):
    result = netctl("atach", "eth0")
    assert result.code == 2 and "did you mean 'attach'" in result.err


def test_lost_output_is_exit_1():
    for target in (">/dev/full", ">&-"):
        done = subprocess.run(["sh", "-c", f"{NETCTL} help {target}"], capture_output=True, check=False)
        assert done.returncode == 1, target


@pytest.mark.parametrize("words", [["help", "rule"], ["rule", "add", "drop", "dst", "10.9.9.9"]])
def test_output_that_nobody_reads(net, words):
    """As before "| head", which is gone: no word about it, and what was asked for is done."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(net.command(NETCTL, *words), stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")
    assert texts(net) == [" ".join(words[2:])] * (words[0] == "rule")


ETHER = "00:11:22:33:44:55"

# The rule, and what is noted of it where all hooks are attached, and xdp alone. None: nothing.
HOOK_NOTES = [
    ("drop mark 0x10/0xff",
     "the rule judges at tc and nf: packets have no mark at xdp",
     "nothing that is attached judges by the rule, which is for tc and nf: packets have no mark at xdp"),
    (f"pass not ether src {ETHER}",
     "the rule judges at xdp and tc: packets have no ether src at nf",
     "the rule judges at xdp and tc: packets have no ether src at nf"),
    (f"drop ether src {ETHER} ether dst {ETHER} not mark 1",
     "the rule judges at tc: packets have no ether src at nf, no mark at xdp",
     "nothing that is attached judges by the rule, which is for tc: packets have no ether src at nf, no mark at xdp"),
    ("drop hook xdp,nf mark 1",
     "the rule judges at nf: packets have no mark at xdp",
     "nothing that is attached judges by the rule, which is for nf: packets have no mark at xdp"),
    ("drop hook tc mark 1", None, "nothing that is attached judges by the rule, which is for tc"),
    (f"drop in eth0 ether dst {ETHER}", None, None),
    ("drop out eth0 mark 1", None, "nothing that is attached judges by the rule, which is for tc and nf"),
    ("drop in eth0", None, None),
    ("drop out eth0", None, None),
    ("drop hook nf", None, None),
    ("drop vlan 10", None, None),
]


@pytest.mark.parametrize("hooks", ["xdp,tc,nf", "xdp"])
def test_where_a_rule_judges_is_noted(pair, hooks):
    """By every command that puts such a rule in force, and by check."""
    net = pair.a
    net.ok("attach", "eth0", "--hooks", hooks)
    for rule, everywhere, at_xdp in HOOK_NOTES:
        text = everywhere if hooks != "xdp" else at_xdp
        expected = f"netctl: note: {text}\n" if text else ""
        added = net.netctl("rule", "add", *rule.split())
        assert added.code == 0 and added.err == expected, rule
        assert net.netctl("rule", "insert", "first", *rule.split()).err == expected, rule
        net.ok("rule", "flush")
        id = net.ok("rule", "add", "drop frag").strip()
        assert net.netctl("rule", "replace", id, *rule.split()).err == expected, rule
        for command in "check", "apply":
            done = net.netctl(command, "-", input=f"\n{rule}\n")
            assert done.code == 0 and done.err == expected.replace("note: ", "note: <stdin>:2: "), rule
        net.ok("rule", "flush")


def test_where_nothing_is_attached_rules_are_noted_for_all_hooks(pair):
    note = "netctl: note: <stdin>:1: the rule judges at tc and nf: packets have no mark at xdp\n"
    for command in "check", "apply":
        assert note in pair.a.netctl(command, "-", input="drop mark 1\n").err
    pair.a.ok("detach", "--all")
    attached = pair.a.netctl("attach", "eth0", "--rules", "-", "--hooks", "xdp", input="drop mark 1\n")
    assert attached.code == 0 and "nothing that is attached judges by the rule" in attached.err


def test_apply_notes_a_few_rules_and_check_all(net):
    text = "".join(f"drop mark {n}\n" for n in range(20))
    applied = net.netctl("apply", "-", input=text).err.splitlines()
    assert len(applied) == 9 and applied[-1] == "netctl: note: and 12 more like these, which 'netctl check' prints"
    assert len(net.netctl("check", "-", input=text).err.splitlines()) == 20

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_attach.py - attach, detach and status: all or nothing, once per hook, and nothing left behind."""
import glob
import os
import re
import subprocess

import pytest

from attaching import ALL, NOTHING, exists, ids_of_state, names_at, no_state, rows, state_pins
from conftest import BPFFS, HANGS, NETCTL, sh


@pytest.fixture
def net(pair):
    return pair.a


# ---- attach and detach ----


def test_attach_and_detach_leave_nothing(net):
    out, err = net.netctl("attach", "eth0")[1:]
    assert "native XDP of veth (eth0): segmentation offload" in err and "'--mode tc'" in err and err.count("\n") == 1
    assert out.startswith("eth0: xdp native (not shareable: it asks the device for VLAN tags), "
                          "tc, nf\n"), out
    assert "MiB" in out
    assert names_at(net) == ALL
    held = ids_of_state()
    assert {kind for kind, _ in held} == {"prog", "map", "link"}
    assert len([1 for kind, _ in held if kind == "link"]) == 4
    net.ok("detach", "eth0")
    assert [h for h in held if exists(*h)] == []
    assert names_at(net) == NOTHING
    assert no_state()


def test_attach_twice(net):
    net.ok("attach", "eth0")
    before = ids_of_state()
    assert "already attached" in net.ok("attach", "eth0")
    assert ids_of_state() == before
    assert names_at(net) == ALL


def test_ten_at_once(net):
    words = [NETCTL, "-N", net.name, "attach", "eth0"]
    many = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(10)]
    done = [(p.communicate(timeout=HANGS), p.returncode) for p in many]
    assert [code for _, code in done] == [0] * 10, done
    assert names_at(net) == ALL
    assert len(rows(net)) == 3
    assert len([1 for kind, _ in ids_of_state() if kind == "link"]) == 4


def test_attach_and_detach_at_once(net):
    """Whatever the order: at the end one command rules, and nothing stands twice."""
    for _ in range(3):
        many = [subprocess.Popen([NETCTL, "-N", net.name, word, "eth0"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL) for word in ("attach", "detach") * 4]
        assert {p.wait(timeout=HANGS) for p in many} <= {0, 3}
        attached = net.netctl("status").code == 0
        assert names_at(net) == (ALL if attached else NOTHING)
    net.ok("attach", "eth0")
    assert names_at(net) == ALL


def test_chosen_hooks(net):
    net.ok("attach", "eth0", "--hooks", "tc")
    assert names_at(net) == {"xdp": [], "tc": ["netctl_tc"]}
    assert [r["hook"] for r in rows(net)] == ["tc"]
    assert not glob.glob(f"{BPFFS}/netctl/*/state/nf_*")
    net.ok("attach", "eth0")
    assert names_at(net) == ALL
    assert sorted(r["hook"] for r in rows(net)) == ["nf", "tc", "xdp"]


def test_several_interfaces(net):
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "eth0", "one", "one")
    net.ok("attach", "two")
    assert len(rows(net)) == 9
    net.ok("detach", "eth0", "two")
    assert names_at(net) == NOTHING and names_at(net, "one") == ALL
    assert {r["iface"] for r in rows(net)} == {"one"}
    assert net.netctl("detach", "one", "eth0").code == 3
    assert names_at(net, "one") == ALL
    assert "nothing is left" in net.ok("detach", "--all")
    assert no_state()


def test_nf_leaves_with_its_last_interface(net):
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "eth0")
    net.ok("attach", "one", "--hooks", "tc")
    net.ok("detach", "eth0")
    assert {os.path.basename(p).split("_")[0] for p in glob.glob(f"{BPFFS}/netctl/*/state/*_prog")} == {"tc"}
    net.ok("attach", "eth0", "--hooks", "nf")
    assert {r["hook"] for r in rows(net)} == {"tc", "nf"}


def test_all_or_nothing(net):
    result = net.netctl("attach", "eth0", "lo", "--mode", "native")
    assert (result.code, result.out) == (1, "") and "native" in result.err
    assert names_at(net) == NOTHING and no_state()
    net.ok("attach", "eth0")
    before = state_pins()
    assert net.netctl("attach", "eth0", "lo", "--mode", "native").code == 1
    assert state_pins() == before and names_at(net, "lo") == NOTHING


# ---- modes and options ----


def test_generic(net):
    assert "generic (counts are after GRO; VLAN tags that the device takes off are not seen)" in net.ok("attach", "eth0", "--mode", "generic")
    assert rows(net, hook="xdp")[0]["mode"] == "generic"
    assert "after GRO" in net.ok("status")
    assert "already attached" in net.ok("attach", "eth0")
    assert net.netctl("attach", "eth0", "--mode", "native").code == 1


def test_tc_ingress_where_there_is_no_native_xdp(net):
    assert "no native XDP" in net.ok("attach", "lo", "--hooks", "xdp")
    assert "already attached" in net.ok("attach", "lo", "--hooks", "xdp", "--mode", "tc")
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    assert "native XDP of veth (one): " in net.netctl("attach", "one", "--hooks", "xdp", "--mode", "native").err
    net.ok("detach", "one")
    assert rows(net)[0]["mode"] == "tcx-ingress"
    assert names_at(net, "lo") == {"xdp": [], "tc": ["netctl_ingress"]}
    net.sh("ping", "-c", "3", "-i", "0.01", "127.0.0.1")
    assert net.totals("xdp").packets == 6


def test_table_size(net):
    assert "2048 IPv4" in net.ok("attach", "eth0", "--flows", "1025")
    assert net.json("status", "-j")["tables"][0]["capacity"] == 4096
    net.ok("attach", "eth0", "--flows", "2000")
    result = net.netctl("attach", "eth0", "--flows", "65536")
    assert result.code == 1 and "2048" in result.err


def test_nf_priority(net):
    net.ok("attach", "eth0", "--nf-priority", "17")
    assert rows(net, hook="nf")[0]["priority"] == 17
    assert net.netctl("attach", "eth0", "--nf-priority", "18").code == 1
    net.ok("attach", "eth0", "--nf-priority", "17")


@pytest.mark.parametrize("words,code,text", [
    (["attach"], 2, "expected an interface"),
    (["attach", "eth0", "--hooks", "xdp,foo"], 2, "xdp,foo"),
    (["attach", "eth0", "--hooks", ""], 2, "not a list"),
    (["attach", "eth0", "--hooks", "xdp,"], 2, "not a list"),
    (["attach", "eth0", "--hooks"], 2, "needs a value"),
    (["attach", "eth0", "--mode", "fast"], 2, "fast"),
    (["attach", "eth0", "--flows", "0"], 2, "flows"),
    (["attach", "eth0", "--flows", "16777217"], 2, "flows"),
    (["attach", "eth0", "--flows", "many"], 2, "flows"),
    (["attach", "eth0", "--nf-priority", "high"], 2, "high"),
    (["attach", "eth0", "--nf-priority", "99999999999"], 2, "priority"),
    (["attach", "eth0", "--frob"], 2, "--frob"),
    (["attach", "eht0"], 3, "did you mean 'eth0'"),
    (["attach", ""], 3, "no such interface"),
    (["attach", "x" * 10000], 3, "no such interface"),
    (["attach", "eth0", "nope"], 3, "nope"),
    (["attach", "\x1b[31meth0"], 3, "\\x1b[31meth0"),
    (["detach"], 2, "expected an interface"),
    (["detach", "--all", "eth0"], 2, "exclude"),
    (["detach", "eth0"], 3, "not attached"),
    (["detach", "--all"], 3, "not attached"),
    (["status"], 3, "not attached"),
    (["status", "eth0"], 2, "eth0"),
    (["status", "-x"], 2, "-x"),
])
def test_bad_words(net, words, code, text):
    result = net.netctl(*words)
    assert (result.code, result.out) == (code, ""), result
    assert text in result.err and len(result.err) < 1000
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", result.err)
    assert names_at(net) == NOTHING and no_state()


def test_hostile_interface_name(net):
    name = "\x1b[31m\u202ee"
    net.ip("link", "add", name, "type", "veth", "peer", "name", "q")
    for words in (["attach", name], ["status"], ["status", "-j"], ["detach", name]):
        out = net.ok(*words)
        assert "\x1b" not in out and "\u202e" not in out, words
        assert "\\x1b[31m" in out.replace("\\\\", "\\")


def test_dotted_name(net):
    net.ip("link", "add", "eth0.100", "type", "veth", "peer", "name", "q")
    net.ok("attach", "eth0.100")
    assert rows(net, iface="eth0.100", hook="tc")[0]["state"] == "attached"
    net.ok("detach", "eth0.100")


# ---- status ----


def test_status(net):
    net.ok("attach", "eth0")
    net.ok("rule", "add", "drop dst 10.0.0.9")
    net.ok("policy", "drop")
    status = net.json("status", "-j")
    assert set(status) == {"attached", "rules", "tables", "buckets", "faults"}
    assert status["rules"]["count"] == 1 and status["rules"]["policy"] == "drop"
    assert status["rules"]["longest_list"] == 1 and status["rules"]["in_place"] == 0
    assert [t["hook"] for t in status["tables"]] == ["xdp", "tc", "nf"]
    for table in status["tables"]:
        assert set(table) == {"hook", "entries", "capacity", "evicted", "unlisted_packets", "unlisted_bytes",
                              "other_packets", "other_bytes", "memory"}
    for row in status["attached"]:
        assert {"iface", "ifindex", "hook", "state", "mode", "position", "programs", "since"} <= set(row)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", row["since"])
    text = net.ok("status")
    assert "policy drop" in text and "1 of 1" in text


def test_empty_jump_table_is_a_fault(net):
    net.ok("attach", "eth0")
    jump = glob.glob(f"{BPFFS}/netctl/*/state/nf_jump")[0]
    sh("bpftool", "map", "delete", "pinned", jump, "key", "0", "0", "0", "0")
    assert [f["fault"] for f in net.json("status", "-j")["faults"]] == ["jump-empty"]
    assert "jump-empty" in net.ok("status")
    net.ok("attach", "eth0")
    assert net.json("status", "-j")["faults"] == []

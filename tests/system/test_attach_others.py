# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_attach_others.py - attach among others: foreign programs, vanishing interfaces, namespaces, privilege."""
import glob
import json
import os
import re
import shutil

import pytest

from attaching import ALL, NOTHING, load_foreign, names_at, no_state, rows, wait_for
from conftest import BPFFS, NETCTL, sh


@pytest.fixture
def net(pair):
    return pair.a


# ---- other people's programs ----


def test_foreign_xdp_is_left_alone(pair):
    """It passes all: what it passes is seen at TC ingress, where that is asked for."""
    net = pair.a
    pins = f"{BPFFS}/foreign"
    load_foreign(pins)
    try:
        net.sh("bpftool", "net", "attach", "xdp", "pinned", f"{pins}/foreign_xdp", "dev", "eth0")
        result = net.netctl("attach", "eth0")
        assert (result.code, result.out) == (1, "")
        assert "foreign_xdp" in result.err and re.search(r"id \d+\), which is not libxdp's dispatcher", result.err)
        assert "'--mode tc'" in result.err
        assert names_at(net) == {"xdp": ["foreign_xdp"], "tc": []} and no_state()
        assert "by TC ingress (after another XDP program), tc, nf" in net.ok("attach", "eth0", "--mode", "tc")
        assert names_at(net) == {"xdp": ["foreign_xdp"], "tc": ["netctl_ingress", "netctl_tc"]}
        pair.b.send(net.ip4, 3, port=9)
        assert [f["packets"] for f in net.flows(hook="xdp", dst=net.ip4, dport=9)] == [3]
        assert net.netctl("attach", "eth0", "--mode", "native").code == 1
        net.ok("detach", "eth0")
        assert names_at(net) == {"xdp": ["foreign_xdp"], "tc": []}
    finally:
        shutil.rmtree(pins)


def seen(pins):
    dump = json.loads(sh("bpftool", "-j", "map", "dump", "pinned", f"{pins}/foreign_seen").out)
    return dump[0]["formatted"]["value"] if "formatted" in dump[0] else int(dump[0]["value"][0], 16)


def test_tcx_neighbour_still_runs(pair):
    net = pair.a
    pins = f"{BPFFS}/foreign"
    load_foreign(pins)
    try:
        net.sh("bpftool", "net", "attach", "tcx_egress", "pinned", f"{pins}/foreign_tc", "dev", "eth0")
        net.ok("attach", "eth0")
        assert names_at(net)["tc"] == ["netctl_tc", "foreign_tc"]
        row = rows(net, hook="tc")[0]
        assert (row["position"], row["programs"]) == (1, 2)
        assert "1 of 2" in net.ok("status")
        before = seen(pins)
        net.sh("ping", "-c", "3", "-i", "0.01", pair.b.ip4)
        assert seen(pins) == before + 3
        assert net.totals("tc").packets == 3
        net.ok("detach", "eth0")
        assert names_at(net)["tc"] == ["foreign_tc"]
    finally:
        shutil.rmtree(pins)


def test_state_of_another_mount(net):
    """A second netctl that cannot see the first one's pins must not stack a second set."""
    net.ok("attach", "eth0")
    script = f"mount -t bpf bpf {BPFFS} && exec {NETCTL} -N {net.path} attach eth0"
    result = sh("unshare", "-m", "sh", "-c", script, check_code=False)
    assert result.code == 1 and "another network namespace" in result.err, result
    assert names_at(net) == ALL
    net.ok("detach", "eth0")


# ---- interfaces that come and go ----


def test_gone_interface(net):
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "one")
    net.ip("link", "del", "one")
    assert {r["hook"]: r["state"] for r in rows(net)} == {"xdp": "gone", "tc": "gone", "nf": "attached"}
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "one")
    assert [r["state"] for r in rows(net)] == ["attached"] * 3
    assert names_at(net, "one") == ALL
    net.ip("link", "del", "one")
    net.ok("detach", "one")
    assert no_state()


def test_several_gone_interfaces_of_a_name(net):
    """The next interface of that name takes the place of all of them, also where their records are neighbours."""
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "one", "--hooks", "xdp")
    net.ip("link", "set", "one", "name", "old")
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "three")
    net.ok("attach", "one", "--hooks", "xdp")
    net.ip("link", "del", "one")
    net.ip("link", "del", "old")
    assert [r["state"] for r in rows(net)] == ["gone"] * 2
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "one", "--hooks", "xdp")
    assert [(r["iface"], r["state"]) for r in rows(net)] == [("one", "attached")]
    net.ok("detach", "--all")
    assert no_state()


def test_detached_by_force(net):
    """Root can cut a link by its id: status tells, attach mends."""
    net.ok("attach", "eth0")
    for path in glob.glob(f"{BPFFS}/netctl/*/state/tc_[0-9]*"):
        sh("bpftool", "link", "detach", "pinned", path)
    assert rows(net, hook="tc")[0]["state"] == "gone"
    net.ok("attach", "eth0")
    assert names_at(net) == ALL
    assert rows(net, hook="tc")[0]["state"] == "attached"


def test_renamed_interface(net):
    net.ok("attach", "eth0")
    net.ip("link", "set", "eth0", "down")
    net.ip("link", "set", "eth0", "name", "wan")
    assert {r["iface"] for r in rows(net)} == {"wan"}
    assert "already attached" in net.ok("attach", "wan")
    net.ok("detach", "eth0")
    assert no_state()


def test_rules_follow_a_new_interface(pair):
    net = pair.a
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "one")
    net.ok("rule", "add", "drop out one")
    net.ip("link", "del", "one")
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    before = net.json("status", "-j")["rules"]["generation"]
    net.ok("attach", "one")
    assert net.json("status", "-j")["rules"]["generation"] == before + 1


# ---- namespaces ----


def test_inside_and_outside(net):
    inside = ["ip", "netns", "exec", net.name, NETCTL]
    sh(*inside, "attach", "eth0")
    assert "already attached" in net.ok("attach", "eth0")
    rule = net.ok("rule", "add", "drop dst 10.0.0.9").strip()
    assert rule in sh(*inside, "rule", "list").out
    assert json.loads(sh(*inside, "status", "-j").out)["rules"]["count"] == 1
    sh(*inside, "detach", "eth0")
    assert net.netctl("status").code == 3 and no_state()


def test_namespaces_are_separate(pair):
    pair.a.ok("attach", "eth0")
    assert pair.b.netctl("status").code == 3
    pair.b.ok("attach", "eth0")
    pair.a.ok("rule", "add", "drop dst 10.0.0.9")
    assert pair.b.json("status", "-j")["rules"]["count"] == 0
    pair.a.ok("detach", "--all")
    assert names_at(pair.b) == ALL
    pair.b.ok("detach", "--all")


def test_namespace_by_path_and_pid(net):
    sh(NETCTL, "-N", net.path, "attach", "eth0")
    child = net.popen("sleep", "600")
    try:
        wait_for(lambda: os.readlink(f"/proc/{child.pid}/ns/net") != os.readlink("/proc/self/ns/net"), "enter")
        assert "eth0" in sh(NETCTL, "--netns", child.pid, "status").out
    finally:
        child.kill()
        child.wait()


# ---- privilege and the state directory ----


def test_unprivileged(net):
    words = net.command("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", NETCTL)
    result = sh(*words, "attach", "eth0", check_code=False)
    assert result.code == 4 and "CAP_BPF" in result.err and "CAP_NET_ADMIN" in result.err, result
    assert no_state() and names_at(net) == NOTHING


@pytest.mark.parametrize("drop,named", [
    ("-perfmon,-sys_admin", "CAP_PERFMON"),
    ("-bpf,-sys_admin", "CAP_BPF"),
    ("-net_admin", "CAP_NET_ADMIN"),
])
def test_missing_capability(net, drop, named):
    words = net.command("setpriv", "--bounding-set", drop, "--inh-caps", drop, NETCTL)
    result = sh(*words, "attach", "eth0", check_code=False)
    assert result.code == 4, result
    assert re.search(rf"missing: .*{named}", result.err), result.err
    assert no_state() and names_at(net) == NOTHING


def test_unsafe_directory(net):
    os.mkdir(f"{BPFFS}/netctl", 0o700)
    os.chown(f"{BPFFS}/netctl", 65534, 65534)
    try:
        result = net.netctl("attach", "eth0")
        assert result.code == 5 and "65534" in result.err, result
        assert names_at(net) == NOTHING
    finally:
        os.rmdir(f"{BPFFS}/netctl")

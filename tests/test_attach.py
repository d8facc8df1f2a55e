# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_attach.py - attach, detach and status: all or nothing, once per hook, and nothing left behind."""
import glob
import json
import os
import re
import shutil
import subprocess
import time

import pytest

from conftest import BPFFS, NETCTL, ROOT, sh

FOREIGN = os.path.join(ROOT, "build/tests/bpf/foreign.bpf.o")
NOTHING = {"xdp": [], "tc": []}
ALL = {"xdp": ["netctl_xdp"], "tc": ["netctl_tc"]}


@pytest.fixture
def net(pair):
    return pair.a


def names_at(net, dev="eth0"):
    """Names of the programs at a device: {"xdp": [...], "tc": [...]}."""
    shown = json.loads(net.sh("bpftool", "-j", "net", "show", "dev", dev).out)[0]
    ids = [x["id"] for x in shown["xdp"] if "id" in x]
    xdp = [json.loads(sh("bpftool", "-j", "prog", "show", "id", i).out).get("name") for i in ids]
    return {"xdp": xdp, "tc": [t["name"].split(":")[0] for t in shown["tc"]]}


def wait_for(condition, what):
    """The kernel frees what a killed process held a moment later."""
    for _ in range(100):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(what)


def state_pins():
    return sorted(os.path.relpath(p, BPFFS) for p in glob.glob(f"{BPFFS}/netctl/*/*/*"))


def no_state():
    return not os.path.exists(f"{BPFFS}/netctl")


def ids_of_state():
    """{("prog", 3), ("map", 7), ...}: everything the pinned state holds."""
    found = set()
    for path in glob.glob(f"{BPFFS}/netctl/*/state/*"):
        for kind in ("prog", "map", "link"):
            # Its exit code says nothing: for links it is 255, whatever it finds.
            what = json.loads(sh("bpftool", "-j", kind, "show", "pinned", path, check_code=False).out or "{}")
            if "id" not in what:
                continue
            found.add((kind, what["id"]))
            found |= {("map", i) for i in what.get("map_ids", [])}
            found |= {("prog", what["prog_id"])} if "prog_id" in what else set()
    return found


def exists(kind, number):
    return sh("bpftool", kind, "show", "id", number, check_code=False).code == 0


def rows(net, **match):
    return [r for r in net.json("status", "-j")["attached"] if all(r[k] == v for k, v in match.items())]


# ---- attach and detach ----


def test_attach_and_detach_leave_nothing(net):
    out = net.ok("attach", "eth0")
    assert re.match(r"eth0: xdp native, tc, nf\n", out), out
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
    done = [(p.communicate(timeout=60), p.returncode) for p in many]
    assert [code for _, code in done] == [0] * 10, done
    assert names_at(net) == ALL
    assert len(rows(net)) == 3
    assert len([1 for kind, _ in ids_of_state() if kind == "link"]) == 4


def test_attach_and_detach_at_once(net):
    """Whatever the order: at the end one command rules, and nothing stands twice."""
    for _ in range(3):
        many = [subprocess.Popen([NETCTL, "-N", net.name, word, "eth0"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL) for word in ("attach", "detach") * 4]
        assert {p.wait(timeout=60) for p in many} <= {0, 3}
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
    assert "generic (counts are after GRO)" in net.ok("attach", "eth0", "--mode", "generic")
    assert rows(net, hook="xdp")[0]["mode"] == "generic"
    assert "after GRO" in net.ok("status")
    assert "already attached" in net.ok("attach", "eth0")
    assert net.netctl("attach", "eth0", "--mode", "native").code == 1


def test_tc_ingress_where_there_is_no_native_xdp(net):
    assert "no native XDP" in net.ok("attach", "lo", "--hooks", "xdp")
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
    (["attach"], 2, "which interface"),
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
    (["detach"], 2, "which interface"),
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


# ---- other people's programs ----


def load_foreign(path):
    sh("bpftool", "prog", "loadall", FOREIGN, path, "pinmaps", path)


def test_foreign_xdp_is_left_alone(net, tmp_path):
    pins = f"{BPFFS}/foreign"
    load_foreign(pins)
    try:
        net.sh("bpftool", "net", "attach", "xdp", "pinned", f"{pins}/foreign_xdp", "dev", "eth0")
        result = net.netctl("attach", "eth0")
        assert (result.code, result.out) == (1, "")
        assert "foreign_xdp" in result.err and re.search(r"id \d+", result.err)
        assert names_at(net) == {"xdp": ["foreign_xdp"], "tc": []} and no_state()
        net.ok("attach", "eth0", "--hooks", "tc,nf")
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
    child = net.popen("sleep", "60")
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


# ---- killed, or refused by the kernel, on the way ----


def strace(net, inject, *words):
    return net.sh("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=bpf", "-e", f"inject=bpf:{inject}",
                  NETCTL, *words, check_code=False)


def bpf_calls(net, *words, log):
    net.sh("strace", "-f", "-qq", "-o", log, "-e", "trace=bpf", NETCTL, *words)
    with open(log, encoding="utf-8") as f:
        return sum("bpf(" in line for line in f)


def spread(calls, points):
    return sorted({1 + i * (calls - 1) // (points - 1) for i in range(points)})


def settled(net):
    """What status says is true, and one command mends whatever a kill left."""
    attached = net.netctl("status").code
    assert attached in (0, 3)
    if attached == 0:
        assert names_at(net) == ALL
        assert [r["state"] for r in rows(net)] == ["attached"] * 3
    net.ok("attach", "eth0")
    assert names_at(net) == ALL
    assert [r["state"] for r in rows(net)] == ["attached"] * 3
    assert net.json("status", "-j")["faults"] == []
    net.ok("detach", "--all")
    assert names_at(net) == NOTHING and no_state()


def test_killed_while_attaching(net, tmp_path):
    calls = bpf_calls(net, "attach", "eth0", log=tmp_path / "log")
    net.ok("detach", "--all")
    for n in spread(calls, 15) + list(range(calls - 12, calls + 1)):
        strace(net, f"signal=KILL:when={n}", "attach", "eth0")  # the last ones may come too late
        settled(net)


def test_killed_while_detaching(net, tmp_path):
    net.ok("attach", "eth0")
    calls = bpf_calls(net, "detach", "eth0", log=tmp_path / "log")
    for n in spread(calls, 10):
        net.ok("attach", "eth0")
        strace(net, f"signal=KILL:when={n}", "detach", "eth0")
        wait_for(lambda: net.netctl("status").code == 0 or names_at(net) in (NOTHING, ALL), "detached")
        settled(net)


def test_success_means_in_force(net, tmp_path):
    """The kernel says no, once, anywhere: failure and nothing new, or success and everything."""
    calls = bpf_calls(net, "attach", "eth0", log=tmp_path / "log")
    net.ok("detach", "--all")
    for n in spread(calls, 25):
        result = strace(net, f"error=ENOMEM:when={n}", "attach", "eth0")
        if result.code == 0:
            assert names_at(net) == ALL and len(rows(net)) == 3
            assert net.json("status", "-j")["faults"] == []
        else:
            assert result.err.startswith("netctl: attach: "), (n, result)
            wait_for(lambda: names_at(net) == NOTHING, (n, result))
            assert no_state(), (n, result)
        settled(net)


def test_clsact_without_tcx(pair, tmp_path):
    """A kernel that knows no tcx: filters of clsact stand in, and go again."""
    net = pair.a
    log = tmp_path / "log"
    net.sh("strace", "-qq", "-o", log, "-e", "trace=bpf", NETCTL, "attach", "eth0", "--hooks", "tc")
    net.ok("detach", "--all")
    with open(log, encoding="utf-8") as f:
        calls = [line for line in f if line.startswith("bpf(")]
    n = max(i for i, line in enumerate(calls, 1) if "BPF_LINK_CREATE" in line)
    for shift in (0, 3, -3, 6, -6, 9, -9):  # reading the clock takes three calls, and sometimes again
        result = strace(net, f"error=EINVAL:when={n + shift}", "attach", "eth0", "--hooks", "tc")
        if "clsact" in result.out:
            break
        net.netctl("detach", "--all")
    assert "clsact" in result.out, result
    assert rows(net)[0]["mode"] == "clsact" and rows(net)[0]["state"] == "attached"
    assert names_at(net)["tc"] == ["netctl_tc"]
    net.sh("ping", "-c", "3", "-i", "0.01", pair.b.ip4)
    assert net.totals("tc").packets == 3
    assert "already attached" in net.ok("attach", "eth0", "--hooks", "tc")
    net.ok("detach", "eth0")
    assert names_at(net) == NOTHING and no_state()


# ---- status ----


def test_status(net):
    net.ok("attach", "eth0")
    net.ok("rule", "add", "drop dst 10.0.0.9")
    net.ok("policy", "drop")
    status = net.json("status", "-j")
    assert set(status) == {"attached", "rules", "tables", "faults"}
    assert status["rules"]["count"] == 1 and status["rules"]["policy"] == "drop"
    assert [t["hook"] for t in status["tables"]] == ["xdp", "tc", "nf"]
    for table in status["tables"]:
        assert set(table) == {"hook", "entries", "capacity", "evicted", "unlisted_packets", "unlisted_bytes",
                              "memory"}
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

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_attach_select.py - interfaces chosen by patterns and --all: what is attached, what is skipped, and why."""
import shutil

import pytest

from attaching import ALL, NOTHING, load_foreign, names_at, no_state, rows
from conftest import BPFFS

TAKEN = "v1\x1b"  # it has somebody else's XDP program
SHOWN = "v1\\x1b"
BESIDE = {"xdp": ["foreign_xdp"], "tc": ["netctl_ingress", "netctl_tc"]}


@pytest.fixture
def net(pair):
    """Beside eth0, by which the default route goes: v0, v1 with an escape behind, v2, and one that is called like a pattern."""
    net, pins = pair.a, f"{BPFFS}/foreign"
    for name, peer in (("v0", "w0"), (TAKEN, "w1"), ("v2", "w2"), ("w*", "x")):
        net.ip("link", "add", name, "type", "veth", "peer", "name", peer)
    net.ip("route", "add", "default", "via", pair.b.ip4)
    load_foreign(pins)
    net.sh("bpftool", "net", "attach", "xdp", "pinned", f"{pins}/foreign_xdp", "dev", TAKEN)
    yield net
    shutil.rmtree(pins)


def attached(net):
    return {r["iface"] for r in rows(net)}


def lines(out):
    return dict(line.split(": ", 1) for line in out.splitlines())


def test_patterns(net):
    for words in ((TAKEN, "v0"), ("v[0-2]*", TAKEN)):  # named in full it is no choice
        assert net.netctl("attach", *words).code == 1
        assert no_state() and names_at(net, "v0") == NOTHING
    out = lines(net.ok("attach", "v[0-2]*", "v0"))
    assert out["v0"].startswith("xdp native") and out["v2"].startswith("xdp native")
    assert out[SHOWN].startswith("skipped: xdp: another program is there: 'foreign_xdp'")
    assert attached(net) == {"v0", "v2"} and names_at(net, TAKEN) == {"xdp": ["foreign_xdp"], "tc": []}
    # What changes its mode and cannot is what it was.
    net.ok("attach", TAKEN, "--mode", "tc")
    net.ok("attach", "v2", "--mode", "tc")
    out = lines(net.ok("attach", "v*", "--mode", "native"))
    assert "until now" in out["v2"] and "skipped" in out[SHOWN] and "already attached" in out["v0"]
    assert names_at(net, TAKEN) == BESIDE and names_at(net, "v2") == ALL
    assert [(r["mode"], r["state"]) for r in rows(net, ifindex=index(net, TAKEN), hook="xdp")] == [("tcx-ingress", "attached")]
    net.ok("attach", "w*")  # that is its name
    assert attached(net) == {"v0", SHOWN, "v2", "w*"}
    net.ok("detach", "w*", "v[02]")
    assert attached(net) == {SHOWN}
    for words, code, text in ((("attach", "z*"), 3, "no interface matches 'z*'"), (("detach", "z*"), 3, "'z*'"),
                              (("attach", TAKEN[:1] + "[1]*", "--mode", "generic"), 1, "nothing that can be attached")):
        result = net.netctl(*words)
        assert result.code == code and text in result.err and "\x1b" not in result.err, result
    net.ok("detach", "v*")
    assert no_state()


def index(net, dev):
    return int(net.sh("cat", f"/proc/net/dev_snmp6/{dev}").out.split()[1])


def test_all(net):
    out = lines(net.ok("attach", "--all", "--hooks", "xdp"))
    assert out["lo"] == "skipped: the loopback interface" and out[SHOWN].startswith("skipped: ")
    assert out["eth0"].startswith("xdp by TC ingress (the default route: ")
    native = {"v0", "v2", "w0", "w1", "w2", "w*", "x"}
    assert all(out[name].startswith("xdp native") for name in native)
    assert attached(net) == native | {"eth0"}
    out = lines(net.ok("attach", "-a", "--hooks", "xdp"))
    assert all(out[name].endswith("already attached") for name in native | {"eth0"})
    assert "until now" in lines(net.ok("attach", "--all", "--hooks", "xdp", "--mode", "native"))["eth0"]
    for words in (["attach", "--all", "v0"], ["attach"]):
        assert net.netctl(*words).code == 2

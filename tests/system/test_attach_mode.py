# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_attach_mode.py - the mode of XDP changes: no packet passes between, and a kill leaves one mode or the other."""
from attaching import ALL, names_at, no_state, rows, wait_for
from conftest import wait_until
from numbered import FIRST_PORT, SLOWLY, arriving, numbered

GENERIC = {"xdp": ["netctl_xdp"], "tc": ["netctl_tc"]}
INGRESS = {"xdp": [], "tc": ["netctl_ingress", "netctl_tc"]}
TURNS = [("tc", "by TC ingress (native until now)", INGRESS), ("generic", "generic (by TC ingress until now; counts", GENERIC),
         ("tc", "by TC ingress (generic until now)", INGRESS), ("native", "native (by TC ingress until now; ", ALL)]


def mode(net):
    return [r["mode"] for r in rows(net, hook="xdp")]


def test_no_packet_passes_between(pair):
    """Of two streams one is dropped, and of the other each datagram is counted: once, or twice while both stood there."""
    net = pair.a
    net.ok("attach", "eth0")
    net.ok("rule", "add", f"drop dst {net.ip4} hook xdp")
    before = rows(net)
    with arriving(net) as passed, numbered(pair.b, net.ip4, net.ip6) as numbers:
        for word, said, names in TURNS:
            done = net.inject(SLOWLY, "attach", "eth0", "--mode", word)
            assert done.code == 0 and f"eth0: xdp {said}" in done.out and done.out.splitlines()[0].endswith("tc, nf")
            assert names_at(net) == names and mode(net) == [word.replace("tc", "tcx-ingress")]
    wait_until(lambda: len(net.flows(hook="xdp", dst=net.ip6, proto="udp")) == numbers.sent)
    for address in (net.ip4, net.ip6):
        seen = {f["dport"] - FIRST_PORT: f["packets"] for f in net.flows(hook="xdp", dst=address, proto="udp")}
        assert seen.keys() == set(range(numbers.sent)) and max(seen.values()) <= 2, address
    assert not passed
    assert net.json("status", "-j")["faults"] == [] and [r["hook"] for r in rows(net)] == ["xdp", "tc", "nf"]
    assert [r["since"] for r in rows(net)] == [r["since"] for r in before]


def test_between_native_and_generic_is_tc(net):
    for word, other in (("native", "generic"), ("generic", "native")):
        result = net.netctl("attach", "eth0", "--mode", other)
        assert result.code == 1 and f"already, {word}, and" in result.err and "'--mode tc' first" in result.err
        assert mode(net) == [word]
        for wish in ("tc", other):
            net.ok("attach", "eth0", "--mode", wish)
    assert "already attached" in net.ok("attach", "eth0") and mode(net) == ["native"]
    net.ok("detach", "eth0")
    assert no_state()


def settled(net, words):
    """In one of the two modes, and it stands there, beside the other at most; the same command then ends in the new one."""
    there = names_at(net)
    assert mode(net) in (["native"], ["tcx-ingress"])
    for hook, names in (ALL if mode(net) == ["native"] else INGRESS).items():
        assert set(names) <= set(there[hook])
    net.ok(*words)
    assert names_at(net) == (ALL if words[-1] == "native" else INGRESS)
    assert [r["state"] for r in rows(net)] == ["attached"] * 3


def test_killed_while_the_mode_changes(net):
    words = {m: ("attach", "eth0", "--mode", m) for m in ("tc", "native")}
    for new, old in (("tc", "native"), ("native", "tc")):
        calls = len(net.calls("bpf", *words[new]))
        for n in list(range(calls // 2, calls, calls // 8)) + list(range(calls - 12, calls, 2)):
            net.ok(*words[old])
            net.inject(f"bpf:signal=KILL:when={n}", *words[new])
            settled(net, words[new])


def there(net):
    """native, tc, or what is neither; which of our programs it is, native, depends on what could be loaded."""
    names = names_at(net)
    return "tc" if names == INGRESS else "native" if len(names["xdp"]) == 1 and names["tc"] == ["netctl_tc"] else names


def test_refused_while_the_mode_changes(net):
    """The kernel says no, once: the former mode, or the new one."""
    words = {m: ("attach", "eth0", "--mode", m) for m in ("tc", "native")}
    for new, old in (("tc", "native"), ("native", "tc")):
        calls = len(net.calls("bpf", *words[new]))
        for n in range(calls // 2, calls, calls // 9):
            net.ok(*words[old])
            result = net.inject(f"bpf:error=ENOMEM:when={n}", *words[new])
            wait_for(lambda: there(net) == (old if result.code else new), (n, result))  # pylint: disable=cell-var-from-loop
            assert [r["state"] for r in rows(net)] == ["attached"] * 3, (n, result)

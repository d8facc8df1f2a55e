# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_attach_kill.py - attach and detach killed, or refused by the kernel, at any bpf() call on the way."""
import pytest

from attaching import ALL, NOTHING, changing, names_at, no_state, rows, telling, wait_for


@pytest.fixture
def net(pair):
    return pair.a


# ---- killed, or refused by the kernel, on the way ----


# As on a kernel that lets no front jump, which is what one answer too few looks like.
IN_ONE = {**ALL, "xdp": ["netctl_tagged"]}


def settled(net):
    """What status says is true, and one command mends whatever a kill left."""
    attached = net.netctl("status").code
    assert attached in (0, 3)
    if attached == 0:
        assert names_at(net) in (ALL, IN_ONE)
        assert [r["state"] for r in rows(net)] == ["attached"] * 3
    net.ok("attach", "eth0")
    assert names_at(net) in (ALL, IN_ONE)
    assert [r["state"] for r in rows(net)] == ["attached"] * 3
    assert net.json("status", "-j")["faults"] == []
    net.ok("detach", "--all")
    assert names_at(net) == NOTHING and no_state()


def test_killed_while_attaching(net):
    calls = net.calls("bpf", "attach", "eth0")
    net.ok("detach", "--all")
    for n in changing(calls):
        net.inject(f"bpf:signal=KILL:when={n}", "attach", "eth0")  # the last ones may come too late
        settled(net)


def test_killed_while_detaching(net):
    net.ok("attach", "eth0")
    for n in telling(net.calls("bpf", "detach", "eth0")):  # what it changes most are no bpf() calls
        net.ok("attach", "eth0")
        net.inject(f"bpf:signal=KILL:when={n}", "detach", "eth0")
        wait_for(lambda: net.netctl("status").code == 0 or names_at(net) in (NOTHING, ALL), "detached")
        settled(net)


def test_success_means_in_force(net):
    """The kernel says no, once, anywhere: failure and nothing new, or success and everything."""
    calls = net.calls("bpf", "attach", "eth0")
    net.ok("detach", "--all")
    for n in telling(calls):
        result = net.inject(f"bpf:error=ENOMEM:when={n}", "attach", "eth0")
        if result.code == 0:
            assert names_at(net) in (ALL, IN_ONE) and len(rows(net)) == 3
            assert net.json("status", "-j")["faults"] == []
        else:
            assert result.err.startswith("netctl: attach: "), (n, result)
            wait_for(lambda: names_at(net) == NOTHING, (n, result))
            assert no_state(), (n, result)
        settled(net)


def test_state_that_cannot_be_opened(net):
    """Nor what has just been put in its place: a gate that stays closed is no attach."""
    calls = net.calls("openat", "attach", "eth0")
    net.ok("detach", "--all")
    at = [n for n, call in enumerate(calls, 1) if '"state"' in call]
    assert at
    for n in at:
        result = net.inject(f"openat:error=EMFILE:when={n}", "attach", "eth0")
        assert result.code == 1 and result.err.startswith("netctl: attach: cannot "), (n, result)
        wait_for(lambda: names_at(net) == NOTHING, (n, result))
        assert net.netctl("status").code == 3, (n, result)
        settled(net)


@pytest.fixture
def two(net):
    """The namespace with a second interface, "two"; eth0 is attached, with a rule."""
    net.ip("link", "add", "two", "type", "veth", "peer", "name", "three")
    net.ok("attach", "eth0")
    net.ok("rule", "add", "drop dst 10.0.0.9")
    return net


TURNS = [("attach", "two"), ("detach", "two"), ("detach", "--all")]


def seen(net):
    if (status := net.netctl("status", "-j")).code:
        return status.code, names_at(net), names_at(net, "two")
    return (sorted((r["iface"], r["hook"], r["state"]) for r in rows(net)), net.ok("rule", "list"),
            names_at(net), names_at(net, "two"))


def reset(net, words):
    """As it is to be before the words."""
    net.ok("attach", "eth0", "two")
    if "drop dst 10.0.0.9" not in net.ok("rule", "list"):
        net.ok("rule", "add", "drop dst 10.0.0.9")
    if words[0] == "attach":
        net.ok("detach", "two")


def all_or_nothing(net, words, syscall, error, what=""):
    """One call fails: the command says so and nothing has changed, or it did all it does."""
    reset(net, words)
    before = seen(net)
    calls = [n for n, call in enumerate(net.calls(syscall, *words), 1) if what in call]
    after = seen(net)
    assert calls and after != before
    for n in calls:
        reset(net, words)
        result = net.inject(f"{syscall}:error={error}:when={n}", *words)
        assert seen(net) == (before if result.code else after), (n, result)
        yield n, result


@pytest.mark.parametrize("words", TURNS, ids=" ".join)
def test_directory_that_cannot_be_read(two, words):
    """An error is not the end of a directory: a state of which only half was read does not come into force."""
    for n, result in all_or_nothing(two, words, "getdents64", "EIO"):
        assert not result.code or result.err.startswith(f"netctl: {words[0]}: cannot "), (n, result)


@pytest.mark.parametrize("words", TURNS, ids=" ".join)
def test_pin_that_cannot_be_opened(two, words):
    """It is not taken for one that is not there."""
    for n, result in all_or_nothing(two, words, "bpf", "ENOMEM", "BPF_OBJ_GET,"):
        assert not result.code or "Cannot allocate memory" in result.err, (n, result)


def test_status_that_cannot_be_read(two):
    before = two.ok("status", "-j")
    for n in [n for n, call in enumerate(two.calls("bpf", "status"), 1) if "BPF_OBJ_GET," in call]:
        result = two.inject(f"bpf:error=ENOMEM:when={n}", "status", "-j")
        assert result.code or result.out == before, (n, result)


def test_clsact_without_tcx(pair):
    """A kernel that knows no tcx: filters of clsact stand in, and go again."""
    net = pair.a
    calls = net.calls("bpf", "attach", "eth0", "--hooks", "tc")
    net.ok("detach", "--all")
    n = max(i for i, call in enumerate(calls, 1) if "BPF_LINK_CREATE" in call)
    for shift in (0, 3, -3, 6, -6, 9, -9) * 5:  # reading the clock takes three calls, and now and then again
        result = net.inject(f"bpf:error=EINVAL:when={n + shift}", "attach", "eth0", "--hooks", "tc")
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

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""rules.py - what tests of rules and sets share: they are added, listed and counted, and packets meet them."""
from conftest import Count


def add(net, text):
    return int(net.ok("rule", "add", *text.split()))


def texts(net):
    return net.ok("rule", "list").splitlines()


def ids(net):
    return [r["id"] for r in net.json("rule", "list", "-j")["rules"]]


def counters(net):
    return {r["id"]: Count(r["packets"], r["bytes"]) for r in net.json("rule", "list", "-s", "-j")["rules"]}


def generation(net):
    return net.json("rule", "list", "-j")["meta"]["generation"]


def diff(net, path):
    result = net.netctl("diff", path)
    assert result.err == "" and result.code == (1 if result.out else 0), result
    return [line.split(None, 1) for line in result.out.splitlines()]


def make_set(net, name, *words):
    """A set of that name: make_set(net, "web", "ports", "80", "443") or make_set(net, "bad", "10.0.0.5")."""
    head = [w for w in words if w in ("ports", "services", "counters")]
    net.ok("set", "create", name, *head)
    if words[len(head):]:
        net.ok("set", "add", name, *words[len(head):])


def elements(net, name):
    return net.ok("set", "list", name).splitlines()


def sets(net):
    return {s["name"]: s for s in net.json("set", "list", "-j")["sets"]}


def receive(pair, count, source="10.0.0.5", port=9, sport=0):
    """Datagrams from namespace b's address to a."""
    pair.b.send(pair.a.ip6 if ":" in source else pair.a.ip4, count, port, source=source, sport=sport)

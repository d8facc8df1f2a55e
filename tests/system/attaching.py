# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""attaching.py - what the tests of attach look at: programs at a device, pins, rows of status; a bridge."""
import glob
import json
import os
import re

import pytest

from conftest import BPFFS, ROOT, sh, wait_until
from rules import sets, texts

# For a fixture that interrupts a command at as many of its calls.
FEW_OR_MANY = ["few", pytest.param("many", marks=pytest.mark.long)]

FOREIGN = os.path.join(ROOT, "build/tests/bpf/foreign.bpf.o")
NOTHING = {"xdp": [], "tc": []}
ALL = {"xdp": ["netctl_front"], "tc": ["netctl_tc"]}  # a veth tells the tags that it takes off


def names_at(net, dev="eth0"):
    """Names of the programs at a device: {"xdp": [...], "tc": [...]}."""
    shown = json.loads(net.sh("bpftool", "-j", "net", "show", "dev", dev).out, strict=False)[0]  # names as they are
    ids = [x["id"] for x in shown["xdp"] if "id" in x]
    xdp = [json.loads(sh("bpftool", "-j", "prog", "show", "id", i).out).get("name") for i in ids]
    return {"xdp": xdp, "tc": [t.get("name", "").split(":")[0] for t in shown["tc"]]}


def wait_for(condition, what):
    """The kernel frees what a killed process held a moment later."""
    assert wait_until(condition), what


def changing(calls):
    """Numbers of the bpf() calls where a kill tells most: the middle and last one of each kind that changes something."""
    return places([c if re.search("CREATE|PIN|UPDATE|DETACH", c.split(",")[0]) else "" for c in calls], halves=True)


def telling(calls):
    """Where a refusal does: there, and at the last call of each other kind."""
    return sorted({*changing(calls), *places(calls)})


def places(calls, halves=False):
    """The number of the last call of each kind; with halves that of the middle one, too. An empty one is of no kind."""
    kinds = {}
    for n, call in enumerate(calls, 1):
        kinds.setdefault(call.split(",")[0], []).append(n)
    kinds.pop("", None)
    return sorted({n for at in kinds.values() for n in ([at[len(at) // 2]] if halves else []) + [at[-1]]})


def load_foreign(path):
    """Somebody else's programs and their map, pinned in that folder."""
    sh("bpftool", "prog", "loadall", FOREIGN, path, "pinmaps", path)


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


def seen(net):
    """What is attached, and the rules and sets in force or kept."""
    if net.netctl("status").code:
        return "nothing"
    return sorted((r["iface"], r["hook"], r["state"]) for r in rows(net)), texts(net), sets(net)


def put_behind_bridge(net, peer):
    """eth0 becomes a port of a bridge, which has no native XDP: what it receives is judged at TC ingress."""
    net.ip("link", "add", "br0", "address", net.mac, "type", "bridge", "mcast_snooping", "0")
    net.sh("sh", "-c", "cd /proc/sys/net/ipv6/conf/br0 && echo 0 >router_solicitations && echo 0 >accept_dad")
    net.ip("addr", "flush", "dev", "eth0", "scope", "global")
    net.ip("link", "set", "br0", "arp", "off", "up")
    net.ip("link", "set", "eth0", "master", "br0")
    for n in (2, 5):
        net.ip("addr", "add", f"10.0.0.{n}/24", "dev", "br0")
        net.ip("addr", "add", f"2001:db8::{n}/64", "dev", "br0", "nodad")
    for address in (peer.ip4, peer.ip6):
        net.ip("neigh", "replace", address, "lladdr", peer.mac, "dev", "br0", "nud", "permanent")
    net.dev = "br0"

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_hidden.py - datagrams, connections and echoes that hide what they are, really sent, before ordered lists of rules.

None that a list would keep from a socket when it is put together reaches that socket in any form, and what hides
nothing is judged as if it came plain. Which forms Linux itself takes is seen without rules; nft with the same rules, at
a hook where Linux has put all together, shows what the lists mean.
"""
import random

import pytest

from attaching import put_behind_bridge, rows
from hiding import ALL, FORMS, NOTHING, PORT, PROTOCOL, TRANSPORT, Frames, Packets, Peer, arrive
from ordered import LIMIT, Rules, random_rules

# Linux refuses these by itself: overlapping fragments, a TCP header in two pieces over IPv6, a second fragment header,
# and a hop-by-hop header that is not the first.
REFUSED = {"tcp4, overlapping at 8", "tcp4, overlapping at 16", "tcp6, cut at 16",
           *(f"{proto}6, {what}" for proto in ("tcp", "udp", "icmp") for what in ("two fragment headers",
                                                                                  "hop-by-hop twice"))}

SERVICES = "proto tcp", "proto udp"
PASSES = ("pass", "src 10.0.0.0/24"), ("pass", "src 2001:db8::/64")
DROPS = (*(("drop", proto, f"dport {PORT}") for proto in SERVICES),
         ("drop", "proto icmp icmp 8"), ("drop", "proto icmpv6 icmp 128"))
LISTS = {
    "no rules": Rules("pass"),
    "drops": Rules("pass", *DROPS),
    "drops, then passes": Rules("pass", *DROPS, *PASSES),
    "the same turned round": Rules("pass", *DROPS[::-1], *PASSES[::-1]),
    "passes, then drops": Rules("pass", *PASSES, *DROPS),
    "one protocol dropped": Rules("pass", ("drop", "proto tcp", f"dport {PORT}"), *PASSES),
    "one family dropped": Rules("pass", ("drop", "src 2001:db8::/64"), PASSES[0]),
    "not TCP": Rules("pass", ("pass", "not proto tcp"), *(("drop", *p[1:]) for p in PASSES)),
    "not TCP, policy drop": Rules("drop", ("pass", "not proto tcp")),
    "not TCP, not UDP": Rules("drop", ("pass", "not proto tcp,udp")),
    "not these ports": Rules("pass", ("pass", "not dport 80,443"), ("drop", "ttl 64")),
    "not this port": Rules("pass", ("drop", f"not dport {PORT}"), *PASSES),
    "a set of ports": Rules("pass", ("drop", "dport @ports"), *PASSES),
    "not a set of ports": Rules("drop", ("pass", "not dport @ports"), PASSES[1]),
    "a set of services": Rules("pass", ("drop", "dst @both"), *PASSES),
    "a set of services, policy drop": Rules("drop", ("pass", "dst @both")),
    "flags": Rules("pass", ("drop", "flags syn"), *PASSES),
    "flags not there": Rules("pass", ("pass", "not flags ack"), ("drop", "ttl 64")),
    "audits and limits": Rules("drop", ("audit", f"dport {PORT}"), (LIMIT, "proto tcp", f"dport {PORT}"),
                               ("drop", "proto udp", f"dport {PORT}"), (LIMIT, "ttl 64")),
    "ports passed, policy drop": Rules("drop", ("pass", f"dport {PORT}"), ("pass", "proto icmp icmp 8"),
                                       ("pass", "proto icmpv6 icmp 128")),
    "what all show": Rules("drop", ("drop", "ttl 1-5"), ("pass", "not ttl 255")),
}

# Where it is judged: (the namespace, how it is attached, how it is sent, through a bridge).
PLACES = {"xdp": ("b", ("--hooks", "xdp"), Frames, False), "tc-ingress": ("b", ("--hooks", "xdp"), Frames, True),
          "tc": ("a", ("--hooks", "tc"), Frames, False), "nf": ("a", ("--hooks", "nf"), Packets, False)}
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 10))]
EACH = 15  # random lists of a seed


class Place:
    """Two namespaces with netctl at one hook of one of them."""

    def __init__(self, pair, name):
        net, options, kind, bridged = PLACES[name]
        self.pair, self.net = pair, getattr(pair, net)
        if bridged:
            put_behind_bridge(self.net, pair.a)
        self.options = options
        self.sender, self.peer = kind(pair.a), Peer(pair)
        # At TC ingress the first tag is off the frame, so that of nine all are seen.
        self.forms = [form for form in FORMS if (kind is Frames or not form.tags) and not (bridged and len(form.tags) == 9)]

    def attach(self):
        self.net.ok("attach", self.net.dev, *self.options)
        assert (rows(self.net)[0]["mode"] == "tcx-ingress") == (self.net.dev == "br0")

    def arrive(self):
        return arrive(self.sender, self.peer, self.forms)

    def taken(self):
        """What Linux takes by itself."""
        return [form for form in self.forms if form.name not in REFUSED]

    def differences(self, rules):
        self.net.ok("apply", "-", input=str(rules))
        got, must = self.arrive(), rules.let_in(self.taken())
        return {"arrives": sorted(got - must), "is lost": sorted(must - got)} if got != must else {}


@pytest.fixture(params=PLACES)
def place(pair, request):
    return Place(pair, request.param)


def test_linux_takes_these_forms(place):
    """Control: without netctl all but those named arrive, more than 60 of them of a kind that hides."""
    assert place.arrive() == {form.name for form in place.taken()}
    hiding = [form.hides for form in place.taken() if form.hides != NOTHING]
    assert len(hiding) >= (60 if place.sender.__class__ is Frames else 40)
    assert set(hiding) == {TRANSPORT, PROTOCOL} | ({ALL} if place.sender.__class__ is Frames else set())


def test_lists(place):
    place.attach()
    assert {name: found for name, rules in LISTS.items() if (found := place.differences(rules))} == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_lists(place, seed):
    place.attach()
    draw = random.Random(f"hidden {seed}")
    lists = [random_rules(draw) for _ in range(EACH)]
    assert {str(rules): found for rules in lists if (found := place.differences(rules))} == {}


def test_lists_mean_what_nft_does(pair, write):
    """Control: the same lists in nft, of datagrams put together, with which a few forms more are refused."""
    place = Place(pair, "xdp")
    draw = random.Random("hidden, nft")

    def with_nft(rules):
        pair.b.sh("nft", "-f", write("flush ruleset\n" + rules.nft()))
        return place.arrive()

    names = with_nft(LISTS["no rules"])
    taken = [form for form in place.taken() if form.name in names]
    assert len(taken) > 80
    for rules in (*LISTS.values(), *(random_rules(draw) for _ in range(EACH))):
        whole = rules.let_in_whole(taken)
        assert with_nft(rules) == whole, str(rules)
        assert rules.let_in(taken) <= whole, str(rules)

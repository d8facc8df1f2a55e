# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""cases.py - what "make bench-peers" asks of every contestant: the rules, the set's members and the packets' sources.

Packets are UDP from one source after another to 10.0.0.2:2000, 64 bytes; every case ends in a drop. Everything that
is random comes from one seed: all contestants, and all runs, get the same.
"""
import collections
import functools
import os
import random
import struct
import tempfile

Rule = collections.namedtuple("Rule", "dst dport")
DPORT = 2000
MILLION = 1000000
FIRST, LAST = 1 << 24, 223 << 24  # no address of "this network", multicast or beyond
LOOPBACK = range(127 << 24, 128 << 24)


def text(address):
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


class Case:
    """kind: the group it is in; hook: "in" (a device receives), "out" (OUTPUT of this host) or "egress" (of its device);
    rules: those before the last; limit: how many times "drop all" netctl may cost.
    """

    def __init__(self, kind, title, addresses, hook="in", rules=(), members=(), prefixes=False, limit=None):
        self.kind, self.title, self.hook, self.limit = kind, title, hook, limit
        self.rules, self.members, self.prefixes = rules, members, prefixes
        self.dport, self.addresses, self.sources = DPORT, addresses, len(addresses)

    def write_sources(self):
        """The file that "live" reads."""
        Case.dir = Case.dir or tempfile.TemporaryDirectory()
        path = os.path.join(Case.dir.name, "sources")
        with open(path, "wb") as f:
            f.write(struct.pack(f">{self.sources}I", *self.addresses))
        return path

    dir = None


def in_turn(count):
    return range(11 << 24, (11 << 24) + count)


def missing_rules(count, net=9):
    """As long a list as one likes of rules that look at what the packets have, and match none of them."""
    return [Rule(f"10.{net + (i >> 16)}.{i >> 8 & 255}.{i & 255}", 1024 + i % 60000) for i in range(count)]


@functools.lru_cache(2)
def hosts(count, seed=1):
    """Addresses from everywhere, in no order."""
    rng = random.Random(seed)
    found = set()
    while len(found) < count:
        address = rng.randrange(FIRST, LAST)
        if address not in LOOPBACK:
            found.add(address)
    found = sorted(found)
    rng.shuffle(found)
    return found


@functools.lru_cache(2)
def prefixes(count, seed=1):
    """(first, length), in no order: hosts and prefixes down to /20, none within another, spread over all of IPv4."""
    rng = random.Random(seed)
    step, at, found = (LAST - FIRST) // (count + 1), FIRST, []
    while len(found) < count:
        length = rng.choice((32, 32, 32, 32, 30, 29, 28, 27, 26, 25, 24, 24, 24, 23, 22, 20))
        size = 1 << 32 - length
        at = max(at, FIRST + len(found) * step - step)
        first = (at + rng.randrange(step) + size - 1) // size * size
        if not (first in LOOPBACK or first + size - 1 in LOOPBACK):
            found.append((first, length))
        at = first + size
    rng.shuffle(found)
    return found


SET_LIMIT = 1.8


def host_case(count, hook="in", seed=1):
    members = hosts(count, seed)
    return Case("hosts", f"set of {count:,} hosts, each packet another one", members, hook,
                members=[text(m) for m in members], limit=SET_LIMIT if hook == "in" else None)


def prefix_case(count, seed=1):
    rng = random.Random(seed)
    members = prefixes(count, seed)
    inside = [first + rng.randrange(1 << 32 - length) for first, length in members]
    return Case("prefixes", f"set of {count:,} hosts and prefixes, each packet in another one", inside,
                members=[f"{text(first)}/{length}" if length < 32 else text(first) for first, length in members],
                prefixes=True, limit=SET_LIMIT)


def flow_case(count):
    limit = {1000: 1.3, 131072: 2.3, MILLION: 2.5}.get(count)
    return functools.partial(Case, "flows", f"{count:,} flows of one packet in turn", in_turn(count), limit=limit)


def rules_case(count, seed=1):
    """For commands: nothing is sent."""
    return Case("rules", f"{count:,} rules", in_turn(1), rules=missing_rules(count, 10 * seed))


def run_case():
    return Case("run", "one rule, which drops; one flow, by test runs", in_turn(1))


def rule_cases(counts, many, hook="in"):
    for count in counts:
        rules = missing_rules(count - 1)
        words = f"{count:,} rules, the last one drops" if count > 1 else "one rule, which drops"
        for flows, how in ((1, "one flow"), (many, f"{many:,} flows in turn")):
            yield functools.partial(Case, "rules", f"{words}; {how}", in_turn(flows), hook, rules)


def cases(quick):
    """What makes each case: it is made when its turn comes, for members take memory."""
    if quick:
        return [flow_case(1000), run_case, *rule_cases((1, 8), 1000),
                lambda: host_case(1000), lambda: prefix_case(1000), *rule_cases((8,), 1000, "out"),
                *rule_cases((8,), 1000, "egress")]
    return [
        *map(flow_case, (1000, 131072, MILLION)),
        run_case,
        *rule_cases((1, 8, 32, 256, 1000, 10000), MILLION),
        lambda: host_case(10000),
        lambda: host_case(MILLION),
        lambda: prefix_case(MILLION),
        *rule_cases((1, 256, 10000), MILLION, "out"),
        *rule_cases((1, 10000), MILLION, "egress"),
        lambda: host_case(MILLION, "out"),
    ]

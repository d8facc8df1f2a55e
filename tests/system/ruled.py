# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
ruled.py - a list of rules and two sets that change, and what they say of a packet, read one after the other.

A match answers True, False, or None where a later fragment does not show what it asks for.
"""
import dataclasses
import ipaddress

HOSTS, PORTS = "hosts", "ports"  # the sets
WITH_PORTS = ("tcp", "udp")
FAMILIES = {"icmp": 4, "icmpv6": 6, "arp": 0}


@dataclasses.dataclass
class Seen:
    """A packet as one hook meets it."""
    hook: str
    dev: str
    proto: str
    src: str
    dst: str
    sport: int
    dport: int
    length: int  # from the network header on
    later: bool = False  # fragment


@dataclasses.dataclass
class Match:
    """One of a rule's matches: a field, its values, or the set that has them."""
    field: str
    values: tuple = ()
    set: str = ""
    negated: bool = False

    def __str__(self):
        value = f"@{self.set}" if self.set else ("-" if self.field == "len" else ",").join(map(str, self.values))
        return f"{'not ' * self.negated}{self.field} {value}"

    def holds(self, seen, sets):
        found = field(self.field, seen)
        if found is None:
            return None
        if not found:  # the packet has no such thing
            return False
        values = sets[self.set] if self.set else self.values
        if self.field in ("src", "dst", "host"):
            if self.negated and not self.set and not any(same_family(f, v) for v in values for f in found):
                return False
            hit = any(f in ipaddress.ip_network(v) for f in map(ipaddress.ip_address, found) for v in values)
        elif self.field == "len":
            hit = values[0] <= found[0] <= values[1]
        else:
            hit = any(f in values for f in found)
        return hit != self.negated


def same_family(address, prefix):
    return (":" in address) == (":" in prefix)


def field(name, seen):
    """Its values in a packet, () if it has none, None if a later fragment does not show it."""
    if name in ("src", "dst", "host"):
        return tuple(a for a, n in ((seen.src, "src"), (seen.dst, "dst")) if a and name in (n, "host"))
    if name in ("sport", "dport", "port"):
        if seen.later and seen.proto in WITH_PORTS:
            return None
        return tuple(p for p, n in ((seen.sport, "sport"), (seen.dport, "dport"))
                     if seen.proto in WITH_PORTS and name in (n, "port"))
    if name == "proto":
        return () if seen.proto == "arp" else (seen.proto,)
    if name == "ethertype":
        return (seen.proto,)
    if name == "in":
        return (seen.dev,) if seen.hook == "xdp" else ()
    if name == "out":
        return () if seen.hook == "xdp" else (seen.dev,)
    return {"hook": (seen.hook,), "len": (seen.length,)}[name]


@dataclasses.dataclass
class Rule:
    action: str
    matches: list
    burst: int = 0  # of a limit of one packet an hour: what passes at each hook
    id: int = 0
    disabled: bool = False
    packets: int = 0
    bytes: int = 0
    dropped_packets: int = 0
    dropped_bytes: int = 0
    left: dict = dataclasses.field(default_factory=dict)  # of a limit's burst, at each hook

    def __str__(self):
        action = f"limit 1/h burst {self.burst}" if self.action == "limit" else self.action
        return " ".join([action, *map(str, self.matches)])

    def holds(self, seen, sets):
        answers = [m.holds(seen, sets) for m in self.matches]
        return False if False in answers else None if None in answers else True

    def count(self, size, drops=False):
        self.packets += 1
        self.bytes += size
        if self.action == "limit":
            self.dropped_packets += drops
            self.dropped_bytes += drops * size


class Rules:
    """The list in force, its sets and its policy, and what each has counted."""

    def __init__(self):
        self.list = []
        self.sets = {HOSTS: set(), PORTS: set()}
        self.policy = Rule("pass", [])

    def decide(self, seen, first=None, audited=lambda rule: None):
        """The rule that does, or the policy; first: the one that decided a later fragment's first."""
        for rule in self.list:
            holds = not rule.disabled and rule.holds(seen, self.sets)
            if rule.action == "audit":
                if holds:
                    audited(rule)
            elif holds is not False:
                return rule if holds else first
        return self.policy

    def judge(self, seen, size, first=None):
        """(rule, "pass" or "drop", reason or None), counted; first: the answer to a later fragment's first."""
        rule = self.decide(seen, first and first[0], lambda audit: audit.count(size))
        verdict, reason = rule.action, "policy" if rule is self.policy else "rule"
        if verdict == "limit":
            left = rule.left.setdefault(seen.hook, rule.burst)
            rule.left[seen.hook] = max(left - 1, 0)
            verdict, reason = "pass" if left else "drop", "limit"
        rule.count(size, verdict == "drop")
        return rule, verdict, reason if verdict == "drop" else None

    def find(self, number):
        return next(r for r in self.list if r.id == number)


def random_match(draw, name, world):
    """A match of that field, of what there is in the world's traffic."""
    if name in ("src", "dst", "host"):
        values = tuple(draw.sample(world.addresses, draw.choice((1, 1, 2))))
        pick = draw.random()
        if pick < .3:
            return Match(name, set=HOSTS)
        return Match(name, (draw.choice(world.prefixes),) if pick < .5 else values)
    if name in ("sport", "dport", "port"):
        if draw.random() < .3:
            return Match(name, set=PORTS)
        return Match(name, tuple(draw.sample(world.ports, draw.choice((1, 2)))))
    if name == "len":
        low = draw.choice((20, 60, 200, 1000))
        return Match(name, (low, low + draw.choice((40, 300, 2000))))
    return Match(name, (draw.choice({"proto": ("udp", "udp", "tcp"), "in": world.devices, "out": world.devices,
                                     "hook": ("xdp", "tc", "nf")}[name]),))


def random_rule(draw, world):
    """Limits and audits are of TCP alone: what fragments take of them is another test's matter."""
    action = draw.choice(("drop",) * 4 + ("pass",) * 3 + ("audit", "limit"))
    where = draw.choice(("", "", "hook", "hook", "in", "out"))
    what = draw.choice(("", "src", "dst", "host"))
    which = draw.choice(("", "proto", "sport", "dport", "port", "len"))
    if action in ("audit", "limit"):
        matches = [Match("proto", ("tcp",))]
        which = "" if which == "proto" else which
    else:
        matches = []
    matches += [random_match(draw, name, world) for name in (where, what, which) if name]
    if not matches:
        matches = [Match("proto", (draw.choice(("icmp", "icmpv6")),)) if draw.random() < .7 else
                   Match("ethertype", ("arp",))]
    inverted = draw.choice(matches)
    inverted.negated = inverted.field not in ("len",) and draw.random() < .15
    return Rule(action, matches, burst=draw.randrange(1, 5) if action == "limit" else 0)

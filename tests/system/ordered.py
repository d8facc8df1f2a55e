# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""ordered.py - ordered lists of rules about the packets of hiding.py, and what must become of these by the manual.

A match holds for a packet, or does not, or nobody can tell (None), because the packet hides what it is about. At the
first drop rule that a packet might match it is dropped; a pass, audit or limit rule of which nobody can tell does not
decide.
"""
import collections
import itertools

from hiding import ALL, ICMP, ICMPV6, NOTHING, PORT, PROTOCOL, TCP, UDP

SCTP = 132
LIMIT = "limit 1000000pps"  # more than is ever sent here
SETS = (f"set ports ports {{ {PORT}, 5000-5010 }}\n"
        f"set both services {{ 10.0.0.2:{PORT}/udp, [2001:db8::2]:{PORT}/tcp }}\n")
LAST = "pass dst 10.0.0.5"  # where hiding.py sends what it waits for

# nft: the same for it, as matches of which one suffices. holds(facts): True, False, or None.
Match = collections.namedtuple("Match", "nft holds")


def facts(form, hides):
    """
    Of the form's datagram, when it hides that. Each family has its addresses here, and ICMP of each its echo request.
    What is hidden is None; what the packet does not have is not there.
    """
    known = {"family": form.family, "network": form.family, "ttl": 64, "proto": form.proto}
    known |= {TCP: {"port": PORT, "flags": "syn"}, UDP: {"port": PORT}}.get(form.proto, {"echo": form.proto})
    if hides == NOTHING:
        return known
    if hides in (PROTOCOL, ALL):
        known |= dict.fromkeys(("proto", "port", "flags", "echo"))
    return known | dict.fromkeys(known if hides == ALL else {"port", "flags", "echo"} & known.keys())


def every(*parts):
    return False if False in parts else None if None in parts else True


def some(*parts):
    return True if True in parts else None if None in parts else False


def one(field, *values, no=False):
    """The field has one of the values; with "no" it has another. A packet without the field matches neither."""
    def holds(known):
        if known.get(field, "none") in ("none", None):
            return None if field in known else False
        return (known[field] in values) != no
    return holds


def echo(proto, *values, no=False):
    """Types are of one family's ICMP; those that are not such are of both."""
    family = one("family", *((4, 6) if no else (4,) if proto == ICMP else (6,)))
    parts = family, one("proto", proto), one("echo", *values, no=no)
    return lambda known: every(*(part(known) for part in parts))


def service(known):
    return some(*(every(*(one(field, value)(known) for field, value in zip(("family", "proto", "port"), element)))
                  for element in ((4, UDP, PORT), (6, TCP, PORT))))


def port(text, *values, no=False):
    return Match([f"meta l4proto {{ tcp, udp, sctp }} th dport {'!= ' if no else ''}{text}"], one("port", *values, no=no))


PROTOCOLS = {
    "": Match([""], lambda known: True),
    "proto tcp": Match(["meta l4proto tcp"], one("proto", TCP)),
    "proto udp": Match(["meta l4proto udp"], one("proto", UDP)),
    "proto tcp,udp": Match(["meta l4proto { tcp, udp }"], one("proto", TCP, UDP)),
    "not proto tcp": Match(["meta l4proto != tcp"], one("proto", TCP, no=True)),
    "not proto udp": Match(["meta l4proto != udp"], one("proto", UDP, no=True)),
}
PORTS = {
    f"dport {PORT}": port(PORT, PORT),
    f"not dport {PORT}": port(PORT, PORT, no=True),
    "dport 2000-3000": port("2000-3000", PORT),
    "dport 80,443": port("{ 80, 443 }"),
    "not dport 80,443": port("{ 80, 443 }", no=True),
    "dport @ports": port(f"{{ {PORT}, 5000-5010 }}", PORT),
    "not dport @ports": port(f"{{ {PORT}, 5000-5010 }}", PORT, no=True),
}
SHOWN = {
    "src 10.0.0.0/24": Match(["ip saddr 10.0.0.0/24"], one("network", 4)),
    "src 2001:db8::/64": Match(["ip6 saddr 2001:db8::/64"], one("network", 6)),
    "src 192.0.2.0/24": Match(["ip saddr 192.0.2.0/24"], one("network")),
    "ttl 64": Match(["ip ttl 64", "ip6 hoplimit 64"], one("ttl", 64)),
    "not ttl 255": Match(["ip ttl != 255", "ip6 hoplimit != 255"], one("ttl", 255, no=True)),
    "ttl 1-5": Match(["ip ttl 1-5", "ip6 hoplimit 1-5"], one("ttl")),
}
ALONE = {
    "proto sctp": Match(["meta l4proto sctp"], one("proto", SCTP)),
    "not proto tcp,udp": Match(["meta l4proto != { tcp, udp }"], one("proto", TCP, UDP, no=True)),
    "dst @both": Match([f"ip daddr 10.0.0.2 udp dport {PORT}", f"ip6 daddr 2001:db8::2 tcp dport {PORT}"], service),
    "flags syn": Match(["tcp flags & syn == syn"], one("flags", "syn")),
    "flags ack": Match(["tcp flags & ack == ack"], one("flags")),
    "not flags ack": Match(["tcp flags & ack != ack"], one("flags", no=True)),
    "proto icmp icmp 8": Match(["icmp type 8"], echo(ICMP, ICMP)),
    "proto icmp icmp 3": Match(["icmp type 3"], echo(ICMP)),
    "proto icmp not icmp 3": Match(["icmp type != 3"], echo(ICMP, no=True)),
    "proto icmpv6 icmp 128": Match(["icmpv6 type 128"], echo(ICMPV6, ICMPV6)),
    "proto icmpv6 icmp 1": Match(["icmpv6 type 1"], echo(ICMPV6)),
    "proto icmpv6 not icmp 1": Match(["icmpv6 type != 1"], echo(ICMPV6, no=True)),
}
MATCHES = PROTOCOLS | PORTS | SHOWN | ALONE


class Rules:
    """A policy and rules: (action, match, match, ...)."""

    def __init__(self, policy, *rules):
        self.policy, self.rules = policy, rules

    def __str__(self):
        rules = (" ".join(filter(None, rule)) for rule in self.rules)
        return "\n".join([SETS + f"policy {self.policy}", LAST, *rules, ""])

    def nft(self):
        """The same at nft's hook input, where it walks all headers of what connection tracking has put together."""
        policy = "drop" if self.policy == "drop" else "accept"
        lines = ["table inet t {", "chain input {", f"type filter hook input priority 0; policy {policy};",
                 "ct state new counter", "ip daddr 10.0.0.5 accept"]
        for action, *matches in self.rules:
            if action != "audit":
                lines += [" ".join((*way, "drop" if action == "drop" else "accept"))
                          for way in itertools.product(*(MATCHES[m].nft for m in matches))]
        return "\n".join([*lines, "}", "}", ""])

    def passes(self, known):
        for action, *matches in self.rules:
            holds = every(*(MATCHES[m].holds(known) for m in matches))
            if action == "drop" and holds is not False:
                return False
            if action in ("pass", LIMIT) and holds:
                return True
        return self.policy == "pass"

    def let_in(self, forms):
        """Names of the forms that must arrive."""
        return {form.name for form in forms if self.passes(facts(form, form.hides))}

    def let_in_whole(self, forms):
        """Those that must when nothing of them is hidden any more."""
        return {form.name for form in forms if self.passes(facts(form, NOTHING))}


def random_rule(draw):
    action = draw.choice(("drop", "drop", "pass", "pass", "audit", LIMIT))
    if draw.random() < .4:
        return action, draw.choice(list(ALONE))
    ports = draw.choice(list(PORTS)) if draw.random() < .6 else ""
    shown = draw.choice(list(SHOWN)) if not ports or draw.random() < .3 else ""
    return action, draw.choice(list(PROTOCOLS)), ports, shown


def random_rules(draw):
    return Rules(draw.choice(("pass", "drop")), *(random_rule(draw) for _ in range(draw.randint(2, 6))))

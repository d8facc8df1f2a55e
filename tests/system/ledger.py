# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
ledger.py - what netctl must have counted: each packet by what the rules said of it at each hook that it met.

It knows the rules (ruled.py) and the packets (links.py), and nothing of how netctl counts.
"""
import collections

from links import ETHERNET
from ruled import Rules, Seen

HOOKS = "xdp", "tc", "nf"


class Ledger:
    def __init__(self):
        self.rules = Rules()
        self.attached = {}  # {dev: hooks}; OUTPUT sees what goes out anywhere
        self.flows, self.totals, self.drops = ({} for _ in range(3))
        self.conversations = {}
        self.ways = {}  # {conversation: where what was sent was counted, and "cut" if it was fragments}
        self.reasons = {}  # {flow: {step: why packets were dropped in it}}
        self.last = {}  # {flow: the verdict of its last packet}
        self.step = 0
        self.arrivals = collections.Counter()

    def attach(self, dev, hooks):
        before = self.attached.setdefault(dev, set())
        if "tc" in hooks and "tc" not in before:  # netctl can't tell which of the packets of older flows went by it
            for conversation, way in self.ways.items():
                if conversation[0] == dev:
                    way.add("nf")
        before.update(hooks)

    def pieces(self, packet, hook):
        """Let them be judged there; the verdicts."""
        first, verdicts = None, []
        lengths = (packet.output,) if hook == "nf" else packet.pieces
        for n, length in enumerate(lengths):
            size = length + (0 if hook == "nf" else ETHERNET)
            seen = Seen(hook, packet.dev, packet.proto, packet.src, packet.dst, packet.sport, packet.dport, length, n > 0)
            answer = self.rules.judge(seen, size, first)
            first = first or answer
            verdicts.append(answer[1])
            self.count(packet, hook, size, *answer[1:])
            if hook == "tc" and answer[1] == "drop":
                break  # the stack is told, and sends no more of it
        return verdicts

    def count(self, packet, hook, size, verdict, reason):
        flow = (hook, packet.dev, packet.proto, packet.src or None, packet.sport, packet.dst or None, packet.dport)
        add(self.flows, (*flow, verdict), size)
        add(self.totals, (hook, packet.dev, verdict), size)
        if verdict == "drop":
            add(self.drops, (hook, packet.dev, reason), size)
            self.reasons.setdefault(flow, {}).setdefault(self.step, set()).add(reason)
        self.last[flow] = verdict
        on = self.attached.get(packet.dev, ())
        if hook != "nf" or verdict == "drop" or "tc" not in on:  # what OUTPUT passes TC counts
            conversation = self.conversation(packet)
            add(self.conversations, (conversation, verdict), size)
            way = self.ways.setdefault(conversation, set())
            if (hook, verdict) != ("nf", "drop"):
                way.update({hook, "cut"} if packet.pieces[1:] else {hook})

    @staticmethod
    def conversation(packet):
        """(interface, protocol, local end, peer)"""
        src, dst = ((packet.src or None, packet.sport), (packet.dst or None, packet.dport))
        if packet.proto.startswith("icmp"):
            src, dst = ((a[0], 0) for a in (src, dst))
        return (packet.dev, packet.proto, *(src + dst if packet.way == "out" else dst + src))

    def sent(self, packet):
        """It has been; whether the sender had to be refused."""
        on = self.attached.get(packet.dev, ())
        if packet.output and self.pieces(packet, "nf") == ["drop"]:
            return True
        hook = "xdp" if packet.way == "in" else "tc"
        if (hook not in on or "drop" not in self.pieces(packet, hook)) and packet.number:
            self.arrivals[packet.number] += 1
        return False

    def passes(self, packets):
        """Whether all would, and be decided by no limit: then what each is alone says what all are."""
        for p in packets:
            for hook in ("xdp",) if p.way == "in" else ("nf", "tc"):
                seen = Seen(hook, p.dev, p.proto, p.src, p.dst, p.sport, p.dport, p.pieces[0])
                if self.rules.decide(seen).action != "pass":
                    return False
        return True

    # ---- against what netctl says ----

    def expected(self):
        """{view: {row: (packets, bytes)}}"""
        merged = {}
        for (key, verdict), count in self.conversations.items():
            merged.setdefault(key, {"pass": (0, 0), "drop": (0, 0)})[verdict] = tuple(count)
        rules = {(r.id, kind): count for r in self.rules.list for kind, count in
                 (("all", (r.packets, r.bytes)), ("dropped", (r.dropped_packets, r.dropped_bytes)))
                 if kind == "all" or r.action == "limit"}
        policy = self.rules.policy
        return {"flows": as_tuples(self.flows), "totals": as_tuples(self.totals), "drops": as_tuples(self.drops),
                "rules": rules | {(None, "all"): (policy.packets, policy.bytes)},
                "conversations": {key: (counts["pass"], counts["drop"]) for key, counts in merged.items()}}

    def comparable(self, view, rows):
        """
        Of conversations that are older than TC, or that it left: packets alone, as OUTPUT and TC count bytes apart; and
        nothing where these are not the same packets.
        """
        if view != "conversations":
            return rows
        mixed = {key: way for key, way in self.ways.items() if {"nf", "tc"} <= way}
        return {key: tuple(count[0] for count in counts) if key in mixed else counts for key, counts in rows.items()
                if "cut" not in mixed.get(key, ())}

    def wrong_reasons(self, rows):
        """
        Of rows of "stats --raw -j": of the last drop. Of a flow that has passed since it may be another's: CPUs and
        classes of packets have an entry each, and one that passes does not say when it last dropped.
        """
        for row in rows:
            flow, right = flow_key(row), {None}
            if row["verdict"] == "drop":
                steps = self.reasons.get(flow, {0: set()})
                right = steps[max(steps)] if self.last.get(flow) == "drop" else set().union(*steps.values())
            if row["reason"] not in right:
                yield f"reason of {flow} {row['verdict']} is {row['reason']}, not {right}"


def add(counts, key, size):
    count = counts.setdefault(key, [0, 0])
    count[0] += 1
    count[1] += size


def as_tuples(counts):
    return {key: tuple(count) for key, count in counts.items()}


def flow_key(row):
    return tuple(row[k] for k in ("hook", "iface", "proto", "src", "sport", "dst", "dport"))


def size_of(row, part=""):
    return row[f"{part}packets"], row[f"{part}bytes"]


def read_rules(rows):
    counts = {(r["id"], "all"): size_of(r) for r in rows}
    return counts | {(r["id"], "dropped"): size_of(r, "dropped_") for r in rows if r.get("dropped_packets") is not None}


def conversation_key(row):
    return tuple(row[k] for k in ("iface", "proto", "local", "local_port", "peer", "peer_port"))


# {view: (words of stats, what its rows say)}
VIEWS = {
    "flows": (("--raw",), lambda rows: {(*flow_key(r), r["verdict"]): size_of(r) for r in rows}),
    "totals": (("totals",), lambda rows: {(r["hook"], r["iface"], r["verdict"]): size_of(r) for r in rows
                                          if r["packets"]}),
    "drops": (("drops",), lambda rows: {(r["hook"], r["iface"], r["reason"]): size_of(r) for r in rows}),
    "rules": (("rules",), read_rules),
    "conversations": ((), lambda rows: {conversation_key(r): (size_of(r, "passed_"), size_of(r, "dropped_"))
                                        for r in rows}),
}


def differences(expected, read):
    return [f"{key}: {expected.get(key)} went by, {read.get(key)} counted"
            for key in sorted(expected.keys() | read.keys(), key=str) if expected.get(key) != read.get(key)]

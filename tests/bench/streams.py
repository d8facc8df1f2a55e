# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""streams.py - what is left of a bulk stream, and what a byte costs, where packets pass one rule that does not match.

A sender and a receiver in namespaces joined by veth, its offloads as they are by default, each on a CPU of its own
where there are two. All take turns, and each is compared with "nothing" of the same round: Gbit/s that arrived, and
CPU time of both processes and their CPUs' ksoftirqd, by GiB that arrived.
"""
import os
import statistics

from contestants import Contestant, Nft, Plain
from world import STREAM, Failure, Pair

ROUNDS, NS, WARM_NS = 9, 1000000000, 100000000
QUICK_ROUNDS, QUICK_NS = 1, 50000000
PORT, OTHER_PORT = 5001, 9
GIB = 1 << 30
SEGMENT = 1472  # fills an Ethernet frame
NOTHING = "nothing"

# Title, protocol, SEGMENT of stream.c.
STREAMS = [("TCP", "tcp", 0), ("UDP, 40 segments a system call", "udp", f"+{SEGMENT}"),
           ("UDP, one datagram a system call", "udp", SEGMENT)]


class Rule:
    """In the manner of cases.py, for those who write a rule in their own words: one that drops something else."""

    kind, hook, rules, members, dport = "stream", "in", (), (), OTHER_PORT


class Nothing(Contestant):
    name = NOTHING

    def install(self, side, case):
        pass


class Netctl(Contestant):
    """At what comes in alone, as nft is here."""

    def __init__(self, mode):
        self.name, self.mode = f"netctl, {mode}", mode

    def install(self, side, case):
        side.netctl("attach", side.dev, "--hooks", "xdp", "--mode", self.mode)
        side.netctl("rule", "add", "drop", "proto", "udp", "dst", "10.0.0.2", "dport", case.dport)

    def remove(self, side):
        side.netctl("detach", "--all")


def everyone():
    return [Nothing(), Plain("pass all, native XDP", "live_pass"), *map(Netctl, ("native", "generic", "tc")), Nft()]


class Stand:
    """A contestant at the receiver's device, and a stream that begins and stops."""

    def __init__(self, contestant, protocol, segment, cpus):
        self.contestant, self.cpus, self.samples, self.workers, self.installed = contestant, cpus, [], [], False
        self.pair = Pair(gro=False)
        try:
            contestant.install(self.pair.receiver, Rule)
            self.installed = True
            for side, words in ((self.pair.receiver, ("receive", protocol, "10.0.0.2", PORT, cpus[1])),
                                (self.pair.sender, ("send", protocol, "10.0.0.2", PORT, cpus[0], segment))):
                self.workers.append(side.worker(STREAM, *words))
        except Failure:
            self.close()
            raise

    def look(self):
        """Sums up to now, of both."""
        sent, received = (worker.ask("") for worker in reversed(self.workers))
        softirq = {cpu: told["ksoftirqd"] for cpu, told in zip(self.cpus, (sent, received))}  # one CPU counts once
        return {"sent": sent["bytes"], "bytes": received["bytes"], "ns": sent["ns"],
                "cpu": sent["own"] + received["own"] + sum(softirq.values())}

    def measure(self, ns, warm):
        """One sample: a connection that rested begins slowly."""
        self.workers[-1].ask(str(warm))
        before = self.look()
        self.workers[-1].ask(str(ns))
        took = {what: value - before[what] for what, value in self.look().items()}
        if not took["bytes"]:
            raise Failure("nothing arrived")
        self.samples.append({"gbit": took["bytes"] * 8 / took["ns"], "cpu": took["cpu"] / 1e9 / took["bytes"] * GIB,
                             "arrived": took["bytes"] / took["sent"]})

    def close(self):
        for worker in reversed(self.workers):
            worker.end()
        if self.installed:
            self.contestant.remove(self.pair.receiver)
        self.pair.delete()


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def row(stand, base):
    ratios = {what: spread([s[what] / b[what] for s, b in zip(stand.samples, base) if b[what]] or [0])
              for what in ("gbit", "cpu")}
    return {"who": stand.contestant.name, "ratios": ratios,
            "arrived": statistics.median(s["arrived"] for s in stand.samples),
            **{what: spread([s[what] for s in stand.samples]) for what in ("gbit", "cpu")}}


def stand_up(protocol, segment, cpus):
    stands, absent = [], []
    for contestant in everyone():
        why = contestant.why_not(Rule)
        try:
            if why is None:
                stands.append(Stand(contestant, protocol, segment, cpus))
        except Failure as failure:
            why = str(failure)
        if why:
            absent.append({"who": contestant.name, "why": why})
    return stands, absent


def take_turns(stands, rounds, ns, warm):
    """Those who failed, and why."""
    failed = {}
    for _ in range(rounds):
        for stand in stands:
            try:
                if stand not in failed:
                    stand.measure(ns, warm)
            except Failure as failure:
                failed[stand] = str(failure)
    return failed


def compare(title, protocol, segment, quick):
    rounds, ns, warm = (QUICK_ROUNDS, QUICK_NS, QUICK_NS) if quick else (ROUNDS, NS, WARM_NS)
    usable = sorted(os.sched_getaffinity(0))
    stands, absent = stand_up(protocol, segment, (usable[0], usable[-1]))
    try:
        failed = take_turns(stands, rounds, ns, warm)
        base = stands[0].samples if stands and stands[0].contestant.name == NOTHING else []
        rows = [row(s, base) for s in stands if s not in failed]
        return {"title": title, "rows": rows + absent + [{"who": s.contestant.name, "why": failed[s]} for s in failed]}
    finally:
        for stand in stands:
            stand.close()


def comparisons(quick):
    for title, protocol, segment in STREAMS:
        yield lambda: compare(title, protocol, segment, quick)


def table(result):
    """Lines of text."""
    yield f"{result['title']}: what arrives of a stream, and CPU seconds by GiB of that, beside those of \"nothing\""
    ratio = f"{'RATIO':>6} {'(MIN-MAX)':>11}"
    yield f"  {'':20} {'GBIT/S':>7} {ratio} {'CPU S/GIB':>10} {ratio} {'ARRIVED':>8}"
    for r in result["rows"]:
        if "why" in r:
            yield f"  {r['who']:20} - {r['why']}"
            continue
        cells = []
        for what, form in (("gbit", "7.2f"), ("cpu", "10.3f")):
            to = r["ratios"][what]
            between = f"({to['min']:.2f}-{to['max']:.2f})"
            cells.append(f"{r[what]['median']:{form}} {to['median']:6.2f} {between:>11}")
        yield f"  {r['who']:20} {' '.join(cells)} {r['arrived']:8.0%}"

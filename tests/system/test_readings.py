# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
test_readings.py - readings under 20,000 packets a second at all hooks, while rules change the verdicts of live flows.

A reading that says exact is of one instant: live and closed are all of every row, and of what one sender sends not more
than one packet is between OUTPUT and TC. From reading to reading nothing falls.
"""
import collections
import threading

import pytest

from counted import Climbing, below_zero, climbing_rules, climbing_totals, unclosed
from ledger import flow_key
from numbered import Traffic, no_complaints
from swaps import Swaps

RATE = 10000  # each way


class Reader:
    """Reads totals, time and again, in a thread: so what is wrong is kept."""

    inexact = .01  # as many may be; of few on a busy machine more

    def __init__(self, net, readings):
        self.net, self.readings = net, readings
        self.climbing = Climbing()
        self.said_exact = self.exact = 0
        self.wrong = []
        self.thread = threading.Thread(target=self.read_all)

    def read_all(self):
        for _ in range(self.readings):
            self.read()

    def read(self):
        document = self.net.json("stats", "totals", "-j")
        fell = self.climbing.see(climbing_totals(document))
        self.wrong += [fell] if fell else []
        self.wrong += map(str, below_zero(document["totals"]))
        if document["meta"]["exact"]:
            off = unclosed(document) or self.between(document)
            self.said_exact += 1
            self.exact += not off
            self.wrong += [f"says exact, and does not close: {off}"] if off else []

    @staticmethod
    def between(document):
        """Packets that passed OUTPUT and have not come to TC, if that is not one at most."""
        count = {hook: sum(r["packets"] for r in document["totals"] if r["hook"] == hook and r["iface"] == "eth0"
                           and (hook, r["verdict"]) != ("nf", "drop")) for hook in ("nf", "tc")}
        return {} if 0 <= count["nf"] - count["tc"] <= 1 else count


class RuleReader(Reader):
    inexact = 1

    def read(self):
        document = self.net.json("stats", "rules", "-j")
        fell = self.climbing.see(climbing_rules(document))
        self.wrong += [fell] if fell else []


class FlowReader(Reader):
    """Flows between two readings of totals: none leaves the table, so their sums are between what was live."""

    inexact = 1

    def __init__(self, net, readings):
        super().__init__(net, readings)
        self.before = self.live()

    def live(self):
        rows = self.net.json("stats", "totals", "-j")["totals"]
        return {(r["hook"], r["iface"], r["verdict"], part): r[f"live_{part}"]
                for r in rows for part in ("packets", "bytes")}

    def read(self):
        rows, sums = self.net.json("stats", "--raw", "-j")["flows"], collections.Counter(dict.fromkeys(self.before, 0))
        for r in rows:
            sums.update({(r["hook"], r["iface"], r["verdict"], part): r[part] for part in ("packets", "bytes")})
        fell = self.climbing.see({(*flow_key(r), r["verdict"], part): r[part]
                                  for r in rows for part in ("packets", "bytes")})
        self.wrong += [fell] if fell else []
        after = self.live()
        self.wrong += [f"flows of {key}: {n}, between {self.before.get(key, 0)} and {after.get(key, 0)}"
                       for key, n in sums.items() if not self.before.get(key, 0) <= n <= after.get(key, 0)]
        self.before = after


def run(pair, tmp_path, readers, family, ports, table):
    """Every reader with its readings, under traffic."""
    pair.a.ok("attach", "eth0", "--flows", table)
    no_complaints(pair)
    traffic = [Traffic(*ends, RATE, tmp_path, family, ports) for ends in ((pair.a, pair.b), (pair.b, pair.a))]
    try:
        with Swaps(pair.a, ports).going_on() as swaps:
            readers = [kind(pair.a, readings) for kind, readings in readers]
            for r in readers:
                r.thread.start()
            for r in readers:
                r.thread.join()
    finally:
        streams = [t.end() for t in traffic]
    for r in readers:
        print(f"{type(r).__name__}: {r.readings} readings, {r.said_exact} say exact, {r.exact} of these are,"
              f" {len(r.wrong)} faults; {swaps.rate:.0f} swaps/s, {'+'.join(str(round(s.rate)) for s in streams)} packets/s")
    assert [w for r in readers for w in r.wrong[:5]] == []
    assert swaps.count > 0
    for r in readers:
        assert r.readings - r.exact <= r.readings * (r.inexact if r.readings > SHORT else max(r.inexact, .5))


FEW, MANY = 12, 25000  # of each half
TABLES = {"few": (FEW, 65536), "many": (MANY, 524288), "evicted": (MANY, 4096)}
SHORT, LONG = 60, 2000  # readings


def cases(*short, more=()):
    """(family, flows, readings) of these, and all of them for long."""
    return [pytest.param(*case, SHORT, id="-".join(map(str, case))) for case in short] + [
        pytest.param(*case, LONG, id="-".join(map(str, (*case, LONG))), marks=pytest.mark.long) for case in (*short, *more)]


@pytest.mark.parametrize("family,flows,count", cases((4, "few"), (4, "evicted"), more=((6, "few"), (4, "many"), (6, "many"))))
def test_totals_of_one_instant(pair, tmp_path, family, flows, count):
    run(pair, tmp_path, [(Reader, count)], family, *TABLES[flows])


@pytest.mark.parametrize("family,flows,count", cases((6, "few"), more=((4, "many"),)))
def test_three_readers_at_once(pair, tmp_path, family, flows, count):
    run(pair, tmp_path, [(Reader, count // 3)] * 3, family, *TABLES[flows])


@pytest.mark.parametrize("family,flows,count", cases((4, "few"), more=((6, "few"),)))
def test_flows_and_rules(pair, tmp_path, family, flows, count):
    run(pair, tmp_path, [(FlowReader, count // 3), (RuleReader, count // 3)], family, *TABLES[flows])

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
test_sequences.py - random sequences of rules, policies, sets, interfaces and packets at three hooks: all is counted right.

After every step that sends, two views, and all of them at the end of a sequence, must say of each packet what a reading
of the rules, one after the other, says (ledger.py); and that is what the senders were told and what arrived. Whatever
changed meanwhile, no number falls.

A seed is ten sequences in one life of netctl. NETCTL_SEED=N runs that one alone: packets, rules and CPUs are the same.
"""
import collections
import copy
import os
import random
import time

import pytest

from conftest import one_cpu
from counted import Climbing, below_zero, unclosed
from ledger import HOOKS, VIEWS, Ledger, differences
from links import Links
from ruled import HOSTS, PORTS, random_rule

SEQUENCES, STEPS, RULES = 10, 6, 9
LATE = 60  # seconds; far more than a packet needs, on a busy machine as well
SEEDS = [int(os.environ["NETCTL_SEED"])] if "NETCTL_SEED" in os.environ else [
    *range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 100))]



def numbers(size, *at):
    """Of a row: (where, number) of each."""
    if isinstance(size, int):
        yield at, size
    else:
        for n, part in enumerate(size):
            yield from numbers(part, *at, n)


class Life:
    def __init__(self, pair, seed):
        self.draw = random.Random(seed)
        self.net = pair.a
        self.links = Links(pair)
        self.ledger = Ledger()
        self.climbing = collections.defaultdict(Climbing)
        self.log = []
        self.attach("eth0", HOOKS)
        for name, *kind in ((HOSTS,), (PORTS, "ports")):
            self.net.ok("set", "create", name, *kind)

    # ---- changes ----

    def netctl(self, *words, **kwargs):
        self.log.append(" ".join(map(str, words)) + kwargs.get("input", "").replace("\n", "; "))
        return self.net.netctl(*words, **kwargs)

    def ok(self, *words, **kwargs):
        result = self.netctl(*words, **kwargs)
        assert result.code == 0, result
        return result.out

    def attach(self, dev, hooks):
        self.ok("attach", dev, "--hooks", ",".join(hooks))
        self.ledger.attach(dev, hooks)

    def change_interfaces(self):
        """One that is attached at all hooks there always is: when a hook is unloaded, what it has counted goes."""
        on = self.ledger.attached
        spare = [dev for dev in on if any(on[d] >= set(HOOKS) for d in on if d != dev)]
        if spare and self.draw.random() < .5:
            dev = self.draw.choice(spare)
            self.ok("detach", dev)
            del on[dev]
        else:
            hooks = self.draw.choice((HOOKS, HOOKS, ("xdp",), ("tc",), ("xdp", "tc")))
            self.attach(self.draw.choice(self.links.devices), hooks)

    def change_policy(self):
        policy = self.draw.choice(("pass", "drop"))
        self.ok("policy", policy)
        self.ledger.rules.policy.action = policy

    def new_rule(self):
        """That can be added, and differs from those that there are."""
        texts = {str(r) for r in self.ledger.rules.list}
        while True:
            rule = random_rule(self.draw, self.links)
            if str(rule) not in texts and self.net.netctl("check", "-", input=self.sets() + f"{rule}\n").code == 0:
                return rule

    def add_rule(self):
        rules, rule = self.ledger.rules.list, self.new_rule()
        at = self.draw.randrange(len(rules) + 1)
        place = ("last",) if at == len(rules) else ("before", rules[at].id)
        rule.id = int(self.ok("rule", "insert", *place, str(rule)))
        rules.insert(at, rule)

    def change_rule(self):
        rules = self.ledger.rules.list
        if not rules:
            return self.add_rule()
        rule, what = self.draw.choice(rules), self.draw.choice(("del", "del", "move", "switch", "replace"))
        at = rules.index(rule)
        if what == "replace":
            new = self.new_rule()
            new.id = rule.id
            self.ok("rule", "replace", rule.id, str(new))
            new.disabled = rule.disabled and "disabled" in self.net.ok("rule", "list", rule.id)
            rules[at] = new
        elif what == "switch":
            self.ok("rule", "enable" if rule.disabled else "disable", rule.id)
            rule.disabled = not rule.disabled
        else:
            self.ok("rule", what, rule.id, *(("first",) if what == "move" else ()))
            del rules[at]
            if what == "move":
                rules.insert(0, rule)
        return None

    def change_set(self):
        name = self.draw.choice((HOSTS, PORTS))
        of = self.links.addresses if name == HOSTS else self.links.ports
        has = self.ledger.rules.sets[name]
        what = self.draw.choice(("load", "add", "add", "del", "flush")) if has else "add"
        some = set(self.draw.sample(sorted(has) if what == "del" else of, 1 + (self.draw.random() < .3 and len(has) > 1)))
        if what == "load":
            self.ok("set", "load", name, "-", input="\n".join(map(str, sorted(some))) + "\n")
            self.ledger.rules.sets[name] = some
        else:
            self.ok("set", what, name, *(() if what == "flush" else sorted(some)))
            self.ledger.rules.sets[name] = {"add": has | some, "del": has - some, "flush": set()}[what]

    def sets(self):
        return "".join(f"set {name}{' ports' * (name == PORTS)} {{ {', '.join(map(str, sorted(has)))} }}\n"
                       for name, has in self.ledger.rules.sets.items())

    def apply(self):
        """Some of the rules in another order, and new ones; those keep their counters."""
        old = self.ledger.rules.list
        rules = [copy.copy(r) for r in self.draw.sample(old, self.draw.randrange(len(old) + 1))]
        for _ in range(self.draw.randrange(3)):
            rule = self.new_rule()
            if str(rule) not in map(str, rules):
                rules.append(rule)
        lines = [f"{'disabled ' * r.disabled}{r}" for r in rules]
        self.ok("apply", "-", input=self.sets() + "\n".join([f"policy {self.ledger.rules.policy.action}", *lines, ""]))
        for rule, listed in zip(rules, self.net.json("rule", "list", "-j")["rules"], strict=True):
            assert rule.id in (0, listed["id"]), "a rule that stays keeps its id"
            rule.id = listed["id"]
        self.ledger.rules.list = rules

    def change(self):
        few = len(self.ledger.rules.list) < RULES
        self.draw.choice((self.add_rule if few else self.change_rule, self.add_rule if few else self.apply,
                          self.change_rule, self.change_set, self.change_set, self.change_policy, self.apply,
                          self.change_interfaces))()

    # ---- packets ----

    def new_flow(self):
        """A function that sends one packet of it."""
        draw, links = self.draw, self.links
        way, dev, family = draw.choice(("out", "in")), draw.choice(links.devices), draw.choice((4, 6))
        ports, end = (draw.choice(links.ports), draw.choice(links.ports)), draw.randrange(2)
        return draw.choice((
            lambda: links.datagram(way, dev, family, end, ports, draw.choice((8, 100, 900))),
            lambda: links.datagram(way, dev, family, end, ports, draw.choice((8, 100, 1400, 1500, 4000))),
            lambda: links.segment(way, dev, family, ports, draw.choice((2, 16, 24)), draw.choice((0, 100, 1200))),
            lambda: links.segment(draw.choice(("out", "in")), dev, family, ports, 16, 0),
            lambda: links.echo(way, dev, family, 7, draw.randrange(2), draw.choice((8, 200))),
            lambda: links.arp(way, dev)))

    def send(self, flows):
        self.ledger.step += 1
        cpu = self.draw.choice(sorted(os.sched_getaffinity(0)))
        with one_cpu(cpu):
            for flow in self.draw.choices(flows, k=self.draw.randrange(1, 4)):
                for _ in range(self.draw.randrange(1, 5)):
                    packet = flow()
                    self.log.append(f"cpu {cpu}: {packet}")
                    assert self.ledger.sent(packet) == packet.refused

    def connect(self):
        """Where the rules let one through."""
        way, dev, family = (self.draw.choice(some) for some in (("out", "in"), self.links.devices, (4, 6)))
        if not self.ledger.passes(self.links.like_a_connection(dev, family)):
            return
        self.ledger.step += 1
        packets = list(self.links.connect(way, dev, family, self.draw.choice((1, 1000, 20000))))
        self.log.append(f"a connection of {len(packets)} packets: {packets[0]}, ...")
        assert not any([self.ledger.sent(packet) for packet in packets])

    # ---- what is counted ----

    def read(self, views):
        """What is wrong now; what must not be even while packets are on their way fails at once."""
        wrong = []
        self.links.receive()
        if self.links.arrived != self.ledger.arrivals:
            wrong.append(f"arrived but should not: {self.links.arrived - self.ledger.arrivals},"
                         f" should but did not: {self.ledger.arrivals - self.links.arrived}")
        expected = self.ledger.expected()
        for view in views:
            words, rows_of = VIEWS[view]
            document = self.net.json("stats", *words, "-j")
            rows = document[view]
            read = rows_of(rows)
            wrong += [f"{view}: {d}" for d in differences(*(self.ledger.comparable(view, r) for r in (expected[view], read)))]
            assert document["meta"]["exact"] is True and below_zero(rows) == []
            if view != "rules":  # which come and go
                fell = self.climbing[view].see({(key, *at): n for key, size in read.items() for at, n in numbers(size)})
                assert not fell, f"{view}: {fell}"
            if view == "totals":
                assert unclosed(document) == {}
            elif view == "flows":
                wrong += self.ledger.wrong_reasons(rows)
        return wrong

    def check(self, views):
        """All that was sent is counted, and has arrived if it should, as soon as it is there."""
        late = time.monotonic() + LATE
        while wrong := self.read(views):
            assert time.monotonic() < late, "\n".join(wrong)

    def run(self):
        for _ in range(SEQUENCES):
            flows = [self.new_flow() for _ in range(5)]
            for _ in range(STEPS):
                self.change()
                self.draw.choice((self.connect, *[lambda: self.send(flows)] * 5))()
                self.check(self.draw.sample(list(VIEWS), 2))
            self.check(VIEWS)


@pytest.mark.parametrize("seed", SEEDS)
def test_sequences(make_pair, seed):
    life = Life(make_pair(gso=False), seed)
    try:
        life.run()
    except BaseException:
        print("\n".join(life.log))
        print(f"NETCTL_SEED={seed} runs this again")
        raise
    finally:
        life.links.close()

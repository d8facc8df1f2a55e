# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""limiting.py - what tests of limits and of what lasts for a time share: what a limit let pass, and lives."""
import time


def rule(net, number=1):
    """(passed, dropped) of a limit, as rule list and stats rules tell it; both are the same."""
    listed = [r for r in net.json("rule", "list", "-j")["rules"] if r["id"] == number][0]
    counted = [r for r in net.json("stats", "rules", "-j")["rules"] if r["id"] == number][0]
    for key in ("packets", "bytes", "dropped_packets", "dropped_bytes"):
        assert listed[key] == counted[key], key
    return listed["packets"] - listed["dropped_packets"], listed["dropped_packets"]


def limited(net, hook):
    """Packets dropped for the reason "limit" at a hook."""
    return sum(d["packets"] for d in net.json("stats", "drops", "-j")["drops"]
               if (d["hook"], d["reason"]) == (hook, "limit"))


class Life:
    """
    That of a rule or element "for SECONDS", made in a "with" of it. What a test sees of it while it lasts() is how it
    must be; later, on a machine that stood still meanwhile, it may be gone.
    """

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        self.sure = time.monotonic() + self.seconds
        return self

    def __exit__(self, *_):
        self.over = time.monotonic() + self.seconds + 1  # whole seconds are compared

    def lasts(self):
        return time.monotonic() < self.sure

    def ends(self):
        time.sleep(max(0, self.over + 0.1 - time.monotonic()))

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""control.py - the commands: how long loading, replacing, adding and listing take, and what it holds in the kernel.

Wall and CPU time and the largest memory of the command itself, medians of some repetitions. Kernel memory is what is
charged to a control group that the command runs in: ipset's is not charged to anybody, there its own word counts.
"""
import contextlib
import functools
import json
import os
import shutil
import statistics
import time

from cases import MILLION, Rule, host_case, prefix_case, rules_case
from keepers import RULE_KEEPERS, SET_KEEPERS
from world import HERE, Failure, Pair, sh

TIMES, QUICK_TIMES = 3, 1
PATIENCE, MOST_PATIENCE = 10, 120  # seconds, after which nothing is timed once more, and after which nothing at all
NEW = 7  # of what is added one by one


class Group:
    """A control group for memory: version 1 or 2, whichever the machine has; kernel() is None when neither."""

    spent = 0  # seconds, by what ran in it

    def __init__(self):
        self.path = self.file = None
        for root, file in (("/sys/fs/cgroup/memory", "memory.kmem.usage_in_bytes"), ("/sys/fs/cgroup", "memory.stat")):
            path = f"{root}/netctl-bench-{os.getpid()}"
            with contextlib.suppress(OSError):
                os.mkdir(path)
                if os.path.exists(f"{path}/{file}"):
                    self.path, self.file = path, f"{path}/{file}"
                    return
                os.rmdir(path)

    def procs(self):
        """Where a process is put into the group."""
        return f"{self.path}/cgroup.procs" if self.path else ""

    def kernel(self):
        if not self.path:
            return None
        time.sleep(0.3)  # what was replaced is freed a grace period later
        with open(self.file, encoding="ascii") as f:
            told = f.read()
        return int(told) if self.file.endswith("bytes") else int(dict(map(str.split, told.splitlines()))["kernel"])

    def remove(self):
        for _ in range(50 if self.path else 0):
            with contextlib.suppress(OSError):
                os.rmdir(self.path)
                return
            time.sleep(0.1)


def timed(group, words, source=None):
    """(wall seconds, CPU seconds, peak KiB) of a command that must succeed; its output goes nowhere."""
    return json.loads(sh(os.path.join(HERE, "timed"), group.procs(), source or os.devnull, *words, timeout=600))


def samples(group, commands):
    """None when the patience with whoever this group is for was at an end before."""
    rows = []
    for command in commands:
        if sum(r[0] for r in rows) < PATIENCE and group.spent < MOST_PATIENCE:
            rows.append(timed(group, *command))
            group.spent += rows[-1][0]
    if not rows:
        return None
    walls = [r[0] for r in rows]
    return {"s": statistics.median(walls), "s_min": min(walls), "s_max": max(walls),
            "cpu_s": statistics.median(r[1] for r in rows), "peak_mib": max(r[2] for r in rows) / 1024}


def measure(kind, side, make, more, times):
    """What each command took, and the kernel's memory by element. Each replacement is with others than there were."""
    group, keeper = Group(), None
    try:
        keeper, case = kind(side), make(seed=1)
        keeper.prepare(case)
        paths = [keeper.write(case, "first"), keeper.write(make(seed=2), "second")]
        found = {"load": samples(group, [keeper.load(paths[0])]),
                 "replace": samples(group, [keeper.load(paths[(i + 1) % 2]) for i in range(times)])}
        kernel = keeper.kernel(group.kernel())
        found["bytes_each"] = kernel / (len(case.members) or len(case.rules)) if kernel is not None else None
        found["add one"] = samples(group, [keeper.add(one) for one in more])
        found["list"] = samples(group, [keeper.list()] * times)
        return found
    finally:
        if keeper:
            keeper.close()
        group.remove()


def in_namespace(kind, *arguments):
    """measure() in a namespace of its own, with a device."""
    pair = Pair()
    try:
        return measure(kind, pair.receiver, *arguments)
    finally:
        pair.delete()


def compare(title, kinds, make, more, times):
    """make(seed=): a case."""
    rows = []
    for kind in kinds:
        try:
            if not shutil.which(kind.needs):
                raise Failure(f"{kind.needs} is not installed")
            rows.append({"who": kind.name, **in_namespace(kind, make, more, times)})
        except Failure as failure:
            rows.append({"who": kind.name, "why": str(failure)})
    return {"title": title, "rows": rows}


def comparisons(quick):
    """What is compared, one after the other: each is big."""
    times, million, rules = (QUICK_TIMES, 1000, (100,)) if quick else (TIMES, MILLION, (10000, 100000))
    addresses = [f"224.0.0.{i}" for i in range(1, NEW + 1)]  # in no set of ours
    for make, what in ((host_case, "hosts"), (prefix_case, "hosts and prefixes")):
        yield lambda: compare(f"{million:,} {what}", SET_KEEPERS, functools.partial(make, million), addresses, times)
    for count in rules:
        more = [Rule(f"10.0.1.{i}", i) for i in range(1, NEW + 1)]
        yield lambda: compare(f"{count:,} ordered rules", RULE_KEEPERS, functools.partial(rules_case, count), more, times)


COLUMNS = ("load", "replace", "add one", "list")
LIMITS = {f"{MILLION:,} hosts": "load and replace 1.0, add one 0.06, list 0.5, 20 bytes each",
          "10,000 ordered rules": "load 0.4", "100,000 ordered rules": "load 3.0, add one 0.1, peak 1024 MiB"}


def table(result):
    """Lines of text."""
    yield f"{result['title']}: seconds (CPU seconds) of a command"
    yield f"  {'':10}" + "".join(f" {c.upper():>15}" for c in COLUMNS) + f" {'PEAK MIB':>9} {'BYTES EACH':>11}"
    for r in result["rows"]:
        if "why" in r:
            yield f"  {r['who']:10} - {r['why']}"
            continue
        cells = "".join((f" {r[c]['s']:7.3f} ({r[c]['cpu_s']:.3f})" if r[c] else "not timed").rjust(16) for c in COLUMNS)
        each = f"{r['bytes_each']:.1f}" if r["bytes_each"] is not None else "not told"
        yield f"  {r['who']:10}{cells} {max(r[c]['peak_mib'] for c in COLUMNS if r[c]):9.0f} {each:>11}"
    if result["title"] in LIMITS:
        yield f"  limits for netctl: {LIMITS[result['title']]}"

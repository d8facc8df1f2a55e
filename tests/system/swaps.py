# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""swaps.py - rules that change again and again while numbered datagrams (numbered.py) go both ways."""
import contextlib
import itertools
import os
import threading
import time

from numbered import FIRST_PORT

HOOKS = "nf", "tc", "xdp"


class Swaps:
    """
    Between "with" and its end the half of the ports are dropped at a hook, and pass again, and so on, hook after hook: by
    a rule each, and at TC by a set. So each of the swaps changes the verdicts of flows that go on.
    """

    def __init__(self, net, ports):
        """ports: how many even numbers go to, and odd ones."""
        half = FIRST_PORT + ports
        lower, upper = f"{FIRST_PORT + ports // 2}-{half - 1 + ports // 2}", f"{half}-{half + ports - 1}"
        net.ok("set", "create", "some", "ports")
        self.ids = {hook: int(net.ok("rule", "add", f"drop hook {hook} proto udp dport {'@some' if hook == 'tc' else lower}"))
                    for hook in HOOKS}
        self.cycle = itertools.cycle((("rule", "disable", self.ids["nf"]), ("set", "add", "some", upper),
                                      ("rule", "disable", self.ids["xdp"]), ("rule", "enable", self.ids["nf"]),
                                      ("set", "flush", "some"), ("rule", "enable", self.ids["xdp"])))
        self.net, self.count, self.rate = net, 0, 0

    def work(self, over, wrong):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -15)  # not the machine's load says how many
        while not over.is_set():
            done = self.net.netctl(*next(self.cycle))
            if done.code:
                wrong.append(done)
                return
            self.count += 1

    @contextlib.contextmanager
    def going_on(self):
        over, wrong = threading.Event(), []
        begun, thread = time.monotonic(), threading.Thread(target=self.work, args=(over, wrong))
        thread.start()
        try:
            yield self
        finally:
            over.set()
            thread.join()
            self.rate = self.count / (time.monotonic() - begun)
        assert wrong == []

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_demo.py - the demo shows what it promises, and leaves nothing behind: at its end or when interrupted."""
import os
import signal
import subprocess

import pytest

from conftest import BPFFS, HANGS, NETCTL, ROOT


def start():
    return subprocess.Popen([f"{ROOT}/tests/demo", NETCTL], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, start_new_session=True)


def left_over():
    """Namespaces, pins, and processes of the demo's traffic."""
    found = [f"/run/netns/{n}" for n in os.listdir("/run/netns") if n.startswith(("left", "right"))]
    found += [d for d, _, _ in os.walk(BPFFS) if d != BPFFS]
    return found


def test_shows_it_all():
    with start() as demo:
        out = demo.communicate(timeout=HANGS)[0]
    assert demo.returncode == 0, out
    for words in ("attach eth0", "rule add drop dst 10.0.0.5", "stats --watch=1", "detach --all"):
        assert f" {words}" in "".join(line for line in out.splitlines(True) if line.startswith("# netctl"))
    for shown in "drop#1", "icmpv6", "tcp", "100% packet loss", "right: ":
        assert shown in out
    assert left_over() == []


@pytest.mark.parametrize("at", ["ip link add", "attach eth0", "traffic tcp", "rule add", "--watch", "ip netns exec"])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_interrupted(at, how):
    """As soon as it shows a command; SIGINT as a terminal sends it, to the whole group."""
    with start() as demo:
        for line in demo.stdout:
            if line.startswith("# ") and at in line:
                break
        if how == signal.SIGINT:
            os.killpg(demo.pid, how)
        else:
            demo.send_signal(how)
        demo.communicate(timeout=HANGS)
    assert demo.returncode == 128 + how
    assert left_over() == []

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_lock.py - a command that has to wait for another one says so, and not for ever; who only looks never waits."""
import contextlib
import fcntl
import glob
import os
import re
import subprocess

import pytest

from conftest import BPFFS, HANGS, NETCTL

NAMED = rf"process {os.getpid()} \(\S*python\S* .*\)"


@pytest.fixture
def net(pair):
    pair.a.ok("attach", "eth0", "--hooks", "tc")
    return pair.a


@contextlib.contextmanager
def locked():
    """This process holds the lock on the only state there is."""
    fd = os.open(*glob.glob(f"{BPFFS}/netctl/ns*"), os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def test_waits_and_says_for_whom(net):
    with locked():
        waiting = net.popen(NETCTL, "rule", "add", "drop", "dst", "10.0.0.9", stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
        assert re.fullmatch(f"netctl: note: waiting for the lock that {NAMED} holds\n", waiting.stderr.readline())
        assert net.json("rule", "list", "-j")["rules"] == []
        assert waiting.poll() is None
    assert waiting.communicate(timeout=HANGS) == ("1\n", "") and waiting.returncode == 0
    assert "drop dst 10.0.0.9" in net.ok("rule", "list")


def test_gives_up(net):
    """Its minute passes quickly where no sleep is one."""
    words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=clock_nanosleep", "-e",
             "inject=clock_nanosleep:retval=0", "--seccomp-bpf", NETCTL, "detach", "--all"]
    with locked():
        result = net.sh(*words, check_code=False)
    note, fault, hint = result.err.splitlines()
    assert result.code == 1 and note.startswith("netctl: note: waiting for")
    assert re.fullmatch(f"netctl: detach: {NAMED} has held the lock for 60 seconds", fault)
    assert hint == "        when it hangs, end it and try again"
    assert net.json("status", "-j")["attached"]

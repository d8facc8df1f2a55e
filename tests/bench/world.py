# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""world.py - where "make bench-peers" measures: pairs of namespaces joined by veth, and processes that end with us.

Everything is in a mount namespace of this process with its own bpffs and /run/netns: nothing of it outlives it.
"""
import ctypes
import fcntl
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # build/ is where things are built
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
from private_mounts import check, enter_private_mounts, libc, mount

NETCTL = os.path.join(ROOT, "build/netctl")
LIVE, HOLD, STREAM = (os.path.join(ROOT, "build/tests/bench", name) for name in ("live", "hold", "stream"))
RECEIVER_MAC = "02:00:00:00:00:02"
CLONE_NEWNET, SIOCETHTOOL, ETHTOOL_SGRO = 0x40000000, 0x8946, 0x2C


class Failure(Exception):
    """A command or a contestant did not do what it should have."""


def enter():
    if os.geteuid() != 0:
        sys.exit("bench-peers: needs root: it makes network namespaces and loads BPF programs")
    enter_private_mounts()
    os.makedirs("/run/netns", exist_ok=True)
    mount("tmpfs", "/run/netns", "tmpfs")


def sh(*words, text=None, timeout=300):
    """Standard output of a command that must succeed."""
    words = [str(w) for w in words]
    try:
        done = subprocess.run(words, input=text or "", capture_output=True, text=True, timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{' '.join(words)[:120]}: {error}") from error
    if done.returncode:
        why = (done.stderr or done.stdout).strip().splitlines()
        raise Failure(f"{' '.join(words)[:120]}: exit {done.returncode}: {' / '.join(why[:2])[:200]}")
    return done.stdout


class Worker:
    """A process that says "ready", and then answers lines with lines, until its input ends."""

    def __init__(self, words):
        self.words = [str(w) for w in words]
        self.process = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.hear()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(10)
            raise Failure(self.process.stderr.read().strip() or f"{self.words[-4:]} ended")
        return line

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.hear())

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()


class Side:
    """A namespace with the device eth0."""

    def __init__(self, name):
        self.name, self.path, self.dev = name, f"/run/netns/{name}", "eth0"
        sh("ip", "netns", "add", name)

    def words(self, *words):
        """The words that run a command in here. Not "ip netns exec": that hides the bpffs."""
        return ["nsenter", f"--net={self.path}", "--", *words]

    def sh(self, *words, **kwargs):
        return sh(*self.words(*words), **kwargs)

    def worker(self, *words):
        return Worker(self.words(*words))

    def netctl(self, *words, **kwargs):
        return sh(NETCTL, "-N", self.name, *words, **kwargs)

    def set_gro(self, on):
        """With GRO a veth device receives by NAPI, as real ones do, whether XDP is attached to it or not."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(self.path, os.O_RDONLY)
        try:
            check(libc.setns(there, CLONE_NEWNET))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                value = ctypes.create_string_buffer(struct.pack("=II", ETHTOOL_SGRO, on))
                fcntl.ioctl(s, SIOCETHTOOL, struct.pack("16sP8x", self.dev.encode(), ctypes.addressof(value)))
        finally:
            check(libc.setns(home, CLONE_NEWNET))
            os.close(home)
            os.close(there)

    def bpffs(self):
        """A directory for those who pin under the same names in every namespace."""
        path = f"/run/netns/{self.name}.bpf"
        if not os.path.ismount(path):
            os.makedirs(path)
            mount("bpf", path, "bpf")
        return path

    def xdp(self):
        """The id of the program at the device."""
        return json.loads(self.sh("ip", "-d", "-j", "link", "show", self.dev))[0]["xdp"]["prog"]["id"]

    def received(self):
        """Packets that came in at the device; those of them that reached a socket's layer."""
        link = json.loads(self.sh("ip", "-s", "-j", "link", "show", self.dev))[0]
        rows = [line.split() for line in self.sh("cat", "/proc/net/snmp").splitlines() if line.startswith("Ip:")]
        return link["stats64"]["rx"]["packets"], int(dict(zip(*rows))["InDelivers"])


class Pair:
    """sender and receiver, 10.0.0.1 and 10.0.0.2, quiet but for what we send."""

    count = 0

    def __init__(self, gro=True):
        Pair.count += 1
        stem = f"bench{os.getpid()}x{Pair.count}"
        self.sender, self.receiver = Side(stem + "a"), Side(stem + "b")
        sh("ip", "link", "add", "eth0", "address", "02:00:00:00:00:01", "netns", self.sender.name,
           "type", "veth", "peer", "name", "eth0", "address", RECEIVER_MAC, "netns", self.receiver.name)
        for side, number in ((self.sender, 1), (self.receiver, 2)):
            side.sh("sh", "-c", "cd /proc/sys/net/ipv6/conf && echo 1 >all/disable_ipv6 && echo 0 >../../ipv4/conf/all/rp_filter"
                    " && echo 0 >../../ipv4/conf/default/rp_filter")
            side.sh("ip", "link", "set", "lo", "up")
            side.sh("ip", "addr", "add", f"10.0.0.{number}/24", "dev", "eth0")
            side.sh("ip", "link", "set", "eth0", "up")
            if gro:
                side.set_gro(True)  # now: the peer learns only of a device that is up
        self.sender.sh("ip", "neigh", "replace", "10.0.0.2", "lladdr", RECEIVER_MAC, "dev", "eth0", "nud", "permanent")

    def delete(self):
        for side in (self.sender, self.receiver):
            sh("ip", "netns", "del", side.name)


def idle_ticks():
    with open("/proc/stat", encoding="ascii") as f:
        return {int(c): int(rest.split()[3]) for c, rest in re.findall(r"^cpu(\d+) (.*)$", f.read(), re.M)}


def quiet_cpu():
    """Of the CPUs we may use, the one that idled most in the last half second."""
    before = idle_ticks()
    time.sleep(0.5)
    after = idle_ticks()
    return max(os.sched_getaffinity(0), key=lambda cpu: after[cpu] - before[cpu])


def version(*words):
    """The first line a command says of its version, or None when it isn't there."""
    if not shutil.which(words[0]):
        return None
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[0]


def commit():
    """What of netctl it is, by git; the results themselves are no change."""
    if not os.path.exists(f"{ROOT}/.git") or not shutil.which("git"):
        return "not from git"
    git = ["git", "-c", "safe.directory=*", "-C", ROOT]
    changed = sh(*git, "status", "--porcelain", "--", ".", ":!tests/bench/RESULTS.md").strip()
    return sh(*git, "rev-parse", "--short", "HEAD").strip() + (", changed" if changed else "")


def machine():
    """What the figures were measured on, for the report."""
    with open("/proc/cpuinfo", encoding="ascii") as f:
        model = re.search(r"^model name\s*: (.*)$", f.read(), re.M)
    load = os.getloadavg()
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "kernel": os.uname().release,
        "cpu": f"{model.group(1) if model else os.uname().machine}, {os.cpu_count()} CPUs",
        "load": f"{load[0]:.1f} {load[1]:.1f} {load[2]:.1f} (1, 5, 15 minutes)",
        "compilers": "; ".join(filter(None, (version("gcc", "--version"), version("clang", "--version")))),
        "netctl": commit(),
    }

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""conftest.py - what the system tests stand on: namespaces joined by veth pairs, and netctl run inside them.

Everything happens in a mount namespace of this process with its own bpffs and its own /run/netns, so that no
test meets the machine's state and nothing of it outlives the process, however it ends.
"""
import collections
import contextlib
import ctypes
import fcntl
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from private_mounts import BPFFS, check, enter_private_mounts, libc, mount

NETCTL = os.environ.get("NETCTL", os.path.join(ROOT, "build/netctl"))
TOOLS = os.path.join(ROOT, "build/tests/tools")
HANGS = 600  # seconds; far more than any command needs, on a busy machine as well

CLONE_NEWNET = 0x40000000
ETHTOOL = {"tx-checksum": 0x17, "tso": 0x1F, "gso": 0x24, "gro": 0x2C}
SIOCETHTOOL = 0x8946

Result = collections.namedtuple("Result", "code out err")
Count = collections.namedtuple("Count", "packets bytes")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes minutes; runs with --long only")
    if os.geteuid() != 0:
        return
    enter_private_mounts()
    os.makedirs("/run/netns", exist_ok=True)
    mount("tmpfs", "/run/netns", "tmpfs")


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run the tests that take minutes, too")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if os.geteuid() != 0:
            item.add_marker(pytest.mark.skip(reason="needs root: namespaces and BPF"))
        elif "long" in item.keywords and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: --long runs it"))


def sh(*words, timeout=HANGS, check_code=True, **kwargs):
    """Run a command; its Result. Fails the test when the command fails, unless check_code=False."""
    # Python's own idea of the environment: readline puts COLUMNS=80 into the C library's behind its back.
    kwargs.setdefault("env", os.environ)
    if "input" not in kwargs:
        kwargs["stdin"] = subprocess.DEVNULL
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, errors="surrogateescape",
                          timeout=timeout, check=False, **kwargs)
    assert not check_code or done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return Result(done.returncode, done.stdout, done.stderr)


def wait_until(condition, seconds=60):
    """Whether it has come true; far sooner, unless the machine is busy with other things."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@contextlib.contextmanager
def one_cpu(cpu=None):
    """
    On the first CPU, or that one. What this thread sends is taken from the veth device's queue of 256 before it sends
    more: the queue is emptied on the CPU where it was begun, which can be late when the sender has moved to another one.
    """
    cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cpus) if cpu is None else cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cpus)


class Net:
    """One network namespace with its interface eth0."""

    def __init__(self, name):
        self.name = name
        self.path = f"/run/netns/{name}"
        self.dev = "eth0"
        self.mac = self.ip4 = self.ip6 = None
        sh("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words):
        return self.sh("ip", *words)  # not "ip -n", which needs / to be a mount point

    def command(self, *words):
        """The words that run a command in here."""
        return ["nsenter", f"--net={self.path}", "--", *[str(w) for w in words]]

    def sh(self, *words, **kwargs):
        return sh(*self.command(*words), **kwargs)

    def popen(self, *words, **kwargs):
        return subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, **kwargs)

    def netctl(self, *words, timeout=HANGS, **kwargs):
        """Result(code, out, err) of netctl -N this namespace."""
        return sh(NETCTL, "-N", self.name, *words, timeout=timeout, check_code=False, **kwargs)

    def ok(self, *words, **kwargs):
        """Standard output of a netctl command that must succeed."""
        result = self.netctl(*words, **kwargs)
        assert result.code == 0, f"netctl {words}: exit {result.code}\n{result.out}{result.err}"
        return result.out

    def calls(self, trace, *words):
        """The system calls of those names that a netctl command makes, as strace tells them."""
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as log:
            self.sh("strace", "-f", "-qq", "-o", log.name, "-e", f"trace={trace}", NETCTL, *words)
            return [line.split(None, 1)[1] for line in log if "(" in line]

    def inject(self, what, *words):
        """The Result of a netctl command on whose way that happens: inject("bpf:error=ENOMEM:when=3", "status")."""
        return self.sh("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={what.partition(':')[0]}", "-e",
                       f"inject={what}", NETCTL, *words, check_code=False)

    def json(self, *words, **kwargs):
        return json.loads(self.ok(*words, **kwargs))

    def totals(self, hook=None, verdict=None):
        """Count over what "stats totals -j" says of a hook and verdict, all of them when None."""
        rows = [t for t in self.json("stats", "totals", "-j")["totals"]
                if hook in (None, t["hook"]) and verdict in (None, t["verdict"])]
        return Count(sum(t["packets"] for t in rows), sum(t["bytes"] for t in rows))

    def flows(self, **match):
        """Rows of "stats --raw -j" that have these values: flows(hook="tc", dport=53)."""
        rows = self.json("stats", "--raw", "-j")["flows"]
        return [f for f in rows if all(f.get(k) == v for k, v in match.items())]

    def tx_dropped(self):
        """Packets the veth device itself gave up: after TC egress, before the peer's XDP."""
        return int(self.sh("cat", "/proc/net/dev").out.split("eth0:")[1].split()[11])

    def snmp(self, table):
        """What the namespace's own stack has counted: {"OutRequests": 1, ...} of "Ip" or "Tcp"."""
        names, values = [line.split()[1:] for line in self.sh("cat", "/proc/net/snmp").out.splitlines()
                         if line.startswith(table + ":")]
        return dict(zip(names, map(int, values)))

    def tcp_is_over(self):
        """No TCP connection has anything left to send: TIME_WAIT and LISTEN are all there is."""
        lines = self.sh("cat", "/proc/net/tcp", "/proc/net/tcp6").out.splitlines()
        return all(line.split()[3] in ("06", "0A") for line in lines if "local_address" not in line)

    def index(self):
        return int(self.sh("cat", "/proc/net/dev_snmp6/" + self.dev).out.split()[1])

    @contextlib.contextmanager
    def enter(self):
        """This thread is in the namespace: sockets made here stay there."""
        with open("/proc/thread-self/ns/net") as home, open(self.path) as there:
            check(libc.setns(there.fileno(), CLONE_NEWNET))
            try:
                yield self
            finally:
                check(libc.setns(home.fileno(), CLONE_NEWNET))

    def socket(self, *args):
        with self.enter():
            return socket.socket(*args)

    def send(self, address, count, port=9, size=100, source="", sport=0):
        """UDP datagrams; how many of them OUTPUT refused."""
        refused = 0
        with self.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((source, sport))
            for _ in range(count):
                try:
                    s.sendto(bytes(size), (address, port))
                except PermissionError:
                    refused += 1
                except ConnectionRefusedError:
                    pass
        return refused

    def packet_socket(self, dev=None):
        """An AF_PACKET socket on an interface, eth0: what is sent to it leaves as given, Ethernet header and all."""
        raw = self.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        raw.bind((dev or self.dev, 0))
        return raw

    def offload(self, dev, **features):
        """offload("eth0", tso=False, gso=True): an interface's features, as ethtool -K does it."""
        with self.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for feature, on in features.items():
                value = ctypes.create_string_buffer(struct.pack("=II", ETHTOOL[feature.replace("_", "-")], on))
                request = struct.pack("16sP8x", dev.encode(), ctypes.addressof(value))
                fcntl.ioctl(s, SIOCETHTOOL, request)

    def delete(self):
        with contextlib.suppress(FileNotFoundError):
            sh(NETCTL, "-N", self.name, "detach", "--all", check_code=False)
        sh("ip", "netns", "del", self.name, check_code=False)


class Pair:
    """Two namespaces a and b. a: 10.0.0.1, 2001:db8::1; b: 10.0.0.2, 10.0.0.5, 2001:db8::2, 2001:db8::5."""

    serial = itertools.count(1)

    def __init__(self, gso=True, mtu=1500):
        stem = f"t{os.getpid()}x{next(self.serial)}"
        self.a, self.b = Net(stem + "a"), Net(stem + "b")
        self.join("eth0", "10.0.0.", "2001:db8::", gso, mtu)
        for net, low in ((self.a, 1), (self.b, 2)):
            net.mac, net.ip4, net.ip6 = f"02:00:00:00:00:0{low}", f"10.0.0.{low}", f"2001:db8::{low}"

    def join(self, dev, net4, net6, gso=True, mtu=1500):
        """A veth pair between them, dev at both ends: a has the addresses .1 and ::1 there, b .2, .5, ::2 and ::5."""
        macs = [f"02:00:00:00:00:0{low}" for low in (1, 2)]
        sh("ip", "link", "add", dev, "mtu", mtu, "address", macs[0], "netns", self.a.name,
           "type", "veth", "peer", "name", dev, "mtu", mtu, "address", macs[1], "netns", self.b.name)
        for net, numbers in ((self.a, (1,)), (self.b, (2, 5))):
            # Nothing of the kernel's own among the counted packets: no solicitations, reports or ARP.
            net.sh("sh", "-c", f"cd /proc/sys/net/ipv6/conf/{dev} && echo 0 >router_solicitations &&"
                   " echo 0 >accept_dad && echo 0 >autoconf && echo 1 >addr_gen_mode")
            net.ip("link", "set", dev, "arp", "off")
            for n in numbers:
                net.ip("addr", "add", f"{net4}{n}/24", "dev", dev)
                net.ip("addr", "add", f"{net6}{n}/64", "dev", dev, "nodad")
            net.ip("link", "set", dev, "up")
            if not gso:  # TCP builds super-packets for any device that takes them: one segment at most
                net.offload(dev, tso=False, gso=False, gro=False)
                net.ip("link", "set", dev, "gso_max_segs", "1")
        for net, mac, numbers in ((self.a, macs[1], (2, 5)), (self.b, macs[0], (1,))):
            for n in numbers:
                for address in (f"{net4}{n}", f"{net6}{n}"):
                    net.ip("neigh", "replace", address, "lladdr", mac, "dev", dev, "nud", "permanent")

    def delete(self):
        self.a.delete()
        self.b.delete()


@pytest.fixture
def make_pair():
    """make_pair(gso=True, mtu=1500): as many pairs as a test needs."""
    made = []

    def make(**kwargs):
        made.append(Pair(**kwargs))
        return made[-1]

    yield make
    for pair in made:
        pair.delete()


@pytest.fixture
def pair(make_pair):
    return make_pair()


@pytest.fixture
def net(pair):
    """Namespace a, attached at all hooks."""
    pair.a.ok("attach", "eth0")
    return pair.a


@pytest.fixture
def output(pair):
    """Namespace a, attached at OUTPUT alone, in a third of the time: for what rules and sets are like at any hook."""
    pair.a.ok("attach", "eth0", "--hooks", "nf")
    return pair.a


@pytest.fixture
def write(tmp_path):
    """write(text, name): the path of a file with that text."""
    def write(text, name="rules"):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)
    return write


@pytest.fixture
def netctl():
    """netctl(*args, netns=None): Result(code, out, err), in this process's namespace unless told."""
    def run(*words, netns=None, **kwargs):
        return sh(NETCTL, *(("-N", netns) if netns else ()), *words, check_code=False, **kwargs)
    return run

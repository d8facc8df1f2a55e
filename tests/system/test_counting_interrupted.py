# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_counting_interrupted.py - exact counts where OUTPUT is interrupted at any instruction, rules change and readers read.

One CPU does it all: 8 threads send there, and what arrives from the other CPU interrupts them wherever they are,
for it is steered here (RPS), and is answered on the spot: segments of a connection by acknowledgements, SYNs
to closed ports by resets. Every datagram and every reset is a flow of its own, in a table of 2,048 entries.
"""
import contextlib
import json
import os
import socket
import subprocess
import threading
import time

import pytest

from conftest import HANGS, TOOLS, Count, sh
from packets import at_rest, check_sums

PACKETS = int(os.environ.get("FLOOD_PACKETS", "2000000"))
FLOOD_CPU, OTHER_CPU = 0, 1
CONNECTIONS = 1
SYN_PAUSE = 5  # microseconds
STEADY = {"proto": "udp", "sport": 7000, "dport": 9}

pytestmark = pytest.mark.skipif(os.cpu_count() < 2, reason="needs two CPUs")


def spawn(work):
    """Call work() again and again in a thread on the other CPU until stopped; its first error is raised then."""
    stop, errors = threading.Event(), []

    def run():
        os.sched_setaffinity(0, {OTHER_CPU})
        try:
            while not stop.is_set():
                work()
        except BaseException as error:  # a failed assertion as well: for the test's own thread
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, stop, errors


@contextlib.contextmanager
def busy(*works):
    running = [spawn(work) for work in works]
    try:
        yield
    finally:
        for _, stop, _ in running:
            stop.set()
        for thread, _, _ in running:
            thread.join(HANGS)
    for _, _, errors in running:
        if errors:
            raise errors[0]


def connect(pair, port):
    """A TCP connection from b to a; (writer in b, reader in a)."""
    server = pair.a.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(("10.0.0.1", port))
    server.listen(1)
    writer = pair.b.socket(socket.AF_INET, socket.SOCK_STREAM)
    writer.connect(("10.0.0.1", port))
    reader = server.accept()[0]
    server.close()
    writer.settimeout(0.2)
    reader.settimeout(0.2)
    return writer, reader


def give(writer):
    with contextlib.suppress(TimeoutError):
        writer.send(bytes(1 << 15))


def take(reader):
    with contextlib.suppress(TimeoutError):
        reader.recv(1 << 20)


@contextlib.contextmanager
def syns(pair):
    """Segments for ports nobody listens at, until the end of it."""
    words = pair.b.command(f"{TOOLS}/syn_flood", "eth0", pair.a.mac, "10.0.0.2", "10.0.0.1", SYN_PAUSE)
    with subprocess.Popen(["nice", "-n", "-10", "taskset", "-c", str(OTHER_CPU), *words], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as sender:
        yield
        sent = json.loads(sender.communicate(timeout=HANGS)[0])
    assert sent["sent"] > 1000


def flood(pair, *more):
    """Flood from a, TCP from b to a, and what else is to be done meanwhile. What udp_flood says it sent."""
    ends = [connect(pair, 7100 + i) for i in range(CONNECTIONS)]
    sh("ip", "netns", "exec", pair.a.name, "sh", "-c",
       f"echo {1 << FLOOD_CPU:x} >/sys/class/net/eth0/queues/rx-0/rps_cpus")
    works = [lambda w=w: give(w) for w, _ in ends] + [lambda r=r: take(r) for _, r in ends]
    with busy(*works, *more), syns(pair):
        done = json.loads(pair.a.sh(f"{TOOLS}/udp_flood", "-t", 8, "-c", FLOOD_CPU, "-s", 20, PACKETS, timeout=HANGS).out)
    for end in sum(ends, ()):
        end.close()
    at_rest(pair)
    return done


def assert_exact(pair, done):
    """Each hook has counted what the kernel says went by, and nothing else."""
    a, b = pair.a, pair.b
    nf, tc, xdp = a.totals("nf"), a.totals("tc"), b.totals("xdp")
    tcp = a.snmp("Tcp")
    segments = tcp["OutSegs"] + tcp["RetransSegs"]
    ip = a.snmp("Ip")["OutRequests"]
    report = {"done": done, "tcp": tcp, "ip": ip, "nf": nf, "tc": tc, "xdp": xdp}
    assert segments > 10000, report
    assert nf.packets == ip, report
    passed = a.totals("nf", "pass")
    assert passed.packets == done["sent"] + done["steady"] + segments, report
    assert tc == Count(passed.packets, passed.bytes + 14 * passed.packets), report
    assert xdp.packets == a.totals("tc", "pass").packets - a.tx_dropped(), report
    assert a.totals("xdp").packets == b.totals("tc").packets - b.tx_dropped(), report
    assert b.totals("nf").packets == b.snmp("Ip")["OutRequests"], report
    report["segments"] = segments
    for net in a, b:
        check_sums(net)
    tables = {t["hook"]: t for t in a.json("stats", "totals", "-j")["meta"]["tables"]}
    assert tables["nf"]["evicted"] > done["sent"] // 2, report
    return report


@pytest.fixture
def flooded(make_pair):
    pair = make_pair(gso=False)
    pair.a.ip("route", "add", "default", "via", "10.0.0.2")
    for net in pair.a, pair.b:
        net.ok("attach", "eth0", "--flows", "2048")
    return pair


def test_interrupted_senders(flooded):
    """8 threads, 2,000,000 datagrams, and TCP answering in the middle of them."""
    done = flood(flooded)
    assert done["sent"] == PACKETS and done["failed"] == 0
    assert_exact(flooded, done)
    for hook in "nf", "tc":
        rows = flooded.a.flows(hook=hook, **STEADY)
        assert [f["packets"] for f in rows] == [done["steady"]], hook


def test_rules_change(flooded):
    """A rule that drops a part of it comes and goes all the time."""
    a = flooded.a
    a.ok("rule", "add", "pass", "proto", "tcp")
    changes = []

    def change():
        changes.append(a.ok("rule", "insert", "first", "drop", "dst", "198.18.0.0/16"))
        time.sleep(0.1)
        a.ok("rule", "del", "drop", "dst", "198.18.0.0/16")
        time.sleep(0.1)

    done = flood(flooded, change)
    assert len(changes) > 3 and done["failed"] > 0
    report = assert_exact(flooded, done)
    assert a.totals("nf", "drop").packets >= done["failed"], report
    rules = {r["text"]: r["packets"] for r in a.json("stats", "rules", "-j")["rules"]}
    assert rules["pass proto tcp"] == 2 * report["segments"] + a.totals("xdp").packets, report


def test_readers(flooded):
    """Snapshots taken all the time count nothing twice, and change nothing of what is counted."""
    a, seen = flooded.a, []

    def read():
        stats = a.json("stats", "totals", "-j")
        steady = a.flows(hook="nf", **STEADY)
        seen.append((stats["meta"]["exact"], {(t["hook"], t["verdict"]): t for t in stats["totals"]},
                     sum(f["packets"] for f in steady)))

    done = flood(flooded, read)
    assert_exact(flooded, done)
    read()
    assert len(seen) > 3
    assert any(exact for exact, _, _ in seen[:-1]), "no snapshot was exact"
    for (exact, before, steady), (_, after, more) in zip(seen, seen[1:]):
        assert steady <= more <= done["steady"]
        for key, t in before.items():
            assert t["packets"] <= after[key]["packets"]
            if exact:
                assert t["live_packets"] + t["closed_packets"] <= after[key]["packets"], (key, t, after[key])
    assert seen[-1][2] == done["steady"]

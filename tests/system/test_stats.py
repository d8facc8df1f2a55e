# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_stats.py - every view of netctl stats on real traffic: what was sent is what is shown, once, and says so."""
import datetime
import json
import os
import pty
import re
import socket
import subprocess
import time

import pytest

from conftest import HANGS, NETCTL, one_cpu, wait_until

UDP4 = 14 + 20 + 8


def send_udp(net, count, size=100, sport=6000, dport=7000, to="10.0.0.2"):
    net.send(to, count, dport, size, sport=sport)


def listen_udp(net, port=7000):
    s = net.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(("::", port))
    return s


@pytest.fixture
def attached(pair):
    pair.a.ok("attach", "eth0")
    with listen_udp(pair.b):
        yield pair.a


def conversations(net, *words, **match):
    rows = net.json("stats", "-j", *words)["conversations"]
    return [r for r in rows if all(r.get(k) == v for k, v in match.items())]


def table(net, *words, columns=80):
    return net.ok("stats", *words, env=dict(os.environ, COLUMNS=str(columns))).splitlines()


def test_nothing_yet(attached):
    assert conversations(attached) == []
    assert attached.netctl("stats").code == 0
    assert attached.json("stats", "--raw", "-j")["flows"] == []
    assert attached.ok("stats", "--ndjson") == ""


def test_not_attached(pair):
    for view in ((), ("--raw",), ("totals",), ("rules",), ("drops",), ("--watch", "-c", "1")):
        result = pair.a.netctl("stats", *view)
        assert result.code == 3 and "not attached" in result.err and not result.out


def test_raw(attached):
    before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=1)
    send_udp(attached, 5)
    document = attached.json("stats", "--raw", "-j")
    rows = [f for f in document["flows"] if f["dport"] == 7000]
    assert sorted(f["hook"] for f in rows) == ["nf", "tc"]
    for f in rows:
        assert f["packets"] == 5
        assert f["bytes"] == 5 * (UDP4 + 100 - (14 if f["hook"] == "nf" else 0))
        assert (f["iface"], f["vlan"], f["vlan_inner"], f["family"], f["proto"]) == ("eth0", 0, 0, "ipv4", "udp")
        assert (f["src"], f["sport"], f["dst"]) == ("10.0.0.1", 6000, "10.0.0.2")
        assert (f["verdict"], f["rule"], f["audit"], f["tcp_flags"]) == ("pass", None, None, "")
        first, last = (datetime.datetime.fromisoformat(f[k].replace("Z", "+00:00"))
                       for k in ("first_seen", "last_seen"))
        assert before <= first <= last <= before + datetime.timedelta(seconds=30)
    meta = document["meta"]
    assert meta["exact"] is True and meta["flows"] == len(document["flows"]) and meta["generation"] > 0
    assert isinstance(meta["tick_ms"], int) or meta["tick_ms"] % 1
    assert [t["hook"] for t in meta["tables"]] == ["xdp", "tc", "nf"]
    assert all(t["overflow_packets"] == 0 and t["capacity"] > 0 for t in meta["tables"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", meta["time"])


def test_one_row_a_conversation(attached, pair):
    """5 packets out, 3 back: one row; what OUTPUT and TC both saw is there once."""
    with listen_udp(pair.b, 7050) as peer:
        send_udp(attached, 5, dport=7050)
        for _ in range(3):
            peer.sendto(bytes(50), ("::ffff:10.0.0.1", 6000))
    row, = conversations(attached, proto="udp")
    assert (row["tx_packets"], row["tx_bytes"], row["tx_hook"]) == (5, 5 * (UDP4 + 100), "tc")
    assert (row["rx_packets"], row["rx_bytes"]) == (3, 3 * (UDP4 + 50))
    assert (row["local"], row["local_port"], row["peer"], row["peer_port"]) == ("10.0.0.1", 6000, "10.0.0.2", 7050)


def test_both_directions_and_tcp(attached, pair):
    server = pair.b.socket(socket.AF_INET6, socket.SOCK_STREAM)
    server.bind(("::", 8000))
    server.listen(1)
    for address in ("10.0.0.2", "2001:db8::2"):
        client = attached.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        begun = time.monotonic()
        client.connect((address, 8000))
        peer = server.accept()[0]
        client.sendall(b"x" * 1000)
        assert peer.recv(1000)
        peer.close()
        client.close()
        assert wait_until(lambda: attached.tcp_is_over() and pair.b.tcp_is_over())
        rows = conversations(attached, peer=address)
        assert len(rows) == 1
        row = rows[0]
        assert row["proto"] == "tcp" and row["verdict"] == "pass"
        assert row["tx_packets"] >= 4 and row["rx_packets"] >= 3 and row["tx_bytes"] > 1000
        assert set("FSA") <= set(row["tcp_flags"])
        assert row["packets"] == row["tx_packets"] + row["rx_packets"]
        # An average over the life of the flow, a second at least.
        took = time.monotonic() - begun
        assert row["tx_bytes"] * 8 / max(1, took) - 1 <= row["tx_bits_per_second"] <= row["tx_bytes"] * 8 + 1
    assert len(conversations(attached, "-4")) == len(conversations(attached, "-6")) == 1
    server.close()


def test_icmp_and_arp(attached, pair):
    attached.sh("ping", "-q", "-c", "3", "-i", "0.05", "10.0.0.2")
    attached.sh("ping", "-q", "-c", "2", "-i", "0.05", "2001:db8::2")
    raw = attached.packet_socket()
    raw.send(bytes.fromhex("ffffffffffff020000000001" "0806") + bytes(28))
    raw.close()
    row = conversations(attached, proto="icmp")[0]
    assert (row["icmp"], row["tx_packets"], row["rx_packets"]) == ("echo-request", 3, 3)
    row = conversations(attached, family="ipv6")[0]
    assert (row["icmp"], row["tx_packets"], row["rx_packets"]) == ("echo-request", 2, 2)
    row = conversations(attached, family="other")[0]
    assert (row["proto"], row["local"], row["peer"], row["tx_packets"]) == ("arp", None, None, 1)
    assert any("10.0.0.2 echo-request" in line for line in table(attached))
    assert any(line.startswith("arp ") for line in table(attached))


def test_interface_that_is_gone(pair):
    """It has counters under the name it had, and what fails while they are read is told as what it is."""
    net, words = pair.a, ["stats", "-i", "one"]
    net.ip("link", "add", "one", "type", "veth", "peer", "name", "two")
    net.ok("attach", "one", "--hooks", "tc")
    net.ip("link", "del", "one")
    assert "| one tc" in net.ok(*words)
    for n in range(1, 1 + len(net.calls("bpf", *words))):
        failed = net.inject(f"bpf:error=ENOMEM:when={n}", *words)
        assert "no such interface" not in failed.err, (n, failed)


@pytest.mark.parametrize("where", ["hook nf ", "hook tc ", ""])
def test_dropped_row(attached, where):
    rule = int(attached.ok("rule", "add", f"drop {where}dst 10.0.0.5"))
    with one_cpu():
        send_udp(attached, 4, to="10.0.0.5")
    row = conversations(attached, peer="10.0.0.5")[0]
    assert (row["verdict"], row["rule"], row["tx_packets"]) == ("drop", rule, 4)
    lines = table(attached, "-n")
    assert any(f"10.0.0.5:7000" in line and f"drop#{rule}" in line for line in lines)
    assert "drop 4p" in lines[-1]
    rules = attached.json("stats", "rules", "-j")["rules"]
    assert [(r["id"], r["packets"]) for r in rules] == [(rule, 4), (None, rules[-1]["packets"])]
    assert "dst 10.0.0.5" in rules[0]["text"] and rules[-1]["text"] == "policy pass"
    drops = attached.json("stats", "drops", "-j")["drops"]
    assert [(d["reason"], d["packets"], d["verdict"]) for d in drops] == [("rule", 4, "drop")]
    attached.ok("rule", "del", rule)
    assert any("drop#gone" in line for line in table(attached, "-n"))
    assert conversations(attached, peer="10.0.0.5")[0]["rule"] is None
    with one_cpu():  # the same entry of the flow table
        send_udp(attached, 4, to="10.0.0.5")
    row, = (r for r in attached.json("stats", "--raw", "-j")["flows"] if r["verdict"] == "drop")
    assert (row["reason"], row["rule"], row["packets"]) == ("rule", None, 4)
    assert sum("drop#gone" in line for line in table(attached, "--raw", "-n")) == 1


def test_audit_and_policy(attached):
    rule = int(attached.ok("rule", "add", "audit proto udp dport 7000"))
    send_udp(attached, 2)
    row = conversations(attached, peer_port=7000)[0]
    assert (row["verdict"], row["rule"], row["audit"]) == ("pass", None, rule)
    assert any(f"audit#{rule}" in line for line in table(attached))
    assert attached.json("stats", "rules", "-j")["rules"][0]["packets"] == 4  # OUTPUT and TC
    attached.ok("policy", "drop")
    send_udp(attached, 2, dport=7002)
    assert any("drop policy" in line for line in table(attached))


def test_totals_add_up(attached):
    send_udp(attached, 7)
    rows = attached.json("stats", "totals", "-j")["totals"]
    assert {(r["hook"], r["iface"], r["verdict"]): r["packets"] for r in rows if r["packets"]} == {
        ("tc", "eth0", "pass"): 7, ("nf", "eth0", "pass"): 7}
    for r in rows:
        assert r["live_packets"] + r["closed_packets"] == r["packets"]
        assert r["live_bytes"] + r["closed_bytes"] == r["bytes"]


def test_exact_while_flows_come_and_go(pair):
    """A small table, flooded: every snapshot taken meanwhile is consistent, the last one complete."""
    net = pair.a
    net.ok("attach", "eth0", "--hooks", "tc", "--flows", "1024")
    with listen_udp(pair.b):
        child = os.fork()
        if not child:
            for i in range(20000):
                send_udp(net, 1, size=1, sport=1024 + i)
            os._exit(0)
        seen = 0
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            document = net.json("stats", "totals", "-j")
            for r in document["totals"]:
                # In totals but in no flow yet may be what came while the table was read: after the last snapshot.
                if document["meta"]["exact"]:
                    assert 0 <= r["packets"] - r["live_packets"] - r["closed_packets"] <= r["packets"] - seen
                assert r["packets"] >= seen
                seen = r["packets"]
    document = net.json("stats", "totals", "-j")
    assert document["meta"]["exact"] and document["meta"]["tables"][0]["evicted"] > 0
    row, = [r for r in document["totals"] if r["verdict"] == "pass"]
    assert row["packets"] == 20000 == row["live_packets"] + row["closed_packets"]


def test_sort_top_interface(attached, pair):
    for i, n in enumerate((3, 9, 6)):
        send_udp(attached, n, dport=7100 + i, sport=6100 + i)
    ports = [r["peer_port"] for r in conversations(attached) if r["proto"] == "udp"]
    assert ports == [7101, 7102, 7100]
    assert [r["peer_port"] for r in conversations(attached, "-s", "peer", proto="udp")] == [7100, 7101, 7102]
    assert [r["peer_port"] for r in conversations(attached, "-r", proto="udp")] == [7100, 7102, 7101]
    assert len(conversations(attached, "-t", "2")) == 2
    assert len(conversations(attached, "-t", "0")) >= 3
    assert conversations(attached, "-i", "lo") == []
    assert len(conversations(attached, "-i", "eth0")) >= 3
    assert attached.netctl("stats", "-i", "nope").code == 3
    assert "bytes" in attached.ok("stats", "-s", "help")


def test_tables(attached, pair):
    with listen_udp(pair.b, 53):
        send_udp(attached, 3, dport=53)
    lines = table(attached)
    assert re.fullmatch(r"P +LPORT PEER +TX/s +RX/s BYTES VERDICT", lines[0])
    assert re.fullmatch(r"udp +6000 10\.0\.0\.2:(53|domain|dns) +[\d.]+k +0 +426 pass", lines[1])
    assert re.fullmatch(r"\d+ flows? tx [\d.]+k? rx 0 drop 0p \| table \d+/\d+ overflow 0p", lines[-1])
    wide = table(attached, "-n", columns=120)
    assert re.fullmatch(r"P +LOCAL +PEER +TX/s +RX/s PKTS BYTES DROP VERDICT IFACE", wide[0])
    assert re.fullmatch(r"17 +10\.0\.0\.1:6000 +10\.0\.0\.2:53 .* 3 +426 +0 pass +eth0", wide[1])
    assert "eth0" in wide[-1] and "tc" in wide[-1]
    for family in ("-4", "-6"):  # drops are counted of all families
        assert re.fullmatch(r"\d+ flows? tx [\d.]+k? rx 0 \| table .*", table(attached, family)[-1])
    assert len(table(attached, "-H")) == len(lines) - 1
    for view in ("totals", "rules", "drops"):
        # Word by word: without its heading a column may be narrower.
        bare = table(attached, view, "-H", columns=80)
        assert [row.split() for row in bare] == [row.split() for row in table(attached, view)[1:]]
    for columns in (40, 80, 120, 200):
        for words in ((), ("--raw",), ("totals",), ("rules",), ("drops", "-a")):
            rows = table(attached, *words, columns=columns)
            assert all(len(r) <= max(columns, 80) for r in rows[:-1]), (columns, words)


def test_machine_output(attached):
    send_udp(attached, 2)
    for words, name in (((), "conversations"), (("--raw",), "flows"), (("totals",), "totals"),
                        (("rules",), "rules"), (("drops", "-a"), "drops")):
        document = attached.json("stats", *words, "-j")
        lines = attached.ok("stats", *words, "--ndjson").splitlines()
        assert list(document) == ["meta", name]
        assert [json.loads(line) for line in lines] == document[name]


def test_watch(attached):
    """Rates over the interval: what was sent before does not count."""
    send_udp(attached, 50)
    started = time.monotonic()
    lines = attached.ok("stats", "--watch=0.3", "-c", "2", "--ndjson").splitlines()
    assert time.monotonic() - started > 0.5
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 2 and all(r["tx_bits_per_second"] == 0 and r["tx_packets"] == 50 for r in rows)
    interval, spawned = 0.5, time.monotonic()
    with attached.popen(NETCTL, "stats", f"--watch={interval}", "--ndjson", stdout=subprocess.PIPE) as child:
        rows, late = [json.loads(child.stdout.readline())], [time.monotonic() - spawned - interval]
        send_udp(attached, 10)
        while len(rows) < 100 and rows[-2:][0]["tx_packets"] < 60:  # and one more
            rows.append(json.loads(child.stdout.readline()))
            late.append(time.monotonic() - spawned - interval * len(rows))
        child.terminate()
    assert (rows[0]["tx_packets"], rows[-1]["tx_packets"]) == (50, 60)
    for before, row, began_late, ended_late in zip(rows, rows[1:], late, late[1:]):
        bits = (row["tx_packets"] - before["tx_packets"]) * (UDP4 + 100) * 8
        # Pictures are due at fixed times; each was taken no later than it was read here.
        assert bits / (interval + ended_late) * 0.99 <= row["tx_bits_per_second"]
        assert began_late >= interval / 2 or row["tx_bits_per_second"] <= bits / (interval - began_late) * 1.01


def test_terminal(attached):
    """On a terminal the table fits it, and --watch paints over itself; nothing else does."""
    for i in range(40):
        send_udp(attached, 1, sport=6200 + i)
    leader, follower = pty.openpty()
    child = attached.popen(NETCTL, "stats", "--watch=0.2", "-c", "1", stdout=follower,
                           env=dict(os.environ, COLUMNS="80", LINES="20"))
    assert child.wait(timeout=HANGS) == 0
    os.close(follower)
    text = os.read(leader, 65536).decode()
    os.close(leader)
    assert text.startswith("\x1b[H\x1b[J") and text.count("\x1b") == 2
    assert text.count("\n") <= 20
    assert "\x1b" not in attached.ok("stats", "--watch=0.2", "-c", "1")


@pytest.mark.parametrize("words", [
    ("foo",), ("totals", "foo"), ("--raw", "totals"), ("-t", "x"), ("-t", "-1"), ("-t", ""), ("-c", "1"),
    ("--watch=0",), ("--watch=x",), ("--watch", "-c", "0"), ("-s", "bite"), ("-s", ""), ("-Z",), ("--bogus",),
    ("-i",), ("rules", "-i", "eth0"), ("totals", "-s", "bytes"), ("-4", "-6"), ("--raw", "-64"),
    ("totals", "-4"), ("rules", "-6"), ("drops", "-4"), ("x" * 10000,), ("-s", "x" * 10000),
])
def test_bad_words(netctl, words):
    result = netctl("stats", *words)
    assert result.code == 2 and not result.out
    assert result.err.startswith("netctl: stats: ") and len(result.err) < 1000


def test_hostile_interface_name(attached):
    name = b"e\x1b[2J\xff"
    for words in ((b"link", b"add", b"v0", b"type", b"veth", b"peer", b"v1"), (b"link", b"set", b"v0", b"name", name),
                  (b"link", b"set", name, b"up"), (b"link", b"set", b"v1", b"up"),
                  (b"addr", b"add", b"10.9.0.1/24", b"dev", name)):
        subprocess.run([w.encode() for w in attached.command("ip")] + list(words), check=True)
    send_udp(attached, 2, to="10.9.0.2")
    for words in (("stats",), ("stats", "--raw"), ("stats", "totals"), ("stats", "drops", "-a"),
                  ("stats", "-j"), ("stats", "--ndjson"), ("stats", "totals", "-j")):
        out = attached.ok(*words)
        assert "e\\x1b[2J\\xff" in out.replace("\\\\", "\\") or words == ("stats",)
        assert all(c == "\n" or " " <= c <= "~" for c in out)


def test_full_disk(attached):
    with open("/dev/full", "w") as full:
        child = attached.popen(NETCTL, "stats", stdout=full, stderr=subprocess.PIPE)
        err = child.communicate(timeout=HANGS)[1].decode()
    assert child.returncode == 1 and err.count("\n") == 1

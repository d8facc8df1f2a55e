# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_import_packets.py - the same packets meet rules of nft or iptables, and then what "netctl import" makes of them."""
import contextlib
import itertools
import json
import random
import shutil
import socket
import struct
import subprocess

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from conftest import HANGS, NETCTL, one_cpu

PORTS = (1001, 1002, 1003)
END = 1009  # what no rule is about
MACS = ("02:00:5e:00:00:01", "02:00:5e:00:00:02", "02:00:5e:01:00:01", "02:aa:00:00:00:01", "02:00:00:00:00:01")
CLASSES = {0: "cs0", 8: "cs1", 10: "af11", 38: "af43", 46: "ef", 56: "cs7"}
TTLS = (1, 2, 5, 9, 64, 254, 255)
MARKS = (0, 1, 2, 0x10, 0x13, 0x101, 0x8001, 0xca6c, 0xffffffff)
SEEDS = range(2)


@contextlib.contextmanager
def listening(net):
    """Sockets of both families for all ports; yields a function: the numbers in what arrives until the last has."""
    sockets = [net.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in (*PORTS, END)]
    for s, port in zip(sockets, (*PORTS, END)):
        s.bind(("::", port))

    def numbers():
        sockets[-1].settimeout(HANGS)
        sockets[-1].recv(100)
        got = set()
        for s in sockets[:-1]:
            s.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    got.add(int(s.recv(100)))
        return got

    try:
        yield numbers
    finally:
        for s in sockets:
            s.close()


def frame(pair, number, port, six, mac, dscp, ttl):
    head = (IPv6(src=pair.a.ip6, dst=pair.b.ip6, tc=dscp << 2, hlim=ttl) if six else
            IP(src=pair.a.ip4, dst=pair.b.ip4, tos=dscp << 2, ttl=ttl))
    return bytes(Ether(src=mac, dst=pair.b.mac) / head / UDP(sport=999, dport=port) / Raw(str(number).encode()))


def received(pair, seed):
    """From a to b, of any MAC address, DSCP and TTL: which arrive at b's sockets."""
    drawn = random.Random(seed).sample(list(itertools.product(PORTS, (False, True), MACS, CLASSES, TTLS)), 400)
    frames = [frame(pair, i, *one) for i, one in enumerate(drawn)]
    with listening(pair.b) as numbers, pair.a.packet_socket() as raw, one_cpu():
        for f in (*frames, frame(pair, 0, END, False, pair.a.mac, 0, 64)):
            raw.send(f)
        return {drawn[i] for i in numbers()}


def sent(pair, seed):
    """From b's own sockets to a, of any mark, DSCP and TTL: which arrive at a's."""
    drawn = random.Random(seed).sample(list(itertools.product(PORTS, (False, True), MARKS, CLASSES, TTLS)), 400)
    with listening(pair.a) as numbers, one_cpu():
        for i, (port, six, mark, dscp, ttl) in enumerate(drawn):
            with pair.b.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, struct.pack("=I", mark))
                level, tos, hops = ((socket.IPPROTO_IPV6, socket.IPV6_TCLASS, socket.IPV6_UNICAST_HOPS) if six else
                                    (socket.IPPROTO_IP, socket.IP_TOS, socket.IP_TTL))
                s.setsockopt(level, tos, dscp << 2)
                s.setsockopt(level, hops, ttl)
                with contextlib.suppress(PermissionError):
                    s.sendto(str(i).encode(), (pair.a.ip6 if six else pair.a.ip4, port))
        pair.b.send(pair.a.ip4, 1, port=END)
        return {drawn[i] for i in numbers()}



def listed(draw, values):
    chosen = draw.sample(values, draw.randint(1, 3))
    return chosen[0] if len(chosen) == 1 else "{ " + ", ".join(chosen) + " }"


def nft_mac(draw, family):
    return draw.choice((
        lambda: f"ether saddr {draw.choice(('', '!= '))}{listed(draw, MACS)}",
        lambda: f"ether saddr {draw.choice(('', '!= '))}02:00:5e:00:00:00/{draw.choice((24, 32, 40))}",
        lambda: f"ether saddr 02:00:5e:00:00:{draw.choice(('00-02:00:5e:01:ff:ff', '02-02:00:5e:00:00:05'))}",
        lambda: f"ether saddr & ff:00:00:00:00:ff {draw.choice(('==', '!='))} 02:00:00:00:00:01",
        lambda: "ether daddr != 02:00:00:00:00:02"))()


def nft_dscp(draw, family):
    return f"{family} dscp {draw.choice(('', '!= '))}{listed(draw, list(CLASSES.values()))}"


def nft_ttl(draw, family):
    return {"ip": "ip ttl ", "ip6": "ip6 hoplimit "}[family] + draw.choice((
        lambda: draw.choice(("", "!= ", "< ", "> ", "<= ", ">= ")) + str(draw.choice(TTLS[1:-1])),
        lambda: f"{draw.choice(('', '!= '))}2-{draw.choice((5, 9, 64))}",
        lambda: listed(draw, [str(t) for t in TTLS])))()


def nft_mark(draw, family):
    return "meta mark " + draw.choice((
        lambda: draw.choice(("", "!= ")) + listed(draw, [hex(m) for m in MARKS]),
        lambda: f"& {draw.choice(('0xff', '0x1', '0xf000', '0xfffffff0'))} {draw.choice(('==', '!='))} 0x0",
        lambda: f"& 0xff {draw.choice(('==', '!='))} {draw.choice(('0x1', '0x10', '0x6c'))}",
        lambda: f"{draw.choice(('<', '>', '<=', '>='))} {draw.choice(('0x2', '0x10', '0x102'))}",
        lambda: f"{draw.choice(('', '!= '))}0x{draw.choice(('2-0x12', '10-0x1f', '100-0x8fff'))}"))()


def nft_rules(draw, matches):
    """Rules that jump, return and decide by those matches, and a chain that they jump to."""
    def rule(verdicts):
        port = f"udp dport {draw.choice(PORTS)} " if draw.random() < .6 else ""
        family = draw.choice(("ip", "ip6"))
        found = " ".join(match(draw, family) for match in draw.sample(matches, draw.randint(1, min(2, len(matches)))))
        verdict = draw.choice(verdicts)
        return f"{'' if verdict == 'return' else port}{found} {verdict}"

    chain = [rule(("drop", "accept", "return")) for _ in range(4)]
    return chain, [rule(("drop", "accept", "jump chosen", "goto chosen")) for _ in range(5)]


def nft_table(draw, hook, matches):
    chosen, rules = nft_rules(draw, matches)
    return "\n\t\t".join(["table inet t {\n\tchain chosen {", *chosen, "}", f"chain {hook} {{",
                          f"type filter hook {hook} priority 0; policy accept;", f"udp dport {END} accept", *rules, "}\n}\n"])


def nft_egress(draw, matches):
    chosen, rules = nft_rules(draw, matches)
    return "\n\t\t".join(["table netdev t {\n\tchain chosen {", *chosen, "}", "chain egress {",
                          'type filter hook egress device "eth0" priority 0; policy accept;',
                          f"udp dport {END} accept", *rules, "}\n}\n"])


def dump(net):
    """With the device that older versions leave out."""
    objects = json.loads(net.sh("nft", "-j", "list", "ruleset").out)
    for one in objects["nftables"]:
        if one.get("chain", {}).get("hook") == "egress":
            one["chain"]["dev"] = "eth0"
    return json.dumps(objects)


def take_over(net, kind, text):
    """netctl instead of the other filter."""
    done = subprocess.run([NETCTL, "import", kind, "-"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    net.sh("nft", "flush", "ruleset")
    net.ok("attach", "eth0")
    net.ok("apply", "-", input=done.stdout)
    return done.stdout


NFT = {"mac": ("input", [nft_mac], received), "dscp": ("input", [nft_dscp], received),
       "ttl": ("input", [nft_ttl], received), "received": ("input", [nft_mac, nft_dscp, nft_ttl], received),
       "mark": ("output", [nft_mark], sent), "sent": ("output", [nft_mark, nft_dscp, nft_ttl], sent),
       "egress": ("egress", [nft_mark, nft_dscp, nft_ttl], sent)}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NFT)
def test_nft(pair, write, name, seed):
    hook, matches, send = NFT[name]
    draw = random.Random(f"{name} {seed}")
    text = nft_egress(draw, matches) if hook == "egress" else nft_table(draw, hook, matches)
    pair.b.sh("nft", "-f", write(text))
    theirs = send(pair, seed)
    rules = take_over(pair.b, "nft-json", dump(pair.b))
    ours = send(pair, seed)
    assert theirs == ours, f"{text}\n{rules}\ntheirs alone {theirs - ours}, ours alone {ours - theirs}"


def iptables_match(draw, name):
    no = draw.choice(("", "! "))
    return {"mac": lambda: f"-m mac {no}--mac-source {draw.choice(MACS)}",
            "dscp": lambda: draw.choice((f"-m dscp {no}--dscp {draw.choice(list(CLASSES))}",
                                         f"-m tos {no}--tos {hex(draw.choice(list(CLASSES)) << 2)}/0xfc")),
            "ttl": lambda: draw.choice((f"-m ttl {no}--ttl-eq ", "-m ttl --ttl-lt ", "-m ttl --ttl-gt ")) +
            str(draw.choice(TTLS[1:-1])),
            "mark": lambda: f"-m mark {no}--mark " + draw.choice(("0x1", "0x1/0xff", "0x8000/0x8000", "0xca6c"))}[name]()


IPTABLES = {"INPUT": ("mac dscp ttl".split(), received), "OUTPUT": ("mark dscp ttl".split(), sent)}


@pytest.mark.skipif(not shutil.which("iptables-restore"), reason="iptables is not installed")
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("six", (False, True), ids=("iptables", "ip6tables"))
@pytest.mark.parametrize("chain", IPTABLES)
def test_iptables(pair, chain, six, seed):
    names, send = IPTABLES[chain]
    draw = random.Random(f"{chain} {six} {seed}")
    lines = ["*filter", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":chosen - [0:0]",
             f"-A {chain} -p udp --dport {END} -j ACCEPT"]
    for of, targets in ((chain, ("ACCEPT", "DROP", "chosen")), ("chosen", ("ACCEPT", "DROP", "RETURN"))):
        for _ in range(5):
            target = draw.choice(targets)
            port = f"-p udp --dport {draw.choice(PORTS)} " if target != "RETURN" and draw.random() < .6 else ""
            found = " ".join(iptables_match(draw, name) for name in draw.sample(names, draw.randint(1, 2)))
            lines.append(f"-A {of} {port}{found} -j {target}")
    text = "\n".join([*lines, "COMMIT", ""])
    command = "ip6tables" if six else "iptables"
    if six:
        text = text.replace("-m ttl", "-m hl").replace("--ttl-", "--hl-")
    pair.b.sh(f"{command}-restore", input=text)
    theirs = send(pair, seed)
    rules = take_over(pair.b, f"{command}-save", pair.b.sh(f"{command}-save").out)
    ours = send(pair, seed)
    assert theirs == ours, f"{text}\n{rules}\ntheirs alone {theirs - ours}, ours alone {ours - theirs}"

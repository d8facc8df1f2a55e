# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_import_nft.py - random rulesets and random packets: what nft itself lets pass is what the imported rules do."""
import ipaddress
import json
import random
import re
import shutil
import socket
import struct
import subprocess

import pytest

from conftest import NETCTL

RULESETS = 6 # that have a translation, a hook
PACKETS = 150

# What rulesets at random may hold that has no translation; nft lists odd rules by fields of the wrong protocol.
REFUSED = ("RETURN", "needs its type", "can never match", " checksum'")
IPV6_HDRINCL = 36
ETH4, ETH6 = bytes.fromhex("0800"), bytes.fromhex("86dd")

# Who got through: IPv4 by identification, IPv6 by flow label. The rules' chains come before. What the kernel answers to
# those that get through comes by here, too, with an identification of its own; the TTL tells ours from that.
TTL = 77
SEEN = """table inet seen {
	set four { typeof ip id; flags dynamic; size 65535; }
	set six { typeof ip6 flowlabel; flags dynamic; size 65535; }
	chain c {
		type filter hook %s priority 300
		ip ttl 77 add @four { ip id }
		ip6 hoplimit 77 add @six { ip6 flowlabel }
	}
}
"""


def nft(net, text, *words):
    return subprocess.run(net.command("nft", *words, "-f", "-"), input=text, capture_output=True, text=True, check=False)


def load(net, text, seen):
    """Load it without the lines that nft finds at odds with themselves; what is left."""
    for _ in range(20):
        done = nft(net, text + seen)
        if done.returncode == 0:
            return text
        lines = text.splitlines(True)
        for bad in {int(n) for n in re.findall(r"^/dev/stdin:(\d+):", done.stderr, re.M)}:
            assert bad <= len(lines) and lines[bad - 1].startswith("\t\t"), done.stderr + text
            lines[bad - 1] = "\n"
        text = "".join(lines)
    raise AssertionError(done.stderr + text)


def nft_works(net):
    return bool(shutil.which("nft")) and nft(net, "flush ruleset").returncode == 0


class Rules:
    """A random ruleset of what has a translation, in nft's words."""

    def __init__(self, seed, hook):
        self.r = random.Random(seed)
        self.hook = hook
        self.dev = "oif" if hook == "output" else "iif"

    def pick(self, *options):
        return self.r.choice(options)

    def address(self, six):
        host = f"{self.r.randrange(2)}{':' if six else '.'}{self.r.randrange(4)}"
        return f"2001:db8::{host}" if six else f"10.9.{host}"

    def addresses(self, six):
        a = self.address(six)
        low, high = sorted((self.address(six), self.address(six)), key=ipaddress.ip_address)
        return self.pick(a, f"{a}", f"{low}-{high}" if low != high else a,
                         "2001:db8::1:0/112" if six else "10.9.1.0/24",
                         "2001:db8::0/112" if six else "10.9.0.0/24",
                         "{ %s, %s }" % ("2001:db8::0:1" if six else "10.9.0.1", "2001:db8::1:2" if six else "10.9.1.2"))

    def ports(self):
        return self.pick("22", "80", "22-80", "{ 22, 53 }", "{ 22, 80-90 }")

    def port_match(self):
        proto, way = self.pick("tcp", "udp", "sctp"), self.pick("sport", "dport")
        op = self.pick("", "", "", "!= ", "> ", "< ", ">= ", "<= ")
        return f"{proto} {way} {op}{self.ports() if op in ('', '!= ') else '53'}"

    def match(self):
        six = self.r.randrange(3) == 0
        ip, way = "ip6" if six else "ip", self.pick("saddr", "daddr")
        no = self.pick("", "", "!= ")
        return self.pick(
            f"{ip} {way} {no}{self.addresses(six)}", f"{ip} {way} {no}{self.addresses(six)}", self.port_match(),
            self.port_match(), f"meta l4proto {no}" + self.pick("tcp", "{ tcp, udp }", "icmp", "47"),
            f"ip protocol {no}" + self.pick("udp", "{ tcp, icmp }"), f"meta nfproto {no}ipv4",
            "meta l4proto { tcp, udp } th dport " + no + self.ports(),
            f"{self.dev}name {no}eth0", f"{self.dev} {no}lo", ("iifname " if self.hook == "output" else "oifname ") + "!= eth0",
            "tcp flags " + self.pick("syn", "syn,ack", "!= syn", "& (syn|ack) == syn", "& (syn|ack) != syn",
                                     "! fin", "& (fin|syn) == 0", "{ syn, ack }", "== ack"),
            f"icmp type {no}" + self.pick("echo-request", "{ echo-request, echo-reply }"),
            "icmp type echo-request icmp code " + self.pick("0", "{ 0, 3 }"),
            f"icmpv6 type {no}" + self.pick("echo-request", "1", "{ echo-request, packet-too-big }"),
            "ip frag-off & 0x1fff " + self.pick("!=", "==") + " 0",
            "ip saddr . tcp dport { 10.9.0.1 . 22, 10.9.1.0/24 . 80-90 }",
            f"ip {way} @hosts", f"ip {way} != @hosts", f"tcp dport {no}@ports", "udp sport @ports",
            "ip daddr . meta l4proto . th dport @services")

    def verdict(self, chain):
        below = [f"jump c{i}" for i in range(chain + 1, 3)] + [f"goto c{i}" for i in range(chain + 1, 3)]
        return self.pick("accept", "accept", "drop", "drop", "drop", *below, *below)

    def rule(self, chain):
        if self.r.randrange(6) == 0:
            v = [self.verdict(chain) for _ in range(3)]
            return self.pick(f"tcp dport vmap {{ 22 : {v[0]}, 80-90 : {v[1]} }}",
                             f"ip saddr vmap {{ 10.9.0.0/24 : {v[0]}, 10.9.1.1 : {v[1]}, 10.9.1.3 : {v[2]} }}",
                             f"meta l4proto vmap {{ tcp : {v[0]}, udp : {v[1]} }}")
        if self.r.randrange(8) == 0:
            return self.pick("ip saddr 10.9.0.2", "ip6 daddr 2001:db8::1:0/112", "meta l4proto tcp", "ip daddr != 10.9.0.1",
                             "meta l4proto != udp ip saddr 10.9.0.0/24", "") + " counter return"
        verdict = self.verdict(chain)
        if verdict.startswith("goto"):  # whose end is a return
            return self.pick("ip saddr 10.9.0.0/24 ", "meta l4proto != tcp ", "ip6 saddr 2001:db8::1:0/112 ") + verdict
        return " ".join([self.match() for _ in range(self.pick(1, 1, 2))] + [verdict])

    def chain(self, name, level, head=""):
        rules = "\n".join("\t\t" + self.rule(level) for _ in range(self.r.randrange(2, 6)))
        return f"\tchain {name} {{\n{head}{rules}\n\t}}\n"

    def text(self):
        def base(priority):
            return f"\t\ttype filter hook {self.hook} priority {priority}; policy {self.pick('accept', 'drop')}\n"
        sets = ("\tset hosts { type ipv4_addr; flags interval; elements = { 10.9.0.1, 10.9.1.0/30 } }\n"
                "\tset ports { type inet_service; elements = { 22, 80 } }\n"
                "\tset services { type ipv4_addr . inet_proto . inet_service;\n"
                "\t\telements = { 10.9.0.1 . udp . 53, 10.9.1.1 . tcp . 22, 10.9.0.2 . tcp . 80 } }\n")
        text = "table inet t {\n" + sets
        text += "".join(self.chain(f"c{i}", i) for i in (2, 1, 0)) + self.chain("base", -1, base(0)) + "}\n"
        if self.r.randrange(2):
            text += f"table ip u {{\n{sets}" + self.chain("c2", 2) + self.chain("c1", 1) + self.chain("c0", 0)
            text += self.chain("base", -1, base(self.pick(-10, 10))) + "}\n"
        return text


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~((total & 0xffff) + (total >> 16)) & 0xffff


def packet(rules, number, fragments):
    """(is IPv6, bytes from the network header on)"""
    r = rules.r
    six = r.randrange(3) == 0
    proto = rules.pick(6, 6, 17, 17, 58 if six else 1, 47, 132)  # here ICMPv6 is in IPv6 alone; nft is of two minds
    ports = struct.pack(">HH", rules.pick(22, 53, 80, 85, 90), rules.pick(22, 53, 80, 85, 90))
    flags = rules.pick(0, 1, 2, 0x10, 0x12, 0x18)
    body = {6: ports + struct.pack(">IIBBHHH", 1, 0, 0x50, flags, 100, 0, 0), 17: ports + struct.pack(">HH", 16, 0) + bytes(8),
            1: struct.pack(">BBHI", rules.pick(0, 3, 8), rules.pick(0, 3), 0, 1),
            58: struct.pack(">BBHI", rules.pick(1, 2, 128, 129), 0, 0, 1)}.get(proto, ports + bytes(12))
    source, target = (ipaddress.ip_address(rules.address(six)).packed for _ in "ab")
    if six:
        return True, struct.pack(">IHBB", 6 << 28 | number, len(body), proto, TTL) + source + target + body
    # A later fragment of a protocol with ports: Linux 6.18 takes its payload for ports, which is not copied.
    offset = rules.pick(0, 0, 0x2000, 3 if proto == 47 else 0) if fragments else 0
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), number, offset, TTL, proto, 0, source, target)
    return False, head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def send(pair, hook, packets):
    if hook != "output":
        with pair.b.packet_socket() as raw:
            for six, data in packets:
                raw.send(bytes.fromhex("020000000001 020000000002".replace(" ", "")) + (ETH6 if six else ETH4) + data)
        return
    with pair.a.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as four, \
            pair.a.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW) as six_socket:
        six_socket.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
        for six, data in packets:
            target = socket.inet_ntop(socket.AF_INET6 if six else socket.AF_INET, data[24:40] if six else data[16:20])
            try:
                (six_socket if six else four).sendto(data, (target, 0))
            except PermissionError:
                pass


def survivors(pair, hook, packets):
    """Numbers of the packets that got as far as the table "seen"."""
    send(pair, hook, packets)
    found = json.loads(pair.a.sh("nft", "-j", "list", "table", "inet", "seen").out)["nftables"]
    pair.a.sh("nft", "flush", "set", "inet", "seen", "four")
    pair.a.sh("nft", "flush", "set", "inet", "seen", "six")
    elements = {o["set"]["name"]: o["set"].get("elem", []) for o in found if "set" in o}
    return {(name == "six", e["elem"]["val"] if isinstance(e, dict) else e) for name in elements for e in elements[name]
            } & {(six, number(six, data)) for six, data in packets}


def number(six, data):
    return struct.unpack(">I", data[:4])[0] & 0xfffff if six else struct.unpack(">H", data[4:6])[0]


@pytest.fixture
def routed(pair):
    if not nft_works(pair.a):
        pytest.skip("nft is not here, or the kernel has no nf_tables")
    pair.a.sh("sh", "-c", "cd /proc/sys/net/ipv4/conf && for i in all eth0; do echo 0 >$i/rp_filter; echo 1 >$i/accept_local; done")
    return pair


def deliver_here(net):
    """Everything that comes in is for this host."""
    net.ip("route", "add", "local", "10.9.0.0/16", "dev", "lo")
    net.ip("-6", "route", "add", "local", "2001:db8::/64", "dev", "lo", "metric", "1")


def route_out(net, peer):
    for n in range(2):
        for k in range(4):
            net.ip("neigh", "replace", f"10.9.{n}.{k}", "lladdr", peer.mac, "dev", "eth0", "nud", "permanent")
            net.ip("neigh", "replace", f"2001:db8::{n}:{k}", "lladdr", peer.mac, "dev", "eth0", "nud", "permanent")
    net.ip("route", "add", "10.9.0.0/16", "dev", "eth0")


@pytest.mark.parametrize("hook", ["input", "prerouting", "output"])
def test_random_rulesets(routed, hook):
    pair, net = routed, routed.a
    seen = SEEN % ("postrouting" if hook == "output" else hook)
    if hook == "output":
        route_out(net, pair.b)
    elif hook == "input":
        deliver_here(net)
    passed = dropped = compared = 0
    for seed in range(40):
        if compared == RULESETS:
            break
        rules = Rules(f"{hook} {seed}", hook)
        text = load(net, rules.text(), seen)
        packets = [packet(rules, 100 + i, hook == "prerouting") for i in range(PACKETS)]
        dump = json.loads(net.sh("nft", "-j", "list", "ruleset").out)
        dump["nftables"] = [o for o in dump["nftables"] if "seen" not in (next(iter(o.values())).get("table"),
                                                                          next(iter(o.values())).get("name"))]
        expected = survivors(pair, hook, packets)
        nft(net, "flush ruleset\n" + seen)
        done = subprocess.run([NETCTL, "import", "nft-json", "-"], input=json.dumps(dump), capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr + text
        if done.returncode == 0:
            net.ok("attach", "eth0")
            applied = subprocess.run(net.command(NETCTL, "apply", "-"), input=done.stdout, capture_output=True, text=True,
                                     check=False)
            assert applied.returncode == 0, applied.stderr + done.stdout
            got = survivors(pair, hook, packets)
            wrong = [(six, number(six, data), data.hex()) for six, data in packets
                     if ((six, number(six, data)) in got) != ((six, number(six, data)) in expected)]
            assert not wrong, f"seed {seed}: nft passed {len(expected)}, netctl {len(got)}: {wrong[:5]}\n{text}\n{done.stdout}"
            compared += 1
            passed += len(expected)
            dropped += len(packets) - len(expected)
            net.ok("detach", "--all")
        else:
            assert all(any(why in line for why in REFUSED) for line in done.stderr.splitlines()
                       if line.startswith("netctl: ")), done.stderr
        nft(net, "flush ruleset")
    print(f"{hook}: {compared} rulesets, {passed} packets passed, {dropped} dropped")
    assert compared == RULESETS and passed > 50 and dropped > 50

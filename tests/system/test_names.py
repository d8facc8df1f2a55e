# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_names.py - the names we know mean what they mean to the system, to iptables and to nft; and protocols are imported by the
number that the tool which wrote their name meant."""
import json
import re
import shutil
import subprocess

import pytest

from conftest import HANGS, NETCTL, ROOT, sh

# Ours alone: nothing to compare them with.
ALONE = {
    "protocol": {"icmp6": "short for icmpv6", "carp": "BSD's user of VRRP's number"},
    "icmp": {"extended-echo-request": "RFC 8335", "extended-echo-reply": "RFC 8335"},
    "icmpv6": {"extended-echo-request": "RFC 8335", "extended-echo-reply": "RFC 8335"},
    "ethertype": {"llc": "802.2 to Linux", "appletalk": "ATALK to it", "lacp": "SLOW to it", "mpls-multicast": "MPLS_MC to it",
                  "pppoe-discovery": "PPP_DISC to it", "pppoe": "PPP_SES to it", "wol": "Wake-on-LAN, which IEEE has not assigned",
                  "srp": "MSRP of 802.1Q"},
    "dscp": {},
    "flags": {"ece": "ecn to nft, whose dumps are read so"},
}
WALKED = (0, 43, 44, 51, 60)
IPTABLES = pytest.mark.skipif(not shutil.which("iptables-save"), reason="iptables is not installed")


def ours(name):
    """A table of ctl/rules/names.c, as name: number."""
    with open(f"{ROOT}/ctl/rules/names.c", encoding="utf-8") as source:
        body = re.search(rf"const struct name {name}_names\[\] = {{(.*?)\n}};", source.read(), re.S).group(1)
    return {word: int(number, 0) for number, word in re.findall(r'\{(0x\w+|\d+), "([^"]+)"\}', body)}


def listed(path, base=10):
    """(name, number, protocol or "") of a file like /etc/services, aliases too."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            name, number, *aliases = line.split("#")[0].split() or ["", ""]
            for word in [name, *aliases] if name else []:
                yield word, int(number.split("/")[0], base), number.partition("/")[2]


def system(kind):
    """name in lower case: numbers."""
    path = {"protocol": "/etc/protocols", "service": "/etc/services", "ethertype": "/etc/ethertypes"}[kind]
    found = {}
    for word, number, protocol in listed(path, 16 if kind == "ethertype" else 10):
        if protocol in ("", "tcp", "udp", "sctp"):
            found.setdefault(word.lower(), set()).add(number)
    if kind == "ethertype":
        with open("/usr/include/linux/if_ether.h", encoding="utf-8") as header:
            for word, number in re.findall(r"^#define\s+ETH_P_(\w+)\s+(0x\w+)", header.read(), re.M):
                found.setdefault(word.lower(), set()).add(int(number, 16))
    return found


def nft_describes(*words):
    lines = sh("nft", "describe", *words).out.splitlines()
    return {word: {int(number, 0)} for word, number in (line.split() for line in lines if re.fullmatch(r"\t\S+\s+\S+", line))}


def compare(kind, names, *tables):
    """Each name is in some table, or ours alone, and in none of them with another number."""
    known = set()
    for table in tables:
        wrong = {word: (number, table[word]) for word, number in names.items() if table.get(word, {number}) != {number}}
        assert not wrong, f"ours and theirs: {wrong}"
        known |= table.keys() & names.keys()
    assert names.keys() - known == ALONE[kind].keys()


def iptables_numbers(net, command, option, names):
    """What it makes of names: it shows some as numbers, so they are compared with what it makes of these."""
    def made(word):
        net.sh(command, "-F", "INPUT")
        if net.sh(command, "-A", "INPUT", *option, word, check_code=False).code:
            return None
        return net.sh(f"{command}-save").out.split("-A INPUT ")[1].splitlines()[0]
    return {word: {number} if made(word) == made(number) else {f"{made(word)}, not {made(number)}"}
            for word, number in names.items() if made(word)}


@IPTABLES
def test_protocols(pair):
    names = ours("protocol")
    assert len(names) >= 40 and "ipip" not in names
    compare("protocol", names, system("protocol"), nft_describes("ip", "protocol"),
            iptables_numbers(pair.a, "iptables", ["-p"], {n: i for n, i in names.items() if i}))


@IPTABLES
@pytest.mark.parametrize("table, kind, command, option", [
    ("icmp4", "icmp", "iptables", ["-p", "icmp", "--icmp-type"]),
    ("icmp6", "icmpv6", "ip6tables", ["-p", "icmpv6", "--icmpv6-type"])])
def test_icmp_types(pair, table, kind, command, option):
    names = ours(table)
    assert len(names) >= 17
    theirs = iptables_numbers(pair.a, command, option, names)
    assert len(theirs) >= 10
    compare(kind, names, nft_describes(kind, "type"), theirs)


def test_ethertypes():
    compare("ethertype", ours("ethertype"), system("ethertype"), nft_describes("ether", "type"))


def test_classes_and_flags():
    compare("dscp", ours("dscp"), nft_describes("ip", "dscp") | {"le": nft_describes("ip", "dscp")["lephb"]})
    compare("flags", ours("tcp_flag"), nft_describes("tcp", "flags"))


def test_services():
    """What /etc/services of this release does not have is of IANA's list, or short for what it has."""
    names, theirs = ours("service"), system("service")
    wrong = {word: (number, theirs[word]) for word, number in names.items() if theirs.get(word, {number}) != {number}}
    assert not wrong and len(names.keys() & theirs.keys()) >= 50


@pytest.mark.parametrize("table, match", [("protocol", "ethertype ip proto"), ("ethertype", "ethertype"), ("icmp4", "ethertype ip icmp"),
                                          ("icmp6", "ethertype ip6 icmp"), ("service", "dport"), ("dscp", "dscp")])
def test_names_are_their_numbers(net, table, match):
    names = ours(table)
    form = "0x%04x" if table == "ethertype" else "%d"
    lines = [line for word, number in names.items() for line in (f"drop {match} {word}", f"drop {match} {form % number}")]
    net.ok("apply", "-", input="\n".join(lines))
    shown = net.ok("rule", "list").splitlines()
    assert len(shown) == 2 * len(names) and shown[::2] == shown[1::2]


# ---- imports ----

def imported(kind, dump):
    """By comment: the rule that a name's rule became; and how many were refused."""
    done = subprocess.run([NETCTL, "import", kind, "-"], input=dump, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode in (0, 1), done.stderr
    lines = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    good = [re.fullmatch(r'drop hook xdp (.*) comment "(\S+)"', line) for line in lines if not line.startswith("!")]
    assert all(good)
    found = {match.group(2): match.group(1) for match in good}
    assert len(found) == len(good)
    return found, len(lines) - len(good)


def number(match):
    """The protocol of a rule that names one."""
    word = re.search(r" proto (\S+)$", match).group(1)
    return int(word) if word.isdigit() else ours("protocol")[word]


def protocols():
    return {word: number for word, number, _ in listed("/etc/protocols")}


def walked(loaded):
    return {word for word, n in loaded.items() if n in WALKED}


def check_numbers(found, count, loaded, refused):
    """Each name became its number, and those to be refused were."""
    assert (found.keys(), count) == (loaded.keys() - refused, len(refused))
    wrong = {word: match for word, match in found.items() if number(match) != loaded[word]}
    assert not wrong
    assert found["ipip"].endswith(" proto 94") and found["ipencap"].endswith(" proto ipencap")


@IPTABLES
@pytest.mark.parametrize("command, ethertype", [("iptables", "ip"), ("ip6tables", "ip6")])
def test_iptables_protocols(pair, command, ethertype):
    loaded = {word: n for word, n in protocols().items() if word.islower()}  # iptables knows no other
    assert len(loaded) >= 50
    lines = [f"-A INPUT -p {word} -m comment --comment {word} -j DROP" for word in loaded]
    pair.a.sh(f"{command}-restore", input="\n".join(["*filter", *lines, "COMMIT", ""]))
    found, refused = imported(f"{command}-save", pair.a.sh(f"{command}-save").out)
    # 0 is every protocol to them.
    for word in [w for w, n in loaded.items() if n == 0]:
        assert found.pop(word) == f"ethertype {ethertype}"
        loaded.pop(word)
    loaded = {word: n & 255 for word, n in loaded.items()}  # of mptcp, 262, iptables gives the kernel the 6
    check_numbers(found, refused, loaded, walked(loaded) if command == "ip6tables" else set())


@pytest.mark.parametrize("family, match, ethertype", [
    ("ip", "ip protocol", "ip"), ("inet", "ip protocol", "ip"), ("ip", "meta l4proto", "ip"), ("ip6", "meta l4proto", "ip6"),
    ("inet", "meta l4proto", "ip,ip6")])
def test_nft_protocols(pair, family, match, ethertype):
    loaded = {word: n for word, n in protocols().items() if n < 256}
    rules = "\n".join(f'{match} {word} drop comment "{word}"' for word in loaded)
    pair.a.sh("nft", "-f", "-", input=f"table {family} t {{ chain c {{ type filter hook input priority 0\n{rules}\n}}\n}}")
    dump = pair.a.sh("nft", "-j", "list", "ruleset").out
    assert json.loads(dump)["nftables"]
    found, refused = imported("nft-json", dump)
    assert all(rule.startswith(f"ethertype {ethertype} proto ") for rule in found.values())
    check_numbers(found, refused, loaded, walked(loaded) if match == "meta l4proto" else set())

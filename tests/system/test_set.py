# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_set.py - sets end to end: what the commands print and refuse, and what packets then meet at every hook."""
import re
import socket
import time

import pytest

from limiting import Life
from rules import add, counters, elements, generation, make_set, receive, sets


@pytest.fixture
def net(output):
    return output


def test_create_list_destroy(net):
    assert net.ok("set", "list") == "" and net.ok("set", "create", "bad") == ""
    net.ok("set", "create", "web", "services", "counters")
    net.ok("set", "create", "dns.1", "ports")
    add(net, "drop dst @web src @bad")
    add(net, "disabled drop src @bad,10.0.0.1")
    assert [line.split(None, 4) for line in net.ok("set", "list").splitlines()] == [
        ["NAME", "TYPE", "COUNTERS", "ELEMENTS", "RULES"], ["bad", "addresses", "-", "0", "1 and 2"],
        ["web", "services", "yes", "0", "1"], ["dns.1", "ports", "-", "0", "-"]]
    assert sets(net)["bad"] == {"name": "bad", "type": "addresses", "counters": False, "elements": 0, "rules": [1, 2]}
    assert sets(net)["web"]["counters"] is True and sets(net)["dns.1"]["rules"] == []
    net.ok("set", "destroy", "dns.1")
    assert list(sets(net)) == ["bad", "web"]


REPORTS = [
    ("add bad 10.0.0.1", "added 1\n"),
    ("add bad 10.0.0.1 10.0.0.2,10.0.0.3", "added 2, 1 was there already\n"),
    ("add bad 10.0.0.2 10.0.0.3", "added 0, 2 were there already\n"),
    ("add bad 10.0.0.0/8", "added 1, 3 merged into others\n"),
    ("add bad 10.0.0.1 10.9.0.0/16 192.0.2.1", "added 1, 2 covered by 10.0.0.0/8\n"),
    ("add bad 10.0.0.1 for 1h", "added 0, 1 covered by 10.0.0.0/8\n"),
    ("add bad 2001:db8::/32 192.0.2.9 for 1h", "added 2\n"),
    ("add bad 192.0.2.9 for 2h", "added 0, 1 renewed\n"),
    ("add bad 192.0.2.9", "added 0, 1 renewed\n"),
    ("del bad 192.0.2.1", "deleted 1\n"),
    ("del bad 192.0.2.1 192.0.2.9,2001:db8::/33", "deleted 2, 1 was not there\n"),
    ("del bad 10.0.0.0/9", "deleted 1\n"),
]


def test_reports(net):
    net.ok("set", "create", "bad")
    for words, expected in REPORTS:
        assert net.ok("set", *words.split()) == expected, words
    timed, plain = [[e for e in elements(net, "bad") if (" for " in e) is t] for t in (True, False)]
    assert plain == ["10.128.0.0/9"]
    assert len(timed) == 1 and re.fullmatch(r"2001:db8:8000::/33 for (1h|59m\d+s)", timed[0])
    net.ok("set", "flush", "bad")
    assert elements(net, "bad") == [] and list(sets(net)) == ["bad"]


REFUSED = [
    ("add bad 10.0.0.500", 2, "not an address or prefix: '10.0.0.500'", None),
    ("add bad 10.0.0.1,10.0.0.0/8,x", 2, "not an address or prefix: 'x'", None),
    ("add bad 10.0.0.1/8", 2, "'10.0.0.1/8' has bits beyond its prefix", "did you mean '10.0.0.0/8'?"),
    ("add bad 80", 2, "not an address or prefix: '80'", None),
    ("add bad $x", 2, "not an element: '$x'", None),
    ("add bad 10.0.0.1 for", 2, "for needs a time", "for example 30s"),
    ("add bad 10.0.0.1 for 5", 2, "not a time: '5'", "for example 30s"),
    ("add bad 10.0.0.1 for 4000d", 2, "not a time: '4000d'", "for example 30s"),
    ("add bda 10.0.0.1", 3, "no set has the name 'bda'", "did you mean 'bad'? 'netctl set list' shows the sets"),
    ("add nosuch 10.0.0.1", 3, "no set has the name 'nosuch'", "'netctl set list' shows the sets"),
    ("add bad", 2, "expected the name of a set, then elements", None),
    ("add web htp", 2, "not a port or service name: 'htp'", "did you mean"),
    ("add dns 10.0.0.1", 2, "not a service: '10.0.0.1'", "services are like"),
    ("add dns 10.0.0.1:53/icmp", 2, "a protocol without ports: 'icmp'", None),
    ("del bad 10.9.9.9", 3, "nothing of this is in set 'bad'", "'netctl set list bad' shows its elements"),
    ("create bad", 1, "set 'bad' is there already", None),
    ("create 1bad", 2, "not the name of a set: '1bad'", "a letter, then"),
    ("create a/b", 2, "not the name of a set: 'a/b'", "a letter, then"),
    ("create " + 32 * "a", 2, "not the name of a set", "a letter, then"),
    ("create new colors", 2, "unexpected word: 'colors'", None),
    ("create new ports services", 2, "unexpected word: 'services'", None),
    ("create new counters counters", 2, "unexpected word: 'counters'", "behind the name"),
    ("create", 2, "expected a name", None),
    ("destroy bad", 1, "set 'bad' is used by rule 1", "delete it first: 'netctl rule del'"),
    ("destroy web", 1, "set 'web' is used by rules 1 and 2", "delete them first: 'netctl rule del'"),
    ("destroy nosuch", 3, "no set has the name 'nosuch'", None),
    ("flush", 2, "expected the name of one set", None),
    ("load bad", 2, "expected the name of a set and one FILE", None),
    ("load bad /no/such/file", 1, "'/no/such/file' is not there", None),
    ("load bad /", 1, "'/' is a directory", None),
    ("load bad /dev/null for x", 2, "not a time: 'x'", "for example 30s"),
    ("load --sub bad -", 2, "unknown option '--sub'", None),
    ("load nosuch /dev/null", 3, "no set has the name 'nosuch'", None),
    ("list nosuch", 3, "no set has the name 'nosuch'", None),
    ("list a b", 2, "expected one name", None),
    ("frob", 2, "no such verb: 'frob'", None),
]


def test_refusals(net):
    make_set(net, "bad", "10.0.0.1")
    make_set(net, "web", "ports", "80")
    make_set(net, "dns", "services", "10.0.0.1:53")
    add(net, "drop src @bad dport @web")
    add(net, "drop sport @web")
    before, number = net.ok("save"), generation(net)
    for words, code, message, hint in REFUSED:
        result = net.netctl("set", *words.split())
        assert result.code == code and result.out == "", (words, result)
        assert result.err.startswith("netctl: set") and message in result.err.splitlines()[0], (words, result.err)
        assert (hint or "") in result.err, (words, result.err)
    assert net.ok("save") == before and generation(net) == number


RULES_REFUSED = [
    ("drop src @bda", 3, "no set has the name 'bda'", "                 ^^^^"),
    ("drop src @web", 2, "set 'web' holds ports: src cannot use it", "                 ^^^^"),
    ("drop dport @bad", 2, "set 'bad' holds addresses: dport cannot use it", "                   ^^^^"),
    ("drop host @dns", 2, "set 'dns' holds services: host cannot use it", "                  ^^^^"),
    ("disabled drop host @dns", 2, "set 'dns' holds services: host cannot use it", "^^^^"),
]


def test_rules_name_sets_that_fit(net):
    make_set(net, "bad", "10.0.0.1")
    make_set(net, "web", "ports", "80")
    make_set(net, "dns", "services", "10.0.0.1:53")
    for rule, code, message, caret in RULES_REFUSED:
        result = net.netctl("rule", "add", rule)
        assert result.code == code and message in result.err and caret in result.err, result
    assert net.json("rule", "list", "-j")["rules"] == []


def test_typed_rules_come_back(net):
    make_set(net, "bad", "10.0.0.1")
    make_set(net, "also", "10.0.0.2")
    add(net, "drop src 10.0.0.9,@bad,@also not dst @bad")
    assert net.ok("rule", "list") == "drop src @also,@bad,10.0.0.9 not dst @bad\n"
    assert net.json("stats", "rules", "-j")["rules"][0]["text"] == "drop src @also,@bad,10.0.0.9 not dst @bad"


@pytest.mark.parametrize("element,inside,outside", [
    ("10.0.0.5", "10.0.0.5", "10.0.0.2"), ("10.0.0.4/30", "10.0.0.5", "10.0.0.2"), ("10.0.0.3-10.0.0.7", "10.0.0.5", "10.0.0.2"),
    ("2001:db8::5", "2001:db8::5", "2001:db8::2"), ("2001:db8::4/126", "2001:db8::5", "2001:db8::2"),
    ("2001:db8::3-2001:db8::7", "2001:db8::5", "2001:db8::2")])
def test_drops_at_every_hook(pair, element, inside, outside):
    """A flow that is known before and one that is new: the set changes what happens to both, and back."""
    pair.a.ok("attach", "eth0")
    make_set(pair.a, "bad", "10.77.0.0/16", "2001:db8:77::/48")
    nf, tc, xdp = (add(pair.a, f"drop hook {rule}") for rule in ("nf dst @bad dport 9", "tc dst @bad dport 10", "xdp src @bad"))

    def traffic():
        for port, address in ((9, inside), (9, outside), (10, inside), (10, outside)):
            pair.a.send(address, 4, port)
        receive(pair, 4, inside)
        receive(pair, 4, outside)
    traffic()
    assert {c.packets for c in counters(pair.a).values()} == {0}
    assert pair.a.ok("set", "add", "bad", element) == "added 1\n"
    traffic()
    assert [counters(pair.a)[i].packets for i in (nf, tc, xdp)] == [4, 4, 4]
    pair.a.ok("set", "del", "bad", inside)  # out of the prefix, too
    traffic()
    assert [counters(pair.a)[i].packets for i in (nf, tc, xdp)] == [4, 4, 4]


def test_not_and_both_families(pair):
    pair.a.ok("attach", "eth0")
    make_set(pair.a, "good", "10.0.0.2", "2001:db8::2")
    add(pair.a, "drop hook nf dport 9 not dst @good")
    assert [pair.a.send(a, 3) for a in ("10.0.0.2", "10.0.0.5", "2001:db8::2", "2001:db8::5")] == [0, 3, 0, 3]
    pair.a.ok("rule", "replace", "1", "drop hook nf host @good,10.0.0.5 dport 9")
    assert [pair.a.send(a, 3) for a in ("10.0.0.2", "10.0.0.5", "2001:db8::2", "2001:db8::5")] == [3, 3, 3, 0]


NOTES = [
    ("drop not src @four", "'not src @four' excludes no IPv6 packet: no element is of IPv6; 'ethertype ip' makes it a rule of IPv4"),
    ("pass not host @six dport 9", "'not host @six' excludes no IPv4 packet: no element is of IPv4; 'ethertype ip6' makes it a rule of IPv6"),
    ("drop ethertype ip6 not dst @four", "'not dst @four' excludes no IPv6 packet: no element is of IPv6"),
    ("drop not dst @svc", "'not dst @svc' excludes no IPv4 packet: no element is of IPv4; 'ethertype ip6' makes it a rule of IPv6"),
    ("drop not src @none", "'not src @none' excludes no packet: there is no element"),
    ("drop not src @four,@none", "'not src @four,@none' excludes no IPv6 packet: no element is of IPv6; 'ethertype ip' makes it a rule of IPv4"),
    ("drop not src @four,2001:db8::1", None),
    ("drop not src @four,@six", None),
    ("drop ethertype ip not src @four", None),
    ("drop not src @four dst 10.0.0.1", None),
    ("drop src @four", None),
    ("drop not src 10.0.0.0/8", None),
]


def test_not_with_one_family_is_noted(net):
    """By every command that puts such a rule in force, and by check."""
    make_set(net, "four", "10.0.0.1")
    make_set(net, "six", "2001:db8::1")
    make_set(net, "svc", "services", "[2001:db8::1]:80")
    make_set(net, "none")
    for rule, expected in NOTES:
        expected = f"netctl: note: {expected}\n" if expected else ""
        added = net.netctl("rule", "add", *rule.split())
        assert added.code == 0 and added.err == expected, rule
        net.ok("rule", "replace", added.out.strip(), "drop", "frag")
        assert net.netctl("rule", "replace", added.out.strip(), *rule.split()).err == expected, rule
        saved = net.ok("save")
        for command in "check", "apply":
            done = net.netctl(command, "-", input=saved)
            assert done.code == 0 and done.err == expected.replace("note: ", f"note: <stdin>:{len(saved.splitlines())}: "), rule
        net.ok("rule", "flush")


def test_empty_sets_hold_nothing(net):
    for name, kind in (("none", ()), ("ports", ("ports",)), ("svc", ("services",))):
        make_set(net, name, *kind)
    for rule in ("drop hook nf src @none", "drop hook nf dport @ports", "drop hook nf dst @svc", "drop hook nf host @none"):
        add(net, rule)
    assert net.send("10.0.0.5", 3) == 0 and net.send("2001:db8::5", 3) == 0
    add(net, "drop hook nf dport 9 not dst @none not dport @ports not dst @svc")
    assert net.send("10.0.0.5", 3) == 3 and net.send("2001:db8::5", 3) == 3


def test_order_decides_not_length(net):
    """An earlier rule with a broad set beats a later one with a host, and the other way round."""
    make_set(net, "net", "10.0.0.0/24")
    make_set(net, "host", "10.0.0.5")
    add(net, "pass hook nf dst @net")
    add(net, "drop hook nf dst @host")
    assert net.send("10.0.0.5", 2) == 0
    net.ok("rule", "move", "2", "first")
    assert net.send("10.0.0.5", 2) == 2 and net.send("10.0.0.2", 2) == 0


def test_ports(net):
    make_set(net, "web", "ports", "80", "8000-8080", "https")
    assert elements(net, "web") == ["80", "443", "8000-8080"]
    add(net, "drop hook nf dport @web")
    assert [net.send("10.0.0.2", 1, p) for p in (79, 80, 81, 443, 7999, 8000, 8042, 8080, 8081)] == [0, 1, 0, 1, 0, 1, 1, 1, 0]
    net.ok("set", "del", "web", "8042")
    assert [net.send("2001:db8::2", 1, p) for p in (80, 8041, 8042, 8043)] == [1, 1, 0, 1]


def test_timed_ports(pair):
    """Gone from the rules without a command, at XDP and OUTPUT, and for flows that are known."""
    pair.a.ok("attach", "eth0")
    make_set(pair.a, "web", "ports", "80")
    audit = add(pair.a, "audit hook nf port @web")
    nf, xdp = add(pair.a, "drop hook nf dport @web,90 not dst 10.0.0.2"), add(pair.a, "drop hook xdp port @web")
    pair.a.ok("set", "add", "web", "9", "70-79", "for", "1h")
    known = flow(pair.a, "10.0.0.5", 9)
    assert known() and [pair.a.send("10.0.0.5", 1, p) for p in (72, 80, 81, 90)] == [1, 1, 0, 1]
    receive(pair, 2, port=9)
    receive(pair, 2, port=10)
    assert [counters(pair.a)[i].packets for i in (nf, xdp, audit)] == [4, 2, 3]
    pair.a.ok("set", "del", "web", "9", "70-79")
    with Life(2) as life:
        pair.a.ok("set", "add", "web", "9", "70-79", "for", "2s")
    again = known()
    assert again or not life.lasts()
    life.ends()
    assert not known() and [pair.a.send("10.0.0.5", 1, p) for p in (72, 80, 81, 90)] == [0, 1, 0, 1]
    receive(pair, 2, port=9)
    assert [counters(pair.a)[i].packets for i in (nf, xdp, audit)] == [6 + again, 2, 4 + again]
    assert elements(pair.a, "web") == ["80"]
    add(pair.a, "pass not dport @web")
    result = pair.a.netctl("set", "add", "web", "81", "for", "1h")
    assert result.code == 2 and "'not dport' cannot use it" in result.err and elements(pair.a, "web") == ["80"]


def test_services(pair):
    pair.a.ok("attach", "eth0")
    make_set(pair.a, "svc", "services", "10.0.0.5:53/udp", "10.0.0.5:70-72", "[2001:db8::5]:443", "10.0.0.2:99/tcp")
    nf, xdp = add(pair.a, "drop hook nf dst @svc"), add(pair.a, "drop hook xdp src @svc")
    assert [pair.a.send("10.0.0.5", 1, p) for p in (53, 54, 70, 72, 73, 443)] == [1, 0, 1, 1, 0, 0]
    assert [pair.a.send("10.0.0.2", 1, p) for p in (53, 70, 99)] == [0, 0, 0]  # another address; TCP alone
    assert [pair.a.send("2001:db8::5", 1, p) for p in (443, 53)] == [1, 0]
    receive(pair, 3, "10.0.0.5", sport=71)
    receive(pair, 3, "10.0.0.5", sport=74)
    receive(pair, 2, "2001:db8::5", sport=443)
    assert [counters(pair.a)[i].packets for i in (nf, xdp)] == [4, 5]


def flow(net, address, port=9):
    """Datagrams of one flow, one a call: was it refused?"""
    known = net.socket(socket.AF_INET, socket.SOCK_DGRAM)
    known.bind(("", 4242))

    def once():
        try:
            known.sendto(b"x", (address, port))
        except PermissionError:
            return True
        except ConnectionRefusedError:  # the answer to an earlier one
            pass
        return False
    return once


def test_time_runs_out_without_a_command(pair):
    """For known flows too, at XDP and OUTPUT; what has no time stays."""
    pair.a.ok("attach", "eth0")
    make_set(pair.a, "bad", "10.0.0.2")
    nf, xdp = add(pair.a, "drop hook nf dst @bad"), add(pair.a, "drop hook xdp src @bad")
    known = flow(pair.a, "10.0.0.5")
    assert not known()
    with Life(3) as life:
        pair.a.ok("set", "add", "bad", "10.0.0.5", "for", "3s")
    refused = 0
    for _ in range(15):
        was = known()
        assert was or not life.lasts()
        refused += was
        time.sleep(0.1)
    receive(pair, 2)
    received = counters(pair.a)[xdp].packets
    assert received == 2 or not life.lasts()
    assert counters(pair.a)[nf].packets == refused
    life.ends()
    assert not any(known() for _ in range(5))
    receive(pair, 3)
    assert pair.a.send("10.0.0.5", 3) == 0 and pair.a.send("10.0.0.2", 3) == 3
    assert counters(pair.a)[nf].packets == refused + 3 and counters(pair.a)[xdp].packets == received
    assert elements(pair.a, "bad") == ["10.0.0.2"]


def test_time_is_renewed(net):
    make_set(net, "bad")
    add(net, "drop hook nf dst @bad")
    with Life(2) as life:
        net.ok("set", "add", "bad", "10.0.0.5", "10.0.0.2", "for", "2s")
    report = net.ok("set", "add", "bad", "10.0.0.5", "for", "1h")
    assert report == "added 0, 1 renewed\n" or not life.lasts()
    life.ends()
    assert net.send("10.0.0.5", 2) == 2 and net.send("10.0.0.2", 2) == 0
    assert net.json("set", "list", "bad", "-j")["elements"][0]["seconds_left"] in range(3300, 3601)


def test_timed_host_in_a_prefix(net):
    """A prefix for a while around a host for ever, and a host that outlives its prefix."""
    make_set(net, "bad", "10.0.0.5")
    add(net, "drop hook nf dst @bad")
    with Life(2) as life:
        net.ok("set", "add", "bad", "10.0.0.0/28", "for", "2s")
    refused = [net.send(address, 1) for address in ("10.0.0.5", "10.0.0.2")]
    assert refused == [1, 1] or not life.lasts()
    life.ends()
    assert net.send("10.0.0.5", 1) == 1 and net.send("10.0.0.2", 1) == 0
    assert elements(net, "bad") == ["10.0.0.5"]


def test_json_of_a_set(net):
    make_set(net, "bad", "10.0.0.1")
    add(net, "drop src @bad")
    assert net.json("set", "list", "bad", "-j") == {
        "meta": {"name": "bad", "type": "addresses", "counters": False, "rules": [1]},
        "elements": [{"element": "10.0.0.1", "seconds_left": None, "packets": None, "bytes": None}]}
    net.ok("set", "flush", "bad")
    assert net.json("set", "list", "bad", "-j")["elements"] == []


def test_rules_come_and_go_and_sets_stay(net):
    make_set(net, "bad", "10.0.0.5")
    add(net, "drop hook nf dst @bad")
    net.ok("set", "add", "bad", "10.0.0.2")
    assert net.send("10.0.0.2", 2) == 2
    net.ok("rule", "flush")
    assert net.send("10.0.0.2", 2) == 0 and elements(net, "bad") == ["10.0.0.2", "10.0.0.5"]
    net.ok("set", "destroy", "bad")
    assert sets(net) == {}

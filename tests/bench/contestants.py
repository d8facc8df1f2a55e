# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""contestants.py - who is measured: the plain programs, netctl, and each peer with the same rules in its own words.

A contestant is installed for a case into one side of a pair: at the receiver's device, at the sender's OUTPUT or at its
device's egress. why_not() tells why it can't be, in words for the table.
"""
import os
import shutil
import tempfile

from cases import Case
from world import HOLD, version

SET = "bench"


def write(text):
    """A file with this text, for commands that read files; removed at the end with the directory."""
    write.dir = write.dir or tempfile.TemporaryDirectory()
    path = os.path.join(write.dir.name, "rules")
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return path


write.dir = None


class Contestant:
    name = None
    command = None  # the program that must be there
    hooks = ("in", "out", "egress")
    counts_flows = is_bpf = False

    def why_not(self, case):
        if self.command and not shutil.which(self.command):
            return f"{self.command} is not installed"
        if case.hook not in self.hooks:
            return "has no filter there"
        why = self.refuses(case)
        if why is None and case.kind == "flows" and not self.counts_flows:
            return "counts no flows"
        if why is None and case.kind == "run" and not self.is_bpf:
            return "is no BPF program"
        return why

    def refuses(self, case):
        """Why it can't do this case; None: it can; "": no need to say why not."""

    def install(self, side, case):
        raise NotImplementedError

    def remove(self, side):
        """What deleting the namespaces doesn't."""

    def version(self):
        return version(self.command, "--version") if self.command else None


class Plain(Contestant):
    """One of the programs of live.bpf.c, attached as long as its process lives."""

    counts_flows = is_bpf = True

    def __init__(self, name, program, entries=lambda case: 1, only=()):
        self.name, self.program, self.entries, self.only = name, program, entries, only
        self.worker = None

    def refuses(self, case):
        return "" if self.only and case.kind not in self.only else None

    def install(self, side, case):
        program = {"in": self.program, "out": "live_output", "egress": "live_egress"}[case.hook]
        self.worker = side.worker(HOLD, side.dev, program, self.entries(case))

    def remove(self, side):
        self.worker.end()


class Netctl(Contestant):
    counts_flows = is_bpf = True

    def __init__(self, name, flows=lambda case: DEFAULT_FLOWS, only=()):
        self.name, self.flows, self.only = name, flows, only

    def refuses(self, case):
        if self.only and self.flows(case) == DEFAULT_FLOWS:
            return ""  # the one with tables of that size does it
        return "" if self.only and case.kind not in self.only else None

    def install(self, side, case):
        hook = {"in": "xdp", "out": "nf", "egress": "tc"}[case.hook]
        side.netctl("attach", side.dev, "--hooks", hook, "--flows", self.flows(case),
                    *(("--mode", self.mode(case)) if case.hook == "in" else ()))
        side.netctl("apply", write(self.text(case)))

    @staticmethod
    def mode(case):
        """What native XDP puts before the program, to take a VLAN tag from the device, has no test runs."""
        return "generic" if case.kind == "run" else "native"

    @staticmethod
    def text(case):
        lines = [f"drop proto udp dst {r.dst} dport {r.dport}" for r in case.rules]
        if case.members:
            lines.append(f"set {SET} {{ {', '.join(case.members)} }}")
            return "\n".join(lines + [f"drop src @{SET}"]) + "\n"
        return "\n".join(lines + [f"drop proto udp dst 10.0.0.2 dport {case.dport}"]) + "\n"

    def remove(self, side):
        side.netctl("detach", "--all")


class Nft(Contestant):
    """netdev ingress and egress, and inet output; one counter a rule, as netctl and iptables have it."""

    name, command = "nft", "nft"

    @staticmethod
    def text(case):
        rules = [f"ip daddr {r.dst} udp dport {r.dport} counter drop" for r in case.rules]
        elements = ""
        if case.members:
            flags = " flags interval;" if case.prefixes else ""
            elements = f"set {SET} {{ type ipv4_addr;{flags} elements = {{ {', '.join(case.members)} }} }}\n"
            rules.append(f"ip saddr @{SET} counter drop")
        else:
            rules.append(f"ip daddr 10.0.0.2 udp dport {case.dport} counter drop")
        hook = {"in": "ingress device eth0", "out": "output", "egress": "egress device eth0"}[case.hook]
        family = "inet" if case.hook == "out" else "netdev"
        return (f"table {family} {SET} {{\n{elements}chain c {{ type filter hook {hook} priority 0;\n" +
                "\n".join(rules) + "\n}\n}\n")

    def install(self, side, case):
        side.sh("nft", "-f", write(self.text(case)))


class NftOneSet(Nft):
    """Rules that all look at the same two fields may be written as one set of pairs: who knows that does so."""

    name = "nft, one set of pairs"

    def refuses(self, case):
        return None if case.kind == "rules" and case.rules else ""

    @staticmethod
    def text(case):
        pairs = ", ".join(f"{r.dst} . {r.dport}" for r in case.rules)
        last = Nft.text(Case(case.kind, case.title, case.addresses, case.hook))
        return last.replace("{\n", f"{{\nset pairs {{ type ipv4_addr . inet_service; counter; elements = {{ {pairs} }} }}\n", 1) \
            .replace("0;\n", "0;\nip daddr . udp dport @pairs drop\n")


class Iptables(Contestant):
    """The kernel's own tables (iptables-legacy), table raw; sets by ipset."""

    name, command, hooks = "iptables", "iptables-legacy-restore", ("in", "out")

    def version(self):
        return " + ".join(filter(None, (version("iptables-legacy", "--version"), version("ipset", "--version"))))

    def refuses(self, case):
        return "ipset is not installed" if case.members and not shutil.which("ipset") else None

    def install(self, side, case):
        chain = "PREROUTING" if case.hook == "in" else "OUTPUT"
        rules = [f"-A {chain} -d {r.dst} -p udp --dport {r.dport} -j DROP" for r in case.rules]
        if case.members:
            kind = "net" if case.prefixes else "ip"
            side.sh("ipset", "restore", text=f"create {SET} hash:{kind} maxelem {len(case.members)}\n" +
                    "".join(f"add {SET} {m}\n" for m in case.members))
            rules.append(f"-A {chain} -m set --match-set {SET} src -j DROP")
        else:
            rules.append(f"-A {chain} -d 10.0.0.2 -p udp --dport {case.dport} -j DROP")
        side.sh("iptables-legacy-restore", text="*raw\n" + "\n".join(rules) + "\nCOMMIT\n")


class IptablesOneSet(Iptables):
    name = "ipset, one set of pairs"

    def refuses(self, case):
        return None if case.kind == "rules" and case.rules and shutil.which("ipset") else ""

    def install(self, side, case):
        side.sh("ipset", "restore", text=f"create {SET} hash:ip,port counters\n" +
                "".join(f"add {SET} {r.dst},udp:{r.dport}\n" for r in case.rules))
        chain = "PREROUTING" if case.hook == "in" else "OUTPUT"
        side.sh("iptables-legacy-restore", text=f"*raw\n-A {chain} -m set --match-set {SET} dst,dst -j DROP\n"
                f"-A {chain} -d 10.0.0.2 -p udp --dport {case.dport} -j DROP\nCOMMIT\n")


class XdpFilter(Contestant):
    name, command, hooks, is_bpf = "xdp-filter", "xdp-filter", ("in",), True
    MOST = 10000

    def refuses(self, case):
        if case.prefixes:
            return "knows no prefixes"
        if case.rules:
            return "knows no rule of two fields"
        if case.members and len(case.members) > self.MOST:
            return f"holds {self.MOST} addresses"
        return None

    def install(self, side, case):
        features = "ipv4" if case.members else "udp"
        side.sh("xdp-filter", "load", "-m", "native", "-f", features, side.dev)
        if case.members:
            add = "".join(f"xdp-filter ip -m src {m}\n" for m in case.members)
            side.sh("sh", "-e", text=add)
        else:
            side.sh("xdp-filter", "port", "-m", "dst", "-p", "udp", case.dport)

    def remove(self, side):
        side.sh("xdp-filter", "unload", "--all")


class Bpfilter(Contestant):
    """Debian has no package of it. Written after its manual of 2026, and not tried: nobody had it to hand."""

    name, command, is_bpf = "bpfilter", "bfcli", True

    def why_not(self, case):
        return super().why_not(case) if shutil.which(self.command) else "no bfcli here; Debian has no package of it"

    @staticmethod
    def text(case, hook):
        rules = [f"rule ip4.daddr {r.dst} udp.dport {r.dport} counter DROP" for r in case.rules]
        if case.members:
            key = "(ip4.snet)" if case.prefixes else "(ip4.saddr)"
            members = (m if "/" in m or not case.prefixes else f"{m}/32" for m in case.members)
            rules = [f"set {SET} {key} in {{", *members, "}", *rules, f"rule {key} in {SET} counter DROP"]
        else:
            rules.append(f"rule ip4.daddr 10.0.0.2 udp.dport {case.dport} counter DROP")
        return "\n".join([f"chain {SET} {hook} ACCEPT", *rules]) + "\n"

    def install(self, side, case):
        index = side.sh("cat", f"/proc/net/dev_snmp6/{side.dev}").split()[1]
        hook = {"in": f"BF_HOOK_XDP{{ifindex={index}}}", "out": "BF_HOOK_NF_LOCAL_OUT{priorities=101-102}",
                "egress": f"BF_HOOK_TC_EGRESS{{ifindex={index}}}"}[case.hook]
        side.sh("bfcli", "--bpffs-path", side.bpffs(), "chain", "set", "--from-file", write(self.text(case, hook)))

    def remove(self, side):
        side.sh("bfcli", "--bpffs-path", side.bpffs(), "chain", "flush", "--name", SET)


DEFAULT_FLOWS = 65536


def room(case):
    """Entries of a table in which all flows fit, with as much room again."""
    return max(DEFAULT_FLOWS, 1 << (2 * case.sources - 1).bit_length())


DROP_ALL, NETCTL = "drop all", "netctl"


def everyone():
    """One of each, for one case."""
    return [
        Plain(DROP_ALL, "live_drop"),
        Plain("LRU_HASH", "live_flows", entries=room, only=("flows", "run")),
        Netctl(NETCTL),
        Netctl(f"{NETCTL}, all flows fit", flows=room, only=("flows",)),
        Nft(),
        NftOneSet(),
        Iptables(),
        IptablesOneSet(),
        XdpFilter(),
        Bpfilter(),
    ]

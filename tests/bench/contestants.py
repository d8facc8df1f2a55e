# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""contestants.py - who is measured: the plain programs, netctl, and each peer with the same rules in its own words.

A contestant is installed for a case into one side of a pair: at the receiver's device, or at the sender's OUTPUT. why_not() tells
why it can't be, in words for the table.
"""
import os
import shutil
import tempfile

from world import LIVE, Failure, sh, version

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
    hooks = ("in", "out")
    counts_flows = is_bpf = False

    def why_not(self, case):
        if self.command and not shutil.which(self.command):
            return f"{self.command} is not installed"
        if case.hook not in self.hooks:
            return "filters only what comes in"
        if case.kind == "flows" and not self.counts_flows:
            return "counts no flows"
        if case.kind == "run" and not self.is_bpf:
            return "is no BPF program"
        return self.refuses(case)

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
        where, program = ("eth0", self.program) if case.hook == "in" else ("output", "live_output")
        self.worker = side.worker(LIVE, "hold", where, program, self.entries(case))

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
        side.netctl("attach", side.dev, "--hooks", "xdp" if case.hook == "in" else "nf", "--flows", self.flows(case),
                    *(("--mode", "native") if case.hook == "in" else ()))
        side.netctl("apply", write(self.text(case)))

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
    """netdev ingress, and inet output; one counter a rule, as netctl and iptables have it."""

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
        hook = "ingress device eth0" if case.hook == "in" else "output"
        family = "netdev" if case.hook == "in" else "inet"
        return (f"table {family} {SET} {{\n{elements}chain c {{ type filter hook {hook} priority 0;\n" +
                "\n".join(rules) + "\n}\n}\n")

    def install(self, side, case):
        side.sh("nft", "-f", write(self.text(case)))


class Iptables(Contestant):
    """The kernel's own tables (iptables-legacy), table raw; sets by ipset."""

    name, command = "iptables", "iptables-legacy-restore"

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
    """Named, so that it is seen to be missing: Debian has no package of it."""

    name, command = "bpfilter", "bfcli"

    def why_not(self, case):
        return "bfcli is not installed; Debian has no package of it" if not shutil.which("bfcli") else \
            "bfcli is there, but this bench does not know its words yet"

    def install(self, side, case):
        raise Failure("not written")


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
        Iptables(),
        XdpFilter(),
        Bpfilter(),
    ]

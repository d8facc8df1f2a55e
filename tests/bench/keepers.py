# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""keepers.py - who keeps a set of addresses, or a list of rules, and the commands that load, replace, add and list.

A command is (words, file for its standard input or None). prepare() makes what the commands need, write() the file that
they load.
"""
import os

from contestants import SET, Netctl, Nft, write
from world import NETCTL, sh


def keep(name, text):
    """A file for a command to read, which stays until the end."""
    path = os.path.join(os.path.dirname(write("")), name)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return path


class Keeper:
    name = None
    needs = None  # the command that must be there

    def __init__(self, side):
        self.side = side

    def prepare(self, case):
        """What must be there before the first file is loaded."""

    def write(self, case, name):
        raise NotImplementedError

    def load(self, path):
        raise NotImplementedError

    def kernel(self, charged):
        """Bytes in the kernel, of which so many were charged to the control group."""
        return charged

    def close(self):
        """What deleting the namespace doesn't."""


class NetctlSet(Keeper):
    name, needs = "netctl", NETCTL

    def __init__(self, side):
        super().__init__(side)
        self.enter = [NETCTL, "-N", side.name]
        sh(*self.enter, "attach", side.dev, "--hooks", "tc")

    def prepare(self, case):
        sh(*self.enter, "set", "create", SET)
        sh(*self.enter, "rule", "add", f"drop src @{SET}")

    def write(self, case, name):
        return keep(name, "\n".join(case.members) + "\n")

    def load(self, path):
        return [*self.enter, "set", "load", SET, path], None

    def add(self, address):
        return [*self.enter, "set", "add", SET, address], None

    def list(self):
        return [*self.enter, "set", "list", SET], None

    def close(self):
        sh(*self.enter, "detach", "--all")


class NetctlRules(NetctlSet):
    def prepare(self, case):
        pass

    def write(self, case, name):
        return keep(name, Netctl.text(case))

    def load(self, path):
        return [*self.enter, "apply", path], None

    def add(self, rule):
        return [*self.enter, "rule", "add", f"drop proto udp dst {rule.dst} dport {rule.dport}"], None

    def list(self):
        return [*self.enter, "rule", "list"], None


class NftSet(Keeper):
    name = needs = "nft"

    def __init__(self, side):
        super().__init__(side)
        self.enter = side.words("nft")

    def prepare(self, case):
        flags = " flags interval;" if case.prefixes else ""
        sh(*self.enter, f"add table inet {SET}; add set inet {SET} {SET} {{ type ipv4_addr;{flags} }}")

    def write(self, case, name):
        return keep(name, f"flush set inet {SET} {SET}\n"
                    f"add element inet {SET} {SET} {{ {', '.join(case.members)} }}\n")

    def load(self, path):
        return [*self.enter, "-f", path], None

    def add(self, address):
        return [*self.enter, f"add element inet {SET} {SET} {{ {address} }}"], None

    def list(self):
        return [*self.enter, "list", "set", "inet", SET, SET], None


class NftRules(NftSet):
    def prepare(self, case):
        sh(*self.enter, "add", "table", "netdev", SET)

    def write(self, case, name):
        return keep(name, f"delete table netdev {SET}\n{Nft.text(case)}")

    def add(self, rule):
        return [*self.enter, f"add rule netdev {SET} c ip daddr {rule.dst} udp dport {rule.dport} counter drop"], None

    def list(self):
        return [*self.enter, "list", "ruleset"], None


class IpsetSet(Keeper):
    """Replaced as its manual says: a second set is filled, and swapped with the first."""

    name = needs = "ipset"

    def __init__(self, side):
        super().__init__(side)
        self.enter = side.words("ipset")

    def prepare(self, case):
        sh(*self.enter, "create", SET, *self.kind(case).split())

    @staticmethod
    def kind(case):
        return f"hash:{'net' if case.prefixes else 'ip'} maxelem {2 * len(case.members)}"

    def write(self, case, name):
        new, kind = f"{SET}-new", self.kind(case)
        return keep(name, f"create {new} {kind}\n" + "".join(f"add {new} {m}\n" for m in case.members) +
                    f"swap {new} {SET}\ndestroy {new}\n")

    def load(self, path):
        return [*self.enter, "restore"], path

    def add(self, address):
        return [*self.enter, "add", SET, address], None

    def list(self):
        return [*self.enter, "list", SET], None

    def kernel(self, charged):
        """Nobody is charged for it: its own word."""
        told = sh(*self.enter, "list", "-t").splitlines()
        return sum(int(line.split()[-1]) for line in told if line.startswith("Size in memory"))


class IptablesRules(Keeper):
    name, needs = "iptables", "iptables-legacy-restore"

    def write(self, case, name):
        rules = "".join(f"-A OUTPUT -d {r.dst} -p udp --dport {r.dport} -j DROP\n" for r in case.rules)
        return keep(name, f"*raw\n{rules}COMMIT\n")

    def load(self, path):
        return self.side.words("iptables-legacy-restore"), path

    def add(self, rule):
        return self.side.words("iptables-legacy", "-t", "raw", "-A", "OUTPUT", "-d", rule.dst, "-p", "udp",
                               "--dport", str(rule.dport), "-j", "DROP"), None

    def list(self):
        return self.side.words("iptables-legacy-save", "-t", "raw"), None


SET_KEEPERS = (NetctlSet, NftSet, IpsetSet)
RULE_KEEPERS = (NetctlRules, NftRules, IptablesRules)

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_examples.py - every example that the README, the manual page and the help texts give works as it stands there.

The README's are the lines "# netctl ..." of its console blocks, the manual's the .Dl lines under EXAMPLES, the help's
what follows "Examples:".
"""
import os
import re
import shutil

import pytest

from conftest import NETCTL, ROOT, sh

COMMANDS = ["attach", "detach", "status", "rule", "set", "policy", "check", "diff", "apply", "save", "stats"]


def readme():
    with open(f"{ROOT}/README.md", encoding="utf-8") as f:
        blocks = re.findall(r"```console\n(.*?)```", f.read(), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("# ")]


def manual():
    with open(f"{ROOT}/ctl/cmd/netctl.8", encoding="utf-8") as f:
        section = f.read().split(".Sh EXAMPLES")[1].split("\n.Sh ")[0]
    return [line[4:].replace("\\-", "-").replace("\\(dq", '"').replace("\\e", "\\") for line in section.splitlines() if line.startswith(".Dl ")]


def help_of(command):
    text = sh(NETCTL, "help", command).out
    return [line.strip() for line in text.split("Examples:")[1].splitlines() if line.strip().startswith("netctl ")]


def run_all(net, lines):
    """In the order given, as a shell does; one that does not end by itself for two seconds."""
    bin_dir = os.path.dirname(NETCTL)
    assert lines
    for line in lines:
        endless = "--watch" in line and not re.search(r"(-c|--count)\b", line)
        words = ["timeout", "-s", "INT", "2"] if endless else []
        line = line if shutil.which("jq") else line.split(" | jq ")[0]
        line = line.replace("netctl -N web ", f"netctl -N {net.name} ")
        result = net.sh("env", f"PATH={bin_dir}:{os.environ['PATH']}", *words, "sh", "-c", line, check_code=False)
        assert result.code == 0 or endless and result.code in (124, 130), f"{line}\n{result.out}{result.err}"


@pytest.fixture
def net(pair):
    """Namespace a with a second interface, as the examples assume one."""
    pair.a.ip("link", "add", "eth1", "type", "veth", "peer", "name", "eth2")
    pair.a.ip("link", "set", "eth1", "up")
    return pair.a


def test_readme(net):
    run_all(net, readme())


def test_manual(net):
    run_all(net, manual())


@pytest.mark.parametrize("command", COMMANDS)
def test_help(net, command):
    if command not in ("attach", "detach"):
        net.ok("attach", "eth0")
    if command == "detach":
        net.ok("attach", "eth0")
        lines = help_of(command)
        for line in lines:
            net.ok("attach", "eth0", "eth1")
            run_all(net, [line])
    else:
        run_all(net, help_of(command))


@pytest.mark.skipif(not shutil.which("mandoc"), reason="no mandoc here")
def test_manual_is_clean():
    result = sh("mandoc", "-T", "lint", "-W", "warning", f"{ROOT}/ctl/cmd/netctl.8", check_code=False)
    assert result == (0, "", ""), result.out


def test_manual_names_every_command():
    with open(f"{ROOT}/ctl/cmd/netctl.8", encoding="utf-8") as f:
        text = f.read()
    for command in COMMANDS + ["import", "help"]:
        assert re.search(rf"^\.(It|Ss) .*Cm {command}\b", text, re.MULTILINE), command

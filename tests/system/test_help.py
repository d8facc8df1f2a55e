# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_help.py - what help prints and what the manual page says are the same options, of every command and verb."""
import json
import re

import pytest

from conftest import NETCTL, ROOT, sh

COMMANDS = re.findall(r"^  (\w+) ", sh(NETCTL, "help").out.split("Commands:")[1].split("Options:")[0], re.MULTILINE)


def of_help(command):
    """{None or a verb: its options, like "-t, --top N"}, as help prints them from the rows."""
    options, who = {}, ()
    for line in sh(NETCTL, "help", *command).out.splitlines():
        if re.match(r"Options( of \w+)?:$", line):
            who = line[len("Options of "):-1] or None
            options[who] = []
        elif not line.startswith(" "):
            who = ()
        elif who != () and re.match(r" {2,6}-", line):
            options[who].append(re.split(r"  +", line.strip())[0])
    return options


def form(words):
    """"Fl t , Fl -top Ar n" as help has it: "-t, --top N"."""
    words = re.sub(r" Ns Op , Ns Ar \w+ \.\.\.", ",...", words)
    words = re.sub(r" Ns Op = Ns Ar (\w+)", lambda m: f"[={m[1].upper()}]", words)
    words = re.sub(r"Ar ([\w |]+)", lambda m: m[1].upper().replace(" ", ""), words)
    words = re.sub(r"Cm ([\w |]+)", lambda m: m[1].replace(" ", ""), words)
    return re.sub(r"Fl (\S)", r"-\1", words).replace(" ,", ",")


def of_manual():
    """{(command or None, verb or None): (its line of words, its options)}"""
    with open(f"{ROOT}/ctl/cmd/netctl.8", encoding="utf-8") as f:
        text = f.read().split(".Sh DESCRIPTION")[1].split("\n.Sh ")[0]
    depth, command, verb, found = 0, None, None, {(None, None): ("", [])}
    for line in text.splitlines():
        if line.startswith(".Ss Cm "):
            command, verb = line.split()[2], None
            found[command, None] = (line[len(".Ss "):], [])
        depth += line.startswith(".Bl") - line.startswith(".El")
        verb = verb if depth else None
        if line.startswith(".It Cm ") and depth == 1:
            for verb in re.match(r"\.It Cm ([\w |-]+?)(?= [A-Z][a-z]|$)", line)[1].split(" | "):
                found[command, verb] = (line[len(".It "):], [])
        if line.startswith(".It Fl "):
            found[command, verb][1].append(form(line[len(".It "):]))
    return found


MANUAL = of_manual()


@pytest.mark.parametrize("command", [None] + COMMANDS)
def test_options_of_help_and_manual(command):
    rows = of_help([command] if command else [])
    manual = {verb: options for (name, verb), (_, options) in MANUAL.items() if name == command and options}
    assert manual == rows


@pytest.mark.parametrize("command", COMMANDS)
def test_usage_of_help_and_manual(command):
    """Where a line of usage names options one by one, the manual's heading names the same."""
    usage = re.search(r"Usage:(.*?)\n\n", sh(NETCTL, "help", command).out, re.DOTALL)[1]
    for line in usage.splitlines():
        words = line.split()[2:]
        key = (command, words[0]) if (command, words[0] if words else "") in MANUAL else (command, None)
        named = [f"-{option}" for option in re.findall(r"Fl (\S+)", MANUAL[key][0])]
        assert named == re.findall(r"\[(--[\w-]+|-\w)\]", line), line


def test_matches_of_help_and_manual():
    """Help prints rows of fields.def, "host|src|dst ADDRESS"; the manual's are ".It Cm src | dst | host Ar address"."""
    lines = sh(NETCTL, "help", "rule").out.split("\nMatches:\n")[1].split("\n\n")[0].splitlines()
    rows = [re.split("  +", line.strip())[0].rpartition(" ") for line in lines]
    with open(f"{ROOT}/ctl/cmd/netctl.8", encoding="utf-8") as f:
        items = re.findall(r"^\.It Cm (.*)", f.read().split("inverts a match:")[1].split("\n.El")[0], re.MULTILINE)
    manual = [re.sub(r" Ns Op / Ns Ar (\w+)", r"[/\1]", item).partition(" Ar ") for item in items]
    assert len(manual) == len(rows)
    assert {frozenset(words.split(" | ")): takes.upper() for words, _, takes in manual} == \
        {frozenset((words or takes).split("|")): takes if words else "" for words, _, takes in rows}


def members(value):
    """All names in a JSON document."""
    if isinstance(value, list):
        return set().union(*map(members, value))
    return set(value).union(*map(members, value.values())) if isinstance(value, dict) else set()


def test_json_members_in_manual(pair):
    net = pair.a
    net.ok("attach", "eth0")
    net.ok("set", "create", "s", "counters")
    net.ok("set", "add", "s", "10.9.9.9", "for", "1h")
    net.ok("rule", "add", "limit 10pps per src src @s")
    net.ok("rule", "add", "drop proto 200 for 1h")
    net.sh("ping", "-c", "1", "10.0.0.2")
    with open(f"{ROOT}/ctl/cmd/netctl.8", encoding="utf-8") as f:
        blocks = re.split(r"\n\.It Cm |\n\.El\n\.Pp\n", f.read().split("\n.Sh JSON\n")[1].split("\n.Sh ")[0])[1:]
    meta = blocks.pop()
    inputs = {"diff": ["/dev/null"], "check": ["/dev/null"]}
    for block in blocks:
        words, text = block.split("\n", 1)
        words = words.split()
        document = json.loads(net.netctl(*words, *inputs.get(words[0], [])).out)
        found, text = members(document), text + meta * (words[0] == "stats")
        if words[:2] == ["set", "list"]:
            found |= members(net.json("set", "list", "s", "-j"))
        assert found <= set(re.findall(r"\w+", text)), words
        assert {w for w in re.findall(r"\w+_\w+", text)} <= found, words

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_rooms.py - the walls of the house hold: what is built against them does not link, or is found by the check."""
import os
import re

import pytest

from conftest import ROOT, sh

ENV = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}

pytestmark = pytest.mark.skipif(not os.path.exists(f"{ROOT}/build/netctl"), reason="nothing is built here")


@pytest.fixture
def tree(tmp_path):
    """A copy of the tree in which walls may be broken; the objects are those of the tree itself."""
    for name in "Makefile", "bpf", "ctl", "xdp", "tc", "nf", "tests":
        sh("cp", "-a", f"{ROOT}/{name}", tmp_path)
    return tmp_path


@pytest.fixture
def built_tree(tree):
    """The same with objects of its own, which may be built anew."""
    sh("mkdir", tree / "build")
    for name in "ctl", "xdp", "tc", "nf", "rooms", "netctl":
        sh("cp", "-a", f"{ROOT}/build/{name}", tree / "build")
    return tree


def rooms():
    """[(room, those it may see)] as ctl/rooms.mk has them."""
    with open(f"{ROOT}/ctl/rooms.mk", encoding="utf-8") as f:
        lines = dict(re.findall(r"^(\w+)\s*:=[ \t]*(.*)$", f.read(), re.MULTILINE))
    return [(room, lines[f"sees_{room}"]) for room in lines["ROOMS"].split()]


def walls(tree):
    return sh("make", "-C", tree, "--no-print-directory", "CFLAGS=-O0", "walls", env=ENV, check_code=False)


def check(tree, build=f"{ROOT}/build"):
    return sh(tree / "tests/check_rooms", build, check_code=False)


def append(path, text):
    with open(path, "a", encoding="utf-8") as f:
        f.write(text)


def test_as_it_stands_no_wall_is_broken(built_tree):
    assert not walls(built_tree).code and not check(built_tree, "build").code


def test_a_call_upward_does_not_link(built_tree):
    append(built_tree / "ctl/rules/set.c", "int store_settle(void *);\nint upward(void);\n"
                                     "int upward(void) { return store_settle(0); }\n")
    result = walls(built_tree)
    assert result.code and "undefined reference to `store_settle'" in result.err
    assert "rules.linked" in result.err


def test_an_include_upward_is_found(tree):
    append(tree / "ctl/rules/set.c", '#include "../stats/stats.h"\n')
    result = check(tree)
    assert result.code == 1
    assert "ctl/rules/set.c: includes ctl/stats/stats.h: rules may not see stats\n" in result.out


def test_an_include_by_way_of_another_header_is_found(tree):
    """compile/ may be seen by import/, but not with a header of live/ behind it."""
    append(tree / "ctl/compile/expand.h", '#include "../live/commit.h"\n')
    result = check(tree)
    assert result.code == 1
    assert "ctl/compile/expand.h: includes ctl/live/commit.h: compile may not see live\n" in result.out
    assert "includes ctl/live/commit.h by way of ctl/compile/expand.h: import may not see live\n" in result.out


@pytest.mark.parametrize("directive, what", [
    ('#define UP "../live/commit.h"\n#include UP\n', "an include is a name in quotes"),
    ('#include "../../../ctl/live/commit.h"\n', "there is no such file beside it"),
    ('#import "../live/commit.h"\n', "rules may not see live"),
    ('#include /* up */ "../live/commit.h"\n', "rules may not see live"),
    ('#include <../live/commit.h>\n', "an include is a name in quotes"),
    ('#include "../../tests/lib/prng.h"\n', "that is for tests"),
])
def test_no_other_way_of_including_passes(tree, directive, what):
    append(tree / "ctl/rules/set.c", directive)
    result = check(tree)
    assert result.code == 1 and what in result.out


def test_a_call_past_the_table_is_found(built_tree):
    """No linker needed to see it: the objects' symbols tell which room calls which; a weak call is a call, too."""
    append(built_tree / "ctl/import/import_chain.c",
           "int ruleset_check(void *);\nint rules_commit(void *) __attribute__((weak));\nint across(void);\n"
           "int across(void) { return rules_commit ? rules_commit(0) : ruleset_check(0); }\n")
    sh("make", "-C", built_tree, "--no-print-directory", "CFLAGS=-O0", "-k", "walls", env=ENV, check_code=False)
    result = check(built_tree, "build")
    assert result.code == 1
    assert "import may not see check\n" in result.out and "import may not see live\n" in result.out


def test_bpf_sees_no_room(tree):
    append(tree / "bpf/limit/bucket.h", '#include "../../ctl/base/util.h"\n')
    assert "bpf/limit/bucket.h: includes ctl/base/util.h: bpf may not see base\n" in check(tree).out


def test_a_file_in_no_room_is_found(tree):
    (tree / "ctl/base/sub").mkdir()
    for name in "ctl/foo.h", "ctl/base/sub/foo.h", "xdp/sub/foo.h":
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("", encoding="utf-8")
        assert f"{name}: lies in no room\n" in check(tree).out


def test_nothing_built_is_no_success(tree):
    assert check(tree, "build").code == 1


def test_a_declaration_of_another_source_is_found(built_tree):
    append(built_tree / "ctl/rules/set.h", "__attribute__((cold)) extern int ruleset_init_all(void);\n")
    append(built_tree / "ctl/rules/names.c", "int ruleset_init_all(void);\nint ruleset_init_all(void) { return 0; }\n")
    assert not walls(built_tree).code
    result = check(built_tree, "build")
    assert result.code == 1
    assert "ctl/rules/set.h: declares ruleset_init_all(), which ctl/rules/names defines\n" in result.out


def test_the_readme_tells_the_rooms_as_they_are():
    """Each is one line of its table, in the same order, with what it may see."""
    with open(f"{ROOT}/README.md", encoding="utf-8") as f:
        table = f.read().split("| room | what lives there | may see |\n|---|---|---|\n")[1].split("\n\n")[0]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert [(row[0], row[-1]) for row in rows] == rooms()

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_build.py - the makefile: what a change rebuilds, what install installs, what clean leaves."""
import os
import shutil

import pytest

from conftest import ROOT, sh

ENV = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}

pytestmark = pytest.mark.skipif(not os.path.exists(f"{ROOT}/build/netctl"), reason="nothing is built here")


def make(*words, tree=ROOT):
    return sh("make", "-C", tree, "--no-print-directory", *words, env=ENV).out


@pytest.fixture
def planned(tmp_path):
    """planned(file): what make would run in a copy of the tree after a touch of the file."""
    (tmp_path / "build").mkdir()
    for name in "Makefile", "bpf", "ctl", "xdp", "tc", "nf", "build/ctl", "build/xdp", "build/tc", "build/nf", "build/rooms", \
            "build/netctl":
        sh("cp", "-a", f"{ROOT}/{name}", tmp_path / os.path.dirname(name))

    def plan(name=None):
        if name:
            (tmp_path / name).touch()
        return make("-n", "build/netctl", tree=tmp_path)
    return plan


def test_nothing_changed_nothing_is_built(planned):
    assert "is up to date" in planned()


def test_types_rebuild_programs_and_commands(planned):
    lines = planned("bpf/types.h")
    for hook in "xdp", "tc", "nf":
        assert f"build/{hook}/{hook}.bpf.o {hook}/{hook}.bpf.c" in lines
    for source in "cmd_rule", "cmd_stats", "cmd_attach", "compile", "load":
        assert f"/{source}.c" in lines
    assert "-o build/netctl" in lines
    assert "ctl/base/text.c" not in lines, "text.c knows nothing of the kernel boundary"


def test_a_command_rebuilds_alone(planned):
    lines = planned("ctl/cmd/cmd_policy.c")
    assert lines.count(" -c -o ") == 1 and "bpf.c" not in lines


def test_install_and_uninstall(tmp_path):
    where = [f"DESTDIR={tmp_path}", "PREFIX=/usr"]
    make("install", *where)
    files = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    assert files == ["usr/sbin/netctl", "usr/share/man/man8/netctl.8"]
    shutil.copy(f"{tmp_path}/usr/sbin/netctl", tmp_path / "elsewhere")
    assert sh(tmp_path / "elsewhere", "--version").out.startswith("netctl ")
    make("uninstall", *where)
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and p.name != "elsewhere"]


def test_only_build_is_written():
    ignored = sh("git", "-c", "safe.directory=*", "-C", ROOT, "status", "--porcelain", "--ignored", "--", ":!build",
                 ":!tests", check_code=False) if shutil.which("git") and os.path.exists(f"{ROOT}/.git") else None
    if ignored is None or ignored.code:
        pytest.skip("no git here")
    assert "!!" not in ignored.out

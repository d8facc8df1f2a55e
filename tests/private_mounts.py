# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""private_mounts.py - a mount namespace of our own, with a fresh bpffs: the machine's is neither seen nor changed."""
import ctypes
import os

CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
BPFFS = "/sys/fs/bpf"

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def mount(source, target, kind, flags=0):
    kind = kind.encode() if kind else None
    check(libc.mount(source.encode(), target.encode(), kind, flags, None))


def make_all_private():
    mount("none", "/", None, MS_REC | MS_PRIVATE)


def make_root_a_mount():
    """In a chroot whose root is no mount point: to the namespace's own root and back, by way of a bind mount."""
    root = os.open("/", os.O_PATH)
    with open("/proc/self/ns/mnt") as namespace:
        check(libc.setns(namespace.fileno(), CLONE_NEWNS))
    make_all_private()
    path = os.readlink(f"/proc/self/fd/{root}")
    mount(path, path, None, MS_BIND | MS_REC)
    os.chroot(path)
    os.close(root)


def enter_private_mounts():
    """Nothing mounted from here on is seen outside, and nothing of it outlives this process and its children."""
    here = os.getcwd()
    check(libc.unshare(CLONE_NEWNS))
    try:
        make_all_private()
    except OSError:
        make_root_a_mount()
    os.chdir(here)
    mount("bpf", BPFFS, "bpf")

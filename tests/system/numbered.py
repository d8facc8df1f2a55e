# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""numbered.py - datagrams whose numbers tell which of them was counted, arrived or was refused."""
import collections
import contextlib
import json
import signal
import socket
import threading
import time

from conftest import HANGS, TOOLS

FIRST_PORT, PORTS = 10000, 1000  # as in tests/tools/numbered.c
SO_RCVBUFFORCE = 33
SLOWLY = "bpf:delay_exit=1000"  # every step of a command waits, so that packets come between any two


class Numbers:
    """While a block runs the nth datagram goes to each address, to its port FIRST_PORT + n."""

    def __init__(self):
        self.sent = 0  # to each
        self.refused = []  # numbers that OUTPUT refused to the first


@contextlib.contextmanager
def numbered(net, *addresses):
    over = threading.Event()
    numbers = Numbers()

    def send():
        while not over.is_set():
            refused = [net.send(address, 1, port=FIRST_PORT + numbers.sent) for address in addresses]
            numbers.refused += [numbers.sent] * refused[0]
            numbers.sent += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=send)
    thread.start()
    time.sleep(0.05)
    try:
        yield numbers
        time.sleep(0.05)
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def arriving(net):
    """The numbers of the datagrams that reach the IPv4 stack of a namespace, in a list."""
    with net.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        raw.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
        arrived = []
        yield arrived
        raw.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while packet := raw.recv(65536):
                header = packet[0] % 16 * 4
                arrived.append(int.from_bytes(packet[header + 2:header + 4], "big") - FIRST_PORT)


# ---- by tests/tools/numbered: tens of thousands a second ----

def no_complaints(pair):
    """Nobody answers that a port is closed, but for a few times."""
    for net in (pair.a, pair.b):
        net.sh("sh", "-c", "for f in ipv4/icmp_ratelimit ipv6/icmp/ratelimit; do echo 1000000000 >/proc/sys/net/$f; done")


class Tool:
    """The numbered sender or receiver, in a namespace."""

    def __init__(self, net, path, *words):
        self.path = path
        self.process = net.popen(f"{TOOLS}/numbered", *words, path, stdout=-1, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def end(self):
        """What it says, and the byte of each number."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=HANGS)
        assert self.process.returncode == 0
        return json.loads(out), self.path.read_bytes()


Stream = collections.namedtuple("Stream", "sent taken arrived device_lost socket_lost rate")


def device_drops(sender, receiver):
    """By the veth devices of a direction: what did not get into the queue, or out of it to the stack or XDP."""
    def column(net, n):
        return int(net.sh("cat", "/proc/net/dev").out.split("eth0:")[1].split()[n])
    return column(sender, 11) + column(receiver, 3)


class Traffic:
    """From one namespace to the other."""

    def __init__(self, sender, receiver, rate, tmp_path, family=4, ports=PORTS):
        self.ends = sender, receiver
        self.drops = device_drops(*self.ends)
        to = receiver.ip6 if family == 6 else receiver.ip4
        self.receiver = Tool(receiver, tmp_path / f"to{to}", *(("-6",) if family == 6 else ()), "receive")
        self.sender = Tool(sender, tmp_path / f"to{to}.sent", "-p", ports, "send", to, rate)

    def end(self):
        said, taken = self.sender.end()
        time.sleep(0.2)  # for those that are on the way
        told, arrived = self.receiver.end()
        return Stream(said["sent"], taken, arrived.ljust(said["sent"], b"\0"),
                      device_drops(*self.ends) - self.drops, told["lost"], said["rate"])

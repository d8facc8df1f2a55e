# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""numbered.py - datagrams whose numbers tell which of them was counted, arrived or was refused."""
import contextlib
import socket
import threading
import time

FIRST_PORT = 10000
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

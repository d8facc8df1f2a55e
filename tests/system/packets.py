# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""packets.py - frames of any source and TCP connections, when all of it has arrived, and that it was counted once."""
import ipaddress
import socket
import struct
import threading

from conftest import HANGS, one_cpu, wait_until


def frame(pair, src, dst, sport=5000, dport=9, size=10):
    """A UDP frame from a to b, of either family."""
    src, dst = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    mac = bytes.fromhex((pair.b.mac + pair.a.mac).replace(":", ""))
    udp = struct.pack("!HHHH", sport, dport, 8 + size, 0) + bytes(size)
    if src.version == 4:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        return mac + b"\x08\x00" + head + src.packed + dst.packed + udp
    head = struct.pack("!IHBB", 6 << 28, len(udp), 17, 64)
    return mac + b"\x86\xdd" + head + src.packed + dst.packed + udp


def send(pair, *frames):
    """Those frames, from a to b."""
    with pair.a.packet_socket() as raw, one_cpu():
        for f in frames:
            raw.send(f)


def settle(net, hook, packets):
    """All of them have arrived."""
    wait_until(lambda: net.totals(hook).packets >= packets)
    assert net.totals(hook).packets == packets


def sink(net, port):
    """A TCP server in a thread that reads one connection to its end; (thread, bytes read so far)."""
    server = net.socket(socket.AF_INET6, socket.SOCK_STREAM)
    # What is on its way must fit in the queue of a veth device, 256 packets, which loses the rest.
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    server.bind(("::", port))
    server.listen(1)
    got = []

    def read():
        connection = server.accept()[0]
        while data := connection.recv(1 << 20):
            got.append(len(data))
        connection.close()
        server.close()

    thread = threading.Thread(target=read)
    thread.start()
    return thread, got


def send_tcp(net, address, port, size):
    s = net.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(HANGS)
    s.connect((address, port))
    s.sendall(bytes(size))
    s.close()


def at_rest(pair):
    """Nobody has anything left to send, and all has arrived."""
    a, b = pair.a, pair.b
    assert wait_until(lambda: a.tcp_is_over() and b.tcp_is_over(), 300)
    wait_until(lambda: all(there.totals("xdp").packets >= here.totals("tc", "pass").packets - here.tx_dropped()
                           for here, there in ((a, b), (b, a))))


def check_sums(net):
    """
    At rest, of every hook, interface and verdict: live and closed are the total, of drops and passes reasons are; and
    the flows that are listed are the live ones.
    """
    stats = net.json("stats", "totals", "-j")
    drops = net.json("stats", "drops", "-a", "-j")["drops"]
    flows = net.flows()
    assert stats["meta"]["exact"] is True
    for t in stats["totals"]:
        key = t["hook"], t["iface"], t["verdict"]
        assert t["packets"] == sum(d["packets"] for d in drops if (d["hook"], d["iface"], d["verdict"]) == key)
        for part in "packets", "bytes":
            assert t[f"live_{part}"] + t[f"closed_{part}"] == t[part], t
    for hook in "xdp", "tc", "nf":
        for part in "packets", "bytes":
            live = sum(t[f"live_{part}"] for t in stats["totals"] if t["hook"] == hook)
            assert live == sum(f[part] for f in flows if f["hook"] == hook), (hook, part)

"""python-fido2 as a client, measured: one line of JSON, in microseconds.

talk.py canned FOLDER PASSES COUNT   processor time of an exchange with canned answers in memory
talk.py delay ADDRESS COUNT          last report to return, against canned-key
talk.py rate ADDRESS PASSES COUNT    time of an exchange with a key over UDP, or on a HID node
talk.py cost ADDRESS PASSES COUNT    processor time of the same
"""

import json
import socket
import sys
import time
from pathlib import Path

from fido2.ctap2 import Ctap2
from fido2.hid import CtapHidDevice, open_device
from fido2.hid.base import CtapHidConnection, HidDescriptor

CHANNEL = b"\0\0\0\1"


class Udp(CtapHidConnection):
    """Reports as datagrams."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((host, int(port)))
        self.socket.settimeout(10)

    def read_packet(self):
        return self.socket.recv(64)

    def write_packet(self, data):
        self.socket.send(data)

    def close(self):
        self.socket.close()


class Canned(CtapHidConnection):
    """Request reports in, answer reports out."""

    def __init__(self, folder):
        self.get_info = reports(CHANNEL, 0x90, (Path(folder) / "get-info.answer").read_bytes())
        self.make_credential = reports(CHANNEL, 0x90, (Path(folder) / "make-credential.answer").read_bytes())

    def write_packet(self, data):
        if data[4] == 0x86:
            self.answer = iter(reports(b"\xff" * 4, 0x86, data[7:15] + CHANNEL + b"\2\1\0\0\x0c"))
            return
        if data[4] & 0x80:
            self.command = data[7]
            self.missing = int.from_bytes(data[5:7], "big") + 2
        self.missing -= 59
        if self.missing <= 0:
            self.answer = iter(self.get_info if self.command == 4 else self.make_credential)

    def read_packet(self):
        return next(self.answer)

    def close(self):
        pass


def reports(channel, kind, message):
    """The message in 64-byte reports."""
    first, rest = message[:57], message[57:]
    all_of_them = [channel + bytes([kind]) + len(message).to_bytes(2, "big") + first]
    for at in range(0, len(rest), 59):
        all_of_them.append(channel + bytes([at // 59]) + rest[at : at + 59])
    return [report.ljust(64, b"\0") for report in all_of_them]


def make_credential(key):
    return key.make_credential(
        b"\7" + bytes(31),
        {"id": "bench.keyvet.example", "name": "bench"},
        {"id": b"u", "name": "user", "displayName": "User"},
        [{"type": "public-key", "alg": -7}],
    )


def passes(clock, exchange, times, count):
    figures = []
    for _ in range(times):
        before = clock()
        for _ in range(count):
            exchange()
        figures.append((clock() - before) / 1e3 / count)
    return figures


def delays(key, count):
    figures = []
    for _ in range(count):
        made = make_credential(key)
        returned = time.monotonic_ns()
        sent = int.from_bytes(made.att_stmt["x5c"][0][-8:], "big")
        figures.append((returned - sent) / 1e3)
    return {"delay": figures}


def both(key, clock, times, count):
    return {
        "get_info": passes(clock, key.get_info, times, count),
        "make_credential": passes(clock, lambda: make_credential(key), times, count),
    }


def main():
    mode, where, *numbers = sys.argv[1:]
    if where.startswith("/dev/"):
        key = Ctap2(open_device(where))
    else:
        connection = Canned(where) if mode == "canned" else Udp(where)
        key = Ctap2(CtapHidDevice(HidDescriptor(where, 0, 0, 64, 64, None, None), connection))
    numbers = map(int, numbers)
    if mode == "delay":
        result = delays(key, *numbers)
    else:
        result = both(key, time.process_time_ns if mode in ("canned", "cost") else time.monotonic_ns, *numbers)
    print(json.dumps({"name": "python-fido2", **result}))


if __name__ == "__main__":
    main()

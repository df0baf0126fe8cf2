"""A HID device that is no security key, until it is killed: a vendor's own usage page, reports of 64 bytes."""

import signal
import struct

# usage page FF00, usage 01, 64 bytes in and out
DESCRIPTOR = bytes.fromhex("0600ff0901a101092015002600ff7508954081020921150026ff00750895409102c0")
UHID_CREATE2, BUS_USB = 11, 3

with open("/dev/uhid", "r+b", buffering=0) as uhid:
    texts = b"Not A Key".ljust(128, b"\0") + bytes(128)
    numbers = struct.pack("=HHIIII", len(DESCRIPTOR), BUS_USB, 0x1209, 0x0001, 1, 0)
    uhid.write(struct.pack("=I", UHID_CREATE2) + texts + numbers + DESCRIPTOR.ljust(4096, b"\0"))
    signal.pause()

"""python-fido2 through PC/SC, measured: bench_python.py READER info|make COUNT"""

import json
import sys
import time

from fido2.ctap2 import Ctap2
from fido2.pcsc import CtapPcscDevice

reader, operation, count = sys.argv[1:]
device = next(CtapPcscDevice.list_devices(reader))
key = Ctap2(device)


def make() -> None:
    key.make_credential(
        b"\7" + bytes(31),
        {"id": "bench.keyvet.example"},
        {"id": b"u", "name": "user", "displayName": "User"},
        [{"type": "public-key", "alg": -7}],
    )


work = key.get_info if operation == "info" else make


start = time.perf_counter()
for _ in range(int(count)):
    work()
seconds = time.perf_counter() - start
print(json.dumps({"count": int(count), "seconds": seconds}))

"""The python-fido2 client of tests/oracle through PC/SC: python_fido2.py READER OPERATION ..."""

import sys
from pathlib import Path

from fido2.ctap2 import Ctap2
from fido2.pcsc import CtapPcscDevice

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "oracle/clients"))

import python_fido2  # noqa: E402


def connect(reader: str) -> Ctap2:
    return Ctap2(next(CtapPcscDevice.list_devices(reader)))


python_fido2.connect = connect

if __name__ == "__main__":
    python_fido2.main()

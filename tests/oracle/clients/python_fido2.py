"""One operation on one virtual key through python-fido2: python_fido2.py ADDRESS OPERATION ...

ADDRESS is the key's HID node or where it listens over UDP. The operations are those of run.py; the answer is one line of JSON.
"""

import hashlib
import json
import socket
import sys

from fido2 import cbor
from fido2.ctap import CtapError
from fido2.ctap2 import ClientPin, Ctap2
from fido2.hid import CtapHidDevice, open_device
from fido2.hid.base import CtapHidConnection, HidDescriptor

NAMES = {
    0x01: "versions",
    0x02: "extensions",
    0x03: "aaguid",
    0x04: "options",
    0x05: "maxMsgSize",
    0x06: "pinUvAuthProtocols",
    0x07: "maxCredentialCountInList",
    0x08: "maxCredentialIdLength",
    0x09: "transports",
    0x0A: "algorithms",
    0x0B: "maxSerializedLargeBlobArray",
    0x0C: "forcePINChange",
    0x0D: "minPINLength",
    0x0E: "firmwareVersion",
    0x0F: "maxCredBlobLength",
    0x10: "maxRPIDsForSetMinPINLength",
    0x11: "preferredPlatformUvAttempts",
    0x12: "uvModality",
    0x13: "certifications",
    0x14: "remainingDiscoverableCredentials",
    0x15: "vendorPrototypeConfigCommands",
    0x16: "attestationFormats",
    0x17: "uvCountSinceLastPinEntry",
    0x18: "longTouchForReset",
    0x19: "encIdentifier",
    0x1A: "transportsForReset",
    0x1B: "pinComplexityPolicy",
    0x1C: "pinComplexityPolicyURL",
    0x1D: "maxPINLength",
    0x1E: "encCredStoreState",
    0x1F: "authenticatorConfigCommands",
}


class Udp(CtapHidConnection):
    """Reports as datagrams, one each."""

    def __init__(self, address: str):
        host, port = address.rsplit(":", 1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((host, int(port)))
        self.socket.settimeout(10)

    def read_packet(self) -> bytes:
        return self.socket.recv(64)

    def write_packet(self, data: bytes) -> None:
        self.socket.send(data)

    def close(self) -> None:
        self.socket.close()


def connect(address: str) -> Ctap2:
    if address.startswith("/dev/"):
        return Ctap2(open_device(address))
    descriptor = HidDescriptor(address, 0, 0, 64, 64, None, None)
    return Ctap2(CtapHidDevice(descriptor, Udp(address)))


def info(key: Ctap2) -> dict:
    """The members as the answer has them; the library's own view of it has defaults for absent ones."""
    raw = key.device.call(0x10, b"\x04")[1:]
    members = {NAMES.get(number, hex(number)): plain(value) for number, value in cbor.decode(raw).items()}
    return {"members": members, "raw": raw.hex()}


def plain(value):
    return value.hex() if isinstance(value, bytes) else value


def make_credential(key: Ctap2, rp: str, client_data: str, kind: str, pin: str | None = None) -> dict:
    client_data_hash = hashlib.sha256(client_data.encode()).digest()
    made = key.make_credential(
        client_data_hash,
        {"id": rp, "name": rp},
        {"id": b"u", "name": "user", "displayName": "User"},
        [{"type": "public-key", "alg": -7}],
        options={"rk": True} if kind == "discoverable" else None,
        **authorization(key, client_data_hash, pin, ClientPin.PERMISSION.MAKE_CREDENTIAL, rp),
    )
    return {
        "fmt": made.fmt,
        "auth_data": bytes(made.auth_data).hex(),
        "id": made.auth_data.credential_data.credential_id.hex(),
    }


def get_assertion(key: Ctap2, rp: str, client_data: str, credential: str, pin: str | None = None) -> dict:
    client_data_hash = hashlib.sha256(client_data.encode()).digest()
    allowed = None if credential == "any" else [{"type": "public-key", "id": bytes.fromhex(credential)}]
    found = key.get_assertion(
        rp,
        client_data_hash,
        allowed,
        **authorization(key, client_data_hash, pin, ClientPin.PERMISSION.GET_ASSERTION, rp),
    )
    return {"auth_data": bytes(found.auth_data).hex(), "signature": found.signature.hex()}


def authorization(key: Ctap2, client_data_hash: bytes, pin: str | None, permission: int, rp: str) -> dict:
    if pin is None:
        return {}
    client_pin = ClientPin(key)
    token = client_pin.get_pin_token(pin, permission, rp)
    return {
        "pin_uv_param": client_pin.protocol.authenticate(token, client_data_hash),
        "pin_uv_protocol": client_pin.protocol.VERSION,
    }


def set_pin(key: Ctap2, pin: str) -> dict:
    ClientPin(key).set_pin(pin)
    return {}


OPERATIONS = {
    "info": info,
    "retries": lambda key: {"retries": ClientPin(key).get_pin_retries()[0]},
    "set-pin": set_pin,
    "make-credential": make_credential,
    "assert": get_assertion,
}


def main() -> None:
    address, operation, *arguments = sys.argv[1:]
    try:
        answer = OPERATIONS[operation](connect(address), *arguments)
    except CtapError as error:
        answer = {"status": int(error.code)}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""A second opinion on registrations: python-fido2's attestation verifiers.

usage: second_opinion.py FILE...

Prints one JSON object: for each file its name and the statement as python-fido2 sees it (`valid`, `rejected`, or
`unsupported` when it has no verifier for the format), the attestation type of a valid one, and the reason of a
rejection. Only the statement is judged: no chain, no metadata, no clock.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from fido2.attestation import Attestation, UnsupportedType
from fido2.webauthn import AttestationObject

TYPES = {"BASIC": "basic", "SELF": "self", "ATT_CA": "attca", "ANON_CA": "anonca", "NONE": "none"}


def main(files: list[str]) -> None:
    opinions = {Path(file).name: opinion(Path(file)) for file in files}
    json.dump(opinions, sys.stdout, indent=1, sort_keys=True)
    print()


def opinion(file: Path) -> dict:
    record = json.loads(file.read_text("utf-8"))
    client_data_hash = hashlib.sha256(decode(record["clientDataJSON"])).digest()
    try:
        result = verify(decode(record["attestationObject"]), client_data_hash)
    except UnsupportedType as error:
        return {"statement": "unsupported", "reason": str(error)}
    except Exception as error:  # whatever it raises is its way to reject
        return {"statement": "rejected", "reason": f"{type(error).__name__}: {error}"}
    return {"statement": "valid", "attestation_type": TYPES[result.attestation_type.name]}


def verify(attestation_object: bytes, client_data_hash: bytes):
    parsed = AttestationObject(attestation_object)
    verifier = Attestation.for_type(parsed.fmt)()
    return verifier.verify(parsed.att_stmt, parsed.auth_data, client_data_hash)


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":
    main(sys.argv[1:])

"""The 200 registrations through python-fido2: judge.py all.json ROUNDS. Attestation object only, chain checked.

Prints one JSON line as the other contenders do: processor time of this process, microseconds a registration.
"""

import base64
import hashlib
import json
import sys
import time
from importlib.metadata import version

from fido2.attestation import PackedAttestation, verify_x509_chain
from fido2.utils import websafe_decode
from fido2.webauthn import AttestationObject

with open(sys.argv[1]) as file:
    fixtures = json.load(file)
root = base64.b64decode(fixtures["root"])
work = [
    (
        websafe_decode(one["response"]["attestationObject"]),
        hashlib.sha256(websafe_decode(one["response"]["clientDataJSON"])).digest(),
    )
    for one in fixtures["registrations"]
]


def judge_all():
    verifier = PackedAttestation()
    for data, client_data_hash in work:
        found = AttestationObject(data)
        result = verifier.verify(found.att_stmt, found.auth_data, client_data_hash)
        verify_x509_chain([*result.trust_path, root])


figures = []
for _ in range(int(sys.argv[2])):
    before = time.process_time()
    judge_all()
    figures.append((time.process_time() - before) * 1e6 / len(work))
print(json.dumps({"name": "python-fido2", "version": version("fido2"), "us": figures}))

"""One metadata BLOB through python-fido2: mds.py FILE ROOT.pem, then an index by AAGUID. Prints one JSON line."""

import base64
import json
import sys
import time
from importlib.metadata import version

from fido2.mds3 import MdsAttestationVerifier, parse_blob

with open(sys.argv[1], "rb") as file:
    blob = file.read()
with open(sys.argv[2]) as file:
    lines = [line for line in file.read().splitlines() if not line.startswith("-----")]
before = time.process_time()
payload = parse_blob(blob, base64.b64decode("".join(lines)))
MdsAttestationVerifier(payload)
cpu = time.process_time() - before
print(json.dumps({"version": version("fido2"), "cpu_us": int(cpu * 1e6), "entries": len(payload.entries)}))

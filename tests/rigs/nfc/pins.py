#!/usr/bin/env python3
"""How many commands cross the wire to a card: pinned, because each costs a person time at the reader.

usage: pins.py --virtual-key PROGRAM --keyvet PROGRAM

PROGRAMs are `keyvet-virtual-key` and `keyvet-oracle-client`, which is keyvet's client. It runs inside the rig, with 8
free slots and the daemon logging commands. Each firmware is a card that takes extended commands, and one that refuses
them. Opening is counted as well; what a scan adds is one SELECT for each card.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from others import CardOfKey  # noqa: E402

# SELECT and getInfo, makeCredential; in short form each answer of more than 256 bytes takes a GET RESPONSE, and the first
# extended command is the one that is refused
PINS = {
    ("opensk", "extended", "info"): 2,
    ("opensk", "extended", "registration"): 3,
    ("opensk", "short", "info"): 4,
    ("opensk", "short", "registration"): 6,
    ("fido-authenticator", "extended", "info"): 2,
    ("fido-authenticator", "extended", "registration"): 3,
    ("fido-authenticator", "short", "info"): 4,
    ("fido-authenticator", "short", "registration"): 6,
}


OPERATIONS = {
    "info": ["info"],
    "registration": ["make-credential", "keyvet.example", "-", "server-side"],
}


def commands(words: list[str]) -> tuple[int, int]:
    """The exit status of `words`, and how many commands the daemon carried to the card meanwhile."""
    log = Path(os.environ["KEYVET_RIG_PCSCD_LOG"])
    before = len(log.read_bytes())
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        print(done.stdout, done.stderr)
    return done.returncode, log.read_bytes()[before:].count(b"APDU: ")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--virtual-key", required=True)
    parser.add_argument("--keyvet", required=True)
    arguments = parser.parse_args()
    failed = 0
    for firmware, mode in dict.fromkeys((firmware, mode) for firmware, mode, _ in PINS):
        faults = [] if mode == "extended" else ["--card-fault", "no-extended"]
        with CardOfKey(arguments.virtual_key, firmware, 1, faults) as reader:
            for operation, words in OPERATIONS.items():
                status, sent = commands([arguments.keyvet, f"nfc:{reader}", *words])
                pinned = PINS[firmware, mode, operation]
                good = sent == pinned and status == 0
                failed += not good
                verdict = "ok" if good else "FAILED"
                print(f"{verdict}: {operation}, {firmware}, {mode}: {sent} commands, {pinned} pinned")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

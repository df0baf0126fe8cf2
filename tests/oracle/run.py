#!/usr/bin/env python3
"""keyvet, python-fido2, libfido2 and ctap-hid-fido2 as clients of the same virtual keys: they must agree.

usage: run.py --virtual-key PROGRAM --keyvet PROGRAM --work FOLDER [--wire uhid|gadget] [--build-only]

PROGRAMs are `keyvet-virtual-key` and `keyvet-oracle-client` as cargo builds them; the other clients are built below
FOLDER, or were there already when a wire is named. The keys are on UDP ports, or HID nodes of the kernel over the wire
that is named: ctap-hid-fido2 then has its own hidapi, and the others their own way to a node. The interpreter must have what tests/python/requirements.txt lists. Needs cc, cargo and libfido2's headers.

Each client does one operation per process, for one of them may panic: info, retries, set-pin PIN,
make-credential RP CLIENT-DATA server-side|discoverable [PIN], assert RP CLIENT-DATA CREDENTIAL-ID|any [PIN]. It prints
one line of JSON: what was asked for, or the CTAP status that ended it (`{"status": 49}`). A client that chooses its own
client data prints that too.

Prints a table and fails when anything differs that differences.json does not explain, or no longer differs.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fido2.webauthn import AuthenticatorData

HERE = Path(__file__).resolve().parent
FIRMWARES = ["fido-authenticator", "opensk"]
# composed, decomposed nowhere: only keyvet normalises, and a PIN is bytes to a key
PINS = ["4711", "Zürich-🔑-0815", "correct horse battery staple", "x" * 63, "000000"]
WRONG_PIN = "not the PIN"
PIN_INVALID = 0x31
USER_PRESENT, USER_VERIFIED = 0x01, 0x04
PATIENCE = 30


@dataclass
class Client:
    name: str
    before: list[str]
    after: list[str] = field(default_factory=list)
    # an absent member of getInfo cannot be told from a zero, false or empty one
    zero_is_absent: bool = False

    def run(self, address: str, operation: str, *arguments: str) -> dict:
        command = [*self.before, address, *self.after, operation, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        lines = done.stdout.splitlines()
        if done.returncode != 0 or not lines:
            return {"crashed": done.stderr.strip()[-300:]}
        return json.loads(lines[-1])


class VirtualKey:
    """A key that was never used, in a process of its own."""

    def __init__(self, plug: list[str], firmware: str, seed: int):
        command = [*plug, "--listen", "127.0.0.1:0", "--firmware", firmware, "--seed", str(seed)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.match(r"listening on (\S+)", line)
        if not found:
            raise SystemExit(f"{command} printed {line!r}")
        self.address = found[1]

    def __enter__(self) -> str:
        return self.address

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()


class NodeOfKey:
    """The same on a HID node. One at a time: the node is the one that was not there before."""

    def __init__(self, plug: list[str], firmware: str, seed: int):
        before = nodes()
        # it takes its node away when its standard input ends
        command = [*plug, "--control", "--firmware", firmware, "--seed", str(seed)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.address = waited_for(lambda: nodes() - before).pop()

    def __enter__(self) -> str:
        return self.address

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        waited_for(lambda: self.address not in nodes())


def nodes() -> set[str]:
    return {str(node) for node in Path("/dev").glob("hidraw*")}


def waited_for(what):
    """What `what` gives once that is something."""
    until = time.monotonic() + PATIENCE
    while not (found := what()):
        if time.monotonic() > until:
            raise SystemExit("no node came, or one did not go")
        time.sleep(0.02)
    return found


@dataclass
class Findings:
    """What was compared: how often each check agreed for each client, and every difference."""

    agreed: Counter = field(default_factory=Counter)
    differed: list = field(default_factory=list)

    def same(self, firmware: str, check: str, client: str, got, wanted, detail: str = "") -> bool:
        if got == wanted:
            self.agreed[check, client] += 1
            return True
        about = {"firmware": firmware, "check": check, "detail": detail, "client": client}
        self.differed.append({**about, "got": got, "wanted": wanted})
        return False

    def add(self, other: "Findings") -> None:
        self.agreed += other.agreed
        self.differed += other.differed


class Session:
    """All checks on one firmware. `clients[0]` is keyvet; the others are compared with it."""

    def __init__(self, firmware: str, clients: list[Client], virtual_key):
        """`virtual_key` makes a key of a firmware and a seed."""
        self.firmware, self.clients, self.virtual_key = firmware, clients, virtual_key
        self.findings = Findings()

    def run(self) -> Findings:
        with self.virtual_key(self.firmware, 1) as address:
            self.info(address, False)
            self.retries(address, 8, "PIN retries of a new key")
            self.credentials(address, "server-side", None, "credential without PIN")
            self.credentials(address, "discoverable", None, "discoverable credential")
        for number, setter in enumerate(self.clients):
            with self.virtual_key(self.firmware, 2 + number) as address:
                self.with_pin(address, setter, PINS[number % len(PINS)], number)
        return self.findings

    def with_pin(self, address: str, setter: Client, pin: str, number: int) -> None:
        check = "sets a PIN that all others can use"
        if not self.same(check, setter.name, setter.run(address, "set-pin", pin), {}):
            return
        self.info(address, True)
        status = setter.run(address, "make-credential", "wrong.example", "x", "server-side", WRONG_PIN)
        self.same("status of a wrong PIN", setter.name, status, {"status": PIN_INVALID})
        self.retries(address, 7, "PIN retries after a wrong PIN")
        before = len(self.findings.differed)
        self.credentials(address, "server-side", pin, "credential with a PIN of another client", number)
        self.retries(address, 8, "PIN retries after a right PIN")
        self.same(check, setter.name, len(self.findings.differed) - before, 0, "what follows")

    def info(self, address: str, pin_is_set: bool) -> None:
        check = "getInfo with a PIN" if pin_is_set else "getInfo of a new key"
        keyvet, *others = self.clients
        ours = keyvet.run(address, "info")
        client_pin = ours.get("members", {}).get("options", {}).get("clientPin", ours)
        if not self.same(check, keyvet.name, client_pin, pin_is_set, "clientPin"):
            return
        for client in others:
            theirs = client.run(address, "info")
            if "raw" in theirs:
                self.same(check, client.name, theirs["raw"], ours["raw"], "bytes")
            self.members(check, client, theirs.get("members", theirs), ours["members"])

    def members(self, check: str, client: Client, theirs: dict, ours: dict) -> None:
        if client.zero_is_absent:
            ours = {name: value for name, value in ours.items() if value}
            theirs = {name: value for name, value in theirs.items() if value}
        for name in sorted(ours.keys() | theirs.keys()):
            self.same(check, client.name, theirs.get(name), ours.get(name), name)

    def retries(self, address: str, wanted: int, check: str) -> None:
        for client in self.clients:
            self.same(check, client.name, client.run(address, "retries"), {"retries": wanted})

    def credentials(self, address: str, kind: str, pin: str | None, check: str, number: int = 0) -> None:
        """Everybody makes a credential, and everybody asserts every one of them.

        With a PIN only two credentials a round: the client that set it is another one in every round.
        """
        count = len(self.clients)
        makers = self.clients if pin is None else [self.clients[(number + step) % count] for step in (0, 1)]
        for maker in makers:
            words = [pin] if pin is not None else []
            rp = re.sub("[^a-z0-9]+", "-", maker.name) + ".example"
            made = maker.run(address, "make-credential", rp, "made", kind, *words)
            if not self.same(f"{check}: made by", maker.name, *self.made(made, rp, pin)):
                continue
            for client in self.clients:
                chosen = made["id"] if kind == "server-side" else "any"
                found = client.run(address, "assert", rp, "asserted", chosen, *words)
                self.same(f"{check}: asserted by", client.name, *self.asserted(found, made, rp, pin), maker.name)

    def made(self, made: dict, rp: str, pin: str | None) -> tuple[dict, dict]:
        if "auth_data" not in made:
            return made, {"auth_data": "…"}
        data = AuthenticatorData(bytes.fromhex(made["auth_data"]))
        got = {
            "rp": data.rp_id_hash.hex(),
            "verified": bool(data.flags & USER_VERIFIED),
            "present": bool(data.flags & USER_PRESENT),
            "id": made["id"],
            "fmt": made["fmt"],
            "statement": made.get("statement", True),
        }
        wanted = {
            "rp": hashlib.sha256(rp.encode()).hexdigest(),
            "verified": pin is not None,
            "present": True,
            "id": data.credential_data.credential_id.hex(),
            "fmt": "packed",
            "statement": True,
        }
        return got, wanted

    def asserted(self, found: dict, made: dict, rp: str, pin: str | None) -> tuple[dict, dict]:
        if "auth_data" not in found:
            return found, {"auth_data": "…"}
        raw = bytes.fromhex(found["auth_data"])
        data = AuthenticatorData(raw)
        key = AuthenticatorData(bytes.fromhex(made["auth_data"])).credential_data.public_key
        got = {
            "rp": data.rp_id_hash.hex(),
            "verified": bool(data.flags & USER_VERIFIED),
            "signature": verifies(key, raw, found.get("client_data", "asserted"), found["signature"]),
        }
        wanted = {"rp": hashlib.sha256(rp.encode()).hexdigest(), "verified": pin is not None, "signature": True}
        return got, wanted

    def same(self, check: str, client: str, got, wanted, detail: str = "") -> bool:
        return self.findings.same(self.firmware, check, client, got, wanted, detail)


def verifies(key, auth_data: bytes, client_data: str, signature: str) -> bool:
    try:
        key.verify(auth_data + hashlib.sha256(client_data.encode()).digest(), bytes.fromhex(signature))
    except Exception:  # whatever it raises is its way to say no
        return False
    return True


def build(work: Path) -> None:
    """The C client, and the Rust one with its own lock file: once with the stand-in for hidapi, once with hidapi."""
    work.mkdir(parents=True, exist_ok=True)
    c_client = work / "libfido2-client"
    source = HERE / "clients/libfido2.c"
    flags = ["-std=c11", "-D_DEFAULT_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror"]
    # put there at once: another run may be using the one that is there
    fresh = work / f"libfido2-client.{os.getpid()}"
    subprocess.run(["cc", *flags, "-o", fresh, source, "-lfido2"], check=True)
    fresh.replace(c_client)
    for manifest in [HERE / "Cargo.toml", HERE / "nodes/Cargo.toml"]:
        cargo = ["cargo", "build", "--quiet", "--locked", "--manifest-path", manifest, "--target-dir", work]
        subprocess.run(cargo, check=True)


def explained(differences: list[dict], known: list[dict]) -> tuple[list[dict], list[dict]]:
    """The differences nobody has explained, and the explanations nothing needs."""

    def fits(difference: dict, one: dict) -> bool:
        return all(
            re.fullmatch(one.get(name, ".*"), difference[name]) for name in ("firmware", "check", "detail", "client")
        )

    unexplained = [one for one in differences if not any(fits(one, reason) for reason in known)]
    stale = [reason for reason in known if not any(fits(one, reason) for one in differences)]
    return unexplained, stale


def table(findings: Findings, clients: list[Client]) -> str:
    """How many comparisons agreed, for each check and client; and how many did not."""
    differed = Counter((one["check"], one["client"]) for one in findings.differed)
    checks = dict.fromkeys(check for check, _ in [*findings.agreed, *differed])
    rows = ["| | " + " | ".join(client.name for client in clients) + " |", "|---" * (len(clients) + 1) + "|"]
    for check in checks:
        both = [(findings.agreed[check, client.name], differed[check, client.name]) for client in clients]
        cells = [f"{agrees}, {differs} differ" if differs else str(agrees) for agrees, differs in both]
        rows.append(f"| {check} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--virtual-key", required=True)
    parser.add_argument("--keyvet", required=True)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--wire", choices=["uhid", "gadget"])
    parser.add_argument("--firmware", choices=FIRMWARES, action="append")
    parser.add_argument("--build-only", action="store_true")
    arguments = parser.parse_args()
    if arguments.wire is None:
        build(arguments.work)
    if arguments.build_only:
        return 0
    c_client = arguments.work / "libfido2-client"
    rust_client = arguments.work / ("debug/keyvet-oracle-nodes" if arguments.wire else "debug/keyvet-oracle")
    clients = [
        Client("keyvet", [arguments.keyvet]),
        Client("python-fido2", [sys.executable, str(HERE / "clients/python_fido2.py")]),
        Client("libfido2", [str(c_client)], zero_is_absent=True),
        Client("ctap-hid-fido2, protocol 1", [str(rust_client)], ["1"], zero_is_absent=True),
        Client("ctap-hid-fido2, protocol 2", [str(rust_client)], ["2"], zero_is_absent=True),
    ]
    plug = [arguments.virtual_key, *([f"--{arguments.wire}"] if arguments.wire else [])]
    kind = NodeOfKey if arguments.wire else VirtualKey
    firmwares = arguments.firmware or FIRMWARES
    sessions = [Session(firmware, clients, partial(kind, plug)) for firmware in firmwares]
    findings = Findings()
    # a node is told from the others by its coming: no two at once
    with ThreadPoolExecutor(1 if arguments.wire else len(sessions)) as pool:
        for result in pool.map(Session.run, sessions):
            findings.add(result)
    print(table(findings, clients))
    known = json.loads((HERE / "differences.json").read_text("utf-8"))["differences"]
    unexplained, stale = explained(findings.differed, known)
    for one in unexplained:
        print("not explained:", json.dumps(one, ensure_ascii=False), file=sys.stderr)
    for one in stale:
        print("no longer differs, remove from differences.json:", json.dumps(one), file=sys.stderr)
    agreed, differed = sum(findings.agreed.values()), len(findings.differed)
    print(f"\n{agreed} comparisons agree, {differed} differ, {len(unexplained)} of them unexplained")
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main())

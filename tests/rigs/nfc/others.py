#!/usr/bin/env python3
"""keyvet and other people's clients with the same key in the same reader: they must agree.

usage: others.py --virtual-key PROGRAM --keyvet PROGRAM [--libfido2 FOLDER]

It runs inside the rig with 8 free slots: libfido2 looks at no more readers. PROGRAMs are `keyvet-virtual-key` and
`keyvet-oracle-client`; FOLDER is a build of libfido2 with USE_PCSC, which no distribution that we know ships. The
comparisons are those of tests/oracle/run.py: the same getInfo, credentials made by one asserted by the other, a PIN set by
one used by the other; and beside them several clients at once on one key.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "oracle"))

import run as oracle  # noqa: E402
from smartcard import System  # noqa: E402
from smartcard.Exceptions import CardConnectionException, NoCardException  # noqa: E402

FIRST_PORT = 35963
PATIENCE = 30
AT_ONCE, ROUNDS = 3, 8


@dataclass
class AtReader(oracle.Client):
    """A client that names a reader its own way."""

    place: Callable[[str], str] = str

    def run(self, reader: str, operation: str, *arguments: str) -> dict:
        return super().run(self.place(reader), operation, *arguments)


class CardOfKey:
    """A key that was never used, as a card in a slot that was never used: some re-insertions pcscd takes long to see."""

    taken = 0

    def __init__(self, program: str, firmware: str, seed: int, more: list[str] | None = None):
        slot, CardOfKey.taken = CardOfKey.taken, CardOfKey.taken + 1
        self.reader = f"Rig NFC {slot // 2:02} 00 {slot % 2:02}"
        card = ["--card", f"127.0.0.1:{FIRST_PORT + slot}"]
        command = [program, "--firmware", firmware, "--seed", str(seed), *card, *(more or [])]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        waited_for(lambda: has_card(self.reader))

    def __enter__(self) -> str:
        return self.reader

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()


def has_card(name: str) -> bool:
    connection = System.readers()[readers().index(name)].createConnection()
    try:
        connection.connect()
    except (NoCardException, CardConnectionException):
        return False
    connection.disconnect()
    return True


def readers() -> list[str]:
    return [str(reader) for reader in System.readers()]


def by_number(reader: str) -> str:
    return f"pcsc://slot{readers().index(reader)}"


def waited_for(done) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > until:
            raise SystemExit("waited in vain for the card")
        time.sleep(0.05)


def built(libfido2: Path, work: Path) -> Path:
    """The C client of tests/oracle, linked with that library."""
    program = work / "libfido2-client"
    flags = ["-std=c11", "-D_DEFAULT_SOURCE", "-O1", f"-I{libfido2.parent}/src", f"-L{libfido2}/src"]
    source = HERE.parents[1] / "oracle/clients/libfido2.c"
    rpath = f"-Wl,-rpath,{libfido2}/src"
    subprocess.run(["cc", *flags, "-o", program, source, rpath, "-lfido2"], check=True)
    return program


def at_once(clients: list[oracle.Client], firmwares: list[str], plug) -> int:
    """Several processes of every client ask the same key at once: an answer is the key's, or there is none.

    python-fido2 takes no transactions and takes the card's power when it is done, so it disturbs itself, on a slow machine
    every time, and the others between two exchanges. keyvet must say so then, and nothing else.
    """
    failed = 0
    for firmware in firmwares:
        with plug(firmware, 9) as reader:
            wanted = clients[0].run(reader, "info").get("raw")
            asked = [client for client in clients for _ in range(AT_ONCE)] * ROUNDS
            with ThreadPoolExecutor(len(clients) * AT_ONCE) as pool:
                told = list(pool.map(lambda client: (client, client.run(reader, "info")), asked))
            for client in clients:
                answers = [answer for one, answer in told if one is client]
                # libfido2 has its own view of the answer and not the bytes
                good = [answer for answer in answers if answer.get("raw", wanted) == wanted and "members" in answer]
                wrong = [answer for answer in answers if answer.get("raw", wanted) != wanted]
                print(f"{firmware}, {client.name}: {len(good)} of {len(answers)} answered, {len(wrong)} wrong")
                bad = [one for one in answers if one not in good and "Replaced" not in one.get("crashed", "")]
                unclear = bad if client is clients[0] else []
                lost = client is clients[0] and not good
                verdict = "FAILED" if wrong or lost or unclear else "ok"
                print(f"{verdict}: {client.name} beside {AT_ONCE} of each on one {firmware}")
                for answer in [*unclear, *(one for one in answers if one not in good)][:3]:
                    print(f"  {client.name}: {json.dumps(answer)[:300]}")
                failed += verdict == "FAILED"
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--virtual-key", required=True)
    parser.add_argument("--keyvet", required=True)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--libfido2", type=Path)
    parser.add_argument("--firmware", choices=oracle.FIRMWARES, action="append")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    clients = [
        AtReader("keyvet", [arguments.keyvet], place=lambda reader: f"nfc:{reader}"),
        AtReader("python-fido2", [sys.executable, str(HERE / "python_fido2.py")]),
    ]
    if arguments.libfido2:
        program = built(arguments.libfido2.resolve(), arguments.work)
        clients.append(AtReader("libfido2", [str(program)], zero_is_absent=True, place=by_number))
    else:
        print("skipped: libfido2: no distribution builds it with PC/SC; KEYVET_LIBFIDO2_PCSC names a build folder")
    plug = partial(CardOfKey, arguments.virtual_key)
    findings = oracle.Findings()
    firmwares = arguments.firmware or oracle.FIRMWARES
    for firmware in firmwares:
        findings.add(oracle.Session(firmware, clients, plug).run())
    print(oracle.table(findings, clients))
    known = json.loads((HERE.parents[1] / "oracle/differences.json").read_text("utf-8"))["differences"]
    # what other clients do over HID is explained there, and need not show here
    unexplained, _ = oracle.explained(findings.differed, known)
    for one in unexplained:
        print("not explained:", json.dumps(one, ensure_ascii=False))
    failed = at_once(clients, firmwares, plug)
    agreed, differed = sum(findings.agreed.values()), len(findings.differed)
    print(f"\n{agreed} comparisons agree, {differed} differ, {len(unexplained)} of them unexplained")
    return 1 if unexplained or failed else 0


if __name__ == "__main__":
    sys.exit(main())

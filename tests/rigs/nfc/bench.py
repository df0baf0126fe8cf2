#!/usr/bin/env python3
"""Exchanges with a key in a card reader, keyvet beside other clients in one run: a table in Markdown.

usage: cargo build --release -p keyvet-pcsc -p keyvet-virtual-key --examples --bins
       cargo xtask rig nfc --keys 0 -- PYTHON tests/rigs/nfc/bench.py --target target/release [--libfido2 FOLDER] [--list]

PYTHON has what requirements.txt lists (the rig's tests leave one in target/tools/python-pcsc). Rounds alternate between
the clients and the best of each counts. Processor time is the client's own, with its helper program; what pcscd and the
card use is the same for all.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from smartcard import System

HERE = Path(__file__).resolve().parent
READERS = ["Rig NFC 00 00 00", "Rig NFC 00 00 01"]
PORT = 35963
FIRMWARES = ["opensk", "fido-authenticator"]


def readers() -> list[str]:
    return [str(reader) for reader in System.readers()]


def measured(command: list[str]) -> dict:
    """What the program says, and the processor time of it and of the programs that it started and waited for."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        raise SystemExit(f"{command} ended badly")
    return {**json.loads(said.splitlines()[-1]), "all_cpu": used.ru_utime + used.ru_stime}


def of_exchanges(command: list[str]) -> dict:
    """The same without what one exchange and the start cost."""
    one = measured([*command[:-1], "1"])
    many = measured(command)
    return {**many, "cpu": many["all_cpu"] - one["all_cpu"]}


class Keys:
    """Keys of these firmwares in the first slots."""

    def __init__(self, program: Path, firmwares: list[str]):
        self.processes = []
        for at, firmware in enumerate(firmwares):
            command = [program, "--firmware", firmware, "--seed", str(at + 1), "--card", f"127.0.0.1:{PORT + at}"]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
            assert process.stdout.readline().startswith("card at")
            self.processes.append(process)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def until_listed(count: int, limit: float = 30) -> None:
    """pcscd looks for cards now and then."""
    def present(reader) -> bool:
        try:
            connection = reader.createConnection()
            connection.connect()
            connection.disconnect()
        except Exception:  # whatever it raises, there is no card
            return False
        return True

    end = time.monotonic() + limit
    while sum(present(reader) for reader in System.readers()) != count:
        if time.monotonic() > end:
            raise SystemExit(f"not {count} cards")
        time.sleep(0.1)


def contenders(arguments, reader: str, operation: str, count: int) -> dict[str, list[str]]:
    exchanges, python = str(arguments.target / "examples/exchanges"), [sys.executable, str(HERE / "bench_python.py")]
    all_of_them = {}
    for mode in ["short", "extended"]:
        for way in ["direct", "helper"]:
            name = "keyvet" if way == "helper" else "keyvet, linked with libpcsclite"
            all_of_them[f"{name}, {mode}"] = [exchanges, way, mode, reader, operation, str(count)]
    # its extended commands have no Le and it takes no 61xx for an answer, so getInfo fails on a card that obeys both
    all_of_them["python-fido2, short"] = [*python, reader, operation, str(count)]
    if arguments.libfido2:
        all_of_them["libfido2, short"] = [str(arguments.libfido2_program), f"pcsc://slot{readers().index(reader)}", operation, str(count)]
    return all_of_them


def row(name: str, best: dict, peer: dict) -> str:
    rate, cpu = best["count"] / best["seconds"], best["cpu"] / best["count"] * 1e6
    ratio = rate / (peer["count"] / peer["seconds"])
    cpu_ratio = (peer["cpu"] / peer["count"]) / max(best["cpu"] / best["count"], 1e-9)
    return f"| {name} | {rate:.0f} | {ratio:.2f} | {cpu:.0f} | {cpu_ratio:.2f} |"


def compare(arguments, firmware: str, reader: str, operation: str, count: int) -> None:
    rounds = {name: [] for name in contenders(arguments, reader, operation, count)}
    for _ in range(arguments.rounds):
        for name, command in contenders(arguments, reader, operation, count).items():
            rounds[name].append(of_exchanges(command))
    best = {name: min(all_of_them, key=lambda one: one["seconds"]) for name, all_of_them in rounds.items()}
    for name, all_of_them in rounds.items():
        best[name]["cpu"] = min(one["cpu"] for one in all_of_them)
    peer = best["python-fido2, short"]
    print(f"\n{operation}, {firmware}: exchanges a second, best of {arguments.rounds} rounds of {count}\n")
    print("| client | a second | times python-fido2 short | µs of processor | python-fido2 short uses times |")
    print("|---|---|---|---|---|")
    for name, one in best.items():
        print(row(name, one, peer))


def listing(arguments) -> None:
    exchanges = str(arguments.target / "examples/exchanges")
    print("\n`list` with 16 cards, ms, best of rounds\n")
    print("| | first look (SELECT on 16 cards) | later looks |")
    print("|---|---|---|")
    for way in ["direct", "helper"]:
        first = min(measured([exchanges, way, "short", "-", "list", "1"])["seconds"] for _ in range(arguments.rounds))
        many = min(measured([exchanges, way, "short", "-", "list", "21"])["seconds"] for _ in range(arguments.rounds))
        print(f"| {way} | {first * 1e3:.1f} | {max(many - first, 0) / 20 * 1e3:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True, type=Path)
    parser.add_argument("--libfido2", type=Path)
    parser.add_argument("--list", action="store_true", help="measure a list with 16 cards instead")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=500)
    arguments = parser.parse_args()
    os.environ["KEYVET_PCSC"] = str(arguments.target / "keyvet-pcsc")
    if arguments.libfido2:
        arguments.libfido2_program = arguments.target / "bench-libfido2"
        build, source = arguments.libfido2.resolve(), HERE / "bench_libfido2.c"
        paths = [f"-I{build.parent}/src", f"-L{build}/src", f"-Wl,-rpath,{build}/src"]
        command = ["cc", "-O2", "-Wall", "-Wextra", *paths, "-o", arguments.libfido2_program, source, "-lfido2"]
        subprocess.run(command, check=True)
    key = arguments.target / "keyvet-virtual-key"
    if arguments.list:
        with Keys(key, [FIRMWARES[at % 2] for at in range(16)]):
            until_listed(16)
            listing(arguments)
        return
    with Keys(key, FIRMWARES):
        until_listed(len(FIRMWARES))
        for firmware, reader in zip(FIRMWARES, READERS):
            for operation, count in [("info", arguments.count), ("make", arguments.count // 5)]:
                compare(arguments, firmware, reader, operation, count)


if __name__ == "__main__":
    main()
